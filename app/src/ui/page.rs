//! The head of a page and of its sections.

use leptos::html;
use leptos::prelude::*;

use super::classes::joined;

/// The page's title, a line below it, and what can be done with the whole page.
///
/// The title can take the focus from the program alone: the router gives it there after each navigation.
#[component]
pub fn PageHeader(
    /// The page's title.
    #[prop(into)]
    title: Signal<String>,
    /// A line below it.
    #[prop(optional_no_strip, into)]
    sub: Option<String>,
    /// The title, to which the focus goes after a navigation.
    #[prop(optional)]
    node_ref: NodeRef<html::H1>,
    /// What can be done with the whole page.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <header class="page-header">
            <div class="page-header__titles">
                <h1 tabindex="-1" node_ref=node_ref>
                    {move || title.get()}
                </h1>
                {sub.map(|sub| view! { <p class="page-header__sub">{sub}</p> })}
            </div>
            {children.map(|children| view! { <div class="page-header__actions">{children()}</div> })}
        </header>
    }
}

/// A section that screen readers list by its title.
///
/// The count stands outside the heading, whose name stays the title alone.
#[component]
pub fn Section(
    /// Unique in the page and that of the section, so that a link `#id` leads there; the heading's is `id-
    /// title`.
    #[prop(into)]
    id: String,
    /// The heading.
    #[prop(into)]
    title: String,
    /// A number in grey after it.
    #[prop(optional, into)]
    count: MaybeProp<u32>,
    /// A remark at the end of its line.
    #[prop(optional_no_strip, into)]
    note: Option<String>,
    /// More classes.
    #[prop(optional)]
    class: &'static str,
    /// The section itself.
    children: Children,
) -> impl IntoView {
    let title_id = format!("{id}-title");
    view! {
        <section class=joined("section", class) id=id aria-labelledby=title_id>
            <div class="section__header">
                <div class="section__title">
                    <h2 id=title_id.clone()>{title}</h2>
                    {move || count.get().map(|n| view! { <span class="section__count">{n}</span> })}
                </div>
                {note.map(|note| view! { <p class="section__note">{note}</p> })}
            </div>
            {children()}
        </section>
    }
}
