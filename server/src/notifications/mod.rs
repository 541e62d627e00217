//! What awaits a person: the counts on the tabs and in the title.

use app::api::{AccountId, Timestamp};
use app::notifications::{Badges, GetBadges};

use crate::context::{Caller, Context};
use crate::error::Result;
use crate::http::operations::Operations;
use crate::store::Tx;
use crate::{conversations, friendships};

/// Adds this feature's operations to the table.
pub fn register(operations: &mut Operations) {
    operations.signed_in::<GetBadges, _, _>(get_badges);
}

/// Counts what the caller has not read and whom the caller has not answered.
///
/// # Errors
/// `Failed` alone.
pub async fn get_badges(context: Context, caller: Caller, _ask: GetBadges) -> Result<Badges> {
    let now = context.now();
    context
        .db
        .read(move |tx| count_badges(tx, caller.account, now))
        .await
}

/// Counts what the account has not read and whom it has not answered.
///
/// # Errors
/// Only failures.
pub fn count_badges(tx: &mut Tx<'_>, account: AccountId, now: Timestamp) -> Result<Badges> {
    Ok(Badges {
        unread_count: conversations::count_unread(tx, account)?,
        request_count: friendships::count_received(tx, account, now)?,
    })
}
