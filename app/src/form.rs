//! One operation behind one form: a plain form where there is no script, a call where there is one. Both are made from
//! the same value, so both ask for the same thing.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::api::{ApiError, Operation};
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
    let fields = fields_without_script(&operation, &next);
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
            <div hidden inner_html=fields></div>
            {children()}
        </form>
    }
}

/// The hidden fields that a browser without script sends. A live page sends the operation itself, so it keeps what the
/// server has written, and none of the code that writes it is needed before a page is alive.
fn fields_without_script<O: Operation>(operation: &O, next: &str) -> String {
    #[cfg(feature = "hydrate")]
    {
        let _ = (operation, next);
        String::new()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let mut fields = vec![("operation".to_owned(), O::NAME.to_owned())];
        if !next.is_empty() {
            fields.push(("next".to_owned(), next.to_owned()));
        }
        fields.extend(crate::api::json::fields(
            &crate::api::json::write(operation).unwrap_or_default(),
        ));
        let inputs = fields.iter().map(|(name, value)| {
            let (name, value) = (in_attribute(name), in_attribute(value));
            format!(r#"<input type="hidden" name="{name}" value="{value}">"#)
        });
        inputs.collect()
    }
}

/// For the inside of an attribute in double quotes.
#[cfg(not(feature = "hydrate"))]
fn in_attribute(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
}

#[cfg(all(test, not(feature = "hydrate")))]
mod tests {
    use super::*;
    use crate::accounts::RevokeDevice;

    #[test]
    fn fields_say_what_is_asked_for_and_break_out_of_no_attribute() {
        let device = crate::api::DeviceId(uuid::Uuid::from_u128(7));

        let fields = fields_without_script(&RevokeDevice { device }, r#"/a"><b>&c"#);

        let expected = format!(
            r#"<input type="hidden" name="operation" value="accounts.revoke_device"><input type="hidden" name="next" value="/a&quot;>&lt;b>&amp;c"><input type="hidden" name="device" value="{device}">"#
        );
        assert_eq!(fields, expected);
    }
}
