//! How a page follows its account's log: a state machine without network or clock.
//!
//! Promises: every event is given on once and in order, whatever becomes of the streams; an answer or an event of an
//! earlier stream changes nothing; [`Then::Live`] is said only when nothing that is known to exist is missing. The
//! caller opens streams, asks the log and runs the timers; this says which.

use super::{Event, EventPage};

/// What the caller does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Nothing: something is on its way.
    Wait,
    /// Everything up to now has arrived.
    Live,
    /// Ask the log for what came after this cursor, and give the answer to [`Follow::page`].
    ReadLog {
        /// The last event held.
        after: u64,
    },
    /// The stream is to be dropped; open another one after this long.
    Reopen {
        /// How long, in milliseconds.
        ms: u32,
    },
}

/// What an input leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Events to give on, in this order.
    pub publish: Vec<Event>,
    /// What to do after that.
    pub then: Then,
}

impl Step {
    fn quiet(then: Then) -> Self {
        Self {
            publish: Vec::new(),
            then,
        }
    }
}

/// A page's place in the log of its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follow {
    cursor: u64,
    /// The newest place that is known to exist.
    heard: u64,
    /// Counts the streams: what an older one still says is late.
    turn: u32,
    is_reading: bool,
    n_failures: u32,
}

/// The bound of the first wait, in milliseconds; it doubles with each failure.
const FIRST_WAIT_MS: u32 = 1_000;
/// The longest wait, in milliseconds.
const MAX_WAIT_MS: u32 = 30_000;
/// No wait is shorter, in milliseconds.
const MIN_WAIT_MS: u32 = 200;

impl Follow {
    /// A page that holds everything up to `cursor`.
    pub fn after(cursor: u64) -> Self {
        Self {
            cursor,
            heard: cursor,
            turn: 0,
            is_reading: false,
            n_failures: 0,
        }
    }

    /// The last event given on.
    pub fn cursor(&self) -> u64 {
        self.cursor
    }

    /// A new stream is being opened; the number belongs to all that it brings.
    pub fn open(&mut self) -> u32 {
        self.turn = self.turn.wrapping_add(1);
        // An answer to an earlier question comes too late to be waited for.
        self.is_reading = false;
        self.turn
    }

    /// The stream has opened, at the end of a log that reaches to `known`.
    pub fn hello(&mut self, turn: u32, known: u64) -> Step {
        if turn != self.turn {
            return Step::quiet(Then::Wait);
        }
        self.n_failures = 0;
        self.heard = self.heard.max(known);
        Step::quiet(self.go_on())
    }

    /// The stream has brought an event.
    pub fn event(&mut self, turn: u32, event: Event) -> Step {
        if turn != self.turn {
            return Step::quiet(Then::Wait);
        }
        let Some(cursor) = event.cursor else {
            return Step {
                publish: vec![event],
                then: Then::Wait,
            };
        };
        self.heard = self.heard.max(cursor);
        if cursor != self.cursor + 1 {
            let then = if cursor <= self.cursor {
                Then::Wait
            } else {
                self.go_on()
            };
            return Step::quiet(then);
        }
        self.cursor = cursor;
        Step {
            publish: vec![event],
            then: if self.cursor == self.heard {
                Then::Live
            } else {
                Then::Wait
            },
        }
    }

    /// The log has answered.
    pub fn page(&mut self, turn: u32, page: EventPage) -> Step {
        if turn != self.turn {
            return Step::quiet(Then::Wait);
        }
        self.is_reading = false;
        if page.events.is_empty() {
            // The log is shorter than what was heard of: there is nothing to wait for.
            self.heard = self.cursor;
        }
        let mut publish = Vec::new();
        for event in page.events {
            if let Some(cursor) = event.cursor
                && cursor > self.cursor
            {
                self.cursor = cursor;
                publish.push(event);
            }
        }
        self.heard = self.heard.max(self.cursor);
        Step {
            publish,
            then: self.go_on(),
        }
    }

