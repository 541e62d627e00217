//! What stands in place of the compose box when nobody may write: since when, what was kept, the way back.

use leptos::prelude::*;

use super::Channel;
use super::copying::copy;
use super::opened::Opened;
use crate::friendships::{Act, ActButton, Change, Standing};
use crate::i18n::{format, use_language, words};
use crate::now::use_now;
use crate::ui::{ButtonTone, Icon, IconName, use_toasts};

/// The notice of a closed channel.
///
/// Source: product requirement A7; ux S7.
#[component]
pub(super) fn ClosedBar(
    /// The conversation.
    opened: Opened,
) -> impl IntoView {
    use words::conversations::closed as t;
    let language = use_language();
    let now = use_now();
    let title = move || {
        opened
            .conversation
            .with(|conversation| match conversation.channel {
                Channel::Open { .. } => String::new(),
                Channel::Closed { since, by_me } => {
                    let date = format::date_time(language, now.civil(since), now.today());
                    if by_me {
                        t::by_me(language, &date)
                    } else {
                        t::by_other(language, &date, &conversation.friend.name)
                    }
                }
            })
    };
    let text = move || {
        opened.conversation.with(|conversation| {
            let name = &conversation.friend.name;
            match conversation.friend.relation.relation {
                Standing::Blocked => t::blocked(language, name),
                Standing::RequestSent => t::asked(language, name),
                Standing::RequestReceived => t::received(language, name),
                _ => t::text(language, name),
            }
        })
    };
    view! {
        <div
            class="closed-bar"
            tabindex="-1"
            data-person=opened.conversation.with_untracked(|conversation| conversation.friend.id.to_string())
        >
            <div class="closed-bar__status">
                <Icon name=IconName::Lock/>
                <div role="status">
                    <p class="closed-bar__title">{title}</p>
                    <p class="closed-bar__text">{text}</p>
                </div>
            </div>
            <KeptDraft opened/>
            <WayBack opened/>
        </div>
    }
}

/// Words that could not be sent stay, and can be copied.
#[component]
fn KeptDraft(opened: Opened) -> impl IntoView {
    use words::conversations::closed as t;
    let language = use_language();
    let toasts = use_toasts();
    move || {
        let kept = opened.typed.with(|typed| typed.trim().to_owned());
        (!kept.is_empty()).then(|| {
            let quoted = t::quoted(language, &kept);
            view! {
                <div class="kept-draft">
                    <p dir="auto">
                        <strong>{t::kept(language)}</strong>
                        " "
                        {quoted}
                    </p>
                    <button
                        class="button button--quiet needs-script"
                        type="button"
                        on:click=move |_| copy(toasts, language, kept.clone())
                    >
                        <Icon name=IconName::Copy small=true/>
                        {t::copy(language)}
                    </button>
                </div>
            }
        })
    }
}

/// What one may do now: ask, wait, answer, lift the block.
#[component]
fn WayBack(opened: Opened) -> impl IntoView {
    use words::conversations::closed as t;
    let language = use_language();
    let standing = Memo::new(move |_| {
        opened.conversation.with(|conversation| {
            let friend = &conversation.friend;
            (friend.relation.relation, friend.takes_requests)
        })
    });
    let on_changed = Callback::new(move |change: Change| opened.change(&change));
    let button = move |act: Act, word, name, tone, icon: IconName| {
        let person = opened
            .conversation
            .with_untracked(|conversation| conversation.friend.clone());
        view! { <ActButton act person on_changed word name tone icon/> }
    };
    let name = opened.friend_name();
    let actions = move || match standing.get() {
        (Standing::None | Standing::Closed, false) => {
            view! { <p class="closed-bar__text">{t::takes_no_requests(language)}</p> }.into_any()
        }
        (Standing::None | Standing::Closed, true) => button(
            Act::Ask,
            t::ask(language),
            t::ask_name(language, &name),
            ButtonTone::Primary,
            IconName::PersonPlus,
        )
        .into_any(),
        (Standing::RequestSent, _) => button(
            Act::Cancel,
            t::cancel(language),
            t::cancel_name(language, &name),
            ButtonTone::Outline,
            IconName::Close,
        )
        .into_any(),
        (Standing::RequestReceived, _) => (
            button(
                Act::Accept,
                t::accept(language),
                t::accept_name(language, &name),
                ButtonTone::Primary,
                IconName::Check,
            ),
            button(
                Act::Ignore,
                t::ignore(language),
                t::ignore_name(language, &name),
                ButtonTone::Quiet,
                IconName::Close,
            ),
        )
            .into_any(),
        (Standing::Blocked, _) => button(
            Act::Unblock,
            t::unblock(language),
            t::unblock_name(language, &name),
            ButtonTone::Outline,
            IconName::Unlock,
        )
        .into_any(),
        (Standing::Friend | Standing::Myself, _) => ().into_any(),
    };
    view! { <div class="closed-bar__actions">{actions}</div> }
}
