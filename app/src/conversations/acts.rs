//! What a person does with a message that is there, on the wire.
//!
//! Each act is done once under its key, for ever: asked again, even after another act, it is answered and changes nothing.
//! Only deleting needs no key, because nothing comes after it. An act takes no position.

use serde::{Deserialize, Serialize};

use super::api::{Message, MessageBody, SentMessage};
use super::marks::Reaction;
use crate::api::{ConversationId, MessageId, MessageKey, Timestamp};
use crate::operation;

/// How long an author may change the words of a message, in milliseconds after it was stored.
///
/// Source: product, §4.
pub const EDIT_WITHIN_MS: i64 = 15 * 60_000;

/// Changes the words of a message of one's own, within 15 minutes. What it said before stays visible to both.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct EditMessage {
    /// Which.
    pub message: MessageId,
    /// Made by the client, once per change.
    pub key: MessageKey,
    /// What it says from now on.
    pub body: MessageBody,
}

/// Deletes a message of one's own for both: its words and their history are destroyed, that there was one stays.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct DeleteMessage {
    /// Which.
    pub message: MessageId,
}

/// Answers a message with one word, in place of the one that the caller had put there.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ReactToMessage {
    /// Which.
    pub message: MessageId,
    /// Made by the client, once per answer.
    pub key: MessageKey,
    /// The word; without one, the caller's is taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reaction: Option<Reaction>,
}

/// Pins a message for both, or takes the pin away.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct PinMessage {
    /// Which.
    pub message: MessageId,
    /// Made by the client, once per change.
    pub key: MessageKey,
    /// Whether it is pinned from now on.
    pub pinned: bool,
}

/// Stars a message for oneself, or takes the star away. The friend is told nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct StarMessage {
    /// Which.
    pub message: MessageId,
    /// Made by the client, once per change.
    pub key: MessageKey,
    /// Whether it is starred from now on.
    pub starred: bool,
}

/// Sends the words of a message, as they are now, to another friend. The message that arrives says that it was forwarded,
/// and not from whom.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ForwardMessage {
    /// Which.
    pub message: MessageId,
    /// Where it goes.
    pub conversation: ConversationId,
    /// Made by the client, once per message, as for a message that is written.
    pub key: MessageKey,
}

/// Lists what a message has said, for both who can read it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ListVersions {
    /// Which.
    pub message: MessageId,
}

/// What a message has said, oldest first; the last is what it says now. Of a deleted message nothing is left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Versions {
    /// Oldest first.
    pub versions: Vec<Version>,
}

/// What a message said from a moment on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Version {
    /// The words; empty when they cannot be shown.
    pub body: MessageBody,
    /// Since when.
    pub written_at: Timestamp,
}

/// By what messages are found again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Pinned, for both.
    Pinned,
    /// Starred by the caller.
    Starred,
}

/// Lists the pinned or the starred messages of a conversation, newest first, 50 at a time.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ListMarkedMessages {
    /// Where.
    pub conversation: ConversationId,
    /// By what.
    pub mark: Mark,
    /// Those before this position; without it, the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
}

/// Messages that were found again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct MarkedMessages {
    /// Newest first.
    pub messages: Vec<Message>,
    /// Whether older ones are left: ask for those before the last position.
    pub has_more: bool,
}

/// A message after an act, as the caller sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ChangedMessage {
    /// As it is now.
    pub message: Message,
}

operation!(Post "conversations.edit_message", EditMessage => ChangedMessage);
operation!(Post "conversations.delete_message", DeleteMessage => ChangedMessage);
operation!(Post "conversations.react_to_message", ReactToMessage => ChangedMessage);
operation!(Post "conversations.pin_message", PinMessage => ChangedMessage);
operation!(Post "conversations.star_message", StarMessage => ChangedMessage);
operation!(Post "conversations.forward_message", ForwardMessage => SentMessage);
operation!(Get "conversations.list_versions", ListVersions => Versions);
operation!(Get "conversations.list_marked_messages", ListMarkedMessages => MarkedMessages);
