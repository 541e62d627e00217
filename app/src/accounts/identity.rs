//! The fields that say who somebody is, and a new password: the same in the installation, the invitation and the profile.

use leptos::prelude::*;

use super::asking::{Asking, first_words};
use crate::boot::Posted;
use crate::i18n::{use_language, words};
use crate::ui::{Field, PasswordField};

/// What is known of a person before they fill the form in.
#[derive(Clone, Default)]
pub(super) struct KnownIdentity {
    /// "Dre" or empty.
    pub(super) title: String,
    /// The name.
    pub(super) name: String,
    /// What they do.
    pub(super) profession: String,
    /// Where.
    pub(super) workplace: String,
}

/// The fields of an identity.
pub(super) const IDENTITY_FIELDS: &[&str] = &[
    "key",
    "email",
    "password",
    "title",
    "name",
    "profession",
    "workplace",
];

/// Title, name, profession, workplace.
#[component]
pub(super) fn IdentityFields(
    /// The form they stand in.
    asking: Asking,
    /// What a plain form has posted.
    posted: Option<Posted>,
    /// What is known so far.
    #[prop(optional)]
    known: KnownIdentity,
) -> impl IntoView {
    use words::accounts::identity as t;
    let language = use_language();
    let value = |field: &str, known: &str| first_words(posted.as_ref(), field, known);
    view! {
        <div class="form__pair form__pair--title">
            <Field
                id="titre"
                name="title"
                label=t::title(language)
                hint=t::title_hint(language).to_owned()
                value=value("title", &known.title)
                autocomplete="honorific-prefix"
                maxlength=20
                error=asking.error_of("title")
            />
            <Field
                id="nom"
                name="name"
                label=t::name(language)
                hint=t::name_hint(language).to_owned()
                value=value("name", &known.name)
                autocomplete="name"
                maxlength=80
                required=true
                error=asking.error_of("name")
            />
        </div>
        <div class="form__pair">
            <Field
                id="profession"
                name="profession"
                label=t::profession(language)
                value=value("profession", &known.profession)
                autocomplete="organization-title"
                maxlength=80
                required=true
                error=asking.error_of("profession")
            />
            <Field
                id="lieu"
                name="workplace"
                label=t::workplace(language)
                value=value("workplace", &known.workplace)
                autocomplete="organization"
                maxlength=80
                required=true
                error=asking.error_of("workplace")
            />
        </div>
    }
}

/// A password to choose, with the one rule it has.
#[component]
pub(super) fn NewPasswordField(
    /// The form it stands in.
    asking: Asking,
    /// Its name in the form.
    #[prop(default = "password")]
    name: &'static str,
    /// What it is called.
    label: &'static str,
) -> impl IntoView {
    let language = use_language();
    view! {
        <PasswordField
            id=format!("nouveau-{name}")
            name=name
            label=label
            reveal_label=words::accounts::sign_in::reveal(language)
            hint=words::accounts::password::hint(language).to_owned()
            autocomplete="new-password"
            required=true
            error=asking.error_of(name)
        />
    }
}
