//! The second step of signing in, as its owner sets it up: an authenticator app, then recovery codes.

use leptos::{html, prelude::*};

use super::asking::{Asking, FormError, FormHead};
use super::security::{PATH, Protection};
use super::{
    AuthenticatorKey, FinishAuthenticator, MakeRecoveryCodes, RecoveryCodes, RemoveAuthenticator,
    StartAuthenticator,
};
use crate::api::{ApiError, Done, Operation};
use crate::form::OperationForm;
use crate::i18n::{use_language, words};
use crate::session::{use_client, use_session};
use crate::ui::{Field, Icon, IconName, Notice, Section, SubmitButton, Tone, use_toasts};

/// The section; `refused` is what a plain form was refused for.
#[component]
pub(super) fn SecondStepSection(
    protection: Protection,
    refused: Option<(String, ApiError)>,
) -> impl IntoView {
    use words::accounts::security as t;
    let language = use_language();
    let refused = StoredValue::new(refused);
    let has_app = Memo::new(move |_| protection.security.with(|security| security.has_authenticator));
    let is_required = Memo::new(move |_| protection.security.with(|security| security.is_factor_required));
    // A form that was refused without a script shows itself again, with the reason.
    let was_finishing = refused.with_value(|refused| {
        refused
            .as_ref()
            .is_some_and(|(name, _)| name == FinishAuthenticator::NAME)
    });
    let is_entering =
        Memo::new(move |_| !has_app.get() && (protection.key.with(Option::is_some) || was_finishing));
    view! {
        <Section id="deuxieme-etape" title=t::second_step(language)>
            <Show when=move || is_required.get() && !has_app.get()>
                <Notice title=t::required(language) text=t::required_text(language).to_owned() tone=Tone::Warn/>
            </Show>
            {move || protection.codes.get().map(|codes| view! { <CodesCard codes protection/> })}
            {move || match (has_app.get(), is_entering.get()) {
                (true, _) => view! { <AppCard protection is_required/> }.into_any(),
                (false, true) => {
                    let error = refused.get_value().map(|(_, error)| error);
                    view! { <KeyCard key=protection.key.get() protection error/> }.into_any()
                }
                (false, false) => view! { <NoAppCard protection/> }.into_any(),
            }}
        </Section>
    }
}

#[component]
fn NoAppCard(protection: Protection) -> impl IntoView {
    use words::accounts::security as t;
    let language = use_language();
    let started = move |key: AuthenticatorKey| protection.key.set(Some(key));
    view! {
        <div class="card card--pad form">
            <p>{t::none(language)}</p>
            <OperationForm operation=StartAuthenticator {} on_done=started next=PATH>
                <button class="button button--primary" type="submit">
                    <Icon name=IconName::ShieldCheck small=true/>
                    {t::set_up(language)}
                </button>
            </OperationForm>
        </div>
    }
}

/// The key to put into an app, and the first code of it.
#[component]
fn KeyCard(key: Option<AuthenticatorKey>, protection: Protection, error: Option<ApiError>) -> impl IntoView {
    use words::accounts::security as t;
    let language = use_language();
    let session = use_session();
    let client = use_client();
    let asking = Asking::new(&["code"], None);
    asking.error().set(error);
    let done = move |codes: RecoveryCodes| {
        protection.codes.set(Some(codes));
        protection.key.set(None);
        protection.reload();
        session.refresh_me(&client);
    };
    let submit = asking.submit::<FinishAuthenticator>(done);
    view! {
        <div class="card card--pad form">
            {key.map(|key| view! { <KeyPicture key/> })}
            <form method="post" class="form" novalidate on:submit=submit>
                <FormHead operation=FinishAuthenticator::NAME/>
                <Field
                    id="code"
                    name="code"
                    label=t::first_code(language)
                    hint=t::first_code_hint(language).to_owned()
                    autocomplete="one-time-code"
                    inputmode="numeric"
                    required=true
                    error=asking.error_of("code")
                />
                <FormError asking/>
                <div class="form__actions">
                    <a class="button button--quiet" href=PATH rel="external">{t::cancel(language)}</a>
                    <SubmitButton
                        label=t::finish(language)
                        pending_label=words::accounts::settings::saving(language).to_owned()
                        pending=asking.pending()
                    />
                </div>
            </form>
        </div>
    }
}

