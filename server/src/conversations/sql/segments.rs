//! The table `word_segments`: words laid out to be searched, sealed; and the texts that they are laid out from.

use app::api::{AccountId, ConversationId, MessageId, Timestamp};
use app::attachments::Attachment;
use app::conversations::Message;
use uuid::Uuid;

use super::super::Participant;
use super::words::{open_messages, place_at, read_message};
use crate::attachments::{self, Carried};
use crate::error::Result;
use crate::store::{Content, Envelope, Place, Row, Tx, Value};
use crate::values;
use crate::words::Segment;

/// A segment as it rests.
pub(in crate::conversations) struct SegmentRow {
    pub(in crate::conversations) conversation: ConversationId,
    pub(in crate::conversations) first: u64,
    pub(in crate::conversations) last: u64,
    /// None when its messages hold no words.
    envelope: Option<Envelope>,
}

impl SegmentRow {
    pub(in crate::conversations) fn envelope(&self) -> Option<&Envelope> {
        self.envelope.as_ref()
    }

    /// Whether its messages hold no words.
    pub(in crate::conversations) fn is_empty(&self) -> bool {
        self.envelope.is_none()
    }

    /// The segment; `None` when it is not what was laid out here.
    pub(in crate::conversations) fn open(&self, tx: &mut Tx<'_>) -> Result<Option<Segment>> {
        let Some(envelope) = &self.envelope else {
            return Ok(Some(Segment::default()));
        };
        let place = Place::Words {
            conversation: self.conversation,
            first: self.first,
        };
        let bytes = tx.open_bytes(envelope, place)?.here();
        let n_messages = (self.last + 1).saturating_sub(self.first);
        let is_whole = |segment: &Segment| segment.n_messages() as u64 == n_messages;
        Ok(bytes.and_then(Segment::read).filter(is_whole))
    }
}

/// The columns of [`read_segment`], of a table named `s`.
macro_rules! segment_columns {
    () => {
        "s.conversation_id, s.first_position, s.last_position, s.suite, s.key_ref, s.nonce, s.bytes"
    };
}

/// Where a segment begins.
pub(in crate::conversations) type Begin = (ConversationId, u64);

/// Where the segments of all conversations of the account begin, or of one, in the order of conversations and messages, and
/// how many bytes each has.
pub(in crate::conversations) fn list_segment_sizes(
    tx: &mut Tx<'_>,
    account: AccountId,
    conversation: Option<ConversationId>,
) -> Result<Vec<(Begin, u64)>> {
    let first = conversation.unwrap_or(ConversationId(Uuid::nil()));
    let last = conversation.unwrap_or(ConversationId(Uuid::max()));
    tx.list(
        "select s.conversation_id, s.first_position, cast(coalesce(length(s.bytes), 0) as bigint)
        from participants p join word_segments s on s.conversation_id = p.conversation_id
        where p.account_id = $1 and p.conversation_id >= $2 and p.conversation_id <= $3
        order by s.conversation_id, s.first_position",
        values![account, first, last],
        |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)),
    )
}

/// The segments of the account's conversations from one to another, both of them included.
pub(in crate::conversations) fn list_segments(
    tx: &mut Tx<'_>,
    account: AccountId,
    first: Begin,
    last: Begin,
) -> Result<Vec<SegmentRow>> {
    tx.list(
        concat!(
            "select ",
            segment_columns!(),
            " from participants p join word_segments s on s.conversation_id = p.conversation_id
            where p.account_id = $1 and p.conversation_id >= $2 and p.conversation_id <= $3
                and (s.conversation_id > $2 or s.first_position >= $4)
                and (s.conversation_id < $3 or s.first_position <= $5)
            order by s.conversation_id, s.first_position"
        ),
        values![account, first.0, last.0, first.1, last.1],
        read_segment,
    )
}

/// Whether anything is stored of what these messages said: then a segment that holds no words of them is none.
pub(in crate::conversations) fn are_there_words(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    (first, last): (u64, u64),
) -> Result<bool> {
    let written = tx.find(
        "select position from messages
        where conversation_id = $1 and position >= $2 and position <= $3 and length(body_bytes) > 0
        limit 1",
        values![conversation, first, last],
        |row| row.get::<u64>(0),
    )?;
    Ok(written.is_some())
}

