//! The lock: a page that nobody touches covers itself, and asks again who is there; so does one whose device was signed out
//! from afar. What was typed stays below.
//!
//! The server counts for itself (`accounts.note_activity` tells it of a person); the page only does not wait for it. The
//! lock ends like a session that has ended: by signing in over the page.
//!
//! Source: assurance AUTH-11; user experience L12 and C9.

use leptos::prelude::*;

use super::{IdleLimits, LockDevice, NoteActivity};
use crate::api::{Client, Timestamp};
use crate::browser::voice::let_go;
use crate::browser::{now_ms, run_on_return};
use crate::conversations::use_outbox;
use crate::session::Session;

/// How often the page looks whether somebody is still there.
const LOOK_EVERY: std::time::Duration = std::time::Duration::from_secs(5);
/// The server is told at most this often.
const TOLD_EVERY_MS: i64 = 30_000;

/// Watches over a page that lives: once, when it is whole.
pub(crate) fn watch_idleness(session: Session, client: Client) {
    let vault = use_outbox().vault();
    // The page was opened by a person, which the server has noted.
    let (active_at, told_at) = (StoredValue::new(now_ms()), StoredValue::new(now_ms()));
    for event in ["pointerdown", "keydown", "wheel", "touchstart"] {
        // The watch lives as long as the page.
        let _ = window_event_listener_untyped(event, move |_| active_at.set_value(now_ms()));
    }
    let is_covered = RwSignal::new(false);
    // However the session ended, here or from afar: nobody sees what it showed until somebody has signed in again.
    Effect::new(move |_| {
        let has_ended = session.has_ended.get();
        is_covered.set(has_ended);
        if !has_ended {
            active_at.set_value(now_ms());
        }
    });
    Effect::new(move |_| {
        if let Some(html) = document().document_element() {
            let _ = if is_covered.get() {
                html.set_attribute("data-locked", "")
            } else {
                html.remove_attribute("data-locked")
            };
        }
    });
    let look = move || {
        let Some(is_shared) = session
            .me
            .with_untracked(|me| me.as_ref().map(|me| me.is_shared_device))
        else {
            return;
        };
        active_at.set_value(agree(active_at.get_value()));
        let limits = IdleLimits::of(is_shared);
        let idle_ms = now_ms().ms_since(active_at.get_value());
        // At a shared tablet the next person finds the sign-in page, not what the last one left.
        if is_shared && is_covered.get_untracked() && idle_ms >= limits.until_over {
            let_go();
            let _ = window().location().replace("/connexion");
            return;
        }
        if session.has_ended.get_untracked() {
            return;
        }
        let (now, active) = (now_ms(), active_at.get_value());
        if idle_ms >= limits.until_locked {
            // Covered at once, whatever the network does; what rests here is sealed.
            is_covered.set(true);
            vault.seal();
            let locking = client.call(LockDevice {});
            leptos::task::spawn_local(async move {
                let _ = locking.await;
            });
            session.has_ended.set(true);
        } else if active > told_at.get_value() && now.ms_since(told_at.get_value()) >= TOLD_EVERY_MS {
            told_at.set_value(now);
            let telling = client.call(NoteActivity {});
            leptos::task::spawn_local(async move {
                if let Err(error) = telling.await {
                    session.notice(&error);
                }
            });
        }
    };
    set_interval(look.clone(), LOOK_EVERY);
    // A tablet that wakes up has slept through its timers.
    run_on_return(look);
}

/// The tabs of a browser have one person: the latest that any of them has seen counts. A moment is all that is kept.
fn agree(own: Timestamp) -> Timestamp {
    const NAME: &str = "pli-active";
    let Some(storage) = window().local_storage().ok().flatten() else {
        return own;
    };
    let told = storage.get_item(NAME).ok().flatten();
    let told = told.and_then(|text| text.parse().ok()).map(Timestamp);
    // What lies ahead was told on another clock.
    match told.filter(|told| *told <= now_ms()) {
        Some(told) if told >= own => told,
        _ => {
            let _ = storage.set_item(NAME, &own.0.to_string());
            own
        }
    }
}
