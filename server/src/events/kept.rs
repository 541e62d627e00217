//! An event as it rests in the log: what happened, by reference.

use app::api::{AccountId, ConversationId, DeviceId, Timestamp};

use super::sql;
use crate::error::Result;
use crate::store::Tx;

/// Something that happened and concerns one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewEvent {
    /// A message was stored.
    MessageSent {
        /// Where.
        conversation: ConversationId,
        /// Its place there.
        position: u64,
    },
    /// A message was changed, or what is on it.
    MessageChanged {
        /// Where.
        conversation: ConversationId,
        /// Its place there.
        position: u64,
    },
    /// A participant has read up to a position.
    ConversationRead {
        /// Where.
        conversation: ConversationId,
        /// Who read.
        reader: AccountId,
        /// Up to and including this message.
        position: u64,
        /// What the owner of the log has left to read there.
        unread_count: u64,
    },
    /// The friend's devices have received up to a position.
    MessagesDelivered {
        /// Where.
        conversation: ConversationId,
        /// Up to and including this message.
        position: u64,
    },
    /// The owner of the log has marked a message as unread.
    MarkedUnread {
        /// Where.
        conversation: ConversationId,
        /// The first message that is unread again.
        position: u64,
        /// What the owner of the log has left to read there.
        unread_count: u64,
    },
    /// The relation to another person has changed.
    RelationChanged {
        /// The other person.
        account: AccountId,
        /// Their conversation, once one was ever opened.
        conversation: Option<ConversationId>,
    },
    /// A person's visible profile, or the owner's own, has changed.
    ProfileChanged {
        /// Whose.
        account: AccountId,
    },
    /// One of the owner's drafts was written or emptied.
    DraftSaved {
        /// Where.
        conversation: ConversationId,
    },
    /// One of the owner's devices was signed out.
    DeviceRevoked {
        /// Which.
        device: DeviceId,
    },
}

/// Writes an event at the end of the account's log and, once the transaction is on disk, wakes the account's devices.
///
/// # Errors
/// Only failures.
pub fn append(tx: &mut Tx<'_>, account: AccountId, at: Timestamp, event: NewEvent) -> Result<()> {
    sql::insert_event(tx, account, at, event)?;
    tx.ring(account);
    Ok(())
}
