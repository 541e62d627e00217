//! The tables `conversations`, `participants` and `messages`; in `list`, what a list shows of them; in `receipts`, how far
//! The tables `conversations`, `participants` and `messages`; in `list`, what a list shows of them; in `receipts`, how far
//! each of the two has come; in `drafts`, what is not sent yet; in `words`, bodies and drafts, which rest sealed; in `marks`
//! and `acts`, what is on messages besides their words, and what was done with them; in `segments`, the table `word_segments`.

/// The columns of [`read_message`], of a table named `m`.
macro_rules! message_columns {
    () => {
        "m.id, m.position, m.sender_id, m.key, m.sent_at, m.body_suite, m.body_key_ref, m.body_nonce, m.body_bytes,
            m.version, m.deleted_at, m.revision, m.reply_to, m.forwards_id, m.edited_at, m.pinned_at, m.n_marks,
            m.n_files"
    };
}

pub(super) mod acts;
mod drafts;
mod list;
pub(super) mod marks;
pub(super) mod receipts;
pub(super) mod segments;
mod words;

use app::api::{AccountId, AttachmentId, ConversationId, MessageId, MessageKey, Timestamp};
use app::conversations::marks::Marked;
use app::conversations::{Message, MessageBody};
use uuid::Uuid;

use super::{Link, Participant};
use words::{Ties, complete_one, open_messages, read_message};

use crate::attachments;
use crate::error::{Error, Result};
use crate::friendships::Writer;
use crate::store::{Owner, Place, Tx};
use crate::values;

pub(super) use drafts::{delete_draft, find_draft, update_draft};
pub(super) use list::{ListRow, find_conversation, list_conversations};
pub(super) use words::SealedMessage;

/// With whom `account` shares the conversation; `None` when it does not take part.
pub(super) fn find_friend(
    tx: &mut Tx<'_>,
    account: AccountId,
    conversation: ConversationId,
) -> Result<Option<AccountId>> {
    tx.find(
        "select friend_id from participants where conversation_id = $1 and account_id = $2",
        values![conversation, account],
        |row| row.get(0),
    )
}

/// The conversation of two accounts, the smaller id first.
pub(super) fn find_between(
    tx: &mut Tx<'_>,
    low: AccountId,
    high: AccountId,
) -> Result<Option<ConversationId>> {
    tx.find(
        "select id from conversations where low_id = $1 and high_id = $2",
        values![low, high],
        |row| row.get(0),
    )
}

