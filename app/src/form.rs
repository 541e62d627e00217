//! One operation behind one form: a plain form where there is no script, a call where there is one. Both are made from
//! the same value, so both ask for the same thing.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::api::{ApiError, Operation, json};
use crate::i18n::{error_words, use_language};
use crate::session::call_then;
use crate::ui::use_toasts;

/// A form that asks for `operation`; its children hold the button.
///
/// While the answer is awaited a second press does nothing. A refusal is told in a toast unless `on_refused` takes it.
#[component]
pub fn OperationForm<O>(
    /// What is asked for.
    operation: O,
    /// Told of the answer.
    #[prop(optional, into)]
    on_done: Option<Callback<O::Answer>>,
    /// Told of a refusal, instead of the toast.
    #[prop(optional, into)]
    on_refused: Option<Callback<ApiError>>,
    /// Where the browser goes afterwards when there is no script; the same page unless told.
    #[prop(optional, into)]
    next: String,
    /// Class of the form.
    #[prop(optional)]
    class: &'static str,
    children: Children,
) -> impl IntoView
where
    O: Operation + Clone + Sync,
    O::Answer: Send + Sync,
{
    let language = use_language();
    let toasts = use_toasts();
    let is_pending = RwSignal::new(false);
    let fields = json::fields(&json::write(&operation).unwrap_or_default());
    let operation = StoredValue::new(operation);
    // Effects and handlers run in this component's owner, where the session and the client stand.
    let owner = Owner::current();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if is_pending.get_untracked() {
            return;
        }
        is_pending.set(true);
        let ask = move || {
            call_then(operation.get_value(), move |outcome| {
                let _ = is_pending.try_set(false);
                match (outcome, on_refused) {
                    (Ok(answer), _) => {
                        if let Some(on_done) = on_done {
                            let _ = on_done.try_run(answer);
                        }
                    }
                    (Err(error), Some(on_refused)) => {
                        let _ = on_refused.try_run(error);
                    }
                    (Err(ApiError::SignedOut | ApiError::ConfirmIdentity), None) => {}
                    (Err(error), None) => toasts.alert(error_words(language, &error)),
                }
            });
        };
        match &owner {
            Some(owner) => owner.with(ask),
            None => ask(),
        }
    };
    view! {
        <form method="post" class=class on:submit=submit aria-busy=move || is_pending.get().then_some("true")>
            <input type="hidden" name="operation" value=O::NAME/>
            {(!next.is_empty()).then(|| view! { <input type="hidden" name="next" value=next.clone()/> })}
            {fields
                .into_iter()
                .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
                .collect_view()}
            {children()}
        </form>
    }
}
