//! What is on messages besides their words: the tables `message_reactions` and `message_stars`, the pins, and the messages
//! that others answer. A page asks for each of them once, and only if a row says that there is any.

use std::collections::BTreeMap;

use app::api::{AccountId, ConversationId, MessageId, Timestamp};
use app::conversations::Message;
use app::conversations::acts::Mark;
use app::conversations::marks::{Marked, Quote, Reacted, Reaction};

use super::super::Participant;
use super::words::{SealedMessage, Ties, open_message, open_messages, read_message};
use super::{find_key_ref, require_key};
use crate::error::Result;
use crate::store::{Content, Envelope, Place, Tx, Value};
use crate::values;

/// How many quoted messages are asked for at once.
const N_TOGETHER: usize = 15;

/// Puts on messages what stands in other tables: quotes, answers of one word, the reader's stars.
pub(super) fn complete(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    reader: AccountId,
    messages: &mut [(Message, Ties)],
) -> Result<()> {
    let mut originals: Vec<u64> = messages.iter().filter_map(|(_, ties)| ties.reply_to).collect();
    originals.sort_unstable();
    originals.dedup();
    let quotes = list_quotes(tx, conversation, reader, &originals)?;
    let marked = || messages.iter().filter(|(_, ties)| ties.n_marks > 0);
    let bounds = (
        marked().map(|(message, _)| message.position).min(),
        marked().map(|(message, _)| message.position).max(),
    );
    let (mut reactions, mut stars) = (BTreeMap::new(), BTreeMap::new());
    if let (Some(first), Some(last)) = bounds {
        reactions = list_reactions(tx, conversation, first, last)?;
        stars = list_stars(tx, conversation, reader, first, last)?;
    }
    for (message, ties) in messages {
        let is_plain = ties.reply_to.is_none() && ties.n_marks == 0;
        if is_plain {
            continue;
        }
        let mut marks = message.marks.read();
        marks.reply_to = ties.reply_to.and_then(|position| quotes.get(&position).cloned());
        if ties.n_marks > 0 {
            if let Some((is_starred, n_changes)) = stars.remove(&message.position) {
                marks.is_starred = is_starred;
                marks.revision += n_changes;
            }
            for (account, sealed) in reactions.remove(&message.position).unwrap_or_default() {
                let reaction = open_reaction(tx, conversation, message.id, account, &sealed)?;
                marks
                    .reactions
                    .extend(reaction.map(|reaction| Reacted { account, reaction }));
            }
        }
        message.marks = Marked::of(marks);
    }
    Ok(())
}

/// The messages at these positions, as they are shown where others answer them.
fn list_quotes(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    reader: AccountId,
    positions: &[u64],
) -> Result<BTreeMap<u64, Quote>> {
    let mut quotes = BTreeMap::new();
    for positions in positions.chunks(N_TOGETHER) {
        let mut values: Vec<Value> = vec![conversation.into()];
        values.extend(positions.iter().map(|position| Value::from(*position)));
        values.resize(1 + N_TOGETHER, Value::Null);
        let sealed = tx.list(
            concat!(
                "select ",
                message_columns!(),
                " from messages m
                where m.conversation_id = $1
                    and m.position in ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
            ),
            &values,
            |row| read_message(row, 0, reader),
        )?;
        for sealed in sealed {
            let message = open_message(tx, conversation, sealed)?;
            quotes.insert(message.position, Quote::of(&message));
        }
    }
    Ok(quotes)
}

/// By position: whose word, sealed, in the order in which they came.
type Sealed = BTreeMap<u64, Vec<(AccountId, Envelope)>>;

