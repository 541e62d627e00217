//! Where sealed words stand: authenticated with them, so that nobody can move them.

use app::api::{AccountId, AttachmentId, ConversationId, MessageId, ReportId, Timestamp, VaultId};
use uuid::Uuid;

/// A place in the tables, as exactly as its words may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The body of a message.
    Body {
        /// Where it was written.
        conversation: ConversationId,
        /// Which message.
        message: MessageId,
        /// Its place in the order.
        position: u64,
        /// Who wrote it.
        author: AccountId,
    },
    /// What a message says since its author changed it, for each time; as it was sent it is a [`Place::Body`].
    Version {
        /// Where it was written.
        conversation: ConversationId,
        /// Which message.
        message: MessageId,
        /// Its place in the order.
        position: u64,
        /// Who wrote it.
        author: AccountId,
        /// Counts what it has said: 2 after the first change.
        version: u64,
    },
    /// The word by which a participant has answered a message.
    Reaction {
        /// Where.
        conversation: ConversationId,
        /// Which message.
        message: MessageId,
        /// Whose word.
        account: AccountId,
    },
    /// The words of a range of messages, laid out to be searched.
    Words {
        /// Whose messages.
        conversation: ConversationId,
        /// The position of the first one.
        first: u64,
    },
    /// What a participant has not sent yet.
    Draft {
        /// For which conversation.
        conversation: ConversationId,
        /// Whose.
        account: AccountId,
    },
    /// What somebody added to a friend request.
    Note {
        /// Who asked.
        from: AccountId,
        /// Whom.
        to: AccountId,
        /// When.
        at: Timestamp,
    },
    /// What opens the vault of a browser.
    Secret {
        /// Whose.
        account: AccountId,
        /// Which vault.
        vault: VaultId,
    },
    /// What the key of an authenticator app follows from.
    Authenticator {
        /// Whose.
        account: AccountId,
    },
    /// What a file is called, what it shows, what its bytes add up to.
    Label {
        /// Where it is sent.
        conversation: ConversationId,
        /// Which file.
        file: AttachmentId,
        /// Who sends it.
        author: AccountId,
    },
    /// A part of a file, outside the tables.
    Part {
        /// Where it is sent.
        conversation: ConversationId,
        /// Which file.
        file: AttachmentId,
        /// In which of its forms.
        form: u8,
        /// Which part, counted from 0.
        number: u32,
        /// Whether no other follows: a file that was cut short does not open.
        is_last: bool,
    },
    /// What somebody added to a report.
    ReportWords {
        /// Which report.
        report: ReportId,
    },
    /// The copy of a message that was attached to a report.
    ReportMessage {
        /// Which report.
        report: ReportId,
        /// The message's place in its conversation.
        position: u64,
        /// Who wrote it.
        author: AccountId,
    },
    /// The copy of what such a message said before its author changed it.
    ReportVersion {
        /// Which report.
        report: ReportId,
        /// The message's place in its conversation.
        position: u64,
        /// Who wrote it.
        author: AccountId,
        /// Counts what it has said: 1 as it was sent.
        version: u64,
    },
}

