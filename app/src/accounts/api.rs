//! Accounts on the wire: signing in, the profile, devices, one-time links. `factors` has what proves who somebody is,
//! `administering` what an administrator does.

use serde::{Deserialize, Serialize};

use crate::api::{AccountId, ApiError, DeviceId, Done, InvalidReason, Timestamp, VaultId};
use crate::operation;

/// A password or one-time key on its way in. `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The least characters of a password; there is no rule about what they are.
///
/// Source: NIST SP 800-63B-4 §3.1.1.2 (15 for a password used alone, no composition rules).
pub const PASSWORD_MIN_CHARS: usize = 15;
/// The most characters of a password: enough for any phrase, bounded for the hash.
pub const PASSWORD_MAX_CHARS: usize = 256;

/// The language of the screens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub enum Language {
    /// Canadian French, the reference.
    #[default]
    #[serde(rename = "fr-CA")]
    French,
    /// Canadian English, equal.
    #[serde(rename = "en-CA")]
    English,
}

impl Language {
    /// The BCP 47 tag, as `lang` and the cookie carry it.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::French => "fr-CA",
            Self::English => "en-CA",
        }
    }

    /// The language of a tag or an `Accept-Language` header; French unless English comes first.
    pub fn from_tag(tag: &str) -> Self {
        let first = tag
            .split(',')
            .map(|part| part.trim().to_ascii_lowercase())
            .find(|part| part.starts_with("fr") || part.starts_with("en"));
        match first {
            Some(part) if part.starts_with("en") => Self::English,
            _ => Self::French,
        }
    }
}

/// What kind of program signs in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClientKind {
    /// A browser: the session is a cookie.
    #[default]
    Browser,
    /// Another program: the session is a token in the answer.
    Api,
}

/// Signs in with e-mail and password.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SignIn {
    /// As in the account, whatever the case.
    pub email: String,
    /// The password.
    pub password: Secret,
    /// A browser unless told.
    #[serde(default)]
    pub client: ClientKind,
}

/// A fresh session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SignedIn {
    /// Who signed in.
    pub account: Me,
    /// The session's token, for `"client": "api"` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
}

/// The caller's own account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[expect(clippy::struct_excessive_bools, reason = "each says one thing of the account")]
pub struct Me {
    /// Its id.
    pub id: AccountId,
    /// The name as shown, title first.
    pub name: String,
    /// The title alone: "Dre"; may be empty.
    pub title: String,
    /// The name without title.
    pub bare_name: String,
    /// The given name.
    pub given_name: String,
    /// What they do.
    pub profession: String,
    /// Where.
    pub workplace: String,
    /// The address to sign in with.
    pub email: String,
    /// Shown to friends only; may be empty.
    pub phone: String,
    /// The language of the screens.
    pub language: Language,
    /// The version of the photo, absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<u32>,
    /// Whether they administer the instance.
    pub is_admin: bool,
    /// What the Enter key does in the compose box.
    pub enter_key: EnterKey,
    /// How far the three-step guide has come: 0 not begun, 1 to 3 the step to do next, 4 done or skipped.
    pub guide_step: u8,
    /// Whether friends are told what the account has read, and it is told what they have.
    pub shares_read_receipts: bool,
    /// Whether others use the browser that asks, too.
    #[serde(default)]
    pub is_shared_device: bool,
    /// Whether signing in takes a second step.
    #[serde(default)]
    pub has_second_factor: bool,
    /// How many notices about the account its owner has not said to know of.
    #[serde(default)]
    pub n_unseen_notices: u32,
    /// The device that asks.
    pub device: DeviceId,
}

/// What the Enter key does in the compose box; Shift+Enter is always a new line, Ctrl or ⌘ with Enter always sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EnterKey {
    /// Sends with a hardware keyboard, a new line with one on the screen.
    #[default]
    Auto,
    /// Sends.
    Sends,
    /// A new line.
    NewLine,
}

/// Ends the session of the device that asks.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SignOut {}

/// Reads the caller's own account.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct GetMe {}

/// Changes the caller's visible profile.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SaveProfile {
    /// "Dre", "Dr" or empty; at most 20 characters.
    #[serde(default)]
    pub title: String,
    /// The name without title, 1 to 80 characters.
    pub name: String,
    /// 1 to 80 characters.
    pub profession: String,
    /// 1 to 80 characters.
    pub workplace: String,
    /// Empty, or 7 to 30 characters of a phone number. Friends alone see it.
    #[serde(default)]
    pub phone: String,
}

/// Changes how the screens behave for the caller; what is absent stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SaveSettings {
    /// The language of the screens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// What the Enter key does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enter_key: Option<EnterKey>,
    /// How far the guide has come, 0 to 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guide_step: Option<u8>,
    /// Whether friends are told what the caller has read, and the caller what they have. What was told stays told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shares_read_receipts: Option<bool>,
}

