//! What the list of conversations becomes when something has happened. Pure: `list` asks for what an event does not say.

use super::{Channel, Conversation};
use crate::api::{AccountId, ConversationId, Event, EventKind, Timestamp};
use crate::friendships::{Relation, Standing};

/// What must be read anew because the event does not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refresh {
    /// Nothing.
    Nothing,
    /// This conversation.
    One(ConversationId),
    /// The whole list.
    All,
}

/// Whether an event of this kind may change the list.
pub(super) fn concerns_list(kind: &EventKind) -> bool {
    !matches!(kind, EventKind::Typing { .. } | EventKind::DeviceRevoked { .. })
}

/// Changes the list by what has happened.
pub(super) fn apply(rows: &mut Vec<Conversation>, me: AccountId, event: &Event) -> Refresh {
    let find = |rows: &mut Vec<Conversation>, id: ConversationId| rows.iter().position(|row| row.id == id);
    match &event.kind {
        EventKind::MessageSent {
            conversation,
            message,
        } => {
            let Some(row) = find(rows, *conversation).and_then(|index| rows.get_mut(index)) else {
                return Refresh::One(*conversation);
            };
            let known = row.last_message.as_ref().map_or(0, |last| last.position);
            if message.position > known {
                row.active_at = row.active_at.max(message.sent_at);
                row.last_message = Some(message.clone());
                if message.author != me {
                    row.last_from_friend = message.position;
                    if message.position > row.read_position {
                        row.unread_count += 1;
                    }
                }
            }
            sort(rows);
        }
        EventKind::MessageChanged {
            conversation,
            message,
        } => {
            let row = find(rows, *conversation).and_then(|index| rows.get_mut(index));
            if let Some(last) = row.and_then(|row| row.last_message.as_mut())
                && last.position == message.position
            {
                *last = message.clone();
            }
        }
        EventKind::ConversationRead {
            conversation,
            reader,
            position,
            unread_count,
        } => {
            if let Some(row) = find(rows, *conversation).and_then(|index| rows.get_mut(index)) {
                if *reader == me {
                    // Each message read takes one away at most: a lower count is an older one, from before what this row knows.
                    let n_read = position.saturating_sub(row.read_position);
                    let is_older = *unread_count < row.unread_count.saturating_sub(n_read);
                    row.read_position = row.read_position.max(*position);
                    if is_older {
                        return Refresh::One(*conversation);
                    }
                    row.unread_count = *unread_count;
                } else {
                    row.friend_read_position = row.friend_read_position.max(*position);
                }
            }
        }
        EventKind::MessagesDelivered {
            conversation,
            position,
        } => {
            if let Some(row) = find(rows, *conversation).and_then(|index| rows.get_mut(index)) {
                row.friend_delivered_position = row.friend_delivered_position.max(*position);
            }
        }
        EventKind::MarkedUnread {
            conversation,
            position,
            unread_count,
        } => {
            if let Some(row) = find(rows, *conversation).and_then(|index| rows.get_mut(index)) {
                if *unread_count < row.unread_count {
                    return Refresh::One(*conversation);
                }
                row.read_position = row.read_position.min(position.saturating_sub(1));
                row.unread_count = *unread_count;
            }
        }
        EventKind::RelationChanged {
            account,
            relation,
            conversation,
        } => match rows.iter_mut().find(|row| row.friend.id == *account) {
            Some(row) => {
                row.channel = channel_after(&row.channel, relation, event.at);
                row.friend.relation = relation.clone();
                return Refresh::One(row.id);
            }
            None => return conversation.map_or(Refresh::Nothing, Refresh::One),
        },
        EventKind::DraftSaved { conversation } => return Refresh::One(*conversation),
        EventKind::ProfileChanged { account } => {
            if rows.iter().any(|row| row.friend.id == *account) {
                return Refresh::All;
            }
        }
        EventKind::DeviceRevoked { .. } | EventKind::Typing { .. } | EventKind::Unknown => {}
    }
    Refresh::Nothing
}

/// The channel as a change of relation at this moment leaves it.
pub(super) fn channel_after(channel: &Channel, relation: &Relation, at: Timestamp) -> Channel {
    let since = relation.since.unwrap_or(at);
    match (relation.relation, channel) {
        (Standing::Friend, _) => Channel::Open { since },
        (_, Channel::Closed { .. }) => *channel,
        (standing, Channel::Open { .. }) => Channel::Closed {
            since,
            by_me: relation.closed_by_me.unwrap_or(standing == Standing::Blocked),
        },
    }
}

/// Puts a conversation as it was just read into its place.
pub(super) fn put(rows: &mut Vec<Conversation>, conversation: Conversation) {
    match rows.iter_mut().find(|row| row.id == conversation.id) {
        Some(row) => *row = conversation,
        None => rows.push(conversation),
    }
    sort(rows);
}