/// The two accounts of a conversation, the smaller id first.
pub(super) fn find_pair(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
) -> Result<Option<(AccountId, AccountId)>> {
    tx.find(
        "select low_id, high_id from conversations where id = $1",
        values![conversation],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Takes every word out of a conversation; what is written from here on gets another key.
pub(super) fn empty_words(tx: &mut Tx<'_>, conversation: ConversationId) -> Result<()> {
    let nothing: Vec<u8> = Vec::new();
    tx.execute(
        "update messages set body_nonce = null, body_bytes = $1 where conversation_id = $2",
        values![nothing, conversation],
    )?;
    tx.execute(
        "update participants
        set draft_suite = null, draft_key_ref = null, draft_nonce = null, draft_bytes = null, drafted_at = null
        where conversation_id = $1",
        values![conversation],
    )?;
    tx.execute(
        "delete from message_versions where conversation_id = $1",
        values![conversation],
    )?;
    tx.execute(
        "update messages
        set n_marks = n_marks - (
            select count(*) from message_reactions r
            where r.conversation_id = messages.conversation_id and r.position = messages.position)
        where conversation_id = $1 and n_marks > 0",
        values![conversation],
    )?;
    tx.execute(
        "delete from message_reactions where conversation_id = $1",
        values![conversation],
    )?;
    tx.execute(
        "update conversations set key_ref = null where id = $1",
        values![conversation],
    )?;
    segments::delete_segments(tx, conversation, (0, u64::MAX))
}

/// The conversation of `viewer` with `other`, and what `viewer` has not read of it.
pub(super) fn find_link(tx: &mut Tx<'_>, viewer: AccountId, other: AccountId) -> Result<Option<Link>> {
    tx.find(
        "select c.id, p.unread_count
        from conversations c
        join participants p on p.conversation_id = c.id
        where c.low_id = $1 and c.high_id = $2 and p.account_id = $3",
        values![viewer.min(other), viewer.max(other), viewer],
        |row| {
            Ok(Link {
                conversation: row.get(0)?,
                unread_count: row.get(1)?,
            })
        },
    )
}

/// All of `viewer`'s conversations, each with the other person.
pub(super) fn list_links(tx: &mut Tx<'_>, viewer: AccountId) -> Result<Vec<(AccountId, Link)>> {
    tx.list(
        "select friend_id, conversation_id, unread_count from participants where account_id = $1",
        values![viewer],
        |row| {
            Ok((
                row.get(0)?,
                Link {
                    conversation: row.get(1)?,
                    unread_count: row.get(2)?,
                },
            ))
        },
    )
}

/// Stores a new, empty conversation and its two participants.
pub(super) fn insert_conversation(
    tx: &mut Tx<'_>,
    id: ConversationId,
    (low, high): (AccountId, AccountId),
    now: Timestamp,
) -> Result<()> {
    tx.execute(
        "insert into conversations (id, low_id, high_id, mode, last_position, active_at, created_at)
        values ($1, $2, $3, 'server', 0, $4, $4)",
        values![id, low, high, now],
    )?;
    require_key(tx, id, None)?;
    for (account, friend) in [(low, high), (high, low)] {
        tx.execute(
            "insert into participants (conversation_id, account_id, friend_id, read_position, delivered_position,
                unread_count)
            values ($1, $2, $3, 0, 0, 0)",
            values![id, account, friend],
        )?;
    }
    Ok(())
}

/// Moves the conversation up in the lists, never down.
pub(super) fn update_active_at(tx: &mut Tx<'_>, conversation: ConversationId, now: Timestamp) -> Result<()> {
    tx.execute(
        "update conversations set active_at = $1 where id = $2 and active_at < $1",
        values![now, conversation],
    )?;
    Ok(())
}

/// The position of the newest message; 0 when there is none.
pub(super) fn find_last_position(tx: &mut Tx<'_>, participant: &Participant) -> Result<u64> {
    let found = tx.find(
        "select last_position from conversations where id = $1",
        values![participant.conversation()],
        |row| row.get(0),
    )?;
    Ok(found.unwrap_or(0))
}

/// At most `n_messages` messages from position `first` on, oldest first.
pub(super) fn list_messages(
    tx: &mut Tx<'_>,
    participant: &Participant,
    first: u64,
    n_messages: u64,
) -> Result<Vec<Message>> {
    let sealed = tx.list(
        concat!(
            "select ",
            message_columns!(),
            " from messages m where m.conversation_id = $1 and m.position >= $2 order by m.position limit $3"
        ),
        values![participant.conversation(), first, n_messages],
        |row| read_message(row, 0, participant.account()),
    )?;
    open_messages(tx, participant.conversation(), participant.account(), sealed)
}

/// What `sender` once sent under a key, and where.
pub(super) type Sent = (ConversationId, SealedMessage);

/// With whom `sender` shares the conversation, if at all, and what `sender` once sent under this key, wherever that was: in
/// one question, because every message asks both.
pub(super) fn find_friend_and_sent(
    tx: &mut Tx<'_>,
    sender: AccountId,
    conversation: ConversationId,
    key: MessageKey,
) -> Result<(Option<AccountId>, Option<Sent>)> {
    let found = tx.find(
        concat!(
            "select p.friend_id, m.conversation_id, ",
            message_columns!(),
            " from (select 1 as one) as always
            left join participants p on p.conversation_id = $1 and p.account_id = $2
            left join messages m on m.sender_id = $2 and m.key = $3"
        ),
        values![conversation, sender, key],
        |row| {
            let sent = match row.get::<Option<ConversationId>>(1)? {
                Some(conversation) => Some((conversation, read_message(row, 2, sender)?)),
                None => None,
            };
            Ok((row.get(0)?, sent))
        },
    )?;
    Ok(found.unwrap_or_default())
}

/// A message as `reader` sees it, and what it said when it was sent, as far as that can still be shown.
pub(super) fn open_sent(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    reader: AccountId,
    sealed: SealedMessage,
) -> Result<(Option<Message>, Option<MessageBody>)> {
    let version = sealed.version;
    let message = open_messages(tx, conversation, reader, vec![sealed])?.pop();
    let said = match &message {
        Some(message) if version > 1 => acts::find_version(tx, conversation, message, 1)?,
        Some(message) => (!message.is_withheld()).then(|| message.body.clone()),
        None => None,
    };
    Ok((message, said))
}

/// What is stored of a message that is new.
pub(super) struct NewMessage {
    pub(super) id: MessageId,
    pub(super) key: MessageKey,
    pub(super) body: MessageBody,
    /// The position of the message that it answers.
    pub(super) reply_to: Option<u64>,
    /// The message whose words it took over.
    pub(super) forwards: Option<MessageId>,
    /// The files that it carries, in their order.
    pub(super) files: Vec<AttachmentId>,
}

/// Stores a message at the next position, and counts it for the friend, as unread. Answers too whether the writer has a
/// draft there: it was sent now.
pub(super) fn insert_message(
    tx: &mut Tx<'_>,
    writer: &Writer,
    new: NewMessage,
    now: Timestamp,
) -> Result<(Message, bool)> {
    let NewMessage {
        id,
        key,
        body,
        reply_to,
        forwards,
        files,
    } = new;
    let (conversation, author) = (writer.conversation(), writer.account());
    let moved = tx.find(
        "update conversations
        set last_position = last_position + 1, active_at = case when active_at < $1 then $1 else active_at end
        where id = $2
        returning last_position, key_ref,
            (select count(*) from participants
            where conversation_id = $2 and account_id = $3 and draft_suite is not null)",
        values![now, conversation, author],
        |row| {
            Ok((
                row.get::<u64>(0)?,
                row.get::<Option<Uuid>>(1)?,
                row.get::<bool>(2)?,
            ))
        },
    )?;
    let (position, key_ref, has_draft) =
        moved.ok_or_else(|| Error::failed("storing a message", "a writer's conversation is gone"))?;
    tx.put(
        "update participants
        set unread_count = unread_count + 1, n_from_friend = n_from_friend + 1, last_from_friend = $1
        where conversation_id = $2 and account_id = $3",
        values![position, conversation, writer.friend()],
    )?;
    let place = Place::Body {
        conversation,
        message: id,
        position,
        author,
    };
    let key_ref = require_key(tx, conversation, key_ref)?;
    let sealed = tx.seal(key_ref, place, body.as_str())?;
    let attachments = attachments::attach(tx, writer, &files, position, now)?;
    let mut values = vec![
        conversation.into(),
        position.into(),
        id.into(),
        author.into(),
        key.into(),
        now.into(),
        writer.friend().into(),
        reply_to.into(),
        forwards.into(),
    ];
    values.extend(sealed.into_columns());
    values.push((attachments.len() as u64).into());
    tx.put(
        "insert into messages (conversation_id, position, id, sender_id, key, sent_at, nth, reply_to, forwards_id,
            body_suite, body_key_ref, body_nonce, body_bytes, n_files)
        values ($1, $2, $3, $4, $5, $6,
            (select n_from_friend from participants where conversation_id = $1 and account_id = $7),
            $8, $9, $10, $11, $12, $13, $14)",
        &values,
    )?;
    let message = Message {
        id,
        position,
        author,
        body,
        sent_at: now,
        key: Some(key),
        deleted_at: None,
        marks: Marked::default(),
        attachments: attachments.into(),
    };
    let ties = Ties::of_new(reply_to, forwards.is_some());
    Ok((complete_one(tx, conversation, author, message, ties)?, has_draft))
}

