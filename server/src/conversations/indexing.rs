//! Laying out words to be searched, beside everything else: after messages were committed, a while later, a conversation at
//! a time. What is not laid out yet is searched message by message, so nothing here is ever waited for.
//!
//! Segments are merged as they come: a new one takes in those before it that are hardly longer, up to [`FULL`] messages and
//! [`FULL_NUMBERS`] words. So a conversation has few of them, and a message is laid out anew a few times at most.
//!
//! Whatever changes or takes away a message's words calls [`forget_words`] in the same transaction: its segment goes, and is
//! laid out anew from what is there then.
//!
//! What is damaged is in no segment: its key may be put back, and then its words are found again, one by one until they are
//! laid out.
//!
//! Source: `docs/decisions/0021-search.md`.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use app::api::{AccountId, ConversationId};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::sql;
use super::sql::segments::{SegmentRow, Text};
use crate::context::Context;
use crate::error::Result;
use crate::store::{Envelope, Place, Tx};
use crate::words::{Segment, SegmentBuilder};

/// The most messages of a segment. Taking one away leaves as many to be searched one by one, for a moment: some ten
/// milliseconds.
const FULL: u64 = 2_048;
/// The most words of a segment, but for those of its last message: what a question holds in memory grows with them.
const FULL_NUMBERS: u32 = 1 << 17;
/// Messages that are opened together.
const AT_ONCE: u64 = 256;
/// Messages that come soon after each other are laid out together.
const GATHER: Duration = Duration::from_secs(5);
/// After each piece of work there is as long a pause, times this: whoever waits for an answer goes first.
const PAUSES: u32 = 2;
/// How often all conversations are looked at: other processes write as well.
const LOOK_EVERY: Duration = Duration::from_mins(30);
/// How many are looked at together.
const N_LOOKED_AT: u32 = 500;
/// How often a piece of work is begun anew because something has changed meanwhile.
const N_TRIES: u32 = 3;

/// Conversations with words that are not laid out. Cheap to clone.
#[derive(Clone, Default)]
pub struct Backlog(Arc<Waiting>);

#[derive(Default)]
struct Waiting {
    conversations: Mutex<BTreeSet<ConversationId>>,
    bell: Notify,
}

impl Backlog {
    /// One more conversation has such words.
    pub fn note(&self, conversation: ConversationId) {
        let mut conversations = self
            .0
            .conversations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        conversations.insert(conversation);
        self.0.bell.notify_one();
    }

    /// All of them; from here on whoever took them sees to them.
    pub fn take(&self) -> BTreeSet<ConversationId> {
        std::mem::take(
            &mut self
                .0
                .conversations
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

/// Lays words out as long as the server runs: first what earlier ones have left, then what comes.
pub fn keep_indexed(context: Context) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        loop {
            let is_look = tokio::select! {
                () = context.backlog.0.bell.notified() => false,
                _ = looks.tick() => true,
            };
            let outcome = if is_look {
                index_all(&context).await
            } else {
                tokio::time::sleep(GATHER).await;
                index_waiting(&context).await
            };
            if let Err(error) = outcome {
                tracing::warn!(cause = %error.chain(), "words could not be laid out; they are searched one by one");
            }
        }
    })
}

async fn index_waiting(context: &Context) -> Result<()> {
    let mut waiting = context.backlog.take().into_iter();
    while let Some(conversation) = waiting.next() {
        if let Err(error) = index_with_pauses(context, conversation).await {
            // The others wait on; this one is come upon when all are looked at.
            for left in waiting {
                context.backlog.note(left);
            }
            return Err(error);
        }
    }
    Ok(())
}

/// Lays out what is left in all conversations.
async fn index_all(context: &Context) -> Result<()> {
    let mut after = ConversationId(Uuid::nil());
    loop {
        let looked_at = context
            .db
            .read(move |tx| sql::segments::list_covered(tx, after, N_LOOKED_AT))
            .await?;
        for (conversation, is_behind) in &looked_at {
            if *is_behind {
                index_with_pauses(context, *conversation).await?;
            }
            after = *conversation;
        }
        if looked_at.len() < N_LOOKED_AT as usize {
            return Ok(());
        }
        // Messages that came meanwhile are not kept waiting by a long history.
        index_waiting(context).await?;
    }
}

async fn index_with_pauses(context: &Context, conversation: ConversationId) -> Result<()> {
    loop {
        let begun = tokio::time::Instant::now();
        if !index_piece(context, conversation).await? {
            return Ok(());
        }
        tokio::time::sleep(begun.elapsed() * PAUSES).await;
    }
}

/// Lays out all words of a conversation that are not yet; answers how many segments were made.
///
/// # Errors
/// Only failures.
pub async fn index_words(context: &Context, conversation: ConversationId) -> Result<u64> {
    let mut n_made = 0;
    while index_piece(context, conversation).await? {
        n_made += 1;
    }
    Ok(n_made)
}

