//! Looking for messages: in what is laid out to be searched, message by message where nothing is, and then in the stored
//! words themselves, which are what counts.
//!
//! Whoever takes part in a conversation may search it, open or closed, and nobody else: the same proof as for reading. What
//! was typed appears in no log and no error.
//!
//! Source: product requirement C8; `docs/decisions/0021-search.md`.

use std::cmp::Reverse;
use std::collections::VecDeque;

use app::api::{AccountId, ApiError, ConversationId, InvalidReason, Timestamp};
use app::conversations::{FoundMessages, Has, Hit, Message, Part, SearchMessages, Searched, Sought};

use super::indexing::{HAS_LINK, OF_HIGH, lay_out};
use super::participant::list_participants;
use super::sql::find_last_position;
use super::sql::segments::{self as sql, Begin, SegmentRow};
use super::{Participant, require_participant};
use crate::context::{Caller, Context};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::words::{Entry, Query, Segment, SegmentBuilder, excerpt, find};
use crate::{accounts, contacts};

/// Hits of a page.
const PAGE: usize = 30;
/// The most people whose names answer.
const MAX_NAMED: usize = 8;
/// Messages that are searched one by one are taken so many at a time.
const AT_ONCE: u64 = 256;
/// Bytes of segments that are read together.
const READ_AT_ONCE: u64 = 8 << 20;
/// A conversation of which more than so many had to be is laid out soon.
const MANY: u64 = 16;

/// Searches the caller's messages, newest first, at most 30 on a page.
///
/// # Errors
/// `Invalid` when nothing is looked for, or more than 200 characters; `NotFound` when the caller does not take part in the
/// conversation, or knows no message to go on after.
pub async fn search_messages(
    context: Context,
    caller: Caller,
    wish: SearchMessages,
) -> Result<FoundMessages> {
    if wish.text.0.chars().count() > SearchMessages::MAX_CHARS {
        return Err(Error::invalid("text", InvalidReason::TooLong));
    }
    let query = Query::parse(&wish.text.0);
    if query.is_empty() {
        return Err(Error::invalid("text", InvalidReason::Empty));
    }
    let now = context.now();
    let (found, left) = context
        .db
        .read(move |tx| {
            let mut search = Search::new(tx, caller.account, &wish, query)?;
            let found = search.answer(tx, &wish, now)?;
            Ok((found, search.left))
        })
        .await?;
    if let Err(error) = put_right(&context, left).await {
        tracing::warn!(cause = %error.chain(), "damaged segments stay where they are; their messages are searched one by one");
    }
    Ok(found)
}

/// What a search came upon that slows the next one down.
#[derive(Default)]
struct Left {
    /// Conversations with many messages that had to be searched one by one.
    behind: Vec<ConversationId>,
    /// Segments that are damaged, or of another version, by the first position of each.
    damaged: Vec<(ConversationId, u64)>,
}

/// Takes damaged segments away, and has laid out what is in none.
async fn put_right(context: &Context, left: Left) -> Result<()> {
    let Left { behind, damaged } = left;
    if !damaged.is_empty() {
        context
            .db
            .write(move |tx| {
                for (conversation, first) in damaged {
                    sql::delete_segments(tx, conversation, (first, first))?;
                }
                Ok(())
            })
            .await?;
    }
    for conversation in behind {
        context.backlog.note(conversation);
    }
    Ok(())
}

/// A search that is under way.
struct Search {
    account: AccountId,
    query: Query,
    /// What is searched, and how many messages each has.
    places: Vec<(Participant, u64)>,
    found: Vec<Candidate>,
    left: Left,
}

/// A message that answers, as far as is known without its words. In the order of time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    sent_at: i64,
    conversation: ConversationId,
    position: u64,
}

impl Search {
    fn new(tx: &mut Tx<'_>, account: AccountId, wish: &SearchMessages, query: Query) -> Result<Self> {
        let places = match wish.conversation {
            Some(conversation) => {
                let participant = require_participant(tx, account, conversation)?;
                let last_position = find_last_position(tx, &participant)?;
                vec![(participant, last_position)]
            }
            None => list_participants(tx, account)?,
        };
        Ok(Self {
            account,
            query,
            places,
            found: Vec::new(),
            left: Left::default(),
        })
    }

    fn answer(&mut self, tx: &mut Tx<'_>, wish: &SearchMessages, now: Timestamp) -> Result<FoundMessages> {
        let after = self.find_after(tx, wish)?;
        self.look(tx, wish)?;
        let total = self.found.len() as u64;
        if let Some(after) = after {
            self.found.retain(|candidate| *candidate < after);
        }
        let (hits, has_more) = self.read_hits(tx)?;
        let mut people = Vec::new();
        for hit in &hits {
            let friend = self.participant(hit.conversation).map(Participant::friend);
            let is_new = |friend: &AccountId| {
                people
                    .iter()
                    .all(|person: &app::contacts::Person| person.id != *friend)
            };
            if let Some(friend) = friend.filter(is_new)
                && let Some(card) = accounts::find_card(tx, friend)?
            {
                people.push(contacts::person(tx, self.account, card, now)?);
            }
        }
        Ok(FoundMessages {
            total,
            next: hits.last().filter(|_| has_more).map(|hit| hit.message.id),
            hits,
            people,
            named: self.named(tx, wish, now)?,
            searched: Searched {
                conversation_count: self.places.len() as u64,
                message_count: self.places.iter().map(|(_, n_messages)| n_messages).sum(),
                ignored: self.query.ignored().into_iter().map(Sought).collect(),
            },
        })
    }

