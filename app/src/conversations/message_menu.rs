//! What can be done with a message: one menu for all rows, which the button of each row opens. It comes once the page is
//! whole; without a script the page of a message says the same (`act_forms`).

use leptos::prelude::*;

use super::acting::{Asked, Teller};
use super::copying::copy;
use super::marks_view::{author_name, quote_words, reaction_word, reply_label};
use super::message_button::MENU;
use super::opened::Opened;
use super::rows::MessageRow;
use super::{Marks, Message, Reaction};
use crate::api::MessageKey;
use crate::i18n::{use_language, words};
use crate::now::use_now;
use crate::ui::{IconName, MenuItem, MenuRule, MenuWord, SharedMenu, use_toasts};

/// The menu.
#[component]
pub(super) fn MessageMenu(
    /// The conversation.
    opened: Opened,
) -> impl IntoView {
    use words::conversations::actions as t;
    let language = use_language();
    let chosen = Memo::new(move |_| opened.acting.with(|acting| acting.menu));
    // What changes under an open menu without concerning it must not take the focus away.
    let row = Memo::new(move |_| {
        let id = chosen.get()?;
        let row = opened.rows.with(|rows| rows.messages.get(&id).cloned())?;
        Some(MessageRow {
            state: None,
            is_first: false,
            is_last: false,
            ..row
        })
    });
    let label = Signal::derive(move || {
        let is_mine = row.with(|row| row.as_ref().is_some_and(|row| row.is_mine));
        if is_mine {
            t::label_mine(language).to_owned()
        } else {
            t::label(language, &opened.friend_name())
        }
    });
    // The friend's messages stand at the left of the pane, and their menu leads away from its edge.
    let class = Signal::derive(move || {
        let is_mine = row.with(|row| row.as_ref().is_none_or(|row| row.is_mine));
        if is_mine { "" } else { "menu--after" }
    });
    let items = move || {
        let (id, row) = chosen.get().zip(row.get())?;
        let is_open = opened.is_open();
        Some(match opened.message_of(id) {
            Some(message) if !row.is_deleted() => stored(opened, &row, message, is_open),
            Some(_) => ().into_any(),
            None => on_its_way(opened, id, &row, is_open),
        })
    };
    view! {
        <SharedMenu id=MENU label class=class>
            {items}
        </SharedMenu>
    }
}

/// What can be done with a stored message, from what is done most often to what cannot be undone.
fn stored(opened: Opened, row: &MessageRow, message: Message, is_open: bool) -> AnyView {
    use words::conversations::actions as t;
    let language = use_language();
    let now = use_now();
    let teller = Teller {
        language,
        toasts: use_toasts(),
    };
    let marks = message.marks.read();
    let id = message.id;
    let message = StoredValue::new(message);
    let ask =
        move |asked: fn(Message) -> Asked| Callback::new(move |()| opened.ask(asked(message.get_value())));
    let may_edit = is_open && row.may_edit(untrack(|| now.get()));
    let is_mine = row.is_mine;
    let position = row.position.unwrap_or_default();
    let (is_pinned, is_starred) = (marks.pinned_at.is_some(), marks.is_starred);
    let reactions = is_open.then(|| reaction_words(opened, &marks, message, teller));
    let reply = is_open.then(|| {
        let reply = move |()| message.with_value(|message| opened.reply_to(message));
        view! { <MenuItem label=t::reply(language) icon=IconName::Reply on_press=Callback::new(reply)/> }
    });
    // Of files alone there is no text to copy.
    let copy_text = (!row.body.is_withheld()).then(|| {
        let copy_text = Callback::new(move |()| {
            let text = message.with_value(|message| message.body.as_str().to_owned());
            copy(teller.toasts, language, text);
        });
        view! { <MenuItem label=t::copy(language) icon=IconName::Copy on_press=copy_text/> }
    });
    let edit = may_edit
        .then(|| view! { <MenuItem label=t::edit(language) icon=IconName::Edit on_press=ask(Asked::Edit)/> });
    let pin = is_open.then(|| {
        let label = if is_pinned {
            t::unpin(language)
        } else {
            t::pin(language)
        };
        let pin = move |()| opened.pin(id, !is_pinned, teller);
        view! { <MenuItem label=label icon=IconName::Pin on_press=Callback::new(pin)/> }
    });
    let star = {
        let label = if is_starred {
            t::unstar(language)
        } else {
            t::star(language)
        };
        let star = move |()| opened.star(id, !is_starred, teller);
        view! { <MenuItem label=label icon=IconName::Star on_press=Callback::new(star)/> }
    };
    let unread = (!is_mine).then(|| {
        let put_off = move |()| opened.put_off(position, teller);
        view! { <MenuItem label=t::unread(language) icon=IconName::Bell on_press=Callback::new(put_off)/> }
    });
    let versions = marks.edited_at.map(|_| {
        view! { <MenuItem label=t::versions(language) icon=IconName::Clock on_press=ask(Asked::Versions)/> }
    });
    let delete = (is_mine && is_open).then(|| {
        view! {
            <MenuRule/>
            <MenuItem label=t::delete(language) icon=IconName::Trash on_press=ask(Asked::Delete) danger=true/>
        }
    });
    view! {
        {reactions}
        {reply}
        {copy_text}
        {edit}
        <MenuItem label=t::forward(language) icon=IconName::ArrowRight on_press=ask(Asked::Forward)/>
        {pin}
        {star}
        {unread}
        {versions}
        {delete}
    }
    .into_any()
}

