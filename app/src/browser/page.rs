//! The page around the app: its clock, cookies, coming back from the background, the service worker.

use leptos::prelude::{document, window};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

use crate::api::{MessageKey, Timestamp};

/// This device's clock.
#[expect(
    clippy::cast_possible_truncation,
    reason = "milliseconds since 1970 fit an i64"
)]
pub fn now_ms() -> Timestamp {
    Timestamp(js_sys::Date::now() as i64)
}

/// A fresh key for a message.
pub fn random_key() -> MessageKey {
    let mut bytes = [0_u8; 10];
    if let Ok(crypto) = window().crypto() {
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    let now = u64::try_from(now_ms().0).unwrap_or_default();
    MessageKey(uuid::Builder::from_unix_timestamp_millis(now, &bytes).into_uuid())
}

/// Stores a cookie of the page itself: language, zone. Never a session.
pub fn set_cookie(name: &str, value: &str) {
    if let Ok(document) = document().dyn_into::<web_sys::HtmlDocument>() {
        let is_encrypted = window()
            .location()
            .protocol()
            .is_ok_and(|protocol| protocol == "https:");
        let secure = if is_encrypted { "; secure" } else { "" };
        let _ = document.set_cookie(&format!(
            "{name}={value}; path=/; max-age=31536000; samesite=lax{secure}"
        ));
    }
}

/// Runs `work` whenever the page comes back: shown again, restored from the back/forward cache, online again.
/// Lives as long as the page.
pub fn run_on_return(work: impl Fn() + 'static) {
    let work = Closure::<dyn Fn()>::new(move || {
        if document().visibility_state() == web_sys::VisibilityState::Visible {
            work();
        }
    });
    let callback = work.as_ref().unchecked_ref();
    let _ = document().add_event_listener_with_callback("visibilitychange", callback);
    let _ = window().add_event_listener_with_callback("pageshow", callback);
    let _ = window().add_event_listener_with_callback("online", callback);
    work.forget();
}

/// Lets the service worker keep the static shell, so that the app opens without a network.
pub fn register_service_worker() {
    let navigator = window().navigator();
    if js_sys::Reflect::has(&navigator, &JsValue::from_str("serviceWorker")).unwrap_or(false) {
        let _ = navigator.service_worker().register("/sw.js");
    }
}
