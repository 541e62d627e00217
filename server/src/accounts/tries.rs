//! Wrong passwords, counted per account: each leaves the next guesser less room.
//!
//! Only failures count, so a person who knows the password never notices, however many devices sign in at once. A browser
//! in which the account was signed in before has a count of its own: while strangers guess, its owner gets in there.
//! Guessers share one count wherever they come from, so a thousand addresses gain nothing.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use app::api::{ApiError, Timestamp};

use super::tokens::hash_token;

/// Failures that are free.
const BURST: i64 = 10;
/// One more failure is forgiven after this long: 10,000 guesses take more than three days.
const FORGIVE_MS: i64 = 30_000;
/// The most accounts remembered; beyond it those with nothing left to forgive go first.
const N_REMEMBERED: usize = 10_000;

/// The counted failures of all accounts. In memory: a restart forgives.
#[derive(Default)]
pub(super) struct Tries {
    is_off: bool,
    /// By the hash of what was tried, to the moment at which all is forgiven.
    forgiven_at: Mutex<HashMap<Vec<u8>, Timestamp>>,
}

impl Tries {
    /// Counts nothing: for load tests.
    pub(super) fn off() -> Self {
        Self {
            is_off: true,
            ..Self::default()
        }
    }

    /// Whether nothing is counted.
    pub(super) fn is_off(&self) -> bool {
        self.is_off
    }

    /// Lets a try through, or says how long to wait.
    ///
    /// # Errors
    /// `TooMany` when too many have failed lately.
    pub(super) fn check(&self, name: &str, now: Timestamp) -> Result<(), ApiError> {
        let forgiven_at = self.forgiven_at.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(moment) = forgiven_at.get(&hash_token(name)) else {
            return Ok(());
        };
        let over_ms = moment.ms_since(now) - (BURST - 1) * FORGIVE_MS;
        if self.is_off || over_ms <= 0 {
            return Ok(());
        }
        let retry_after_s = u32::try_from((over_ms + 999) / 1000).unwrap_or(u32::MAX);
        Err(ApiError::TooMany { retry_after_s })
    }

    /// Counts a failure.
    pub(super) fn note_failure(&self, name: &str, now: Timestamp) {
        if self.is_off {
            return;
        }
        let mut forgiven_at = self.forgiven_at.lock().unwrap_or_else(PoisonError::into_inner);
        if forgiven_at.len() >= N_REMEMBERED {
            forgiven_at.retain(|_, moment| *moment > now);
        }
        if forgiven_at.len() >= N_REMEMBERED {
            // A flood of invented names: those with the least to forgive make room.
            let soon = now.plus_ms(FORGIVE_MS);
            forgiven_at.retain(|_, moment| *moment > soon);
        }
        if forgiven_at.len() < N_REMEMBERED {
            let moment = forgiven_at.entry(hash_token(name)).or_insert(now);
            *moment = (*moment).max(now).plus_ms(FORGIVE_MS);
        }
    }

    /// Forgives all: the right password was given.
    pub(super) fn forgive(&self, name: &str) {
        self.forgiven_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&hash_token(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp(1_800_000_000_000);

    #[test]
    fn ten_failures_are_free_then_one_each_half_minute() {
        let tries = Tries::default();
        for _ in 0..10 {
            assert_eq!(tries.check("anne", NOON), Ok(()));
            tries.note_failure("anne", NOON);
        }

        assert_eq!(
            tries.check("anne", NOON),
            Err(ApiError::TooMany { retry_after_s: 30 })
        );
        assert_eq!(tries.check("luc", NOON), Ok(()));
        assert_eq!(tries.check("anne", NOON.plus_ms(FORGIVE_MS)), Ok(()));
    }

    #[test]
    fn the_right_password_forgives_all() {
        let tries = Tries::default();
        for _ in 0..10 {
            tries.note_failure("anne", NOON);
        }

        tries.forgive("anne");

        assert_eq!(tries.check("anne", NOON), Ok(()));
    }

    #[test]
    fn invented_names_do_not_fill_the_memory() {
        let tries = Tries::default();
        for _ in 0..10 {
            tries.note_failure("anne", NOON);
        }
        for index in 0..2 * N_REMEMBERED {
            tries.note_failure(&format!("nobody {index}"), NOON);
        }

        assert!(tries.forgiven_at.lock().unwrap().len() <= N_REMEMBERED);
        assert!(tries.check("anne", NOON).is_err());
    }
}
