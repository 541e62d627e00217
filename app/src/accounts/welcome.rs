//! The page before anybody is signed in: what Pli promises on one side, a form on the other.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_query_map};

use super::Language;
use crate::i18n::{use_language, words};
use crate::ui::{BrandMark, Icon, IconName, Logo};

/// The two sides; the children stand in the second.
#[component]
pub(super) fn Welcome(children: Children) -> impl IntoView {
    view! {
        <div class="sign-in">
            <WelcomeSide/>
            <div class="sign-in__main">{children()}</div>
        </div>
    }
}

#[component]
fn WelcomeSide() -> impl IntoView {
    use words::accounts::welcome as t;
    let language = use_language();
    view! {
        <header class="sign-in__side">
            <div class="sign-in__top">
                <Logo/>
                <LanguageLink/>
            </div>
            <Flight/>
            <p class="sign-in__motto">
                <span>{t::first(language)}</span>
                <span>{t::second(language)}</span>
                <span class="soft">{t::third(language)}</span>
            </p>
            <div class="sign-in__promises">
                <Promise
                    icon=IconName::PersonCheck
                    title=t::friends::title(language)
                    text=t::friends::text(language)
                />
                <Promise icon=IconName::Lock title=t::patients::title(language) text=t::patients::text(language)/>
                <Promise icon=IconName::Building title=t::home::title(language) text=t::home::text(language)/>
            </div>
        </header>
    }
}

/// What stands on top of a page that everybody may read, for those who are not signed in: the logo, the other language,
/// the way in.
#[component]
pub fn VisitorBar() -> impl IntoView {
    let language = use_language();
    view! {
        <div class="visitor-bar">
            <Logo/>
            <LanguageLink/>
            <a class="button button--outline" href="/connexion">
                {words::accounts::sign_in::submit(language)}
            </a>
        </div>
    }
}

#[component]
fn Promise(icon: IconName, title: &'static str, text: &'static str) -> impl IntoView {
    view! {
        <div class="promise">
            <span class="row__icon"><Icon name=icon/></span>
            <div>
                <p class="promise__title">{title}</p>
                <p class="promise__text">{text}</p>
            </div>
        </div>
    }
}

/// The same page in the other language: an ordinary link, which the server answers with the page's cookie.
#[component]
fn LanguageLink() -> impl IntoView {
    let (other, name) = match use_language() {
        Language::French => (Language::English, "English"),
        Language::English => (Language::French, "Français"),
    };
    let path = use_location().pathname;
    let query = use_query_map();
    let href = move || {
        let next = query
            .with(|query| query.get("suite"))
            .filter(|next| is_local(next));
        let next = next.map(|next| format!("&suite={next}")).unwrap_or_default();
        format!("{}?lang={}{next}", path.get(), other.tag())
    };
    // A one-time key stands in the fragment, which a plain link would lose.
    let keep_fragment = move |event: MouseEvent| {
        #[cfg(feature = "hydrate")]
        if let Ok(fragment) = window().location().hash()
            && !fragment.is_empty()
        {
            event.prevent_default();
            let _ = window().location().set_href(&format!("{}{fragment}", href()));
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = event;
    };
    view! {
        <a
            class="button button--quiet"
            href=href
            rel="external"
            lang=other.tag()
            hreflang=other.tag()
            on:click=keep_fragment
        >
            <Icon name=IconName::Globe small=true/>
            {name}
        </a>
    }
}

/// Whether a page asked for by its address is one of ours: a plain path, nothing that could lead elsewhere.
pub(super) fn is_local(path: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
    path.starts_with('/') && !path.starts_with("//") && path.chars().all(is_plain)
}

/// A letter that has become a plane.
#[component]
fn Flight() -> impl IntoView {
    view! {
        <svg class="sign-in__art" viewBox="0 0 480 320" aria-hidden="true">
            <g transform="rotate(-8 92 222)">
                <rect class="art__paper" x="22" y="140" width="132" height="164" rx="7"/>
                <path class="art__line" d="m24 142 64 66 64-66M88 208v94"/>
                <rect class="art__soft" x="40" y="232" width="36" height="8" rx="4"/>
                <rect class="art__soft" x="40" y="250" width="36" height="8" rx="4"/>
                <rect class="art__soft" x="40" y="268" width="24" height="8" rx="4"/>
                <rect class="art__soft" x="102" y="232" width="36" height="8" rx="4"/>
                <rect class="art__soft" x="102" y="250" width="30" height="8" rx="4"/>
            </g>
            <path class="art__dash" d="M152 176c14-62 62-102 116-88s44 84 4 82-20-72 32-96 62-22 72-22"/>
            <g transform="translate(346 -2) rotate(8) scale(1.6)">
                <BrandMark/>
            </g>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn only_our_own_paths_are_followed() {
        assert!(is_local("/messages/0198f2a4-7c1e-7b3a-9d5f-112233445566"));
        for elsewhere in [
            "",
            "accueil",
            "//example.org",
            "/\\example.org",
            "https://example.org",
            "/a?b",
            "/a\nb",
        ] {
            assert!(!is_local(elsewhere), "{elsewhere:?}");
        }
    }
}
