//! The page that opens without a network.

use leptos::prelude::*;

/// Being written.
#[component]
pub fn OfflinePage() -> impl IntoView {
    view! { <h1 tabindex="-1">"Hors ligne"</h1> }
}
