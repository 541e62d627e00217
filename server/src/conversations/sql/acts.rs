//! What was done with messages: the table `message_acts`, what a message said before (`message_versions`), and a message
//! found by its id.

use app::api::{AccountId, ConversationId, MessageId, MessageKey, Timestamp};
use app::conversations::acts::Version;
use app::conversations::{Message, MessageBody};

use super::super::Participant;
use super::marks::delete_marks;
use super::words::{SealedMessage, open_message, open_messages, place_of, read_message};
use super::{find_key_ref, require_key};
use crate::error::Result;
use crate::store::{Content, Envelope, Tx};
use crate::values;

/// A message by its id, if `account` takes part in its conversation: where, with whom, and its row.
pub(in crate::conversations) fn find_message(
    tx: &mut Tx<'_>,
    account: AccountId,
    message: MessageId,
) -> Result<Option<(ConversationId, AccountId, SealedMessage)>> {
    tx.find(
        concat!(
            "select p.conversation_id, p.friend_id, ",
            message_columns!(),
            " from messages m
            join participants p on p.conversation_id = m.conversation_id and p.account_id = $1
            where m.id = $2"
        ),
        values![account, message],
        |row| Ok((row.get(0)?, row.get(1)?, read_message(row, 2, account)?)),
    )
}

/// The position of a message of this conversation.
pub(in crate::conversations) fn find_position(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    message: MessageId,
) -> Result<Option<u64>> {
    tx.find(
        "select position from messages where id = $1 and conversation_id = $2",
        values![message, conversation],
        |row| row.get(0),
    )
}

/// A message as the participant sees it now.
pub(in crate::conversations) fn read_one(
    tx: &mut Tx<'_>,
    participant: &Participant,
    position: u64,
) -> Result<Option<Message>> {
    let (conversation, reader) = (participant.conversation(), participant.account());
    let sealed = tx.list(
        concat!(
            "select ",
            message_columns!(),
            " from messages m where m.conversation_id = $1 and m.position = $2"
        ),
        values![conversation, position],
        |row| read_message(row, 0, reader),
    )?;
    Ok(open_messages(tx, conversation, reader, sealed)?.pop())
}

/// What an act is remembered as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::conversations) enum Kind {
    /// The words were changed.
    Edit,
    /// Answered with a word.
    React,
    /// Pinned, or no longer.
    Pin,
    /// Starred, or no longer.
    Star,
}

impl Kind {
    fn text(self) -> &'static str {
        match self {
            Self::Edit => "edit",
            Self::React => "react",
            Self::Pin => "pin",
            Self::Star => "star",
        }
    }
}

/// What came of the act that this account did on a message under this key, if it did any.
pub(in crate::conversations) fn find_act(
    tx: &mut Tx<'_>,
    participant: &Participant,
    position: u64,
    kind: Kind,
    key: MessageKey,
) -> Result<Option<u64>> {
    tx.find(
        "select outcome from message_acts
        where key = $1 and account_id = $2 and conversation_id = $3 and position = $4 and act = $5",
        values![
            key,
            participant.account(),
            participant.conversation(),
            position,
            kind.text()
        ],
        |row| row.get(0),
    )
}

/// Remembers an act, for ever.
pub(in crate::conversations) fn insert_act(
    tx: &mut Tx<'_>,
    participant: &Participant,
    position: u64,
    kind: Kind,
    key: MessageKey,
    outcome: u64,
) -> Result<()> {
    tx.execute(
        "insert into message_acts (account_id, key, conversation_id, position, act, outcome)
        values ($1, $2, $3, $4, $5, $6)",
        values![
            participant.account(),
            key,
            participant.conversation(),
            position,
            kind.text(),
            outcome
        ],
    )?;
    Ok(())
}

/// One more thing was done with a message.
pub(in crate::conversations) fn count_revision(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    position: u64,
) -> Result<()> {
    tx.execute(
        "update messages set revision = revision + 1 where conversation_id = $1 and position = $2",
        values![conversation, position],
    )?;
    Ok(())
}

