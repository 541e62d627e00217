//! This feature's tables.

pub(super) mod accounts;
pub(super) mod browsers;
pub(super) mod devices;
pub(super) mod directory;
pub(super) mod factors;
pub(super) mod known_browsers;
pub(super) mod links;
pub(super) mod notices;
pub(super) mod passkeys;
pub(super) mod photos;
pub(super) mod provider;
pub(super) mod settings;
pub(super) mod tickets;
pub(super) mod vaults;
