//! A place that the server fills with finished HTML, and a live page draws anew once it is whole: what stands there is
//! readable from the first moment, and none of the code that draws it travels with the first page.

use leptos::prelude::*;

/// A place in a page. `drawn` is what the server fills it with; `live` is drawn in its stead once the page is whole.
pub(super) fn slot(
    is_whole: RwSignal<bool>,
    class: &'static str,
    drawn: impl FnOnce() -> AnyView,
    live: impl Fn() -> AnyView + Send + Sync + 'static,
) -> AnyView {
    #[cfg(feature = "ssr")]
    let html = drawn().to_html();
    #[cfg(not(feature = "ssr"))]
    let html = {
        // What the server has drawn is in the page already, and is not looked at.
        let _ = drawn;
        String::new()
    };
    let piece = move || {
        if is_whole.get() {
            live()
        } else {
            view! { <div class=class inner_html=html.clone()></div> }.into_any()
        }
    };
    piece.into_any()
}
