//! What an administrator does, on the wire: who has an account, invitations, resets, suspending. Never any content.

use serde::{Deserialize, Serialize};

use super::Secret;
use crate::api::{AccountId, Done, Timestamp};
use crate::operation;

/// Lists all accounts and open invitations. Administrators only; never any content.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ListAccounts {}

/// Where an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// Invited, not yet joined.
    Invited,
    /// In use.
    Active,
    /// May not sign in.
    Suspended,
}

/// An account as administrators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct AccountRow {
    /// Its id.
    pub id: AccountId,
    /// The name as shown.
    pub name: String,
    /// The address to sign in with.
    pub email: String,
    /// What they do.
    pub profession: String,
    /// Where.
    pub workplace: String,
    /// Where the account stands.
    pub state: AccountState,
    /// Whether they administer the instance.
    pub is_admin: bool,
    /// When one of its devices last asked for something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Timestamp>,
}

/// All accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Accounts {
    /// By name.
    pub accounts: Vec<AccountRow>,
}

/// Invites a person by a one-time link, valid for seven days. Inviting the same address again renews the link.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct InvitePerson {
    /// Their address.
    pub email: String,
    /// Their name, title first if any.
    pub name: String,
    /// What they do; may be empty.
    #[serde(default)]
    pub profession: String,
    /// Where; may be empty.
    #[serde(default)]
    pub workplace: String,
}

/// A fresh one-time link, shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct OneTimeLink {
    /// For whom.
    pub account: AccountId,
    /// Path and fragment; the key stands in the fragment, which browsers send to nobody.
    pub path: Secret,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Makes a reset link for a forgotten password, valid for one day.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct StartReset {
    /// Whose.
    pub account: AccountId,
    /// Whether the authenticator app, the recovery codes and the passkeys are lost as well: using the link removes them.
    #[serde(default)]
    pub with_factors: bool,
}

/// Suspends an account, or lifts the suspension. Its devices are signed out at once.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SuspendAccount {
    /// Whose.
    pub account: AccountId,
    /// Whether it shall be suspended.
    pub suspended: bool,
}

operation!(Get "accounts.list_accounts", ListAccounts => Accounts);
operation!(Post "accounts.invite_person", InvitePerson => OneTimeLink);
operation!(Post "accounts.start_reset", StartReset => OneTimeLink);
operation!(Post "accounts.suspend_account", SuspendAccount => Done);
