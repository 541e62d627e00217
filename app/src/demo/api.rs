//! The demonstration on the wire. Outside it these operations do not exist.

use serde::{Deserialize, Serialize};

use crate::api::AccountId;
use crate::operation;

/// Lists the people one may be: a page offers each as a plain sign-in form, for they share one known password.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ListPersonas {}

/// Somebody one may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Persona {
    /// Their account.
    pub account: AccountId,
    /// The address to sign in with.
    pub email: String,
    /// The name as shown, title first.
    pub name: String,
    /// What they do.
    pub profession: String,
    /// The version of their photo, absent without one. In the demonstration nobody needs a session to see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<u32>,
}

/// The people one may be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Personas {
    /// In the order of the sign-in page.
    pub personas: Vec<Persona>,
}

/// The password that all of them share.
pub const PASSWORD: &str = "demonstration-pli";

operation!(Get "demo.list_personas", ListPersonas => Personas);
