//! One conversation in a place of its own, without address, list or details: a side of the double view.
//!
//! Everything it needs stands in its context: client, session, events, outbox. It runs in a live page alone.

use leptos::{html, prelude::*};

use super::announce::Announcer;
use super::closed::ClosedBar;
use super::compose::Compose;
use super::draft::DraftKeeper;
use super::history::History;
use super::jumps::{JumpDown, JumpUp};
use super::opened::{Opened, PAGE};
use super::reading::Reading;
use super::{Conversation, GetConversation, ReadTimeline, TimelinePage};
use crate::api::{ApiError, Client, ConversationId};
use crate::contacts::{capitalized, photo_url};
use crate::friendships::{Act, Change, ConfirmDialog};
use crate::i18n::{error_words, use_language, words};
use crate::live::use_live;
use crate::session::use_client;
use crate::ui::{Avatar, AvatarSize, Icon, IconName, Notice, SkeletonRows, Tone};

type Opening = Result<(Conversation, TimelinePage), ApiError>;

/// A conversation to read and to write in.
#[component]
pub fn ConversationPane(
    /// Which.
    conversation: ConversationId,
) -> impl IntoView {
    let language = use_language();
    let client = use_client();
    let mark = use_live().mark();
    let opening = RwSignal::new(None::<Opening>);
    Effect::new(move |_| {
        let client = client.clone();
        leptos::task::spawn_local(async move {
            let outcome = open(client, conversation).await;
            let _ = opening.try_set(Some(outcome));
        });
    });
    move || match opening.get() {
        None => view! {
            <div class="conversation conversation--loading">
                <SkeletonRows label=words::conversations::loading(language)/>
            </div>
        }
        .into_any(),
        Some(Ok((conversation, page))) => {
            view! { <PaneView opened=Opened::new(conversation, page, 0, mark)/> }.into_any()
        }
        Some(Err(error)) => view! {
            <div class="conversation conversation--loading">
                <Notice title=error_words(language, &error) tone=Tone::Danger/>
            </div>
        }
        .into_any(),
    }
}

async fn open(client: Client, conversation: ConversationId) -> Opening {
    let header = client.call(GetConversation { conversation }).await?.conversation;
    let wish = ReadTimeline {
        conversation,
        before: None,
        after: None,
        around: None,
        limit: Some(PAGE),
    };
    let page = client.call(wish).await?;
    Ok((header, page))
}

#[component]
fn PaneView(opened: Opened) -> impl IntoView {
    let reading = Reading::new(opened);
    let draft = DraftKeeper::new(opened);
    let is_open = Memo::new(move |_| opened.is_open());
    view! {
        <div class="conversation">
            <PaneHeader opened is_open/>
            <History opened reading/>
            <JumpUp opened reading/>
            <div class="conversation__foot">
                <JumpDown reading/>
                {move || {
                    if is_open.get() {
                        view! { <Compose opened draft id=format!("ecrire-{}", opened.me())/> }.into_any()
                    } else {
                        view! { <ClosedBar opened/> }.into_any()
                    }
                }}
            </div>
            <Announcer opened/>
        </div>
    }
}

/// The friend, and the way to close the channel.
#[component]
fn PaneHeader(opened: Opened, is_open: Memo<bool>) -> impl IntoView {
    use words::conversations as t;
    let language = use_language();
    let friend = opened
        .conversation
        .with_untracked(|conversation| conversation.friend.clone());
    let picture = photo_url(friend.id, friend.photo);
    let what = t::sub(language, &capitalized(&friend.profession), &friend.workplace);
    let is_closing = RwSignal::new(false);
    let button = NodeRef::<html::Button>::new();
    // The question stands in the page only while it is asked: the other side asks under the same ids.
    let leave = move || {
        is_closing.set(false);
        request_animation_frame(move || {
            if let Some(button) = button.get_untracked() {
                let _ = button.focus();
            }
        });
    };
    let changed = move |change: Change| {
        is_closing.set(false);
        opened.change(&change);
    };
    let person = friend.clone();
    view! {
        <header class="conversation__header">
            <Avatar
                name=friend.name.clone()
                photo_url=picture
                tint_seed=friend.id.0.as_u128()
                size=AvatarSize::Medium
            />
            <div class="conversation__who">
                <h2 class="conversation__name" tabindex="-1" dir="auto">
                    {friend.name}
                </h2>
                <p class="conversation__sub">{what}</p>
            </div>
            <Show when=move || is_open.get()>
                <button
                    class="button button--quiet"
                    type="button"
                    on:click=move |_| is_closing.set(true)
                    node_ref=button
                >
                    <Icon name=IconName::Lock small=true/>
                    {t::menu::close(language)}
                </button>
            </Show>
        </header>
        <Show when=move || is_closing.get()>
            <ConfirmDialog
                act=Act::Close
                person=person.clone()
                open=true
                on_close=move |()| leave()
                on_changed=changed
            />
        </Show>
    }
}