impl Place {
    /// The place, the suite and the key as bytes: a number for the kind, then ids and numbers of fixed lengths.
    pub(super) fn to_bytes(self, suite: i64, key: Uuid) -> Vec<u8> {
        let mut second_number = None;
        let (kind, ids, number) = match self {
            Self::Body {
                conversation,
                message,
                position,
                author,
            } => (
                1,
                [Some(conversation.0), Some(message.0), Some(author.0)],
                position,
            ),
            Self::Draft {
                conversation,
                account,
            } => (2, [Some(conversation.0), Some(account.0), None], 0),
            Self::Note { from, to, at } => (
                3,
                [Some(from.0), Some(to.0), None],
                u64::from_be_bytes(at.0.to_be_bytes()),
            ),
            Self::Secret { account, vault } => (4, [Some(account.0), Some(vault.0), None], 0),
            Self::Authenticator { account } => (5, [Some(account.0), None, None], 0),
            Self::Version {
                conversation,
                message,
                position,
                author,
                version,
            } => {
                second_number = Some(version);
                (
                    6,
                    [Some(conversation.0), Some(message.0), Some(author.0)],
                    position,
                )
            }
            Self::Reaction {
                conversation,
                message,
                account,
            } => (7, [Some(conversation.0), Some(message.0), Some(account.0)], 0),
            Self::Label {
                conversation,
                file,
                author,
            } => (9, [Some(conversation.0), Some(file.0), Some(author.0)], 0),
            Self::Part {
                conversation,
                file,
                form,
                number,
                is_last,
            } => (
                if is_last { 11 } else { 10 },
                [Some(conversation.0), Some(file.0), None],
                u64::from(form) << 32 | u64::from(number),
            ),
            Self::Words { conversation, first } => (16, [Some(conversation.0), None, None], first),
            Self::ReportWords { report } => (18, [Some(report.0), None, None], 0),
            Self::ReportMessage {
                report,
                position,
                author,
            } => (19, [Some(report.0), Some(author.0), None], position),
            Self::ReportVersion {
                report,
                position,
                author,
                version,
            } => {
                second_number = Some(version);
                (20, [Some(report.0), Some(author.0), None], position)
            }
        };
        let mut bytes = Vec::with_capacity(96);
        bytes.extend_from_slice(b"pli:1");
        bytes.push(kind);
        bytes.extend_from_slice(&suite.to_be_bytes());
        bytes.extend_from_slice(key.as_bytes());
        for id in ids.into_iter().flatten() {
            bytes.extend_from_slice(id.as_bytes());
        }
        for number in [Some(number), second_number].into_iter().flatten() {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes
    }

    /// Whose key seals what stands here.
    pub(super) fn owner(self) -> Owner {
        match self {
            Self::Body { conversation, .. }
            | Self::Version { conversation, .. }
            | Self::Reaction { conversation, .. }
            | Self::Words { conversation, .. }
            | Self::Draft { conversation, .. }
            | Self::Label { conversation, .. }
            | Self::Part { conversation, .. } => Owner::Conversation(conversation),
            Self::Note { from, to, .. } => Owner::Pair(from.min(to), from.max(to)),
            Self::Secret { account, .. } | Self::Authenticator { account } => Owner::Account(account),
            Self::ReportWords { report }
            | Self::ReportMessage { report, .. }
            | Self::ReportVersion { report, .. } => Owner::Report(report),
        }
    }
}

/// Who has a key of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// A conversation: bodies, what they said before, answers of one word, what is laid out to search them, drafts, files.
    Conversation(ConversationId),
    /// Two accounts, the smaller id first: the note of a request between them.
    Pair(AccountId, AccountId),
    /// An account: what opens the vaults of its browsers, and its authenticator app.
    Account(AccountId),
    /// A report: what its reporter added, and the copies of messages.
    Report(ReportId),
}

