//! What is on a message besides its words: what it answers, what its author made of it since, what the two have put on it.
//!
//! In a browser it stays the text that it came as until somebody asks: most messages have none, and what reads it comes
//! with the rest of the page.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::api::is_false;
use super::{Message, MessageBody};
use crate::api::{AccountId, MessageId, Timestamp};
use crate::attachments::Attachments;

/// What is on a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Marks {
    /// Counts what was done with the message since it was sent: of two copies, the higher number is the later one.
    #[serde(default)]
    pub revision: u64,
    /// The message of the same conversation that this one answers, as it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Quote>,
    /// Whether its words were taken over from a message of another conversation.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_forwarded: bool,
    /// When its author last changed the words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Timestamp>,
    /// What the two have answered with one word; one each at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reacted>,
    /// When one of the two pinned it, for both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_at: Option<Timestamp>,
    /// Whether the one who asks has starred it, unseen by the other.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_starred: bool,
}

/// The message that another one answers: found anew each time, never copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Quote {
    /// Which message.
    pub id: MessageId,
    /// Its place in the conversation.
    pub position: u64,
    /// Who wrote it.
    pub author: AccountId,
    /// The beginning of its words, at most 200 characters; empty when there are none, or they cannot be shown, or no longer.
    pub body: MessageBody,
    /// The files of a message without words.
    #[serde(default, skip_serializing_if = "Attachments::is_empty")]
    pub attachments: Attachments,
    /// Whether its author has deleted it since.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_deleted: bool,
}

impl Quote {
    /// The most characters of the words that are shown.
    pub const MAX_CHARS: usize = 200;

    /// What is shown of a message where another one answers it.
    pub fn of(message: &Message) -> Self {
        let words = message.body.as_str();
        let end = words.char_indices().nth(Self::MAX_CHARS);
        let shown = match end {
            Some((end, _)) => format!("{}…", words.get(..end).unwrap_or_default()),
            None => words.to_owned(),
        };
        Self {
            id: message.id,
            position: message.position,
            author: message.author,
            attachments: if shown.is_empty() {
                message.attachments.clone()
            } else {
                Attachments::default()
            },
            body: MessageBody::from_store(shown),
            is_deleted: message.deleted_at.is_some(),
        }
    }

    /// What is shown of it as it is among `held` by now.
    pub(super) fn brought_up_to(self, held: &[Message]) -> Self {
        let now = held.iter().find(|message| message.id == self.id);
        now.map_or(self, Self::of)
    }
}

/// One word by which a message is answered without a message.
///
/// Source: product, §4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reaction {
    /// « Vu ».
    Seen,
    /// « Merci ».
    Thanks,
    /// « D’accord ».
    Agreed,
    /// « Je m’en occupe ».
    OnIt,
    /// « Urgent ».
    Urgent,
}

impl Reaction {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::Seen, Self::Thanks, Self::Agreed, Self::OnIt, Self::Urgent];

    /// As it travels.
    pub fn name(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Thanks => "thanks",
            Self::Agreed => "agreed",
            Self::OnIt => "on_it",
            Self::Urgent => "urgent",
        }
    }
}

/// What one of the two has answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Reacted {
    /// Who.
    pub account: AccountId,
    /// With what.
    pub reaction: Reaction,
}

/// The marks of a message, as they are carried around. `Debug` hides them: a quote holds words.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Marked(Option<Held>);

#[cfg(feature = "hydrate")]
type Held = std::sync::Arc<str>;
#[cfg(not(feature = "hydrate"))]
type Held = Box<Marks>;

impl Marked {
    /// Carries these.
    pub fn of(marks: Marks) -> Self {
        if marks == Marks::default() {
            return Self::default();
        }
        #[cfg(feature = "hydrate")]
        let held = crate::api::json::write(&marks).unwrap_or_default().into();
        #[cfg(not(feature = "hydrate"))]
        let held = Box::new(marks);
        Self(Some(held))
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// What there is to say.
    pub fn read(&self) -> Marks {
        let held = self.0.as_ref();
        #[cfg(feature = "hydrate")]
        let marks = held.and_then(|text| crate::api::json::read(text).ok());
        #[cfg(not(feature = "hydrate"))]
        let marks = held.map(|marks| Marks::clone(marks));
        marks.unwrap_or_default()
    }

    /// Whether `other` tells of an earlier moment.
    pub fn is_later_than(&self, other: &Self) -> bool {
        self.0.is_some() && self.read().revision > other.read().revision
    }

    /// The message that this one may quote has changed.
    pub(super) fn requote(&mut self, original: &Message) {
        if self.is_empty() {
            return;
        }
        let mut marks = self.read();
        if marks
            .reply_to
            .as_ref()
            .is_some_and(|quote| quote.id == original.id)
        {
            marks.reply_to = Some(Quote::of(original));
            *self = Self::of(marks);
        }
    }
}

impl std::fmt::Debug for Marked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_empty() {
            "Marked()"
        } else {
            "Marked(…)"
        })
    }
}

