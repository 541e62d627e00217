//! Factors on the wire: what proves who somebody is beside the password, and what the owner is told of it.

use serde::{Deserialize, Serialize};

use super::{ClientKind, ProviderStanding, Secret, SignedIn};
use crate::api::{Done, PasskeyId, Timestamp};
use crate::operation;

/// The digits of a code from an authenticator app.
pub const CODE_DIGITS: usize = 6;
/// How many recovery codes are made at once.
pub const N_RECOVERY_CODES: usize = 10;

/// Finishes a sign-in whose password was right and whose account has a second factor.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct FinishSignIn {
    /// What the refusal `second_factor` has given; empty after the organisation's provider has recognised somebody: the browser
    /// holds it then.
    pub ticket: Secret,
    /// Six digits of the authenticator app, or a recovery code.
    pub code: Secret,
    /// A browser unless told.
    #[serde(default)]
    pub client: ClientKind,
}

/// Proves once more who is there, before something that changes who can sign in. Good for five minutes on this device.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ConfirmIdentity {
    /// The present password.
    pub password: Secret,
    /// Where the account has an authenticator app: six digits, or a recovery code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Secret>,
}

/// Reads how the caller's account is protected.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct GetSecurity {}

/// How the caller's account is protected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Security {
    /// Whether the account has a password: who has joined by the organisation's provider chose none.
    pub has_password: bool,
    /// How it stands to the organisation's provider, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderStanding>,
    /// Whether an authenticator app is set up.
    pub has_authenticator: bool,
    /// The account's passkeys, oldest first.
    pub passkeys: Vec<Passkey>,
    /// Recovery codes that are left.
    pub n_recovery_codes: u32,
    /// Whether the organisation wants a second factor of everybody.
    pub is_factor_required: bool,
    /// What happened to the account, newest first, at most 50.
    pub notices: Vec<Notice>,
}

/// Something that the owner of an account should know of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Notice {
    /// What happened.
    pub kind: NoticeKind,
    /// On which device, as it is called in the list.
    pub device: String,
    /// When.
    pub at: Timestamp,
    /// Whether the owner has said that they know.
    pub is_seen: bool,
}

/// What happened to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// Somebody signed in in a browser that was not known.
    NewDevice,
    /// The password was changed or reset.
    PasswordChanged,
    /// An authenticator app was set up.
    AuthenticatorAdded,
    /// The authenticator app was removed.
    AuthenticatorRemoved,
    /// New recovery codes were made; the old ones are void.
    RecoveryCodesMade,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was removed.
    PasskeyRemoved,
    /// The account was linked to the organisation's provider.
    ProviderLinked,
    /// The link was removed.
    ProviderUnlinked,
    /// A link of an administrator has removed the app, the codes, the passkeys and the tie to the provider.
    FactorsReset,
}

/// Says that the caller knows of all notices up to a moment.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SeeNotices {
    /// Up to and including this moment.
    pub until: Timestamp,
}

/// Draws a key for an authenticator app. It counts once a code of it was given; asking again draws another. Refused while
/// an app is set up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct StartAuthenticator {}

/// The key that an authenticator app takes, shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct AuthenticatorKey {
    /// To type: base32.
    pub key: Secret,
    /// To open on the same device: `otpauth://totp/…`.
    pub address: Secret,
    /// To scan: the path of an SVG, a square of one unit for each dark module.
    pub picture: Secret,
    /// How many units wide and high the picture is.
    pub picture_side: u32,
}

/// Sets the authenticator app up: the first code proves that it has the key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct FinishAuthenticator {
    /// Six digits.
    pub code: Secret,
}

/// Removes the authenticator app, and the recovery codes with it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct RemoveAuthenticator {}

/// Makes new recovery codes; the old ones are void.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct MakeRecoveryCodes {}

/// Recovery codes, shown once: each stands in for the authenticator app, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct RecoveryCodes {
    /// Sixteen characters each, in groups of four.
    pub codes: Vec<Secret>,
}

