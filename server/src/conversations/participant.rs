//! Who takes part in which conversation: the proof for reading, and how conversations come to be.

use std::collections::HashMap;

use app::api::{AccountId, ApiError, ConversationId, MessageId, MessageKey, Timestamp};
use uuid::Uuid;

use super::acts::Held;
use super::sql;
use crate::error::Result;
use crate::friendships::Writer;
use crate::friendships::machine::Pair;
use crate::store::Tx;

/// Proof that an account takes part in a conversation, and so may read it, open or closed.
pub struct Participant {
    conversation: ConversationId,
    account: AccountId,
    friend: AccountId,
}

impl Participant {
    /// Where.
    pub fn conversation(&self) -> ConversationId {
        self.conversation
    }

    /// Who takes part.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// With whom.
    pub fn friend(&self) -> AccountId {
        self.friend
    }
}

/// The proof that `account` takes part in `conversation`.
///
/// # Errors
/// `NotFound` when it does not, or there is no such conversation.
///
/// Source: product requirement A6.
pub fn require_participant(
    tx: &mut Tx<'_>,
    account: AccountId,
    conversation: ConversationId,
) -> Result<Participant> {
    let friend = sql::find_friend(tx, account, conversation)?.ok_or(ApiError::NotFound)?;
    Ok(Participant {
        conversation,
        account,
        friend,
    })
}

/// All conversations in which `account` takes part, in the order of their ids, each with the position of its newest message.
pub(super) fn list_participants(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<(Participant, u64)>> {
    let places = sql::segments::list_places(tx, account)?.into_iter();
    let prove = |(conversation, friend, last_position)| {
        let participant = Participant {
            conversation,
            account,
            friend,
        };
        (participant, last_position)
    };
    Ok(places.map(prove).collect())
}

/// The proof that `account` takes part in `conversation`, if it does, and what it once sent under this key.
pub(super) fn find_participant_and_sent(
    tx: &mut Tx<'_>,
    account: AccountId,
    conversation: ConversationId,
    key: MessageKey,
) -> Result<(Option<Participant>, Option<sql::Sent>)> {
    let (friend, sent) = sql::find_friend_and_sent(tx, account, conversation, key)?;
    let participant = friend.map(|friend| Participant {
        conversation,
        account,
        friend,
    });
    Ok((participant, sent))
}

/// The message of this id, if `account` takes part in its conversation.
pub(super) fn find_held(tx: &mut Tx<'_>, account: AccountId, message: MessageId) -> Result<Option<Held>> {
    let found = sql::acts::find_message(tx, account, message)?;
    Ok(found.map(|(conversation, friend, sealed)| Held {
        participant: Participant {
            conversation,
            account,
            friend,
        },
        sealed,
    }))
}

/// Sees to it that the two have their conversation, and that its opening counts as news. A reopened channel goes on in
/// the conversation it always had; `new_id` is for a first one.
///
/// # Errors
/// Only failures.
pub fn open(tx: &mut Tx<'_>, pair: &Pair, new_id: ConversationId, now: Timestamp) -> Result<()> {
    if let Some(conversation) = sql::find_between(tx, pair.low, pair.high)? {
        return sql::update_active_at(tx, conversation, now);
    }
    sql::insert_conversation(tx, new_id, (pair.low, pair.high), now)
}

/// The key that seals what the writer puts into the conversation now.
///
/// # Errors
/// Only failures.
pub fn require_sealing_key(tx: &mut Tx<'_>, writer: &Writer) -> Result<Uuid> {
    sql::require_sealing_key(tx, writer.conversation())
}

/// The conversation of the two, if they ever had a channel.
///
/// # Errors
/// Only failures.
pub fn find_between(tx: &mut Tx<'_>, one: AccountId, other: AccountId) -> Result<Option<ConversationId>> {
    sql::find_between(tx, one.min(other), one.max(other))
}

/// A person's conversation with a viewer, as the person's card shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where.
    pub conversation: ConversationId,
    /// What the viewer has not read there.
    pub unread_count: u64,
}

/// The conversation of `viewer` with `other`, if they ever had a channel.
///
/// # Errors
/// Only failures.
pub fn find_link(tx: &mut Tx<'_>, viewer: AccountId, other: AccountId) -> Result<Option<Link>> {
    sql::find_link(tx, viewer, other)
}

/// All conversations of `viewer`, by the other person.
///
/// # Errors
/// Only failures.
pub fn list_links(tx: &mut Tx<'_>, viewer: AccountId) -> Result<HashMap<AccountId, Link>> {
    Ok(sql::list_links(tx, viewer)?.into_iter().collect())
}

/// What the account has not read, in all its conversations.
///
/// # Errors
/// Only failures.
pub fn count_unread(tx: &mut Tx<'_>, account: AccountId) -> Result<u64> {
    sql::count_unread(tx, account)
}
