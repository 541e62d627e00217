//! Searching on the wire: what was typed, the messages that hold it, and what was searched.

use serde::{Deserialize, Serialize};

use super::Message;
use crate::api::{AccountId, ConversationId, MessageId, Timestamp};
use crate::contacts::Person;
use crate::operation;

/// What was typed into a search field. `Debug` hides it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Sought(pub String);

impl std::fmt::Debug for Sought {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sought(…)")
    }
}

/// What a message may be asked to hold beside words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Has {
    /// The address of a page.
    Link,
}

/// Searches the messages of one conversation, or of all of the caller's, open or closed.
///
/// Case, accents, œ and æ, elisions, kinds of apostrophe and simple plurals do not matter, in French and English; what is
/// hyphenated, joined or written apart is one. All words must be there, but for bare function words ("de", "the"); the last
/// one may be unfinished, unless something stands behind it.
///
/// Source: product requirement C8.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SearchMessages {
    /// What was typed, at most 200 characters.
    pub text: Sought,
    /// In this conversation alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationId>,
    /// Only what this person wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<AccountId>,
    /// Only what was stored at this moment or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Only what was stored before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Only messages that hold this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has: Option<Has>,
    /// Go on after this message, the last hit of the previous page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<MessageId>,
}

impl SearchMessages {
    /// The most characters that may be typed.
    pub const MAX_CHARS: usize = 200;
}

/// What a search has found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct FoundMessages {
    /// Newest first, at most 30.
    pub hits: Vec<Hit>,
    /// How many there are on all pages.
    pub total: u64,
    /// Where the next page begins, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<MessageId>,
    /// The other persons of the conversations in which the hits stand, each once.
    pub people: Vec<Person>,
    /// On the first page of a search of all conversations without a filter: those of the caller's conversations whose names
    /// hold the words.
    pub named: Vec<Person>,
    /// What was searched.
    pub searched: Searched,
}

/// A message that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Hit {
    /// As stored.
    pub message: Message,
    /// Where it stands.
    pub conversation: ConversationId,
    /// The words around what was found, on one line.
    pub excerpt: Vec<Part>,
}

/// A part of an excerpt. `Debug` hides the words.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Part {
    /// The words.
    pub text: String,
    /// Whether they are what was looked for.
    pub is_match: bool,
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Part(…)")
    }
}

/// What was searched, whatever was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Searched {
    /// How many conversations.
    pub conversation_count: u64,
    /// How many messages they hold together.
    pub message_count: u64,
    /// What was typed and need not be there, as typed.
    pub ignored: Vec<Sought>,
}

operation!(Post "conversations.search_messages", SearchMessages => FoundMessages);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_holds_no_words() {
        let wish = SearchMessages {
            text: Sought("canari".to_owned()),
            ..SearchMessages::default()
        };
        let part = Part {
            text: "canari".to_owned(),
            is_match: true,
        };

        assert!(!format!("{wish:?}{part:?}").contains("canari"));
    }
}
