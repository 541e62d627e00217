//! The way to a voice message: a button in the compose box, and the panel that comes with its first press.

use leptos::prelude::*;

use super::Panel;
use crate::chunk::{Beside, Page};
use crate::conversations::Opened;
use crate::i18n::{use_language, words};
use crate::ui::{Icon, IconName};

/// The button, drawn once the page is whole. A recording that waits for its person is shown again.
pub(crate) fn voice_button(opened: Opened) -> AnyView {
    view! { <VoiceButton opened/> }.into_any()
}

#[component]
fn VoiceButton(opened: Opened) -> impl IntoView {
    use words::attachments::voice as t;
    let language = use_language();
    let panel = Panel(RwSignal::new(was_left(opened)));
    provide_context(panel);
    // Why nothing will be recorded is said before the press, too.
    let hint = if is_secure() {
        t::button(language)
    } else {
        t::refused::insecure(language)
    };
    view! {
        <button
            class="button button--icon compose__voice"
            type="button"
            aria-label=t::button(language)
            aria-expanded=move || panel.0.get().to_string()
            title=hint
            on:click=move |_| panel.0.set(true)
        >
            <Icon name=IconName::Microphone/>
        </button>
        <Beside page=Page::RECORDER wanted=panel.0/>
    }
}

fn was_left(opened: Opened) -> bool {
    #[cfg(feature = "hydrate")]
    return super::take::was_left(crate::attachments::whose(opened));
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = opened;
        false
    }
}

fn is_secure() -> bool {
    #[cfg(feature = "hydrate")]
    return crate::browser::voice::is_secure();
    #[cfg(not(feature = "hydrate"))]
    true
}
