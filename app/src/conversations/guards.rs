//! What stands between a person and a message that should not leave, on the wire: friends who are easily taken for this one,
//! and whether messages are looked through on the device.

use serde::{Deserialize, Serialize};

use crate::api::ConversationId;
use crate::contacts::Person;
use crate::operation;

/// Reads what a device needs to know to guard a conversation.
///
/// Source: product requirements C5, C6.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct GetGuards {
    /// Which conversation.
    pub conversation: ConversationId,
}

/// What a device needs to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Guards {
    /// The caller's other friends whose names are the same as that of this one or nearly so, by name.
    pub look_alikes: Vec<Person>,
    /// Whether messages are looked through for what belongs in a patient's record, before they leave the device.
    pub is_unfiled_guarded: bool,
}

operation!(Get "conversations.get_guards", GetGuards => Guards);
