//! What stands where there is nothing yet: a drawing, a sentence, a way on.
//!
//! The dotted flight is the product's only ornament, and appears only where nothing else is on the screen.

use leptos::prelude::*;

use super::logo::BrandMark;

/// The drawings of empty places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Drawing {
    /// Somebody, and a letter on its way: no friend, no conversation yet.
    #[default]
    Person,
    /// A magnifier over nothing: a search without result.
    Search,
    /// A letter resting on a cloud: no network.
    Cloud,
}

/// A drawing alone, hidden from screen readers.
#[component]
pub fn EmptyDrawing(
    /// Which one.
    #[prop(optional)]
    drawing: Drawing,
) -> impl IntoView {
    let lines = match drawing {
        Drawing::Person => view! {
            <circle class="art__soft" cx="62" cy="44" r="20" />
            <path class="art__soft" d="M28 92c2-22 16-30 34-30s32 8 34 30z" />
            <path class="art__dash" d="M96 46c20-26 34-22 44-10" />
            <g transform="translate(126 6) scale(.6)">
                <BrandMark />
            </g>
        }
        .into_any(),
        Drawing::Search => view! {
            <circle class="art__soft" cx="80" cy="48" r="32" />
            <circle class="art__line" cx="80" cy="48" r="32" />
            <path class="art__dash" d="m104 72 24 22" />
        }
        .into_any(),
        Drawing::Cloud => view! {
            <path class="art__soft" d="M52 84a24 24 0 0 1-3-47.8A36 36 0 0 1 118 32a26 26 0 0 1 6 52z" />
            <path class="art__line" d="M4 92h168" />
            <g transform="translate(66 30) rotate(-8) scale(.72)">
                <BrandMark />
            </g>
        }
        .into_any(),
    };
    view! {
        <svg class="empty__art" viewBox="0 0 176 104" aria-hidden="true">
            {lines}
        </svg>
    }
}

/// An empty place: drawing, title, a sentence, the way on.
///
/// The title is a heading of the third level, inside a section that has its own.
#[component]
pub fn Empty(
    /// What is not there.
    #[prop(into)]
    title: String,
    /// Why, or what would bring it.
    #[prop(optional_no_strip, into)]
    text: Option<String>,
    /// The picture above.
    #[prop(optional)]
    drawing: Drawing,
    /// The way on: a button or a link.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="card empty">
            <EmptyDrawing drawing />
            <h3>{title}</h3>
            {text.map(|text| view! { <p class="empty__text">{text}</p> })}
            {children.map(|children| children())}
        </div>
    }
}