fn list_reactions(tx: &mut Tx<'_>, conversation: ConversationId, first: u64, last: u64) -> Result<Sealed> {
    let rows = tx.list(
        "select position, account_id, word_suite, word_key_ref, word_nonce, word_bytes
        from message_reactions
        where conversation_id = $1 and position >= $2 and position <= $3
        order by position, reacted_at, account_id",
        values![conversation, first, last],
        |row| Ok((row.get::<u64>(0)?, row.get(1)?, Envelope::from_row(row, 2)?)),
    )?;
    let mut sealed = Sealed::new();
    for (position, account, envelope) in rows {
        if let Some(envelope) = envelope {
            sealed.entry(position).or_default().push((account, envelope));
        }
    }
    Ok(sealed)
}

/// The word, if it can be read.
fn open_reaction(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    message: MessageId,
    account: AccountId,
    sealed: &Envelope,
) -> Result<Option<Reaction>> {
    let place = Place::Reaction {
        conversation,
        message,
        account,
    };
    Ok(match tx.open_bytes(sealed, place)? {
        Content::Here(bytes) => bytes
            .first()
            .and_then(|code| Reaction::ALL.get(usize::from(*code)))
            .copied(),
        Content::Erased | Content::Damaged => None,
    })
}

/// What the reader has starred, from one position to another: whether it is so now, and how often that changed.
fn list_stars(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    reader: AccountId,
    first: u64,
    last: u64,
) -> Result<BTreeMap<u64, (bool, u64)>> {
    let rows = tx.list(
        "select position, starred_at, n_changes from message_stars
        where account_id = $1 and conversation_id = $2 and position >= $3 and position <= $4",
        values![reader, conversation, first, last],
        |row| {
            let starred_at: Option<Timestamp> = row.get(1)?;
            Ok((row.get(0)?, (starred_at.is_some(), row.get(2)?)))
        },
    )?;
    Ok(rows.into_iter().collect())
}

/// The participant's word on a message.
pub(in crate::conversations) fn find_reaction(
    tx: &mut Tx<'_>,
    participant: &Participant,
    message: &Message,
) -> Result<Option<Reaction>> {
    let found = tx.find(
        "select word_suite, word_key_ref, word_nonce, word_bytes
        from message_reactions
        where conversation_id = $1 and position = $2 and account_id = $3",
        values![
            participant.conversation(),
            message.position,
            participant.account()
        ],
        |row| Envelope::from_row(row, 0),
    )?;
    match found.flatten() {
        Some(sealed) => open_reaction(
            tx,
            participant.conversation(),
            message.id,
            participant.account(),
            &sealed,
        ),
        None => Ok(None),
    }
}

/// Puts the participant's word on a message in place of the earlier one, or takes it away.
pub(in crate::conversations) fn put_reaction(
    tx: &mut Tx<'_>,
    participant: &Participant,
    message: &Message,
    reaction: Option<Reaction>,
    now: Timestamp,
) -> Result<()> {
    let (conversation, account) = (participant.conversation(), participant.account());
    let n_removed = tx.execute(
        "delete from message_reactions where conversation_id = $1 and position = $2 and account_id = $3",
        values![conversation, message.position, account],
    )?;
    let mut n_added = 0;
    if let Some(reaction) = reaction {
        let place = Place::Reaction {
            conversation,
            message: message.id,
            account,
        };
        let code = Reaction::ALL
            .iter()
            .position(|one| *one == reaction)
            .unwrap_or_default();
        let code = u8::try_from(code).unwrap_or_default();
        let key_ref = find_key_ref(tx, conversation)?;
        let key_ref = require_key(tx, conversation, key_ref)?;
        // One byte for each word: the length of a sealed one says nothing of it.
        let sealed = tx.seal_bytes(key_ref, place, &[code])?;
        let mut values = vec![
            conversation.into(),
            message.position.into(),
            account.into(),
            now.into(),
        ];
        values.extend(sealed.into_columns());
        n_added = tx.execute(
            "insert into message_reactions (conversation_id, position, account_id, reacted_at, word_suite, word_key_ref,
                word_nonce, word_bytes)
            values ($1, $2, $3, $4, $5, $6, $7, $8)",
            &values,
        )?;
    }
    count_marks(tx, conversation, message.position, n_added, n_removed)
}

