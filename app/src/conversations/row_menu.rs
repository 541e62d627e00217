//! What can be done with a conversation from the list: one menu for all rows, which the button of each row opens. It
//! comes with the script, once the page is whole: without one, the page of the conversation says the same.

use leptos::prelude::*;

use super::{Conversation, MarkUnread};
use crate::api::ConversationId;
use crate::i18n::{error_words, use_language, words};
use crate::session::{use_client, use_session};
use crate::ui::{Icon, IconName, MenuItem, SharedMenu, use_toasts};

const MENU: &str = "conversation-actions";

/// The button at the end of a row.
#[component]
pub(super) fn RowMenuButton(
    /// All conversations.
    rows: Signal<Vec<Conversation>>,
    /// Which.
    id: ConversationId,
    /// Whose button was pressed last.
    chosen: RwSignal<Option<ConversationId>>,
) -> impl IntoView {
    let language = use_language();
    let label = move || {
        rows.with(|rows| {
            let row = rows.iter().find(|row| row.id == id);
            row.map(|row| words::conversations::row::menu(language, &row.friend.name))
        })
    };
    view! {
        <button
            class="button button--icon conversation-list__more"
            type="button"
            popovertarget=MENU
            aria-haspopup="menu"
            aria-label=label
            data-pressed=move || (chosen.get() == Some(id)).then_some("")
            on:click=move |_| chosen.set(Some(id))
        >
            <Icon name=IconName::More/>
        </button>
    }
}

/// The menu: the friend's profile, and making the friend's newest message unread again.
#[component]
pub(super) fn RowMenu(
    /// All conversations.
    rows: Signal<Vec<Conversation>>,
    /// Whose menu it is.
    chosen: RwSignal<Option<ConversationId>>,
) -> impl IntoView {
    use words::conversations as t;
    let language = use_language();
    let toasts = use_toasts();
    let session = use_session();
    let client = StoredValue::new(use_client());
    let row = Memo::new(move |_| {
        let id = chosen.get()?;
        rows.with(|rows| rows.iter().find(|row| row.id == id).cloned())
    });
    let label = Signal::derive(move || {
        row.with(|row| row.as_ref().map(|row| t::row::menu(language, &row.friend.name)))
            .unwrap_or_default()
    });
    let mark_unread = Callback::new(move |()| {
        let Some(row) = row.get_untracked() else { return };
        let wish = MarkUnread {
            conversation: row.id,
            position: row.last_from_friend,
        };
        let call = client.with_value(|client| client.call(wish));
        leptos::task::spawn_local(async move {
            // The event changes the row, here as on the other devices.
            if let Err(error) = call.await {
                session.notice(&error);
                toasts.alert(error_words(language, &error));
            }
        });
    });
    let items = move || {
        row.get().map(|row| {
            let can_be_unread = row.unread_count == 0 && row.last_from_friend > 0;
            view! {
                {can_be_unread
                    .then(|| view! { <MenuItem label=t::menu::unread(language) icon=IconName::Bell on_press=mark_unread/> })}
                <MenuItem
                    label=t::menu::profile(language)
                    icon=IconName::Person
                    href=Some(format!("/reseau/{}", row.friend.id))
                />
            }
        })
    };
    view! {
        <SharedMenu id=MENU label>
            {items}
        </SharedMenu>
    }
}
