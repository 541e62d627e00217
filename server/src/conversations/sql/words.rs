//! Bodies and drafts as they rest: sealed, each for its place. They are read first and opened afterwards.

use app::api::{AccountId, ConversationId};
use app::attachments::Attachments;
use app::conversations::{Draft, Message, MessageBody};

use crate::attachments::{self, Carried};
use crate::error::{Error, Result};
use crate::store::{Content, Envelope, Place, Row, Tx};

/// A message whose words are still sealed.
pub(super) struct SealedMessage {
    /// With a body that is withheld.
    message: Message,
    pub(super) envelope: Envelope,
    /// How many files it carries.
    n_files: u64,
}

/// A draft that is still sealed.
pub(super) struct SealedDraft {
    pub(super) conversation: ConversationId,
    pub(super) account: AccountId,
    pub(super) envelope: Envelope,
}

/// A message from the ten columns that start at `first`; its key is for its author alone.
pub(super) fn read_message(row: &Row<'_>, first: usize, reader: AccountId) -> Result<SealedMessage> {
    let author: AccountId = row.get(first + 2)?;
    let envelope = Envelope::from_row(row, first + 5)?
        .ok_or_else(|| Error::failed("reading a message", "it has no body"))?;
    Ok(SealedMessage {
        message: Message {
            id: row.get(first)?,
            position: row.get(first + 1)?,
            author,
            body: MessageBody::withheld(),
            sent_at: row.get(first + 4)?,
            key: if author == reader {
                Some(row.get(first + 3)?)
            } else {
                None
            },
            attachments: Attachments::default(),
        },
        envelope,
        n_files: row.get(first + 9)?,
    })
}

/// Opens a message. One that was erased, or is not what was sealed at its place, is shown without words and files.
pub(super) fn open_message(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    sealed: SealedMessage,
) -> Result<Message> {
    let position = sealed.message.position;
    let mut carried = if sealed.n_files > 0 {
        attachments::read_carried(tx, conversation, position, position)?
    } else {
        Carried::new()
    };
    open_with(tx, conversation, sealed, &mut carried)
}

/// Opens a message, with its files among those that are carried there.
fn open_with(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    sealed: SealedMessage,
    carried: &mut Carried,
) -> Result<Message> {
    let mut message = sealed.message;
    let place = Place::Body {
        conversation,
        message: message.id,
        position: message.position,
        author: message.author,
    };
    if let Content::Here(text) = tx.open(&sealed.envelope, place)? {
        message.body = MessageBody::from_store(text);
        message.attachments = carried.remove(&message.position).unwrap_or_default().into();
    }
    Ok(message)
}

/// Opens the messages of one conversation.
pub(super) fn open_messages(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    sealed: Vec<SealedMessage>,
) -> Result<Vec<Message>> {
    let mut with_files = sealed.iter().filter(|sealed| sealed.n_files > 0);
    let mut carried = match (with_files.next(), with_files.next_back()) {
        (None, _) => Carried::new(),
        (Some(first), last) => {
            let (first, last) = (first.message.position, last.unwrap_or(first).message.position);
            attachments::read_carried(tx, conversation, first, last)?
        }
    };
    let open = |sealed| open_with(tx, conversation, sealed, &mut carried);
    sealed.into_iter().map(open).collect()
}

/// Opens a draft; one that cannot be shown is none.
pub(super) fn open_draft(tx: &mut Tx<'_>, sealed: Option<SealedDraft>) -> Result<Option<Draft>> {
    let Some(sealed) = sealed else { return Ok(None) };
    let place = Place::Draft {
        conversation: sealed.conversation,
        account: sealed.account,
    };
    Ok(tx.open(&sealed.envelope, place)?.here().map(Draft))
}
