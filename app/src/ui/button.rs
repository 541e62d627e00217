//! The two buttons that are more than a class: one that shows an icon alone, one that waits for an answer.
//!
//! Everything else is a plain `<button class="button button--outline">` or `<a class="button …">` in its screen.

use leptos::{ev::MouseEvent, prelude::*};

use super::{
    classes::joined,
    icon::{Icon, IconName},
};

/// The looks of a button. At most one `Primary` in a region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonTone {
    /// The one thing to do here.
    #[default]
    Primary,
    /// A main action that repeats, such as the planes of a grid.
    Soft,
    /// A second choice.
    Outline,
    /// A choice that should not catch the eye.
    Quiet,
    /// A link that is pressed.
    Link,
    /// Closes or removes.
    Danger,
    /// Closes or removes, among other choices.
    DangerQuiet,
}

impl ButtonTone {
    /// The classes of a button of this tone, for those written in a screen.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Primary => "button button--primary",
            Self::Soft => "button button--soft",
            Self::Outline => "button button--outline",
            Self::Quiet => "button button--quiet",
            Self::Link => "button button--link",
            Self::Danger => "button button--danger",
            Self::DangerQuiet => "button button--danger-quiet",
        }
    }
}

/// A round button that shows an icon alone.
#[component]
pub fn IconButton(
    /// The drawing.
    icon: IconName,
    /// The button's name.
    #[prop(into)]
    label: String,
    /// What it does in a live page; without it the button submits its form.
    #[prop(optional, into)]
    on_press: Option<Callback<()>>,
    /// An icon of 18 px; the button keeps its 44.
    #[prop(optional)]
    small: bool,
    /// More classes, for instance `button--outline`.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    let classes = joined("button button--icon", class);
    let press = move |_| {
        if let Some(on_press) = on_press {
            on_press.run(());
        }
    };
    view! {
        <button
            class=classes
            type=if on_press.is_some() { "button" } else { "submit" }
            aria-label=label
            on:click=press
        >
            <Icon name=icon small />
        </button>
    }
}

/// The button that sends a form: while `pending` it turns a wheel, keeps its place and the focus, and refuses a second press.
#[component]
pub fn SubmitButton(
    /// The visible words.
    #[prop(into)]
    label: String,
    /// Whether an answer is awaited.
    #[prop(optional, into)]
    pending: Signal<bool>,
    /// The words while waiting ("Connexion…"); without them the label stays.
    #[prop(optional_no_strip, into)]
    pending_label: Option<String>,
    /// The whole accessible name, where the visible word is only a part of it: "Accepter la demande de Marc
    /// Côté" for *Accepter*.
    #[prop(optional_no_strip, into)]
    label_name: Option<String>,
    /// The look.
    #[prop(optional)]
    tone: ButtonTone,
    /// A drawing before the words.
    #[prop(optional)]
    icon: Option<IconName>,
    /// More classes, for instance `button--large button--block`.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    let classes = joined(tone.class(), class);
    let refuse_twice = move |press: MouseEvent| {
        if pending.get_untracked() {
            press.prevent_default();
        }
    };
    let mark = move || {
        if pending.get() {
            view! { <span class="spinner" aria-hidden="true"></span> }.into_any()
        } else {
            icon.map(|name| view! { <Icon name small=true /> }).into_any()
        }
    };
    let words = move || match &pending_label {
        Some(waiting) if pending.get() => waiting.clone(),
        _ => label.clone(),
    };
    view! {
        <button
            class=classes
            type="submit"
            aria-label=label_name
            aria-disabled=move || pending.get().then_some("true")
            on:click=refuse_twice
        >
            {mark}
            {words}
        </button>
    }
}
