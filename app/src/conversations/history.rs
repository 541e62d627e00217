//! The history of an open conversation: its rows in a scroller that opens where reading goes on.

use leptos::prelude::*;

use super::message::MessageItem;
use super::opened::Opened;
use super::reading::Reading;
use super::rows::{Row, Rows};
use super::timeline::Timeline;
use super::{Channel, first_letter::FirstLetter};
use crate::contacts::photo_url;
use crate::i18n::{Civil, format, use_language, words};
use crate::late::{drawn_by_server, enliven, is_live_page};
use crate::now::use_now;
use crate::ui::{Avatar, AvatarSize, Icon, IconName};

/// The scroller, from the beginning of the exchange to « écrit… ».
#[component]
pub(super) fn History(
    /// The conversation.
    opened: Opened,
    /// The reader in it.
    reading: Reading,
) -> impl IntoView {
    use words::conversations as t;
    let language = use_language();
    let name = opened.friend_name();
    let timeline = opened.timeline;
    let has_older = Memo::new(move |_| timeline.with(Timeline::has_older));
    let has_newer = Memo::new(move |_| timeline.with(Timeline::has_newer));
    // Until the page is whole nothing is drawn but what the server has.
    let is_empty = Memo::new(move |_| {
        if opened.is_whole.get() || is_live_page() {
            opened.rows.with(Rows::is_empty)
        } else {
            timeline.with(|timeline| timeline.messages().is_empty())
        }
    });
    let first_position = move || timeline.with(Timeline::first_position).unwrap_or_default();
    let rows = move || {
        view! {
            <For
                each=move || opened.rows.with(|rows| rows.order.clone())
                key=|row| row.key()
                children=move |row| match row {
                    Row::Day(day) => view! { <Day day/> }.into_any(),
                    Row::NewLine => view! { <li class="new-line">{t::new_line(language)}</li> }.into_any(),
                    Row::Message(id) => view! { <MessageItem opened id/> }.into_any(),
                }
            />
        }
        .into_any()
    };
    enliven(reading.scroller.list, opened.is_whole, rows, move || {
        reading.scroller.note();
    });
    follow(opened, reading);
    let is_awaiting_frame = StoredValue::new(false);
    let scrolled = move |_| {
        if is_awaiting_frame.get_value() {
            return;
        }
        is_awaiting_frame.set_value(true);
        request_animation_frame(move || {
            if is_awaiting_frame.try_set_value(false).is_none() {
                reading.moved();
            }
        });
    };
    view! {
        <div
            class="conversation__scroller"
            tabindex="0"
            role="region"
            aria-label=t::history(language, &opened.friend_name())
            on:scroll=scrolled
            node_ref=reading.scroller.frame
        >
            <div class="conversation__flow">
                {move || {
                    if has_older.get() {
                        view! {
                            <a
                                class="button button--link more-messages"
                                href=move || format!("/messages/{}?avant={}", opened.id, first_position())
                                aria-busy=move || opened.is_reading.get().then_some("true")
                                on:click=move |press| {
                                    press.prevent_default();
                                    opened.read_older();
                                }
                            >
                                <Icon name=IconName::ArrowUp small=true/>
                                {t::older(language)}
                            </a>
                        }
                            .into_any()
                    } else if is_empty.get() {
                        view! { <FirstLetter opened/> }.into_any()
                    } else {
                        view! { <Origin opened/> }.into_any()
                    }
                }}
                <ol
                    class="messages"
                    role="list"
                    aria-label=t::list_name(language, &name)
                    node_ref=reading.scroller.list
                    data-late=""
                    inner_html=drawn_by_server(rows)
                ></ol>
                <Show when=move || has_newer.get()>
                    <a
                        class="button button--link more-messages"
                        href=format!("/messages/{}", opened.id)
                        on:click=move |press| {
                            press.prevent_default();
                            reading.to_bottom();
                        }
                    >
                        <Icon name=IconName::ArrowDown small=true/>
                        {t::newer(language)}
                    </a>
                </Show>
                <Show when=move || opened.is_typing.get()>
                    <p class="typing">
                        <span class="typing__dots" aria-hidden="true">
                            <i></i>
                            <i></i>
                            <i></i>
                        </span>
                        {t::typing(language, &opened.friend_name())}
                    </p>
                </Show>
            </div>
        </div>
    }
}

/// The reader follows what happens in the history.
fn follow(opened: Opened, reading: Reading) {
    Effect::new(move |was_on_page: Option<bool>| {
        let is_on_page = reading.scroller.list.get().is_some();
        if is_on_page && was_on_page != Some(true) {
            reading.scroller.open_at("new-line");
            reading.scroller.keep_in_place(move || reading.look());
            reading.moved();
        }
        is_on_page
    });
    Effect::new(move |earlier: Option<u32>| {
        let count = opened.n_sent.get();
        if earlier.is_some_and(|earlier| earlier != count) {
            reading.to_bottom();
        }
        count
    });
    Effect::new(move |_| {
        if opened.arrival.with(Option::is_some) {
            reading.arrived();
        }
    });
    for event in ["focus", "visibilitychange"] {
        let handle = window_event_listener_untyped(event, move |_| reading.look());
        on_cleanup(move || handle.remove());
    }
}

/// « Aujourd'hui », « Hier », then the date.
#[component]
fn Day(day: Civil) -> impl IntoView {
    let language = use_language();
    let now = use_now();
    view! { <li class="day">{move || format::day_name(language, day, now.today())}</li> }
}

/// The beginning of the exchange: with whom, since when, who can read it.
#[component]
fn Origin(opened: Opened) -> impl IntoView {
    use words::conversations as t;
    let language = use_language();
    let now = use_now();
    let friend = opened
        .conversation
        .with_untracked(|conversation| conversation.friend.clone());
    let photo = photo_url(friend.id, friend.photo);
    let name = friend.name.clone();
    let title = move || match opened.conversation.with(|conversation| conversation.channel) {
        Channel::Open { since } => t::friends_since(language, &format::full_date(language, now.civil(since))),
        Channel::Closed { .. } => t::beginning(language, &name),
    };
    view! {
        <div class="origin">
            <Avatar
                name=friend.name.clone()
                photo_url=photo
                tint_seed=friend.id.0.as_u128()
                size=AvatarSize::Large
            />
            <p class="origin__title">{title}</p>
            <Privacy name=friend.name/>
        </div>
    }
}

/// The promise at the beginning of each conversation.
#[component]
pub(super) fn Privacy(
    /// The friend's.
    name: String,
) -> impl IntoView {
    let language = use_language();
    view! {
        <p class="privacy">
            <Icon name=IconName::Lock/>
            <span>{words::conversations::privacy(language, &name)}</span>
        </p>
    }
}
