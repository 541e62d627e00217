//! What a search has found: people by their names, then messages with the words around what was found, each a link to its
//! place in the conversation.

use leptos::ev::{MouseEvent, SubmitEvent};
use leptos::prelude::*;

use super::search_wish::Wish;
use super::searching::Searching;
use super::{FoundMessages, Hit, SearchMessages, Searched};
use crate::api::{ConversationId, MessageId, Operation};
use crate::contacts::{Person, capitalized, photo_url};
use crate::i18n::{error_words, format, use_language, words::conversations::search as t};
use crate::now::use_now;
use crate::session::use_me;
use crate::ui::{Avatar, AvatarSize, Drawing, Empty, Notice, Tone};

/// The address of a message in its conversation, with its surroundings.
fn address(conversation: ConversationId, position: u64) -> String {
    format!("/messages/{conversation}?autour={position}#m{position}")
}

/// What was found, or why nothing was.
#[component]
pub(super) fn Results(searching: Searching, is_everywhere: bool) -> impl IntoView {
    let language = use_language();
    let summary = Memo::new(move |_| {
        searching
            .shown
            .with(|shown| shown.as_ref().map(|(_, found)| summary(language, found)))
    });
    // Empty until a search has answered, so that the page does not speak when it is drawn.
    let announced = RwSignal::new(String::new());
    Effect::new(move |earlier: Option<Option<String>>| {
        let now = summary.get();
        if earlier.is_some_and(|earlier| earlier != now) {
            announced.set(now.clone().unwrap_or_default());
        }
        now
    });
    let refusal = move || {
        searching.refusal.get().map(|error| {
            view! { <Notice title=t::failed(language) text=Some(error_words(language, &error)) tone=Tone::Danger/> }
        })
    };
    let found = move || {
        let Some((wish, found)) = searching.shown.get() else {
            let is_refused = searching.refusal.with(Option::is_some);
            return (!is_refused)
                .then(|| view! { <Beginning is_everywhere/> })
                .into_any();
        };
        if found.hits.is_empty() && found.named.is_empty() {
            return view! { <Nothing searching wish found/> }.into_any();
        }
        view! { <Found wish found searching is_everywhere/> }.into_any()
    };
    view! {
        <p class="visually-hidden" aria-live="polite">{move || announced.get()}</p>
        {refusal}
        <div aria-busy=move || searching.is_asking.get().then_some("true")>{found}</div>
    }
}

/// How much was found, and where it was looked for.
fn summary(language: crate::accounts::Language, found: &FoundMessages) -> String {
    format!(
        "{} {}",
        t::results(language, found.total),
        searched(language, &found.searched)
    )
}

fn searched(language: crate::accounts::Language, searched: &Searched) -> String {
    let place = match searched.conversation_count {
        0 => t::searched_none(language).to_owned(),
        1 => t::searched_one(language, searched.message_count),
        n_conversations => t::searched(
            language,
            searched.message_count,
            &format::number(language, n_conversations),
        ),
    };
    if searched.ignored.is_empty() {
        return place;
    }
    let ignored: Vec<&str> = searched.ignored.iter().map(|word| word.0.as_str()).collect();
    format!("{place} {}", t::ignored(language, &ignored.join(", ")))
}

/// Before anything was typed.
#[component]
fn Beginning(is_everywhere: bool) -> impl IntoView {
    let language = use_language();
    let text = if is_everywhere {
        t::begin_text(language)
    } else {
        t::begin_inside(language)
    };
    view! {
        <Section>
            <Empty title=t::begin_title(language) text=Some(text.to_owned()) drawing=Drawing::Search/>
        </Section>
    }
}

/// The messages, under a heading that only a screen reader needs.
#[component]
fn Section(children: Children) -> impl IntoView {
    let language = use_language();
    view! {
        <section class="section" aria-labelledby="trouves">
            <h2 class="visually-hidden" id="trouves">{t::messages(language)}</h2>
            {children()}
        </section>
    }
}

/// Nothing was found: what was searched, and what may help.
#[component]
fn Nothing(searching: Searching, wish: Wish, found: FoundMessages) -> impl IntoView {
    let language = use_language();
    let widen = wish.is_narrow().then(|| {
        let press = move |_: MouseEvent| searching.widen();
        view! {
            <button class="button button--outline needs-script" type="button" on:click=press>
                {t::clear_filters(language)}
            </button>
        }
    });
    let text = format!(
        "{} {}",
        searched(language, &found.searched),
        t::nothing_text(language)
    );
    view! {
        <Section>
            <Empty title=t::nothing(language) text=Some(text) drawing=Drawing::Search>{widen}</Empty>
        </Section>
    }
}

