//! Proving once more who is there: over whatever page is open, or in the page itself where there is no script.
//!
//! Source: assurance AUTH-13.

use leptos::{html, prelude::*};

use super::asking::{Asking, FormError, FormHead, take_posted};
use super::provider_link::ProveByProvider;
use super::{ConfirmIdentity, GetSecurity, Me, Security};
use crate::api::{ApiError, Done, Operation};
use crate::i18n::{use_language, words};
use crate::session::{use_client, use_session};
use crate::ui::{Dialog, Field, PasswordField, SubmitButton, use_toasts};

/// The dialog over the page, while something was refused for want of a fresh proof. What stands below stays as it is.
#[component]
pub(super) fn ConfirmOver() -> impl IntoView {
    use words::accounts::confirm as t;
    let language = use_language();
    let session = use_session();
    let toasts = use_toasts();
    let is_open = Memo::new(move |_| session.must_confirm.get() && !session.has_ended.get());
    let close = move || session.must_confirm.set(false);
    // What the account can be proven by, read when it is asked for.
    let security = RwSignal::new(None);
    let client = StoredValue::new(use_client());
    Effect::new(move |_| {
        if is_open.get() {
            let reading = client.with_value(|client| client.call(GetSecurity {}));
            leptos::task::spawn_local(async move {
                if let Ok(known) = reading.await {
                    let _ = security.try_set(Some(known));
                }
            });
        }
    });
    let path = leptos_router::hooks::use_location().pathname;
    let confirmed = move |_: Done| {
        close();
        toasts.say(t::confirmed(language));
    };
    view! {
        <Dialog open=is_open on_close=close labelled_by="confirmer-titre">
            {move || {
                is_open
                    .get()
                    .then(|| {
                        view! {
                            <h2 class="dialog__title" id="confirmer-titre">{t::title(language)}</h2>
                            <ConfirmForm security page=path.get_untracked() on_done=confirmed>
                                <button class="button button--quiet" type="button" on:click=move |_| close()>
                                    {t::cancel(language)}
                                </button>
                            </ConfirmForm>
                        }
                    })
            }}
        </Dialog>
    }
}

/// The form; its children stand before the button.
#[component]
pub(super) fn ConfirmForm(
    /// What the account can be proven by, once it is known.
    #[prop(into)]
    security: Signal<Option<Security>>,
    /// The page to show once the provider has proven it.
    page: String,
    /// Where a browser without script goes afterwards.
    #[prop(optional, into)]
    next: String,
    /// It is proven.
    #[prop(into)]
    on_done: Callback<Done>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    use words::accounts::confirm as t;
    let language = use_language();
    let me = use_session().me.get_untracked();
    let has_factor = me.as_ref().is_some_and(|me| me.has_second_factor);
    let email = me.map(|Me { email, .. }| email);
    let posted = take_posted(ConfirmIdentity::NAME);
    let asking = Asking::new(&["code"], posted.as_ref());
    let wrong_password = Signal::derive(move || {
        let is_wrong = asking
            .error()
            .with(|error| *error == Some(ApiError::WrongCredentials));
        is_wrong.then(|| words::accounts::devices::wrong_present(language).to_owned())
    });
    let field = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            request_animation_frame(move || {
                let _ = field.focus();
            });
        }
    });
    let submit = asking.submit::<ConfirmIdentity>(move |done| on_done.run(done));
    let has_no_password = Memo::new(move |_| {
        security.with(|security| security.as_ref().is_some_and(|known| !known.has_password))
    });
    let standing = Memo::new(move |_| {
        let standing = security.with(|security| security.as_ref().and_then(|known| known.provider.clone()));
        standing.filter(|standing| standing.link.is_some())
    });
    let by_provider = move || {
        let page = page.clone();
        standing
            .get()
            .map(|standing| view! { <ProveByProvider standing page/> })
    };
    view! {
        {by_provider}
        <form method="post" class="form" novalidate on:submit=submit hidden=move || has_no_password.get()>
            <p class="section__note">{t::text(language)}</p>
            <FormHead operation=ConfirmIdentity::NAME next/>
            <input type="email" autocomplete="username" value=email hidden/>
            <PasswordField
                id="confirmer-mot-de-passe"
                name="password"
                label=t::password(language)
                reveal_label=words::accounts::sign_in::reveal(language)
                required=true
                error=wrong_password
                node_ref=field
            />
            {has_factor
                .then(|| {
                    view! {
                        <Field
                            id="confirmer-code"
                            name="code"
                            label=words::accounts::second_step::code(language)
                            hint=words::accounts::second_step::hint(language).to_owned()
                            autocomplete="one-time-code"
                            required=true
                            error=asking.error_of("code")
                        />
                    }
                })}
            <Show when=move || wrong_password.with(Option::is_none)>
                <FormError asking/>
            </Show>
            <div class="dialog__actions">
                {children.map(|children| children())}
                <SubmitButton
                    label=t::submit(language)
                    pending_label=words::accounts::settings::saving(language).to_owned()
                    pending=asking.pending()
                />
            </div>
        </form>
    }
}
