//! The sections of the Network page above the directory: requests received, friends, requests sent.

use leptos::prelude::*;

use super::card::ContactCard;
use super::live_people::LivePeople;
use super::people::People;
use crate::apart::apart;
use crate::friendships::{Change, IgnoreAll, RequestCard, SentRow};
use crate::i18n::{use_language, words::contacts::network as t};
use crate::ui::{Drawing, Empty};

/// Cards that fill the first screen of a tablet.
const N_FIRST: usize = 6;

/// A section with its heading, which can take the focus; the count stands outside the heading's name.
#[component]
pub(super) fn NetworkSection(
    /// Its id: the tab leads there.
    id: &'static str,
    /// The heading.
    title: &'static str,
    /// A number after it; nothing at zero.
    #[prop(optional, into)]
    count: Option<Signal<u64>>,
    /// What stands at the end of the heading's line.
    #[prop(optional)]
    aside: Option<AnyView>,
    /// Whether it makes room for a search.
    #[prop(optional, into)]
    is_hidden: Signal<bool>,
    children: Children,
) -> impl IntoView {
    let count = move || count.map(|count| count.get()).filter(|count| *count > 0);
    view! {
        <section class="section" id=id aria-labelledby=format!("{id}-titre") hidden=move || is_hidden.get()>
            <div class="section__header">
                <div class="section__title">
                    <h2 id=format!("{id}-titre") tabindex="-1">{title}</h2>
                    {move || count().map(|count| view! { <span class="section__count">{count}</span> })}
                </div>
                {aside}
            </div>
            {children()}
        </section>
    }
}

/// The requests that await an answer from the person.
#[component]
pub(super) fn ReceivedSection(live: LivePeople, on_changed: Callback<Change>) -> impl IntoView {
    let language = use_language();
    let requests = Memo::new(move |_| live.people.with(People::received));
    let count = Signal::derive(move || requests.with(|list| list.len() as u64));
    let aside = view! {
        <p class="section__note" hidden=move || count.get() == 0>{t::silent(language)}</p>
        <IgnoreAll requests on_ignored=move |accounts| live.put_aside(accounts)/>
    }
    .into_any();
    view! {
        <NetworkSection id="recues" title=t::received(language) count aside is_hidden=live.is_search()>
            <div class="request-grid" hidden=move || count.get() == 0>
                <For
                    each=move || requests.get()
                    key=|request| (request.person.id, request.note.is_some(), request.person.photo)
                    let:request
                >
                    <RequestCard request on_changed wide=true/>
                </For>
            </div>
            <p class="section__note" hidden=move || count.get() != 0>{t::none_received(language)}</p>
        </NetworkSection>
    }
}

/// The friends, each with a paper plane.
#[component]
pub(super) fn FriendsSection(live: LivePeople, on_changed: Callback<Change>) -> impl IntoView {
    let language = use_language();
    let friends = Memo::new(move |_| live.people.with(|people| people.friends().to_vec()));
    let count = Signal::derive(move || friends.with(|list| list.len() as u64));
    let is_empty = Memo::new(move |_| count.get() == 0);
    view! {
        <NetworkSection id="amis" title=t::friends(language) count is_hidden=live.is_search()>
            <ul class="contact-grid" role="list" hidden=move || is_empty.get()>
                {apart(move || view! {
                    <For each=move || friends.get() key=|account| *account let:account>
                        {live.follow(account).map(|person| {
                            let first = live.people.with_untracked(|people| people.friends().iter().take(N_FIRST).any(|it| *it == account));
                            view! { <ContactCard person place="amis" is_first=first on_changed/> }
                        })}
                    </For>
                }.into_any())}
            </ul>
            <Show when=move || is_empty.get()>
                <Empty
                    title=t::no_friends::title(language)
                    text=Some(t::no_friends::text(language).to_owned())
                    drawing=Drawing::Person
                >
                    <a class="button button--outline" href="#annuaire">{t::no_friends::action(language)}</a>
                </Empty>
            </Show>
        </NetworkSection>
    }
}

/// The requests that await the others' answers.
#[component]
pub(super) fn SentSection(live: LivePeople, on_changed: Callback<Change>) -> impl IntoView {
    let language = use_language();
    let requests = Memo::new(move |_| live.people.with(People::sent));
    let count = Signal::derive(move || requests.with(|list| list.len() as u64));
    view! {
        <NetworkSection id="envoyees" title=t::sent(language) count is_hidden=live.is_search()>
            <ul class="card rows" role="list" hidden=move || count.get() == 0>
                <For each=move || requests.get() key=|request| (request.person.id, request.person.photo) let:request>
                    <SentRow request on_changed/>
                </For>
            </ul>
            <p class="section__note" hidden=move || count.get() != 0>{t::none_sent(language)}</p>
        </NetworkSection>
    }
}
