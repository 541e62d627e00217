//! Security: what happened to the account, and the second step of signing in.
//!
//! A key and recovery codes are shown once, in the answer. Without a script the page that a form has posted to asks for
//! them while it is being drawn, and shows them the same way.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::asking::take_posted;
use super::authenticator::SecondStepSection;
use super::confirm::ConfirmForm;
use super::devices::icon_of;
use super::news::AccountNews;
use super::passkeys::PasskeySection;
use super::provider_entry::ProviderRefused;
use super::provider_link::ProviderSection;
use super::settings::{SettingsFrame, SettingsTab};
use super::welcome::is_local;
use super::{
    AuthenticatorKey, ConfirmIdentity, FinishAuthenticator, GetSecurity, MakeRecoveryCodes, Notice,
    NoticeKind, RecoveryCodes, RemoveProviderLink, Secret, Security, SeeNotices, StartAuthenticator,
    StartProviderLink, StartProviderProof,
};
use crate::api::{ApiError, Client, Done, Operation, json};
use crate::asked::ask_with;
use crate::boot::{Posted, set_page_status, use_boot};
use crate::form::OperationForm;
use crate::i18n::{error_words, format, use_language, words};
use crate::now::use_now;
use crate::session::{use_client, use_session};
use crate::ui::{Icon, IconName, Section, SkeletonRows, Tone};

/// The page's address.
pub(super) const PATH: &str = "/parametres/securite";

/// What a plain form has asked for.
#[derive(Clone, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Made {
    /// A key to put into an app.
    pub(super) key: Option<AuthenticatorKey>,
    /// Fresh recovery codes.
    pub(super) codes: Option<RecoveryCodes>,
    /// Why it was refused, and which operation that was.
    pub(super) refused: Option<(String, ApiError)>,
}

/// How the account is protected, as the whole page sees it. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Protection {
    /// As the server says.
    pub(super) security: RwSignal<Security>,
    /// The key that is being put into an app.
    pub(super) key: RwSignal<Option<AuthenticatorKey>>,
    /// Recovery codes to keep, while they are shown.
    pub(super) codes: RwSignal<Option<RecoveryCodes>>,
    client: StoredValue<Client>,
}

impl Protection {
    /// Reads everything anew.
    pub(super) fn reload(self) {
        let call = self.client.with_value(|client| client.call(GetSecurity {}));
        leptos::task::spawn_local(async move {
            if let Ok(security) = call.await {
                let _ = self.security.try_set(security);
            }
        });
    }
}

/// The page of notices and of the second step.
#[component]
pub fn SecurityPage() -> impl IntoView {
    use words::accounts::security as t;
    let language = use_language();
    let posted = [
        StartAuthenticator::NAME,
        FinishAuthenticator::NAME,
        MakeRecoveryCodes::NAME,
    ]
    .into_iter()
    .find_map(take_posted);
    let start = ask_with::<(Security, Made)>(String::new, move |client, _| {
        let posted = posted.clone();
        Box::pin(async move {
            let made = match &posted {
                Some(posted) => make(&client, posted).await,
                None => Made::default(),
            };
            // The state last: it shows what has been made.
            let security = client.ask(&GetSecurity {}).await?;
            Ok(format!("[{security},{}]", json::write(&made)?))
        })
    });
    let loading = move || {
        view! { <SkeletonRows label=words::accounts::settings::loading(language) n_rows=3/> }
    };
    view! {
        <SettingsFrame tab=SettingsTab::Security title=t::title(language) sub=t::sub(language)>
            <Transition fallback=loading>
                {move || Suspend::new(async move {
                    match start.answer().await {
                        Ok((security, made)) => view! { <Protections security made/> }.into_any(),
                        Err(error) => {
                            set_page_status(error.status());
                            let words = error_words(language, &error);
                            view! { <crate::ui::Notice title=words tone=Tone::Danger/> }.into_any()
                        }
                    }
                })}
            </Transition>
        </SettingsFrame>
    }
}

/// Asks for what a plain form wishes.
async fn make(client: &Client, posted: &Posted) -> Made {
    let mut made = Made::default();
    let refused = match posted.operation.as_str() {
        StartAuthenticator::NAME => match client.call(StartAuthenticator {}).await {
            Ok(key) => {
                made.key = Some(key);
                None
            }
            Err(error) => Some(error),
        },
        other => {
            let codes = if other == FinishAuthenticator::NAME {
                let code = Secret(posted.field("code").unwrap_or_default().to_owned());
                client.call(FinishAuthenticator { code }).await
            } else {
                client.call(MakeRecoveryCodes {}).await
            };
            match codes {
                Ok(codes) => {
                    made.codes = Some(codes);
                    None
                }
                Err(error) => Some(error),
            }
        }
    };
    made.refused = refused.map(|error| (posted.operation.clone(), error));
    made
}