/// What the account has left to read in all its conversations.
pub(super) fn count_unread(tx: &mut Tx<'_>, account: AccountId) -> Result<u64> {
    let found = tx.find(
        "select cast(coalesce(sum(unread_count), 0) as bigint) from participants where account_id = $1",
        values![account],
        |row| row.get(0),
    )?;
    Ok(found.unwrap_or(0))
}

/// The key that seals what is written now, made if there is none.
pub(super) fn require_sealing_key(tx: &mut Tx<'_>, conversation: ConversationId) -> Result<Uuid> {
    let known = find_key_ref(tx, conversation)?;
    require_key(tx, conversation, known)
}

/// The key that seals what is written now.
fn find_key_ref(tx: &mut Tx<'_>, conversation: ConversationId) -> Result<Option<Uuid>> {
    let found = tx.find(
        "select key_ref from conversations where id = $1",
        values![conversation],
        |row| row.get(0),
    )?;
    Ok(found.flatten())
}

/// That key, or a new one if the conversation has none that seals: it is new, or was erased, or its key is damaged.
fn require_key(tx: &mut Tx<'_>, conversation: ConversationId, known: Option<Uuid>) -> Result<Uuid> {
    let key = tx.require_sealing_key(known, Owner::Conversation(conversation))?;
    if known != Some(key) {
        tx.execute(
            "update conversations set key_ref = $1 where id = $2",
            values![key, conversation],
        )?;
    }
    Ok(key)
}