/// The segment that begins here.
pub(in crate::conversations) fn find_segment(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    first: u64,
) -> Result<Option<SegmentRow>> {
    tx.find(
        concat!(
            "select ",
            segment_columns!(),
            " from word_segments s where s.conversation_id = $1 and s.first_position = $2"
        ),
        values![conversation, first],
        read_segment,
    )
}

fn read_segment(row: &Row<'_>) -> Result<SegmentRow> {
    Ok(SegmentRow {
        conversation: row.get(0)?,
        first: row.get(1)?,
        last: row.get(2)?,
        envelope: Envelope::from_row(row, 3)?,
    })
}

/// The ranges of a conversation's segments, the first one first.
pub(in crate::conversations) fn list_ranges(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
) -> Result<Vec<(u64, u64)>> {
    tx.list(
        "select first_position, last_position from word_segments where conversation_id = $1 order by first_position",
        values![conversation],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// What laying out a conversation's words needs to know of it.
pub(in crate::conversations) struct WordsState {
    /// The greater of the two accounts' ids.
    pub(in crate::conversations) high: AccountId,
    pub(in crate::conversations) last_position: u64,
    pub(in crate::conversations) key_ref: Option<Uuid>,
    pub(in crate::conversations) version: u64,
}

pub(in crate::conversations) fn find_words_state(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
) -> Result<Option<WordsState>> {
    tx.find(
        "select high_id, last_position, key_ref, words_version from conversations where id = $1",
        values![conversation],
        |row| {
            Ok(WordsState {
                high: row.get(0)?,
                last_position: row.get(1)?,
                key_ref: row.get(2)?,
                version: row.get(3)?,
            })
        },
    )
}

/// The conversations after this one, at most `limit`, and whether some of their messages are in no segment.
pub(in crate::conversations) fn list_covered(
    tx: &mut Tx<'_>,
    after: ConversationId,
    limit: u32,
) -> Result<Vec<(ConversationId, bool)>> {
    tx.list(
        "select c.id, c.last_position, cast(coalesce(
            (select sum(s.last_position - s.first_position + 1) from word_segments s where s.conversation_id = c.id), 0
        ) as bigint)
        from conversations c
        where c.id > $1
        order by c.id
        limit $2",
        values![after, limit],
        |row| Ok((row.get(0)?, row.get::<u64>(1)? > row.get::<u64>(2)?)),
    )
}

/// Puts a segment in the place of those that lie in its range, if nothing has changed since the version that it was laid out
/// from; answers whether it stands there.
pub(in crate::conversations) fn replace_segments(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    version: u64,
    (first, last): (u64, u64),
    envelope: Option<Envelope>,
) -> Result<bool> {
    let n_moved = tx.execute(
        "update conversations set words_version = words_version + 1 where id = $1 and words_version = $2",
        values![conversation, version],
    )?;
    if n_moved == 0 {
        return Ok(false);
    }
    tx.execute(
        "delete from word_segments where conversation_id = $1 and first_position >= $2 and last_position <= $3",
        values![conversation, first, last],
    )?;
    let mut values: Vec<Value> = vec![conversation.into(), first.into(), last.into()];
    values.extend(envelope.map_or_else(Envelope::no_columns, Envelope::into_columns));
    tx.execute(
        "insert into word_segments (conversation_id, first_position, last_position, suite, key_ref, nonce, bytes)
        values ($1, $2, $3, $4, $5, $6, $7)",
        &values,
    )?;
    Ok(true)
}

/// Takes away the segments of a conversation in which a position from `first` to `last` lies.
pub(in crate::conversations) fn delete_segments(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    (first, last): (u64, u64),
) -> Result<()> {
    tx.execute(
        "update conversations set words_version = words_version + 1 where id = $1",
        values![conversation],
    )?;
    tx.execute(
        "delete from word_segments where conversation_id = $1 and last_position >= $2 and first_position <= $3",
        values![conversation, first, last],
    )?;
    Ok(())
}

