//! The own profile: what colleagues see.

use leptos::prelude::*;

use super::asking::{Asking, FormError, FormHead, first_words, take_posted};
use super::identity::{IdentityFields, KnownIdentity};
use super::photo::PhotoSection;
use super::settings::{SettingsFrame, SettingsTab};
use super::{Me, SaveProfile};
use crate::api::Operation;
use crate::i18n::{use_language, words};
use crate::session::use_session;
use crate::ui::{Field, Section, SubmitButton, use_toasts};

/// The profile's page.
#[component]
pub fn ProfileSettingsPage() -> impl IntoView {
    use words::accounts::profile as t;
    let language = use_language();
    view! {
        <SettingsFrame tab=SettingsTab::Profile title=t::title(language) sub=t::sub(language)>
            <ProfilePanel/>
        </SettingsFrame>
    }
}

/// Photo and identity.
#[component]
pub(super) fn ProfilePanel() -> impl IntoView {
    let session = use_session();
    session.me.get_untracked().map(|me| {
        view! {
            <PhotoSection/>
            <IdentitySection me/>
        }
    })
}

#[component]
fn IdentitySection(me: Me) -> impl IntoView {
    use words::accounts::{identity, profile, settings};
    let language = use_language();
    let session = use_session();
    let toasts = use_toasts();
    let posted = take_posted(SaveProfile::NAME);
    let asking = Asking::new(
        &["title", "name", "profession", "workplace", "phone"],
        posted.as_ref(),
    );
    let phone = first_words(posted.as_ref(), "phone", &me.phone);
    let known = KnownIdentity {
        title: me.title,
        name: me.bare_name,
        profession: me.profession,
        workplace: me.workplace,
    };
    let saved = move |me: Me| {
        session.me.set(Some(me));
        toasts.say(settings::saved(language));
    };
    let submit = asking.submit::<SaveProfile>(saved);
    view! {
        <Section id="identite" title=profile::identity(language)>
            <form method="post" class="card card--pad form" novalidate on:submit=submit>
                <FormHead operation=SaveProfile::NAME/>
                <IdentityFields asking posted known/>
                <Field
                    id="telephone"
                    name="phone"
                    kind="tel"
                    label=identity::phone(language)
                    hint=identity::phone_hint(language).to_owned()
                    value=phone
                    autocomplete="tel"
                    inputmode="tel"
                    maxlength=30
                    error=asking.error_of("phone")
                />
                <FormError asking/>
                <div class="form__actions">
                    <SubmitButton
                        label=settings::save(language)
                        pending_label=settings::saving(language).to_owned()
                        pending=asking.pending()
                    />
                </div>
            </form>
        </Section>
    }
}
