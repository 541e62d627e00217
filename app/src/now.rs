//! The present moment and the wall clock of the page.

use leptos::prelude::*;

use crate::api::Timestamp;
use crate::i18n::{Civil, Zone, civil};

/// The page's clock: the server's moment of drawing and the zone it drew for first, then this device's, minute by minute.
/// Cheap to copy.
#[derive(Clone, Copy)]
pub struct Now {
    at: RwSignal<Timestamp>,
    zone: RwSignal<Zone>,
}

impl Now {
    /// A clock that stands at the moment the page was drawn, on the wall of `zone`.
    pub fn new(at: Timestamp, zone: Zone) -> Self {
        Self {
            at: RwSignal::new(at),
            zone: RwSignal::new(zone),
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

    /// Goes on in another zone.
    pub fn set_zone(self, zone: Zone) {
        if self.zone.with_untracked(|before| *before != zone) {
            self.zone.set(zone);
        }
    }

    /// The date and time of a moment on the page's wall; a view that reads it follows the zone.
    pub fn civil(self, at: Timestamp) -> Civil {
        self.zone.with(|zone| civil(at, zone))
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
