//! One-time keys stand in the fragment of a link, `#k=…`, which browsers send to nobody: only the page itself can
//! read it.

use leptos::prelude::*;

/// Puts the key of the page's address into the signal and tells `on_found`: once the page is live, and when another
/// link is pasted over it. Without a script the person types the key.
pub(super) fn follow_fragment(key: RwSignal<String>, on_found: impl Fn(String) + 'static) {
    #[cfg(feature = "hydrate")]
    {
        let hash = leptos_router::hooks::use_location().hash;
        Effect::new(move |_| {
            hash.track();
            let fragment = window().location().hash().unwrap_or_default();
            let found = fragment
                .strip_prefix("#k=")
                .filter(|found| !found.is_empty() && key.with_untracked(|known| known != found))
                .map(str::to_owned);
            let Some(found) = found else { return };
            on_found(found.clone());
            // A frame later: the field first takes over what the browser has put back into it.
            request_animation_frame(move || {
                let _ = key.try_set(found);
            });
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (key, on_found);
}
