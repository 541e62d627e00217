//! Signing in: e-mail and password, a passkey, the organisation's provider; in the demonstration also one of its people by one
//! press.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::asking::{Asking, FormError, FormHead, first_words, take_posted};
use super::passkey_sign_in::PasskeyButton;
use super::provider_entry::{ProviderEntry, ProviderRefused, ask_offer};
use super::second_step::{SecondStep, awaited_ticket, posted_ticket};
use super::welcome::{Welcome, is_local};
use super::{FinishSignIn, Secret, SignIn, SignedIn};
use crate::api::Operation;
use crate::boot::use_boot;
use crate::demo::PersonaChoice;
use crate::i18n::{use_language, words};
use crate::ui::{Field, PasswordField, SubmitButton};

const HOME: &str = "/accueil";

/// The sign-in page. `?suite=/path` names the page that was asked for before.
#[component]
pub fn SignInPage() -> impl IntoView {
    let language = use_language();
    let is_demo = use_boot().with_value(|boot| boot.is_demo);
    let asked_for = use_query_map().with_untracked(|query| query.get("suite"));
    let asked_for = asked_for.filter(|path| is_local(path));
    let wants_page = asked_for.as_deref().is_some_and(|path| path != HOME);
    let next = asked_for.unwrap_or_else(|| HOME.to_owned());
    view! {
        <Title text=words::accounts::sign_in::title(language)/>
        <Welcome>
            <SignInForm next=next.clone() wants_page/>
            {is_demo.then(|| view! { <PersonaChoice next/> })}
        </Welcome>
    }
}

#[component]
fn SignInForm(
    /// Where signing in leads.
    next: String,
    /// Whether another page than home was asked for.
    wants_page: bool,
) -> impl IntoView {
    use words::accounts::sign_in as t;
    let language = use_language();
    let posted = take_posted(SignIn::NAME).or_else(|| take_posted(FinishSignIn::NAME));
    let asking = Asking::new(&["email", "password"], posted.as_ref());
    let query = use_query_map();
    // The provider has recognised somebody, and the browser holds the ticket.
    let is_recognised = query.with_untracked(|query| query.get("etape").as_deref() == Some("code"));
    let held =
        (is_recognised && asking.error().with_untracked(Option::is_none)).then(|| Secret(String::new()));
    let ticket = RwSignal::new(posted_ticket(posted.as_ref()).or(held));
    let refused = query.with_untracked(|query| query.get("refus"));
    let is_anew = refused.is_some();
    let offer = ask_offer();
    Effect::new(move |_| {
        if let Some(awaited) = awaited_ticket(asking) {
            asking.error().set(None);
            ticket.set(Some(awaited));
        }
    });
    let email = first_words(posted.as_ref(), "email", "");
    let goal = next.clone();
    let signed_in = move |_: SignedIn| asking.leave_for(&goal);
    let second = Callback::new(signed_in.clone());
    let next_after = next.clone();
    let page_after = next.clone();
    let submit = asking.submit::<SignIn>(signed_in);
    let first = view! {
        <form method="post" class="sign-in__form" novalidate on:submit=submit hidden=move || ticket.with(Option::is_some)>
            <h1 tabindex="-1">{t::title(language)}</h1>
            {wants_page.then(|| view! { <p class="section__note">{t::to_see_page(language)}</p> })}
            <ProviderRefused word=refused/>
            <PasskeyButton asking on_done=second/>
            <ProviderEntry offer page=page_after is_anew/>
            <FormHead operation=SignIn::NAME next/>
            <Field
                id="courriel"
                name="email"
                kind="email"
                label=t::email(language)
                value=email
                autocomplete="username webauthn"
                inputmode="email"
                required=true
                error=asking.error_of("email")
            />
            <PasswordField
                id="mot-de-passe"
                name="password"
                label=t::password(language)
                reveal_label=t::reveal(language)
                required=true
                error=asking.error_of("password")
            />
            <FormError asking/>
            <SubmitButton
                label=t::submit(language)
                pending_label=t::submitting(language).to_owned()
                pending=asking.pending()
                class="button--large button--block"
            />
            <details class="sign-in__forgotten">
                <summary>{t::forgotten::question(language)}</summary>
                <p>{t::forgotten::answer(language)}</p>
            </details>
        </form>
    };
    // Over the first step, which keeps what was typed until the second is done.
    let second_step = move || {
        ticket.get().map(|given| {
            view! {
                <div class="sign-in__form">
                    <h1 tabindex="-1">{words::accounts::second_step::title(language)}</h1>
                    <SecondStep
                        ticket=given
                        asking
                        next=next_after.clone()
                        on_done=second
                        on_expired=move || ticket.set(None)
                    />
                </div>
            }
        })
    };
    view! { {first} {second_step} }
}
