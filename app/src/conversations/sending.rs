//! What is on its way in one conversation: a state machine without network or clock.
//!
//! Promises: strict order, one message in flight at a time; what may succeed later is tried for ever under the same key,
//! so it is never doubled; a refusal that stays a refusal is shown with its reason, keeps its place, and lets the next
//! message pass. The caller makes the calls and runs the timers; this says which.

use super::{Message, MessageBody};
use crate::api::{ApiError, MessageKey, Timestamp};

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Under which it is sent, each time.
    pub key: MessageKey,
    /// To whom, as shown.
    pub to: String,
    /// The words.
    pub body: MessageBody,
    /// When the person pressed the arrow, by this device's clock; later than the message before it, whatever the clock does.
    pub at: Timestamp,
    /// How far it has come.
    pub progress: Progress,
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
    pub fn push(&mut self, key: MessageKey, to: String, body: MessageBody, at: Timestamp) {
        let after = self.entries.last().map_or(at, |last| last.at.plus_ms(1));
        self.entries.push(Outgoing {
            key,
            to,
            body,
            at: at.max(after),
            progress: Progress::Pending,
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
    pub fn next(&mut self) -> Option<(MessageKey, MessageBody)> {
        if self.phase != Phase::Ready {
            return None;
        }
        let entry = self
            .entries
            .iter()
            .find(|entry| entry.progress == Progress::Pending)?;
        let (key, body) = (entry.key, entry.body.clone());
        self.phase = Phase::InFlight(key);
        Some((key, body))
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
    pub fn remove_failed(&mut self, key: MessageKey) -> Option<MessageBody> {
        let index = self
            .entries
            .iter()
            .position(|entry| entry.key == key && matches!(entry.progress, Progress::Failed(_)))?;
        Some(self.entries.remove(index).body)
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
mod tests {
    use super::*;
    use crate::api::{AccountId, MessageId};
    use uuid::Uuid;

    fn key(n: u128) -> MessageKey {
        MessageKey(Uuid::from_u128(n))
    }

    fn lane(n_messages: u128) -> Lane {
        let mut lane = Lane::default();
        for n in 1..=n_messages {
            lane.push(
                key(n),
                "Luc Gagné".to_owned(),
                MessageBody::parse(&format!("message {n}")).unwrap(),
                Timestamp(0),
            );
        }
        lane
    }

    fn stored(n: u128) -> Message {
        Message {
            id: MessageId(Uuid::from_u128(100 + n)),
            position: u64::try_from(n).unwrap(),
            author: AccountId(Uuid::from_u128(1)),
            body: MessageBody::from_store(format!("message {n}")),
            sent_at: Timestamp(1),
            key: None,
        }
    }

    fn next_key(lane: &mut Lane) -> Option<MessageKey> {
        lane.next().map(|(key, _)| key)
    }

    #[test]
    fn one_message_is_in_flight_at_a_time_and_in_order() {
        let mut lane = lane(2);

        assert_eq!(next_key(&mut lane), Some(key(1)));
        assert_eq!(next_key(&mut lane), None);
        assert_eq!(lane.answered(key(1), Ok(stored(1)), 0.5), Then::Continue);
        assert_eq!(next_key(&mut lane), Some(key(2)));
    }

    #[test]
    fn a_transient_refusal_is_tried_for_ever_under_the_same_key_before_anything_else() {
        let mut lane = lane(2);

        for n in 0..50 {
            assert_eq!(next_key(&mut lane), Some(key(1)), "try {n}");
            let Then::Wait { ms, turn } = lane.answered(key(1), Err(ApiError::Unreachable), 1.0) else {
                panic!("it waits");
            };
            assert!((MIN_WAIT_MS..=MAX_WAIT_MS).contains(&ms), "{ms}");
            assert_eq!(next_key(&mut lane), None);
            assert!(!lane.wake(turn.wrapping_sub(1)), "an older timer is late");
            assert!(lane.wake(turn));
        }
        assert_eq!(lane.entries()[0].progress, Progress::Pending);
    }

    #[test]
    fn the_wait_grows_and_is_never_shorter_than_the_server_asks() {
        assert_eq!(wait_ms(0, &ApiError::Unreachable, 1.0), 1_000);
        assert_eq!(wait_ms(3, &ApiError::Unreachable, 1.0), 8_000);
        assert_eq!(wait_ms(30, &ApiError::Unreachable, 1.0), MAX_WAIT_MS);
        assert_eq!(wait_ms(30, &ApiError::Unreachable, 0.0), MIN_WAIT_MS);
        assert!(wait_ms(0, &ApiError::TooMany { retry_after_s: 7 }, 0.0) >= 7_000);
    }

    #[test]
    fn the_connection_coming_back_ends_the_wait_at_once() {
        let mut lane = lane(1);
        lane.next();
        lane.answered(key(1), Err(ApiError::Unreachable), 1.0);

        assert!(lane.reconnected());
        assert_eq!(next_key(&mut lane), Some(key(1)));
        assert!(!lane.reconnected(), "nothing waits while it is in flight");
    }

    #[test]
    fn an_ended_session_holds_everything_until_somebody_is_back() {
        let mut lane = lane(1);
        lane.next();

        assert_eq!(
            lane.answered(key(1), Err(ApiError::SignedOut), 0.5),
            Then::AwaitSignIn
        );
        assert!(!lane.reconnected());
        assert_eq!(next_key(&mut lane), None);
        assert!(lane.signed_in());
        assert_eq!(next_key(&mut lane), Some(key(1)));
    }

    #[test]
    fn a_refusal_for_good_keeps_its_place_and_lets_the_next_pass() {
        let mut lane = lane(2);
        lane.next();

        assert_eq!(
            lane.answered(key(1), Err(ApiError::ChannelClosed), 0.5),
            Then::Continue
        );
        assert_eq!(
            lane.entries()[0].progress,
            Progress::Failed(ApiError::ChannelClosed)
        );
        assert_eq!(next_key(&mut lane), Some(key(2)));
        lane.answered(key(2), Ok(stored(2)), 0.5);
        lane.retry(key(1));
        assert_eq!(next_key(&mut lane), Some(key(1)), "again, under the same key");
    }

    #[test]
    fn a_failed_message_gives_its_words_back_and_a_pending_one_does_not() {
        let mut lane = lane(2);
        lane.next();
        lane.answered(key(1), Err(ApiError::NotFriends), 0.5);

        assert_eq!(lane.remove_failed(key(2)), None);
        assert_eq!(lane.remove_failed(key(1)).unwrap().as_str(), "message 1");
        assert_eq!(lane.entries().len(), 1);
    }

    #[test]
    fn an_event_that_is_faster_than_the_answer_settles_the_message() {
        let mut lane = lane(2);
        lane.next();

        assert!(lane.settle(key(1)));
        assert_eq!(
            next_key(&mut lane),
            Some(key(2)),
            "the next one need not wait for the late answer"
        );
        assert_eq!(
            lane.answered(key(1), Err(ApiError::Unreachable), 0.5),
            Then::Continue
        );
        assert_eq!(lane.entries().len(), 1);
        assert!(!lane.settle(key(1)));
    }

    fn kept(n: u128, at: i64) -> Outgoing {
        Outgoing {
            key: key(n),
            to: "Luc Gagné".to_owned(),
            body: MessageBody::parse("gardé").unwrap(),
            at: Timestamp(at),
            progress: Progress::Pending,
        }
    }

    fn keys(lane: &Lane) -> Vec<MessageKey> {
        lane.entries().iter().map(|entry| entry.key).collect()
    }

    #[test]
    fn what_was_kept_goes_before_what_was_written_later() {
        let mut lane = Lane::default();
        lane.push(
            key(9),
            "Luc Gagné".to_owned(),
            MessageBody::parse("neuf").unwrap(),
            Timestamp(50),
        );

        for entry in [kept(3, 30), kept(1, 10), kept(2, 30)] {
            lane.restore(entry);
        }

        assert_eq!(keys(&lane), [key(1), key(2), key(3), key(9)]);
        assert_eq!(next_key(&mut lane), Some(key(1)));
    }

    #[test]
    fn a_clock_that_steps_back_changes_no_order() {
        let mut lane = Lane::default();
        for (n, at) in [(1, 500), (2, 100), (3, 100)] {
            let body = MessageBody::parse("mot").unwrap();
            lane.push(key(n), "Luc Gagné".to_owned(), body, Timestamp(at));
        }

        let mut again = Lane::default();
        for entry in lane.entries().iter().rev() {
            again.restore(entry.clone());
        }

        assert_eq!(keys(&again), [key(1), key(2), key(3)]);
    }

    #[test]
    fn what_was_kept_is_there_once_and_never_goes_back() {
        let mut lane = lane(1);
        lane.next();
        let refused = Outgoing {
            progress: Progress::Failed(ApiError::ChannelClosed),
            ..kept(1, 0)
        };

        lane.restore(refused.clone());
        assert_eq!(
            lane.entries()[0].progress,
            Progress::Pending,
            "it is in flight here"
        );
        lane.answered(key(1), Ok(stored(1)), 0.5);
        lane.restore(refused);

        assert_eq!(lane.entries().len(), 1);
        assert!(matches!(lane.entries()[0].progress, Progress::Sent(_)));
    }

    #[test]
    fn what_another_tab_has_sent_is_not_sent_again() {
        let mut lane = lane(2);
        lane.next();

        lane.sent(key(1), stored(1));

        assert_eq!(next_key(&mut lane), Some(key(2)));
        assert_eq!(
            lane.answered(key(1), Err(ApiError::Unreachable), 0.5),
            Then::Continue,
            "the answer to the first comes too late"
        );
        assert_eq!(lane.n_waiting(), 1);
        lane.remove(key(2));
        assert_eq!(lane.n_waiting(), 0);
    }

    #[test]
    fn what_is_on_disk_is_forgotten_by_a_screen_that_opens() {
        let mut lane = lane(2);
        lane.next();
        lane.answered(key(1), Ok(stored(1)), 0.5);

        lane.settle_sent();

        assert_eq!(
            lane.entries().iter().map(|entry| entry.key).collect::<Vec<_>>(),
            [key(2)]
        );
    }
}