#[component]
fn Protections(security: Security, made: Made) -> impl IntoView {
    use words::accounts::confirm as t;
    let language = use_language();
    // Without a script: what was refused for want of a proof, here or on another page of the settings.
    let asked_from = use_query_map().with_untracked(|query| query.get("confirmer"));
    let asked_from = asked_from.filter(|path| is_local(path));
    let was_refused = use_boot().with_value(|boot| {
        let is_unproven = |operation: &str| {
            let posted = boot.posted_by(operation).and_then(|posted| posted.error.as_ref());
            posted == Some(&ApiError::ConfirmIdentity)
        };
        boot.posted_by(ConfirmIdentity::NAME).is_some()
            || boot.posted_by(StartProviderProof::NAME).is_some()
            || is_unproven(StartProviderLink::NAME)
            || is_unproven(RemoveProviderLink::NAME)
    });
    let provider_refused = use_query_map().with_untracked(|query| query.get("refus"));
    let is_here = was_refused || matches!(made.refused, Some((_, ApiError::ConfirmIdentity)));
    let next = asked_from.or_else(|| is_here.then(|| PATH.to_owned()));
    if let Some((_, error)) = &made.refused {
        set_page_status(error.status());
    }
    let protection = Protection {
        security: RwSignal::new(security),
        key: RwSignal::new(made.key),
        codes: RwSignal::new(made.codes),
        client: StoredValue::new(use_client()),
    };
    let unproven = next.map(|next| {
        let go = next.clone();
        let navigate = leptos_router::hooks::use_navigate();
        let confirmed = move |_: Done| navigate(&go, leptos_router::NavigateOptions::default());
        let known = Signal::derive(move || Some(protection.security.get()));
        view! {
            <Section id="confirmer" title=t::title(language)>
                <div class="card card--pad">
                    <ConfirmForm security=known page=next.clone() next on_done=confirmed/>
                </div>
            </Section>
        }
    });
    let refused = made
        .refused
        .filter(|(_, error)| *error != ApiError::ConfirmIdentity);
    view! {
        <ProviderRefused word=provider_refused/>
        {unproven}
        <NoticeList protection/>
        <PasskeySection protection/>
        <ProviderSection protection/>
        <SecondStepSection protection refused/>
    }
}

/// What happened to the account, newest first.
#[component]
fn NoticeList(protection: Protection) -> impl IntoView {
    use words::accounts::security as t;
    let language = use_language();
    let session = use_session();
    let client = use_client();
    let notices = Memo::new(move |_| protection.security.with(|security| security.notices.clone()));
    let unseen_until = Memo::new(move |_| {
        notices.with(|notices| {
            notices
                .iter()
                .find(|notice| !notice.is_seen)
                .map(|notice| notice.at)
        })
    });
    let seen = move |_: Done| {
        protection.reload();
        session.refresh_me(&client);
    };
    let seen = Callback::new(seen);
    view! {
        <Section id="activite" title=t::activity(language)>
            {move || {
                unseen_until
                    .get()
                    .map(|until| {
                        view! {
                            <OperationForm operation=SeeNotices { until } on_done=seen>
                                <AccountNews text=t::unseen_text(language)>
                                    <button class="button button--outline" type="submit">{t::was_me(language)}</button>
                                </AccountNews>
                            </OperationForm>
                        }
                    })
            }}
            {move || {
                if notices.with(Vec::is_empty) {
                    view! { <p class="section__note">{t::nothing(language)}</p> }.into_any()
                } else {
                    view! {
                        <ul class="card rows" role="list">
                            {notices
                                .get()
                                .into_iter()
                                .map(|notice| view! { <NoticeRow notice/> })
                                .collect_view()}
                        </ul>
                    }
                        .into_any()
                }
            }}
        </Section>
    }
}

#[component]
fn NoticeRow(notice: Notice) -> impl IntoView {
    use words::accounts::security as t;
    let language = use_language();
    let now = use_now();
    let words = match notice.kind {
        NoticeKind::NewDevice => t::new_device(language),
        NoticeKind::PasswordChanged => t::password_changed(language),
        NoticeKind::AuthenticatorAdded => t::authenticator_added(language),
        NoticeKind::AuthenticatorRemoved => t::authenticator_removed(language),
        NoticeKind::RecoveryCodesMade => t::recovery_codes_made(language),
        NoticeKind::RecoveryCodeUsed => t::recovery_code_used(language),
        NoticeKind::PasskeyAdded => t::passkey_added(language),
        NoticeKind::PasskeyRemoved => t::passkey_removed(language),
        NoticeKind::ProviderLinked => t::provider_linked(language),
        NoticeKind::ProviderUnlinked => t::provider_unlinked(language),
        NoticeKind::FactorsReset => t::factors_reset(language),
    };
    let icon = match notice.kind {
        NoticeKind::NewDevice => icon_of(&notice.device),
        NoticeKind::ProviderLinked | NoticeKind::ProviderUnlinked => IconName::Building,
        NoticeKind::PasswordChanged | NoticeKind::PasskeyAdded | NoticeKind::PasskeyRemoved => IconName::Key,
        _ => IconName::Shield,
    };
    let at = move || now.civil(notice.at);
    let when = move || format::date_time(language, at(), now.today());
    view! {
        <li class="row">
            <span class="row__icon" class:row__icon--action=!notice.is_seen><Icon name=icon/></span>
            <div class="row__text">
                <p class="row__title">{words}</p>
                <p class="row__sub">
                    {notice.device} " · " <time datetime=move || format::machine(at())>{when}</time>
                </p>
            </div>
        </li>
    }
}
