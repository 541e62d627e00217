//! The page that opens without a network: the static shell that the service worker keeps. It holds nobody's data; it
//! says what is the matter, how much waits on this device, and tries again by itself.
//!
//! What waits is sealed by a secret that only the server has, so this page can count it, and show none of it.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::i18n::{use_language, words::offline as t};
use crate::ui::{Drawing, EmptyDrawing, Icon, IconName};

/// `/hors-ligne`.
#[component]
pub fn OfflinePage() -> impl IntoView {
    let language = use_language();
    let target = RwSignal::new("/accueil".to_owned());
    let is_leaving = RwSignal::new(false);
    let waiting = RwSignal::new((0, 0));
    aim_at_wanted_page(target, is_leaving);
    count_what_waits(waiting);
    view! {
        <Title text=t::title(language)/>
        <div class="page">
            <div class="empty">
                <EmptyDrawing drawing=Drawing::Cloud/>
                <h1 tabindex="-1">{t::heading(language)}</h1>
                <p class="empty__text">{t::text(language)}</p>
                <p class="section__note" role="status">{move || is_leaving.get().then(|| t::signed_out(language))}</p>
                <Waiting waiting/>
                // From the server, with its data: this page has nobody's.
                <a class="button button--primary" href=move || target.get() rel="external">
                    <Icon name=IconName::Refresh small=true/>
                    {t::retry(language)}
                </a>
            </div>
        </div>
    }
}

/// How many messages and drafts wait here.
#[component]
fn Waiting(waiting: RwSignal<(u64, u64)>) -> impl IntoView {
    let language = use_language();
    let lines = move || {
        let (n_messages, n_drafts) = waiting.get();
        let messages = (n_messages > 0).then(|| t::messages(language, n_messages));
        let drafts = (n_drafts > 0).then(|| t::drafts(language, n_drafts));
        let sealed = (n_messages + n_drafts > 0).then(|| t::sealed(language).to_owned());
        let lines = [messages, drafts, sealed].into_iter().flatten();
        lines
            .map(|line| view! { <p class="section__note">{line}</p> })
            .collect_view()
    };
    view! { <div role="status">{lines}</div> }
}

fn count_what_waits(waiting: RwSignal<(u64, u64)>) {
    #[cfg(feature = "hydrate")]
    crate::chunk::when_whole_here(move || {
        leptos::task::spawn_local(async move {
            if let Some(device) = crate::browser::Device::load().await
                && let Some((n_messages, n_drafts)) = device.count_sealed("").await
            {
                let count = |n| u64::try_from(n).unwrap_or(u64::MAX);
                let _ = waiting.try_set((count(n_messages), count(n_drafts)));
            }
        });
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = waiting;
}

/// Somebody has signed out without a network (`?deconnexion`): says so. Else the service worker names the page that could
/// not be reached (`?vers=/messages/…`): leads there, by itself as soon as the network is back.
fn aim_at_wanted_page(target: RwSignal<String>, is_leaving: RwSignal<bool>) {
    // Whole first: what a synchronous request would bring meanwhile, no service worker answers.
    #[cfg(feature = "hydrate")]
    crate::chunk::when_whole_here(move || {
        let search = window().location().search().unwrap_or_default();
        is_leaving.set(search == "?deconnexion");
        let wanted = search
            .strip_prefix("?vers=")
            .and_then(|path| js_sys::decode_uri_component(path).ok());
        if let Some(path) = wanted.and_then(|path| path.as_string())
            && path.starts_with('/')
            && !path.starts_with("//")
        {
            target.set(path);
        }
        let handle = window_event_listener(leptos::ev::online, move |_| {
            let _ = window().location().set_href(&target.get_untracked());
        });
        on_cleanup(move || handle.remove());
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = (target, is_leaving);
}
