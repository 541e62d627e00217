//! Administration: who can come in. Accounts and invitations, never any content.
//!
//! A one-time link is shown once, in the answer. Without a script the page that a form has posted to asks for the link
//! while it is being drawn, and shows it the same way.

use leptos::prelude::*;

use super::account_row::AccountList;
use super::asking::{Asking, FormError, FormHead, first_words, take_posted};
use super::one_time_link::LinkDialog;
use super::policy::{GuardSection, PolicySection};
use super::settings::{SettingsFrame, SettingsTab};
use super::{AccountRow, Accounts, GetPolicy, InvitePerson, ListAccounts, OneTimeLink, Policy, StartReset};
use crate::api::json;
use crate::api::{ApiError, Client, Operation};
use crate::asked::ask_with;
use crate::boot::{Posted, set_page_status};
use crate::i18n::{error_words, use_language, words};
use crate::session::use_client;
use crate::ui::{Field, Notice, Section, SkeletonRows, SubmitButton, Tone};

/// What the page starts from: the accounts, the link that a plain form has asked for, what is asked of everybody.
type Start = (Accounts, Option<Result<OneTimeLink, ApiError>>, Policy);

/// What can be done with the list from anywhere on the page. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Directory {
    /// By name.
    pub(super) accounts: RwSignal<Vec<AccountRow>>,
    /// The link to hand over, while it is shown.
    pub(super) link: RwSignal<Option<OneTimeLink>>,
    client: StoredValue<Client>,
}

impl Directory {
    /// Shows a fresh link, and the list with what it has changed.
    pub(super) fn hand_over(self, link: OneTimeLink) {
        self.link.set(Some(link));
        self.reload();
    }

    /// Reads the list anew.
    pub(super) fn reload(self) {
        let call = self.client.with_value(|client| client.call(ListAccounts {}));
        leptos::task::spawn_local(async move {
            if let Ok(Accounts { accounts }) = call.await {
                let _ = self.accounts.try_set(accounts);
            }
        });
    }
}

/// The page of all accounts, for administrators.
#[component]
pub fn AccountsPage() -> impl IntoView {
    use words::accounts::admin as t;
    let language = use_language();
    let posted = take_posted(InvitePerson::NAME).or_else(|| take_posted(StartReset::NAME));
    let wish = posted.clone();
    let start = ask_with::<Start>(String::new, move |client, _| {
        let wish = wish.clone();
        Box::pin(async move {
            let made = match wish {
                Some(wish) => make_link(&client, &wish).await,
                None => None,
            };
            // The list last: it shows whom the link is for.
            let accounts = client.ask(&ListAccounts {}).await?;
            let policy = client.ask(&GetPolicy {}).await?;
            Ok(format!("[{accounts},{},{policy}]", json::write(&made)?))
        })
    });
    let loading = move || {
        view! { <SkeletonRows label=words::accounts::settings::loading(language)/> }
    };
    view! {
        <SettingsFrame tab=SettingsTab::Accounts title=t::title(language) sub=t::sub(language)>
            <Transition fallback=loading>
                {move || {
                    let posted = posted.clone();
                    Suspend::new(async move {
                        match start.answer().await {
                            Ok((Accounts { accounts }, made, policy)) => {
                                view! { <Administration accounts made policy posted/> }.into_any()
                            }
                            Err(error) => {
                                set_page_status(error.status());
                                let words = error_words(language, &error);
                                view! { <Notice title=words tone=Tone::Danger/> }.into_any()
                            }
                        }
                    })
                }}
            </Transition>
        </SettingsFrame>
    }
}

/// Asks for the link that a plain form wishes.
async fn make_link(client: &Client, posted: &Posted) -> Option<Result<OneTimeLink, ApiError>> {
    let field = |name: &str| posted.field(name).unwrap_or_default().to_owned();
    if posted.operation == InvitePerson::NAME {
        let wish = InvitePerson {
            email: field("email"),
            name: field("name"),
            profession: field("profession"),
            workplace: field("workplace"),
        };
        return Some(client.call(wish).await);
    }
    let account = field("account").parse().ok()?;
    let with_factors = posted.field("with_factors") == Some("true");
    Some(
        client
            .call(StartReset {
                account,
                with_factors,
            })
            .await,
    )
}

#[component]
fn Administration(
    accounts: Vec<AccountRow>,
    made: Option<Result<OneTimeLink, ApiError>>,
    policy: Policy,
    posted: Option<Posted>,
) -> impl IntoView {
    let (link, refused) = match made {
        Some(Ok(link)) => (Some(link), None),
        Some(Err(error)) => (None, Some(error)),
        None => (None, None),
    };
    let directory = Directory {
        accounts: RwSignal::new(accounts),
        link: RwSignal::new(link),
        client: StoredValue::new(use_client()),
    };
    let typed = posted.filter(|posted| posted.operation == InvitePerson::NAME && refused.is_some());
    view! {
        <InviteSection directory typed refused/>
        <AccountList directory/>
        <PolicySection policy/>
        <GuardSection policy/>
        <LinkDialog directory/>
    }
}

#[component]
fn InviteSection(directory: Directory, typed: Option<Posted>, refused: Option<ApiError>) -> impl IntoView {
    use words::accounts::{admin::invite as t, identity};
    let language = use_language();
    let asking = Asking::new(&["email", "name", "profession", "workplace"], None);
    asking.error().set(refused);
    let value = |field: &str| first_words(typed.as_ref(), field, "");
    let (email, name, profession, workplace) = (
        value("email"),
        value("name"),
        value("profession"),
        value("workplace"),
    );
    let invited = move |link: OneTimeLink| {
        for field in [email, name, profession, workplace] {
            field.set(String::new());
        }
        directory.hand_over(link);
    };
    let submit = asking.submit::<InvitePerson>(invited);
    view! {
        <Section id="inviter" title=t::title(language)>
            <form method="post" class="card card--pad form" novalidate on:submit=submit>
                <p class="section__note">{t::text(language)}</p>
                <FormHead operation=InvitePerson::NAME/>
                <div class="form__pair">
                    <Field
                        id="courriel"
                        name="email"
                        kind="email"
                        label=words::accounts::sign_in::email(language)
                        value=email
                        autocomplete="off"
                        inputmode="email"
                        required=true
                        error=asking.error_of("email")
                    />
                    <Field
                        id="nom"
                        name="name"
                        label=identity::name(language)
                        hint=t::name_hint(language).to_owned()
                        value=name
                        autocomplete="off"
                        required=true
                        error=asking.error_of("name")
                    />
                </div>
                <div class="form__pair">
                    <Field
                        id="profession"
                        name="profession"
                        label=identity::profession(language)
                        hint=t::optional(language).to_owned()
                        value=profession
                        autocomplete="off"
                        error=asking.error_of("profession")
                    />
                    <Field
                        id="lieu"
                        name="workplace"
                        label=identity::workplace(language)
                        hint=t::optional(language).to_owned()
                        value=workplace
                        autocomplete="off"
                        error=asking.error_of("workplace")
                    />
                </div>
                <FormError asking/>
                <div class="form__actions">
                    <SubmitButton
                        label=t::submit(language)
                        pending_label=t::submitting(language).to_owned()
                        pending=asking.pending()
                    />
                </div>
            </form>
        </Section>
    }
}
