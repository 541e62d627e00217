//! Links to the sections of a page, side by side; on a phone they slide under the finger.

use leptos::prelude::*;

use super::badge::Badge;

/// The row of links.
#[component]
pub fn Segments(
    /// Name of the navigation.
    #[prop(into)]
    label: String,
    /// [`SegmentLink`]s.
    children: Children,
) -> impl IntoView {
    view! {
        <nav class="segments" aria-label=label>
            {children()}
        </nav>
    }
}

/// One link of the row.
#[component]
pub fn SegmentLink(
    /// Where it leads, usually a section of the page.
    #[prop(into)]
    href: String,
    /// The words.
    #[prop(into)]
    label: String,
    /// The words on a phone.
    #[prop(optional_no_strip, into)]
    short: Option<String>,
    /// A number in grey after them.
    #[prop(optional, into)]
    count: MaybeProp<u32>,
    /// What waits for an answer, as a violet badge; nothing at zero.
    #[prop(optional, into)]
    waiting: Signal<u32>,
    /// What the badge counts, for screen readers.
    #[prop(optional_no_strip, into)]
    waiting_words: Option<String>,
    /// Whether it is the section on the screen.
    #[prop(optional, into)]
    is_current: Signal<bool>,
) -> impl IntoView {
    let words = match short {
        Some(short) => view! {
            <span class="segments__long">{label}</span>
            <span class="segments__short">{short}</span>
        }
        .into_any(),
        None => label.into_any(),
    };
    view! {
        <a class="segments__link" href=href aria-current=move || is_current.get().then_some("true")>
            {words}
            " "
            {move || count.get().map(|n| view! { <span class="segments__count">{n}</span> })}
            <Badge count=waiting />
            " "
            {waiting_words.map(|words| view! { <span class="visually-hidden">{words}</span> })}
        </a>
    }
}
