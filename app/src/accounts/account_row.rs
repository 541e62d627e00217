//! The list of accounts, as administrators see it.

use leptos::prelude::*;

use super::administration::Directory;
use super::{AccountRow, AccountState, InvitePerson, OneTimeLink, StartReset, SuspendAccount};
use crate::api::Done;
use crate::form::OperationForm;
use crate::i18n::{format, use_language, words};
use crate::now::use_now;
use crate::session::use_session;
use crate::ui::{Avatar, AvatarSize, Chip, ChipTone, Section, use_toasts};

/// All accounts by name.
#[component]
pub(super) fn AccountList(directory: Directory) -> impl IntoView {
    use words::accounts::admin as t;
    let language = use_language();
    let count = Signal::derive(move || {
        directory
            .accounts
            .with(|accounts| Some(u32::try_from(accounts.len()).unwrap_or(u32::MAX)))
    });
    view! {
        <Section id="comptes" title=t::list(language) count>
            <ul class="card rows" role="list">
                <For
                    each=move || directory.accounts.get()
                    key=|row| (row.id, row.state as u8, row.name.clone(), row.seen_at)
                    let:row
                >
                    <AccountItem row directory/>
                </For>
            </ul>
        </Section>
    }
}

#[component]
fn AccountItem(row: AccountRow, directory: Directory) -> impl IntoView {
    use words::accounts::admin as t;
    let language = use_language();
    let now = use_now();
    let is_me = use_session()
        .me
        .with_untracked(|me| me.as_ref().is_some_and(|me| me.id == row.id));
    let what: Vec<&str> = [row.profession.as_str(), row.workplace.as_str()]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect();
    let what = what.join(", ");
    let seen_at = row.seen_at;
    let seen_words = move || match seen_at {
        Some(at) => {
            let when = format::in_sentence(language, now.civil(at), now.today());
            words::accounts::devices::seen(language, &when)
        }
        None => t::never_seen(language).to_owned(),
    };
    let state = match row.state {
        AccountState::Invited => view! { <Chip text=t::invited(language) tone=ChipTone::Warn/> }.into_any(),
        AccountState::Suspended => {
            view! { <Chip text=t::suspended(language) tone=ChipTone::Urgent/> }.into_any()
        }
        AccountState::Active => ().into_any(),
    };
    view! {
        <li class="row">
            <Avatar name=row.name.clone() tint_seed=row.id.0.as_u128() size=AvatarSize::Medium/>
            <div class="row__text account__text">
                <p class="row__title" dir="auto">
                    {row.name.clone()}
                    {is_me.then(|| format!(" ({})", t::me(language)))}
                </p>
                <p class="row__sub">{row.email.clone()}</p>
                {(!what.is_empty()).then(|| view! { <p class="row__sub">{what.clone()}</p> })}
                <p class="row__sub">{seen_words}</p>
                <p class="inline-list">
                    {row.is_admin.then(|| view! { <Chip text=t::is_admin(language) tone=ChipTone::Action/> })} {state}
                </p>
            </div>
            {(!is_me).then(|| view! { <AccountActions row=row.clone() directory/> })}
        </li>
    }
}

/// What an administrator can do with somebody else's account.
#[component]
fn AccountActions(row: AccountRow, directory: Directory) -> impl IntoView {
    use words::accounts::admin as t;
    let language = use_language();
    let toasts = use_toasts();
    let AccountRow {
        id,
        name,
        email,
        profession,
        workplace,
        state,
        ..
    } = row;
    let hand_over = move |link: OneTimeLink| directory.hand_over(link);
    let told_as = StoredValue::new(name.clone());
    let changed = move |is_suspended: bool| {
        move |_: Done| {
            toasts.say(told_as.with_value(|name| {
                if is_suspended {
                    t::suspended_now(language, name)
                } else {
                    t::restored_now(language, name)
                }
            }));
            directory.reload();
        }
    };
    let actions = match state {
        AccountState::Invited => {
            let label = t::renew_name(language, &name);
            view! {
                <OperationForm operation=InvitePerson { email, name, profession, workplace } on_done=hand_over>
                    <button class="button button--quiet" type="submit" aria-label=label>{t::renew(language)}</button>
                </OperationForm>
            }
            .into_any()
        }
        AccountState::Active => {
            let reset_label = t::reset_name(language, &name);
            let factors_label = t::reset_factors_name(language, &name);
            let suspend_label = t::suspend_name(language, &name);
            view! {
                <OperationForm operation=StartReset { account: id, with_factors: false } on_done=hand_over>
                    <button class="button button--quiet" type="submit" aria-label=reset_label>
                        {t::reset(language)}
                    </button>
                </OperationForm>
                <OperationForm operation=StartReset { account: id, with_factors: true } on_done=hand_over>
                    <button class="button button--quiet" type="submit" aria-label=factors_label>
                        {t::reset_factors(language)}
                    </button>
                </OperationForm>
                <OperationForm
                    operation=SuspendAccount { account: id, suspended: true }
                    on_done=changed(true)
                >
                    <button class="button button--danger-quiet" type="submit" aria-label=suspend_label>
                        {t::suspend(language)}
                    </button>
                </OperationForm>
            }
            .into_any()
        }
        AccountState::Suspended => {
            let label = t::restore_name(language, &name);
            view! {
                <OperationForm
                    operation=SuspendAccount { account: id, suspended: false }
                    on_done=changed(false)
                >
                    <button class="button button--outline" type="submit" aria-label=label>{t::restore(language)}</button>
                </OperationForm>
            }
            .into_any()
        }
    };
    view! { <div class="row__actions">{actions}</div> }
}
