//! What is on its way in one conversation: a state machine without network or clock.
//!
//! Promises: strict order, one message in flight at a time; what may succeed later is tried for ever under the same key,
//! so it is never doubled; a refusal that stays a refusal is shown with its reason, keeps its place, and lets the next
//! message pass. The caller makes the calls and runs the timers; this says which.

use super::{Message, MessageBody};
use crate::api::{ApiError, MessageId, MessageKey, Timestamp};
use crate::attachments::FilesText;

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Under which it is sent, each time.
    pub key: MessageKey,
    /// To whom, as shown.
    pub to: String,
    /// The words.
    pub body: MessageBody,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
    /// When the person pressed the arrow, by this device's clock; later than the message before it, whatever the clock does.
    pub at: Timestamp,
    /// How far it has come.
    pub progress: Progress,
    /// The files that it carries, as [`crate::attachments::KeptFile`] writes them; empty without any.
    pub files: FilesText,
}

/// What goes to the server under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// The words.
    pub body: MessageBody,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
    /// The files that it carries.
    pub files: FilesText,
}

impl Parcel {
    fn of(entry: Outgoing) -> Self {
        Self {
            body: entry.body,
            reply_to: entry.reply_to,
            files: entry.files,
        }
    }
}

impl From<MessageBody> for Parcel {
    fn from(body: MessageBody) -> Self {
        Self {
            body,
            reply_to: None,
            files: FilesText::default(),
        }
    }
}

/// How far a message on its way has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Not yet answered.
    Pending,
    /// On the server's disk, but not yet among the messages that this screen holds.
    Sent(Message),
    /// Refused for good, unless the person tries again.
    Failed(ApiError),
}

/// What the caller does after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Ask [`Lane::next`] at once.
    Continue,
    /// Ask [`Lane::wake`] after this long, or as soon as the connection is back.
    Wait {
        /// How long.
        ms: u32,
        /// Tells this wait from later ones.
        turn: u32,
    },
    /// Nothing until somebody has signed in again.
    AwaitSignIn,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Ready,
    InFlight(MessageKey),
    Waiting,
    SignedOut,
}

/// The outgoing messages of one conversation, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lane {
    entries: Vec<Outgoing>,
    phase: Phase,
    n_failures: u32,
    turn: u32,
    /// Those that were given out to be sent, or may have been by another page.
    given: Vec<MessageKey>,
}

/// The bound of the first wait, in milliseconds; it doubles with each failure.
const FIRST_WAIT_MS: u32 = 1_000;
/// The longest wait, in milliseconds.
const MAX_WAIT_MS: u32 = 30_000;
/// No wait is shorter, in milliseconds.
const MIN_WAIT_MS: u32 = 200;

