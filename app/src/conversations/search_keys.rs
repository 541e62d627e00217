//! The keys that lead to the search: Ctrl or ⌘ with F for all messages, with Shift as well for the conversation on the screen.
//! Pressed again, in the search field, they are the browser's own.
//!
//! Source: ux, keyboard map.

use leptos::ev::{KeyboardEvent, keydown};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use wasm_bindgen::JsCast;

use super::search_page::FIELD;

/// Listens as long as the page is there.
pub fn lead_to_search() {
    let go = StoredValue::new(use_navigate());
    let path = use_location().pathname;
    let handle = window_event_listener(keydown, move |press: KeyboardEvent| {
        let Some(address) = path.try_with_untracked(|path| address(path, &press)).flatten() else {
            return;
        };
        if address.is_empty() {
            let field = document().get_element_by_id(FIELD);
            let field = field.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok());
            let has_focus = document()
                .active_element()
                .is_some_and(|active| active.id() == FIELD);
            if let Some(field) = field.filter(|_| !has_focus) {
                press.prevent_default();
                // Only an element that has left the page refuses the focus.
                let _ = field.focus();
            }
            return;
        }
        press.prevent_default();
        let _ = go.try_with_value(|go| go(&address, NavigateOptions::default()));
    });
    on_cleanup(move || handle.remove());
}

/// Where the press leads from a page; empty on the search page itself.
fn address(path: &str, press: &KeyboardEvent) -> Option<String> {
    // Where there is a ⌘, Ctrl with F is one letter on, in every text field.
    let platform = window().navigator().platform().unwrap_or_default();
    let has_command = platform.starts_with("Mac") || platform.starts_with("iP");
    let is_held = press.meta_key() || press.ctrl_key() && !has_command;
    let is_find = is_held && !press.alt_key() && press.key().eq_ignore_ascii_case("f");
    if !is_find {
        return None;
    }
    let conversation = path.strip_prefix("/messages/");
    match (path, conversation) {
        ("/recherche", _) => Some(String::new()),
        (_, Some(conversation)) if press.shift_key() => {
            Some(format!("/recherche?dans={conversation}#{FIELD}"))
        }
        ("/accueil", _) | (_, Some(_)) => Some(format!("/recherche#{FIELD}")),
        _ => None,
    }
}
