//! Bodies and drafts as they rest: sealed, each for its place. They are read first and opened afterwards.

use app::api::{AccountId, ConversationId, MessageId, Timestamp};
use app::attachments::Attachments;
use app::conversations::marks::{Marked, Marks};
use app::conversations::{Draft, Message, MessageBody};

use super::marks::complete;
use crate::attachments::{self, Carried};
use crate::error::{Error, Result};
use crate::store::{Content, Envelope, Place, Row, Tx};

/// A message whose words are still sealed.
pub(in crate::conversations) struct SealedMessage {
    /// With a body that is withheld, and without marks.
    pub(in crate::conversations) message: Message,
    /// Counts what it has said: 1 as it was sent.
    pub(in crate::conversations) version: u64,
    /// The message whose words it took over.
    pub(in crate::conversations) forwards: Option<MessageId>,
    /// What its row says of its marks.
    pub(in crate::conversations) ties: Ties,
    pub(super) envelope: Envelope,
    /// How many files it carries.
    n_files: u64,
}

/// What the row of a message says of its marks; the rest stands in tables of its own.
#[derive(Clone, Copy)]
pub(in crate::conversations) struct Ties {
    pub(super) revision: u64,
    /// The position of the message that it answers.
    pub(super) reply_to: Option<u64>,
    pub(super) is_forwarded: bool,
    pub(in crate::conversations) edited_at: Option<Timestamp>,
    pub(in crate::conversations) pinned_at: Option<Timestamp>,
    /// Its words of one answer, and its stars, of both.
    pub(super) n_marks: u64,
}

/// A draft that is still sealed.
pub(super) struct SealedDraft {
    pub(super) conversation: ConversationId,
    pub(super) account: AccountId,
    pub(super) envelope: Envelope,
}

/// A message from the columns that start at `first`; its key is for its author alone.
pub(super) fn read_message(row: &Row<'_>, first: usize, reader: AccountId) -> Result<SealedMessage> {
    let author: AccountId = row.get(first + 2)?;
    let envelope = Envelope::from_row(row, first + 5)?
        .ok_or_else(|| Error::failed("reading a message", "it has no body"))?;
    let forwards: Option<MessageId> = row.get(first + 13)?;
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
            deleted_at: row.get(first + 10)?,
            marks: Marked::default(),
            attachments: Attachments::default(),
        },
        version: row.get(first + 9)?,
        forwards,
        ties: Ties {
            revision: row.get(first + 11)?,
            reply_to: row.get(first + 12)?,
            is_forwarded: forwards.is_some(),
            edited_at: row.get(first + 14)?,
            pinned_at: row.get(first + 15)?,
            n_marks: row.get(first + 16)?,
        },
        envelope,
        n_files: row.get(first + 17)?,
    })
}

impl Ties {
    /// Those of a message that is stored now.
    pub(super) fn of_new(reply_to: Option<u64>, is_forwarded: bool) -> Self {
        Self {
            revision: 0,
            reply_to,
            is_forwarded,
            edited_at: None,
            pinned_at: None,
            n_marks: 0,
        }
    }

    /// The marks that need no look elsewhere.
    fn own_marks(self) -> Marked {
        Marked::of(Marks {
            revision: self.revision,
            is_forwarded: self.is_forwarded,
            edited_at: self.edited_at,
            pinned_at: self.pinned_at,
            ..Marks::default()
        })
    }
}

impl SealedMessage {
    /// Whether it carries files.
    pub(in crate::conversations) fn has_files(&self) -> bool {
        self.n_files > 0
    }

    /// Where its words stand.
    pub(super) fn place(&self, conversation: ConversationId) -> Place {
        place_of(conversation, &self.message, self.version)
    }
}

/// Where what a message has said under this number stands, while it says so and afterwards.
pub(super) fn place_of(conversation: ConversationId, message: &Message, version: u64) -> Place {
    place_at(
        conversation,
        message.id,
        message.position,
        message.author,
        version,
    )
}

/// The same, of a message of which no more is known.
pub(super) fn place_at(
    conversation: ConversationId,
    message: MessageId,
    position: u64,
    author: AccountId,
    version: u64,
) -> Place {
    match version {
        1 => Place::Body {
            conversation,
            message,
            position,
            author,
        },
        version => Place::Version {
            conversation,
            message,
            position,
            author,
            version,
        },
    }
}

/// Opens a message; of its marks it has those that stand in its row, and no quote. One that was deleted or erased, or is
/// not what was sealed at its place, is shown without words and files.
pub(super) fn open_message(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    sealed: SealedMessage,
) -> Result<Message> {
    let mut carried = read_files(tx, conversation, std::slice::from_ref(&sealed))?;
    open_with(tx, conversation, sealed, &mut carried)
}

/// Opens a message, with its files among those that are carried there.
fn open_with(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    sealed: SealedMessage,
    carried: &mut Carried,
) -> Result<Message> {
    let place = sealed.place(conversation);
    let mut message = sealed.message;
    if message.deleted_at.is_none()
        && let Content::Here(text) = tx.open(&sealed.envelope, place)?
    {
        message.body = MessageBody::from_store(text);
        message.attachments = carried.remove(&message.position).unwrap_or_default().into();
    }
    message.marks = sealed.ties.own_marks();
    Ok(message)
}

/// A message whose words are known, with everything that is on it.
pub(super) fn complete_one(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    reader: AccountId,
    message: Message,
    ties: Ties,
) -> Result<Message> {
    let marks = ties.own_marks();
    let mut one = [(Message { marks, ..message }, ties)];
    complete(tx, conversation, reader, &mut one)?;
    let [(message, _)] = one;
    Ok(message)
}

/// Opens messages of one conversation, with everything that is on them.
pub(super) fn open_messages(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    reader: AccountId,
    sealed: Vec<SealedMessage>,
) -> Result<Vec<Message>> {
    let mut carried = read_files(tx, conversation, &sealed)?;
    let mut opened = Vec::with_capacity(sealed.len());
    for sealed in sealed {
        let ties = sealed.ties;
        opened.push((open_with(tx, conversation, sealed, &mut carried)?, ties));
    }
    complete(tx, conversation, reader, &mut opened)?;
    Ok(opened.into_iter().map(|(message, _)| message).collect())
}

/// The files of messages: in one question where these stand together, else of each by itself.
fn read_files(tx: &mut Tx<'_>, conversation: ConversationId, sealed: &[SealedMessage]) -> Result<Carried> {
    let with_files = || {
        let messages = sealed.iter().filter(|sealed| sealed.has_files());
        messages.map(|sealed| sealed.message.position)
    };
    let (Some(first), Some(last)) = (with_files().min(), with_files().max()) else {
        return Ok(Carried::new());
    };
    if last - first < sealed.len() as u64 {
        return attachments::read_carried(tx, conversation, first, last);
    }
    let mut carried = Carried::new();
    for position in with_files() {
        carried.extend(attachments::read_carried(tx, conversation, position, position)?);
    }
    Ok(carried)
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
