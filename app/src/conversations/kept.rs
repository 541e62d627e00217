//! What rests in the vault, as text: messages on their way and drafts; and what becomes of a draft when it meets the
//! server's copy (`meeting`). Pure: nothing here knows a browser.
//!
//! Promises: words are never replaced by older ones; in doubt both stay.

use serde::{Deserialize, Serialize};

use super::MessageBody;
use super::meeting::{mark, meet};
use super::sending::{Outgoing, Progress};
use crate::api::{ApiError, ConversationId, MessageId, MessageKey, Problem, Timestamp, json};
use crate::attachments::FilesText;

/// A message on its way, or refused. `Debug` hides the words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptMessage {
    /// Where it goes.
    pub conversation: ConversationId,
    /// To whom, as shown: to name what is unsent.
    pub to: String,
    /// Under which it is sent, each time.
    pub key: MessageKey,
    /// The words.
    pub body: MessageBody,
    /// The message that it answers: where it stands, none of its words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
    /// When the person pressed the arrow; also its place among those of its conversation.
    pub at: Timestamp,
    /// Why it was refused for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Problem>,
    /// The files that it carries; their bytes rest in the vault as well.
    #[serde(default, skip_serializing_if = "FilesText::is_empty")]
    pub files: FilesText,
}

impl KeptMessage {
    /// As it is kept; `None` for what the server has already.
    pub fn of(conversation: ConversationId, entry: &Outgoing) -> Option<Self> {
        let refusal = match &entry.progress {
            Progress::Pending => None,
            Progress::Failed(error) => Some(Problem::new(error, String::new())),
            Progress::Sent(_) => return None,
        };
        Some(Self {
            conversation,
            to: entry.to.clone(),
            key: entry.key,
            body: entry.body.clone(),
            reply_to: entry.reply_to,
            at: entry.at,
            refusal,
            files: entry.files.clone(),
        })
    }

    /// As it goes on.
    pub fn into_outgoing(self) -> Outgoing {
        Outgoing {
            key: self.key,
            to: self.to,
            body: self.body,
            reply_to: self.reply_to,
            at: self.at,
            progress: match self.refusal {
                None => Progress::Pending,
                Some(problem) => Progress::Failed(problem.into_error()),
            },
            files: self.files,
        }
    }

    /// Its name in the vault.
    pub fn id(key: MessageKey) -> String {
        format!("message/{key}")
    }
}

/// What stands in a compose box and is not on the server, as far as this device knows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptDraft {
    /// Where.
    pub conversation: ConversationId,
    /// To whom, as shown.
    pub to: String,
    /// The words; empty when the box was emptied and the server does not know yet.
    pub text: String,
    /// What the server had when these words were typed.
    pub base: String,
    /// What may be the server's copy besides: it was on its way there, or was sent as a message that is on its way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<String>,
    /// The marks of what else may be there by now: what was on its way, as far as it is remembered, when its answer was lost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<u32>,
}

impl std::fmt::Debug for KeptDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeptDraft({}, …)", self.conversation)
    }
}

impl KeptDraft {
    /// Whether the server has these very words: nothing is left to keep.
    pub fn is_saved(&self) -> bool {
        self.text == self.base && self.tried.is_empty() && self.lost.is_empty()
    }

    /// Its name in the vault.
    pub fn id(conversation: ConversationId) -> String {
        format!("draft/{conversation}")
    }

    /// These words, written while the vault was not open, with what rested in it and nobody had read.
    #[must_use]
    pub fn joined(mut self, resting: &Self) -> Self {
        self.text = self.meet(&resting.text);
        self.tried.push(resting.base.clone());
        self.tried.extend(resting.tried.iter().cloned());
        self.lost.extend(&resting.lost);
        self
    }

    /// What stands in the box when the server has this copy.
    ///
    /// The server's copy is what this device knew, or tried to save: the words here are newer. Else another device has written
    /// meanwhile: the longer of two that hold one another stays, and of two that do not, both stay.
    pub fn meet(&self, servers: &str) -> String {
        if self.knows(servers) {
            self.text.clone()
        } else {
            meet(&self.text, servers)
        }
    }

