//! The present moment and the wall clock of the page.

use leptos::prelude::*;

use crate::api::Timestamp;
use crate::i18n::{Civil, civil};

/// The page's clock: the server's moment of drawing first, then this device's, minute by minute. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Now {
    at: RwSignal<Timestamp>,
    zone: StoredValue<String>,
}

impl Now {
    /// A clock that stands at the moment the page was drawn.
    pub fn new(at: Timestamp, zone: String) -> Self {
        Self {
            at: RwSignal::new(at),
            zone: StoredValue::new(zone),
        }
    }

    /// The present moment; a view that reads it follows the minutes.
    pub fn get(self) -> Timestamp {
        self.at.get()
    }

    /// Moves the clock.
    pub fn set(self, at: Timestamp) {
        self.at.set(at);
    }

    /// The date and time of a moment on the page's wall.
    pub fn civil(self, at: Timestamp) -> Civil {
        self.zone.with_value(|zone| civil(at, zone))
    }

    /// Today on the page's wall; follows the minutes.
    pub fn today(self) -> Civil {
        self.civil(self.get())
    }
}

/// The page's clock.
pub fn use_now() -> Now {
    expect_context::<Now>()
}
