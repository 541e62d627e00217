//! How Pli behaves for the person: language, Enter key, read receipts, who may ask, the guide. Each choice is one press, and
//! a plain form.

use leptos::prelude::*;

use super::settings::{SettingsFrame, SettingsTab};
use super::{EnterKey, Language, Me, SaveSettings};
use crate::form::OperationForm;
use crate::friendships::AskingSection;
use crate::i18n::{use_language, words};
use crate::session::use_session;
use crate::ui::{Icon, IconName, Section, use_toasts};

/// The preferences' page.
#[component]
pub fn PreferencesPage() -> impl IntoView {
    use words::accounts::preferences as t;
    let language = use_language();
    view! {
        <SettingsFrame tab=SettingsTab::Preferences title=t::title(language) sub=t::sub(language)>
            <LanguageSection/>
            <EnterKeySection/>
            <ReceiptsSection/>
            <AskingSection/>
            <GuideSection/>
        </SettingsFrame>
    }
}

#[component]
fn LanguageSection() -> impl IntoView {
    use words::accounts::preferences as t;
    let language = use_language();
    let choice = move |value: Language, name: &'static str| {
        let wish = SaveSettings {
            language: Some(value),
            ..SaveSettings::default()
        };
        // Words are plain values: another language is another page, which begins with its cookie.
        let chosen = move |_: Me| load_in(value);
        view! {
            <OperationForm operation=wish on_done=chosen next=format!("/parametres/preferences?lang={}", value.tag())>
                <ChoiceButton name lang=value.tag() is_chosen=Signal::stored(value == language)/>
            </OperationForm>
        }
    };
    view! {
        <Section id="langue" title=t::language(language)>
            <div class="card rows">
                {choice(Language::French, t::french(language))} {choice(Language::English, t::english(language))}
            </div>
        </Section>
    }
}

#[component]
fn EnterKeySection() -> impl IntoView {
    use words::accounts::preferences as t;
    let language = use_language();
    let session = use_session();
    let toasts = use_toasts();
    let present = Memo::new(move |_| {
        session
            .me
            .with(|me| me.as_ref().map(|me| me.enter_key).unwrap_or_default())
    });
    let choice = move |value: EnterKey, name: &'static str, hint: Option<&'static str>| {
        let wish = SaveSettings {
            enter_key: Some(value),
            ..SaveSettings::default()
        };
        let chosen = move |me: Me| {
            session.me.set(Some(me));
            toasts.say(words::accounts::settings::saved(language));
        };
        view! {
            <OperationForm operation=wish on_done=chosen>
                <ChoiceButton name hint is_chosen=Signal::derive(move || present.get() == value)/>
            </OperationForm>
        }
    };
    view! {
        <Section id="entree" title=t::enter_key(language)>
            <div class="card rows">
                {choice(EnterKey::Auto, t::auto(language), Some(t::auto_hint(language)))}
                {choice(EnterKey::Sends, t::sends(language), None)}
                {choice(EnterKey::NewLine, t::new_line(language), None)}
            </div>
            <p class="section__note">{t::enter_note(language)}</p>
        </Section>
    }
}

/// Whether friends are told what was read: both ways or neither.
#[component]
fn ReceiptsSection() -> impl IntoView {
    use words::accounts::preferences as t;
    let language = use_language();
    let session = use_session();
    let toasts = use_toasts();
    let present = Memo::new(move |_| {
        session
            .me
            .with(|me| me.as_ref().is_none_or(|me| me.shares_read_receipts))
    });
    let choice = move |value: bool, name: &'static str, hint: &'static str| {
        let wish = SaveSettings {
            shares_read_receipts: Some(value),
            ..SaveSettings::default()
        };
        let chosen = move |me: Me| {
            session.me.set(Some(me));
            toasts.say(words::accounts::settings::saved(language));
        };
        view! {
            <OperationForm operation=wish on_done=chosen>
                <ChoiceButton name hint=Some(hint) is_chosen=Signal::derive(move || present.get() == value)/>
            </OperationForm>
        }
    };
    view! {
        <Section id="accuses" title=t::receipts(language)>
            <div class="card rows">
                {choice(true, t::receipts_on(language), t::receipts_on_hint(language))}
                {choice(false, t::receipts_off(language), t::receipts_off_hint(language))}
            </div>
            <p class="section__note">{t::receipts_note(language)}</p>
        </Section>
    }
}

/// One choice among a few: its words, and a mark when it is the present one.
#[component]
pub(crate) fn ChoiceButton(
    /// What is chosen.
    name: &'static str,
    /// What that means.
    #[prop(optional_no_strip)]
    hint: Option<&'static str>,
    #[prop(optional, into)] lang: Option<&'static str>,
    is_chosen: Signal<bool>,
) -> impl IntoView {
    view! {
        <button class="choice" type="submit" lang=lang aria-pressed=move || is_chosen.get().to_string()>
            <span class="row__text">
                <span class="choice__name">{name}</span>
                {hint.map(|hint| view! { <span class="choice__hint">{hint}</span> })}
            </span>
            <span class="choice__mark"><Icon name=IconName::Check small=true/></span>
        </button>
    }
}

#[component]
fn GuideSection() -> impl IntoView {
    use words::accounts::preferences as t;
    let language = use_language();
    let session = use_session();
    let go = leptos_router::hooks::use_navigate();
    let restarted = move |me: Me| {
        session.me.set(Some(me));
        go("/accueil", leptos_router::NavigateOptions::default());
    };
    view! {
        <Section id="visite" title=t::guide(language)>
            <div class="card rows">
                <div class="row">
                    <span class="row__icon"><Icon name=IconName::Help/></span>
                    <div class="row__text">
                        <p class="row__sub">{t::guide_text(language)}</p>
                    </div>
                    <div class="row__actions">
                        <OperationForm
                            operation=SaveSettings { guide_step: Some(1), ..SaveSettings::default() }
                            next="/accueil"
                            on_done=restarted
                        >
                            <button class="button button--outline" type="submit">{t::restart_guide(language)}</button>
                        </OperationForm>
                    </div>
                </div>
            </div>
        </Section>
    }
}

/// Loads the page again in this language.
fn load_in(language: Language) {
    #[cfg(feature = "hydrate")]
    {
        crate::browser::set_cookie("lang", language.tag());
        let _ = window().location().reload();
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = language;
}
