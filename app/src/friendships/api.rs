//! Friendship on the wire: requests, the relation between two people, closing and blocking.

use serde::{Deserialize, Serialize};

use crate::api::{AccountId, ApiError, InvalidReason, Timestamp};
use crate::contacts::Person;
use crate::operation;

/// How the caller stands to another person, as far as the caller may know.
///
/// A block, and a request that was ignored, look like silence to the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nothing between them.
    None,
    /// The caller has asked and waits.
    RequestSent,
    /// The other has asked; the caller may accept or ignore.
    RequestReceived,
    /// Friends: both may write.
    Friend,
    /// They were friends; the channel is closed.
    Closed,
    /// The caller has blocked the other.
    Blocked,
    /// The caller's own account.
    #[serde(rename = "self")]
    Myself,
}

/// The relation to one person, with its dates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Relation {
    /// How the caller stands to the other.
    pub relation: Standing,
    /// Since when: asked, opened, closed or blocked, by `relation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Whether a closed channel was closed by the caller. A closed channel may be underneath a new request as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by_me: Option<bool>,
}

impl Relation {
    /// Nothing between the two.
    pub const NONE: Self = Self {
        relation: Standing::None,
        since: None,
        closed_by_me: None,
    };
    /// The caller's own account.
    pub const MYSELF: Self = Self {
        relation: Standing::Myself,
        since: None,
        closed_by_me: None,
    };
}

/// The optional note of a friend request: checked, trimmed, at most 140 characters. `Debug` hides the words.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct Note(String);

impl Note {
    /// The most characters of a note.
    pub const MAX_CHARS: usize = 140;

    /// Checks a typed note; `None` when nothing was typed.
    ///
    /// # Errors
    /// `Invalid` when it has more than 140 characters.
    pub fn parse(text: &str) -> Result<Option<Self>, ApiError> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        if text.chars().count() > Self::MAX_CHARS {
            return Err(ApiError::invalid("note", InvalidReason::TooLong));
        }
        Ok(Some(Self(text.to_owned())))
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Note(…)")
    }
}

impl TryFrom<String> for Note {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        match Self::parse(&text) {
            Ok(Some(note)) => Ok(note),
            _ => Err("a note has 1 to 140 characters".to_owned()),
        }
    }
}

impl From<Note> for String {
    fn from(note: Note) -> Self {
        note.0
    }
}

/// Asks a person for friendship. Asking twice is asking once; asking back is accepting.
///
/// Source: help page « Échanger des messages directs », introduction.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SendFriendRequest {
    /// Whom.
    pub account: AccountId,
    /// At most 140 characters; empty is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Whose requests a person takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WhoMayAsk {
    /// Everybody in the directory.
    #[default]
    Everybody,
    /// Those who give the same workplace.
    Workplace,
    /// Nobody: the person asks others.
    Nobody,
}

/// Reads whose requests the caller takes. No other person can.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct GetAskingRule {}

/// Changes whose requests the caller takes. Requests that wait already stay.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SaveAskingRule {
    /// Whose.
    pub who_may_ask: WhoMayAsk,
}

/// Whose requests the caller takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct AskingRule {
    /// Whose.
    pub who_may_ask: WhoMayAsk,
}

macro_rules! act {
    ($(#[$doc:meta])* $name:ident, $wire:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
        pub struct $name {
            /// The other person.
            pub account: AccountId,
        }
        operation!(Post $wire, $name => Relation);
    };
}

act!(
    /// Takes the caller's own unanswered request back.
    CancelFriendRequest,
    "friendships.cancel_friend_request"
);
act!(
    /// Accepts a received request: the channel opens, both may write at once.
    AcceptFriendRequest,
    "friendships.accept_friend_request"
);
act!(
    /// Puts a received request aside. The sender is never told.
    IgnoreFriendRequest,
    "friendships.ignore_friend_request"
);
act!(
    /// Closes the direct channel for both. What was said stays readable.
    CloseChannel,
    "friendships.close_channel"
);
act!(
    /// Blocks a person. To them it looks like silence.
    BlockAccount,
    "friendships.block_account"
);
act!(
    /// Lifts a block. Nothing opens by itself.
    UnblockAccount,
    "friendships.unblock_account"
);

/// Puts received requests aside: those of these people that still wait and were sent up to a moment. The senders are never
/// told. Whatever else waits stays, and so does a request that one of them has taken back and sent anew since.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct IgnoreFriendRequests {
    /// Whose requests the screen showed, at most 500.
    pub accounts: Vec<AccountId>,
    /// Up to and including this moment: that of the newest request on the screen.
    pub until: Timestamp,
}

/// Takes requests up again that were put aside; they wait for an answer as before. The senders are never told.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct RestoreFriendRequests {
    /// Whose, at most 500.
    pub accounts: Vec<AccountId>,
}

/// Lists the requests that await an answer, newest first, both ways.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ListFriendRequests {}

/// A request that awaits an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct FriendRequest {
    /// The other person.
    pub person: Person,
    /// When it was asked.
    pub sent_at: Timestamp,
    /// What the asking person added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
}

/// Open requests, both ways.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct FriendRequests {
    /// Await the caller's answer.
    pub received: Vec<FriendRequest>,
    /// Await the other's answer.
    pub sent: Vec<FriendRequest>,
}

operation!(Post "friendships.send_friend_request", SendFriendRequest => Relation);
operation!(Post "friendships.ignore_friend_requests", IgnoreFriendRequests => FriendRequests);
operation!(Post "friendships.restore_friend_requests", RestoreFriendRequests => FriendRequests);
operation!(Get "friendships.list_friend_requests", ListFriendRequests => FriendRequests);
operation!(Get "friendships.get_asking_rule", GetAskingRule => AskingRule);
operation!(Post "friendships.save_asking_rule", SaveAskingRule => AskingRule);
