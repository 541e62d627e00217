//! Choices: a list that unfolds, a box to tick.

use leptos::{html, prelude::*};

use super::{
    field::{Remarks, described_by},
    icon::{Icon, IconName},
};

/// A list that unfolds.
#[component]
pub fn SelectField(
    /// Unique in the page; the hint and the error derive theirs from it.
    #[prop(into)]
    id: String,
    /// What to choose.
    #[prop(into)]
    label: String,
    /// Its name in the form.
    #[prop(into)]
    name: String,
    /// Value and words of each choice, in order.
    options: Vec<(String, String)>,
    /// The value chosen at first.
    #[prop(optional, into)]
    selected: String,
    /// How to choose.
    #[prop(optional_no_strip, into)]
    hint: Option<String>,
    /// What is wrong.
    #[prop(optional, into)]
    error: MaybeProp<String>,
    /// Hears the value chosen.
    #[prop(optional, into)]
    on_change: Option<Callback<String>>,
    /// Keeps the label for screen readers alone.
    #[prop(optional)]
    label_hidden: bool,
    /// The list, for the caller to read.
    #[prop(optional)]
    node_ref: NodeRef<html::Select>,
) -> impl IntoView {
    let described = described_by(&id, hint.is_some(), error);
    let invalid = move || error.get().is_some().then_some("true");
    let changed = move |event| {
        if let Some(on_change) = on_change {
            on_change.run(event_target_value(&event));
        }
    };
    let options: Vec<_> = options
        .into_iter()
        .map(|(value, words)| {
            let is_selected = value == selected;
            view! {
                <option value=value selected=is_selected>
                    {words}
                </option>
            }
        })
        .collect();
    view! {
        <div class="field" class:field--error=move || error.get().is_some()>
            <label class=if label_hidden { "visually-hidden" } else { "field__label" } for=id.clone()>
                {label}
            </label>
            <div class="select">
                <select
                    class="field__control"
                    id=id.clone()
                    name=name
                    aria-invalid=invalid
                    aria-describedby=described
                    on:change=changed
                    node_ref=node_ref
                >
                    {options}
                </select>
                <Icon name=IconName::ChevronDown small=true />
            </div>
            <Remarks id hint error />
        </div>
    }
}

/// A box to tick, sent with its form as `name=on`.
#[component]
pub fn Check(
    /// What ticking means.
    #[prop(into)]
    label: String,
    /// Its name in the form.
    #[prop(into)]
    name: String,
    /// Whether it is ticked at first.
    #[prop(optional)]
    checked: bool,
) -> impl IntoView {
    view! {
        <label class="check">
            <input type="checkbox" name=name checked=checked />
            {label}
        </label>
    }
}
