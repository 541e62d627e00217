//! The rows of a conversation as they are drawn: day separators, the line « Nouveaux messages », and messages in runs,
//! the stored ones first, then those on their way.

use std::collections::BTreeMap;

use super::sending::{Outgoing, Progress};
use super::timeline::Timeline;
use super::{EDIT_WITHIN_MS, Marked, Marks, Message, MessageBody, Quote};
use crate::api::{AccountId, ApiError, MessageId, Timestamp};
use crate::attachments::Attachments;
use crate::i18n::Civil;

/// Two messages of one author stand in one run when they are at most this far apart, in milliseconds.
///
/// Source: ux R8.
const RUN_MS: i64 = 5 * 60_000;

/// One row. A message keeps its row, and so its place on the screen, from the press of the arrow on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A new day begins; hour and minute are 0.
    Day(Civil),
    /// What follows was not read when the conversation was opened.
    NewLine,
    /// The message of this key, or of this id where there is no key.
    Message(u128),
}

impl Row {
    /// Tells the rows of one conversation apart.
    pub fn key(self) -> u128 {
        match self {
            // Far below any version 7 id, whose first bits are a time.
            Self::Day(civil) => u128::from(civil.day_number.unsigned_abs()),
            Self::NewLine => u128::MAX,
            Self::Message(id) => id,
        }
    }
}

/// How far a message of one's own has come, in the words shown under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageState {
    /// Not yet on the server.
    Pending,
    /// On the server's disk.
    Sent,
    /// At one of the friend's devices.
    Delivered,
    /// Read by the friend.
    Read,
    /// Refused.
    Failed(ApiError),
}

/// A message as it is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRow {
    /// Which message, once it is stored.
    pub id: Option<MessageId>,
    /// Its place, once it is stored.
    pub position: Option<u64>,
    /// Whether the person of this screen wrote it.
    pub is_mine: bool,
    /// The words.
    pub body: MessageBody,
    /// When its author deleted it.
    pub deleted_at: Option<Timestamp>,
    /// What is on it.
    pub marks: Marked,
    /// The files that it carries; none here while they are on their way.
    pub attachments: Option<Attachments>,
    /// When it was stored; while it is on its way, when it was written.
    pub at: Timestamp,
    /// The same on the wall.
    pub civil: Civil,
    /// Of one's own messages alone.
    pub state: Option<MessageState>,
    /// Whether it begins a run.
    pub is_first: bool,
    /// Whether it ends a run: time and state stand here.
    pub is_last: bool,
}

impl MessageRow {
    /// Whether its author has deleted it.
    pub fn is_deleted(&self) -> bool {
        self.deleted_at.is_some()
    }

    /// Whether the person may change its words still, by this device's clock.
    pub fn may_edit(&self, now: Timestamp) -> bool {
        self.is_mine && self.id.is_some() && !self.is_deleted() && now.ms_since(self.at) <= EDIT_WITHIN_MS
    }

    /// Whether it carries files.
    pub fn has_files(&self) -> bool {
        self.attachments.as_ref().is_none_or(|files| !files.is_empty())
    }
}

/// All rows, from top to bottom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// From top to bottom.
    pub order: Vec<Row>,
    /// The messages among them.
    pub messages: BTreeMap<u128, MessageRow>,
}

impl Rows {
    /// Draws up the rows. `civil` puts a moment on the wall.
    pub fn new(timeline: &Timeline, outgoing: &[Outgoing], civil: impl Fn(Timestamp) -> Civil) -> Self {
        let me = timeline.me();
        let stored = timeline.messages().iter().map(|message| Drawn {
            row: row_id(message),
            stored: Some(message),
            author: message.author,
            body: &message.body,
            marks: message.marks.clone(),
            attachments: Some(&message.attachments),
            at: message.sent_at,
            state: (message.author == me).then(|| timeline.state_of(message.position)),
        });
        let mut rows = Self::default();
        let mut run = Run {
            author: me,
            at: Timestamp(i64::MIN),
            is_over: true,
            last: None,
        };
        let mut last_day = i32::MIN;
        let mut new_from = timeline.new_from();
        for drawn in stored.chain(on_their_way(timeline, outgoing)) {
            let Drawn {
                row: id,
                stored,
                author,
                body,
                marks,
                attachments,
                at,
                state,
            } = drawn;
            let position = stored.map(|message| message.position);
            let wall = civil(at);
            // A clock that steps back does not bring a day back.
            if wall.day_number > last_day {
                last_day = wall.day_number;
                rows.order.push(Row::Day(Civil {
                    hour: 0,
                    minute: 0,
                    ..wall
                }));
                run.is_over = true;
            }
            if new_from.is_some_and(|from| position.is_none_or(|position| position >= from)) {
                new_from = None;
                rows.order.push(Row::NewLine);
                run.is_over = true;
            }
            let has_failed = matches!(state, Some(MessageState::Failed(_)));
            let is_first =
                run.is_over || has_failed || run.author != author || at.ms_since(run.at).abs() > RUN_MS;
            if !is_first && let Some(previous) = run.last.and_then(|last| rows.messages.get_mut(&last)) {
                previous.is_last = false;
            }
            run = Run {
                author,
                at,
                is_over: has_failed,
                last: Some(id),
            };
            rows.order.push(Row::Message(id));
            let row = MessageRow {
                id: stored.map(|message| message.id),
                position,
                is_mine: author == me,
                body: body.clone(),
                deleted_at: stored.and_then(|message| message.deleted_at),
                marks,
                attachments: attachments.cloned(),
                at,
                civil: wall,
                state,
                is_first,
                is_last: true,
            };
            rows.messages.insert(id, row);
        }
        rows
    }

