//! What the owner of an account is told of it: a sign-in in a new browser, another password, another factor.
//!
//! A notice stays until its owner says that they know, on any device. It names the device as the list of devices does, and
//! nothing else.

use app::accounts::{NoticeKind, SeeNotices};
use app::api::{AccountId, Done, Timestamp};
use uuid::Uuid;

use super::sql;
use crate::context::{Caller, Context, Door};
use crate::error::Result;
use crate::events::{self, NewEvent};
use crate::store::Tx;

/// A notice to come: drawn before the transaction, told in it.
#[derive(Clone)]
pub(super) struct NewNotice {
    id: Uuid,
    kind: NoticeKind,
    device_name: String,
    at: Timestamp,
}

impl NewNotice {
    /// Draws the notice of something that happens now, behind this door.
    pub(super) fn prepare(context: &Context, door: &Door, kind: NoticeKind) -> Self {
        Self {
            id: context.new_id(),
            kind,
            device_name: door.device_name.clone(),
            at: context.now(),
        }
    }

    /// Tells the owner, on all devices.
    pub(super) fn tell(&self, tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
        sql::notices::insert_notice(tx, self.id, account, self.kind, &self.device_name, self.at)?;
        events::append(tx, account, self.at, NewEvent::ProfileChanged { account })
    }
}

/// Notes that the caller knows of all notices up to a moment.
///
/// # Errors
/// `Failed` when the store does not answer.
pub async fn see_notices(context: Context, caller: Caller, wish: SeeNotices) -> Result<Done> {
    let (account, now) = (caller.account, context.now());
    context
        .db
        .write(move |tx| {
            sql::notices::update_seen(tx, account, wish.until, now)?;
            events::append(tx, account, now, NewEvent::ProfileChanged { account })
        })
        .await?;
    Ok(Done {})
}
