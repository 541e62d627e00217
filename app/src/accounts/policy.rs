//! What the organisation asks of everybody, as an administrator sets it.

use leptos::prelude::*;

use super::preferences::ChoiceButton;
use super::{Policy, SaveGuardPolicy, SavePolicy};
use crate::form::OperationForm;
use crate::i18n::{use_language, words};
use crate::ui::{Section, use_toasts};

/// Whether messages are looked through on the device: one press each.
#[component]
pub(super) fn GuardSection(policy: Policy) -> impl IntoView {
    use words::accounts::admin::guard as t;
    let language = use_language();
    let toasts = use_toasts();
    let present = RwSignal::new(policy.is_unfiled_guarded);
    let choice = move |value: bool, name: &'static str, hint: &'static str| {
        let wish = SaveGuardPolicy {
            is_unfiled_guarded: value,
        };
        let saved = move |policy: Policy| {
            present.set(policy.is_unfiled_guarded);
            toasts.say(words::accounts::settings::saved(language));
        };
        view! {
            <OperationForm operation=wish on_done=saved>
                <ChoiceButton name hint=Some(hint) is_chosen=Signal::derive(move || present.get() == value)/>
            </OperationForm>
        }
    };
    view! {
        <Section id="garde-fou" title=t::title(language)>
            <div class="card rows">
                {choice(true, t::on(language), t::on_hint(language))}
                {choice(false, t::off(language), t::off_hint(language))}
            </div>
        </Section>
    }
}

/// Whether a second step is needed: one press each.
#[component]
pub(super) fn PolicySection(policy: Policy) -> impl IntoView {
    use words::accounts::admin::policy as t;
    let language = use_language();
    let toasts = use_toasts();
    let present = RwSignal::new(policy.is_factor_required);
    let choice = move |value: bool, name: &'static str, hint: &'static str| {
        let wish = SavePolicy {
            is_factor_required: value,
        };
        let saved = move |policy: Policy| {
            present.set(policy.is_factor_required);
            toasts.say(words::accounts::settings::saved(language));
        };
        view! {
            <OperationForm operation=wish on_done=saved>
                <ChoiceButton name hint=Some(hint) is_chosen=Signal::derive(move || present.get() == value)/>
            </OperationForm>
        }
    };
    view! {
        <Section id="deuxieme-etape" title=t::title(language)>
            <div class="card rows">
                {choice(false, t::off(language), t::off_hint(language))}
                {choice(true, t::on(language), t::on_hint(language))}
            </div>
        </Section>
    }
}