    /// The message above the last `n_below` ones, if it is on its way or was refused.
    #[cfg(any(feature = "hydrate", test))]
    pub(super) fn on_its_way(&self, n_below: usize) -> Option<u128> {
        let mut upwards = self.order.iter().rev().filter_map(|row| match row {
            Row::Message(id) => Some(*id),
            Row::Day(_) | Row::NewLine => None,
        });
        let id = upwards.nth(n_below)?;
        self.messages.get(&id)?.position.is_none().then_some(id)
    }

    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
}

/// The run that the next message may join.
struct Run {
    author: AccountId,
    at: Timestamp,
    is_over: bool,
    last: Option<u128>,
}

/// A message that its author sent under a key keeps the row it had before it was stored.
fn row_id(message: &Message) -> u128 {
    message.key.map_or(message.id.0.as_u128(), |key| key.0.as_u128())
}

/// A message on its way into a row.
struct Drawn<'a> {
    row: u128,
    stored: Option<&'a Message>,
    author: AccountId,
    body: &'a MessageBody,
    marks: Marked,
    /// None: it has files that are on their way.
    attachments: Option<&'a Attachments>,
    at: Timestamp,
    state: Option<MessageState>,
}

static NO_FILES: Attachments = Attachments::none();

/// What is on its way and not yet among the stored ones.
fn on_their_way<'a>(timeline: &'a Timeline, outgoing: &'a [Outgoing]) -> impl Iterator<Item = Drawn<'a>> {
    let held = timeline.messages();
    let is_held = move |entry: &&Outgoing| {
        held.iter().rev().any(|message| match &entry.progress {
            Progress::Sent(sent) => sent.id == message.id,
            _ => message.key == Some(entry.key),
        })
    };
    outgoing
        .iter()
        .filter(move |entry| !is_held(entry))
        .map(move |entry| {
            let (at, state) = match &entry.progress {
                Progress::Pending => (entry.at, MessageState::Pending),
                Progress::Sent(message) => (message.sent_at, timeline.state_of(message.position)),
                Progress::Failed(error) => (entry.at, MessageState::Failed(error.clone())),
            };
            let attachments = match &entry.progress {
                Progress::Sent(message) => Some(&message.attachments),
                _ => entry.files.is_empty().then_some(&NO_FILES),
            };
            Drawn {
                row: entry.key.0.as_u128(),
                stored: None,
                author: timeline.me(),
                body: &entry.body,
                marks: entry
                    .reply_to
                    .map(|original| quoting(held, original))
                    .unwrap_or_default(),
                attachments,
                at,
                state: Some(state),
            }
        })
}

/// The marks of an answer on its way: what it answers, as far as that is held here.
fn quoting(held: &[Message], original: MessageId) -> Marked {
    let quote = held.iter().find(|message| message.id == original).map(Quote::of);
    Marked::of(Marks {
        reply_to: Some(quote.unwrap_or_else(|| unknown_quote(original))),
        ..Marks::default()
    })
}

/// A message further up than what is held: that it is answered shows all the same.
pub(super) fn unknown_quote(original: MessageId) -> Quote {
    Quote {
        id: original,
        position: 0,
        author: AccountId(uuid::Uuid::nil()),
        body: MessageBody::withheld(),
        attachments: Attachments::none(),
        is_deleted: false,
    }
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
