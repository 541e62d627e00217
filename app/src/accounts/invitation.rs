//! One-time links: joining by an invitation, or choosing a new password. The key decides which.
//!
//! A live page reads the key from its address. Without a script the person pastes it into the first form, which leads to
//! the second.

use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{Asking, FormError, FormHead, posted_key, take_posted};
use super::identity::{IDENTITY_FIELDS, IdentityFields, KnownIdentity, NewPasswordField};
use super::one_time_key::follow_fragment;
use super::welcome::Welcome;
use super::{AcceptInvitation, Link, LinkPurpose, ReadLink, ResetPassword, Secret, SignedIn};
use crate::api::{ApiError, Done, Operation};
use crate::asked::ask;
use crate::boot::Posted;
use crate::i18n::{use_language, words};
use crate::ui::{Field, SubmitButton};

/// The page behind a one-time link.
#[component]
pub fn InvitationPage() -> impl IntoView {
    let language = use_language();
    let posted = take_posted(ReadLink::NAME)
        .or_else(|| take_posted(AcceptInvitation::NAME))
        .or_else(|| take_posted(ResetPassword::NAME));
    let key = posted_key(posted.as_ref());
    let read_key = key.clone();
    let has_key = key.is_some();
    let link = ask(move || {
        Some(ReadLink {
            key: read_key.clone()?,
        })
    });
    let key = key.map(|Secret(key)| key).unwrap_or_default();
    view! {
        <Title text=words::accounts::invitation::title(language)/>
        <Welcome>
            <Suspense>
                {move || {
                    let (key, posted) = (key.clone(), posted.clone());
                    Suspend::new(async move {
                        let outcome = if has_key { link.answer().await.map(Some) } else { Ok(None) };
                        view! { <Steps key outcome posted/> }
                    })
                }}
            </Suspense>
        </Welcome>
    }
}

/// The key first, then what it opens.
#[component]
fn Steps(key: String, outcome: Result<Option<Link>, ApiError>, posted: Option<Posted>) -> impl IntoView {
    let (found, refused) = match outcome {
        Ok(found) => (found, None),
        Err(error) => (None, Some(error)),
    };
    let link = RwSignal::new(found);
    let key = RwSignal::new(key);
    let reading = Asking::new(&["key"], None);
    reading.error().set(refused);
    follow_fragment(key, move |found| {
        if link.with_untracked(Option::is_some) {
            link.set(None);
        }
        reading.send(ReadLink { key: Secret(found) }, move |answer| {
            link.set(Some(answer));
        });
    });
    move || match link.get() {
        None => {
            view! { <KeyForm asking=reading key on_read=move |answer| link.set(Some(answer))/> }.into_any()
        }
        Some(link) if link.purpose == LinkPurpose::Invitation => {
            view! { <JoinForm link key posted=posted.clone()/> }.into_any()
        }
        Some(link) => view! { <ResetForm link key posted=posted.clone()/> }.into_any(),
    }
}

#[component]
fn KeyForm(asking: Asking, key: RwSignal<String>, #[prop(into)] on_read: Callback<Link>) -> impl IntoView {
    use words::accounts::invitation as t;
    let language = use_language();
    let read = move |link| on_read.run(link);
    let submit = asking.submit::<ReadLink>(read);
    view! {
        <form method="post" class="sign-in__form" novalidate on:submit=submit>
            <div>
                <h1 tabindex="-1">{t::title(language)}</h1>
                <p class="section__note">{t::text(language)}</p>
            </div>
            <FormHead operation=ReadLink::NAME/>
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
            <FormError asking/>
            <SubmitButton label=t::go_on(language) pending=asking.pending() class="button--large button--block"/>
        </form>
    }
}

#[component]
fn JoinForm(link: Link, key: RwSignal<String>, posted: Option<Posted>) -> impl IntoView {
    use words::accounts::invitation::join as t;
    let language = use_language();
    let posted = posted.filter(|posted| posted.operation == AcceptInvitation::NAME);
    let asking = Asking::new(IDENTITY_FIELDS, posted.as_ref());
    let joined = move |_: SignedIn| asking.leave_for("/accueil");
    let Link {
        email,
        name,
        profession,
        workplace,
        ..
    } = link;
    let known = KnownIdentity {
        title: String::new(),
        name,
        profession,
        workplace,
    };
    let submit = asking.submit::<AcceptInvitation>(joined);
    view! {
        <form method="post" class="sign-in__form" novalidate on:submit=submit>
            <div>
                <h1 tabindex="-1">{t::title(language)}</h1>
                <p class="section__note">{t::text(language)}</p>
            </div>
            <FormHead operation=AcceptInvitation::NAME next="/accueil"/>
            <input type="hidden" name="key" value=move || key.get()/>
            <OwnAddress email/>
            <NewPasswordField asking label=words::accounts::sign_in::password(language)/>
            <IdentityFields asking posted known/>
            <FormError asking/>
            <SubmitButton
                label=t::submit(language)
                pending_label=t::submitting(language).to_owned()
                pending=asking.pending()
                class="button--large button--block"
            />
        </form>
    }
}

#[component]
fn ResetForm(link: Link, key: RwSignal<String>, posted: Option<Posted>) -> impl IntoView {
    use words::accounts::invitation::reset as t;
    let language = use_language();
    let posted = posted.filter(|posted| posted.operation == ResetPassword::NAME);
    let asking = Asking::new(&["password"], posted.as_ref());
    let saved = move |_: Done| asking.leave_for("/connexion");
    let submit = asking.submit::<ResetPassword>(saved);
    view! {
        <form method="post" class="sign-in__form" novalidate on:submit=submit>
            <div>
                <h1 tabindex="-1">{t::title(language)}</h1>
                <p class="section__note">{t::text(language)}</p>
            </div>
            <FormHead operation=ResetPassword::NAME next="/connexion"/>
            <input type="hidden" name="key" value=move || key.get()/>
            <OwnAddress email=link.email/>
            <NewPasswordField asking label=words::accounts::password::fresh(language)/>
            <FormError asking/>
            <SubmitButton
                label=t::submit(language)
                pending_label=t::submitting(language).to_owned()
                pending=asking.pending()
                class="button--large button--block"
            />
        </form>
    }
}

/// The address that the password will belong to: shown, known to password managers, and not sent.
#[component]
fn OwnAddress(email: String) -> impl IntoView {
    let language = use_language();
    view! {
        <div class="field">
            <label class="field__label" for="courriel">{words::accounts::sign_in::email(language)}</label>
            <input class="field__control" id="courriel" type="email" autocomplete="username" readonly value=email/>
        </div>
    }
}
