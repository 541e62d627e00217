//! Accounts: signing in, the own profile, preferences, devices, administration.
//!
//! Before anybody is signed in: [`SignInPage`], [`InstallationPage`], [`InvitationPage`]. Afterwards the settings, and
//! [`SignInAgain`] over whatever page is open when the session ends. [`VisitorBar`] is the way in from other pages.

pub mod api;
pub mod factors;

mod asking;
mod identity;
mod leaving;
mod one_time_key;
mod welcome;

mod installation;
mod invitation;
mod sign_in;
mod sign_in_again;

mod crop;
mod devices;
mod photo;
mod preferences;
mod profile;
mod settings;

mod account_row;
mod administration;
mod one_time_link;

pub use administration::AccountsPage;
pub use api::*;
pub use devices::DevicesPage;
pub use factors::*;
pub use installation::InstallationPage;
pub use invitation::InvitationPage;
pub use preferences::PreferencesPage;
pub use profile::ProfileSettingsPage;
pub use settings::SettingsPage;
pub use sign_in::SignInPage;
pub use sign_in_again::SignInAgain;
pub use welcome::VisitorBar;