/// Lays out one segment; answers whether there was one to lay out.
async fn index_piece(context: &Context, conversation: ConversationId) -> Result<bool> {
    for _ in 0..N_TRIES {
        let Some(prepared) = prepare_words(context, conversation).await? else {
            return Ok(false);
        };
        if put_words(context, prepared).await? {
            return Ok(true);
        }
    }
    // Somebody changes it all the time: later.
    context.backlog.note(conversation);
    Ok(false)
}

/// A segment, ready to be put into its place.
pub struct Prepared {
    conversation: ConversationId,
    version: u64,
    range: (u64, u64),
    envelope: Option<Envelope>,
}

/// The first half of laying out: reads the first words of a conversation that are not laid out, if there are any.
///
/// # Errors
/// Only failures.
pub async fn prepare_words(context: &Context, conversation: ConversationId) -> Result<Option<Prepared>> {
    context.db.read(move |tx| prepare(tx, conversation)).await
}

/// The second half: puts down what was read, if nothing has changed since; answers whether it has.
///
/// # Errors
/// Only failures.
pub async fn put_words(context: &Context, prepared: Prepared) -> Result<bool> {
    let put = context.db.write(move |tx| {
        let Prepared {
            conversation,
            version,
            range,
            envelope,
        } = prepared;
        sql::segments::replace_segments(tx, conversation, version, range, envelope)
    });
    put.await
}

/// Lays out the first messages that are in no segment and are not damaged, together with the segments before them.
fn prepare(tx: &mut Tx<'_>, conversation: ConversationId) -> Result<Option<Prepared>> {
    let Some(state) = sql::segments::find_words_state(tx, conversation)? else {
        return Ok(None);
    };
    let ranges = sql::segments::list_ranges(tx, conversation)?;
    for gap in gaps(&ranges, state.last_position) {
        let Some(fresh) = lay_out_first(tx, conversation, state.high, gap)? else {
            continue;
        };
        let (first, last) = fresh.range;
        let prepared = |range, envelope| Prepared {
            conversation,
            version: state.version,
            range,
            envelope,
        };
        if !fresh.has_words {
            return Ok(Some(prepared((first, last), None)));
        }
        let Some(key_ref) = state.key_ref else {
            return Ok(None);
        };
        let mut n_numbers = fresh.builder.n_numbers();
        let mut segments = vec![fresh.builder.finish()];
        let mut begin = first;
        for from in taken_in(&ranges, (first, last)) {
            let row = sql::segments::find_segment(tx, conversation, from)?;
            let Some(segment) = open_to_merge(tx, row)? else {
                break;
            };
            n_numbers = n_numbers.saturating_add(segment.n_numbers());
            if n_numbers > FULL_NUMBERS {
                break;
            }
            segments.insert(0, segment);
            begin = from;
        }
        let segment = Segment::merged(&segments);
        let place = Place::Words {
            conversation,
            first: begin,
        };
        let envelope = tx.seal_bytes(key_ref, place, segment.bytes())?;
        return Ok(Some(prepared((begin, last), Some(envelope))));
    }
    Ok(None)
}

/// Messages that were read to be laid out.
struct Fresh {
    builder: SegmentBuilder,
    range: (u64, u64),
    has_words: bool,
}

/// The first messages of a range up to one that is damaged, or until a segment is full; `None` when all are damaged.
fn lay_out_first(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    high: AccountId,
    (first, last): (u64, u64),
) -> Result<Option<Fresh>> {
    let mut fresh: Option<Fresh> = None;
    let mut next = first;
    while next <= last {
        let end = last.min(next + AT_ONCE - 1);
        for text in sql::segments::list_texts(tx, conversation, (next, end))? {
            let is_full = |fresh: &Fresh| {
                fresh.range.1 + 1 - fresh.range.0 >= FULL || fresh.builder.n_numbers() >= FULL_NUMBERS
            };
            let goes_on = |fresh: &Fresh| fresh.range.1 + 1 == text.position && !is_full(fresh);
            if text.is_damaged || fresh.as_ref().is_some_and(|fresh| !goes_on(fresh)) {
                if fresh.is_some() {
                    return Ok(fresh);
                }
                continue;
            }
            let fresh = fresh.get_or_insert_with(|| Fresh {
                builder: SegmentBuilder::default(),
                range: (text.position, text.position),
                has_words: false,
            });
            fresh.range.1 = text.position;
            fresh.has_words |= text.words.is_some();
            push(&mut fresh.builder, high, &text);
        }
        next = end + 1;
    }
    Ok(fresh)
}