    /// Where the page begins that was asked for.
    fn find_after(&self, tx: &mut Tx<'_>, wish: &SearchMessages) -> Result<Option<Candidate>> {
        let Some(message) = wish.after else {
            return Ok(None);
        };
        let (sent_at, conversation, position) =
            sql::find_stored(tx, self.account, message)?.ok_or(ApiError::NotFound)?;
        Ok(Some(Candidate {
            sent_at: sent_at.0,
            conversation,
            position,
        }))
    }

    /// Finds all that answers.
    fn look(&mut self, tx: &mut Tx<'_>, wish: &SearchMessages) -> Result<()> {
        let mut segments = Segments::new(tx, self.account, wish.conversation)?;
        for index in 0..self.places.len() {
            let Some((participant, last_position)) = self.places.get(index) else {
                break;
            };
            let (conversation, last_position) = (participant.conversation(), *last_position);
            let filter = Filter::new(participant, wish);
            let (mut next, mut n_one_by_one) = (1, 0);
            while let Some(row) = segments.next_of(tx, conversation)? {
                if row.first < next {
                    continue;
                }
                n_one_by_one += self.look_one_by_one(tx, &filter, conversation, (next, row.first - 1))?;
                if let Some(segment) = open(tx, &row)? {
                    self.take(&filter, conversation, find(&segment, &self.query));
                } else {
                    self.left.damaged.push((conversation, row.first));
                    self.left.behind.push(conversation);
                    n_one_by_one += self.look_one_by_one(tx, &filter, conversation, (row.first, row.last))?;
                }
                next = row.last + 1;
            }
            n_one_by_one += self.look_one_by_one(tx, &filter, conversation, (next, last_position))?;
            if n_one_by_one > MANY {
                self.left.behind.push(conversation);
            }
        }
        Ok(())
    }

    /// Searches messages that are not laid out, or whose segment is damaged; answers how many.
    fn look_one_by_one(
        &mut self,
        tx: &mut Tx<'_>,
        filter: &Filter,
        conversation: ConversationId,
        (first, last): (u64, u64),
    ) -> Result<u64> {
        if first > last {
            return Ok(0);
        }
        let mut next = first;
        while next <= last {
            let end = last.min(next + AT_ONCE - 1);
            let texts = sql::list_texts(tx, conversation, (next, end))?;
            let found = find(&lay_out(filter.high, &texts), &self.query);
            self.take(filter, conversation, found);
            next = end + 1;
        }
        Ok(last + 1 - first)
    }

    fn take(&mut self, filter: &Filter, conversation: ConversationId, found: Vec<Entry>) {
        let wanted = found.into_iter().filter(|entry| filter.lets_through(entry));
        self.found.extend(wanted.map(|entry| Candidate {
            sent_at: entry.sent_at,
            conversation,
            position: entry.position,
        }));
    }

    /// The newest page, and whether there are more. A message whose words do not answer after all is none of them.
    fn read_hits(&mut self, tx: &mut Tx<'_>) -> Result<(Vec<Hit>, bool)> {
        let mut hits = Vec::with_capacity(PAGE);
        let mut candidates = std::mem::take(&mut self.found);
        let mut rest = candidates.as_mut_slice();
        while !rest.is_empty() {
            // More than these are put in order only when so many fail.
            let n_newest = rest.len().min(2 * PAGE);
            if n_newest < rest.len() {
                rest.select_nth_unstable_by_key(n_newest, |candidate| Reverse(*candidate));
            }
            let (newest, older) = rest.split_at_mut(n_newest);
            newest.sort_unstable_by_key(|candidate| Reverse(*candidate));
            for candidate in newest {
                let Some(hit) = self.read_hit(tx, candidate)? else {
                    continue;
                };
                if hits.len() == PAGE {
                    return Ok((hits, true));
                }
                hits.push(hit);
            }
            rest = older;
        }
        Ok((hits, false))
    }

    fn read_hit(&self, tx: &mut Tx<'_>, candidate: &Candidate) -> Result<Option<Hit>> {
        let Some(participant) = self.participant(candidate.conversation) else {
            return Ok(None);
        };
        let message = sql::find_message(tx, participant, candidate.position)?;
        Ok(message.and_then(|message| self.hit(candidate.conversation, message)))
    }

    fn hit(&self, conversation: ConversationId, message: Message) -> Option<Hit> {
        let text = sql::searched_text(message.body.as_str(), &message.attachments.list());
        let pieces = excerpt(&text, &self.query)?;
        let part = |piece: crate::words::Piece| Part {
            text: piece.text,
            is_match: piece.is_match,
        };
        Some(Hit {
            message,
            conversation,
            excerpt: pieces.into_iter().map(part).collect(),
        })
    }