/// Stars a message for the participant, or takes the star away; answers whether that changed anything.
pub(in crate::conversations) fn put_star(
    tx: &mut Tx<'_>,
    participant: &Participant,
    position: u64,
    is_starred: bool,
    now: Timestamp,
) -> Result<bool> {
    let (conversation, account) = (participant.conversation(), participant.account());
    let known = tx.find(
        "select starred_at from message_stars where account_id = $1 and conversation_id = $2 and position = $3",
        values![account, conversation, position],
        |row| row.get::<Option<Timestamp>>(0),
    )?;
    if known.flatten().is_some() == is_starred {
        return Ok(false);
    }
    let starred_at = is_starred.then_some(now);
    tx.execute(
        "insert into message_stars (account_id, conversation_id, position, starred_at, n_changes)
        values ($1, $2, $3, $4, 1)
        on conflict (account_id, conversation_id, position) do update
        set starred_at = excluded.starred_at, n_changes = message_stars.n_changes + 1",
        values![account, conversation, position, starred_at],
    )?;
    count_marks(tx, conversation, position, usize::from(known.is_none()), 0)?;
    Ok(true)
}

/// Pins a message for both, or takes the pin away.
pub(in crate::conversations) fn update_pin(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    position: u64,
    pinned_at: Option<Timestamp>,
) -> Result<()> {
    tx.execute(
        "update messages set pinned_at = $1 where conversation_id = $2 and position = $3",
        values![pinned_at, conversation, position],
    )?;
    Ok(())
}

/// Takes everything off a message that is deleted. The counts of its stars stay.
pub(super) fn delete_marks(tx: &mut Tx<'_>, conversation: ConversationId, position: u64) -> Result<()> {
    let n_removed = tx.execute(
        "delete from message_reactions where conversation_id = $1 and position = $2",
        values![conversation, position],
    )?;
    // Both may have starred it; the accounts come first in the table.
    tx.execute(
        "update message_stars set starred_at = null
        where account_id in (select account_id from participants where conversation_id = $1)
            and conversation_id = $1 and position = $2",
        values![conversation, position],
    )?;
    count_marks(tx, conversation, position, 0, n_removed)
}

/// At most `limit` pinned messages, or such that the participant has starred, before a position, newest first.
pub(in crate::conversations) fn list_marked(
    tx: &mut Tx<'_>,
    participant: &Participant,
    mark: Mark,
    before: u64,
    limit: u32,
) -> Result<Vec<Message>> {
    let (conversation, reader) = (participant.conversation(), participant.account());
    let sealed: Vec<SealedMessage> = match mark {
        Mark::Pinned => tx.list(
            concat!(
                "select ",
                message_columns!(),
                " from messages m
                where m.conversation_id = $1 and m.position < $2 and m.pinned_at is not null
                order by m.position desc
                limit $3"
            ),
            values![conversation, before, limit],
            |row| read_message(row, 0, reader),
        )?,
        Mark::Starred => tx.list(
            concat!(
                "select ",
                message_columns!(),
                " from message_stars s
                join messages m on m.conversation_id = s.conversation_id and m.position = s.position
                where s.account_id = $1 and s.conversation_id = $2 and s.position < $3 and s.starred_at is not null
                order by s.position desc
                limit $4"
            ),
            values![reader, conversation, before, limit],
            |row| read_message(row, 0, reader),
        )?,
    };
    open_messages(tx, conversation, reader, sealed)
}

fn count_marks(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    position: u64,
    n_added: usize,
    n_removed: usize,
) -> Result<()> {
    if n_added == n_removed {
        return Ok(());
    }
    let count = |n: usize| u64::try_from(n).unwrap_or_default();
    tx.execute(
        "update messages set n_marks = n_marks + $1 - $2 where conversation_id = $3 and position = $4",
        values![count(n_added), count(n_removed), conversation, position],
    )?;
    Ok(())
}
