//! The page of one conversation: the list beside it from 900 px, details from 1280 px, the conversation alone on a phone.

use std::collections::BTreeMap;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use leptos_router::params::ParamsMap;
use serde::Deserialize;

use super::act_forms::message_forms;
use super::acts_view::Acts;
use super::announce::Announcer;
use super::closed::ClosedBar;
use super::compose::Compose;
use super::details::Details;
use super::draft::DraftKeeper;
use super::header::{Header, Questions};
use super::history::History;
use super::jumps::{JumpDown, JumpUp};
use super::list::{ConversationList, ConversationRows};
use super::opened::{Opened, PAGE};
use super::reading::Reading;
use super::slot::slot;
use super::{GetConversation, ListConversations, OpenedConversation, ReadTimeline, TimelinePage};
use crate::api::{ApiError, Client, ConversationId, EventKind, json};
use crate::asked::{ask, ask_with};
use crate::chunk::when_whole_here;
use crate::contacts::GetProfile;
use crate::i18n::{error_words, use_language, words};
use crate::late::is_live_page;
use crate::live::use_live;
use crate::root::NotFound;
use crate::session::use_session;
use crate::ui::{Icon, IconName, Notice, SkeletonRows, Tone};

/// What a conversation opens with.
///
/// Last, the friend's number, if it is known yet: in a browser the details ask for it afterwards.
#[derive(Deserialize)]
struct Opening(OpenedConversation, TimelinePage, Option<String>);