    /// The people of the caller's conversations whose names answer, on the first page of a search without filters.
    fn named(
        &self,
        tx: &mut Tx<'_>,
        wish: &SearchMessages,
        now: Timestamp,
    ) -> Result<Vec<app::contacts::Person>> {
        let is_narrow = wish.conversation.is_some()
            || wish.from.is_some()
            || wish.since.is_some()
            || wish.until.is_some()
            || wish.has.is_some()
            || wish.after.is_some();
        if is_narrow {
            return Ok(Vec::new());
        }
        let friends: Vec<AccountId> = self
            .places
            .iter()
            .map(|(participant, _)| participant.friend())
            .collect();
        let mut cards = accounts::find_cards(tx, &friends)?;
        cards.sort_by_cached_key(|card| (contacts::fold_words(&card.name), card.id));
        let mut names = SegmentBuilder::default();
        for (index, card) in (0..).zip(&cards) {
            names.push(index, 0, 0, &card.shown_name());
        }
        let found = find(&names.finish(), &self.query);
        let found = found
            .into_iter()
            .filter_map(|entry| cards.get(usize::try_from(entry.position).ok()?));
        found
            .take(MAX_NAMED)
            .map(|card| contacts::person(tx, self.account, card.clone(), now))
            .collect()
    }

    fn participant(&self, conversation: ConversationId) -> Option<&Participant> {
        // In the order of their ids, as they were listed.
        let index = self
            .places
            .binary_search_by_key(&conversation, |(participant, _)| participant.conversation())
            .ok()?;
        self.places.get(index).map(|(participant, _)| participant)
    }
}

/// What is laid out in a segment; `None` when that cannot be relied on.
fn open(tx: &mut Tx<'_>, row: &SegmentRow) -> Result<Option<Segment>> {
    // That there are no words is not sealed: no key may be left. It holds if none are stored.
    if row.is_empty() && sql::are_there_words(tx, row.conversation, (row.first, row.last))? {
        return Ok(None);
    }
    row.open(tx)
}

/// The segments that are searched, in the order of conversations and messages, read as they are needed: however many there
/// are, [`READ_AT_ONCE`] bytes of them, or one, are held.
struct Segments {
    account: AccountId,
    sizes: VecDeque<(Begin, u64)>,
    read: VecDeque<SegmentRow>,
}

impl Segments {
    fn new(tx: &mut Tx<'_>, account: AccountId, conversation: Option<ConversationId>) -> Result<Self> {
        Ok(Self {
            account,
            sizes: sql::list_segment_sizes(tx, account, conversation)?.into(),
            read: VecDeque::new(),
        })
    }

    /// The next segment, if it is of this conversation. Conversations are asked for in their order.
    fn next_of(&mut self, tx: &mut Tx<'_>, conversation: ConversationId) -> Result<Option<SegmentRow>> {
        loop {
            if self.read.is_empty() {
                self.read_on(tx)?;
            }
            match self.read.front() {
                Some(row) if row.conversation <= conversation => {}
                _ => return Ok(None),
            }
            if let Some(row) = self
                .read
                .pop_front()
                .filter(|row| row.conversation == conversation)
            {
                return Ok(Some(row));
            }
        }
    }

    fn read_on(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let Some((first, mut n_bytes)) = self.sizes.pop_front() else {
            return Ok(());
        };
        let mut last = first;
        while let Some((begin, n_more)) = self
            .sizes
            .pop_front_if(|(_, n_more)| n_bytes + *n_more <= READ_AT_ONCE)
        {
            (last, n_bytes) = (begin, n_bytes + n_more);
        }
        let rows = sql::list_segments(tx, self.account, first, last)?;
        tx.load_keys(rows.iter().filter_map(SegmentRow::envelope))?;
        self.read = rows.into();
        Ok(())
    }
}

/// What is asked of a message beside its words, as the marks of one conversation have it.
struct Filter {
    high: AccountId,
    /// The marks that are looked at, and how they must be; none when no message will do.
    marks: Option<(u64, u64)>,
    since: i64,
    until: i64,
}

impl Filter {
    fn new(participant: &Participant, wish: &SearchMessages) -> Self {
        let (me, friend) = (participant.account(), participant.friend());
        let high = me.max(friend);
        let mut marks = Some((0, 0));
        if let Some(from) = wish.from {
            let of_high = if from == high { OF_HIGH } else { 0 };
            marks = (from == me || from == friend).then_some((OF_HIGH, of_high));
        }
        if wish.has == Some(Has::Link) {
            marks = marks.map(|(looked_at, wanted)| (looked_at | HAS_LINK, wanted | HAS_LINK));
        }
        Self {
            high,
            marks,
            since: wish.since.map_or(i64::MIN, |since| since.0),
            until: wish.until.map_or(i64::MAX, |until| until.0),
        }
    }

    fn lets_through(&self, entry: &Entry) -> bool {
        self.marks
            .is_some_and(|(looked_at, wanted)| entry.marks & looked_at == wanted)
            && entry.sent_at >= self.since
            && entry.sent_at < self.until
    }
}
