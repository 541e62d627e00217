//! One message on the screen: the bubble, and under the last of a run, or the one that is pressed, when and how far it
//! came.

use leptos::{ev::KeyboardEvent, prelude::*};

use super::copying::copy;
use super::marks_view;
use super::message_button::{MessageButton, plain_link};
use super::opened::Opened;
use super::rows::{MessageRow, MessageState, Rows};
use super::slot::slot;
use super::text::{is_big, message_text, shown_words};
use super::times::{Times, is_plain_press, walk};
use crate::accounts::Language;
use crate::apart::{apart_late, is_taking_over};
use crate::api::{ApiError, MessageKey};
use crate::attachments::{draw_files, with_files};
use crate::contacts::photo_url;
use crate::i18n::{error_words, format, use_language, words};
use crate::session::use_me;
use crate::ui::{Avatar, AvatarSize, Icon, IconName, use_toasts};

/// A message of the history: one list item, whose name says author, text, time and state.
#[component]
pub(super) fn MessageItem(
    /// Its conversation.
    opened: Opened,
    /// Which row.
    id: u128,
) -> impl IntoView {
    let language = use_language();
    let rows = opened.rows;
    let row = Memo::new(move |earlier: Option<&Option<MessageRow>>| {
        let now = rows.with(|rows: &Rows| rows.messages.get(&id).cloned());
        // A row that is about to go stays as it was.
        now.or_else(|| earlier.cloned().flatten())
    });
    let Some(first) = row.get_untracked() else {
        return ().into_any();
    };
    let is_mine = first.is_mine;
    let author = if is_mine {
        use_me().with_untracked(|me| me.as_ref().map(|me| me.name.clone()).unwrap_or_default())
    } else {
        opened.friend_name()
    };
    let has_files = first.has_files();
    let text = Memo::new(move |_| {
        row.with(|row| match row {
            Some(row) if row.has_files() => row.body.as_str().to_owned(),
            Some(row) => shown_words(language, &row.body, row.is_deleted()),
            None => String::new(),
        })
    });
    let label = move || {
        let is_edited = row.with(|row| row.as_ref().is_some_and(|row| is_edited(opened, row)));
        text.with(|text| {
            row.with(|row| {
                let row = row.as_ref()?;
                // What the server has drawn says it already, and the words for files come later.
                let text = if row.has_files() && !is_taking_over() {
                    &with_files(language, text, opened, id, row)
                } else {
                    text
                };
                Some(item_name(language, &author, text, row, is_edited))
            })
        })
    };
    let photo = (!is_mine).then(|| {
        let friend = opened.conversation.with_untracked(|conversation| conversation.friend.clone());
        let photo = photo_url(friend.id, friend.photo);
        view! {
            <span class="message__photo">
                <Avatar name=friend.name photo_url=photo tint_seed=friend.id.0.as_u128() size=AvatarSize::Small/>
            </span>
        }
    });
    let is_timed = Memo::new(move |_| opened.timed.get() == Some(id));
    let toggle = move || {
        opened
            .timed
            .update(|timed| *timed = if *timed == Some(id) { None } else { Some(id) });
    };
    let timed_position = Memo::new(move |_| {
        let position = row.with(|row| row.as_ref().and_then(|row| row.position));
        position.filter(|_| is_mine && is_timed.get())
    });
    let bubble_class = move || {
        let has_files = row.with(|row| row.as_ref().is_some_and(MessageRow::has_files));
        let is_withheld = row.with(|row| row.as_ref().is_some_and(|row| row.body.is_withheld()));
        text.with(|text| match has_files {
            false if is_withheld => "bubble bubble--withheld",
            _ if is_big(text) => "bubble bubble--big",
            true if text.is_empty() => "bubble bubble--media bubble--bare",
            true => "bubble bubble--media",
            false => "bubble",
        })
    };
    // What is answered is known from the start; the rest may come at any time.
    let head = (!first.marks.is_empty()).then(|| {
        slot(
            opened.is_whole,
            "",
            || marks_view::head(opened, &first.marks.read(), false),
            move || live_head(opened, row),
        )
    });
    let foot = slot(
        opened.is_whole,
        "",
        || {
            let marks = marks_view::foot(opened, &first, &first.marks.read(), false);
            view! {
                {marks}
                {plain_link(opened, &first)}
            }
            .into_any()
        },
        move || live_foot(opened, id, row),
    );
    view! {
        <li
            class=move || row.with(|row| row.as_ref().map(item_class))
            aria-label=label
            id=anchor(first.position)
            data-position=move || row.with(|row| row.as_ref().and_then(|row| row.position))
        >
            {photo}
            <div
                class=bubble_class
                dir="auto"
                on:click=move |press| {
                    if is_plain_press(&press) {
                        toggle();
                    }
                }
            >
                {head}
                {has_files
                    .then(|| {
                        view! { <div class="files">{apart_late(move || draw_files(opened, id, row))}</div> }
                    })}
                <p class="bubble__text">{move || text.with(|text| message_text(text))}</p>
            </div>
            {foot}
            {move || {
                row.get()
                    .filter(|row| row.is_last || is_timed.get())
                    .map(|row| {
                        view! { <Meta row is_timed on_press=move || toggle() on_walk=move |press| walk(opened, id, &press)/> }
                    })
            }}
            {move || timed_position.get().map(|position| view! { <Times opened position/> })}
            {is_mine.then(|| view! { <Failure opened row key=MessageKey(uuid::Uuid::from_u128(id))/> })}
        </li>
    }
    .into_any()
}

