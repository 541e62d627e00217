//! The head of a conversation: with whom, and what else can be done.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::MarkUnread;
use super::acting::Asked;
use super::opened::Opened;
use crate::chunk::is_whole_here;
use crate::contacts::{capitalized, photo_url};
use crate::friendships::{Act, Change, ConfirmDialog, Standing};
use crate::i18n::{error_words, use_language, words};
use crate::ui::{Avatar, AvatarSize, Icon, IconName, MenuButton, MenuItem, MenuRule, use_toasts};

/// The two questions about the friendship that a conversation may ask; the menu and the details open them.
#[derive(Clone, Copy)]
pub(super) struct Questions {
    /// Whether to close the channel.
    pub(super) closing: RwSignal<bool>,
    /// Whether to block the friend.
    pub(super) blocking: RwSignal<bool>,
}

/// The friend, the way back on a phone, the menu, and the two questions that it and the details ask.
///
/// Without a script the menu opens all the same, and each question is a page: `?fermer=1`, `?bloquer=1`.
#[component]
pub(super) fn Header(
    /// The conversation.
    opened: Opened,
    /// What is asked.
    questions: Questions,
) -> impl IntoView {
    use words::conversations as t;
    let language = use_language();
    let is_whole = is_whole_here();
    let Questions {
        closing: is_closing,
        blocking: is_blocking,
    } = questions;
    let friend = Memo::new(move |_| {
        opened
            .conversation
            .with(|conversation| conversation.friend.clone())
    });
    let person = friend.get_untracked();
    let name = move || friend.with(|friend| friend.name.clone());
    let avatar = move || {
        let (name, id, photo) = friend.with(|friend| (friend.name.clone(), friend.id, friend.photo));
        let photo = photo_url(id, photo);
        view! { <Avatar name photo_url=photo tint_seed=id.0.as_u128() size=AvatarSize::Medium/> }
    };
    let sub = move || {
        let (profession, workplace) =
            friend.with(|friend| (capitalized(&friend.profession), friend.workplace.clone()));
        if opened.is_open() {
            t::sub(language, &profession, &workplace)
        } else {
            t::sub_closed(language, &profession)
        }
    };
    let is_open = Memo::new(move |_| opened.is_open());
    let is_blocked = Memo::new(move |_| friend.with(|friend| friend.relation.relation == Standing::Blocked));
    let changed = move |question: RwSignal<bool>| {
        Callback::new(move |change: Change| {
            let _ = question.try_set(false);
            opened.change(&change);
        })
    };
    let id = opened.id;
    let block_name = t::menu::block(language, &person.name);
    view! {
        <header class="conversation__header">
            <a class="button button--icon conversation__back" href="/accueil" aria-label=t::back(language)>
                <Icon name=IconName::ArrowLeft/>
            </a>
            {avatar}
            <div class="conversation__who">
                <h1 class="conversation__name" tabindex="-1" dir="auto">
                    {name}
                </h1>
                <p class="conversation__sub">{sub}</p>
            </div>
            <div class="conversation__tools">
                <MenuButton id="actions" label=t::menu::label(language)>
                    <MenuItem
                        label=t::menu::profile(language)
                        icon=IconName::Person
                        href=Some(format!("/reseau/{}", person.id))
                    />
                    <MenuItem
                        label=t::menu::search(language)
                        icon=IconName::Search
                        href=Some(format!("/recherche?dans={id}#chercher"))
                    />
                    {move || {
                        is_whole.get().then(|| view! {
                            <MarkedItem opened/>
                            <UnreadItem opened/>
                            <ReportItem opened/>
                        })
                    }}
                    <PrintItem/>
                    <MenuItem
                        label=t::menu::export(language)
                        icon=IconName::Download
                        href=Some(format!("/exporter/{id}"))
                    />
                    {move || {
                        (is_open.get() || !is_blocked.get()).then(|| view! { <MenuRule/> })
                    }}
                    {move || {
                        is_open
                            .get()
                            .then(|| {
                                view! {
                                    <MenuItem
                                        label=t::menu::close(language)
                                        icon=IconName::Lock
                                        href=Some(format!("/messages/{id}?fermer=1"))
                                        on_press=Callback::new(move |()| is_closing.set(true))
                                    />
                                }
                            })
                    }}
                    {move || {
                        (!is_blocked.get())
                            .then(|| {
                                view! {
                                    <MenuItem
                                        label=block_name.clone()
                                        icon=IconName::Ban
                                        href=Some(format!("/messages/{id}?bloquer=1"))
                                        on_press=Callback::new(move |()| is_blocking.set(true))
                                        danger=true
                                    />
                                }
                            })
                    }}
                </MenuButton>
            </div>
        </header>
        <ConfirmDialog
            act=Act::Close
            person=person.clone()
            open=is_closing
            on_close=move |()| is_closing.set(false)
            on_changed=changed(is_closing)
        />
        <ConfirmDialog
            act=Act::Block
            person
            open=is_blocking
            on_close=move |()| is_blocking.set(false)
            on_changed=changed(is_blocking)
        />
    }
}

