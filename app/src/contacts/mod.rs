//! The Network: the directory, friends, requests, a person's page.

pub mod api;

pub use api::*;

use crate::api::AccountId;

/// Where a person's photo is, if they have one.
pub fn photo_url(account: AccountId, photo: Option<u32>) -> Option<String> {
    photo.map(|version| format!("/photos/{account}/{version}"))
}

macro_rules! awaiting { ($($name:ident),*) => { $(
    /// Being written.
    #[leptos::component]
    pub fn $name() -> impl leptos::prelude::IntoView { { use leptos::prelude::*; view! { <h1 tabindex="-1">{stringify!($name)}</h1> } } }
)* } }
awaiting!(NetworkPage, PersonPage);
