//! The one door through which time and randomness enter, so that tests may set them.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use app::api::Timestamp;
use uuid::Uuid;

/// Where the time and random bytes of a running server come from.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
    /// Fills the buffer with bytes that nobody can guess.
    fn fill_random(&self, bytes: &mut [u8]);
}

/// A version 7 UUID: ordered by time, 74 random bits.
pub fn new_uuid(clock: &dyn Clock) -> Uuid {
    let mut random = [0; 10];
    clock.fill_random(&mut random);
    let now_ms = u64::try_from(clock.now().0).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(now_ms, &random).into_uuid()
}

/// The machine's clock and the system's random source.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    fn now(&self) -> Timestamp {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    fn fill_random(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the system's random source answers once it is seeded");
    }
}

/// A clock that tests move, with random bytes that repeat from run to run.
pub struct ManualClock {
    now_ms: AtomicI64,
    seed: AtomicU64,
}

impl ManualClock {
    /// A clock that stands at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self {
            now_ms: AtomicI64::new(now.0),
            seed: AtomicU64::new(0x9E37_79B9_7F4A_7C15),
        }
    }

    /// Moves the clock forward.
    pub fn advance_ms(&self, ms: i64) {
        self.now_ms.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.now_ms.load(Ordering::SeqCst))
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            // SplitMix64 over an atomic counter: distinct for every caller, the same in every run.
            let mut z = self.seed.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            let word = (z ^ (z >> 31)).to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }
}
