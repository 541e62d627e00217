//! Whose requests one takes: a section of the preferences. It is read where it is shown, so that no other page carries it.

use leptos::prelude::*;

use super::{AskingRule, GetAskingRule, SaveAskingRule, WhoMayAsk};
use crate::accounts::ChoiceButton;
use crate::api::EventKind;
use crate::asked::ask;
use crate::form::OperationForm;
use crate::i18n::{error_words, use_language, words};
use crate::live::use_live;
use crate::session::{use_client, use_session};
use crate::ui::{Notice, Section, SkeletonRows, Tone, use_toasts};

/// Everybody, those of the same workplace, or nobody: one press each, and a plain form.
#[component]
pub fn AskingSection() -> impl IntoView {
    use words::friendships::asking as t;
    let language = use_language();
    let rule = ask(|| Some(GetAskingRule {}));
    view! {
        <Section id="demandes" title=t::title(language)>
            <Suspense fallback=move || {
                view! { <SkeletonRows label=words::accounts::settings::loading(language)/> }
            }>
                {move || Suspend::new(async move {
                    match rule.answer().await {
                        Ok(AskingRule { who_may_ask }) => view! { <Choices who_may_ask/> }.into_any(),
                        Err(error) => {
                            view! { <Notice title=error_words(language, &error) tone=Tone::Danger/> }.into_any()
                        }
                    }
                })}
            </Suspense>
            <p class="section__note">{t::note(language)}</p>
        </Section>
    }
}

#[component]
fn Choices(who_may_ask: WhoMayAsk) -> impl IntoView {
    use words::friendships::asking as t;
    let language = use_language();
    let toasts = use_toasts();
    let present = RwSignal::new(who_may_ask);
    follow(present);
    let choice = move |value: WhoMayAsk, name: &'static str, hint: &'static str| {
        let saved = move |rule: AskingRule| {
            present.set(rule.who_may_ask);
            toasts.say(words::accounts::settings::saved(language));
        };
        view! {
            <OperationForm operation=SaveAskingRule { who_may_ask: value } on_done=saved>
                <ChoiceButton name hint=Some(hint) is_chosen=Signal::derive(move || present.get() == value)/>
            </OperationForm>
        }
    };
    view! {
        <div class="card rows">
            {choice(WhoMayAsk::Everybody, t::everybody(language), t::everybody_hint(language))}
            {choice(WhoMayAsk::Workplace, t::workplace(language), t::workplace_hint(language))}
            {choice(WhoMayAsk::Nobody, t::nobody(language), t::nobody_hint(language))}
        </div>
    }
}

/// What was chosen on another device is shown here.
fn follow(present: RwSignal<WhoMayAsk>) {
    let me = use_session().me;
    let client = StoredValue::new(use_client());
    use_live().listen(move |event| {
        let EventKind::ProfileChanged { account } = event.kind else {
            return;
        };
        if me.with_untracked(|me| me.as_ref().is_none_or(|me| me.id != account)) {
            return;
        }
        let call = client.with_value(|client| client.call(GetAskingRule {}));
        leptos::task::spawn_local(async move {
            if let Ok(rule) = call.await {
                let _ = present.try_set(rule.who_may_ask);
            }
        });
    });
}
