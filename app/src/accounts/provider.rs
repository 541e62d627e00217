//! The organisation's identity provider on the wire: what it is called, the ways there, and whether the caller's account is
//! linked to it.
//!
//! A way there begins with an operation of these; the browser then goes to [`DEPARTURE`], from there to the provider, and
//! comes back with a session, a link or a proof. All of it is for browsers: what was begun is a cookie.

use serde::{Deserialize, Serialize};

use super::Secret;
use crate::api::{Done, Timestamp};
use crate::operation;

/// Where a browser goes once a way to the provider has begun.
pub const DEPARTURE: &str = "/organisation/depart";
/// Where a plain link begins to sign in. `?suite=/path` names the page to show afterwards; with `nouveau=oui` the provider asks
/// anew who is there.
pub const SIGN_IN_BY_PROVIDER: &str = "/organisation/connexion";

/// Reads what the organisation's identity provider is called.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct GetProvider {}

/// How people may sign in besides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ProviderOffer {
    /// What people call the provider; absent where the organisation has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// Begins to sign in by the provider.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct StartProviderSignIn {
    /// A page of ours to show afterwards; home unless told.
    #[serde(default)]
    pub page: String,
    /// Whether the provider shall ask anew who is there: what it knew of the person led nowhere.
    #[serde(default)]
    pub is_anew: bool,
}

/// Begins to use an invitation by linking the account to the provider, in the place of a password. The profile is stored at
/// once; the invitation is used up when the provider has answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct StartProviderJoin {
    /// The link's key.
    pub key: Secret,
    /// Not looked at: one form asks for this or for a password.
    #[serde(default = "no_password")]
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

fn no_password() -> Secret {
    Secret(String::new())
}

/// Begins to link the caller's account to an identity of the provider.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct StartProviderLink {}

/// Begins to prove once more who is there, by the provider that the account is linked to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct StartProviderProof {
    /// Where the account has an authenticator app, and the provider does not vouch for two factors: six digits, or a recovery
    /// code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Secret>,
    /// A page of ours to show afterwards.
    #[serde(default)]
    pub page: String,
}

/// Removes the link between the caller's account and the provider.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct RemoveProviderLink {}

/// How the caller's account stands to the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ProviderStanding {
    /// What people call the provider.
    pub label: String,
    /// Whether it vouches for two factors: whoever it lets in needs no other.
    pub vouches: bool,
    /// The link, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<ProviderLink>,
}

/// A link between an account and an identity of the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ProviderLink {
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last signed somebody in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_at: Option<Timestamp>,
}

/// Why the way to the provider led nowhere. The page that is shown afterwards says it; its address carries a word for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderRefusal {
    /// The person has given up, or the provider does not let them in.
    Cancelled,
    /// Nobody here is linked to this identity.
    Unknown,
    /// The provider vouches for less than the organisation asks for.
    TooWeak,
    /// The provider has not asked anew who is there.
    Stale,
    /// Too long ago, of another browser, or used already.
    Expired,
    /// The provider does not answer.
    Unreachable,
    /// Its answer does not hold.
    Untrusted,
    /// The identity is linked to another account, or the account to another identity.
    Taken,
    /// The organisation asks for two factors, and the account has a passkey for it.
    PasskeyNeeded,
}

impl ProviderRefusal {
    const ALL: [(Self, &'static str); 9] = [
        (Self::Cancelled, "annule"),
        (Self::Unknown, "inconnu"),
        (Self::TooWeak, "insuffisant"),
        (Self::Stale, "ancien"),
        (Self::Expired, "expire"),
        (Self::Unreachable, "injoignable"),
        (Self::Untrusted, "refuse"),
        (Self::Taken, "lie"),
        (Self::PasskeyNeeded, "cle"),
    ];

    /// The word in an address.
    pub fn word(self) -> &'static str {
        let found = Self::ALL.iter().find(|(refusal, _)| *refusal == self);
        found.map_or("", |(_, word)| word)
    }

    /// What a word in an address says.
    pub fn from_word(word: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, known)| *known == word);
        found.map(|(refusal, _)| *refusal)
    }
}

operation!(Get "accounts.get_provider", GetProvider => ProviderOffer);
operation!(Post "accounts.start_provider_sign_in", StartProviderSignIn => Done);
operation!(Post "accounts.start_provider_join", StartProviderJoin => Done);
operation!(Post "accounts.start_provider_link", StartProviderLink => Done);
operation!(Post "accounts.start_provider_proof", StartProviderProof => Done);
operation!(Post "accounts.remove_provider_link", RemoveProviderLink => Done);
