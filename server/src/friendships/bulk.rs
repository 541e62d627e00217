//! Many received requests at once: put aside by one act, and taken up again.
//!
//! Each of them is an act of the machine on its own row, with its own row in the audit; all of them stand in one
//! transaction. Whoever asked is told nothing of either.

use app::api::{AccountId, ApiError, InvalidReason, Timestamp};
use app::friendships::{FriendRequests, IgnoreFriendRequests, RestoreFriendRequests};

use super::machine::{Act, Pair};
use super::{MAX_REQUESTS, Step, find_pair, list_requests, sql, take_step, tell};
use crate::accounts;
use crate::context::{Caller, Context};
use crate::error::Result;
use crate::store::Tx;

/// Puts aside the received requests that the page showed, where they still wait: what came after the page was read stays,
/// and so does what it did not show. Answers what still waits; the second time nothing more happens.
///
/// # Errors
/// `Invalid` for the own account, and for more people than a list shows.
pub async fn ignore_friend_requests(
    context: Context,
    caller: Caller,
    wish: IgnoreFriendRequests,
) -> Result<FriendRequests> {
    let (me, now) = (caller.account, context.now());
    check_people(&wish.accounts, me)?;
    context
        .db
        .write(move |tx| {
            for account in wish.accounts {
                let pair = find_pair(tx, me, account, now)?;
                let is_meant = pair
                    .received_by(me)
                    .is_some_and(|request| request.at <= wish.until);
                // Who is suspended is shown to nobody: their request waits until they are back.
                if is_meant && accounts::is_active(tx, account)? {
                    act_on(tx, me, pair, Act::Ignore, now)?;
                }
            }
            list_requests(tx, me, now)
        })
        .await
}

/// Takes requests up again that the caller has put aside, with their first words and moments. Whoever has taken theirs
/// back, or whose request is over, is passed over. Answers what waits now.
///
/// # Errors
/// `Invalid` for the own account, and for more people than a list shows.
pub async fn restore_friend_requests(
    context: Context,
    caller: Caller,
    wish: RestoreFriendRequests,
) -> Result<FriendRequests> {
    let (me, now) = (caller.account, context.now());
    check_people(&wish.accounts, me)?;
    context
        .db
        .write(move |tx| {
            for account in wish.accounts {
                let pair = sql::find_pair(tx, me, account)?;
                act_on(tx, me, pair, Act::Restore, now)?;
            }
            list_requests(tx, me, now)
        })
        .await
}

/// Checks whose requests are meant: no more than a list shows, and not the caller's own.
fn check_people(accounts: &[AccountId], me: AccountId) -> Result<()> {
    if accounts.len() > MAX_REQUESTS as usize {
        return Err(ApiError::invalid("accounts", InvalidReason::TooLong).into());
    }
    if accounts.contains(&me) {
        return Err(ApiError::invalid("accounts", InvalidReason::Yourself).into());
    }
    Ok(())
}

/// One of the acts, none of which opens a channel.
fn act_on(tx: &mut Tx<'_>, me: AccountId, stored: Pair, act: Act, now: Timestamp) -> Result<()> {
    let Step { before, after } = take_step(tx, me, stored, act, now)?;
    tell(tx, &before, &after, now)
}
