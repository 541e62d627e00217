//! This feature's tables.

pub(super) mod accounts;
pub(super) mod devices;
pub(super) mod directory;
pub(super) mod links;
pub(super) mod photos;
pub(super) mod vaults;
