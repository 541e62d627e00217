//! The settings: on a wide screen a list beside the panel, on a phone a page that leads to the others.
//!
//! Each of their pages shows exactly one way to sign out.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

use super::leaving::{LeavingDialog, SignOutForm, provide_leaving};
use super::profile::ProfilePanel;
use crate::i18n::{use_language, words};
use crate::session::use_session;
use crate::ui::{Icon, IconName, PageHeader};

/// The settings' pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SettingsTab {
    Profile,
    Preferences,
    Devices,
    Security,
    Accounts,
    Reports,
}

/// The page that leads to the others; on a wide screen it begins with the profile.
#[component]
pub fn SettingsPage() -> impl IntoView {
    use words::accounts::settings as t;
    let language = use_language();
    provide_leaving();
    view! {
        <Title text=t::title(language)/>
        <div class="page">
            <div class="settings">
                <SettingsNav current=SettingsTab::Profile/>
                <div class="settings__panel">
                    <PageHeader title=t::title(language).to_owned()/>
                    <div class="card rows settings__list">
                        <SettingsLinks/>
                        <SignOutForm/>
                    </div>
                    <div class="settings__first">
                        <ProfilePanel/>
                    </div>
                </div>
            </div>
        </div>
    }
}

/// One page of the settings: its title, and the children below it.
#[component]
pub(crate) fn SettingsFrame(
    /// Which page it is.
    tab: SettingsTab,
    /// Its title.
    title: &'static str,
    /// A line below the title.
    sub: &'static str,
    children: Children,
) -> impl IntoView {
    let language = use_language();
    provide_leaving();
    view! {
        <Title text=title/>
        <div class="page">
            <div class="settings">
                <SettingsNav current=tab/>
                <div class="settings__panel">
                    <A href="/parametres" attr:class="button button--quiet settings__back page__back">
                        <Icon name=IconName::ArrowLeft small=true/>
                        {words::accounts::settings::back(language)}
                    </A>
                    <PageHeader title=title.to_owned() sub=sub.to_owned()/>
                    {children()}
                    <div class="settings__out">
                        <SignOutForm/>
                    </div>
                </div>
            </div>
        </div>
    }
}

/// The list beside the panel.
#[component]
fn SettingsNav(current: SettingsTab) -> impl IntoView {
    let language = use_language();
    view! {
        <nav class="settings__nav" aria-label=words::accounts::settings::title(language)>
            <SettingsLinks current/>
            <span class="settings__rule" aria-hidden="true"></span>
            <SignOutForm/>
        </nav>
        <LeavingDialog/>
    }
}

#[component]
fn SettingsLinks(#[prop(optional, into)] current: Option<SettingsTab>) -> impl IntoView {
    use words::accounts::settings as t;
    let language = use_language();
    let is_admin = use_session()
        .me
        .with_untracked(|me| me.as_ref().is_some_and(|me| me.is_admin));
    let link = move |tab: Option<SettingsTab>, href: &'static str, icon: IconName, name: &'static str| {
        let is_here = tab.is_some() && tab == current;
        view! {
            <A href=href attr:class="settings__link" attr:aria-current=is_here.then_some("page")>
                <Icon name=icon/>
                <span>{name}</span>
                {current.is_none().then(|| view! { <Icon name=IconName::ChevronRight class="settings__go"/> })}
            </A>
        }
    };
    view! {
        {link(Some(SettingsTab::Profile), "/parametres/profil", IconName::Person, t::profile(language))}
        {link(Some(SettingsTab::Preferences), "/parametres/preferences", IconName::Settings, t::preferences(language))}
        {link(Some(SettingsTab::Devices), "/parametres/appareils", IconName::Device, t::devices(language))}
        {link(Some(SettingsTab::Security), "/parametres/securite", IconName::Shield, t::security(language))}
        {is_admin
            .then(|| link(Some(SettingsTab::Accounts), "/parametres/comptes", IconName::Network, t::accounts(language)))}
        {is_admin
            .then(|| link(Some(SettingsTab::Reports), "/parametres/signalements", IconName::Hand, words::reports::admin::link(language)))}
        {link(None, "/aide", IconName::Help, t::help(language))}
    }
}