#[component]
fn KeyPicture(key: AuthenticatorKey) -> impl IntoView {
    use words::accounts::security as t;
    let language = use_language();
    let side = key.picture_side;
    let spaced = key
        .key
        .0
        .as_bytes()
        .chunks(4)
        .map(String::from_utf8_lossy)
        .collect::<Vec<_>>()
        .join(" ");
    view! {
        <p>{t::scan(language)}</p>
        <svg
            class="authenticator__picture"
            viewBox=format!("0 0 {side} {side}")
            role="img"
            aria-label=t::picture(language)
            shape-rendering="crispEdges"
        >
            <path d=key.picture.0/>
        </svg>
        <p>{t::or_type(language)}</p>
        <p class="authenticator__key"><code>{spaced}</code></p>
        <p><a href=key.address.0 rel="external">{t::open_app(language)}</a></p>
    }
}

/// The recovery codes, to keep elsewhere.
#[component]
fn CodesCard(codes: RecoveryCodes, protection: Protection) -> impl IntoView {
    use words::accounts::security as t;
    let language = use_language();
    let title = NodeRef::<html::H3>::new();
    Effect::new(move |_| {
        if let Some(title) = title.get() {
            let _ = title.focus();
        }
    });
    let close = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        protection.codes.set(None);
    };
    view! {
        <div class="card card--pad form">
            <h3 tabindex="-1" node_ref=title>{t::codes_title(language)}</h3>
            <p>{t::codes_text(language)}</p>
            <ul class="authenticator__codes" role="list">
                {codes.codes.into_iter().map(|code| view! { <li><code>{code.0}</code></li> }).collect_view()}
            </ul>
            <div class="form__actions">
                <a class="button button--primary" href=PATH on:click=close>{t::codes_kept(language)}</a>
            </div>
        </div>
    }
}

/// An app is set up: how many recovery codes are left, and the ways to change it.
#[component]
fn AppCard(protection: Protection, is_required: Memo<bool>) -> impl IntoView {
    use words::accounts::security as t;
    let language = use_language();
    let session = use_session();
    let toasts = use_toasts();
    let client = use_client();
    let n_left = Memo::new(move |_| protection.security.with(|security| security.n_recovery_codes));
    let made = move |codes: RecoveryCodes| {
        protection.codes.set(Some(codes));
        protection.reload();
    };
    let removed = Callback::new(move |_: Done| {
        toasts.say(t::removed(language));
        protection.codes.set(None);
        protection.reload();
        session.refresh_me(&client);
    });
    view! {
        <ul class="card rows" role="list">
            <li class="row">
                <span class="row__icon row__icon--action"><Icon name=IconName::ShieldCheck/></span>
                <div class="row__text">
                    <p class="row__title">{t::app(language)}</p>
                    <p class="row__sub">{t::app_text(language)}</p>
                </div>
                <Show when=move || !is_required.get()>
                    <div class="row__actions">
                        <OperationForm operation=RemoveAuthenticator {} on_done=removed next=PATH>
                            <button class="button button--outline" type="submit">{t::remove(language)}</button>
                        </OperationForm>
                    </div>
                </Show>
            </li>
            <li class="row">
                <span class="row__icon"><Icon name=IconName::Key/></span>
                <div class="row__text">
                    <p class="row__title">{t::codes(language)}</p>
                    <p class="row__sub">{move || t::codes_left(language, u64::from(n_left.get()))}</p>
                </div>
                <div class="row__actions">
                    <OperationForm operation=MakeRecoveryCodes {} on_done=made next=PATH>
                        <button class="button button--outline" type="submit">{t::make_codes(language)}</button>
                    </OperationForm>
                </div>
            </li>
        </ul>
    }
}
