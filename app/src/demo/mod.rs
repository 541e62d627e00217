//! The demonstration: who one may be, and two people side by side.

macro_rules! awaiting { ($($name:ident),*) => { $(
    /// Being written.
    #[leptos::component]
    pub fn $name() -> impl leptos::prelude::IntoView { { use leptos::prelude::*; view! { <h1 tabindex="-1">{stringify!($name)}</h1> } } }
)* } }
awaiting!(DemoStrip, DoublePage);
