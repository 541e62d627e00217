//! Receipts: how far each of the two has come, and what of it the other is told.
//!
//! Two things are kept apart. The **read position** is the reader's own: the unread count follows from it, on all their
//! devices, and it moves back when a message is marked as unread. What the friend is **told** (delivered, read) is
//! another pair of positions, which never move back and move only while the channel is open; for reading, only while
//! both share their read receipts. So a reading is told when it happens, or never.
//!
//! Source: `docs/decisions/0008-receipts.md`.

use app::api::{AccountId, ApiError, ConversationId, Done, Timestamp};
use app::conversations::{GetReceipts, MarkRead, MarkUnread, Receipts};

use super::sql::find_last_position;
use super::sql::receipts::{self as sql, Kind};
use super::{Participant, require_participant};
use crate::context::{Caller, Context};
use crate::error::Result;
use crate::events::{self, NewEvent};
use crate::store::Tx;
use crate::{accounts, friendships};

/// Notes how far the caller has read. Never moves back; beyond the newest message it stays there. The caller's devices
/// are told, and the friend's as long as the channel is open and both share their read receipts.
///
/// # Errors
/// `NotFound` when the caller does not take part in the conversation.
pub async fn mark_read(context: Context, caller: Caller, wish: MarkRead) -> Result<Done> {
    let now = context.now();
    context
        .db
        .write(move |tx| {
            let participant = require_participant(tx, caller.account, wish.conversation)?;
            let position = wish.position.min(find_last_position(tx, &participant)?);
            let n_read = sql::count_from_friend(tx, &participant, position)?;
            if !sql::advance_read_position(tx, &participant, position, n_read, now)? {
                return Ok(Done {});
            }
            let unread = sql::find_unread(tx, &participant)?;
            let mut told = vec![(participant.account(), unread.mine)];
            if tell_read(tx, &participant, position, now)? {
                told.push((participant.friend(), unread.friends));
            }
            for (account, unread_count) in told {
                let event = NewEvent::ConversationRead {
                    conversation: participant.conversation(),
                    reader: participant.account(),
                    position,
                    unread_count,
                };
                events::append(tx, account, now, event)?;
            }
            Ok(Done {})
        })
        .await
}

/// Moves what the friend knows of the reading, if it may; answers whether there is something new to tell.
fn tell_read(tx: &mut Tx<'_>, reader: &Participant, position: u64, now: Timestamp) -> Result<bool> {
    // Whoever reads an old conversation again does so unseen. Nor does a device's receipt move here when the reading is
    // not told: its moment would betray it.
    let may_tell =
        is_open(tx, reader, now)? && accounts::share_read_receipts(tx, reader.account(), reader.friend())?;
    if !may_tell || !sql::advance_told_position(tx, reader, Kind::Read, position, now)? {
        return Ok(false);
    }
    sql::advance_told_position(tx, reader, Kind::Delivered, position, now)?;
    Ok(true)
}

/// Makes a message of the friend unread again, and with it what came after it. What the friend was told stays.
///
/// # Errors
/// `NotFound` when the caller does not take part in the conversation, or the friend wrote no message at this position.
///
/// Source: ux R10.
pub async fn mark_unread(context: Context, caller: Caller, wish: MarkUnread) -> Result<Done> {
    let now = context.now();
    context
        .db
        .write(move |tx| {
            let participant = require_participant(tx, caller.account, wish.conversation)?;
            let position = wish.position;
            sql::find_sent_at(tx, &participant, participant.friend(), position)?.ok_or(ApiError::NotFound)?;
            let read = position.saturating_sub(1);
            let n_read = sql::count_from_friend(tx, &participant, read)?;
            if sql::take_back_read_position(tx, &participant, read, n_read)? {
                let event = NewEvent::MarkedUnread {
                    conversation: participant.conversation(),
                    position,
                    unread_count: sql::find_unread(tx, &participant)?.mine,
                };
                events::append(tx, participant.account(), now, event)?;
            }
            Ok(Done {})
        })
        .await
}

/// When a message of the caller was stored, delivered and read, as far as the caller is told.
///
/// # Errors
/// `NotFound` when the caller does not take part in the conversation, or wrote no message at this position.
pub async fn get_receipts(context: Context, caller: Caller, wish: GetReceipts) -> Result<Receipts> {
    context
        .db
        .read(move |tx| {
            let participant = require_participant(tx, caller.account, wish.conversation)?;
            let sent_at = sql::find_sent_at(tx, &participant, caller.account, wish.position)?;
            Ok(Receipts {
                sent_at: sent_at.ok_or(ApiError::NotFound)?,
                delivered_at: sql::find_told_at(tx, &participant, Kind::Delivered, wish.position)?,
                read_at: sql::find_told_at(tx, &participant, Kind::Read, wish.position)?,
            })
        })
        .await
}

/// The participant's last message that has come so far, and when it had, as [`get_receipts`] tells of it. `position` is how
/// far the participant is told that messages have come.
pub(super) fn find_last_told(
    tx: &mut Tx<'_>,
    participant: &Participant,
    kind: Kind,
    position: u64,
) -> Result<Option<(u64, Option<Timestamp>)>> {
    let Some(own) = sql::find_own_up_to(tx, participant, position)? else {
        return Ok(None);
    };
    Ok(Some((own, sql::find_told_at(tx, participant, kind, own)?)))
}

/// A device of `reader` has received the friend's messages up to `position`: tells the friend, as long as the channel is
/// open.
///
/// # Errors
/// `NotFound` when `reader` does not take part in the conversation.
pub fn note_delivered(
    tx: &mut Tx<'_>,
    reader: AccountId,
    conversation: ConversationId,
    position: u64,
    now: Timestamp,
) -> Result<()> {
    let participant = require_participant(tx, reader, conversation)?;
    if is_open(tx, &participant, now)?
        && sql::advance_told_position(tx, &participant, Kind::Delivered, position, now)?
    {
        let event = NewEvent::MessagesDelivered {
            conversation,
            position,
        };
        events::append(tx, participant.friend(), now, event)?;
    }
    Ok(())
}

fn is_open(tx: &mut Tx<'_>, participant: &Participant, now: Timestamp) -> Result<bool> {
    Ok(friendships::find_pair(tx, participant.account(), participant.friend(), now)?.is_open())
}
