//! The organisation's provider for those who are signed in: linking the own account to it, unlinking it, and proving by it
//! who is there.

use leptos::prelude::*;

use super::asking::{Asking, FormError, FormHead, take_posted};
use super::security::{PATH, Protection};
use super::{
    DEPARTURE, ProviderLink, ProviderStanding, RemoveProviderLink, StartProviderLink, StartProviderProof,
};
use crate::api::{Done, Operation};
use crate::form::OperationForm;
use crate::i18n::{error_words, format, use_language, words};
use crate::now::use_now;
use crate::session::use_session;
use crate::ui::{ButtonTone, Field, Icon, IconName, Notice, Section, SubmitButton, Tone, use_toasts};

/// The section, where the organisation has a provider.
#[component]
pub(super) fn ProviderSection(protection: Protection) -> impl IntoView {
    use words::accounts::provider as t;
    let language = use_language();
    let standing = Memo::new(move |_| protection.security.with(|security| security.provider.clone()));
    // What a plain form was refused; a missing proof is asked for above.
    let refused = take_posted(StartProviderLink::NAME).or_else(|| take_posted(RemoveProviderLink::NAME));
    let refused = refused
        .and_then(|posted| posted.error)
        .filter(|error| *error != crate::api::ApiError::ConfirmIdentity);
    view! {
        {move || {
            let refused = refused.clone();
            standing
                .get()
                .map(|standing| {
                    view! {
                        <Section id="organisation" title=t::title(language)>
                            {refused
                                .map(|error| {
                                    view! { <Notice title=error_words(language, &error) tone=Tone::Danger/> }
                                })}
                            {match standing.link {
                                Some(link) => view! { <LinkRow label=standing.label link protection/> }.into_any(),
                                None => view! { <LinkCard label=standing.label/> }.into_any(),
                            }}
                        </Section>
                    }
                })
        }}
    }
}

/// The link that is there.
#[component]
fn LinkRow(label: String, link: ProviderLink, protection: Protection) -> impl IntoView {
    use words::accounts::provider as t;
    let language = use_language();
    let now = use_now();
    let toasts = use_toasts();
    let when = move |at| format::in_sentence(language, now.civil(at), now.today());
    let used = move || match link.used_at {
        Some(at) => t::used(language, &when(at)),
        None => t::never_used(language).to_owned(),
    };
    let is_only_way = Memo::new(move |_| {
        protection
            .security
            .with(|security| !security.has_password && security.passkeys.is_empty())
    });
    let removed = Callback::new(move |_: Done| {
        toasts.say(t::unlinked(language));
        protection.reload();
    });
    let name = StoredValue::new(t::unlink_name(language, &label));
    view! {
        <ul class="card rows" role="list">
            <li class="row">
                <span class="row__icon row__icon--action"><Icon name=IconName::Building/></span>
                <div class="row__text">
                    <p class="row__title">{label}</p>
                    <p class="row__sub">{move || t::linked(language, &when(link.created_at))} " · " {used}</p>
                    <Show when=move || is_only_way.get()>
                        <p class="row__sub">{t::only_way(language)}</p>
                    </Show>
                </div>
                <Show when=move || !is_only_way.get()>
                    <div class="row__actions">
                        <OperationForm operation=RemoveProviderLink {} on_done=removed next=PATH>
                            <button
                                class="button button--outline"
                                type="submit"
                                aria-label=name.get_value()
                            >
                                {t::unlink(language)}
                            </button>
                        </OperationForm>
                    </div>
                </Show>
            </li>
        </ul>
    }
}

/// No link yet: what it would be good for, and the way there.
#[component]
fn LinkCard(label: String) -> impl IntoView {
    use words::accounts::provider as t;
    let language = use_language();
    let leave = |_: Done| leave_for_provider();
    view! {
        <div class="card card--pad form">
            <p>{t::text(language, &label)}</p>
            <OperationForm operation=StartProviderLink {} on_done=leave>
                <button class="button button--primary" type="submit">
                    <Icon name=IconName::Building small=true/>
                    {t::link(language)}
                </button>
            </OperationForm>
        </div>
    }
}

/// Proves by the provider who is there; leads back to the page. A code belongs to it where the provider stands for a password
/// alone and the account has an authenticator app.
#[component]
pub(super) fn ProveByProvider(
    standing: ProviderStanding,
    /// The page to show afterwards.
    page: String,
) -> impl IntoView {
    use words::accounts::provider as t;
    let language = use_language();
    let has_factor = use_session()
        .me
        .with_untracked(|me| me.as_ref().is_some_and(|me| me.has_second_factor));
    let posted = take_posted(StartProviderProof::NAME);
    let asking = Asking::new(&["code"], posted.as_ref());
    let submit = asking.submit::<StartProviderProof>(|_| leave_for_provider());
    let wants_code = has_factor && !standing.vouches;
    view! {
        <form method="post" class="form" novalidate on:submit=submit>
            <FormHead operation=StartProviderProof::NAME/>
            <input type="hidden" name="page" value=page/>
            {wants_code
                .then(|| {
                    view! {
                        <Field
                            id="prouver-code"
                            name="code"
                            label=words::accounts::second_step::code(language)
                            hint=words::accounts::second_step::hint(language).to_owned()
                            autocomplete="one-time-code"
                            required=true
                            error=asking.error_of("code")
                        />
                    }
                })}
            <FormError asking/>
            <SubmitButton
                label=t::prove(language, &standing.label)
                pending=asking.pending()
                tone=ButtonTone::Outline
                icon=IconName::Building
                class="button--block"
            />
        </form>
    }
}

/// The browser goes on to the provider: by a page of ours, loaded anew.
fn leave_for_provider() {
    #[cfg(feature = "hydrate")]
    let _ = window().location().assign(DEPARTURE);
    #[cfg(not(feature = "hydrate"))]
    let _ = DEPARTURE;
}
