//! The organisation's provider before anybody is signed in: a plain link to it, and why it led nowhere.

use leptos::prelude::*;

use super::{GetProvider, Language, ProviderOffer, ProviderRefusal, SIGN_IN_BY_PROVIDER};
use crate::asked::{Asked, ask};
use crate::i18n::{use_language, words};
use crate::ui::{Icon, IconName, Notice, Tone};

/// Asks whether there is a provider.
pub(super) fn ask_offer() -> Asked<ProviderOffer> {
    ask(|| Some(GetProvider {}))
}

/// The link, where there is a provider.
#[component]
pub(super) fn ProviderEntry(
    offer: Asked<ProviderOffer>,
    /// The page to show afterwards.
    page: String,
    /// Whether it has just led nowhere: then the provider asks anew who is there.
    is_anew: bool,
) -> impl IntoView {
    let language = use_language();
    let anew = if is_anew { "&nouveau=oui" } else { "" };
    view! {
        <Suspense>
            {move || {
                let href = format!("{SIGN_IN_BY_PROVIDER}?suite={page}{anew}");
                Suspend::new(async move {
                    let label = offer.answer().await.ok().and_then(|offer| offer.label)?;
                    Some(
                        view! {
                            <a class="button button--outline button--large button--block" href=href rel="external">
                                <Icon name=IconName::Building small=true/>
                                {words::accounts::provider::sign_in(language, &label)}
                            </a>
                            <p class="section__note">{words::accounts::passkeys::or(language)}</p>
                        },
                    )
                })
            }}
        </Suspense>
    }
}

/// Why the way to the provider led nowhere, by the word that the page's address carries.
#[component]
pub(super) fn ProviderRefused(
    /// `?refus=`.
    #[prop(optional_no_strip)]
    word: Option<String>,
) -> impl IntoView {
    let language = use_language();
    let refusal = word.as_deref().and_then(ProviderRefusal::from_word);
    refusal.map(|refusal| view! { <Notice title=refusal_words(language, refusal) tone=Tone::Danger/> })
}

fn refusal_words(language: Language, refusal: ProviderRefusal) -> &'static str {
    use words::accounts::provider::refused as t;
    match refusal {
        ProviderRefusal::Cancelled => t::cancelled(language),
        ProviderRefusal::Unknown => t::unknown(language),
        ProviderRefusal::TooWeak => t::too_weak(language),
        ProviderRefusal::Stale => t::stale(language),
        ProviderRefusal::Expired => t::expired(language),
        ProviderRefusal::Unreachable => t::unreachable(language),
        ProviderRefusal::Untrusted => t::untrusted(language),
        ProviderRefusal::Taken => t::taken(language),
        ProviderRefusal::PasskeyNeeded => t::passkey_needed(language),
    }
}