    /// Whether the words here are newer than this copy of the server's.
    pub(super) fn knows(&self, servers: &str) -> bool {
        let is_tried = self.tried.iter().any(|tried| tried == servers) || self.lost.contains(&mark(servers));
        servers == self.base || is_tried
    }
}

/// What stands in the box when the words of the vault arrive late: `shown` was drawn, `typed` is there by now.
pub fn with_typed(met: &str, shown: &str, typed: &str) -> String {
    if typed == shown {
        return met.to_owned();
    }
    // The vault had nothing new: what is typed by now is the person's will.
    if met == shown {
        return typed.to_owned();
    }
    if met.contains(typed) {
        return met.to_owned();
    }
    if typed.contains(met) {
        return typed.to_owned();
    }
    match typed.strip_prefix(shown).filter(|_| !shown.is_empty()) {
        Some(more) => format!("{met}{more}"),
        None => format!("{met}\n\n{typed}"),
    }
}

/// What one tab says to the others of the same account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// A message was written, tried again or refused: whoever leads sees to it.
    Message(KeptMessage),
    /// Whoever leads has taken the message over.
    Taken(MessageKey),
    /// The message is on the server's disk.
    Sent(ConversationId, super::Message),
    /// The person has taken a refused message out.
    Gone(ConversationId, MessageKey),
    /// What stands in a compose box.
    Draft(KeptDraft),
    /// What waits shall be tried at once.
    Flush,
    /// Somebody has signed in again.
    SignedIn,
    /// The person signs out of this browser.
    SignedOut,
}

/// A word as it travels: one flat object, read as events are.
#[derive(Default, Serialize, Deserialize)]
struct FlatWord {
    say: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<KeptMessage>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    conversation: Option<ConversationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<MessageKey>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sent: Option<super::Message>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    draft: Option<KeptDraft>,
}

impl Word {
    /// As text.
    pub fn text(&self) -> String {
        let flat = match self.clone() {
            Self::Message(message) => FlatWord {
                message: Some(message),
                ..FlatWord::named("message")
            },
            Self::Taken(key) => FlatWord {
                key: Some(key),
                ..FlatWord::named("taken")
            },
            Self::Sent(conversation, sent) => FlatWord {
                conversation: Some(conversation),
                sent: Some(sent),
                ..FlatWord::named("sent")
            },
            Self::Gone(conversation, key) => FlatWord {
                conversation: Some(conversation),
                key: Some(key),
                ..FlatWord::named("gone")
            },
            Self::Draft(draft) => FlatWord {
                draft: Some(draft),
                ..FlatWord::named("draft")
            },
            Self::Flush => FlatWord::named("flush"),
            Self::SignedIn => FlatWord::named("signed_in"),
            Self::SignedOut => FlatWord::named("signed_out"),
        };
        json::write(&flat).unwrap_or_default()
    }

    /// From text.
    ///
    /// # Errors
    /// `Malformed` for a word of another version of Pli.
    pub fn read(text: &str) -> Result<Self, ApiError> {
        json::read::<FlatWord>(text)?.word().ok_or(ApiError::Malformed)
    }
}

impl FlatWord {
    fn named(say: &str) -> Self {
        Self {
            say: say.to_owned(),
            ..Self::default()
        }
    }

    fn word(self) -> Option<Word> {
        Some(match self.say.as_str() {
            "message" => Word::Message(self.message?),
            "taken" => Word::Taken(self.key?),
            "sent" => Word::Sent(self.conversation?, self.sent?),
            "gone" => Word::Gone(self.conversation?, self.key?),
            "draft" => Word::Draft(self.draft?),
            "flush" => Word::Flush,
            "signed_in" => Word::SignedIn,
            "signed_out" => Word::SignedOut,
            _ => return None,
        })
    }
}

#[cfg(test)]
#[path = "kept_tests.rs"]
mod tests;
