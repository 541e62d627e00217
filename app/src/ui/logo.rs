//! The brand: a folded letter that is also a paper plane, and the word *Pli*.

use leptos::{either::Either, prelude::*};

/// The three facets of the mark, to place in any drawing of 64 units a side.
///
/// The colours are those of the page, light or dark, which is why the mark is drawn here and not read from a file.
#[component]
pub fn BrandMark() -> impl IntoView {
    view! {
        <path class="brand__wing" d="M60 5 3.2 24.6a1.7 1.7 0 0 0-.3 3.1L22.5 39z" />
        <path class="brand__shade" d="M61 6 26.4 40.2l11 20.1a1.7 1.7 0 0 0 3.1-.3z" />
        <path class="brand__keel" d="M22.5 42.6v15.6a1.4 1.4 0 0 0 2.5.9l6.3-8-5.2-9.6z" />
    }
}

/// The mark and the word.
///
/// It is an image named *Pli*, never a link: a second link to the same page would carry another name than *Accueil*.
#[component]
pub fn Logo(
    /// Without the word.
    #[prop(optional)]
    mark_only: bool,
) -> impl IntoView {
    let word = if mark_only {
        Either::Left(())
    } else {
        Either::Right(view! {
            <svg class="brand__word" viewBox="76 4 78 56" aria-hidden="true">
                <g class="brand__letters">
                    <path d="M82 54V14h13.5a11.6 11.6 0 0 1 0 23.2H82" />
                    <path d="M122.5 12v34.5c0 4.8 2.4 7.5 6.8 7.5" />
                    <path d="M144 28.5V54" />
                </g>
                <path
                    class="brand__shade"
                    d="M150.6 9.6 137.9 14a.6.6 0 0 0-.1 1.1l4.4 2.6 2.7 4.5a.6.6 0 0 0 1.1-.1z"
                />
            </svg>
        })
    };
    view! {
        <span class="brand" role="img" aria-label="Pli">
            <svg class="brand__mark" viewBox="0 0 64 64" aria-hidden="true">
                <BrandMark />
            </svg>
            {word}
        </span>
    }
}
