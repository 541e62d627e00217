//! How a page follows its account's log: a state machine without network or clock.
//!
//! Promises: every event is given on once and in order, whatever becomes of the streams; an answer or an event of an
//! earlier stream changes nothing; [`Then::Live`] is said only once the log itself has answered since the stream greeted,
//! and nothing that is known to exist is missing; a log that ends before the page's place is another history, and is
//! never mistaken for silence. The caller opens streams, asks the log and runs the timers; this says which.

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
    /// The server tells another history than the one this page was drawn from, a restored one: what the page shows counts
    /// no more, all of it is to be read anew.
    StartOver,
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
    /// The question that the log has not answered yet.
    asked: Option<Question>,
    /// Whether a stream has greeted: without one only an empty answer says that nothing is left.
    has_greeted: bool,
    /// Whether the log has answered since then. Until it has, nobody knows whose stream this is: a stream carries the
    /// browser's session, which may be another person's by now, and the log refuses to answer that one here.
    is_confirmed: bool,
    n_failures: u32,
    /// Over how long the server wants those spread who lose their streams together, in milliseconds.
    spread_ms: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Question {
    after: u64,
    /// The newest place that was known to exist when it was asked: the answer may be older than what is heard later.
    heard: u64,
    /// Asked before the present stream greeted: the answer says nothing of whose stream it is.
    is_early: bool,
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
            asked: None,
            has_greeted: false,
            is_confirmed: false,
            n_failures: 0,
            spread_ms: 0,
        }
    }

    /// The last event given on.
    pub fn cursor(&self) -> u64 {
        self.cursor
    }

    /// The number of the present stream: what comes of another is late.
    pub fn turn(&self) -> u32 {
        self.turn
    }

    /// A new stream is being opened; the number belongs to all that it brings.
    pub fn open(&mut self) -> u32 {
        self.turn = self.turn.wrapping_add(1);
        // An answer to an earlier question comes too late to be waited for.
        self.asked = None;
        self.has_greeted = false;
        self.is_confirmed = false;
        self.turn
    }

    /// No stream comes through: the log is asked instead, again and again. The caller asks now, and after each
    /// [`Then::Live`] with patience.
    pub fn ask(&mut self, turn: u32) -> Step {
        if turn != self.turn {
            return Step::quiet(Then::Wait);
        }
        self.asked = None;
        self.is_confirmed = false;
        Step::quiet(self.go_on())
    }

    /// The stream has opened, at the end of a log that reaches to `known`. It may greet again: of several pages of a browser
    /// one holds the stream, and hands it over.
    pub fn hello(&mut self, turn: u32, known: u64) -> Step {
        if turn != self.turn {
            return Step::quiet(Then::Wait);
        }
        self.n_failures = 0;
        self.has_greeted = true;
        self.is_confirmed = false;
        if let Some(question) = &mut self.asked {
            question.is_early = true;
        }
        self.heard = self.heard.max(known);
        Step::quiet(self.go_on())
    }

    /// How the server wants those spread who lose their streams together, in milliseconds.
    pub fn spread_over(&mut self, ms: u32) {
        self.spread_ms = ms;
    }

    /// The stream has told of an event at this place that cannot be read: of a newer server, perhaps.
    pub fn heard_of(&mut self, turn: u32, cursor: u64) -> Step {
        if turn != self.turn {
            return Step::quiet(Then::Wait);
        }
        self.heard = self.heard.max(cursor);
        Step::quiet(self.go_on())
    }

    /// The stream has brought an event.
    pub fn event(&mut self, turn: u32, event: Event) -> Step {
        if turn != self.turn {
            return Step::quiet(Then::Wait);
        }
        let Some(cursor) = event.cursor else {
            return Step {
                publish: if self.is_confirmed {
                    vec![event]
                } else {
                    Vec::new()
                },
                then: Then::Wait,
            };
        };
        self.heard = self.heard.max(cursor);
        if cursor <= self.cursor {
            return Step::quiet(Then::Wait);
        }
        if cursor > self.cursor + 1 || !self.is_confirmed {
            return Step::quiet(self.go_on());
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
        let question = self.asked.filter(|_| turn == self.turn);
        let Some(Question {
            after,
            heard,
            is_early,
        }) = question
        else {
            return Step::quiet(Then::Wait);
        };
        self.asked = None;
        if page.cursor < after {
            // It answered later than the page came to its place: the place is none of this log's.
            self.open();
            return Step::quiet(Then::StartOver);
        }
        self.is_confirmed = !is_early;
        let is_end = page.events.is_empty();
        let mut publish = Vec::new();
        for event in page.events {
            if let Some(cursor) = event.cursor
                && cursor > self.cursor
            {
                self.cursor = cursor;
                publish.push(event);
            }
        }
        // A log that is shorter than what was heard of before it was asked has nothing to wait for; what was heard of since
        // it may have got after it was read. Without a stream to say how far it goes, one that had something may have more.
        self.heard = if is_end && self.heard == heard {
            self.cursor
        } else if is_end || self.has_greeted {
            self.heard.max(self.cursor)
        } else {
            self.cursor + 1
        };
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
            .max(self.spread_ms)
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

    /// The server ends the stream because this page does not keep up: no failure, and nobody else's.
    pub fn resync(&mut self, turn: u32) -> Step {
        if turn != self.turn {
            return Step::quiet(Then::Wait);
        }
        self.open();
        Step::quiet(Then::Reopen { ms: MIN_WAIT_MS })
    }

    /// The person is back, or the network is: the next wait is a short one again.
    pub fn forget_failures(&mut self) {
        self.n_failures = 0;
    }

    fn go_on(&mut self) -> Then {
        if self.is_confirmed && self.cursor >= self.heard {
            return Then::Live;
        }
        if self.asked.is_some() {
            return Then::Wait;
        }
        let after = self.cursor;
        self.asked = Some(Question {
            after,
            heard: self.heard,
            is_early: false,
        });
        Then::ReadLog { after }
    }
}

#[cfg(test)]
#[path = "follow_tests.rs"]
mod tests;
