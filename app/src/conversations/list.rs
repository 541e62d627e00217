//! « Messages directs »: the conversations by last activity, which follow what happens.

use leptos::prelude::*;

use super::row::ConversationRow;
use super::row_menu::{RowMenu, RowMenuButton};
use super::{Channel, Conversation, Draft, GetConversation, ListConversations};
use crate::api::{AccountId, Client, ConversationId, Event, EventKind, Timestamp};
use crate::chunk::is_whole_here;
use crate::friendships::{Relation, Standing};
use crate::live::use_live;
use crate::session::{use_client, use_me};

/// The list behind the rows. Cheap to copy; made before the conversations are read, so that nothing that happens in
/// between is missed.
#[derive(Clone, Copy)]
pub struct ConversationList {
    rows: RwSignal<Vec<Conversation>>,
    is_read: StoredValue<bool>,
    has_missed: StoredValue<bool>,
    client: StoredValue<Client>,
}

impl ConversationList {
    /// An empty list that listens to the page's events.
    #[expect(clippy::new_without_default, reason = "it listens: making one does something")]
    pub fn new() -> Self {
        let list = Self {
            rows: RwSignal::new(Vec::new()),
            is_read: StoredValue::new(false),
            has_missed: StoredValue::new(false),
            client: StoredValue::new(use_client()),
        };
        let me = use_me().with_untracked(|me| me.as_ref().map(|me| me.id));
        use_live().listen(move |event| {
            if let Some(me) = me {
                list.hear(me, event);
            }
        });
        list
    }

    /// The conversations as they were just read.
    pub fn start(self, conversations: Vec<Conversation>) {
        self.rows.set(conversations);
        self.is_read.set_value(true);
        if self.has_missed.get_value() {
            self.has_missed.set_value(false);
            self.read_again();
        }
    }

    /// The conversations, last active first.
    pub fn rows(self) -> Signal<Vec<Conversation>> {
        self.rows.into()
    }

    fn hear(self, me: AccountId, event: &Event) {
        if !self.is_read.get_value() {
            self.has_missed.set_value(true);
            return;
        }
        let mut then = Refresh::Nothing;
        if concerns_list(&event.kind) {
            self.rows.update(|rows| then = apply(rows, me, event));
        }
        match then {
            Refresh::Nothing => {}
            Refresh::One(conversation) => self.read_one(conversation),
            Refresh::All => self.read_again(),
        }
    }

    fn read_one(self, conversation: ConversationId) {
        let call = self
            .client
            .with_value(|client| client.call(GetConversation { conversation }));
        leptos::task::spawn_local(async move {
            if let Ok(answer) = call.await {
                let _ = self.rows.try_update(|rows| put(rows, answer.conversation));
            }
        });
    }

    fn read_again(self) {
        let call = self
            .client
            .with_value(|client| client.call(ListConversations::default()));
        leptos::task::spawn_local(async move {
            if let Ok(answer) = call.await {
                let _ = self.rows.try_set(answer.conversations);
            }
        });
    }
}

/// What must be read anew because the event does not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refresh {
    Nothing,
    One(ConversationId),
    All,
}

fn concerns_list(kind: &EventKind) -> bool {
    !matches!(kind, EventKind::Typing { .. } | EventKind::DeviceRevoked { .. })
}

/// Changes the list by what has happened.
fn apply(rows: &mut Vec<Conversation>, me: AccountId, event: &Event) -> Refresh {
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
        EventKind::ConversationRead {
            conversation,
            reader,
            position,
            unread_count,
        } => {
            if let Some(row) = find(rows, *conversation).and_then(|index| rows.get_mut(index)) {
                if *reader == me {
                    row.read_position = row.read_position.max(*position);
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

fn put(rows: &mut Vec<Conversation>, conversation: Conversation) {
    match rows.iter_mut().find(|row| row.id == conversation.id) {
        Some(row) => *row = conversation,
        None => rows.push(conversation),
    }
    sort(rows);
}

fn sort(rows: &mut [Conversation]) {
    rows.sort_by_key(|row| std::cmp::Reverse((row.active_at, row.id)));
}

/// The words of a draft, if there are any.
pub(super) fn draft_words(conversation: &Conversation) -> Option<&str> {
    conversation
        .draft
        .as_ref()
        .map(|Draft(text)| text.trim())
        .filter(|text| !text.is_empty())
}

/// The rows. They do not move under a pressed finger.
#[component]
pub fn ConversationRows(
    /// What they show.
    list: ConversationList,
    /// The conversation on the screen, if one is.
    #[prop(optional, into)]
    current: Signal<Option<ConversationId>>,
    /// More classes of the list.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    let rows = list.rows();
    let is_pressed = RwSignal::new(false);
    let chosen = RwSignal::new(None);
    let is_whole = is_whole_here();
    let order = Memo::new(move |earlier: Option<&Vec<ConversationId>>| {
        let now: Vec<ConversationId> = rows.with(|rows| rows.iter().map(|row| row.id).collect());
        match earlier {
            Some(earlier) if is_pressed.get() && earlier.len() == now.len() => earlier.clone(),
            _ => now,
        }
    });
    let release = move || {
        if is_pressed.get_untracked() {
            is_pressed.set(false);
        }
    };
    view! {
        <ul
            class=format!("conversation-list {class}")
            role="list"
            on:pointerdown=move |_| is_pressed.set(true)
            on:pointerup=move |_| release()
            on:pointercancel=move |_| release()
            on:pointerleave=move |_| release()
        >
            <For each=move || order.get() key=|id| *id let:id>
                <li class="conversation-list__row">
                    <ConversationRow rows id current/>
                    {move || is_whole.get().then(|| view! { <RowMenuButton rows id chosen/> })}
                </li>
            </For>
        </ul>
        {move || is_whole.get().then(|| view! { <RowMenu rows chosen/> })}
    }
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
