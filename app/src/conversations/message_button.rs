//! What leads to the actions of one message: a button beside the bubble, drawn where the pointer or the focus is; without a
//! script a plain link to a page that shows them as forms.

use leptos::prelude::*;

use super::opened::Opened;
use super::rows::MessageRow;
use crate::i18n::{use_language, words};
use crate::ui::{Icon, IconName};

/// The menu that all buttons open.
pub(super) const MENU: &str = "message-actions";

/// The button of a row, while that is pointed at. Nothing is left to do with a deleted message.
#[component]
pub(super) fn MessageButton(
    /// Its conversation.
    opened: Opened,
    /// Which row.
    id: u128,
    /// The row.
    row: Memo<Option<MessageRow>>,
) -> impl IntoView {
    let language = use_language();
    let is_there = Memo::new(move |_| {
        opened.acting.with(|acting| acting.pointed == Some(id))
            && row.with(|row| row.as_ref().is_some_and(|row| !row.is_deleted()))
    });
    let is_pressed = Memo::new(move |_| opened.acting.with(|acting| acting.menu == Some(id)));
    let is_mine = row.with_untracked(|row| row.as_ref().is_some_and(|row| row.is_mine));
    let label = if is_mine {
        words::conversations::actions::label_mine(language).to_owned()
    } else {
        words::conversations::actions::label(language, &opened.friend_name())
    };
    move || {
        let label = label.clone();
        is_there.get().then(|| {
            view! {
                <button
                    class="button button--icon message__more"
                    type="button"
                    popovertarget=MENU
                    aria-haspopup="menu"
                    aria-label=label
                    data-pressed=move || is_pressed.get().then_some("")
                    on:click=move |_| opened.acting.update(|acting| acting.menu = Some(id))
                >
                    <Icon name=IconName::More/>
                </button>
            }
        })
    }
}

/// The link of a stored message, for whoever has no script.
pub(super) fn plain_link(opened: Opened, row: &MessageRow) -> AnyView {
    let language = use_language();
    let Some(position) = row.position.filter(|_| !row.is_deleted()) else {
        return ().into_any();
    };
    let label = if row.is_mine {
        words::conversations::actions::label_mine(language).to_owned()
    } else {
        words::conversations::actions::label(language, &opened.friend_name())
    };
    view! {
        <noscript>
            <a
                class="button button--link"
                href=format!("/messages/{}?message={position}#message", opened.id)
                aria-label=label
            >
                {words::conversations::actions::word(language)}
            </a>
        </noscript>
    }
    .into_any()
}
