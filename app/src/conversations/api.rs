//! Direct conversations on the wire: messages, the timeline, read positions, drafts.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::marks::Marked;
use crate::api::{
    AccountId, ApiError, AttachmentId, ConversationId, Done, InvalidReason, MessageId, MessageKey, Timestamp,
};
use crate::attachments::Attachments;
use crate::contacts::Person;
use crate::operation;

/// The checked text of a message: not empty, at most 10,000 characters, otherwise as typed. `Debug` hides the words.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct MessageBody(String);

impl MessageBody {
    /// The most characters of a message.
    ///
    /// Source: product requirement A11.
    pub const MAX_CHARS: usize = 10_000;

    /// Checks typed text: line ends become `\n`, white space around it goes, the rest stays as it was typed.
    ///
    /// # Errors
    /// `Invalid` when nothing is left, or more than 10,000 characters.
    pub fn parse(text: &str) -> Result<Self, ApiError> {
        let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "");
        let text = text.trim_matches(|c: char| c.is_whitespace());
        if text.is_empty() {
            return Err(ApiError::invalid("body", InvalidReason::Empty));
        }
        if text.chars().count() > Self::MAX_CHARS {
            return Err(ApiError::invalid("body", InvalidReason::TooLong));
        }
        Ok(Self(text.to_owned()))
    }

    /// Checks what was typed beside files, where no word is needed.
    ///
    /// # Errors
    /// `Invalid` for more than 10,000 characters.
    pub fn parse_beside_files(text: &str) -> Result<Self, ApiError> {
        match Self::parse(text) {
            Err(ApiError::Invalid {
                reason: InvalidReason::Empty,
                ..
            }) => Ok(Self(String::new())),
            parsed => parsed,
        }
    }

    /// What the store holds, which was checked when it came in.
    pub fn from_store(text: String) -> Self {
        Self(text)
    }

    /// What stands for words that were erased, or that rest damaged: nothing is shown in their place. No other body is
    /// empty, unless its message carries files.
    pub fn withheld() -> Self {
        Self(String::new())
    }

    /// Whether the words cannot be shown.
    pub fn is_withheld(&self) -> bool {
        self.0.is_empty()
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for MessageBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MessageBody(…)")
    }
}

/// A stored message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Its place in the conversation: starts at 1, no gaps, the same for everybody.
    pub position: u64,
    /// Who wrote it.
    pub author: AccountId,
    /// The words. Empty without files: they cannot be shown, because they were deleted or erased, or rest damaged.
    pub body: MessageBody,
    /// When the server stored it.
    pub sent_at: Timestamp,
    /// The key under which it was sent; only its author is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<MessageKey>,
    /// When its author deleted it: its words are gone for good, its place stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
    /// What else is on it.
    #[serde(default, skip_serializing_if = "Marked::is_empty")]
    #[cfg_attr(feature = "ssr", schemars(with = "super::marks::Marks"))]
    pub marks: Marked,
    /// The files that it carries. None of a message whose words cannot be shown.
    #[serde(default, skip_serializing_if = "Attachments::is_empty")]
    pub attachments: Attachments,
}

impl Message {
    /// Whether it cannot be shown: it was deleted or erased, or rests damaged.
    pub fn is_withheld(&self) -> bool {
        self.body.is_withheld() && self.attachments.is_empty()
    }
}

/// Whether the two may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Channel {
    /// Both may write.
    Open {
        /// Friends since.
        since: Timestamp,
    },
    /// Nobody may write; the history stays readable.
    Closed {
        /// Since when.
        since: Timestamp,
        /// Whether the caller closed it.
        by_me: bool,
    },
}

/// A channel as it travels: one flat object.
#[derive(Deserialize)]
struct FlatChannel {
    state: String,
    since: Timestamp,
    by_me: Option<bool>,
}

impl<'de> Deserialize<'de> for Channel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let FlatChannel { state, since, by_me } = FlatChannel::deserialize(deserializer)?;
        match (state.as_str(), by_me) {
            ("open", None) => Ok(Self::Open { since }),
            ("closed", Some(by_me)) => Ok(Self::Closed { since, by_me }),
            _ => Err(D::Error::custom("a channel of another shape")),
        }
    }
}

/// A conversation as the list and the header show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// The other person.
    pub friend: Person,
    /// Whether the two may write.
    pub channel: Channel,
    /// The newest message, if there is one. What a list does not show of it (quote, words of one answer, one's star) is not in
    /// its marks, nor counted in their revision: it is compared with no other copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_message: Option<Message>,
    /// When something last happened in it: the newest message, or its opening.
    pub active_at: Timestamp,
    /// What the caller has not read.
    pub unread_count: u64,
    /// The caller has read up to here.
    pub read_position: u64,
    /// The friend's newest message; 0 when there is none.
    pub last_from_friend: u64,
    /// The friend's devices have received everything up to here, as far as the caller is told.
    pub friend_delivered_position: u64,
    /// The friend has read up to here, as far as the caller is told.
    pub friend_read_position: u64,
    /// The caller's unsent words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<Draft>,
}

/// Words not sent yet, kept on the server for all the person's devices. `Debug` hides them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Draft(pub String);

impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Draft(…)")
    }
}

/// Lists the caller's conversations, last active first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ListConversations {
    /// At most this many, 1 to 500; 500 unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// The caller's conversations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Conversations {
    /// Last active first.
    pub conversations: Vec<Conversation>,
}

/// Finds the conversation with a friend.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct OpenConversation {
    /// The friend.
    pub account: AccountId,
}

/// Reads one conversation's header.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct GetConversation {
    /// Which.
    pub conversation: ConversationId,
}