fn sort(rows: &mut [Conversation]) {
    rows.sort_by_key(|row| std::cmp::Reverse((row.active_at, row.id)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::MessageKey;
    use crate::conversations::timeline::tests::{conversation, friend, me, message};
    use uuid::Uuid;

    fn event(kind: EventKind) -> Event {
        Event {
            cursor: Some(1),
            at: Timestamp(5_000),
            kind,
        }
    }

    fn id(n: u128) -> ConversationId {
        ConversationId(Uuid::from_u128(n))
    }

    fn list() -> Vec<Conversation> {
        let row = |n: u128, active_at| {
            let mut row = Conversation {
                id: id(n),
                active_at: Timestamp(active_at),
                ..conversation(0, 0)
            };
            row.friend.id = AccountId(Uuid::from_u128(n));
            row
        };
        vec![row(2, 3_000), row(9, 2_000)]
    }

    #[test]
    fn a_message_brings_its_conversation_to_the_top_and_counts_once() {
        let mut rows = list();
        let sent = event(EventKind::MessageSent {
            conversation: id(9),
            message: message(4),
        });

        assert_eq!(apply(&mut rows, me(), &sent), Refresh::Nothing);
        assert_eq!(apply(&mut rows, me(), &sent), Refresh::Nothing);

        assert_eq!((rows[0].id, rows[0].unread_count), (id(9), 1));
        assert_eq!(rows[0].last_message.as_ref().map(|last| last.position), Some(4));
    }

    #[test]
    fn a_changed_message_changes_the_last_line_and_nothing_else() {
        let mut rows = list();
        rows[1].last_message = Some(message(4));
        let before = rows.clone();
        let changed = |position| {
            event(EventKind::MessageChanged {
                conversation: id(9),
                message: crate::conversations::Message {
                    deleted_at: Some(Timestamp(9_000)),
                    ..message(position)
                },
            })
        };

        assert_eq!(apply(&mut rows, me(), &changed(3)), Refresh::Nothing);
        assert_eq!(rows, before, "an older message stands in no row");
        assert_eq!(apply(&mut rows, me(), &changed(4)), Refresh::Nothing);
        let last = rows[1].last_message.take().unwrap();
        assert!(last.deleted_at.is_some());
        rows[1].last_message = Some(message(4));
        assert_eq!(rows, before);
    }

    #[test]
    fn a_message_of_ones_own_is_not_unread() {
        let mut rows = list();
        let message = crate::conversations::Message {
            key: Some(MessageKey(Uuid::nil())),
            ..message(5)
        };

        apply(
            &mut rows,
            me(),
            &event(EventKind::MessageSent {
                conversation: id(9),
                message,
            }),
        );

        assert_eq!(rows[0].unread_count, 0);
    }

    #[test]
    fn an_unknown_conversation_is_read() {
        let sent = event(EventKind::MessageSent {
            conversation: id(77),
            message: message(1),
        });

        assert_eq!(apply(&mut list(), me(), &sent), Refresh::One(id(77)));
    }

    #[test]
    fn reading_on_another_device_clears_the_count_and_the_friends_reading_does_not() {
        let mut rows = list();
        rows[0].unread_count = 4;
        let read = |reader, position| {
            event(EventKind::ConversationRead {
                conversation: id(2),
                reader,
                position,
                unread_count: 0,
            })
        };

        apply(&mut rows, me(), &read(friend(), 3));
        assert_eq!((rows[0].unread_count, rows[0].friend_read_position), (4, 3));
        apply(&mut rows, me(), &read(me(), 7));
        assert_eq!((rows[0].unread_count, rows[0].read_position), (0, 7));
    }

    #[test]
    fn an_older_word_of_reading_does_not_clear_what_came_since() {
        let mut rows = list();
        (
            rows[0].read_position,
            rows[0].last_from_friend,
            rows[0].unread_count,
        ) = (8, 10, 2);
        let read = |position, unread_count| {
            event(EventKind::ConversationRead {
                conversation: id(2),
                reader: me(),
                position,
                unread_count,
            })
        };

        assert_eq!(apply(&mut rows, me(), &read(8, 0)), Refresh::One(id(2)));
        assert_eq!((rows[0].unread_count, rows[0].read_position), (2, 8));
        assert_eq!(apply(&mut rows, me(), &read(9, 1)), Refresh::Nothing);
        assert_eq!((rows[0].unread_count, rows[0].read_position), (1, 9));
    }

    #[test]
    fn what_another_device_marks_as_unread_is_counted_again() {
        let mut rows = list();
        rows[0].read_position = 7;
        let marked = event(EventKind::MarkedUnread {
            conversation: id(2),
            position: 6,
            unread_count: 1,
        });

        apply(&mut rows, me(), &marked);

        assert_eq!((rows[0].unread_count, rows[0].read_position), (1, 5));
    }

    #[test]
    fn delivery_is_noted_and_never_taken_back() {
        let mut rows = list();
        let delivered = |position| {
            event(EventKind::MessagesDelivered {
                conversation: id(2),
                position,
            })
        };

        apply(&mut rows, me(), &delivered(5));
        apply(&mut rows, me(), &delivered(3));

        assert_eq!(rows[0].friend_delivered_position, 5);
    }

    #[test]
    fn closing_and_opening_show_at_once() {
        let mut rows = list();
        let changed = |relation, closed_by_me| {
            let relation = Relation {
                relation,
                since: Some(Timestamp(4_000)),
                closed_by_me,
            };
            event(EventKind::RelationChanged {
                account: friend(),
                relation,
                conversation: Some(id(2)),
            })
        };

        assert_eq!(
            apply(&mut rows, me(), &changed(Standing::Closed, Some(false))),
            Refresh::One(id(2))
        );
        assert_eq!(
            rows[0].channel,
            Channel::Closed {
                since: Timestamp(4_000),
                by_me: false
            }
        );

        apply(&mut rows, me(), &changed(Standing::RequestReceived, Some(false)));
        assert_eq!(
            rows[0].channel,
            Channel::Closed {
                since: Timestamp(4_000),
                by_me: false
            }
        );

        apply(&mut rows, me(), &changed(Standing::Friend, None));
        assert_eq!(
            rows[0].channel,
            Channel::Open {
                since: Timestamp(4_000)
            }
        );
    }
}