/// The people, the messages, and more of them.
#[component]
fn Found(wish: Wish, found: FoundMessages, searching: Searching, is_everywhere: bool) -> impl IntoView {
    let language = use_language();
    let people = found.people.clone();
    let find = move |conversation: ConversationId| {
        people
            .iter()
            .find(|person| person.conversation == Some(conversation))
            .cloned()
    };
    let hits: Vec<_> = found
        .hits
        .iter()
        .cloned()
        .map(|hit| {
            let person = find(hit.conversation).filter(|_| is_everywhere);
            view! { <HitRow hit person/> }
        })
        .collect();
    let named: Vec<_> = found
        .named
        .iter()
        .cloned()
        .map(|person| view! { <NamedRow person/> })
        .collect();
    let has_named = !named.is_empty();
    let has_hits = !hits.is_empty();
    view! {
        {has_named.then(|| view! {
            <section class="section" aria-labelledby="personnes">
                <h2 class="section__title" id="personnes">{t::people(language)}</h2>
                <ul class="card search__people" role="list">{named}</ul>
            </section>
        })}
        <section class="section" aria-labelledby="trouves">
            <h2 class="section__title" id="trouves">{t::messages(language)}</h2>
            <p class="search__summary">{summary(language, &found)}</p>
            {has_hits.then(|| view! { <ol class="card search__hits" role="list">{hits}</ol> })}
            {found.next.map(|after| view! { <More wish=wish.clone() after searching n_shown=found.hits.len()/> })}
        </section>
    }
}

/// A person: a link to the conversation.
#[component]
fn NamedRow(person: Person) -> impl IntoView {
    let photo = photo_url(person.id, person.photo);
    let href = person.conversation.map_or_else(
        || format!("/reseau/{}", person.id),
        |id| format!("/messages/{id}"),
    );
    view! {
        <li>
            <a class="search__hit" href=href>
                <Avatar name=person.name.clone() photo_url=photo tint_seed=person.id.0.as_u128() size=AvatarSize::Small/>
                <span class="search__what">
                    <span class="search__name" dir="auto">{person.name.clone()}</span>
                    " "
                    <span class="search__role">
                        {format!("{} · {}", capitalized(&person.profession), person.workplace)}
                    </span>
                </span>
            </a>
        </li>
    }
}

/// A message: who, when, and the words around what was found.
#[component]
fn HitRow(hit: Hit, person: Option<Person>) -> impl IntoView {
    let language = use_language();
    let now = use_now();
    let me = use_me().with_untracked(|me| me.as_ref().map(|me| me.id));
    let is_mine = Some(hit.message.author) == me;
    let at = hit.message.sent_at;
    let excerpt: Vec<_> = hit
        .excerpt
        .into_iter()
        .map(|part| {
            if part.is_match {
                view! { <mark>{part.text}</mark> }.into_any()
            } else {
                part.text.into_any()
            }
        })
        .collect();
    let who = person.as_ref().map(|person| {
        let photo = photo_url(person.id, person.photo);
        view! {
            <Avatar name=person.name.clone() photo_url=photo tint_seed=person.id.0.as_u128() size=AvatarSize::Small/>
        }
    });
    let name = person.map(|person| view! { <span class="search__name" dir="auto">{person.name}</span> " " });
    view! {
        <li>
            <a class="search__hit" href=address(hit.conversation, hit.message.position)>
                {who}
                <span class="search__what">
                    <span class="search__head">
                        {name}
                        <time class="search__time" datetime=move || format::machine(now.civil(at))>
                            {move || format::date_time(language, now.civil(at), now.today())}
                        </time>
                    </span>
                    " "
                    <span class="search__excerpt" dir="auto">
                        {is_mine.then(|| view! { <span class="search__mine">{t::mine(language)}</span> " " })}
                        {excerpt}
                    </span>
                </span>
            </a>
        </li>
    }
}

/// The next page: a plain form where there is no script.
#[component]
fn More(wish: Wish, after: MessageId, searching: Searching, n_shown: usize) -> impl IntoView {
    let language = use_language();
    let fields: Vec<_> = wish
        .fields()
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect();
    let more = move |event: SubmitEvent| {
        event.prevent_default();
        // The focus goes to the first of the newcomers.
        let place = format!(".search__hits li:nth-child({}) a", n_shown + 1);
        searching.more(after, move || focus(&place));
    };
    view! {
        <form class="results" method="post" on:submit=more>
            <input type="hidden" name="operation" value=SearchMessages::NAME/>
            <input type="hidden" name="after" value=after.to_string()/>
            {fields}
            <button class="button button--outline" type="submit">{t::more(language)}</button>
        </form>
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

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_address_holds_ids_and_positions_alone() {
        let conversation = ConversationId(Uuid::from_u128(7));

        assert_eq!(
            address(conversation, 1_204),
            "/messages/00000000-0000-0000-0000-000000000007?autour=1204#m1204"
        );
    }
}
