//! The Network: search on top, then requests received, friends, requests sent, the directory, all on one page that the
//! tabs walk through. A search shows its matches alone.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

use super::directory::DirectorySection;
use super::live_people::LivePeople;
use super::people::People;
use super::query::{Query, Wish};
use super::sections::{FriendsSection, ReceivedSection, SentSection};
use super::{Friends, ListFriends, PeoplePage};
use crate::api::{AccountId, ApiError};
use crate::asked::ask;
use crate::boot::use_boot;
use crate::friendships::{Change, FriendRequests, ListFriendRequests, PostedRefusal};
use crate::i18n::{error_words, use_language, words::contacts::network as t, words::contacts::search as s};
use crate::live::{Mark, use_live};
use crate::ui::{Notice, SearchField, SegmentLink, Segments, SkeletonCards, Tone};

/// The page `/reseau`.
#[component]
pub fn NetworkPage() -> impl IntoView {
    let language = use_language();
    let boot = use_boot();
    let (wish, after) = boot.with_value(|boot| match boot.posted_by(Query::OPERATION) {
        Some(posted) => (
            Wish::posted(posted),
            posted.field("after").and_then(|id| id.parse::<AccountId>().ok()),
        ),
        None => (Wish::default(), None),
    });
    // What was posted belongs to this drawing of the page; coming back to it starts anew.
    Effect::new(move |_| boot.update_value(|boot| boot.posted = None));
    let query = Query::new(wish.clone());
    let operation = wish.to_operation(after);
    let mark = use_live().mark();
    // Three questions at once; each is awaited below.
    let friends = ask(|| Some(ListFriends {}));
    let requests = ask(|| Some(ListFriendRequests {}));
    let page = ask(move || Some(operation.clone()));
    let drawn = move || {
        let wish = wish.clone();
        Suspend::new(async move {
            match (
                friends.answer().await,
                requests.answer().await,
                page.answer().await,
            ) {
                (Ok(friends), Ok(requests), Ok(page)) => {
                    view! { <Sections friends requests page wish query mark/> }.into_any()
                }
                (Err(error), ..) | (_, Err(error), _) | (.., Err(error)) => {
                    view! { <Refused error/> }.into_any()
                }
            }
        })
    };
    let press = move |event: SubmitEvent| {
        event.prevent_default();
        query.n_presses.update(|n| *n = n.wrapping_add(1));
    };
    view! {
        <Title text=t::title(language)/>
        <div class="page">
            <header class="page-header">
                <div class="page-header__titles"><h1 tabindex="-1">{t::title(language)}</h1></div>
                <form class="search-field" id=Query::FORM role="search" method="post" on:submit=press>
                    <input type="hidden" name="operation" value=Query::OPERATION/>
                    <SearchField
                        id="recherche-texte"
                        label=s::label(language)
                        name="text"
                        value=query.text
                        placeholder=Some(s::placeholder(language).to_owned())
                    />
                </form>
            </header>
            <PostedRefusal/>
            <Suspense fallback=move || view! { <SkeletonCards label=t::loading(language)/> }>{drawn}</Suspense>
        </div>
    }
}

/// Tabs and sections, once the people are known.
#[component]
fn Sections(
    friends: Friends,
    requests: FriendRequests,
    page: PeoplePage,
    wish: Wish,
    query: Query,
    mark: Mark,
) -> impl IntoView {
    let language = use_language();
    let (professions, workplaces) = (page.professions.clone(), page.workplaces.clone());
    let live = LivePeople::new(People::new(friends, requests, page), wish, mark);
    query.follow(live);
    let on_changed = Callback::new(move |change: Change| live.change(&change));
    let is_search = live.is_search();
    let found = Memo::new(move |_| is_search.get().then(|| live.people.with(|people| people.total)));
    // Empty until a search has answered, so that the page does not speak when it is drawn.
    let announced = RwSignal::new(String::new());
    Effect::new(move |was: Option<Wish>| {
        let shown = live.shown.get();
        if was.is_some_and(|was| was != shown) {
            announced.set(
                found
                    .get()
                    .map(|total| s::results(language, total))
                    .unwrap_or_default(),
            );
        }
        shown
    });
    view! {
        <div class="network-tabs" hidden=move || is_search.get()><Tabs live/></div>
        <p class="visually-hidden" aria-live="polite">{move || announced.get()}</p>
        <ReceivedSection live on_changed/>
        <FriendsSection live on_changed/>
        <SentSection live on_changed/>
        <DirectorySection live query professions workplaces/>
    }
}

/// The links to the sections.
#[component]
fn Tabs(live: LivePeople) -> impl IntoView {
    let language = use_language();
    let current = RwSignal::new("amis".to_owned());
    follow_hash(current);
    let is_current = move |id: &'static str| Signal::derive(move || current.with(|current| current == id));
    let some = |count: usize| u32::try_from(count).ok().filter(|count| *count > 0);
    let n_friends = Signal::derive(move || live.people.with(|people| some(people.friends().len())));
    let n_sent = Signal::derive(move || live.people.with(|people| some(people.n_sent())));
    let n_received =
        Signal::derive(move || live.people.with(|people| some(people.n_received()).unwrap_or(0)));
    view! {
        <Segments label=t::sections(language)>
            <SegmentLink href="#amis" label=t::friends(language) count=n_friends is_current=is_current("amis")/>
            <SegmentLink
                href="#recues"
                label=t::received(language)
                short=Some(t::received_short(language).to_owned())
                waiting=n_received
                is_current=is_current("recues")
            />
            <SegmentLink
                href="#envoyees"
                label=t::sent(language)
                short=Some(t::sent_short(language).to_owned())
                count=n_sent
                is_current=is_current("envoyees")
            />
            <SegmentLink href="#annuaire" label=t::directory(language) is_current=is_current("annuaire")/>
        </Segments>
    }
}

/// Marks the tab that was pressed, and gives the focus to the heading it leads to.
fn follow_hash(current: RwSignal<String>) {
    let hash = use_location().hash;
    Effect::new(move |earlier: Option<String>| {
        let hash = hash.get();
        let id = hash.trim_start_matches('#').to_owned();
        if ["amis", "recues", "envoyees", "annuaire"].contains(&id.as_str()) {
            #[cfg(feature = "hydrate")]
            if earlier.is_some_and(|earlier| earlier != hash) {
                use wasm_bindgen::JsCast;

                let heading = document().query_selector(&format!("#{id}-titre")).ok().flatten();
                if let Some(heading) = heading.and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) {
                    // Only an element that has left the page refuses the focus.
                    let _ = heading.focus();
                }
            }
            current.set(id);
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = earlier;
        hash
    });
}

/// The people could not be read.
#[component]
fn Refused(error: ApiError) -> impl IntoView {
    let language = use_language();
    let text = error_words(language, &error);
    view! {
        <Notice title=t::refused(language) text=Some(text) tone=Tone::Danger>
            <a class="button button--outline" href="/reseau" rel="external">{t::retry(language)}</a>
        </Notice>
    }
}
