//! What a person does with a message that is there. Each act is done once under its key, takes no position, and is told to
//! whoever sees a change by an event that carries the message as it then is.
//!
//! A channel that is closed takes no act that the friend would see, not even a deletion: what both keep is read only
//! (`docs/decisions/0020-message-actions.md`). A star is one's own, and needs the right to read alone.
//!
//! - here: [`Held`], a message that the caller may read, and how a change is told.
//! - `edit`: other words, within 15 minutes; what it said before stays visible to both.
//! - `delete`: no words, for good.
//! - `react`, `mark`: a word, a pin, a star; and the lists of the last two.
//! - `forward`: the same words to another friend.

mod delete;
mod edit;
mod forward;
mod mark;
mod react;

use app::api::{AccountId, ApiError, MessageId, Timestamp};
use app::conversations::Message;
use app::conversations::acts::ChangedMessage;

use super::participant::find_held;
use super::sql::SealedMessage;
use super::{Participant, sql::acts};
use crate::error::{Error, Result};
use crate::events::{self, NewEvent};
use crate::friendships::{self, Writer};
use crate::store::Tx;

pub use delete::delete_message;
pub use edit::{edit_message, list_earlier, list_versions};
pub use forward::forward_message;
pub use mark::{list_marked_messages, pin_message, star_message};
pub use react::react_to_message;

/// A message that somebody may read, its words still sealed.
pub(super) struct Held {
    pub(super) participant: Participant,
    pub(super) sealed: SealedMessage,
}

impl Held {
    /// The message of this id.
    ///
    /// # Errors
    /// `NotFound` when there is none, or `account` does not take part in its conversation.
    fn require(tx: &mut Tx<'_>, account: AccountId, message: MessageId) -> Result<Self> {
        find_held(tx, account, message)?.ok_or_else(|| ApiError::NotFound.into())
    }

    /// The same, of a message that the account wrote.
    ///
    /// # Errors
    /// As [`Held::require`]; `NotFound` as well when the other one wrote it.
    fn require_own(tx: &mut Tx<'_>, account: AccountId, message: MessageId) -> Result<Self> {
        let held = Self::require(tx, account, message)?;
        if held.message().author != account {
            return Err(ApiError::NotFound.into());
        }
        Ok(held)
    }

    fn message(&self) -> &Message {
        &self.sealed.message
    }

    fn position(&self) -> u64 {
        self.message().position
    }

    /// The right to do what the friend sees, with a message that is still there.
    ///
    /// # Errors
    /// As [`friendships::require_writer_for`]; `MessageDeleted`.
    fn require_writer(&self, tx: &mut Tx<'_>) -> Result<Writer> {
        let writer = friendships::require_writer_for(tx, &self.participant)?;
        self.require_words()?;
        Ok(writer)
    }

    /// # Errors
    /// `MessageDeleted`.
    fn require_words(&self) -> Result<()> {
        match self.message().deleted_at {
            Some(_) => Err(ApiError::MessageDeleted.into()),
            None => Ok(()),
        }
    }

    /// The message as the caller sees it now.
    fn answer(&self, tx: &mut Tx<'_>) -> Result<ChangedMessage> {
        let message = acts::read_one(tx, &self.participant, self.position())?;
        message
            .map(|message| ChangedMessage { message })
            .ok_or_else(|| Error::failed("reading a message", "it is gone"))
    }

    /// Something was done that both see.
    fn tell_both(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<()> {
        acts::count_revision(tx, self.participant.conversation(), self.position())?;
        self.tell(tx, self.participant.account(), now)?;
        self.tell(tx, self.participant.friend(), now)
    }

    /// The message is another one for this account.
    fn tell(&self, tx: &mut Tx<'_>, account: AccountId, now: Timestamp) -> Result<()> {
        let event = NewEvent::MessageChanged {
            conversation: self.participant.conversation(),
            position: self.position(),
        };
        events::append(tx, account, now, event)
    }
}
