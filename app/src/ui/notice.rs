//! Notices: what happened, what was kept, what to do.

use leptos::prelude::*;

use super::icon::{Icon, IconName};

/// What a notice means; the words say it too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// A plain fact.
    #[default]
    Plain,
    /// It worked.
    Success,
    /// It works less well than usual, or deserves a second look.
    Warn,
    /// It failed.
    Danger,
}

/// A notice inside a page.
///
/// A notice of failure is announced at once; the others are read where they stand.
#[component]
pub fn Notice(
    /// What happened.
    #[prop(into)]
    title: String,
    /// What was kept, what to do.
    #[prop(optional_no_strip, into)]
    text: Option<String>,
    /// What it means.
    #[prop(optional)]
    tone: Tone,
    /// Another drawing than that of its tone.
    #[prop(optional)]
    icon: Option<IconName>,
    /// Its buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let (class, usual_icon) = match tone {
        Tone::Plain => ("notice", IconName::Lock),
        Tone::Success => ("notice notice--success", IconName::Check),
        Tone::Warn => ("notice notice--warn", IconName::Shield),
        Tone::Danger => ("notice notice--danger", IconName::Warning),
    };
    view! {
        <div class=class role=(tone == Tone::Danger).then_some("alert")>
            <Icon name=icon.unwrap_or(usual_icon) />
            <div class="notice__text">
                <p class="notice__title">{title}</p>
                {text.map(|text| view! { <p>{text}</p> })}
            </div>
            {children.map(|children| view! { <div class="row__actions">{children()}</div> })}
        </div>
    }
}

/// A line across the top of the page for what concerns the whole application, such as the network.
///
/// The caller keeps `<div class="shell__strip" role="status">` around it, in the page at all times, so that what comes
/// and goes inside is announced.
#[component]
pub fn Strip(
    /// What is the matter, in one line.
    #[prop(into)]
    text: Signal<String>,
    /// The drawing before it.
    icon: IconName,
    /// Whether it asks for something to be done.
    #[prop(optional)]
    is_warning: bool,
    /// Its button.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class=if is_warning { "strip strip--warn" } else { "strip" }>
            <span class="strip__text">
                <Icon name=icon small=true />
                <span>{move || text.get()}</span>
            </span>
            {children.map(|children| children())}
        </div>
    }
}
