//! The directory at the foot of the Network page, which is also where a search shows what it found.

use leptos::ev::{MouseEvent, SubmitEvent};
use leptos::prelude::*;

use super::capitalized;
use super::card::ContactCard;
use super::live_people::LivePeople;
use super::query::{Query, Wish};
use super::sections::NetworkSection;
use crate::apart::apart;
use crate::friendships::{Change, Standing};
use crate::i18n::{error_words, use_language, words::contacts::network, words::contacts::search as t};
use crate::ui::{Drawing, Empty, Icon, IconName};

/// Everybody who stands in no section above; while searching, everybody who matches.
#[component]
pub(super) fn DirectorySection(
    live: LivePeople,
    query: Query,
    /// The professions to filter by.
    professions: Vec<String>,
    /// The workplaces to filter by.
    workplaces: Vec<String>,
) -> impl IntoView {
    let language = use_language();
    let is_search = live.is_search();
    let listed = Memo::new(move |_| {
        let is_search = is_search.get();
        live.people.with(|people| people.directory(is_search))
    });
    let is_empty = Memo::new(move |_| listed.with(Vec::is_empty));
    let n_found = Signal::derive(move || {
        if is_search.get() {
            live.people.with(|people| people.total)
        } else {
            0
        }
    });
    let on_changed = Callback::new(move |change: Change| {
        if change.relation.relation == Standing::RequestSent {
            // The card stays where it was pressed.
            let _ = live.people.try_update(|people| people.keep(change.account));
        }
        live.change(&change);
    });
    let aside = view! { <Filters live query professions workplaces/> }.into_any();
    view! {
        <NetworkSection id="annuaire" title=network::directory(language) count=n_found aside>
            {move || live.refusal.get().map(|error| view! {
                <p class="field__error" role="alert">
                    <Icon name=IconName::Warning small=true/>
                    <span>{error_words(language, &error)}</span>
                </p>
            })}
            <ul class="contact-grid" role="list" hidden=move || is_empty.get()>
                {apart(move || view! {
                    <For each=move || listed.get() key=|account| *account let:account>
                        {live.follow(account).map(|person| view! { <ContactCard person place="annuaire" on_changed/> })}
                    </For>
                }.into_any())}
            </ul>
            <Show when=move || is_empty.get() && is_search.get()>
                <Empty title=t::nobody(language) text=Some(t::nobody_text(language).to_owned()) drawing=Drawing::Search>
                    <ClearLink live query/>
                </Empty>
            </Show>
            <Results live/>
        </NetworkSection>
    }
}

/// The two filters and the way out of a search.
#[component]
fn Filters(
    live: LivePeople,
    query: Query,
    professions: Vec<String>,
    workplaces: Vec<String>,
) -> impl IntoView {
    let language = use_language();
    // A search that found nobody has its way out below.
    let has_found = Memo::new(move |_| {
        live.shown.with(|shown| !shown.is_empty()) && live.people.with(|people| people.total > 0)
    });
    view! {
        <div class="filters">
            <Filter
                name="profession"
                label=t::profession(language)
                all=t::all_professions(language)
                values=professions
                chosen=query.profession
            />
            <Filter
                name="workplace"
                label=t::workplace(language)
                all=t::all_workplaces(language)
                values=workplaces
                chosen=query.workplace
            />
            <button class="button button--outline filters__submit" type="submit" form=Query::FORM>
                {t::filter(language)}
            </button>
            <Show when=move || has_found.get()>
                <ClearLink live query/>
            </Show>
        </div>
    }
}

/// One filter; without a script it goes with the search form.
#[component]
fn Filter(
    name: &'static str,
    label: &'static str,
    all: &'static str,
    values: Vec<String>,
    chosen: RwSignal<String>,
) -> impl IntoView {
    let first = chosen.get_untracked();
    let options: Vec<_> = values
        .into_iter()
        .map(|value| {
            let selected = value == first;
            let words = capitalized(&value);
            view! { <option value=value selected=selected>{words}</option> }
        })
        .collect();
    view! {
        <div class="select filters__select">
            <select
                class="chip chip--press"
                name=name
                form=Query::FORM
                aria-label=label
                prop:value=move || chosen.get()
                on:change=move |event| chosen.set(event_target_value(&event))
            >
                <option value="">{all}</option>
                {options}
            </select>
            <Icon name=IconName::ChevronDown small=true/>
        </div>
    }
}

/// Back to the whole page: an ordinary link where there is no script.
#[component]
fn ClearLink(live: LivePeople, query: Query) -> impl IntoView {
    let language = use_language();
    let press = move |press: MouseEvent| {
        press.prevent_default();
        live.clear(query);
        focus("[role=search] input[type=search]");
    };
    view! { <a class="button button--link" href="/reseau" on:click=press>{t::clear(language)}</a> }
}

/// How many there are, and more of them.
#[component]
fn Results(live: LivePeople) -> impl IntoView {
    let language = use_language();
    let is_search = live.is_search();
    let total = Memo::new(move |_| live.people.with(|people| people.total));
    let next = Memo::new(move |_| live.people.with(|people| people.next));
    let count = move || {
        if is_search.get() {
            t::results(language, total.get())
        } else {
            t::in_all(language, total.get())
        }
    };
    let more = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(after) = next.get_untracked() else { return };
        let wish = live.shown.get_untracked();
        let n_listed = live
            .people
            .with_untracked(|people| people.directory(is_search.get_untracked()).len());
        // The focus goes to the first of the newcomers.
        let place = format!(
            "#annuaire .contact-card:nth-child({}) .contact-card__name",
            n_listed + 1
        );
        live.search(wish, Some(after), move || focus(&place));
    };
    view! {
        <div class="results">
            <p>{count}</p>
            {move || next.get().map(|after| {
                let fields: Vec<_> = live
                    .shown
                    .with(Wish::fields)
                    .into_iter()
                    .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
                    .collect();
                view! {
                    <form method="post" on:submit=more>
                        <input type="hidden" name="operation" value=Query::OPERATION/>
                        <input type="hidden" name="after" value=after.to_string()/>
                        {fields}
                        <button class="button button--outline" type="submit">{t::more(language)}</button>
                    </form>
                }
            })}
        </div>
    }
}

/// Gives the focus to what the selector finds, once it is drawn.
fn focus(selector: &str) {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast;

        let selector = selector.to_owned();
        request_animation_frame(move || {
            request_animation_frame(move || {
                let found = document().query_selector(&selector).ok().flatten();
                if let Some(found) = found.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()) {
                    // Only an element that has left the page refuses the focus.
                    let _ = found.focus();
                }
            });
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = selector;
}
