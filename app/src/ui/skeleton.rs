//! The shape of what is coming, while it comes.

use leptos::prelude::*;

/// Rows of a list: a circle and two lines each.
#[component]
pub fn SkeletonRows(
    /// What is loading ("Chargement des messages").
    #[prop(into)]
    label: String,
    /// How many are drawn.
    #[prop(default = 3)]
    n_rows: usize,
) -> impl IntoView {
    let rows: Vec<_> = (0..n_rows)
        .map(|_| {
            view! {
                <div class="skeleton-row">
                    <span class="skeleton skeleton--round"></span>
                    <span class="skeleton-row__lines">
                        <span class="skeleton skeleton--short"></span>
                        <span class="skeleton skeleton--long"></span>
                    </span>
                </div>
            }
        })
        .collect();
    view! {
        <div class="card" role="group" aria-busy="true" aria-label=label>
            {rows}
        </div>
    }
}

/// Cards of a grid: a photo and two lines each.
#[component]
pub fn SkeletonCards(
    /// What is loading.
    #[prop(into)]
    label: String,
    /// How many are drawn.
    #[prop(default = 6)]
    n_cards: usize,
) -> impl IntoView {
    let cards: Vec<_> = (0..n_cards)
        .map(|_| {
            view! {
                <div class="contact-card">
                    <span class="skeleton skeleton--photo"></span>
                    <span class="card--pad skeleton-row__lines">
                        <span class="skeleton skeleton--mid"></span>
                        <span class="skeleton skeleton--short"></span>
                    </span>
                </div>
            }
        })
        .collect();
    view! {
        <div class="contact-grid" role="group" aria-busy="true" aria-label=label>
            {cards}
        </div>
    }
}
