//! Direct conversations: the list on the home page, the timeline, the compose box.

pub mod api;

pub use api::*;

macro_rules! awaiting { ($($name:ident),*) => { $(
    /// Being written.
    #[leptos::component]
    pub fn $name() -> impl leptos::prelude::IntoView { { use leptos::prelude::*; view! { <h1 tabindex="-1">{stringify!($name)}</h1> } } }
)* } }
awaiting!(HomePage, ConversationPage);
