//! The three steps of the help page, inside the product.

macro_rules! awaiting { ($($name:ident),*) => { $(
    /// Being written.
    #[leptos::component]
    pub fn $name() -> impl leptos::prelude::IntoView { { use leptos::prelude::*; view! { <h1 tabindex="-1">{stringify!($name)}</h1> } } }
)* } }
awaiting!(Coach, HelpPage);
