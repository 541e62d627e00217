//! Friendship: who has asked whom, who accepted, who closed, who blocked; and the right to write that follows from it.
//!
//! - [`machine`]: the life of a friendship, pure.
//! - [`Writer`]: the proof that two people are friends right now, without which nothing can be written.
//! - `asking`: whose requests a person takes. `bulk`: many received requests at once.
//! - here: one function per operation. Each is an act of the machine on one row, with what follows from it in the same
//!   transaction: the conversation of a first opening, and the news.
//!
//! **Who is told.** Each of the two is told exactly when their own view of the relation has changed. So a request that
//! was ignored, or met a block, reaches nobody, and a block is noticed only as the closing of an open channel.

pub mod machine;

mod asking;
mod bulk;
mod sql;
mod writer;

use std::collections::HashMap;

use app::api::{AccountId, ApiError, ConversationId, InvalidReason, Timestamp};
use app::friendships::{
    AcceptFriendRequest, BlockAccount, CancelFriendRequest, CloseChannel, FriendRequest, FriendRequests,
    IgnoreFriendRequest, ListFriendRequests, Note, Relation, SendFriendRequest, UnblockAccount,
};

use crate::audit;
use crate::context::{Caller, Context};
use crate::error::Result;
use crate::events::{self, NewEvent};
use crate::http::operations::Operations;
use crate::store::{Owner, Tx};
use crate::{accounts, contacts, conversations};
use machine::{Act, Pair, REQUEST_LIFE_MS};

pub use asking::{get_asking_rule, is_taken, save_asking_rule};
pub use bulk::{ignore_friend_requests, restore_friend_requests};
pub use writer::{Writer, require_open, require_writer, require_writer_for};

/// The most requests of one person that wait at once. They are gone after thirty days, and can be cancelled.
///
/// Source: product, section 4 (request limits).
const MAX_WAITING: u64 = 100;
/// The most requests that a list shows: nobody answers more in a sitting, and the newest come first.
const MAX_REQUESTS: u32 = 500;

/// Puts this feature's operations in the table.
pub fn register(operations: &mut Operations) {
    operations
        .signed_in(send_friend_request)
        .signed_in(cancel_friend_request)
        .signed_in(accept_friend_request)
        .signed_in(ignore_friend_request)
        .signed_in(ignore_friend_requests)
        .signed_in(restore_friend_requests)
        .signed_in(close_channel)
        .signed_in(block_account)
        .signed_in(unblock_account)
        .signed_in(list_friend_requests)
        .signed_in(get_asking_rule)
        .signed_in(save_asking_rule);
}

/// Asks a person for friendship; asking back opens the channel.
///
/// # Errors
/// `Invalid` for a long note or the own account, `NotFound` for nobody active, `Blocked` for whom the caller blocks,
/// `TakesNoRequests` for who takes none from the caller, `ManyWaiting` when a hundred of the caller's wait already.
pub async fn send_friend_request(
    context: Context,
    caller: Caller,
    wish: SendFriendRequest,
) -> Result<Relation> {
    let note = Note::parse(wish.note.as_deref().unwrap_or_default())?;
    // Whether it is taken is found out where it is decided.
    let is_taken = false;
    act(context, caller, wish.account, Act::Request { note, is_taken }).await
}

/// Takes the caller's own unanswered request back.
///
/// # Errors
/// As `act`.
pub async fn cancel_friend_request(
    context: Context,
    caller: Caller,
    wish: CancelFriendRequest,
) -> Result<Relation> {
    act(context, caller, wish.account, Act::Cancel).await
}

/// Opens the direct channel between the two accounts.
///
/// The channel exists from this moment and both may write at once.
///
/// # Errors
/// `NotFound` when no request awaits the caller's answer.
///
/// Source: help page « Échanger des messages directs », introduction.
pub async fn accept_friend_request(
    context: Context,
    caller: Caller,
    wish: AcceptFriendRequest,
) -> Result<Relation> {
    act(context, caller, wish.account, Act::Accept).await
}

/// Puts a received request aside, silently.
///
/// # Errors
/// As `act`.
pub async fn ignore_friend_request(
    context: Context,
    caller: Caller,
    wish: IgnoreFriendRequest,
) -> Result<Relation> {
    act(context, caller, wish.account, Act::Ignore).await
}

