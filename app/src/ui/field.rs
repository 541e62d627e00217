//! A line to fill in: label, input, hint, error, tied together for those who see them and those who hear them.
//!
//! Works as plain HTML, as part of a form. Where a screen follows what is typed, it gives an `RwSignal`; words typed
//! before the page became live are taken over, never wiped.

use leptos::{html, prelude::*};

use super::{
    classes::joined,
    icon::{Icon, IconName},
};

/// A text field, its label above, its hint and its error below.
#[component]
pub fn Field(
    /// Unique in the page; the hint and the error derive theirs from it.
    #[prop(into)]
    id: String,
    /// What to write here.
    #[prop(into)]
    label: String,
    /// Its name in the form.
    #[prop(into)]
    name: String,
    /// The `type` of the input.
    #[prop(default = "text")]
    kind: &'static str,
    /// Where the words live: a first value for the server, then two ways.
    #[prop(optional)]
    value: Option<RwSignal<String>>,
    /// How to fill it in.
    #[prop(optional_no_strip, into)]
    hint: Option<String>,
    /// What is wrong; marks the field invalid while it is there.
    #[prop(optional, into)]
    error: MaybeProp<String>,
    /// An example, never the label.
    #[prop(optional_no_strip, into)]
    placeholder: Option<String>,
    /// What the browser may fill in.
    #[prop(optional)]
    autocomplete: Option<&'static str>,
    /// The keyboard to show.
    #[prop(optional)]
    inputmode: Option<&'static str>,
    /// In UTF-16 units, as browsers count.
    #[prop(optional)]
    maxlength: Option<u32>,
    /// Whether the form refuses it empty.
    #[prop(optional)]
    required: bool,
    /// Keeps the label for screen readers alone.
    #[prop(optional)]
    label_hidden: bool,
    /// More classes.
    #[prop(optional)]
    class: &'static str,
    /// The input, for the caller to give it the focus.
    #[prop(optional)]
    node_ref: NodeRef<html::Input>,
) -> impl IntoView {
    follow(node_ref, value);
    let described = described_by(&id, hint.is_some(), error);
    let invalid = move || error.get().is_some().then_some("true");
    let written = move |_| take_over(node_ref, value);
    view! {
        <div class=joined("field", class) class:field--error=move || error.get().is_some()>
            <label class=if label_hidden { "visually-hidden" } else { "field__label" } for=id.clone()>
                {label}
            </label>
            <input
                class="field__control"
                id=id.clone()
                name=name
                type=kind
                value=value.map(|value| value.get_untracked())
                placeholder=placeholder
                autocomplete=autocomplete
                inputmode=inputmode
                maxlength=maxlength
                required=required
                aria-invalid=invalid
                aria-describedby=described
                on:input=written
                node_ref=node_ref
            />
            <Remarks id hint error />
        </div>
    }
}

/// A password, with a button that shows the characters.
#[component]
pub fn PasswordField(
    /// Unique in the page.
    #[prop(into)]
    id: String,
    /// What to write here.
    #[prop(into)]
    label: String,
    /// Name of the button that shows the characters; must not contain `label`, because the field is the
    /// only one so named.
    #[prop(into)]
    reveal_label: String,
    /// Its name in the form.
    #[prop(into)]
    name: String,
    /// `current-password` or `new-password`.
    #[prop(default = "current-password")]
    autocomplete: &'static str,
    /// Where the words live in a live page; never written by the server.
    #[prop(optional)]
    value: Option<RwSignal<String>>,
    /// How to choose it.
    #[prop(optional_no_strip, into)]
    hint: Option<String>,
    /// What is wrong.
    #[prop(optional, into)]
    error: MaybeProp<String>,
    /// Whether the form refuses it empty.
    #[prop(optional)]
    required: bool,
    /// The input, for the caller to give it the focus.
    #[prop(optional)]
    node_ref: NodeRef<html::Input>,
) -> impl IntoView {
    follow(node_ref, value);
    let described = described_by(&id, hint.is_some(), error);
    let invalid = move || error.get().is_some().then_some("true");
    let written = move |_| take_over(node_ref, value);
    let is_shown = RwSignal::new(false);
    view! {
        <div class="field" class:field--error=move || error.get().is_some()>
            <label class="field__label" for=id.clone()>
                {label}
            </label>
            <div class="field__wrap">
                <input
                    class="field__control"
                    id=id.clone()
                    name=name
                    type=move || if is_shown.get() { "text" } else { "password" }
                    autocomplete=autocomplete
                    autocapitalize="none"
                    spellcheck="false"
                    required=required
                    aria-invalid=invalid
                    aria-describedby=described
                    on:input=written
                    node_ref=node_ref
                />
                <button
                    class="button button--icon field__inside needs-script"
                    type="button"
                    aria-label=reveal_label
                    aria-pressed=move || if is_shown.get() { "true" } else { "false" }
                    on:click=move |_| is_shown.update(|shown| *shown = !*shown)
                >
                    <Icon name=IconName::Eye small=true />
                </button>
            </div>
            <Remarks id hint error />
        </div>
    }
}

