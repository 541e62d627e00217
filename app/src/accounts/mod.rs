//! Accounts: signing in, the own profile, preferences, devices, administration.

pub mod api;

pub use api::*;

macro_rules! awaiting { ($($name:ident),*) => { $(
    /// Being written.
    #[leptos::component]
    pub fn $name() -> impl leptos::prelude::IntoView { { use leptos::prelude::*; view! { <h1 tabindex="-1">{stringify!($name)}</h1> } } }
)* } }
awaiting!(AccountsPage, DevicesPage, InstallationPage, InvitationPage, PreferencesPage, ProfileSettingsPage, SettingsPage, SignInAgain, SignInPage);
