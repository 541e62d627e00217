//! Accounts: signing in, the own profile, preferences, devices, administration.
//!
//! Before anybody is signed in: [`SignInPage`], [`InstallationPage`], [`InvitationPage`]. Afterwards the settings, and
//! [`SignInAgain`] over whatever page is open when the session ends. [`VisitorBar`] is the way in from other pages.

pub mod administering;
pub mod api;
pub mod factors;
mod idle;
pub mod provider;

mod asking;
mod confirm;
mod identity;
mod leaving;
mod one_time_key;
mod welcome;

mod installation;
mod invitation;
#[cfg(feature = "hydrate")]
mod lock;
mod news;
mod passkey_sign_in;
mod provider_entry;
mod second_step;
mod sign_in;
mod sign_in_again;

mod authenticator;
mod crop;
mod devices;
mod passkeys;
mod photo;
mod preferences;
mod profile;
mod provider_link;
mod security;
mod settings;

mod account_row;
mod administration;
mod one_time_link;
mod policy;

pub use administering::*;
pub use administration::AccountsPage;
pub use api::*;
pub use devices::DevicesPage;
pub use factors::*;
pub use idle::IdleLimits;
pub use installation::InstallationPage;
pub use invitation::InvitationPage;
#[cfg(feature = "hydrate")]
pub(crate) use lock::watch_idleness;
pub use news::AccountNews;
pub(crate) use preferences::ChoiceButton;
pub use preferences::PreferencesPage;
pub use profile::ProfileSettingsPage;
pub use provider::*;
pub use security::SecurityPage;
pub use settings::SettingsPage;
pub(crate) use settings::{SettingsFrame, SettingsTab};
pub use sign_in::SignInPage;
pub use sign_in_again::SignInAgain;
pub use welcome::VisitorBar;
