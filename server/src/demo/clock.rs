//! A clock that tells past moments while the demonstration's history is written, and the machine's time ever after.

use std::sync::Mutex;
use std::sync::PoisonError;

use app::api::Timestamp;

use crate::clock::{Clock, SystemClock};

/// The machine's clock, unless it was set.
#[derive(Default)]
pub struct SeedClock {
    told: Mutex<Option<Timestamp>>,
}

impl SeedClock {
    /// Stands still at this moment.
    pub(super) fn set(&self, moment: Timestamp) {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Some(moment);
    }

    /// Goes with the machine again.
    pub(super) fn release(&self) {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Clock for SeedClock {
    fn now(&self) -> Timestamp {
        let told = *self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.unwrap_or_else(|| SystemClock.now())
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        SystemClock.fill_random(bytes);
    }
}
