//! How far each of the two has come: the positions in `participants`, and each advance of a told one in `receipts`.

use app::api::{AccountId, Timestamp};

use super::super::Participant;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::values;

/// What a participant was told of the friend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::conversations) enum Kind {
    /// A device has received it.
    Delivered,
    /// The person has read it.
    Read,
}

impl Kind {
    fn text(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }
}

/// What each side of a conversation has left to read.
pub(in crate::conversations) struct Unread {
    pub(in crate::conversations) mine: u64,
    pub(in crate::conversations) friends: u64,
}

/// When `author` sent the message at this position; `None` when it is the other's, or not there.
pub(in crate::conversations) fn find_sent_at(
    tx: &mut Tx<'_>,
    participant: &Participant,
    author: AccountId,
    position: u64,
) -> Result<Option<Timestamp>> {
    tx.find(
        "select sent_at from messages where conversation_id = $1 and position = $2 and sender_id = $3",
        values![participant.conversation(), position, author],
        |row| row.get(0),
    )
}

/// The position of the participant's last message up to this one; `None` when they wrote none.
pub(in crate::conversations) fn find_own_up_to(
    tx: &mut Tx<'_>,
    participant: &Participant,
    position: u64,
) -> Result<Option<u64>> {
    tx.find(
        "select position from messages
        where conversation_id = $1 and position <= $2 and sender_id = $3
        order by position desc
        limit 1",
        values![participant.conversation(), position, participant.account()],
        |row| row.get(0),
    )
}

/// How many of the messages up to this position are the friend's.
pub(in crate::conversations) fn count_from_friend(
    tx: &mut Tx<'_>,
    participant: &Participant,
    position: u64,
) -> Result<u64> {
    // The friend's message there says it itself; at one's own, it is all that are not one's own.
    let found = tx.find(
        "select case when sender_id = $1 then nth else position - nth end
        from messages
        where conversation_id = $2 and position = $3",
        values![participant.friend(), participant.conversation(), position],
        |row| row.get(0),
    )?;
    Ok(found.unwrap_or(0))
}

/// Moves the read position forward, where `n_read` of the friend's messages are read; answers whether it moved.
pub(in crate::conversations) fn advance_read_position(
    tx: &mut Tx<'_>,
    participant: &Participant,
    position: u64,
    n_read: u64,
    now: Timestamp,
) -> Result<bool> {
    let n_moved = tx.execute(
        "update participants
        set read_position = $1, read_at = $2,
            unread_count = case when n_from_friend > $3 then n_from_friend - $3 else 0 end
        where conversation_id = $4 and account_id = $5 and read_position < $1",
        values![
            position,
            now,
            n_read,
            participant.conversation(),
            participant.account()
        ],
    )?;
    Ok(n_moved > 0)
}

/// Moves the read position back, where `n_read` of the friend's messages are read; answers whether it moved.
pub(in crate::conversations) fn take_back_read_position(
    tx: &mut Tx<'_>,
    participant: &Participant,
    position: u64,
    n_read: u64,
) -> Result<bool> {
    let n_moved = tx.execute(
        "update participants
        set read_position = $1, unread_count = case when n_from_friend > $2 then n_from_friend - $2 else 0 end
        where conversation_id = $3 and account_id = $4 and read_position > $1",
        values![
            position,
            n_read,
            participant.conversation(),
            participant.account()
        ],
    )?;
    Ok(n_moved > 0)
}

/// Moves what the friend is told of the participant forward, and keeps the moment; answers whether it moved.
pub(in crate::conversations) fn advance_told_position(
    tx: &mut Tx<'_>,
    participant: &Participant,
    kind: Kind,
    position: u64,
    now: Timestamp,
) -> Result<bool> {
    let (conversation, account) = (participant.conversation(), participant.account());
    let n_moved = match kind {
        Kind::Delivered => tx.execute(
            "update participants
            set delivered_position = $1, delivered_at = $2
            where conversation_id = $3 and account_id = $4 and delivered_position < $1",
            values![position, now, conversation, account],
        )?,
        Kind::Read => tx.execute(
            "update participants
            set shared_read_position = $1
            where conversation_id = $2 and account_id = $3 and shared_read_position < $1",
            values![position, conversation, account],
        )?,
    };
    if n_moved > 0 {
        tx.execute(
            "insert into receipts (conversation_id, account_id, kind, position, at) values ($1, $2, $3, $4, $5)",
            values![conversation, account, kind.text(), position, now],
        )?;
    }
    Ok(n_moved > 0)
}

/// When the participant was told that the friend's side had come to this position or beyond it.
pub(in crate::conversations) fn find_told_at(
    tx: &mut Tx<'_>,
    participant: &Participant,
    kind: Kind,
    position: u64,
) -> Result<Option<Timestamp>> {
    tx.find(
        "select at from receipts
        where conversation_id = $1 and account_id = $2 and kind = $3 and position >= $4
        order by position
        limit 1",
        values![
            participant.conversation(),
            participant.friend(),
            kind.text(),
            position
        ],
        |row| row.get(0),
    )
}

/// What both sides have left to read.
pub(in crate::conversations) fn find_unread(tx: &mut Tx<'_>, participant: &Participant) -> Result<Unread> {
    let found = tx.find(
        "select p.unread_count, f.unread_count
        from participants p
        join participants f on f.conversation_id = p.conversation_id and f.account_id = p.friend_id
        where p.conversation_id = $1 and p.account_id = $2",
        values![participant.conversation(), participant.account()],
        |row| {
            Ok(Unread {
                mine: row.get(0)?,
                friends: row.get(1)?,
            })
        },
    )?;
    found.ok_or_else(|| Error::failed("counting unread messages", "a participant is gone"))
}