impl Questions {
    /// Those that the address asks; whether to close, of an open channel alone.
    pub(super) fn new(opened: Opened) -> Self {
        let query = use_query_map();
        let is_asked = |name: &str| query.with_untracked(|query| query.get(name).is_some());
        Self {
            closing: RwSignal::new(is_asked("fermer") && opened.is_open()),
            blocking: RwSignal::new(is_asked("bloquer")),
        }
    }
}

/// Puts the friend's newest message off: it is unread again, and the page makes way for the list. Only a script reads
/// marks, so only a script takes them back.
#[component]
fn UnreadItem(opened: Opened) -> impl IntoView {
    let language = use_language();
    let toasts = use_toasts();
    let go = StoredValue::new(leptos_router::hooks::use_navigate());
    let newest = Memo::new(move |_| {
        let held = opened
            .timeline
            .with(|timeline| timeline.last_from_friend(u64::MAX));
        held.unwrap_or_else(|| {
            opened
                .conversation
                .with(|conversation| conversation.last_from_friend)
        })
    });
    let put_off = Callback::new(move |()| {
        let call = opened.client().call(MarkUnread {
            conversation: opened.id,
            position: newest.get_untracked(),
        });
        leptos::task::spawn_local(async move {
            match call.await {
                Ok(_) => {
                    let _ = go.try_with_value(|go| go("/accueil", leptos_router::NavigateOptions::default()));
                }
                Err(error) => {
                    opened.session().notice(&error);
                    toasts.alert(error_words(language, &error));
                }
            }
        });
    });
    move || {
        (newest.get() > 0).then(|| {
            view! {
                <MenuItem label=words::conversations::menu::unread(language) icon=IconName::Bell on_press=put_off/>
            }
        })
    }
}

/// Shows the pinned and starred messages.
#[component]
fn MarkedItem(opened: Opened) -> impl IntoView {
    let language = use_language();
    let show = Callback::new(move |()| opened.ask(Asked::Marked));
    view! {
        <MenuItem label=words::conversations::actions::marked(language) icon=IconName::Pin on_press=show/>
    }
}

/// Leads to where the friend is reported. Nobody needs it before the page is whole; the friend's profile leads there too.
#[component]
fn ReportItem(opened: Opened) -> impl IntoView {
    let language = use_language();
    let friend = opened
        .conversation
        .with_untracked(|conversation| conversation.friend.clone());
    view! {
        <MenuItem
            label=words::reports::name(language, &friend.name)
            icon=IconName::Hand
            href=Some(format!("/signaler/{}", friend.id))
        />
    }
}

/// Prints the exchange, which only a script can.
#[component]
fn PrintItem() -> impl IntoView {
    let language = use_language();
    let print = Callback::new(|()| {
        #[cfg(feature = "hydrate")]
        let _ = window().print();
    });
    let is_live = RwSignal::new(false);
    Effect::new(move |_| is_live.set(true));
    move || {
        is_live.get().then(|| {
            view! {
                <MenuItem label=words::conversations::menu::print(language) icon=IconName::Print on_press=print/>
            }
        })
    }
}
