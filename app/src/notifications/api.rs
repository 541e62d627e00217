//! Counts on the wire.

use serde::{Deserialize, Serialize};

use crate::operation;

/// Reads what awaits the caller.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct GetBadges {}

/// What awaits the caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Badges {
    /// Messages not read, in all conversations.
    pub unread_count: u64,
    /// Friend requests that await the caller's answer.
    pub request_count: u64,
}

operation!(Get "notifications.get_badges", GetBadges => Badges);