/// A message as it is laid out, with the words that it has now.
pub(in crate::conversations) struct Text {
    pub(in crate::conversations) position: u64,
    pub(in crate::conversations) author: AccountId,
    pub(in crate::conversations) sent_at: Timestamp,
    /// With what can be searched of its files. None when the words were erased, or are damaged.
    pub(in crate::conversations) words: Option<String>,
    /// Whether they cannot be read as it is; what was damaged may be put back.
    pub(in crate::conversations) is_damaged: bool,
}

/// The messages from position `first` to `last`.
pub(in crate::conversations) fn list_texts(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    (first, last): (u64, u64),
) -> Result<Vec<Text>> {
    let sealed = tx.list(
        "select position, id, sender_id, sent_at, version, body_suite, body_key_ref, body_nonce, body_bytes, n_files
        from messages
        where conversation_id = $1 and position >= $2 and position <= $3
        order by position",
        values![conversation, first, last],
        |row| {
            let text = Text {
                position: row.get(0)?,
                author: row.get(2)?,
                sent_at: row.get(3)?,
                words: None,
                is_damaged: false,
            };
            let place = place_at(conversation, row.get(1)?, text.position, text.author, row.get(4)?);
            Ok((text, place, Envelope::from_row(row, 5)?, row.get::<u64>(9)?))
        },
    )?;
    let has_files = sealed.iter().any(|(.., n_files)| *n_files > 0);
    let mut carried = if has_files {
        attachments::read_carried(tx, conversation, first, last)?
    } else {
        Carried::new()
    };
    let open = |(text, place, envelope, _): (Text, Place, Option<Envelope>, u64)| {
        // What was erased needs no look at its key.
        let words = match envelope.filter(|envelope| !envelope.is_emptied()) {
            Some(envelope) => tx.open(&envelope, place)?,
            None => Content::Erased,
        };
        let files = carried.remove(&text.position).unwrap_or_default();
        Ok(Text {
            is_damaged: words == Content::Damaged,
            words: words.here().map(|words| searched_text(&words, &files)),
            ..text
        })
    };
    sealed.into_iter().map(open).collect()
}

/// What of a message can be searched: its words, and what its files are called and show.
pub(in crate::conversations) fn searched_text(words: &str, files: &[Attachment]) -> String {
    let of_files = attachments::searched_words(files);
    let parts = [words, of_files.as_str()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n")
}

/// The message at a position of a conversation of the participant.
pub(in crate::conversations) fn find_message(
    tx: &mut Tx<'_>,
    participant: &Participant,
    position: u64,
) -> Result<Option<Message>> {
    let conversation = participant.conversation();
    let sealed = tx.find(
        concat!(
            "select ",
            message_columns!(),
            " from messages m where m.conversation_id = $1 and m.position = $2"
        ),
        values![conversation, position],
        |row| read_message(row, 0, participant.account()),
    )?;
    let Some(sealed) = sealed else { return Ok(None) };
    // With everything that is on it: the same message has one revision for one reader, whoever answers.
    let opened = open_messages(tx, conversation, participant.account(), vec![sealed])?;
    Ok(opened.into_iter().next())
}

/// When a message was stored, and where, if `account` takes part there.
pub(in crate::conversations) fn find_stored(
    tx: &mut Tx<'_>,
    account: AccountId,
    message: MessageId,
) -> Result<Option<(Timestamp, ConversationId, u64)>> {
    tx.find(
        "select m.sent_at, m.conversation_id, m.position
        from messages m
        join participants p on p.conversation_id = m.conversation_id
        where m.id = $1 and p.account_id = $2",
        values![message, account],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// All conversations of the account: where, with whom, and the position of the newest message.
pub(in crate::conversations) fn list_places(
    tx: &mut Tx<'_>,
    account: AccountId,
) -> Result<Vec<(ConversationId, AccountId, u64)>> {
    tx.list(
        "select p.conversation_id, p.friend_id, c.last_position
        from participants p
        join conversations c on c.id = p.conversation_id
        where p.account_id = $1
        order by p.conversation_id",
        values![account],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}
