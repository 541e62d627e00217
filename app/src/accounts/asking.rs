//! A form that a person fills in: the fields as a plain form sends them, whether an answer is awaited, what was refused.
//!
//! With a script or without, the same inputs make the same operation: the browser posts them, or they are read from the
//! form and sent as a call. What was typed stays in its field in both cases.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use serde::de::DeserializeOwned;

use super::{Language, Secret};
use crate::api::{ApiError, Client, Operation};
use crate::boot::{Posted, use_boot};
use crate::i18n::{error_words, invalid_words, use_language};
use crate::session::{Session, use_client, use_session};
use crate::ui::{Icon, IconName};

/// The state of one form. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Asking {
    language: Language,
    session: Session,
    client: StoredValue<Client>,
    /// The fields that tell their own refusal.
    fields: &'static [&'static str],
    is_pending: RwSignal<bool>,
    error: RwSignal<Option<ApiError>>,
}

impl Asking {
    /// A form whose `fields` are on the screen; begins with the refusal of a plain form, if that was this one.
    pub(super) fn new(fields: &'static [&'static str], posted: Option<&Posted>) -> Self {
        Self {
            language: use_language(),
            session: use_session(),
            client: StoredValue::new(use_client()),
            fields,
            is_pending: RwSignal::new(false),
            error: RwSignal::new(posted.and_then(|posted| posted.error.clone())),
        }
    }

    /// Whether an answer is awaited.
    pub(super) fn pending(self) -> Signal<bool> {
        self.is_pending.into()
    }

    /// What was refused.
    pub(super) fn error(self) -> RwSignal<Option<ApiError>> {
        self.error
    }

    /// What is wrong with one field.
    pub(super) fn error_of(self, field: &'static str) -> MaybeProp<String> {
        Signal::derive(move || {
            self.error.with(|error| match error {
                Some(ApiError::Invalid {
                    field: refused,
                    reason,
                }) if refused == field => Some(invalid_words(self.language, *reason).to_owned()),
                _ => None,
            })
        })
        .into()
    }

    /// What is wrong with the whole, where no field tells it.
    fn general_error(self) -> Option<String> {
        self.error.with(|error| match error {
            Some(ApiError::Invalid { field, .. }) if self.fields.contains(&field.as_str()) => None,
            // The form has another face then.
            Some(ApiError::SignedOut | ApiError::SecondFactor { .. }) | None => None,
            Some(error) => Some(error_words(self.language, error)),
        })
    }

    /// What to do when the form is submitted in a live page: asks for `O`, made of the form's own fields.
    pub(super) fn submit<O: Operation>(
        self,
        then: impl Fn(O::Answer) + Clone + 'static,
    ) -> impl Fn(SubmitEvent) + 'static {
        move |event| {
            event.prevent_default();
            if let Some(operation) = read_form::<O>(&event) {
                self.send(operation, then.clone());
            }
        }
    }

    /// Asks for `operation`; while the answer is awaited a second wish does nothing.
    pub(super) fn send<O: Operation>(self, operation: O, then: impl FnOnce(O::Answer) + 'static) {
        if self.is_pending.get_untracked() {
            return;
        }
        self.is_pending.set(true);
        let call = self.client.with_value(|client| client.call(operation));
        leptos::task::spawn_local(async move {
            let outcome = call.await;
            if self.is_pending.try_set(false).is_some() {
                // The form has left the page.
                return;
            }
            match outcome {
                Ok(answer) => {
                    self.error.set(None);
                    then(answer);
                }
                Err(error) => {
                    self.session.notice(&error);
                    self.error.set(Some(error));
                    focus_refused();
                }
            }
        });
    }

    /// Leaves for another page of ours by loading it, so that it starts with the present session. The form stays busy.
    pub(super) fn leave_for(self, path: &str) {
        self.is_pending.set(true);
        #[cfg(feature = "hydrate")]
        let _ = window().location().replace(path);
        #[cfg(not(feature = "hydrate"))]
        let _ = path;
    }
}

