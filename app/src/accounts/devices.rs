//! Devices and security: what is signed in as oneself, how to remove it, and the password.

use leptos::prelude::*;

use super::asking::{Asking, FormError, FormHead, take_posted};
use super::identity::NewPasswordField;
use super::preferences::ChoiceButton;
use super::settings::{SettingsFrame, SettingsTab};
use super::{ChangePassword, ClientKind, Device, Devices, ListDevices, RevokeDevice, SaveDevice};
use crate::api::{ApiError, Done, EventKind, Operation};
use crate::asked::ask;
use crate::form::OperationForm;
use crate::i18n::{error_words, format, use_language, words};
use crate::live::use_live;
use crate::now::use_now;
use crate::session::{use_client, use_session};
use crate::ui::{
    Icon, IconName, Notice, PasswordField, Section, SkeletonRows, SubmitButton, Tone, use_toasts,
};

/// The page of devices and password.
#[component]
pub fn DevicesPage() -> impl IntoView {
    use words::accounts::devices as t;
    let language = use_language();
    let devices = ask(|| Some(ListDevices {}));
    use_live().listen(move |event| {
        if matches!(event.kind, EventKind::DeviceRevoked { .. }) {
            devices.refetch();
        }
    });
    let loading = move || {
        view! { <SkeletonRows label=words::accounts::settings::loading(language) n_rows=2/> }
    };
    view! {
        <SettingsFrame tab=SettingsTab::Devices title=t::title(language) sub=t::sub(language)>
            <Transition fallback=loading>
                {move || Suspend::new(async move {
                    match devices.answer().await {
                        Ok(Devices { devices }) => view! { <DeviceList devices/> }.into_any(),
                        Err(error) => {
                            let words = error_words(language, &error);
                            view! { <Notice title=words tone=Tone::Danger/> }.into_any()
                        }
                    }
                })}
            </Transition>
            <ProfileSection/>
            <PasswordSection/>
            <p class="section__note">{t::screenshots(language)}</p>
        </SettingsFrame>
    }
}

#[component]
fn DeviceList(devices: Vec<Device>) -> impl IntoView {
    let language = use_language();
    let count = u32::try_from(devices.len()).unwrap_or(u32::MAX);
    let devices = RwSignal::new(devices);
    let gone = Callback::new(move |id| devices.update(|devices| devices.retain(|device| device.id != id)));
    let n_shown =
        Signal::derive(move || Some(devices.with(|devices| u32::try_from(devices.len()).unwrap_or(count))));
    view! {
        <Section id="connectes" title=words::accounts::devices::connected(language) count=n_shown>
            <ul class="card rows" role="list">
                <For each=move || devices.get() key=|device| (device.id, device.seen_at) let:device>
                    <DeviceRow device on_gone=gone/>
                </For>
            </ul>
        </Section>
    }
}

#[component]
fn DeviceRow(device: Device, on_gone: Callback<crate::api::DeviceId>) -> impl IntoView {
    use words::accounts::devices as t;
    let language = use_language();
    let now = use_now();
    let toasts = use_toasts();
    let id = device.id;
    let name = match device.kind {
        ClientKind::Api => t::program(language).to_owned(),
        ClientKind::Browser => device.name,
    };
    let icon = icon_of(&name);
    let seen = move || now.civil(device.seen_at);
    let signed_in = move || now.civil(device.signed_in_at);
    let state = move || {
        if device.is_current {
            format!("{} · {}", t::this_one(language), t::active_now(language))
        } else {
            t::seen(language, &format::in_sentence(language, seen(), now.today()))
        }
    };
    let since = move || {
        let since = t::signed_in(language, &format::in_sentence(language, signed_in(), now.today()));
        if device.first_seen_at == device.signed_in_at {
            return since;
        }
        let first_seen = now.civil(device.first_seen_at);
        let known = t::first_seen(language, &format::in_sentence(language, first_seen, now.today()));
        format!("{since} · {known}")
    };
    let revoke = (!device.is_current).then(|| {
        let told = t::revoked(language, &name);
        let done = move |_: Done| {
            toasts.say(told.clone());
            on_gone.run(id);
        };
        let label = t::revoke_name(language, &name);
        view! {
            <div class="row__actions">
                <OperationForm operation=RevokeDevice { device: id } on_done=done>
                    <button class="button button--outline" type="submit" aria-label=label>{t::revoke(language)}</button>
                </OperationForm>
            </div>
        }
    });
    view! {
        <li class="row">
            <span class="row__icon" class:row__icon--action=device.is_current><Icon name=icon/></span>
            <div class="row__text">
                <p class="row__title">{name}</p>
                <p class="row__sub">{state}</p>
                <p class="row__sub"><time datetime=move || format::machine(signed_in())>{since}</time></p>
            </div>
            {revoke}
        </li>
    }
}

