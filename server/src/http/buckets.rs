//! Buckets of things that may be done: each is full at first, may be used up in a burst, and fills up by and by.
//!
//! In memory, per process: a restart forgives.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use app::api::{ApiError, Timestamp};

/// The most buckets remembered; beyond it, full ones are forgotten, once a second.
const N_REMEMBERED: usize = 100_000;
/// How often that is looked into, in milliseconds: it walks over all of them.
const FORGET_EVERY_MS: i64 = 1_000;

/// How often something may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    /// So many at once.
    pub(super) burst: i64,
    /// After that, one each so many milliseconds.
    pub(super) every_ms: i64,
}

/// What was taken out of each bucket.
pub(super) struct Buckets<K> {
    held: Mutex<Held<K>>,
}

struct Held<K> {
    /// To the moment at which the bucket is full again.
    full_at: HashMap<K, Timestamp>,
    forgotten_at: Timestamp,
}

impl<K> Default for Buckets<K> {
    fn default() -> Self {
        let held = Held {
            full_at: HashMap::new(),
            forgotten_at: Timestamp(i64::MIN),
        };
        Self {
            held: Mutex::new(held),
        }
    }
}

impl<K: Copy + Eq + Hash> Buckets<K> {
    /// Takes one out of each of these buckets, or none and says how long to wait.
    ///
    /// # Errors
    /// `TooMany` when one of them is empty.
    pub(super) fn take(&self, wanted: &[(K, Rate)], now: Timestamp) -> Result<(), ApiError> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.forget_full(now);
        let mut longest_ms = 0;
        for (key, rate) in wanted {
            let over_ms = held.after(*key, *rate, now).ms_since(now) - rate.burst * rate.every_ms;
            longest_ms = longest_ms.max(over_ms);
        }
        if longest_ms > 0 {
            let retry_after_s = u32::try_from((longest_ms + 999) / 1_000).unwrap_or(u32::MAX);
            return Err(ApiError::TooMany { retry_after_s });
        }
        for (key, rate) in wanted {
            let then = held.after(*key, *rate, now);
            held.full_at.insert(*key, then);
        }
        Ok(())
    }

    #[cfg(test)]
    pub(super) fn n_remembered(&self) -> usize {
        self.held.lock().unwrap().full_at.len()
    }
}

impl<K: Copy + Eq + Hash> Held<K> {
    /// When the bucket is full again, should one more be taken now.
    fn after(&self, key: K, rate: Rate, now: Timestamp) -> Timestamp {
        let full_at = self.full_at.get(&key).copied().unwrap_or(now);
        full_at.max(now).plus_ms(rate.every_ms)
    }

    fn forget_full(&mut self, now: Timestamp) {
        let is_time = self.forgotten_at > now || self.forgotten_at.plus_ms(FORGET_EVERY_MS) <= now;
        if self.full_at.len() >= N_REMEMBERED && is_time {
            self.forgotten_at = now;
            self.full_at.retain(|_, full_at| *full_at > now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp(1_800_000_000_000);
    const RATE: Rate = Rate {
        burst: 3,
        every_ms: 60_000,
    };
    const SLOW: Rate = Rate {
        burst: 5,
        every_ms: 3_600_000,
    };

    #[test]
    fn a_burst_is_free_then_it_fills_up_by_and_by() {
        let buckets = Buckets::default();
        for _ in 0..3 {
            assert_eq!(buckets.take(&[(1, RATE)], NOON), Ok(()));
        }

        let refused = buckets.take(&[(1, RATE)], NOON);

        assert_eq!(refused, Err(ApiError::TooMany { retry_after_s: 60 }));
        let later = NOON.plus_ms(60_000);
        assert_eq!(buckets.take(&[(1, RATE)], later), Ok(()));
        assert!(buckets.take(&[(1, RATE)], later).is_err());
        assert_eq!(buckets.take(&[(2, RATE)], later), Ok(()), "nobody else's");
    }

    #[test]
    fn of_two_buckets_the_emptier_one_says_how_long_to_wait_and_a_refusal_takes_from_neither() {
        let buckets = Buckets::default();
        let both = [(1, RATE), (2, SLOW)];
        for minutes in 0..5 {
            let now = NOON.plus_ms(minutes * 60_000);
            assert_eq!(buckets.take(&both, now), Ok(()), "{minutes}");
        }
        let now = NOON.plus_ms(5 * 60_000);

        let refused = buckets.take(&both, now);

        assert_eq!(refused, Err(ApiError::TooMany { retry_after_s: 3_300 }));
        for _ in 0..2 {
            assert_eq!(
                buckets.take(&[(1, RATE)], now),
                Ok(()),
                "the other was left alone"
            );
        }
    }

    #[test]
    fn invented_names_do_not_fill_the_memory() {
        let buckets = Buckets::default();
        let quick = Rate {
            burst: 10,
            every_ms: 100,
        };
        for n in 0..2 * N_REMEMBERED as u64 {
            let now = NOON.plus_ms(i64::try_from(n).unwrap());
            assert_eq!(buckets.take(&[(n, quick)], now), Ok(()));
        }

        assert!(buckets.n_remembered() <= N_REMEMBERED + 1_000);
    }
}