/// Where the address of a search's hit leads without a script. With one, the message is looked for by its position.
fn anchor(position: Option<u64>) -> Option<String> {
    #[cfg(feature = "hydrate")]
    {
        let _ = position;
        None
    }
    #[cfg(not(feature = "hydrate"))]
    {
        position.map(|position| format!("m{position}"))
    }
}

fn item_class(row: &MessageRow) -> String {
    let mut class = format!("message message--{}", if row.is_mine { "out" } else { "in" });
    let parts = [
        (row.is_first, " message--first"),
        (row.is_last, " message--last"),
        (row.state == Some(MessageState::Pending), " message--pending"),
        (
            matches!(row.state, Some(MessageState::Failed(_))),
            " message--failed",
        ),
    ];
    for (_, part) in parts.into_iter().filter(|(is_so, _)| *is_so) {
        class.push_str(part);
    }
    class
}

/// Whether its author has changed it; a live page looks once it is whole.
fn is_edited(opened: Opened, row: &MessageRow) -> bool {
    !row.marks.is_empty()
        && (cfg!(feature = "ssr") || opened.is_whole.get())
        && row.marks.read().edited_at.is_some()
}

/// What stands above the words of a live message.
fn live_head(opened: Opened, row: Memo<Option<MessageRow>>) -> AnyView {
    let marks = Memo::new(move |_| row.with(|row| row.as_ref().map(|row| row.marks.read())));
    let shown = move || {
        let marks = marks.get()?;
        Some(marks_view::head(opened, &marks, true))
    };
    shown.into_any()
}

/// What stands below the words of a live message: what is on it, and what opens its menu.
fn live_foot(opened: Opened, id: u128, row: Memo<Option<MessageRow>>) -> AnyView {
    let shown = move || {
        let row = row.get().filter(|row| !row.marks.is_empty())?;
        Some(marks_view::foot(opened, &row, &row.marks.read(), true))
    };
    view! {
        {shown}
        <MessageButton opened id row/>
    }
    .into_any()
}

fn item_name(language: Language, author: &str, text: &str, row: &MessageRow, is_edited: bool) -> String {
    use words::conversations::{message, state};
    let mut time = format::time(language, row.civil);
    if is_edited {
        time = message::edited(language, &time);
    }
    let state = match &row.state {
        None => return message::name(language, author, text, &time),
        Some(MessageState::Pending) => state::pending(language),
        Some(MessageState::Sent) => state::sent(language),
        Some(MessageState::Delivered) => state::delivered(language),
        Some(MessageState::Read) => state::read(language),
        Some(MessageState::Failed(_)) => state::failed(language),
    };
    message::name_with_state(language, author, text, &time, state)
}