impl Owner {
    /// As the table names it.
    pub(super) fn purpose(self) -> &'static str {
        match self {
            Self::Conversation(_) => "conversation",
            Self::Pair(..) => "pair",
            Self::Account(_) => "account",
            Self::Report(_) => "report",
        }
    }

    /// Its ids, one after the other.
    pub(super) fn to_bytes(self) -> Vec<u8> {
        match self {
            Self::Conversation(conversation) => conversation.0.as_bytes().to_vec(),
            Self::Pair(low, high) => [*low.0.as_bytes(), *high.0.as_bytes()].concat(),
            Self::Account(account) => account.0.as_bytes().to_vec(),
            Self::Report(report) => report.0.as_bytes().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_places_are_the_same_bytes() {
        let id = |number: u128| Uuid::from_u128(number);
        let mut places = Vec::new();
        for a in 1..4 {
            places.push(Place::Authenticator {
                account: AccountId(id(a)),
            });
            for first in 1..4 {
                let conversation = ConversationId(id(a));
                places.push(Place::Words { conversation, first });
            }
            places.push(Place::ReportWords {
                report: ReportId(id(a)),
            });
            for b in 1..4 {
                let (conversation, account) = (ConversationId(id(a)), AccountId(id(b)));
                places.push(Place::Draft {
                    conversation,
                    account,
                });
                places.push(Place::Note {
                    from: AccountId(id(a)),
                    to: account,
                    at: Timestamp(7),
                });
                places.push(Place::Secret {
                    account,
                    vault: VaultId(id(a)),
                });
                for number in 1..4 {
                    let file = AttachmentId(id(b));
                    places.push(Place::Label {
                        conversation,
                        file,
                        author: AccountId(id(u128::from(number))),
                    });
                    for form in 0..3 {
                        places.extend([true, false].map(|is_last| Place::Part {
                            conversation,
                            file,
                            form,
                            number,
                            is_last,
                        }));
                    }
                }
                for position in 1..4 {
                    places.push(Place::ReportMessage {
                        report: ReportId(id(a)),
                        position,
                        author: account,
                    });
                    places.extend((1..4).map(|version| Place::ReportVersion {
                        report: ReportId(id(a)),
                        position,
                        author: account,
                        version,
                    }));
                }
                for message in 1..4 {
                    let message = MessageId(id(message));
                    places.push(Place::Reaction {
                        conversation,
                        message,
                        account,
                    });
                    for position in 1..4 {
                        places.push(Place::Body {
                            conversation,
                            message,
                            position,
                            author: account,
                        });
                        places.extend((1..4).map(|version| Place::Version {
                            conversation,
                            message,
                            position,
                            author: account,
                            version,
                        }));
                    }
                }
            }
        }
        let n_places = places.len();

        let bytes: HashSet<Vec<u8>> = places
            .iter()
            .map(|place| place.to_bytes(1, id(9)))
            .chain(std::iter::once(places[0].to_bytes(2, id(9))))
            .chain(std::iter::once(places[0].to_bytes(1, id(8))))
            .collect();

        assert_eq!(bytes.len(), n_places + 2);
    }

    #[test]
    fn whose_key_it_is_follows_from_the_place() {
        let id = |number: u128| Uuid::from_u128(number);
        let (anne, luc) = (AccountId(id(2)), AccountId(id(1)));
        let conversation = ConversationId(id(3));
        let of_conversation = Owner::Conversation(conversation);
        let (of_pair, of_account) = (Owner::Pair(luc, anne), Owner::Account(anne));

        let body = Place::Body {
            conversation,
            message: MessageId(id(4)),
            position: 1,
            author: anne,
        };
        let draft = Place::Draft {
            conversation,
            account: anne,
        };
        assert_eq!((body.owner(), draft.owner()), (of_conversation, of_conversation));
        // One key for the two, whoever asks.
        for (from, to) in [(anne, luc), (luc, anne)] {
            let at = Timestamp(7);
            assert_eq!(Place::Note { from, to, at }.owner(), of_pair);
        }
        let vault = VaultId(id(5));
        assert_eq!(Place::Secret { account: anne, vault }.owner(), of_account);
        assert_eq!(Place::Authenticator { account: anne }.owner(), of_account);
    }

    #[test]
    fn an_owner_is_named_in_the_table_by_kind_and_ids() {
        let id = |number: u128| Uuid::from_u128(number);
        let (one, other) = (AccountId(id(1)), AccountId(id(2)));

        let named = |owner: Owner| (owner.purpose(), owner.to_bytes());
        let of_conversation = named(Owner::Conversation(ConversationId(id(1))));
        assert_eq!(of_conversation, ("conversation", id(1).as_bytes().to_vec()));
        let both = [*id(1).as_bytes(), *id(2).as_bytes()].concat();
        assert_eq!(named(Owner::Pair(one, other)), ("pair", both));
        assert_eq!(
            named(Owner::Account(other)),
            ("account", id(2).as_bytes().to_vec())
        );
    }
}
