//! Whether a stream still lives: judged by the page's clock alone, because a socket that a tablet has put to sleep says
//! nothing of it.
//!
//! Source: pwa 2.6.

use crate::api::Timestamp;

/// A stream that has not greeted by then is given up.
pub const GREETS_MS: i64 = 8_000;
/// The server gives a sign at least this often, in milliseconds.
pub const BEAT_MS: i64 = 15_000;
/// It may be late by this much.
const GRACE_MS: i64 = 10_000;
/// A clock that jumps by more has slept, and the stream with it.
const JUMP_MS: i64 = 30_000;
/// After so many streams in a row that did not greet, something on the way holds them back: the page asks instead.
const MOST_MUTE: u32 = 2;

/// What is known of a page's streams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pulse {
    opened_at: Timestamp,
    heard_at: Option<Timestamp>,
    looked_at: Timestamp,
    n_mute: u32,
}

/// What to do about the present stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Nothing.
    Well,
    /// Give it up, and open another one after a pause.
    Dead,
    /// The page has slept: give it up, and open another one at once.
    Slept,
}

impl Pulse {
    /// A stream was opened.
    pub fn opened(&mut self, now: Timestamp) {
        self.opened_at = now;
        self.heard_at = None;
        self.looked_at = now;
    }

    /// It gave a sign of life.
    pub fn heard(&mut self, now: Timestamp) {
        self.heard_at = Some(now);
        self.n_mute = 0;
    }

    /// It is given up.
    pub fn given_up(&mut self) {
        if self.heard_at.is_none() {
            self.n_mute = self.n_mute.saturating_add(1);
        }
    }

    /// The network may be another one: a stream gets a fresh chance.
    pub fn forget(&mut self) {
        self.n_mute = self.n_mute.min(MOST_MUTE - 1);
    }

    /// Whether streams do not come through here, and the page should ask instead.
    pub fn is_mute(&self) -> bool {
        self.n_mute >= MOST_MUTE
    }

    /// Looks at the present stream. Only a page that `is_seen` can tell sleep from a long wait: of one that is hidden the
    /// browser lets the timers run rarely, and it begins anew when it is seen again.
    pub fn look(&mut self, now: Timestamp, is_seen: bool) -> Finding {
        let has_slept = is_seen && now.ms_since(self.looked_at) > JUMP_MS;
        self.looked_at = now;
        let is_late = match self.heard_at {
            None => now.ms_since(self.opened_at) >= GREETS_MS,
            Some(heard_at) => now.ms_since(heard_at) > BEAT_MS + GRACE_MS,
        };
        if has_slept {
            Finding::Slept
        } else if is_late {
            Finding::Dead
        } else {
            Finding::Well
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp(1_000_000 + ms)
    }

    fn opened() -> Pulse {
        let mut pulse = Pulse::default();
        pulse.opened(at(0));
        pulse
    }

    #[test]
    fn a_stream_that_does_not_greet_is_dead_after_eight_seconds() {
        let mut pulse = opened();

        assert_eq!(pulse.look(at(7_999), true), Finding::Well);
        assert_eq!(pulse.look(at(8_000), true), Finding::Dead);
    }

    #[test]
    fn a_stream_lives_as_long_as_it_beats() {
        let mut pulse = opened();
        pulse.heard(at(100));
        for second in 1..=10 {
            pulse.heard(at(second * 15_000));
            assert_eq!(pulse.look(at(second * 15_000 + 5_000), true), Finding::Well);
        }

        assert_eq!(pulse.look(at(150_000 + 25_000), true), Finding::Well);
        assert_eq!(pulse.look(at(150_000 + 25_001), true), Finding::Dead);
    }

    #[test]
    fn a_clock_that_jumps_means_that_the_page_slept_whatever_the_stream_says() {
        let mut pulse = opened();
        pulse.heard(at(1_000));
        assert_eq!(pulse.look(at(5_000), true), Finding::Well);

        assert_eq!(pulse.look(at(35_001), true), Finding::Slept);
    }

    #[test]
    fn a_hidden_page_whose_timers_are_held_back_keeps_a_stream_that_beats() {
        let mut pulse = opened();
        for minute in 1..=5 {
            pulse.heard(at(minute * 60_000 - 5_000));
            assert_eq!(pulse.look(at(minute * 60_000), false), Finding::Well);
        }

        assert_eq!(
            pulse.look(at(360_000), false),
            Finding::Dead,
            "and gives up one that does not"
        );
    }

    #[test]
    fn two_mute_streams_in_a_row_and_the_page_asks_instead() {
        let mut pulse = opened();
        pulse.given_up();
        assert!(!pulse.is_mute());
        pulse.opened(at(10_000));
        pulse.given_up();
        assert!(pulse.is_mute());

        pulse.forget();
        assert!(!pulse.is_mute());
        pulse.opened(at(20_000));
        pulse.given_up();
        assert!(pulse.is_mute(), "one more is enough");
    }

    #[test]
    fn a_stream_that_greeted_once_is_no_mute_one() {
        let mut pulse = opened();
        pulse.given_up();
        pulse.opened(at(10_000));
        pulse.heard(at(10_100));
        pulse.given_up();
        pulse.opened(at(20_000));
        pulse.given_up();

        assert!(!pulse.is_mute());
    }
}
