//! What is on a message, as it is drawn: above the words what it answers, below them what was done with it.
//!
//! The server draws it as it is; a live page draws the same anew, with what can be pressed.

use leptos::prelude::*;

use super::acting::{Asked, Teller};
use super::opened::Opened;
use super::rows::MessageRow;
use super::{Marks, Quote, Reacted, Reaction};
use crate::accounts::Language;
use crate::api::AccountId;
use crate::i18n::{use_language, words};
use crate::ui::{Icon, IconName, use_toasts};

/// The word of a reaction, and its drawing.
pub(super) fn reaction_word(language: Language, reaction: Reaction) -> (&'static str, IconName) {
    use words::conversations::reaction as t;
    match reaction {
        Reaction::Seen => (t::seen(language), IconName::Eye),
        Reaction::Thanks => (t::thanks(language), IconName::Heart),
        Reaction::Agreed => (t::agreed(language), IconName::Thumb),
        Reaction::OnIt => (t::on_it(language), IconName::Hand),
        Reaction::Urgent => (t::urgent(language), IconName::Warning),
    }
}

/// Inside the bubble, before the words: that it was forwarded, or what it answers.
pub(super) fn head(opened: Opened, marks: &Marks, is_live: bool) -> AnyView {
    use words::conversations::marks as t;
    let language = use_language();
    let forwarded = marks.is_forwarded.then(|| {
        view! {
            <p class="message__meta">
                <Icon name=IconName::ArrowRight/>
                {t::forwarded(language)}
            </p>
        }
    });
    let quote = marks
        .reply_to
        .clone()
        .map(|quote| quote_view(opened, quote, is_live));
    view! {
        {forwarded}
        {quote}
    }
    .into_any()
}

/// The message that is answered; pressed, the history goes there.
fn quote_view(opened: Opened, quote: Quote, is_live: bool) -> AnyView {
    use words::conversations::quote as t;
    let language = use_language();
    let author = author_name(opened, language, quote.author);
    let text = quote_words(language, &quote);
    let inside = view! {
        <span class="quote__author">{author.clone()}</span>
        <span class="quote__text">{text.clone()}</span>
    };
    // Not known here: there is nowhere to go.
    if quote.position == 0 {
        return view! { <span class="quote">{inside}</span> }.into_any();
    }
    let position = quote.position;
    let href = format!("/messages/{}?autour={position}#m{position}", opened.id);
    let label = if quote.author == opened.me() {
        t::jump_mine(language, &text)
    } else {
        t::jump(language, &author, &text)
    };
    let jump = move |press: leptos::ev::MouseEvent| {
        if is_live {
            press.prevent_default();
            opened.acting.update(|acting| acting.jump = Some(position));
        }
    };
    view! {
        <a class="quote" href=href aria-label=label on:click=jump>
            {inside}
        </a>
    }
    .into_any()
}

/// What is shown of the words that are answered.
pub(super) fn quote_words(language: Language, quote: &Quote) -> String {
    if quote.position == 0 {
        words::conversations::quote::unknown(language).to_owned()
    } else {
        super::text::words_or_files(language, &quote.body, quote.is_deleted, &quote.attachments)
    }
}

/// How the author of a message is called on this screen.
pub(super) fn author_name(opened: Opened, language: Language, author: AccountId) -> String {
    if author == opened.me() {
        words::conversations::quote::me(language).to_owned()
    } else if author.0.is_nil() {
        String::new()
    } else {
        opened.friend_name()
    }
}

/// What an answer that is being written is an answer to.
pub(super) fn reply_label(opened: Opened, language: Language, quote: &Quote) -> String {
    use words::conversations::reply as t;
    if quote.author == opened.me() {
        t::bar_mine(language).to_owned()
    } else if quote.author.0.is_nil() {
        t::bar_unknown(language).to_owned()
    } else {
        t::bar(language, &opened.friend_name())
    }
}

/// Below the bubble: words of one answer, and what else is to be known of it.
pub(super) fn foot(opened: Opened, row: &MessageRow, marks: &Marks, is_live: bool) -> AnyView {
    use words::conversations::marks as t;
    let language = use_language();
    let reactions = (!marks.reactions.is_empty()).then(|| reactions(opened, row, &marks.reactions, is_live));
    let edited = marks.edited_at.map(|_| {
        if is_live {
            edited_button(opened, row)
        } else {
            view! { <span>{t::edited(language)}</span> }.into_any()
        }
    });
    let pinned = marks.pinned_at.map(|_| note(IconName::Pin, t::pinned(language)));
    let starred = marks
        .is_starred
        .then(|| note(IconName::StarFilled, t::starred(language)));
    let has_notes = edited.is_some() || pinned.is_some() || starred.is_some();
    view! {
        {reactions}
        {has_notes.then(|| view! {
            <p class="message__meta">
                {edited}
                {pinned}
                {starred}
            </p>
        })}
    }
    .into_any()
}

fn note(icon: IconName, word: &'static str) -> AnyView {
    view! {
        <span class="message__state">
            <Icon name=icon/>
            {word}
        </span>
    }
    .into_any()
}

/// That it was changed; pressed, it shows what it said before.
fn edited_button(opened: Opened, row: &MessageRow) -> AnyView {
    use words::conversations::marks as t;
    let language = use_language();
    let position = row.position;
    let show = move |_| {
        let message = position
            .and_then(|position| opened.row_of(position))
            .and_then(|row| opened.message_of(row));
        if let Some(message) = message {
            opened.ask(Asked::Versions(message));
        }
    };
    view! {
        <button class="message__state" type="button" aria-label=t::show(language) on:click=show>
            <Icon name=IconName::Edit/>
            {t::edited(language)}
        </button>
    }
    .into_any()
}

/// The words of one answer, each with whose it is. One's own is taken away when it is pressed.
fn reactions(opened: Opened, row: &MessageRow, all: &[Reacted], is_live: bool) -> AnyView {
    use words::conversations::reaction as t;
    let language = use_language();
    let id = row.id;
    let items: Vec<_> = all
        .iter()
        .map(|reacted| {
            let (word, icon) = reaction_word(language, reacted.reaction);
            let is_mine = reacted.account == opened.me();
            let whose = if is_mine {
                t::of_mine(language).to_owned()
            } else {
                t::of(language, &author_name(opened, language, reacted.account))
            };
            let inside = view! {
                <Icon name=icon/>
                {word}
                <span class="visually-hidden">{whose}</span>
            };
            let class = if is_mine { "chip chip--action" } else { "chip" };
            match id.filter(|_| is_live && is_mine && opened.is_open()) {
                Some(id) => {
                    let teller = Teller {
                        language,
                        toasts: use_toasts(),
                    };
                    view! {
                        <li>
                            <button
                                class=class
                                type="button"
                                aria-label=t::remove(language, word)
                                on:click=move |_| opened.react(id, None, teller)
                            >
                                {inside}
                            </button>
                        </li>
                    }
                    .into_any()
                }
                None => view! { <li class=class>{inside}</li> }.into_any(),
            }
        })
        .collect();
    view! {
        <ul class="message__meta" role="list" aria-label=t::list(language)>
            {items}
        </ul>
    }
    .into_any()
}