/// The five words, one's own marked; pressed again it is taken away.
fn reaction_words(opened: Opened, marks: &Marks, message: StoredValue<Message>, teller: Teller) -> AnyView {
    let language = teller.language;
    let me = opened.me();
    let mine = marks
        .reactions
        .iter()
        .find(|reacted| reacted.account == me)
        .map(|reacted| reacted.reaction);
    let words: Vec<_> = Reaction::ALL
        .into_iter()
        .map(|reaction| {
            let (word, icon) = reaction_word(language, reaction);
            let is_mine = mine == Some(reaction);
            let react = move |()| {
                let id = message.with_value(|message| message.id);
                opened.react(id, (!is_mine).then_some(reaction), teller);
            };
            view! { <MenuWord label=word icon checked=is_mine on_press=Callback::new(react)/> }
        })
        .collect();
    view! {
        <div class="menu__words" role="group" aria-label=words::conversations::actions::react(language)>
            {words}
        </div>
        <MenuRule/>
    }
    .into_any()
}

/// What can be done with a message that the server has not answered for, or has refused.
fn on_its_way(opened: Opened, id: u128, row: &MessageRow, is_open: bool) -> AnyView {
    use words::conversations::actions as t;
    let language = use_language();
    let teller = Teller {
        language,
        toasts: use_toasts(),
    };
    let body = row.body.clone();
    let copy_text = Callback::new(move |()| copy(teller.toasts, language, body.as_str().to_owned()));
    // Without a box there is nowhere for its words to go.
    let take_back = is_open.then(|| {
        let take_back = move |()| opened.take_back(MessageKey(uuid::Uuid::from_u128(id)), teller);
        view! { <MenuItem label=t::take_back(language) icon=IconName::Reply on_press=Callback::new(take_back)/> }
    });
    view! {
        <MenuItem label=t::copy(language) icon=IconName::Copy on_press=copy_text/>
        {take_back}
    }
    .into_any()
}

/// Above the compose box: what the next message answers, and the way out of it.
pub(super) fn reply_bar(opened: Opened) -> AnyView {
    use words::conversations::reply as t;
    let language = use_language();
    let replying = Memo::new(move |_| {
        let quote = opened.acting.with(|acting| acting.replying.clone())?;
        // Changed or deleted meanwhile, it says here what it says there.
        Some(
            opened
                .timeline
                .with(|timeline| quote.brought_up_to(timeline.messages())),
        )
    });
    let bar = move || {
        let quote = replying.get()?;
        let author = author_name(opened, language, quote.author);
        let words = quote_words(language, &quote);
        Some(view! {
            <div class="compose__reply" role="group" aria-label=reply_label(opened, language, &quote)>
                <p class="quote">
                    <span class="quote__author">{author.clone()}</span>
                    <span class="quote__text">{words}</span>
                </p>
                <button
                    class="button button--icon"
                    type="button"
                    aria-label=t::cancel(language)
                    on:click=move |_| opened.stop_replying()
                >
                    <crate::ui::Icon name=IconName::Close/>
                </button>
            </div>
        })
    };
    bar.into_any()
}
