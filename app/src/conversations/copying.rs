//! Puts words on the clipboard, and says so.

use crate::accounts::Language;
use crate::i18n::words;
use crate::ui::Toasts;

/// Copies `text`. Where the browser forbids it (no secure context), the toast says what to do instead.
pub(super) fn copy(toasts: Toasts, language: Language, text: String) {
    use words::conversations::failure as t;
    #[cfg(feature = "hydrate")]
    leptos::task::spawn_local(async move {
        let navigator = leptos::prelude::window().navigator();
        // Absent outside secure contexts, whatever the types say.
        let has_clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into())
            .is_ok_and(|clipboard| !clipboard.is_undefined() && !clipboard.is_null());
        let is_done = has_clipboard
            && wasm_bindgen_futures::JsFuture::from(navigator.clipboard().write_text(&text))
                .await
                .is_ok();
        if is_done {
            toasts.say(t::copied(language));
        } else {
            toasts.alert(t::not_copied(language));
        }
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = (toasts, text, t::copied(language), t::not_copied(language));
}