/// Gives a message other words; what it said before is kept, sealed as it was. Answers the new version's number.
pub(in crate::conversations) fn update_body(
    tx: &mut Tx<'_>,
    participant: &Participant,
    sealed: &SealedMessage,
    body: &MessageBody,
    now: Timestamp,
) -> Result<u64> {
    let (conversation, position) = (participant.conversation(), sealed.message.position);
    tx.execute(
        "insert into message_versions (conversation_id, position, version, written_at, body_suite, body_key_ref,
            body_nonce, body_bytes)
        select conversation_id, position, version, coalesce(edited_at, sent_at), body_suite, body_key_ref, body_nonce,
            body_bytes
        from messages
        where conversation_id = $1 and position = $2",
        values![conversation, position],
    )?;
    let version = sealed.version + 1;
    let place = place_of(conversation, &sealed.message, version);
    let key_ref = find_key_ref(tx, conversation)?;
    let key_ref = require_key(tx, conversation, key_ref)?;
    let mut values = vec![version.into(), now.into()];
    values.extend(tx.seal(key_ref, place, body.as_str())?.into_columns());
    values.extend([conversation.into(), position.into()]);
    tx.execute(
        "update messages
        set version = $1, edited_at = $2, body_suite = $3, body_key_ref = $4, body_nonce = $5, body_bytes = $6
        where conversation_id = $7 and position = $8",
        &values,
    )?;
    Ok(version)
}

/// Takes the words of a message away, and what it said before, and everything that is on it. Its place stays. Its files are
/// gone already.
pub(in crate::conversations) fn empty_message(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    position: u64,
    now: Timestamp,
) -> Result<()> {
    let nothing: Vec<u8> = Vec::new();
    tx.execute(
        "update messages
        set deleted_at = $1, body_nonce = null, body_bytes = $2, reply_to = null, edited_at = null, pinned_at = null,
            n_files = 0
        where conversation_id = $3 and position = $4",
        values![now, nothing, conversation, position],
    )?;
    tx.execute(
        "delete from message_versions where conversation_id = $1 and position = $2",
        values![conversation, position],
    )?;
    delete_marks(tx, conversation, position)
}

/// What a message says and has said, oldest first.
pub(in crate::conversations) fn list_versions(
    tx: &mut Tx<'_>,
    participant: &Participant,
    sealed: SealedMessage,
) -> Result<Vec<Version>> {
    if sealed.message.deleted_at.is_some() {
        return Ok(Vec::new());
    }
    let conversation = participant.conversation();
    let earlier = tx.list(
        "select version, written_at, body_suite, body_key_ref, body_nonce, body_bytes
        from message_versions
        where conversation_id = $1 and position = $2
        order by version",
        values![conversation, sealed.message.position],
        |row| Ok((row.get(0)?, row.get(1)?, Envelope::from_row(row, 2)?)),
    )?;
    let mut versions = Vec::with_capacity(earlier.len() + 1);
    for (version, written_at, envelope) in earlier {
        let body = match envelope {
            Some(envelope) => {
                let place = place_of(conversation, &sealed.message, version);
                tx.open(&envelope, place)?.here().map(MessageBody::from_store)
            }
            None => None,
        };
        let body = body.unwrap_or_else(MessageBody::withheld);
        versions.push(Version { body, written_at });
    }
    let written_at = sealed.ties.edited_at.unwrap_or(sealed.message.sent_at);
    let body = open_message(tx, conversation, sealed)?.body;
    versions.push(Version { body, written_at });
    Ok(versions)
}

/// What a message said under this number; `None` when that can be shown no more.
pub(in crate::conversations) fn find_version(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    message: &Message,
    version: u64,
) -> Result<Option<MessageBody>> {
    let found = tx.find(
        "select body_suite, body_key_ref, body_nonce, body_bytes
        from message_versions
        where conversation_id = $1 and position = $2 and version = $3",
        values![conversation, message.position, version],
        |row| Envelope::from_row(row, 0),
    )?;
    let Some(envelope) = found.flatten() else {
        return Ok(None);
    };
    Ok(
        match tx.open(&envelope, place_of(conversation, message, version))? {
            Content::Here(text) => Some(MessageBody::from_store(text)),
            Content::Erased | Content::Damaged => None,
        },
    )
}