impl Serialize for Marked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Marked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[cfg(feature = "hydrate")]
        {
            let value: wasm_bindgen::JsValue = serde_wasm_bindgen::preserve::deserialize(deserializer)?;
            // Another tab hands the text on as a text.
            let text = value
                .as_string()
                .or_else(|| js_sys::JSON::stringify(&value).ok()?.as_string());
            Ok(Self(text.map(Into::into)))
        }
        #[cfg(not(feature = "hydrate"))]
        Ok(Self(Some(Box::new(Marks::deserialize(deserializer)?))))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::api::json;

    fn message(n: u128, words: &str) -> Message {
        Message {
            id: MessageId(Uuid::from_u128(n)),
            position: 1,
            author: AccountId(Uuid::from_u128(2)),
            body: MessageBody::from_store(words.to_owned()),
            sent_at: Timestamp(5),
            key: None,
            deleted_at: None,
            marks: Marked::default(),
            attachments: Attachments::default(),
        }
    }

    #[test]
    fn a_quote_says_no_more_than_its_message_does_by_now() {
        let quote = Quote::of(&message(7, "Oui, donnez."));
        let deleted = Message {
            body: MessageBody::withheld(),
            deleted_at: Some(Timestamp(9)),
            ..message(7, "")
        };

        assert_eq!(quote.clone().brought_up_to(&[message(8, "Autre")]), quote);
        let held = quote.brought_up_to(&[message(8, "Autre"), deleted]);

        assert!(held.is_deleted && held.body.as_str().is_empty());
    }

    #[test]
    fn marks_survive_the_wire_and_none_weigh_nothing() {
        let marks = Marks {
            revision: 4,
            reply_to: Some(Quote::of(&message(7, "Le bilan?"))),
            is_forwarded: true,
            edited_at: Some(Timestamp(9)),
            reactions: vec![Reacted {
                account: AccountId(Uuid::from_u128(2)),
                reaction: Reaction::OnIt,
            }],
            pinned_at: Some(Timestamp(10)),
            is_starred: true,
        };
        let marked = Message {
            marks: Marked::of(marks.clone()),
            ..message(8, "Oui.")
        };

        let text = json::write(&marked).unwrap();

        assert_eq!(json::read::<Message>(&text), Ok(marked.clone()), "{text}");
        assert_eq!(marked.marks.read(), marks);
        let plain = json::write(&message(8, "Oui.")).unwrap();
        assert!(!plain.contains("marks") && !plain.contains("deleted"), "{plain}");
    }

    #[test]
    fn a_quote_shows_the_beginning_and_follows_its_original() {
        let long = Quote::of(&message(7, &"é".repeat(300)));
        assert_eq!(long.body.as_str().chars().count(), Quote::MAX_CHARS + 1);
        assert_eq!(Quote::of(&message(7, "Bref.")).body.as_str(), "Bref.");
        let mut marked = Marked::of(Marks {
            reply_to: Some(long),
            ..Marks::default()
        });

        let deleted = Message {
            deleted_at: Some(Timestamp(6)),
            ..message(7, "")
        };
        marked.requote(&message(9, "Une autre."));
        assert!(!marked.read().reply_to.unwrap().is_deleted);
        marked.requote(&deleted);

        let quote = marked.read().reply_to.unwrap();
        assert!(quote.is_deleted && quote.body.is_withheld());
    }

    #[test]
    fn a_message_without_words_is_quoted_by_its_files() {
        let files: Attachments = vec![crate::attachments::Attachment {
            id: crate::api::AttachmentId(Uuid::from_u128(3)),
            name: crate::attachments::FileName::from_store("ecg.pdf".to_owned()),
            kind: crate::attachments::AttachmentKind::Pdf,
            media_type: "application/pdf".to_owned(),
            size: 5,
            sha256: String::new(),
            description: None,
            width: None,
            height: None,
            note: None,
        }]
        .into();
        let of = |words: &str| Message {
            attachments: files.clone(),
            ..message(7, words)
        };

        assert_eq!(Quote::of(&of("")).attachments, files);
        assert!(Quote::of(&of("Le tracé")).attachments.is_empty(), "words say it");
        let text = json::write(&Quote::of(&of(""))).unwrap();
        assert_eq!(json::read::<Quote>(&text), Ok(Quote::of(&of(""))), "{text}");
    }

    #[test]
    fn debug_output_holds_no_words() {
        let marks = Marks {
            reply_to: Some(Quote::of(&message(7, "canari"))),
            ..Marks::default()
        };

        assert!(!format!("{marks:?}{:?}", Marked::of(marks.clone())).contains("canari"));
    }

    #[test]
    fn every_reaction_is_named_as_it_travels() {
        for reaction in Reaction::ALL {
            assert_eq!(
                json::write(&reaction).unwrap(),
                format!("\"{}\"", reaction.name())
            );
        }
    }
}