    /// The stream has broken, or the log did not answer. `jitter` is a random number from 0 to 1.
    pub fn failed(&mut self, turn: u32, jitter: f64) -> Step {
        if turn != self.turn {
            return Step::quiet(Then::Wait);
        }
        self.open();
        let bound = FIRST_WAIT_MS
            .saturating_mul(1 << self.n_failures.min(5))
            .min(MAX_WAIT_MS);
        self.n_failures = self.n_failures.saturating_add(1);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and MAX_WAIT_MS"
        )]
        let ms = (jitter.clamp(0.0, 1.0) * f64::from(bound)) as u32 + MIN_WAIT_MS;
        Step::quiet(Then::Reopen { ms })
    }

    /// The person is back, or the network is: the next wait is a short one again.
    pub fn forget_failures(&mut self) {
        self.n_failures = 0;
    }

    fn go_on(&mut self) -> Then {
        if self.cursor >= self.heard {
            return Then::Live;
        }
        if std::mem::replace(&mut self.is_reading, true) {
            return Then::Wait;
        }
        Then::ReadLog { after: self.cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{AccountId, EventKind, Timestamp};

    fn event(cursor: u64) -> Event {
        Event {
            cursor: Some(cursor),
            at: Timestamp(0),
            kind: EventKind::ProfileChanged {
                account: AccountId(uuid::Uuid::nil()),
            },
        }
    }

    fn page(cursors: std::ops::RangeInclusive<u64>) -> EventPage {
        let cursor = *cursors.end();
        EventPage {
            events: cursors.map(event).collect(),
            cursor,
        }
    }

    fn cursors(step: &Step) -> Vec<u64> {
        step.publish.iter().filter_map(|event| event.cursor).collect()
    }

    #[test]
    fn events_in_a_row_are_given_on_and_known_ones_are_not() {
        let mut follow = Follow::after(3);
        let turn = follow.open();

        assert_eq!(follow.hello(turn, 3).then, Then::Live);
        assert_eq!(cursors(&follow.event(turn, event(4))), [4]);
        assert_eq!(cursors(&follow.event(turn, event(4))), [0_u64; 0]);
        assert_eq!(cursors(&follow.event(turn, event(2))), [0_u64; 0]);
        assert_eq!(cursors(&follow.event(turn, event(5))), [5]);
    }

    #[test]
    fn a_gap_is_closed_from_the_log_before_anything_is_called_live() {
        let mut follow = Follow::after(3);
        let turn = follow.open();

        assert_eq!(follow.hello(turn, 6).then, Then::ReadLog { after: 3 });
        assert_eq!(follow.event(turn, event(7)), Step::quiet(Then::Wait));
        let step = follow.page(turn, page(4..=6));
        assert_eq!(
            (cursors(&step), step.then),
            (vec![4, 5, 6], Then::ReadLog { after: 6 })
        );
        let step = follow.page(turn, page(7..=7));
        assert_eq!((cursors(&step), step.then), (vec![7], Then::Live));
    }

    #[test]
    fn a_stream_reopened_while_the_log_is_read_asks_again_and_ignores_the_late_answer() {
        let mut follow = Follow::after(0);
        let first = follow.open();
        assert_eq!(follow.hello(first, 2).then, Then::ReadLog { after: 0 });

        let second = follow.open();

        assert_eq!(follow.hello(second, 2).then, Then::ReadLog { after: 0 });
        assert_eq!(cursors(&follow.page(first, page(1..=2))), [0_u64; 0]);
        assert_eq!(cursors(&follow.page(second, page(1..=2))), [1, 2]);
    }

    #[test]
    fn a_log_that_is_shorter_than_what_was_heard_is_not_asked_for_ever() {
        let mut follow = Follow::after(1);
        let turn = follow.open();
        assert_eq!(follow.hello(turn, 5).then, Then::ReadLog { after: 1 });

        let nothing = EventPage {
            events: Vec::new(),
            cursor: 1,
        };

        assert_eq!(follow.page(turn, nothing).then, Then::Live);
    }

    #[test]
    fn waits_grow_until_a_stream_opens_and_each_failure_counts_once() {
        let mut follow = Follow::after(0);
        let turn = follow.open();

        assert_eq!(follow.failed(turn, 1.0).then, Then::Reopen { ms: 1_200 });
        assert_eq!(
            follow.failed(turn, 1.0).then,
            Then::Wait,
            "it has been dropped already"
        );
        let turn = follow.open();
        assert_eq!(follow.failed(turn, 1.0).then, Then::Reopen { ms: 2_200 });
        let turn = follow.open();
        follow.hello(turn, 0);
        assert_eq!(follow.failed(turn, 0.0).then, Then::Reopen { ms: 200 });
    }
}
