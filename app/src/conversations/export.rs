//! Exporting a conversation, on the wire. Its answer is no JSON but an archive, which is sent while it is made:
//! `POST /api/v1/conversations.export_conversation`. A plain form of the same name does the same.

use serde::{Deserialize, Serialize};

use crate::api::ConversationId;

/// Hands a conversation of the caller over as a ZIP archive: its messages from the first to the last, every file that they
/// carry, and a list with the SHA-256 of each part. It asks for a fresh proof of who is there, and leaves its row in the audit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ExportConversation {
    /// Which.
    pub conversation: ConversationId,
    /// In which form its messages come.
    pub format: ExportFormat,
    /// The IANA name of the time zone that times are written for. Without it that of the browser's cookie, else Toronto's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

impl ExportConversation {
    /// Its name on the wire, as those of operations.
    pub const NAME: &'static str = "conversations.export_conversation";
}

/// In which form messages are exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// A page to be read and printed: `conversation.html`.
    Html,
    /// For programs: `conversation.json`.
    Json,
}