impl Lane {
    /// What is on its way or failed, oldest first.
    pub fn entries(&self) -> &[Outgoing] {
        &self.entries
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The last one that failed.
    pub fn last_failed(&self) -> Option<&Outgoing> {
        self.entries
            .iter()
            .rev()
            .find(|entry| matches!(entry.progress, Progress::Failed(_)))
    }

    /// How many have not been answered.
    pub fn n_waiting(&self) -> usize {
        self.entries
            .iter()
            .filter(|entry| entry.progress == Progress::Pending)
            .count()
    }

    /// The message of this key.
    pub fn entry(&self, key: MessageKey) -> Option<&Outgoing> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// Puts a message at the end.
    pub fn push(&mut self, key: MessageKey, to: String, parcel: impl Into<Parcel>, at: Timestamp) {
        let Parcel {
            body,
            reply_to,
            files,
        } = parcel.into();
        let after = self.entries.last().map_or(at, |last| last.at.plus_ms(1));
        self.entries.push(Outgoing {
            key,
            to,
            body,
            reply_to,
            at: at.max(after),
            progress: Progress::Pending,
            files,
        });
    }

    /// Takes a message that was kept, or that another tab tells of, into its place. One that is known follows what is told,
    /// unless it has come further here.
    pub fn restore(&mut self, entry: Outgoing) {
        let is_in_flight = self.phase == Phase::InFlight(entry.key);
        if let Some(known) = self.find(entry.key) {
            if !is_in_flight && !matches!(known.progress, Progress::Sent(_)) {
                known.progress = entry.progress;
            }
            return;
        }
        let index = self
            .entries
            .partition_point(|known| (known.at, known.key) < (entry.at, entry.key));
        self.note_given(entry.key);
        self.entries.insert(index, entry);
    }

    /// Another tab has sent the message.
    pub fn sent(&mut self, key: MessageKey, message: Message) {
        self.set(key, Progress::Sent(message));
        if self.phase == Phase::InFlight(key) {
            self.phase = Phase::Ready;
            self.n_failures = 0;
        }
    }

    /// Another tab has taken the message out.
    pub fn remove(&mut self, key: MessageKey) {
        self.entries.retain(|entry| entry.key != key);
    }

    /// The message to send now, if it is the moment; it counts as in flight from here on.
    #[expect(
        clippy::should_implement_trait,
        reason = "a queue that waits for its answers is no iterator"
    )]
    pub fn next(&mut self) -> Option<(MessageKey, Parcel)> {
        if self.phase != Phase::Ready {
            return None;
        }
        let entry = self
            .entries
            .iter()
            .find(|entry| entry.progress == Progress::Pending)?;
        let key = entry.key;
        let parcel = Parcel {
            body: entry.body.clone(),
            reply_to: entry.reply_to,
            files: entry.files.clone(),
        };
        self.phase = Phase::InFlight(key);
        self.note_given(key);
        Some((key, parcel))
    }

    /// Takes the answer to the message in flight. `jitter` is a random number from 0 to 1.
    pub fn answered(&mut self, key: MessageKey, outcome: Result<Message, ApiError>, jitter: f64) -> Then {
        if self.phase != Phase::InFlight(key) {
            // The event was faster than the answer: all is done already.
            return Then::Continue;
        }
        self.phase = Phase::Ready;
        match outcome {
            Ok(mut message) => {
                self.n_failures = 0;
                message.key = Some(key);
                self.set(key, Progress::Sent(message));
                Then::Continue
            }
            Err(ApiError::SignedOut) => {
                self.phase = Phase::SignedOut;
                Then::AwaitSignIn
            }
            Err(error) if error.is_transient() => {
                let ms = wait_ms(self.n_failures, &error, jitter);
                self.n_failures = self.n_failures.saturating_add(1);
                self.phase = Phase::Waiting;
                self.turn = self.turn.wrapping_add(1);
                Then::Wait { ms, turn: self.turn }
            }
            Err(error) => {
                self.n_failures = 0;
                self.set(key, Progress::Failed(error));
                Then::Continue
            }
        }
    }

    /// The wait of this turn is over. Answers whether it is time to ask [`Lane::next`].
    pub fn wake(&mut self, turn: u32) -> bool {
        let is_due = self.phase == Phase::Waiting && self.turn == turn;
        if is_due {
            self.phase = Phase::Ready;
        }
        is_due
    }

    /// The connection is back: whatever waits, waits no longer.
    pub fn reconnected(&mut self) -> bool {
        let turn = self.turn;
        self.wake(turn)
    }

    /// Somebody has signed in again.
    pub fn signed_in(&mut self) -> bool {
        let was_out = self.phase == Phase::SignedOut;
        if was_out {
            self.phase = Phase::Ready;
        }
        was_out
    }

    /// Tries a failed message again, in its place and under its key.
    pub fn retry(&mut self, key: MessageKey) {
        if let Some(entry) = self.find(key)
            && matches!(entry.progress, Progress::Failed(_))
        {
            entry.progress = Progress::Pending;
        }
    }

    /// Takes a failed message out, to write it anew or to forget it.
    pub fn remove_failed(&mut self, key: MessageKey) -> Option<Parcel> {
        let index = self
            .entries
            .iter()
            .position(|entry| entry.key == key && matches!(entry.progress, Progress::Failed(_)))?;
        Some(Parcel::of(self.entries.remove(index)))
    }

    /// Whether the message may have come to the server, though no answer says so.
    pub fn has_left(&self, key: MessageKey) -> bool {
        self.given.contains(&key)
    }

    fn note_given(&mut self, key: MessageKey) {
        // Those that are here no more are asked about no more.
        let entries = &self.entries;
        self.given
            .retain(|given| *given != key && entries.iter().any(|entry| entry.key == *given));
        self.given.push(key);
    }

    /// Takes a message out that has not been answered, because the person takes it back. One that is in flight may arrive all
    /// the same: whoever calls this deletes it then.
    pub fn take_back(&mut self, key: MessageKey) -> Option<Parcel> {
        let index = self
            .entries
            .iter()
            .position(|entry| entry.key == key && entry.progress == Progress::Pending)?;
        Some(Parcel::of(self.entries.remove(index)))
    }

    /// The message in flight was taken out before anything of it left: what was written behind it goes on.
    pub fn skip(&mut self, key: MessageKey) {
        if self.phase == Phase::InFlight(key) {
            self.phase = Phase::Ready;
        }
    }

    /// The message of this key stands among the stored ones: nothing is on its way any more.
    pub fn settle(&mut self, key: MessageKey) -> bool {
        let Some(index) = self.entries.iter().position(|entry| entry.key == key) else {
            return false;
        };
        self.entries.remove(index);
        if self.phase == Phase::InFlight(key) {
            self.phase = Phase::Ready;
            self.n_failures = 0;
        }
        true
    }

    /// Forgets what is on disk: a screen that opens now reads it from there.
    pub fn settle_sent(&mut self) {
        self.entries
            .retain(|entry| !matches!(entry.progress, Progress::Sent(_)));
    }

    fn find(&mut self, key: MessageKey) -> Option<&mut Outgoing> {
        self.entries.iter_mut().find(|entry| entry.key == key)
    }

    fn set(&mut self, key: MessageKey, progress: Progress) {
        if let Some(entry) = self.find(key) {
            entry.progress = progress;
        }
    }
}

/// Full jitter under a bound that doubles; never sooner than the server asks.
fn wait_ms(n_failures: u32, error: &ApiError, jitter: f64) -> u32 {
    let bound = FIRST_WAIT_MS
        .saturating_mul(1 << n_failures.min(5))
        .min(MAX_WAIT_MS);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and MAX_WAIT_MS"
    )]
    let ms = (jitter.clamp(0.0, 1.0) * f64::from(bound)) as u32;
    let asked_ms = match error {
        ApiError::Busy { retry_after_s } | ApiError::TooMany { retry_after_s } => {
            retry_after_s.saturating_mul(1_000)
        }
        _ => 0,
    };
    ms.max(MIN_WAIT_MS).saturating_add(asked_ms)
}

#[cfg(test)]
#[path = "sending_tests.rs"]
mod tests;