/// When, and for one's own messages how far; pressed, the latter tells all times.
#[component]
fn Meta(
    row: MessageRow,
    is_timed: Memo<bool>,
    on_press: impl Fn() + Send + Sync + 'static,
    on_walk: impl Fn(KeyboardEvent) + Send + Sync + 'static,
) -> impl IntoView {
    use words::conversations::shown as t;
    let language = use_language();
    let is_stored = row.position.is_some();
    let state = row.state.map(|state| {
        let (class, icon, words) = match state {
            MessageState::Pending => ("message__state", IconName::Clock, t::pending(language)),
            MessageState::Sent => ("message__state", IconName::Check, t::sent(language)),
            MessageState::Delivered => ("message__state", IconName::DoubleCheck, t::delivered(language)),
            MessageState::Read => (
                "message__state message__state--read",
                IconName::DoubleCheck,
                t::read(language),
            ),
            MessageState::Failed(_) => (
                "message__state message__state--failed",
                IconName::Warning,
                t::failed(language),
            ),
        };
        let inside = view! {
            <Icon name=icon/>
            {words}
        };
        if is_stored {
            view! {
                <button
                    class=class
                    type="button"
                    aria-label=words::conversations::times::show(language, words)
                    aria-expanded=move || is_timed.get().to_string()
                    on:click=move |_| on_press()
                    on:keydown=on_walk
                >
                    {inside}
                </button>
            }
            .into_any()
        } else {
            view! { <span class=class>{inside}</span> }.into_any()
        }
    });
    view! {
        <p class="message__meta">
            <time datetime=format::machine(row.civil)>{format::time(language, row.civil)}</time>
            {state}
        </p>
    }
}

/// Why it was refused, and the three ways out.
#[component]
fn Failure(opened: Opened, row: Memo<Option<MessageRow>>, key: MessageKey) -> impl IntoView {
    let error = Memo::new(move |_| {
        row.with(|row| match row.as_ref().and_then(|row| row.state.as_ref()) {
            Some(MessageState::Failed(error)) => Some(error.clone()),
            _ => None,
        })
    });
    move || error.get().map(|error| view! { <FailureBox opened key error/> })
}

#[component]
fn FailureBox(opened: Opened, key: MessageKey, error: ApiError) -> impl IntoView {
    use words::conversations::failure as t;
    let language = use_language();
    let toasts = use_toasts();
    let edit = move |_| {
        if let Some(parcel) = opened.remove_failed(key) {
            opened.write_again(parcel);
        }
    };
    let copy_text = move |_| {
        let body = opened
            .rows
            .with_untracked(|rows| rows.messages.get(&key.0.as_u128()).map(|row| row.body.clone()));
        if let Some(body) = body {
            copy(toasts, language, body.as_str().to_owned());
        }
    };
    view! {
        <div class="failure" role="alert">
            <p class="failure__reason">
                <span>{error_words(language, &error)}</span>
            </p>
            <div class="failure__actions">
                <button class="button button--quiet" type="button" on:click=move |_| opened.retry(key)>
                    <Icon name=IconName::Refresh small=true/>
                    {t::retry(language)}
                </button>
                {move || {
                    if opened.is_open() {
                        view! {
                            <button class="button button--quiet" type="button" on:click=edit>
                                {t::edit(language)}
                            </button>
                        }
                            .into_any()
                    } else {
                        view! {
                            <button class="button button--quiet" type="button" on:click=copy_text>
                                {t::copy(language)}
                            </button>
                        }
                            .into_any()
                    }
                }}
                <button
                    class="button button--danger-quiet"
                    type="button"
                    on:click=move |_| {
                        let files = untrack(|| opened.outbox().files_of(opened.id, key));
                        opened.remove_failed(key);
                        opened.forget_files(&files);
                    }
                >
                    {t::delete(language)}
                </button>
            </div>
        </div>
    }
}