/// Closes the direct channel for both.
///
/// # Errors
/// `NotFriends` when there never was one.
///
/// Source: product requirement A7.
pub async fn close_channel(context: Context, caller: Caller, wish: CloseChannel) -> Result<Relation> {
    act(context, caller, wish.account, Act::Close).await
}

/// Blocks a person; an open channel closes.
///
/// # Errors
/// As `act`.
pub async fn block_account(context: Context, caller: Caller, wish: BlockAccount) -> Result<Relation> {
    act(context, caller, wish.account, Act::Block).await
}

/// Lifts a block.
///
/// # Errors
/// As `act`.
pub async fn unblock_account(context: Context, caller: Caller, wish: UnblockAccount) -> Result<Relation> {
    act(context, caller, wish.account, Act::Unblock).await
}

/// Lists the requests that await an answer, newest first, at most 500 both ways together.
///
/// # Errors
/// Only failures.
pub async fn list_friend_requests(
    context: Context,
    caller: Caller,
    _: ListFriendRequests,
) -> Result<FriendRequests> {
    let now = context.now();
    context
        .db
        .read(move |tx| list_requests(tx, caller.account, now))
        .await
}

/// The requests that await an answer, both ways.
fn list_requests(tx: &mut Tx<'_>, me: AccountId, now: Timestamp) -> Result<FriendRequests> {
    let mut requests = FriendRequests::default();
    for pair in list_waiting(tx, me, now)? {
        let (request, list) = match (&pair.request, pair.received_by(me)) {
            (_, Some(received)) => (received, &mut requests.received),
            (Some(sent), None) if sent.from == me => (sent, &mut requests.sent),
            _ => continue,
        };
        let Some(card) = accounts::find_card(tx, pair.other(me))? else {
            continue;
        };
        let person = contacts::person(tx, me, card, now)?;
        list.push(FriendRequest {
            person,
            sent_at: request.at,
            note: request.note.clone(),
        });
    }
    Ok(requests)
}

/// Does one act on the relation to `account`, tells whoever sees a change, answers the caller's new view.
///
/// # Errors
/// `Invalid` for the own account; `NotFound` for an account that does not exist, or is not active and nothing to the
/// caller. What is with a suspended person can still be ended, never begun.
async fn act(context: Context, caller: Caller, account: AccountId, act: Act) -> Result<Relation> {
    let me = caller.account;
    if account == me {
        return Err(ApiError::invalid("account", InvalidReason::Yourself).into());
    }
    let now = context.now();
    let new_conversation = ConversationId(context.new_id());
    context
        .db
        .write(move |tx| {
            let stored = sql::find_pair(tx, me, account)?;
            let is_beginning = matches!(act, Act::Request { .. } | Act::Accept);
            if (is_beginning || stored == Pair::new(me, account)) && !accounts::is_active(tx, account)? {
                return Err(ApiError::NotFound.into());
            }
            let act = match act {
                Act::Request { note, .. } => {
                    let card = accounts::find_card(tx, account)?.ok_or(ApiError::NotFound)?;
                    let is_taken = is_taken(tx, me, &card)?;
                    Act::Request { note, is_taken }
                }
                other => other,
            };
            let Step { before, after } = take_step(tx, me, stored, act, now)?;
            // Those that meet a block or are put aside count as well: to their sender they wait.
            if after.request.is_some()
                && before.request.is_none()
                && sql::count_sent(tx, me, now.plus_ms(-REQUEST_LIFE_MS))? > MAX_WAITING
            {
                return Err(ApiError::ManyWaiting.into());
            }
            if after.epoch > before.epoch {
                conversations::open(tx, &after, new_conversation, now)?;
            }
            tell(tx, &before, &after, now)?;
            Ok(after.view(me))
        })
        .await
}

/// What one act has made of a pair.
struct Step {
    before: Pair,
    after: Pair,
}

/// Does one act on the pair as it is stored, with its row in the audit. Who sees a change is still to be told.
fn take_step(tx: &mut Tx<'_>, me: AccountId, stored: Pair, act: Act, now: Timestamp) -> Result<Step> {
    let before = stored.clone().settle(now);
    let name = audit_name(&act);
    let after = before.clone().apply(me, act, now)?;
    if after != stored {
        sql::save_pair(tx, &after)?;
    }
    if after != before {
        audit::append(tx, now, Some(me), name, after.other(me).0)?;
    }
    Ok(Step { before, after })
}

