//! How far the person has come, kept with the account; whether the coach is on, kept with the tab.

use leptos::prelude::*;

use crate::accounts::{Me, SaveSettings};
use crate::session::{Session, call_then};

/// The step that says: done, or skipped.
pub(super) const DONE: u8 = 4;

/// The steps done, 0 to 3.
pub(super) fn n_done(me: Option<&Me>) -> u8 {
    me.map_or(0, |me| me.guide_step.saturating_sub(1).min(3))
}

/// Whether a step is being done: the guide was begun, and neither ended nor skipped.
pub const fn is_under_way(step: u8) -> bool {
    step >= 1 && step < DONE
}

/// Moves on to `step`, here at once and with the account as soon as it answers. Never moves back by itself.
pub(super) fn move_to(session: Session, step: u8) {
    session.me.update(|me| {
        if let Some(me) = me {
            me.guide_step = step;
        }
    });
    call_then(
        SaveSettings {
            guide_step: Some(step),
            ..SaveSettings::default()
        },
        |_| {},
    );
}

/// Whether the coach is on in this tab.
#[cfg(feature = "hydrate")]
pub(super) fn is_on() -> bool {
    let storage = window().session_storage().ok().flatten();
    storage
        .and_then(|storage| storage.get_item("guide").ok().flatten())
        .is_some()
}

/// Turns the coach on or off in this tab.
pub(super) fn turn(on: bool) {
    #[cfg(feature = "hydrate")]
    if let Ok(Some(storage)) = window().session_storage() {
        let _ = if on {
            storage.set_item("guide", "on")
        } else {
            storage.remove_item("guide")
        };
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = on;
}
