//! The third pane, on wide screens: who the friend is, the ways to end it, and the way to the administrators.

use leptos::ev::MouseEvent;
use leptos::html::Aside;
use leptos::prelude::*;

use super::Channel;
use super::header::Questions;
use super::opened::Opened;
use crate::chunk::is_whole_here;
use crate::contacts::{GetProfile, capitalized, photo_url};
use crate::friendships::Standing;
use crate::i18n::{format, use_language, words};
use crate::late::{drawn_by_server, enliven};
use crate::now::use_now;
use crate::ui::{Avatar, AvatarSize, Icon, IconName};

/// Photo, profession, number and the date of the friendship; below, closing the channel and blocking.
#[component]
pub(super) fn Details(
    /// The conversation.
    opened: Opened,
    /// What the last rows ask.
    questions: Questions,
    /// The friend's number, if it is known yet.
    phone: Option<String>,
) -> impl IntoView {
    use words::conversations::details as t;
    let language = use_language();
    let now = use_now();
    let is_whole = is_whole_here();
    let friend = opened
        .conversation
        .with_untracked(|conversation| conversation.friend.clone());
    let photo = photo_url(friend.id, friend.photo);
    let phone = RwSignal::new(phone.filter(|phone| !phone.is_empty()));
    let label = t::label(language, &friend.name);
    let phone_row = move || {
        phone.get().map(|phone| {
            view! {
                <div class="row">
                    <span class="row__icon">
                        <Icon name=IconName::Phone/>
                    </span>
                    <div class="row__text">
                        <p class="row__title">{phone}</p>
                        <p class="row__sub">{t::phone(language)}</p>
                    </div>
                </div>
            }
        })
    };
    let since = move || match opened.conversation.with(|conversation| conversation.channel) {
        Channel::Open { since } => {
            let date = format::full_date(language, now.civil(since));
            view! {
                <div class="row">
                    <span class="row__icon">
                        <Icon name=IconName::PersonCheck/>
                    </span>
                    <div class="row__text">
                        <p class="row__title">{t::since(language, &date)}</p>
                    </div>
                </div>
            }
            .into_any()
        }
        Channel::Closed { since, .. } => {
            let date = format::full_date(language, now.civil(since));
            view! {
                <div class="row">
                    <span class="row__icon">
                        <Icon name=IconName::Lock/>
                    </span>
                    <div class="row__text">
                        <p class="row__title">{t::closed(language)}</p>
                        <p class="row__sub">{date}</p>
                    </div>
                </div>
            }
            .into_any()
        }
    };
    let inside = move || {
        view! {
            <div class="details__who">
                <Avatar
                    name=friend.name.clone()
                    photo_url=photo.clone()
                    tint_seed=friend.id.0.as_u128()
                    size=AvatarSize::Huge
                />
                <p class="details__name" dir="auto">
                    {friend.name.clone()}
                </p>
                <p class="details__role">
                    {format!("{} · {}", capitalized(&friend.profession), friend.workplace)}
                </p>
            </div>
            <div class="details__group">
                <div class="card rows">
                    {phone_row}
                    {since}
                </div>
            </div>
            <div class="details__group menu-list">
                <a class="menu__item" href=format!("/reseau/{}", friend.id)>
                    <Icon name=IconName::Person/>
                    {t::profile(language)}
                </a>
                {move || is_whole.get().then(|| view! { <Ending opened questions/> })}
            </div>
        }
        .into_any()
    };
    let pane = NodeRef::<Aside>::new();
    let html = drawn_by_server(&inside);
    let live = move || {
        read_phone(opened, phone);
        inside()
    };
    enliven(pane, is_whole, live, || {});
    view! { <aside class="details" aria-label=label node_ref=pane inner_html=html></aside> }
}

/// Closing the channel and blocking: links to the pages that ask, which a live page asks by itself. Nobody needs them
/// before the page is whole; the menu has both.
#[component]
fn Ending(opened: Opened, questions: Questions) -> impl IntoView {
    use words::conversations::menu as t;
    let language = use_language();
    let is_open = Memo::new(move |_| opened.is_open());
    let is_blocked = Memo::new(move |_| {
        opened
            .conversation
            .with(|conversation| conversation.friend.relation.relation == Standing::Blocked)
    });
    let name = opened
        .conversation
        .with_untracked(|conversation| conversation.friend.name.clone());
    let row =
        move |class: &'static str, icon: IconName, word: String, page: &str, question: RwSignal<bool>| {
            let ask = move |press: MouseEvent| {
                press.prevent_default();
                question.set(true);
            };
            view! {
                <a class=class href=format!("/messages/{}?{page}=1", opened.id) on:click=ask>
                    <Icon name=icon/>
                    {word}
                </a>
            }
        };
    let report = {
        let friend = opened
            .conversation
            .with_untracked(|conversation| conversation.friend.clone());
        view! {
            <a class="menu__item" href=format!("/signaler/{}", friend.id)>
                <Icon name=IconName::Hand/>
                {words::reports::name(language, &friend.name)}
            </a>
        }
    };
    let close = move || {
        is_open.get().then(|| {
            let word = t::close(language).to_owned();
            row("menu__item", IconName::Lock, word, "fermer", questions.closing)
        })
    };
    let block = move || {
        (!is_blocked.get()).then(|| {
            let word = t::block(language, &name);
            row(
                "menu__item menu__item--danger",
                IconName::Ban,
                word,
                "bloquer",
                questions.blocking,
            )
        })
    };
    view! { {close} {block} {report} }
}

/// Reads the number where it is not known yet, and anew when the channel opens or closes: it is the friends' alone.
fn read_phone(opened: Opened, phone: RwSignal<Option<String>>) {
    let is_open = Memo::new(move |_| opened.is_open());
    Effect::new(move |was_open: Option<bool>| {
        let is_open = is_open.get();
        let is_known = was_open.is_none() && phone.with_untracked(Option::is_some);
        if !is_known {
            let account = opened
                .conversation
                .with_untracked(|conversation| conversation.friend.id);
            let call = opened.client().call(GetProfile { account });
            leptos::task::spawn_local(async move {
                if let Ok(profile) = call.await {
                    let _ = phone.try_set(profile.phone.filter(|phone| !phone.is_empty()));
                }
            });
        }
        is_open
    });
}
