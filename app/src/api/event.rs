//! What the server pushes. Every event is also a row of the account's log, so a device that missed some asks for
//! what came after its last cursor: the stream is a hint, the log is the truth.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::{AccountId, ConversationId, DeviceId, Done, Timestamp};
use crate::conversations::Message;
use crate::friendships::Relation;
use crate::operation;

/// Something that happened and concerns the account whose log it stands in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Event {
    /// Its place in the account's log: starts at 1, no gaps. Absent for signals that are not kept, such as typing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<u64>,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventKind {
    /// A message was stored in one of the account's conversations; also told to its author's other devices.
    MessageSent {
        /// Where.
        conversation: ConversationId,
        /// The whole message.
        message: Message,
    },
    /// A message that was told before has changed: its words, or what is on it. What is shown of it takes its place, whatever
    /// came in between; of two copies the later one counts.
    MessageChanged {
        /// Where.
        conversation: ConversationId,
        /// The whole message, as it is now.
        message: Message,
    },
    /// A participant has read up to a position. Of the friend's reading an account is told while both share their read
    /// receipts and the channel is open.
    ConversationRead {
        /// Where.
        conversation: ConversationId,
        /// Who read.
        reader: AccountId,
        /// Up to and including this message.
        position: u64,
        /// What the account this log belongs to has left to read there.
        unread_count: u64,
    },
    /// The friend's devices have received everything up to a position. What was read has been received, which is not told
    /// twice.
    MessagesDelivered {
        /// Where.
        conversation: ConversationId,
        /// Up to and including this message.
        position: u64,
    },
    /// The account has marked a message as unread, and with it what came after it.
    MarkedUnread {
        /// Where.
        conversation: ConversationId,
        /// The first message that is unread again.
        position: u64,
        /// What the account has left to read there.
        unread_count: u64,
    },
    /// The relation to another person has changed, by either side.
    RelationChanged {
        /// The other person.
        account: AccountId,
        /// As the owner of this log may know it.
        relation: Relation,
        /// Their conversation, once one was ever opened.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation: Option<ConversationId>,
    },
    /// A person's visible profile, or the account's own, has changed.
    ProfileChanged {
        /// Whose.
        account: AccountId,
    },
    /// A draft was written or emptied on one of the account's own devices.
    DraftSaved {
        /// Where.
        conversation: ConversationId,
    },
    /// One of the account's devices was signed out.
    DeviceRevoked {
        /// Which.
        device: DeviceId,
    },
    /// The friend is writing. Never kept: it has no cursor.
    Typing {
        /// Where.
        conversation: ConversationId,
    },
    /// Something that a newer server tells: a page that stayed open meanwhile passes over it.
    Unknown,
}

/// An event as it travels: one flat object. Read so rather than by a derived reader of tags, which would compile each
/// nested type a second time.
#[derive(Deserialize)]
struct FlatEvent {
    cursor: Option<u64>,
    at: Timestamp,
    kind: String,
    conversation: Option<ConversationId>,
    message: Option<Message>,
    reader: Option<AccountId>,
    position: Option<u64>,
    unread_count: Option<u64>,
    account: Option<AccountId>,
    relation: Option<Relation>,
    device: Option<DeviceId>,
}

impl FlatEvent {
    fn kind(self) -> Option<EventKind> {
        Some(match self.kind.as_str() {
            "message_sent" => EventKind::MessageSent {
                conversation: self.conversation?,
                message: self.message?,
            },
            "message_changed" => EventKind::MessageChanged {
                conversation: self.conversation?,
                message: self.message?,
            },
            "conversation_read" => EventKind::ConversationRead {
                conversation: self.conversation?,
                reader: self.reader?,
                position: self.position?,
                unread_count: self.unread_count?,
            },
            "messages_delivered" => EventKind::MessagesDelivered {
                conversation: self.conversation?,
                position: self.position?,
            },
            "marked_unread" => EventKind::MarkedUnread {
                conversation: self.conversation?,
                position: self.position?,
                unread_count: self.unread_count?,
            },
            "relation_changed" => EventKind::RelationChanged {
                account: self.account?,
                relation: self.relation?,
                conversation: self.conversation,
            },
            "profile_changed" => EventKind::ProfileChanged {
                account: self.account?,
            },
            "draft_saved" => EventKind::DraftSaved {
                conversation: self.conversation?,
            },
            "device_revoked" => EventKind::DeviceRevoked { device: self.device? },
            "typing" => EventKind::Typing {
                conversation: self.conversation?,
            },
            _ => EventKind::Unknown,
        })
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let flat = FlatEvent::deserialize(deserializer)?;
        let (cursor, at) = (flat.cursor, flat.at);
        let kind = flat
            .kind()
            .ok_or_else(|| D::Error::custom("an event of another shape"))?;
        Ok(Self { cursor, at, kind })
    }
}

