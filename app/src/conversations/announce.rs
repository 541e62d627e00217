//! Tells screen readers what arrives in the open conversation, once each; a flood is counted. What was said goes at once: the
//! words of a message stand nowhere once its author has deleted it.
//!
//! Source: ux §3.4, live region.

use leptos::prelude::*;

use super::opened::Opened;
use super::text::message_words;
use crate::i18n::{use_language, words};

/// More than two messages within this time are counted. Then what was said goes; a screen reader has taken it by then.
const WINDOW: std::time::Duration = std::time::Duration::from_secs(2);

/// The polite region. Only what is added to it is spoken.
#[component]
pub(super) fn Announcer(
    /// The conversation.
    opened: Opened,
) -> impl IntoView {
    use words::conversations::announce as t;
    let language = use_language();
    let said = RwSignal::new(String::new());
    let n_arrived = StoredValue::new(0_u64);
    Effect::new(move |_| {
        let Some(message) = opened.arrival.get() else {
            return;
        };
        let count = n_arrived.get_value() + 1;
        n_arrived.set_value(count);
        if count == 1 {
            let close = move || {
                let Some(count) = n_arrived.try_get_value() else {
                    return;
                };
                n_arrived.set_value(0);
                let _ = said.try_set(if count > 2 {
                    t::many(language, count)
                } else {
                    String::new()
                });
            };
            set_timeout(close, WINDOW);
        }
        if count <= 2 {
            said.set(t::one(
                language,
                &opened.friend_name(),
                &message_words(language, &message),
            ));
        }
    });
    view! {
        <div class="visually-hidden" aria-live="polite">
            {move || said.get()}
        </div>
    }
}
