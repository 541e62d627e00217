//! Opening the instance: the first account, an administrator, by the one-time key that the server has printed.

use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{Asking, FormError, FormHead, first_words, take_posted};
use super::identity::{IDENTITY_FIELDS, IdentityFields, NewPasswordField};
use super::one_time_key::follow_fragment;
use super::welcome::Welcome;
use super::{SetUp, SignedIn};
use crate::api::Operation;
use crate::i18n::{use_language, words};
use crate::ui::{Field, SubmitButton};

/// The page that opens the instance. The server shows it as long as no account exists.
#[component]
pub fn InstallationPage() -> impl IntoView {
    use words::accounts::installation as t;
    let language = use_language();
    let posted = take_posted(SetUp::NAME);
    let asking = Asking::new(IDENTITY_FIELDS, posted.as_ref());
    let key = first_words(posted.as_ref(), "key", "");
    let email = first_words(posted.as_ref(), "email", "");
    follow_fragment(key, |_| {});
    let opened = move |_: SignedIn| asking.leave_for("/accueil");
    let submit = asking.submit::<SetUp>(opened);
    view! {
        <Title text=t::title(language)/>
        <Welcome>
            <form method="post" class="sign-in__form" novalidate on:submit=submit>
                <div>
                    <h1 tabindex="-1">{t::title(language)}</h1>
                    <p class="section__note">{t::text(language)}</p>
                </div>
                <FormHead operation=SetUp::NAME next="/accueil"/>
                <Field
                    id="cle"
                    name="key"
                    label=t::key(language)
                    hint=t::key_hint(language).to_owned()
                    value=key
                    autocomplete="off"
                    required=true
                    error=asking.error_of("key")
                />
                <Field
                    id="courriel"
                    name="email"
                    kind="email"
                    label=words::accounts::sign_in::email(language)
                    value=email
                    autocomplete="username"
                    inputmode="email"
                    required=true
                    error=asking.error_of("email")
                />
                <NewPasswordField asking label=words::accounts::sign_in::password(language)/>
                <IdentityFields asking posted/>
                <FormError asking/>
                <SubmitButton
                    label=t::submit(language)
                    pending_label=t::submitting(language).to_owned()
                    pending=asking.pending()
                    class="button--large button--block"
                />
            </form>
        </Welcome>
    }
}