/// What a segment holds, if there is anything to take in.
fn open_to_merge(tx: &mut Tx<'_>, row: Option<SegmentRow>) -> Result<Option<Segment>> {
    match row.filter(|row| !row.is_empty()) {
        Some(row) => row.open(tx),
        None => Ok(None),
    }
}

/// The positions that are in none of these ranges, in their order.
fn gaps(ranges: &[(u64, u64)], last_position: u64) -> Vec<(u64, u64)> {
    let mut gaps = Vec::new();
    let mut next = 1;
    for (first, last) in ranges {
        if *first > next {
            gaps.push((next, first - 1));
        }
        next = next.max(last + 1);
    }
    if next <= last_position {
        gaps.push((next, last_position));
    }
    gaps
}

/// Where the segments begin that a new one takes in, the last first: those right before it that are at most twice as long as
/// what has come together.
fn taken_in(ranges: &[(u64, u64)], (first, last): (u64, u64)) -> Vec<u64> {
    let mut taken = Vec::new();
    let mut begin = first;
    for (from, to) in ranges.iter().rev().filter(|(from, _)| *from < first) {
        let (length, together) = (to + 1 - from, last + 1 - begin);
        if to + 1 != begin || length > 2 * together || length + together > FULL {
            break;
        }
        taken.push(*from);
        begin = *from;
    }
    taken
}

/// A segment of these messages; one that is damaged has no words.
pub(super) fn lay_out(high: AccountId, texts: &[Text]) -> Segment {
    let mut builder = SegmentBuilder::default();
    for text in texts {
        push(&mut builder, high, text);
    }
    builder.finish()
}

fn push(builder: &mut SegmentBuilder, high: AccountId, text: &Text) {
    let words = text.words.as_deref().unwrap_or_default();
    let marks = marks(text.author, high, words);
    builder.push(text.position, text.sent_at.0, marks, words);
}

/// Set where the author is the account with the greater id of the two.
pub(super) const OF_HIGH: u64 = 1;
/// Set where the address of a page is in the text.
pub(super) const HAS_LINK: u64 = 2;

/// What may be asked of a message beside its words.
fn marks(author: AccountId, high: AccountId, words: &str) -> u64 {
    let mut marks = 0;
    if author == high {
        marks |= OF_HIGH;
    }
    if has_link(words) {
        marks |= HAS_LINK;
    }
    marks
}

fn has_link(words: &str) -> bool {
    words.contains("http://") || words.contains("https://")
}

/// Takes what is laid out of the message at this position out of the segments; the rest of its segment is laid out anew by
/// and by. For whoever changes or deletes a message, in the same transaction; once that is committed,
/// [`Backlog::note`] is told.
///
/// # Errors
/// Only failures.
pub fn forget_words(tx: &mut Tx<'_>, conversation: ConversationId, position: u64) -> Result<()> {
    sql::segments::delete_segments(tx, conversation, (position, position))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn gaps_are_found_from_the_front() {
        assert_eq!(gaps(&[], 0), []);
        assert_eq!(gaps(&[], 3), [(1, 3)]);
        assert_eq!(gaps(&[(1, 3)], 3), []);
        assert_eq!(gaps(&[(1, 3)], 5), [(4, 5)]);
        assert_eq!(gaps(&[(1, 3), (6, 9)], 12), [(4, 5), (10, 12)]);
        assert_eq!(gaps(&[(4, 9)], 12), [(1, 3), (10, 12)]);
    }

    proptest! {
        /// Whatever comes together: all is covered, in few segments, each laid out anew a few times.
        #[test]
        fn segments_stay_few_and_no_message_is_laid_out_often(batches in proptest::collection::vec(1_u64..40, 1..200)) {
            let mut ranges: Vec<(u64, u64)> = Vec::new();
            let (mut last_position, mut n_laid_out) = (0, 0);
            for batch in batches {
                last_position += batch;
                while let Some((first, last)) = gaps(&ranges, last_position).first().copied() {
                    let last = last.min(first + FULL - 1);
                    let begin = taken_in(&ranges, (first, last)).last().copied().unwrap_or(first);
                    ranges.retain(|(from, _)| *from < begin);
                    ranges.push((begin, last));
                    n_laid_out += last + 1 - begin;
                }
            }

            let n_covered: u64 = ranges.iter().map(|(first, last)| last + 1 - first).sum();
            prop_assert_eq!(n_covered, last_position);
            let n_most = last_position / (FULL / 2) + u64::from(FULL.ilog2()) + 1;
            prop_assert!(ranges.len() as u64 <= n_most, "{} segments", ranges.len());
            prop_assert!(n_laid_out <= last_position * 20, "{n_laid_out} of {last_position}");
        }
    }

    #[test]
    fn links_are_seen() {
        assert!(has_link("voir https://inspq.qc.ca/guide"));
        assert!(!has_link("http, https et autres"));
    }
}
