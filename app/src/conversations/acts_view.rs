//! What a live conversation adds once it is whole: the menu of its messages, the keys and the long press that open it, the
//! way back for what was just sent, and the questions that stand over the page.

use leptos::prelude::*;

use super::acting::{Acting, Teller};
use super::message_menu::MessageMenu;
use super::opened::Opened;
use super::reading::Reading;
use crate::chunk::{Beside, Page};
use crate::i18n::{use_language, words};
use crate::ui::{Icon, IconName, use_toasts};

/// An open conversation and its reader, for the pieces that come with a chunk of their own.
#[derive(Clone, Copy)]
pub(super) struct Scene {
    /// The conversation.
    pub(super) opened: Opened,
    /// Who is told what came of an act.
    pub(super) teller: Teller,
}

/// Everything that opens, and what it opens.
#[component]
pub(super) fn Acts(
    /// The conversation.
    opened: Opened,
    /// The reader in it.
    reading: Reading,
) -> impl IntoView {
    let teller = Teller {
        language: use_language(),
        toasts: use_toasts(),
    };
    provide_context(Scene { opened, teller });
    let is_asked = Signal::derive(move || opened.acting.with(|acting| acting.asked.is_some()));
    Effect::new(move |_| {
        if let Some(position) = opened.acting.with(|acting| acting.jump) {
            opened.acting.update(|acting| acting.jump = None);
            opened.jump_to(reading, position, teller);
        }
    });
    take_up_address(opened);
    #[cfg(feature = "hydrate")]
    super::pointing::follow(opened, reading);
    view! {
        <Undo opened teller/>
        <MessageMenu opened/>
        <Beside page=Page::ACTIONS wanted=is_asked/>
    }
}

/// A page that was opened at a message goes there, and one that was opened to answer a message does so.
fn take_up_address(opened: Opened) {
    let query = leptos_router::hooks::use_query_map();
    let position = |name: &str| query.with_untracked(|query| query.get(name)?.parse::<u64>().ok());
    if let Some(position) = position("autour") {
        opened.acting.update(|acting| acting.jump = Some(position));
    }
    let answered = position("repondre")
        .and_then(|position| opened.row_of(position))
        .and_then(|row| opened.message_of(row));
    if let Some(message) = answered.filter(|_| untrack(|| opened.is_open())) {
        opened.acting.update(|acting: &mut Acting| {
            acting.replying = Some(super::Quote::of(&message));
        });
    }
}

/// For a moment after sending: back.
#[component]
fn Undo(opened: Opened, teller: Teller) -> impl IntoView {
    let language = use_language();
    let key = Memo::new(move |_| opened.acting.with(|acting| acting.undo));
    move || {
        key.get().map(|key| {
            view! {
                <button
                    class="button pill-jump pill-jump--undo"
                    type="button"
                    on:mousedown=move |press| press.prevent_default()
                    on:click=move |_| opened.take_back(key, teller)
                >
                    <Icon name=IconName::Reply small=true/>
                    {words::conversations::undo::word(language)}
                </button>
            }
        })
    }
}