/// Whether others use this browser too: one press each.
#[component]
fn ProfileSection() -> impl IntoView {
    use words::accounts::devices as t;
    let language = use_language();
    let session = use_session();
    let toasts = use_toasts();
    let client = use_client();
    let is_shared = Memo::new(move |_| {
        session
            .me
            .with(|me| me.as_ref().is_some_and(|me| me.is_shared_device))
    });
    let choice = move |value: bool, name: &'static str, hint: &'static str| {
        let client = client.clone();
        let saved = move |_: Done| {
            session.refresh_me(&client);
            toasts.say(words::accounts::settings::saved(language));
        };
        view! {
            <OperationForm operation=SaveDevice { is_shared: value } on_done=saved>
                <ChoiceButton name hint=Some(hint) is_chosen=Signal::derive(move || is_shared.get() == value)/>
            </OperationForm>
        }
    };
    view! {
        <Section id="verrou" title=t::profile(language)>
            <div class="card rows">
                {choice(false, t::personal(language), t::personal_hint(language))}
                {choice(true, t::shared(language), t::shared_hint(language))}
            </div>
        </Section>
    }
}

#[component]
fn PasswordSection() -> impl IntoView {
    use words::accounts::devices as t;
    let language = use_language();
    let toasts = use_toasts();
    let email = use_session()
        .me
        .with_untracked(|me| me.as_ref().map(|me| me.email.clone()));
    let posted = take_posted(ChangePassword::NAME);
    let asking = Asking::new(&["new_password"], posted.as_ref());
    // Here the refusal speaks of one field, not of an address and a password.
    let wrong_present = Signal::derive(move || {
        let is_wrong = asking
            .error()
            .with(|error| *error == Some(ApiError::WrongCredentials));
        is_wrong.then(|| t::wrong_present(language).to_owned())
    });
    // A fresh form after the change: nothing of it stays on the screen.
    let n_changes = RwSignal::new(0_u32);
    let changed = move |_: Done| {
        toasts.say(t::changed(language));
        n_changes.update(|n| *n += 1);
    };
    let fields = move || {
        n_changes.track();
        view! {
            <PasswordField
                id="mot-de-passe-actuel"
                name="password"
                label=t::present(language)
                reveal_label=words::accounts::sign_in::reveal(language)
                required=true
                error=wrong_present
            />
            <NewPasswordField asking name="new_password" label=words::accounts::password::fresh(language)/>
        }
    };
    let submit = asking.submit::<ChangePassword>(changed);
    view! {
        <Section id="mot-de-passe" title=t::password(language)>
            <form
                method="post"
                class="card card--pad form"
                novalidate
                on:submit=submit
            >
                <p class="section__note">{t::password_text(language)}</p>
                <FormHead operation=ChangePassword::NAME/>
                <input type="email" autocomplete="username" value=email hidden/>
                {fields}
                <Show when=move || wrong_present.with(Option::is_none)>
                    <FormError asking/>
                </Show>
                <div class="form__actions">
                    <SubmitButton
                        label=t::change(language)
                        pending_label=words::accounts::settings::saving(language).to_owned()
                        pending=asking.pending()
                    />
                </div>
            </form>
        </Section>
    }
}

/// What a device of that name looks like.
pub(super) fn icon_of(device: &str) -> IconName {
    if ["iPhone", "Android"].iter().any(|mobile| device.contains(mobile)) {
        IconName::Mobile
    } else if device.contains("iPad") {
        IconName::Device
    } else {
        IconName::Desktop
    }
}
