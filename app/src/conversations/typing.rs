//! « écrit… »: tells the friend that somebody is writing, after the second key, at most once in three seconds.
//!
//! Source: ux C8.

use leptos::prelude::*;

use super::SignalTyping;
use super::opened::Opened;

/// The shortest time between two signs.
const EVERY: std::time::Duration = std::time::Duration::from_secs(3);

/// The sign of one compose box. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct TypingSign {
    opened: Opened,
    n_keys: StoredValue<u32>,
    is_resting: StoredValue<bool>,
}

impl TypingSign {
    /// Nobody has written yet.
    pub(super) fn new(opened: Opened) -> Self {
        Self {
            opened,
            n_keys: StoredValue::new(0),
            is_resting: StoredValue::new(false),
        }
    }

    /// A key was pressed.
    pub(super) fn key_pressed(self) {
        if self.opened.typed.with_untracked(String::is_empty) {
            self.stop();
            return;
        }
        let n_keys = self.n_keys.get_value() + 1;
        self.n_keys.set_value(n_keys);
        if n_keys < 2 || self.is_resting.get_value() {
            return;
        }
        self.is_resting.set_value(true);
        set_timeout(
            move || {
                let _ = self.is_resting.try_set_value(false);
            },
            EVERY,
        );
        let call = self.opened.client().call(SignalTyping {
            conversation: self.opened.id,
        });
        leptos::task::spawn_local(async move {
            // A sign that is lost is not missed.
            let _ = call.await;
        });
    }

    /// The box is empty again: the next word begins anew.
    pub(super) fn stop(self) {
        self.n_keys.set_value(0);
    }
}
