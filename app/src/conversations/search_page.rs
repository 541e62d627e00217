//! Looking for messages: in all conversations, or in one. A plain form that posts to its own page, so that what was typed is
//! in no address; where there is a script it asks by itself whenever the keys rest.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_location, use_query_map};

use super::search_hits::Results;
use super::search_wish::Wish;
use super::searching::Searching;
use super::{FoundMessages, GetConversation, SearchMessages};
use crate::api::{ApiError, ConversationId, MessageId, Operation};
use crate::asked::ask;
use crate::boot::use_boot;
use crate::contacts::Person;
use crate::i18n::{error_words, use_language, words::conversations::search as t};
use crate::now::use_now;
use crate::root::NotFound;
use crate::session::use_session;
use crate::ui::{Field, Icon, IconName, Notice, SearchField, SelectField, SkeletonRows, Tone};

/// The id of the field that is typed into; links lead to it.
pub(super) const FIELD: &str = "chercher";

/// `/recherche`; `?dans=<conversation>` searches that one alone.
#[component]
pub fn SearchPage() -> impl IntoView {
    let query = use_query_map();
    let inside =
        Memo::new(move |_| query.with(|query| query.get("dans").map(|id| id.parse::<ConversationId>().ok())));
    move || match inside.get() {
        None => view! { <Search inside=None/> }.into_any(),
        Some(Some(conversation)) => view! { <Search inside=Some(conversation)/> }.into_any(),
        Some(None) => NotFound().into_any(),
    }
}

/// A search of one conversation, or of all.
#[component]
fn Search(inside: Option<ConversationId>) -> impl IntoView {
    let language = use_language();
    let boot = use_boot();
    let now = use_now();
    let (wish, after) = boot.with_value(|boot| match boot.posted_by(SearchMessages::NAME) {
        Some(posted) => (
            Wish::posted(posted),
            posted.field("after").and_then(|id| id.parse::<MessageId>().ok()),
        ),
        None => (Searching::recalled(inside), None),
    });
    // What was posted belongs to this drawing of the page; coming back to it starts anew.
    Effect::new(move |_| boot.update_value(|boot| boot.posted = None));
    let is_asked = !wish.is_empty();
    let operation = wish.to_operation(inside, after, |at| now.civil(at));
    let header = ask(move || inside.map(|conversation| GetConversation { conversation }));
    let found = ask(move || is_asked.then(|| operation.clone()));
    let drawn = move || {
        let wish = wish.clone();
        Suspend::new(async move {
            let friend = match (inside, header.answer().await) {
                (None, _) => None,
                (Some(_), Ok(opened)) => Some(opened.conversation.friend),
                (Some(_), Err(ApiError::NotFound | ApiError::Malformed)) => return NotFound().into_any(),
                (Some(_), Err(error)) => return view! { <Refused error/> }.into_any(),
            };
            let found = if is_asked {
                Some(found.answer().await)
            } else {
                None
            };
            view! { <SearchForm inside friend wish found/> }.into_any()
        })
    };
    view! {
        <Title text=t::title(language)/>
        <div class="page search">
            <Suspense fallback=move || view! { <SkeletonRows label=t::loading(language)/> }>{drawn}</Suspense>
        </div>
    }
}

/// The form, and what it has found.
#[component]
fn SearchForm(
    inside: Option<ConversationId>,
    friend: Option<Person>,
    wish: Wish,
    found: Option<Result<FoundMessages, ApiError>>,
) -> impl IntoView {
    let language = use_language();
    let searching = Searching::new(inside, wish, found);
    searching.follow();
    let press = move |event: SubmitEvent| {
        event.prevent_default();
        searching.n_presses.update(|n| *n = n.wrapping_add(1));
    };
    let back = inside.map_or_else(|| "/accueil".to_owned(), |id| format!("/messages/{id}"));
    let name = friend.as_ref().map(|friend| friend.name.clone());
    let sub = name.as_ref().map_or_else(
        || t::everywhere(language).to_owned(),
        |name| t::inside(language, name),
    );
    let widen = inside.map(|_| {
        view! { <a class="button button--link" href=format!("/recherche#{FIELD}")>{t::widen(language)}</a> }
    });
    let field = NodeRef::new();
    take_focus(field);
    view! {
        <header class="page-header">
            <a class="button button--icon" href=back aria-label=t::back(language)>
                <Icon name=IconName::ArrowLeft/>
            </a>
            <div class="page-header__titles">
                <h1 tabindex="-1">{t::title(language)}</h1>
                <p class="page-header__sub">{sub}</p>
            </div>
            <div class="page-header__actions">{widen}</div>
        </header>
        <form class="search__form" role="search" method="post" on:submit=press>
            <input type="hidden" name="operation" value=SearchMessages::NAME/>
            <div class="search__line">
                <SearchField
                    id=FIELD
                    label=t::label(language)
                    name="text"
                    value=searching.text
                    placeholder=Some(t::placeholder(language).to_owned())
                    node_ref=field
                />
                <button class="button button--primary" type="submit">{t::submit(language)}</button>
            </div>
            {move || {
                // Drawn anew when they are taken back.
                searching.n_widened.track();
                view! { <Filters searching friend=friend.clone()/> }
            }}
        </form>
        <Results searching is_everywhere=inside.is_none()/>
    }
}

/// Who wrote, when, and what else is in the message.
#[component]
fn Filters(searching: Searching, friend: Option<Person>) -> impl IntoView {
    let language = use_language();
    let session = use_session();
    let me = session.me.with_untracked(|me| me.as_ref().map(|me| me.id));
    let mut authors = vec![(String::new(), t::from_anyone(language).to_owned())];
    authors.extend(me.map(|me| (me.to_string(), t::from_me(language).to_owned())));
    authors.extend(friend.map(|friend| (friend.id.to_string(), friend.name)));
    let is_open = searching.is_narrow();
    let ticked = searching.has_link;
    view! {
        <details class="search__filters" open=is_open>
            <summary class="button button--link">{t::filters(language)}</summary>
            <div class="search__fields">
                <SelectField
                    id="de"
                    label=t::from(language)
                    name="from"
                    options=authors
                    selected=searching.from.get_untracked()
                    on_change=Callback::new(move |from| searching.from.set(from))
                />
                <Field id="depuis" label=t::since(language) name="since" kind="date" value=searching.since/>
                <Field id="jusque" label=t::until(language) name="until" kind="date" value=searching.until/>
                <label class="check">
                    <input
                        type="checkbox"
                        name="has"
                        value="link"
                        checked=ticked.get_untracked()
                        on:change=move |event| ticked.set(event_target_checked(&event))
                    />
                    {t::has_link(language)}
                </label>
            </div>
        </details>
    }
}

/// A link to the field takes the focus there.
fn take_focus(field: NodeRef<leptos::html::Input>) {
    let hash = use_location().hash;
    Effect::new(move |_| {
        if let Some(field) = field.get()
            && hash.get().trim_start_matches('#') == FIELD
        {
            // After a navigation it is made before it stands in the page.
            request_animation_frame(move || {
                // Only an element that has left the page refuses the focus.
                let _ = field.focus();
            });
        }
    });
}

/// The conversation could not be read.
#[component]
fn Refused(error: ApiError) -> impl IntoView {
    let language = use_language();
    use_session().notice(&error);
    view! {
        <Notice title=t::refused(language) text=Some(error_words(language, &error)) tone=Tone::Danger>
            <a class="button button--outline" href="" rel="external">{t::retry(language)}</a>
        </Notice>
    }
}
