//! The pinned messages of a conversation, which both see, and the starred ones, which are one's own: pressed, the history
//! goes there.

use leptos::prelude::*;

use super::super::acts_view::Scene;
use super::super::marks_view::{author_name, quote_words};
use super::super::{ListMarkedMessages, Mark, Message, Quote};
use super::problem;
use crate::api::EventKind;
use crate::i18n::{format, words::conversations::marked as t};
use crate::now::use_now;
use crate::ui::Dialog;

/// Both lists.
#[component]
pub(super) fn MarkedDialog(
    /// Where.
    scene: Scene,
    /// Whether it is shown.
    open: Signal<bool>,
) -> impl IntoView {
    let opened = scene.opened;
    let language = scene.teller.language;
    view! {
        <Dialog
            open
            on_close=Callback::new(move |()| opened.stop_asking())
            labelled_by="reperes-titre"
        >
            <h2 class="dialog__title" id="reperes-titre">
                {t::title(language)}
            </h2>
            <MarkedList scene mark=Mark::Pinned title=t::pinned(language) none=t::none_pinned(language)/>
            <MarkedList scene mark=Mark::Starred title=t::starred(language) none=t::none_starred(language)/>
            <div class="dialog__actions">
                <button class="button button--quiet" type="button" on:click=move |_| opened.stop_asking()>
                    {t::close(language)}
                </button>
            </div>
        </Dialog>
    }
}

/// One list, and more of it on demand.
#[component]
fn MarkedList(scene: Scene, mark: Mark, title: &'static str, none: &'static str) -> impl IntoView {
    let opened = scene.opened;
    let teller = scene.teller;
    let language = teller.language;
    let refusal = RwSignal::new(None::<String>);
    let messages = RwSignal::new(Vec::<Message>::new());
    let has_more = RwSignal::new(false);
    let is_read = RwSignal::new(false);
    let read = move || {
        let before = messages.with_untracked(|messages| messages.last().map(|message| message.position));
        let call = opened.client().call(ListMarkedMessages {
            conversation: opened.id,
            mark,
            before,
        });
        leptos::task::spawn_local(async move {
            match call.await {
                Ok(found) => {
                    let _ = messages.try_update(|messages| messages.extend(found.messages));
                    let _ = has_more.try_set(found.has_more);
                    let _ = is_read.try_set(true);
                }
                Err(error) => {
                    opened.session().notice(&error);
                    let _ = refusal.try_set(Some(teller.refusal(&error)));
                }
            }
        });
    };
    read();
    opened.live().listen(move |event| {
        if let EventKind::MessageChanged { message, .. } = &event.kind {
            messages.update(|messages| {
                if let Some(listed) = messages.iter_mut().find(|listed| listed.id == message.id) {
                    listed.clone_from(message);
                }
            });
        }
    });
    let items = move || {
        messages
            .get()
            .into_iter()
            .map(|message| item(scene, message))
            .collect_view()
    };
    view! {
        <section class="marked" aria-label=title>
            <h3 class="section__title">{title}</h3>
            {problem(refusal)}
            {move || {
                let is_empty = is_read.get() && messages.with(Vec::is_empty);
                is_empty.then(|| view! { <p class="section__note">{none}</p> })
            }}
            <ul class="marked__list" role="list">
                {items}
            </ul>
            {move || has_more.get().then(|| view! {
                <button class="button button--link" type="button" on:click=move |_| read()>
                    {t::older(language)}
                </button>
            })}
        </section>
    }
}

fn item(scene: Scene, message: Message) -> AnyView {
    let opened = scene.opened;
    let language = scene.teller.language;
    let now = use_now();
    let quote = Quote::of(&message);
    let author = author_name(opened, language, message.author);
    let civil = now.civil(message.sent_at);
    let go = move |_| {
        opened.stop_asking();
        opened.acting.update(|acting| acting.jump = Some(quote.position));
    };
    view! {
        <li>
            <button class="quote" type="button" on:click=go>
                <span class="quote__author">
                    {author}
                    " · "
                    <time datetime=format::machine(civil)>{format::list_time(language, civil, now.today())}</time>
                </span>
                <span class="quote__text" dir="auto">
                    {quote_words(language, &quote)}
                </span>
            </button>
        </li>
    }
    .into_any()
}
