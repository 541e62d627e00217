//! To whom a message goes: a friend is chosen, then shown once more with face and profession before anything leaves.
//!
//! Source: product, C6.

use leptos::prelude::*;

use super::super::acting::fresh_key;
use super::super::acts_view::Scene;
use super::super::guarding::what;
use super::super::marks_view::quote_words;
use super::super::{Channel, Conversation, ForwardMessage, ListConversations, Message, Quote};
use super::{held_back, problem};
use crate::api::MessageKey;
use crate::contacts::{Person, capitalized, photo_url};
use crate::i18n::words::conversations::forward as t;
use crate::ui::{Avatar, AvatarSize, Dialog, Icon, IconName};
use crate::unfiled::find;

/// The friend that was chosen: where it goes, to whom, under which key.
type Chosen = Option<(Conversation, MessageKey)>;

/// Asks to whom, then whether.
#[component]
pub(super) fn ForwardDialog(
    /// Where it is.
    scene: Scene,
    /// Which message.
    message: Message,
    /// Whether it is shown.
    open: Signal<bool>,
) -> impl IntoView {
    let Scene { opened, teller } = scene;
    let language = teller.language;
    let refusal = RwSignal::new(None::<String>);
    let friends = RwSignal::new(None::<Vec<Conversation>>);
    let chosen = RwSignal::new(Chosen::None);
    let call = opened.client().call(ListConversations::default());
    leptos::task::spawn_local(async move {
        match call.await {
            Ok(listed) => {
                let mut open = listed.conversations;
                open.retain(|one| one.id != opened.id && matches!(one.channel, Channel::Open { .. }));
                let _ = friends.try_set(Some(open));
            }
            Err(error) => {
                opened.session().notice(&error);
                let _ = refusal.try_set(Some(teller.refusal(&error)));
            }
        }
    });
    let (quote, id) = (Quote::of(&message), message.id);
    // What was found in words that belong in a patient's record, until the person has chosen.
    let found = RwSignal::new(None::<String>);
    let body = StoredValue::new(message.body);
    let send = move |is_let_through: bool| {
        let Some((conversation, key)) = chosen.get_untracked() else {
            return;
        };
        let held = body.with_value(|body| {
            let is_held = !is_let_through && opened.holds_back(body.as_str());
            is_held.then(|| what(language, &find(body.as_str())))
        });
        let is_held = held.is_some();
        found.set(held);
        if is_held {
            return;
        }
        let call = opened.client().call(ForwardMessage {
            message: id,
            conversation: conversation.id,
            key,
        });
        leptos::task::spawn_local(async move {
            match call.await {
                Ok(_) => {
                    opened.stop_asking();
                    teller.toasts.say(t::done(language, &conversation.friend.name));
                }
                Err(error) => {
                    opened.session().notice(&error);
                    let _ = refusal.try_set(Some(teller.refusal(&error)));
                }
            }
        });
    };
    let inside = move || match chosen.get() {
        None => view! { <Choice friends chosen scene/> }.into_any(),
        Some((conversation, _)) => {
            let friend = conversation.friend;
            let back = move |_| {
                refusal.set(None);
                found.set(None);
                chosen.set(None);
            };
            let go = move |_| send(false);
            let guard = held_back(language, found, None, Callback::new(move |()| send(true)));
            view! {
                <div class="dialog__head">
                    {face(&friend, AvatarSize::Large)}
                    <p id="transferer-qui">{t::question(language, &friend.name)}</p>
                </div>
                <p class="quote">
                    <span class="quote__text" dir="auto">{quote_words(language, &quote)}</span>
                </p>
                <p class="section__note">{t::note(language, &friend.name)}</p>
                {guard}
                <div class="dialog__actions">
                    <button class="button button--quiet" type="button" on:click=back>
                        {t::back(language)}
                    </button>
                    <button class="button button--primary" type="button" on:click=go>
                        <Icon name=IconName::Plane small=true/>
                        {t::word(language, &friend.name)}
                    </button>
                </div>
            }
            .into_any()
        }
    };
    view! {
        <Dialog
            open
            on_close=Callback::new(move |()| opened.stop_asking())
            labelled_by="transferer-titre"
        >
            <h2 class="dialog__title" id="transferer-titre">
                {t::title(language)}
            </h2>
            {problem(refusal)}
            {inside}
        </Dialog>
    }
}

/// The friends to whom one may write, and a box to find one by name.
#[component]
fn Choice(
    friends: RwSignal<Option<Vec<Conversation>>>,
    chosen: RwSignal<Chosen>,
    scene: Scene,
) -> impl IntoView {
    let Scene { opened, teller } = scene;
    let language = teller.language;
    let wanted = RwSignal::new(String::new());
    let rows = move || {
        let wanted = folded(&wanted.get());
        let friends = friends.get()?;
        if friends.is_empty() {
            return Some(view! { <p class="section__note">{t::nobody(language)}</p> }.into_any());
        }
        let found = friends
            .into_iter()
            .filter(|one| folded(&one.friend.name).contains(&wanted))
            .map(|one| {
                let friend = one.friend.clone();
                let choose = move |_| chosen.set(fresh_key().map(|key| (one.clone(), key)));
                view! {
                    <li>
                        <button class="menu__item" type="button" on:click=choose>
                            {face(&friend, AvatarSize::Small)}
                        </button>
                    </li>
                }
            });
        Some(view! { <ul class="marked__list" role="list">{found.collect_view()}</ul> }.into_any())
    };
    view! {
        <input
            class="field__control"
            type="search"
            aria-label=t::search(language)
            placeholder=t::search(language)
            on:input=move |event| wanted.set(event_target_value(&event))
        />
        {rows}
        <div class="dialog__actions">
            <button class="button button--quiet" type="button" on:click=move |_| opened.stop_asking()>
                {t::cancel(language)}
            </button>
        </div>
    }
}

/// Face, name, profession and workplace: whoever is chosen is looked at.
fn face(friend: &Person, size: AvatarSize) -> AnyView {
    let photo = photo_url(friend.id, friend.photo);
    let role = format!("{} · {}", capitalized(&friend.profession), friend.workplace);
    view! {
        <Avatar name=friend.name.clone() photo_url=photo tint_seed=friend.id.0.as_u128() size=size/>
        <span class="row__text">
            <span class="row__title">{friend.name.clone()}</span>
            <span class="row__sub">{role}</span>
        </span>
    }
    .into_any()
}

/// A name as it is looked for: small letters without accents.
fn folded(text: &str) -> String {
    let text = text.to_lowercase();
    #[cfg(feature = "hydrate")]
    let text = String::from(js_sys::JsString::from(text).normalize("NFD"));
    text.chars()
        .filter(|letter| !('\u{300}'..='\u{36f}').contains(letter))
        .collect()
}