/// `/messages/<conversation>`; `?avant=<position>` shows older messages, without a script as well.
#[component]
pub fn ConversationPage() -> impl IntoView {
    let language = use_language();
    let params = use_params_map();
    let query = use_query_map();
    let id =
        Memo::new(move |_| params.with(|params| params.get("conversation")?.parse::<ConversationId>().ok()));
    let place = Memo::new(move |_| query.with(Place::of));
    let wanted = move || id.get().zip(Some(place.get()));
    let live = use_live();
    let mark = StoredValue::new(live.mark());
    let opening = ask_with::<Opening>(
        // Read again where it is asked: a change of either asks anew.
        move || format!("{:?}", wanted()),
        move |client, _| {
            mark.set_value(live.mark());
            Box::pin(open(client, untrack(wanted)))
        },
    );
    let told = follow_positions();
    let was_on_page = is_live_page();
    follow_viewport();
    view! {
        <div class="conversation-layout">
            <ListPane current=id/>
            <Suspense fallback=move || {
                view! {
                    <section class="conversation conversation--loading" aria-label=words::conversations::region(language)>
                        <SkeletonRows label=words::conversations::loading(language)/>
                    </section>
                }
            }>
                {move || Suspend::new(async move {
                    match opening.answer().await {
                        Ok(Opening(OpenedConversation { conversation }, page, phone)) => {
                            let expected = told
                                .with_value(|told| told.get(&conversation.id).copied())
                                .unwrap_or_default();
                            let opened = Opened::new(conversation, page, expected, mark.get_value());
                            view! { <ConversationView opened phone is_navigation=was_on_page || is_live_page()/> }.into_any()
                        }
                        Err(ApiError::NotFound | ApiError::Malformed) => NotFound().into_any(),
                        Err(error) => view! { <Refused error/> }.into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
}

/// Which part of the conversation the address asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    /// What stands before this position.
    before: Option<u64>,
    /// What stands around this one: a message to go to, to answer, to do something with.
    around: Option<u64>,
}

impl Place {
    fn of(query: &ParamsMap) -> Self {
        let position = |name: &str| query.get(name)?.parse().ok();
        Self {
            before: position("avant"),
            around: ["autour", "message", "repondre"].into_iter().find_map(position),
        }
    }
}

/// Reads the header, then the page where reading goes on.
async fn open(client: Client, wanted: Option<(ConversationId, Place)>) -> Result<String, ApiError> {
    let (conversation, Place { before, around }) = wanted.ok_or(ApiError::NotFound)?;
    let opened = client.ask(&GetConversation { conversation }).await?;
    let OpenedConversation { conversation: header } = json::read(&opened)?;
    let is_far_up = header.unread_count + 5 > u64::from(PAGE);
    let goes_on = (is_far_up && before.is_none()).then_some(header.read_position + 1);
    let around = around.filter(|_| before.is_none()).or(goes_on);
    let wish = ReadTimeline {
        conversation,
        before,
        after: None,
        around,
        limit: Some(PAGE),
    };
    let page = client.ask(&wish).await?;
    let mut phone = None;
    if cfg!(feature = "ssr") {
        // In process it costs nothing; over a network it would be one more wait.
        let profile = client
            .call(GetProfile {
                account: header.friend.id,
            })
            .await;
        phone = profile.ok().and_then(|profile| profile.phone);
    }
    Ok(format!("[{opened},{page},{}]", json::write(&phone)?))
}

/// The newest positions that events tell of from now on, so that what arrives while a conversation is being read is
/// not missed.
fn follow_positions() -> StoredValue<BTreeMap<ConversationId, u64>> {
    let told = StoredValue::new(BTreeMap::new());
    use_live().listen(move |event| {
        if let EventKind::MessageSent {
            conversation,
            message,
        } = &event.kind
        {
            told.update_value(|told| {
                let position = told.entry(*conversation).or_default();
                *position = message.position.max(*position);
            });
        }
    });
    told
}

/// Keeps the page as high as what the keyboard on the screen leaves of it, where the browser does not (iOS).
fn follow_viewport() {
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        use wasm_bindgen::JsCast;
        use wasm_bindgen::closure::Closure;

        let Some(viewport) = window().visual_viewport() else {
            return;
        };
        let set_height = |value: &str| {
            let html = document()
                .document_element()
                .and_then(|html| html.dyn_into::<web_sys::HtmlElement>().ok());
            if let Some(html) = html {
                // A property that is refused leaves the page as high as it was; an empty one goes.
                let _ = html.style().set_property("--vvh", value);
            }
        };
        let fit = {
            let viewport = viewport.clone();
            move || set_height(&format!("{}px", (viewport.height() * viewport.scale()).round()))
        };
        let callback = Closure::<dyn Fn()>::new(fit);
        let _ = viewport.add_event_listener_with_callback("resize", callback.as_ref().unchecked_ref());
        let held = StoredValue::new_local(Some((viewport, callback)));
        on_cleanup(move || {
            let _ = held.try_update_value(|held| {
                if let Some((viewport, callback)) = held.take() {
                    let _ = viewport
                        .remove_event_listener_with_callback("resize", callback.as_ref().unchecked_ref());
                }
            });
            set_height("");
        });
    });
}

/// An open conversation, and the details beside it.
#[component]
fn ConversationView(opened: Opened, phone: Option<String>, is_navigation: bool) -> impl IntoView {
    let language = use_language();
    let reading = Reading::new(opened);
    let draft = DraftKeeper::new(opened);
    let questions = Questions::new(opened);
    let is_open = Memo::new(move |_| opened.is_open());
    take_focus(is_navigation);
    go_to_found(reading);
    hold_focus(is_open);
    view! {
        // Who it is with stays out of the browser's history, which others at this device can open.
        <Title text=words::conversations::region(language)/>
        <section class="conversation" aria-label=words::conversations::region(language) data-menus="">
            <Header opened questions/>
            <History opened reading/>
            <JumpUp opened reading/>
            <div class="conversation__foot">
                <JumpDown reading/>
                {slot(
                    opened.is_whole,
                    "",
                    || message_forms(opened),
                    move || view! { <Acts opened reading/> }.into_any(),
                )}
                {move || {
                    if is_open.get() {
                        view! { <Compose opened draft/> }.into_any()
                    } else {
                        view! { <ClosedBar opened/> }.into_any()
                    }
                }}
            </div>
            <Announcer opened/>
        </section>
        <Details opened questions phone/>
    }
}

/// After a navigation the focus goes to the heading, which was not there yet when the frame looked for it; after the
/// paper plane to the compose box, which takes it by itself, and from a search to the message.
fn take_focus(is_navigation: bool) {
    Effect::new(move |_| {
        if is_navigation && location_hash().is_none_or(|hash| hash.is_empty()) {
            request_animation_frame(|| focus_on(".conversation__name"));
        }
    });
}

/// Whoever comes from a search is led to the message. Without a script the browser goes there by its id.
fn go_to_found(reading: Reading) {
    when_whole_here(move || {
        let position = location_hash().and_then(|hash| hash.strip_prefix('m')?.parse().ok());
        if let Some(position) = position {
            request_animation_frame(move || reading.show_found(position));
        }
    });
}

/// When the channel closes under the fingers, or opens again, the focus is not lost with the box that goes.
fn hold_focus(is_open: Memo<bool>) {
    Effect::new(move |was_open: Option<bool>| {
        let is_open = is_open.get();
        if was_open.is_some_and(|was_open| was_open != is_open) {
            request_animation_frame(move || {
                let has_focus = document()
                    .active_element()
                    .is_some_and(|active| active.tag_name() != "BODY");
                if !has_focus {
                    focus_on(if is_open { "#ecrire" } else { ".closed-bar" });
                }
            });
        }
        is_open
    });
}

fn focus_on(selector: &str) {
    use leptos::wasm_bindgen::JsCast;
    use leptos::web_sys::HtmlElement;

    let found = document().query_selector(selector).ok().flatten();
    if let Some(found) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
        // Only an element that has left the page refuses the focus.
        let _ = found.focus();
    }
}

/// « Messages directs » beside the conversation; it stays when the conversation changes.
#[component]
fn ListPane(current: Memo<Option<ConversationId>>) -> impl IntoView {
    use words::conversations as t;
    let language = use_language();
    let list = ConversationList::new();
    let read = ask(|| Some(ListConversations::default()));
    view! {
        <section class="list-pane" aria-label=t::title(language)>
            <div class="list-pane__header">
                <div class="list-pane__title">
                    <h2>{t::title(language)}</h2>
                    <a class="button button--icon" href="/recherche#chercher" aria-label=t::search::title(language)>
                        <Icon name=IconName::Search/>
                    </a>
                    <a class="button button--icon" href="/reseau" aria-label=t::new_message(language)>
                        <Icon name=IconName::Compose/>
                    </a>
                </div>
            </div>
            <div class="list-pane__scroll">
                <Suspense fallback=move || view! { <SkeletonRows label=t::loading_list(language)/> }>
                    {move || Suspend::new(async move {
                        match read.answer().await {
                            Ok(answer) => {
                                list.start(answer.conversations);
                                view! { <ConversationRows list current/> }.into_any()
                            }
                            Err(error) => {
                                view! {
                                    <Notice
                                        title=t::refused::list_title(language)
                                        text=Some(error_words(language, &error))
                                        tone=Tone::Danger
                                    />
                                }
                                    .into_any()
                            }
                        }
                    })}
                </Suspense>
            </div>
        </section>
    }
}

/// The conversation could not be read: why, and another try.
#[component]
fn Refused(error: ApiError) -> impl IntoView {
    use words::conversations::refused as t;
    let language = use_language();
    use_session().notice(&error);
    view! {
        <section class="conversation conversation--loading" aria-label=words::conversations::region(language)>
            <Notice title=t::title(language) text=Some(error_words(language, &error)) tone=Tone::Danger>
                <a class="button button--outline" href="" rel="external">
                    {t::retry(language)}
                </a>
            </Notice>
        </section>
    }
}