/// What came after a cursor, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ListEvents {
    /// Everything after this cursor; 0 for all. Absent: only the present cursor is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// At most this many, 1 to 1,000; 200 unless told. A page of long messages holds fewer: the end is where a page is
    /// empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Seconds to wait for the first event if there is none, at most 25.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<u32>,
}

/// Events and where to go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct EventPage {
    /// Oldest first.
    pub events: Vec<Event>,
    /// What to give as `after` next time. Never expires. Lower than the one given when that one lies beyond the end of the
    /// log: it belongs to another history, and what was read with it must be read anew.
    pub cursor: u64,
}

/// Says that this device has received everything in the account's log up to a cursor: by the stream, by asking, or in a
/// page that was drawn at that cursor. Never moves back.
///
/// Whoever wrote the messages among it is told that they were delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct AcknowledgeEvents {
    /// Up to and including this place in the log; refused beyond its end.
    pub cursor: u64,
}

operation!(Get "events.list_events", ListEvents => EventPage);
operation!(Post "events.acknowledge_events", AcknowledgeEvents => Done);

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::api::{MessageId, json};
    use crate::attachments::Attachments;
    use crate::conversations::{Marked, MessageBody};

    /// The place of each kind below; a new kind does not compile without one.
    fn place(kind: &EventKind) -> usize {
        match kind {
            EventKind::MessageSent { .. } => 0,
            EventKind::ConversationRead { .. } => 1,
            EventKind::RelationChanged { .. } => 2,
            EventKind::ProfileChanged { .. } => 3,
            EventKind::DraftSaved { .. } => 4,
            EventKind::DeviceRevoked { .. } => 5,
            EventKind::Typing { .. } => 6,
            EventKind::MessagesDelivered { .. } => 7,
            EventKind::MarkedUnread { .. } => 8,
            EventKind::MessageChanged { .. } => 9,
            EventKind::Unknown => 10,
        }
    }

    #[test]
    fn every_kind_survives_the_wire() {
        let conversation = ConversationId(Uuid::from_u128(1));
        let account = AccountId(Uuid::from_u128(2));
        let message = Message {
            id: MessageId(Uuid::from_u128(3)),
            position: 4,
            author: account,
            body: MessageBody::parse("Vu, merci.").expect("a message"),
            sent_at: Timestamp(5),
            key: None,
            deleted_at: None,
            marks: Marked::default(),
            attachments: Attachments::default(),
        };
        let changed = Message {
            deleted_at: Some(Timestamp(6)),
            ..message.clone()
        };
        let kinds = [
            EventKind::MessageSent {
                conversation,
                message,
            },
            EventKind::ConversationRead {
                conversation,
                reader: account,
                position: 4,
                unread_count: 0,
            },
            EventKind::RelationChanged {
                account,
                relation: Relation::NONE,
                conversation: None,
            },
            EventKind::ProfileChanged { account },
            EventKind::DraftSaved { conversation },
            EventKind::DeviceRevoked {
                device: DeviceId(Uuid::from_u128(6)),
            },
            EventKind::Typing { conversation },
            EventKind::MessagesDelivered {
                conversation,
                position: 4,
            },
            EventKind::MarkedUnread {
                conversation,
                position: 4,
                unread_count: 1,
            },
            EventKind::MessageChanged {
                conversation,
                message: changed,
            },
            EventKind::Unknown,
        ];

        for (index, kind) in kinds.into_iter().enumerate() {
            assert_eq!(place(&kind), index);
            let event = Event {
                cursor: Some(7),
                at: Timestamp(8),
                kind,
            };
            let text = json::write(&event).expect("JSON");
            assert_eq!(json::read(&text), Ok(event), "{text}");
        }
    }

    #[test]
    fn an_event_of_a_later_build_is_taken_and_kept_in_order() {
        let text = r#"{"cursor":7,"at":8,"kind":"planet_aligned","planet":"Mars","position":3}"#;

        let event = json::read::<Event>(text).expect("an event");

        assert_eq!((event.cursor, event.kind), (Some(7), EventKind::Unknown));
    }

    #[test]
    fn an_event_without_its_parts_is_refused() {
        let text = r#"{"at":1,"kind":"message_sent","conversation":"00000000-0000-0000-0000-000000000001"}"#;

        assert!(json::read::<Event>(text).is_err());
    }
}