/// What a form of this operation has posted to the page being drawn. It counts once: going away in a live page and
/// coming back finds the form fresh.
pub(super) fn take_posted(operation: &'static str) -> Option<Posted> {
    let boot = use_boot();
    let posted = boot.with_value(|boot| boot.posted_by(operation).cloned());
    if posted.is_some() {
        Effect::new(move |_| boot.update_value(|boot| boot.posted = None));
    }
    posted
}

/// A field's first words: as posted, else as known.
pub(super) fn first_words(posted: Option<&Posted>, field: &str, known: &str) -> RwSignal<String> {
    RwSignal::new(
        posted
            .and_then(|posted| posted.field(field))
            .unwrap_or(known)
            .to_owned(),
    )
}

/// The one-time key that a form has posted.
pub(super) fn posted_key(posted: Option<&Posted>) -> Option<Secret> {
    posted
        .and_then(|posted| posted.field("key"))
        .map(|key| Secret(bare_key(key).to_owned()))
}

/// The key alone, also where the whole link was pasted.
fn bare_key(text: &str) -> &str {
    text.rsplit("#k=").next().unwrap_or(text).trim()
}

/// The hidden fields of a form: what it asks for, and where a browser without script goes afterwards.
#[component]
pub(super) fn FormHead(
    /// The operation's wire name.
    operation: &'static str,
    /// A path of ours; the same page unless told.
    #[prop(optional, into)]
    next: String,
) -> impl IntoView {
    view! {
        <input type="hidden" name="operation" value=operation/>
        {(!next.is_empty()).then(|| view! { <input type="hidden" name="next" value=next.clone()/> })}
    }
}

/// Where a form tells what no single field is guilty of; announced at once.
#[component]
pub(super) fn FormError(asking: Asking) -> impl IntoView {
    view! {
        <div class="form__error" role="alert">
            {move || {
                asking
                    .general_error()
                    .map(|words| {
                        view! {
                            <p class="field__error">
                                <Icon name=IconName::Warning small=true/>
                                <span>{words}</span>
                            </p>
                            {way_out(asking)}
                        }
                    })
            }}
        </div>
    }
}

/// Without a script a proof of who is there is given on its own page, which leads back.
fn way_out(asking: Asking) -> Option<impl IntoView> {
    let is_unproven = asking
        .error()
        .with(|error| *error == Some(ApiError::ConfirmIdentity));
    is_unproven.then(|| {
        let path = leptos_router::hooks::use_location().pathname.get_untracked();
        let words = crate::i18n::words::accounts::confirm::go(asking.language);
        view! { <p><a href=format!("/parametres/securite?confirmer={path}")>{words}</a></p> }
    })
}

/// The operation that the form's fields make.
fn read_form<O: DeserializeOwned>(event: &SubmitEvent) -> Option<O> {
    #[cfg(feature = "hydrate")]
    {
        use leptos::wasm_bindgen::JsCast;

        let form: web_sys::HtmlFormElement = event.current_target()?.dyn_into().ok()?;
        let fields = js_sys::Object::new();
        for input in web_sys::FormData::new_with_form(&form)
            .ok()?
            .entries()
            .into_iter()
            .flatten()
        {
            let pair = js_sys::Array::from(&input);
            if let (Some(name), Some(value)) = (pair.get(0).as_string(), pair.get(1).as_string())
                && name != "operation"
                && name != "next"
            {
                let value = if name == "key" {
                    bare_key(&value).to_owned()
                } else {
                    value
                };
                js_sys::Reflect::set(&fields, &name.into(), &value.into()).ok()?;
            }
        }
        serde_wasm_bindgen::from_value(fields.into()).ok()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = event;
        None
    }
}

/// After a refusal the focus goes to the field to mend.
fn focus_refused() {
    #[cfg(feature = "hydrate")]
    request_animation_frame(|| {
        use leptos::wasm_bindgen::JsCast;

        let field = document().query_selector("[aria-invalid='true']").ok().flatten();
        if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = field.focus();
        }
    });
}