/// One conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct OpenedConversation {
    /// It.
    pub conversation: Conversation,
}

/// Reads a page of messages, oldest first. Without a position: the newest page.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ReadTimeline {
    /// Which conversation.
    pub conversation: ConversationId,
    /// The messages before this position; beyond the end (up to 2^53 − 1) it reads the newest page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
    /// The messages after this position; 0 reads from the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// The messages on both sides of this position, itself among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub around: Option<u64>,
    /// At most this many, 1 to 200; 50 unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A page of messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct TimelinePage {
    /// Oldest first, without gaps.
    pub messages: Vec<Message>,
    /// The position of the conversation's newest message; 0 when there is none.
    pub last_position: u64,
}

/// Sends a message. The answer means that it is on disk; the same key again gives the same answer, for ever.
///
/// Source: help page, step 3.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SendMessage {
    /// Where.
    pub conversation: ConversationId,
    /// Made by the client, once per message.
    pub key: MessageKey,
    /// The message of this conversation that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
    /// What was typed.
    pub body: MessageBody,
    /// Whether the caller's draft goes with the message whatever it says, because it stood in the box that was sent. Without
    /// it, a draft goes whose words are in the message; one that another device has written meanwhile stays.
    #[serde(default, skip_serializing_if = "is_false")]
    pub clears_draft: bool,
    /// The files that it carries, in their order, at most 10: each finished, and sent by no other message. With files, no
    /// word is needed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "ssr", schemars(length(max = 10)))]
    pub attachments: Vec<AttachmentId>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks for it")]
pub(super) fn is_false(value: &bool) -> bool {
    !value
}

/// A message that is on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SentMessage {
    /// As stored.
    pub message: Message,
}

/// Says that the caller has read up to a position. Never moves back.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct MarkRead {
    /// Where.
    pub conversation: ConversationId,
    /// Up to and including this message.
    pub position: u64,
}

/// Makes a message of the friend unread again, and with it what came after it, on all the caller's devices. What the
/// friend was told stays.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct MarkUnread {
    /// Where.
    pub conversation: ConversationId,
    /// A message of the friend.
    pub position: u64,
}

/// Asks when a message of one's own was stored, delivered and read.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct GetReceipts {
    /// Where.
    pub conversation: ConversationId,
    /// A message of the caller.
    pub position: u64,
}

/// How far a message has come, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Receipts {
    /// When the server stored it.
    pub sent_at: Timestamp,
    /// When a device of the friend had acknowledged it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Timestamp>,
    /// When the friend had read it, as far as the caller is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
}

/// Keeps the caller's unsent words, for all their devices; empty removes them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SaveDraft {
    /// Where.
    pub conversation: ConversationId,
    /// What stands in the compose box, at most 10,000 characters.
    pub draft: Draft,
    /// The [marks](super::meeting::mark) of what may be written over: what this device knows that the server has, or may have
    /// by now. Anything else there was written on another device, and is met. Absent, whatever is there is written over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schemars(length(max = 32)))]
    pub over: Option<Vec<u32>>,
}

impl SaveDraft {
    /// The most marks that are looked at.
    pub const MAX_OVER: usize = 32;
}

/// The words are on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SavedDraft {
    /// What the server has now, where it is not what was saved: another device had written as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub met: Option<Draft>,
}

/// Tells the friend that the caller is writing. Nothing is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SignalTyping {
    /// Where.
    pub conversation: ConversationId,
}

operation!(Get "conversations.list_conversations", ListConversations => Conversations);
operation!(Post "conversations.open_conversation", OpenConversation => OpenedConversation);
operation!(Get "conversations.get_conversation", GetConversation => OpenedConversation);
operation!(Get "conversations.read_timeline", ReadTimeline => TimelinePage);
operation!(Post "conversations.send_message", SendMessage => SentMessage);
operation!(Post "conversations.mark_read", MarkRead => Done);
operation!(Post "conversations.mark_unread", MarkUnread => Done);
operation!(Get "conversations.get_receipts", GetReceipts => Receipts);
operation!(Post "conversations.save_draft", SaveDraft => SavedDraft);
operation!(Post "conversations.signal_typing", SignalTyping => Done);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::json;

    #[test]
    fn a_body_keeps_what_was_typed_inside() {
        let body = MessageBody::parse("  INR à 2,4\r\n\r\n👩‍⚕️ d’accord?\n").unwrap();

        assert_eq!(body.as_str(), "INR à 2,4\n\n👩‍⚕️ d’accord?");
    }

    #[test]
    fn an_empty_or_endless_body_is_refused() {
        assert_eq!(
            MessageBody::parse(" \n\t "),
            Err(ApiError::invalid("body", InvalidReason::Empty))
        );
        assert!(MessageBody::parse(&"é".repeat(10_000)).is_ok());
        assert_eq!(
            MessageBody::parse(&"é".repeat(10_001)),
            Err(ApiError::invalid("body", InvalidReason::TooLong))
        );
    }

    #[test]
    fn debug_output_holds_no_words() {
        let body = MessageBody::parse("canari").unwrap();

        assert!(!format!("{body:?}{:?}", Draft("canari".to_owned())).contains("canari"));
    }

    #[test]
    fn a_channel_survives_the_wire() {
        let since = Timestamp(1);
        for channel in [Channel::Open { since }, Channel::Closed { since, by_me: false }] {
            assert_eq!(json::read(&json::write(&channel).expect("JSON")), Ok(channel));
        }
        assert!(json::read::<Channel>(r#"{"state":"closed","since":1}"#).is_err());
    }
}