/// A search box: a magnifier, and a label that only screen readers hear.
#[component]
pub fn SearchField(
    /// Unique in the page.
    #[prop(into)]
    id: String,
    /// Its name, which is not shown.
    #[prop(into)]
    label: String,
    /// Its name in the form.
    #[prop(into)]
    name: String,
    /// Where the words live.
    #[prop(optional)]
    value: Option<RwSignal<String>>,
    /// What can be looked for.
    #[prop(optional_no_strip, into)]
    placeholder: Option<String>,
    /// More classes, for instance `search-field`.
    #[prop(optional)]
    class: &'static str,
    /// The input, for the caller to give it the focus.
    #[prop(optional)]
    node_ref: NodeRef<html::Input>,
) -> impl IntoView {
    follow(node_ref, value);
    view! {
        <div class=joined("field field--search", class)>
            <div class="field__wrap">
                <Icon name=IconName::Search small=true />
                <input
                    class="field__control"
                    id=id
                    name=name
                    type="search"
                    value=value.map(|value| value.get_untracked())
                    aria-label=label
                    placeholder=placeholder
                    autocomplete="off"
                    enterkeyhint="search"
                    on:input=move |_| take_over(node_ref, value)
                    node_ref=node_ref
                />
            </div>
        </div>
    }
}

/// Below a field: how to fill it in, and what is wrong with it.
#[component]
pub(super) fn Remarks(id: String, hint: Option<String>, error: MaybeProp<String>) -> impl IntoView {
    let (hint_id, error_id) = (hint_id(&id), error_id(&id));
    view! {
        {hint
            .map(|hint| {
                view! {
                    <p class="field__help" id=hint_id>
                        {hint}
                    </p>
                }
            })}
        {move || {
            error
                .get()
                .map(|error| {
                    view! {
                        <p class="field__error" id=error_id.clone()>
                            <Icon name=IconName::Warning small=true />
                            <span>{error}</span>
                        </p>
                    }
                })
        }}
    }
}

/// The value of `aria-describedby`: the error first, because it is what the person must hear.
pub(super) fn described_by(
    id: &str,
    has_hint: bool,
    error: MaybeProp<String>,
) -> impl Fn() -> Option<String> + Send + Sync + use<> {
    let (hint, error_id) = (has_hint.then(|| hint_id(id)), error_id(id));
    move || match (error.get().is_some(), &hint) {
        (true, Some(hint)) => Some(format!("{error_id} {hint}")),
        (true, None) => Some(error_id.clone()),
        (false, hint) => hint.clone(),
    }
}

fn hint_id(id: &str) -> String {
    format!("{id}-hint")
}

fn error_id(id: &str) -> String {
    format!("{id}-error")
}

/// Puts what stands in the field into the signal.
fn take_over(node: NodeRef<html::Input>, value: Option<RwSignal<String>>) {
    if let (Some(input), Some(value)) = (node.get_untracked(), value) {
        value.set(input.value());
    }
}

/// Keeps the field and the signal alike, from the moment the page is live.
fn follow(node: NodeRef<html::Input>, value: Option<RwSignal<String>>) {
    #[cfg(feature = "hydrate")]
    if let Some(value) = value {
        Effect::new(move |was_followed: Option<bool>| {
            let Some(input) = node.get() else { return false };
            // Words typed before this moment, or put back by the browser, win over what the server wrote.
            if was_followed != Some(true) && input.value() != value.get_untracked() {
                value.set(input.value());
            }
            let wanted = value.get();
            if input.value() != wanted {
                input.set_value(&wanted);
            }
            true
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (node, value);
}