/// A passkey, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Passkey {
    /// Its id.
    pub id: PasskeyId,
    /// The device that it was added on.
    pub name: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last signed somebody in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_at: Option<Timestamp>,
}

/// Begins to add a passkey to the caller's account.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct StartPasskey {}

/// What a browser needs to make or use a passkey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct PasskeyCeremony {
    /// What the answer is sent with; it counts once, for five minutes.
    pub ceremony: Secret,
    /// JSON, as `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON` reads it.
    pub options: String,
}

/// Adds the passkey that the browser has made.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct AddPasskey {
    /// As it was begun.
    pub ceremony: Secret,
    /// JSON, as `PublicKeyCredential.toJSON` writes it.
    pub credential: Secret,
}

/// Removes one of the caller's passkeys.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct RemovePasskey {
    /// Which.
    pub passkey: PasskeyId,
}

/// Begins to sign in with a passkey, whoever it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct StartPasskeySignIn {}

/// Signs in with what the passkey has answered. The session is a cookie.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SignInByPasskey {
    /// As it was begun.
    pub ceremony: Secret,
    /// JSON, as `PublicKeyCredential.toJSON` writes it.
    pub credential: Secret,
}

/// Reads what the organisation asks of everybody.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct GetPolicy {}

/// What the organisation asks of everybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Policy {
    /// Whether everybody needs a second factor. Off in a new installation.
    pub is_factor_required: bool,
    /// Whether messages are looked through, before they leave the device, for what belongs in a patient's record. On in a new
    /// installation.
    pub is_unfiled_guarded: bool,
}

/// Changes what the organisation asks of everybody. Who lacks a second factor is led to set one up, and can do nothing
/// else before.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SavePolicy {
    /// Whether everybody needs a second factor.
    pub is_factor_required: bool,
}

/// Says whether messages are looked through, before they leave the device, for what belongs in a patient's record.
///
/// Source: product requirement C5.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SaveGuardPolicy {
    /// Whether they are.
    pub is_unfiled_guarded: bool,
}

/// Tells that a person is at the device: keys, fingers, a mouse. A page does so at most twice a minute; what it does by itself
/// does not count.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct NoteActivity {}

/// Locks the device that asks: its session answers like none until somebody signs in again in that browser.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct LockDevice {}

/// Says whether others use this browser too. A shared one locks after two minutes, a personal one after an hour.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SaveDevice {
    /// Whether others use it.
    pub is_shared: bool,
}

operation!(Post "accounts.note_activity", NoteActivity => Done);
operation!(Post "accounts.lock_device", LockDevice => Done);
operation!(Post "accounts.save_device", SaveDevice => Done);
operation!(Post "accounts.finish_sign_in", FinishSignIn => SignedIn);
operation!(Post "accounts.confirm_identity", ConfirmIdentity => Done);
operation!(Get "accounts.get_security", GetSecurity => Security);
operation!(Post "accounts.see_notices", SeeNotices => Done);
operation!(Post "accounts.start_authenticator", StartAuthenticator => AuthenticatorKey);
operation!(Post "accounts.finish_authenticator", FinishAuthenticator => RecoveryCodes);
operation!(Post "accounts.remove_authenticator", RemoveAuthenticator => Done);
operation!(Post "accounts.make_recovery_codes", MakeRecoveryCodes => RecoveryCodes);
operation!(Post "accounts.start_passkey", StartPasskey => PasskeyCeremony);
operation!(Post "accounts.add_passkey", AddPasskey => Done);
operation!(Post "accounts.remove_passkey", RemovePasskey => Done);
operation!(Post "accounts.start_passkey_sign_in", StartPasskeySignIn => PasskeyCeremony);
operation!(Post "accounts.sign_in_by_passkey", SignInByPasskey => SignedIn);
operation!(Get "accounts.get_policy", GetPolicy => Policy);
operation!(Post "accounts.save_policy", SavePolicy => Policy);
operation!(Post "accounts.save_guard_policy", SaveGuardPolicy => Policy);