/// Sets the caller's photo. The server cuts the square out, turns it upright and re-encodes it: nothing else of the
/// file is kept, no place, no date, no camera.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SavePhoto {
    /// JPEG, PNG or WebP, base64, at most 8 MiB decoded.
    pub picture: String,
    /// Left edge of the square, in thousandths of the upright picture's width.
    pub left: u32,
    /// Top edge, in thousandths of its height.
    pub top: u32,
    /// Side of the square, in thousandths of its shorter side; at least 100.
    pub side: u32,
}

/// Removes the caller's photo.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct RemovePhoto {}

/// Changes the caller's password; the other devices are signed out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ChangePassword {
    /// The present one.
    pub password: Secret,
    /// The new one, 15 to 256 characters.
    pub new_password: Secret,
}

/// Lists the caller's devices, last seen first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ListDevices {}

/// A signed-in browser, tablet or program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// "Chrome, Windows": from what the browser says of itself.
    pub name: String,
    /// What kind of program it is.
    pub kind: ClientKind,
    /// When it signed in.
    pub signed_in_at: Timestamp,
    /// When it last asked for something, to the minute.
    pub seen_at: Timestamp,
    /// When the account was first signed in in this browser.
    pub first_seen_at: Timestamp,
    /// Whether it is the one that asks.
    pub is_current: bool,
}

/// The caller's devices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Devices {
    /// Last seen first.
    pub devices: Vec<Device>,
}

/// Signs one of the caller's devices out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct RevokeDevice {
    /// Which.
    pub device: DeviceId,
}

/// Asks for what opens the caller's vault in this browser: a secret that the server makes at the first asking and gives to
/// nobody but this account. It goes when the device that asked last is signed out, here or from afar; then the words that
/// rest in that browser can never be read again.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct OpenVault {
    /// Which, as the browser has drawn it.
    pub vault: VaultId,
}

/// What opens a vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct VaultOpening {
    /// 256 bits, base64url.
    pub secret: Secret,
}

/// Opens the instance: the first account, an administrator, by the one-time key that `pli serve` printed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SetUp {
    /// The one-time key.
    pub key: Secret,
    /// The address to sign in with.
    pub email: String,
    /// 15 to 256 characters.
    pub password: Secret,
    /// May be empty.
    #[serde(default)]
    pub title: String,
    /// The name without title.
    pub name: String,
    /// What they do.
    pub profession: String,
    /// Where.
    pub workplace: String,
}

/// Reads what a one-time link is for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ReadLink {
    /// The link's key.
    pub key: Secret,
}

/// What a one-time link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LinkPurpose {
    /// Joining: choose a password, complete the profile.
    Invitation,
    /// A forgotten password.
    Reset,
}

/// What a valid one-time link opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Link {
    /// What it is for.
    pub purpose: LinkPurpose,
    /// Whom it was made for.
    pub email: String,
    /// The name so far.
    pub name: String,
    /// The profession so far.
    pub profession: String,
    /// The workplace so far.
    pub workplace: String,
}

/// Uses an invitation: password and profile, and the person is signed in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct AcceptInvitation {
    /// The link's key.
    pub key: Secret,
    /// 15 to 256 characters.
    pub password: Secret,
    /// May be empty.
    #[serde(default)]
    pub title: String,
    /// The name without title.
    pub name: String,
    /// What they do.
    pub profession: String,
    /// Where.
    pub workplace: String,
}

/// Uses a reset link: a new password; every device is signed out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ResetPassword {
    /// The link's key.
    pub key: Secret,
    /// 15 to 256 characters.
    pub password: Secret,
}

/// Checks a new password: length alone, and not one that everybody tries first.
///
/// # Errors
/// `Invalid` naming `field`.
pub fn check_password(field: &str, password: &Secret) -> Result<(), ApiError> {
    let n_chars = password.0.chars().count();
    if n_chars < PASSWORD_MIN_CHARS {
        return Err(ApiError::invalid(field, InvalidReason::TooShort));
    }
    if n_chars > PASSWORD_MAX_CHARS {
        return Err(ApiError::invalid(field, InvalidReason::TooLong));
    }
    Ok(())
}

operation!(Post "accounts.sign_in", SignIn => SignedIn);
operation!(Post "accounts.sign_out", SignOut => Done);
operation!(Get "accounts.get_me", GetMe => Me);
operation!(Post "accounts.save_profile", SaveProfile => Me);
operation!(Post "accounts.save_settings", SaveSettings => Me);
operation!(Post "accounts.save_photo", SavePhoto => Me);
operation!(Post "accounts.remove_photo", RemovePhoto => Me);
operation!(Post "accounts.change_password", ChangePassword => Done);
operation!(Get "accounts.list_devices", ListDevices => Devices);
operation!(Post "accounts.revoke_device", RevokeDevice => Done);
operation!(Post "accounts.open_vault", OpenVault => VaultOpening);
operation!(Post "accounts.set_up", SetUp => SignedIn);
operation!(Post "accounts.read_link", ReadLink => Link);
operation!(Post "accounts.accept_invitation", AcceptInvitation => SignedIn);
operation!(Post "accounts.reset_password", ResetPassword => Done);
