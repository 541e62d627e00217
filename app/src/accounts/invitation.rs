//! One-time links: joining by an invitation, or choosing a new password. The key decides which.
//!
//! A live page reads the key from its address. Without a script the person pastes it into the first form, which leads to
//! the second.

use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{Asking, FormError, FormHead, posted_key, take_posted};
use super::identity::{IDENTITY_FIELDS, IdentityFields, KnownIdentity, NewPasswordField};
use super::one_time_key::follow_fragment;
use super::provider_entry::ask_offer;
use super::welcome::Welcome;
use super::{
    AcceptInvitation, Link, LinkPurpose, ReadLink, ResetPassword, Secret, SignedIn, StartProviderJoin,
};
use crate::api::{ApiError, Done, Operation};
use crate::asked::ask;
use crate::boot::Posted;
use crate::i18n::{use_language, words};
use crate::ui::{Field, Icon, IconName, SubmitButton};

/// The page behind a one-time link.
#[component]
pub fn InvitationPage() -> impl IntoView {
    let language = use_language();
    let posted = take_posted(ReadLink::NAME)
        .or_else(|| take_posted(AcceptInvitation::NAME))
        .or_else(|| take_posted(StartProviderJoin::NAME))
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
    let offer = ask_offer();
    view! {
        <Title text=words::accounts::invitation::title(language)/>
        <Welcome>
            <Suspense>
                {move || {
                    let (key, posted) = (key.clone(), posted.clone());
                    Suspend::new(async move {
                        let outcome = if has_key { link.answer().await.map(Some) } else { Ok(None) };
                        let provider = offer.answer().await.ok().and_then(|offer| offer.label);
                        view! { <Steps key outcome posted provider/> }
                    })
                }}
            </Suspense>
        </Welcome>
    }
}

/// The key first, then what it opens.
#[component]
fn Steps(
    key: String,
    outcome: Result<Option<Link>, ApiError>,
    posted: Option<Posted>,
    provider: Option<String>,
) -> impl IntoView {
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
            view! { <JoinForm link key posted=posted.clone() provider=provider.clone()/> }.into_any()
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
fn JoinForm(
    link: Link,
    key: RwSignal<String>,
    posted: Option<Posted>,
    /// What the organisation's provider is called.
    provider: Option<String>,
) -> impl IntoView {
    use words::accounts::invitation::join as t;
    let language = use_language();
    let posted = posted.filter(|posted| posted.operation != ReadLink::NAME);
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
    // The button of the provider posts the plain form, in a live page too: it leaves the page anyway.
    let is_by_provider = StoredValue::new(false);
    let submit = move |event| {
        if !is_by_provider.get_value() {
            submit(event);
        }
    };
    let by_provider = provider.map(|label| {
        view! {
            <p class="section__note">{words::accounts::passkeys::or(language)}</p>
            <button
                class="button button--outline button--large button--block"
                type="submit"
                name="operation"
                value=StartProviderJoin::NAME
                on:click=move |_| is_by_provider.set_value(true)
            >
                <Icon name=IconName::Building small=true/>
                {words::accounts::provider::join(language, &label)}
            </button>
            <p class="section__note">{words::accounts::provider::join_hint(language)}</p>
        }
    });
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
            {by_provider}
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
