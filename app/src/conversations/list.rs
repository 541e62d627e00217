//! « Messages directs »: the conversations by last activity, which follow what happens.

use leptos::html::Ul;
use leptos::prelude::*;

use super::heard::{Refresh, apply, concerns_list, put};
use super::row::ConversationRow;
use super::row_menu::{RowMenu, RowMenuButton};
use super::{Conversation, Draft, GetConversation, ListConversations};
use crate::api::{AccountId, Client, ConversationId, Event};
use crate::chunk::is_whole_here;
use crate::late::{drawn_by_server, enliven};
use crate::live::{Live, N_TRIES, use_live};
use crate::session::{use_client, use_me};

/// The list behind the rows. Cheap to copy; made before the conversations are read, so that nothing that happens in
/// between is missed.
#[derive(Clone, Copy)]
pub struct ConversationList {
    rows: RwSignal<Vec<Conversation>>,
    is_read: StoredValue<bool>,
    has_missed: StoredValue<bool>,
    client: StoredValue<Client>,
    live: Live,
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
            live: use_live(),
        };
        let me = use_me().with_untracked(|me| me.as_ref().map(|me| me.id));
        list.live.listen(move |event| {
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
            self.read_again(N_TRIES);
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
            Refresh::One(conversation) => self.read_one(conversation, N_TRIES),
            Refresh::All => self.read_again(N_TRIES),
        }
    }

    fn read_one(self, conversation: ConversationId, n_left: u32) {
        let Some(client) = self.client.try_get_value() else {
            return;
        };
        let mark = self.live.mark();
        leptos::task::spawn_local(async move {
            match client.call(GetConversation { conversation }).await {
                Ok(_) if n_left > 0 && self.live.has_moved(mark) => self.read_one(conversation, n_left - 1),
                Ok(answer) => {
                    let _ = self.rows.try_update(|rows| put(rows, answer.conversation));
                }
                Err(_) => {}
            }
        });
    }

    fn read_again(self, n_left: u32) {
        let Some(client) = self.client.try_get_value() else {
            return;
        };
        let mark = self.live.mark();
        leptos::task::spawn_local(async move {
            match client.call(ListConversations::default()).await {
                Ok(_) if n_left > 0 && self.live.has_moved(mark) => self.read_again(n_left - 1),
                Ok(answer) => {
                    let _ = self.rows.try_set(answer.conversations);
                }
                Err(_) => {}
            }
        });
    }
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
    let frame = NodeRef::<Ul>::new();
    let drawn = move || {
        view! {
            <For each=move || order.get() key=|id| *id let:id>
                <li class="conversation-list__row">
                    <ConversationRow rows id current/>
                    {move || is_whole.get().then(|| view! { <RowMenuButton rows id chosen/> })}
                </li>
            </For>
        }
        .into_any()
    };
    enliven(frame, is_whole, drawn, || {});
    view! {
        <ul
            class=format!("conversation-list {class}")
            role="list"
            on:pointerdown=move |_| is_pressed.set(true)
            on:pointerup=move |_| release()
            on:pointercancel=move |_| release()
            on:pointerleave=move |_| release()
            node_ref=frame
            data-late=""
            inner_html=drawn_by_server(drawn)
        ></ul>
        {move || is_whole.get().then(|| view! { <RowMenu rows chosen/> })}
    }
}
