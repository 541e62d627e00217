//! One-time keys stand in the fragment of a link, `#k=…`, which browsers send to nobody: only the page itself can read it.

use leptos::prelude::*;

/// Puts the key of the page's address into the signal, once the page is live, and tells `on_found`. Without a script the
/// person types it.
pub(super) fn follow_fragment(key: RwSignal<String>, on_found: impl Fn(String) + 'static) {
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        let fragment = window().location().hash().unwrap_or_default();
        if let Some(found) = fragment.strip_prefix("#k=").filter(|found| !found.is_empty()) {
            // A frame later: the field first takes over what the browser has put back into it.
            request_animation_frame({
                let found = found.to_owned();
                move || {
                    let _ = key.try_set(found);
                }
            });
            on_found(found.to_owned());
        }
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = (key, on_found);
}
