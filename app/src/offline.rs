//! The page that opens without a network: the static shell that the service worker keeps. It holds nobody's data; it
//! says what is the matter and tries again by itself.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::i18n::{use_language, words::offline as t};
use crate::ui::{BrandMark, Icon, IconName};

/// `/hors-ligne`.
#[component]
pub fn OfflinePage() -> impl IntoView {
    let language = use_language();
    retry_when_back();
    view! {
        <Title text=t::title(language)/>
        <div class="page">
            <div class="offline-hero">
                <svg class="offline-hero__art" viewBox="0 0 176 104" aria-hidden="true">
                    <path class="art__soft" d="M52 84a24 24 0 0 1-3-47.8A36 36 0 0 1 118 32a26 26 0 0 1 6 52z"></path>
                    <path class="art__line" d="M4 92h168"></path>
                    <g transform="translate(66 30) rotate(-8) scale(.72)">
                        <BrandMark/>
                    </g>
                </svg>
                <h1 tabindex="-1">{t::heading(language)}</h1>
                <p class="section__note">{t::text(language)}</p>
                <a class="button button--primary" href="/accueil">
                    <Icon name=IconName::Refresh small=true/>
                    {t::retry(language)}
                </a>
            </div>
        </div>
    }
}

/// Goes on to where the person wanted to be as soon as the network is back.
fn retry_when_back() {
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        let handle = window_event_listener(leptos::ev::online, |_| {
            let _ = window().location().reload();
        });
        on_cleanup(move || handle.remove());
    });
}