/// The act as the audit names it.
fn audit_name(act: &Act) -> audit::Act {
    match act {
        Act::Request { .. } => audit::Act::Requested,
        Act::Cancel => audit::Act::Cancelled,
        Act::Accept => audit::Act::Accepted,
        Act::Ignore => audit::Act::Ignored,
        Act::Restore => audit::Act::Restored,
        Act::Close => audit::Act::Closed,
        Act::Block => audit::Act::Blocked,
        Act::Unblock => audit::Act::Unblocked,
    }
}

/// Tells each of the two whose view has changed.
fn tell(tx: &mut Tx<'_>, before: &Pair, after: &Pair, now: Timestamp) -> Result<()> {
    let conversation = conversations::find_between(tx, after.low, after.high)?;
    for account in [after.low, after.high] {
        if before.view(account) != after.view(account) {
            let other = after.other(account);
            events::append(
                tx,
                account,
                now,
                NewEvent::RelationChanged {
                    account: other,
                    conversation,
                },
            )?;
        }
    }
    Ok(())
}

/// The state of the pair at this moment, in either order of the two.
///
/// # Errors
/// Only failures.
pub fn find_pair(tx: &mut Tx<'_>, one: AccountId, other: AccountId, now: Timestamp) -> Result<Pair> {
    Ok(sql::find_pair(tx, one, other)?.settle(now))
}

/// Destroys the note of a request that waits between the two, and its key; the request stays.
///
/// # Errors
/// Only failures.
pub fn erase_note(tx: &mut Tx<'_>, low: AccountId, high: AccountId) -> Result<()> {
    tx.destroy_keys(Owner::Pair(low, high))?;
    sql::empty_note(tx, low, high)
}

/// How `viewer` stands to `other` at this moment, as far as `viewer` may know.
///
/// # Errors
/// Only failures.
pub fn find_relation(
    tx: &mut Tx<'_>,
    viewer: AccountId,
    other: AccountId,
    now: Timestamp,
) -> Result<Relation> {
    if viewer == other {
        return Ok(Relation::MYSELF);
    }
    Ok(find_pair(tx, viewer, other, now)?.view(viewer))
}

/// How many requests await the account's answer, at most 500.
///
/// # Errors
/// Only failures.
pub fn count_received(tx: &mut Tx<'_>, account: AccountId, now: Timestamp) -> Result<u64> {
    let pairs = list_waiting(tx, account, now)?;
    Ok(pairs
        .iter()
        .filter(|pair| pair.received_by(account).is_some())
        .map(|_| 1)
        .sum())
}

/// The pairs of the account in which a request waits, newest first. Who is suspended cannot be answered: their requests
/// wait unseen until they are back.
fn list_waiting(tx: &mut Tx<'_>, account: AccountId, now: Timestamp) -> Result<Vec<Pair>> {
    let mut waiting = Vec::new();
    for pair in sql::list_requests(tx, account, now.plus_ms(-REQUEST_LIFE_MS), MAX_REQUESTS)? {
        if accounts::is_active(tx, pair.other(account))? {
            waiting.push(pair);
        }
    }
    Ok(waiting)
}

/// The states of all pairs of the account that were ever anything, by the other person.
///
/// # Errors
/// Only failures.
pub fn list_pairs(tx: &mut Tx<'_>, account: AccountId, now: Timestamp) -> Result<HashMap<AccountId, Pair>> {
    let pairs = sql::list_pairs(tx, account)?;
    Ok(pairs
        .into_iter()
        .map(|pair| (pair.other(account), pair.settle(now)))
        .collect())
}

/// The account's open friendships, in no order.
///
/// # Errors
/// Only failures.
pub fn list_open_pairs(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<Pair>> {
    sql::list_open_pairs(tx, account)
}

/// The account's friends, in no order.
///
/// # Errors
/// Only failures.
pub fn list_friend_ids(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<AccountId>> {
    let pairs = sql::list_open_pairs(tx, account)?;
    Ok(pairs.iter().map(|pair| pair.other(account)).collect())
}
