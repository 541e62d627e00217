//! The caller's passkeys: added on this device, removed from anywhere.

use leptos::prelude::*;

use super::passkey_sign_in::{are_possible, ask_browser};
use super::security::{PATH, Protection};
use super::{AddPasskey, Passkey, PasskeyCeremony, RemovePasskey, Secret, StartPasskey};
use crate::api::{ApiError, Client, Done};
use crate::chunk::when_whole_here;
use crate::form::OperationForm;
use crate::i18n::{error_words, format, use_language, words};
use crate::now::use_now;
use crate::session::{use_client, use_session};
use crate::ui::{Icon, IconName, Section, use_toasts};

/// The section.
#[component]
pub(super) fn PasskeySection(protection: Protection) -> impl IntoView {
    use words::accounts::passkeys as t;
    let language = use_language();
    let session = use_session();
    let toasts = use_toasts();
    let client = StoredValue::new(use_client());
    // Nobody knows before the page lives; until then nothing is promised.
    let is_possible = RwSignal::new(None);
    when_whole_here(move || is_possible.set(Some(are_possible())));
    let is_pending = RwSignal::new(false);
    let add = move |_| {
        if is_pending.get_untracked() {
            return;
        }
        is_pending.set(true);
        leptos::task::spawn_local(async move {
            let outcome = make(client).await;
            let _ = is_pending.try_set(false);
            match outcome {
                Some(Ok(Done {})) => {
                    toasts.say(t::added(language));
                    protection.reload();
                }
                Some(Err(ApiError::ConfirmIdentity)) => session.notice(&ApiError::ConfirmIdentity),
                Some(Err(error)) => {
                    session.notice(&error);
                    toasts.alert(error_words(language, &error));
                }
                None => toasts.say(t::not_made(language)),
            }
        });
    };
    let passkeys = Memo::new(move |_| protection.security.with(|security| security.passkeys.clone()));
    view! {
        <Section id="cles" title=t::title(language)>
            <Show when=move || passkeys.with(|passkeys| !passkeys.is_empty())>
                <ul class="card rows" role="list">
                    <For each=move || passkeys.get() key=|passkey| (passkey.id, passkey.used_at) let:passkey>
                        <PasskeyRow passkey protection/>
                    </For>
                </ul>
            </Show>
            <div class="card card--pad form">
                <p>{t::text(language)}</p>
                {move || match is_possible.get() {
                    Some(true) => {
                        view! {
                            <div>
                                <button
                                    class="button button--primary"
                                    type="button"
                                    prop:disabled=is_pending
                                    on:click=add
                                >
                                    <Icon name=IconName::Key small=true/>
                                    {t::add(language)}
                                </button>
                            </div>
                        }
                            .into_any()
                    }
                    Some(false) => view! { <p class="section__note">{t::impossible(language)}</p> }.into_any(),
                    None => ().into_any(),
                }}
            </div>
        </Section>
    }
}

/// Makes a passkey; `None` when nobody answered the browser.
async fn make(client: StoredValue<Client>) -> Option<Result<Done, ApiError>> {
    let starting = client.try_with_value(|client| client.call(StartPasskey {}))?;
    let PasskeyCeremony { ceremony, options } = match starting.await {
        Ok(ceremony) => ceremony,
        Err(error) => return Some(Err(error)),
    };
    let credential = Secret(ask_browser("make", &options).await?);
    let wish = AddPasskey { ceremony, credential };
    Some(client.try_with_value(|client| client.call(wish))?.await)
}

#[component]
fn PasskeyRow(passkey: Passkey, protection: Protection) -> impl IntoView {
    use words::accounts::passkeys as t;
    let language = use_language();
    let now = use_now();
    let toasts = use_toasts();
    let when = move |at| format::in_sentence(language, now.civil(at), now.today());
    let used = move || match passkey.used_at {
        Some(at) => t::used(language, &when(at)),
        None => t::never_used(language).to_owned(),
    };
    let created = move || t::created(language, &when(passkey.created_at));
    let removed = move |_: Done| {
        toasts.say(t::removed(language));
        protection.reload();
    };
    let label = t::remove_name(language, &passkey.name);
    view! {
        <li class="row">
            <span class="row__icon"><Icon name=IconName::Key/></span>
            <div class="row__text">
                <p class="row__title">{passkey.name}</p>
                <p class="row__sub">{created} " · " {used}</p>
            </div>
            <div class="row__actions">
                <OperationForm operation=RemovePasskey { passkey: passkey.id } on_done=removed next=PATH>
                    <button class="button button--outline" type="submit" aria-label=label>{t::remove(language)}</button>
                </OperationForm>
            </div>
        </li>
    }
}
