//! An empty conversation: the channel is open, nobody has written.

use leptos::prelude::*;

use super::Channel;
use super::history::Privacy;
use super::opened::Opened;
use crate::contacts::photo_url;
use crate::i18n::{format, use_language, words};
use crate::now::use_now;
use crate::session::use_session;
use crate::ui::{Avatar, AvatarSize, BrandMark};

/// The two people, the flight between them, and ways to begin.
#[component]
pub(super) fn FirstLetter(
    /// The conversation.
    opened: Opened,
) -> impl IntoView {
    use words::conversations::first as t;
    let language = use_language();
    let now = use_now();
    let friend = opened
        .conversation
        .with_untracked(|conversation| conversation.friend.clone());
    let photo = photo_url(friend.id, friend.photo);
    let me = use_session().me.get_untracked().map(|me| {
        let photo = photo_url(me.id, me.photo);
        view! { <Avatar name=me.name photo_url=photo tint_seed=me.id.0.as_u128() size=AvatarSize::Large/> }
    });
    let since = move || match opened.conversation.with(|conversation| conversation.channel) {
        Channel::Open { since } => Some(since),
        Channel::Closed { .. } => None,
    };
    let given_name = friend.given_name.clone();
    let opening = move || {
        since().map(|since| {
            let when = format::in_sentence(language, now.civil(since), now.today());
            view! {
                <h2 class="first-letter__who">{t::title(language, &given_name)}</h2>
                <p class="section__note">{t::text(language, &when)}</p>
            }
        })
    };
    let starts = [
        t::hello(language, &friend.given_name),
        t::minute(language).to_owned(),
        t::question(language).to_owned(),
    ];
    let starts = move || {
        since().map(|_| {
            let buttons = starts
                .clone()
                .into_iter()
                .map(|start| view! { <Beginning opened start/> })
                .collect_view();
            view! { <div class="first-letter__starts needs-script">{buttons}</div> }
        })
    };
    view! {
        <div class="first-letter">
            <div class="first-letter__scene">
                <svg class="first-letter__art" viewBox="0 0 352 150" aria-hidden="true">
                    <path class="art__dash" d="M40 72C74 8 150 2 186 40s-12 58-28 34 14-50 42-44c18 4 26 18 34 36"></path>
                    <g transform="translate(258 42) rotate(62) scale(.62)">
                        <BrandMark/>
                    </g>
                </svg>
                <div class="first-letter__people">
                    {me}
                    <Avatar
                        name=friend.name.clone()
                        photo_url=photo
                        tint_seed=friend.id.0.as_u128()
                        size=AvatarSize::Large
                    />
                </div>
            </div>
            {opening}
            <Privacy name=friend.name/>
            {starts}
        </div>
    }
}

/// Words to begin with; pressed, they stand in the compose box.
#[component]
fn Beginning(opened: Opened, start: String) -> impl IntoView {
    let words = format!("{start} ");
    view! {
        <button class="chip chip--press" type="button" on:click=move |_| opened.fill.set(Some(words.clone()))>
            {start}
        </button>
    }
}
