//! Accueil: what waits for the person, then their conversations, then their people.

use leptos::prelude::*;
use leptos_meta::Title;

use super::ListConversations;
use super::list::{ConversationList, ConversationRows};
use super::people::{HomePeople, Requests, RowOfFriends};
use crate::accounts::AccountNews;
use crate::asked::ask;
use crate::contacts::ListFriends;
use crate::friendships::ListFriendRequests;
use crate::i18n::{Civil, error_words, format, use_language, words};
use crate::now::use_now;
use crate::session::use_session;
use crate::ui::{Drawing, Empty, Icon, IconName, Notice, SkeletonRows, Tone};

/// `/accueil`.
#[component]
pub fn HomePage() -> impl IntoView {
    use words::home as t;
    let language = use_language();
    let session = use_session();
    let name = move || {
        session
            .me
            .with(|me| me.as_ref().map(|me| me.given_name.clone()).unwrap_or_default())
    };
    view! {
        <Title text=t::title(language)/>
        <div class="page">
            <header class="page-header">
                <div class="page-header__titles">
                    <h1 tabindex="-1">{move || t::hello(language, &name())}</h1>
                </div>
                <div class="page-header__actions">
                    <a class="button button--icon only-phone" href="/aide" aria-label=words::frame::nav::help(language)>
                        <Icon name=IconName::Help/>
                    </a>
                </div>
                <Summary/>
            </header>
            <News/>
            <div class="home">
                <DirectMessages/>
                <div class="home__aside">
                    <People/>
                    <FirstSteps/>
                </div>
            </div>
        </div>
    }
}

/// Something happened to the account that its owner has not said to know of.
#[component]
fn News() -> impl IntoView {
    use words::accounts::security as t;
    let language = use_language();
    let session = use_session();
    let has_news = Memo::new(move |_| {
        session
            .me
            .with(|me| me.as_ref().is_some_and(|me| me.n_unseen_notices > 0))
    });
    view! {
        <Show when=move || has_news.get()>
            <AccountNews text=t::news_text(language)>
                <a class="button button--outline" href="/parametres/securite">{t::see(language)}</a>
            </AccountNews>
        </Show>
    }
}

/// The day, and what waits.
#[component]
fn Summary() -> impl IntoView {
    use words::home as t;
    let language = use_language();
    let session = use_session();
    let now = use_now();
    let date = move || {
        let today = now.today();
        // Seen from far enough away, today is written out.
        let afar = Civil {
            day_number: today.day_number + 30,
            ..today
        };
        crate::contacts::capitalized(&format::day_name(language, today, afar))
    };
    let waiting = move || {
        let badges = session.badges.get();
        let unread = (badges.unread_count > 0).then(|| t::unread(language, badges.unread_count));
        let requests = (badges.request_count > 0).then(|| t::requests(language, badges.request_count));
        if unread.is_none() && requests.is_none() {
            return view! { <span>{t::nothing(language)}</span> }.into_any();
        }
        let joint = (unread.is_some() && requests.is_some()).then(|| t::and(language));
        view! {
            <span>
                {unread.map(|words| view! { <strong>{words}</strong> })}
                {joint}
                {requests.map(|words| view! { <strong>{words}</strong> })}
                "."
            </span>
        }
        .into_any()
    };
    view! {
        <p class="home__summary">
            <span>{date} ". "</span>
            {waiting}
        </p>
    }
}

/// The conversations, last active first.
#[component]
fn DirectMessages() -> impl IntoView {
    use words::conversations as t;
    let language = use_language();
    let list = ConversationList::new();
    let read = ask(|| Some(ListConversations::default()));
    let is_empty = Memo::new(move |_| list.rows().with(Vec::is_empty));
    let rows = move || {
        if is_empty.get() {
            view! {
                <Empty title=t::row::none_title(language) text=Some(t::row::none_text(language).to_owned()) drawing=Drawing::Person>
                    <a class="button button--primary" href="/reseau">
                        {t::row::none_action(language)}
                    </a>
                </Empty>
            }
            .into_any()
        } else {
            view! { <ConversationRows list class="card conversation-list--card"/> }.into_any()
        }
    };
    view! {
        <section class="section" aria-labelledby="messages-directs">
            <div class="section__header">
                <h2 class="section__title" id="messages-directs">
                    {t::title(language)}
                </h2>
                <a class="button button--icon" href="/recherche#chercher" aria-label=t::search::title(language)>
                    <Icon name=IconName::Search/>
                </a>
                <a class="button button--link" href="/reseau">
                    <Icon name=IconName::Compose small=true/>
                    {words::home::new_message(language)}
                </a>
            </div>
            <Suspense fallback=move || view! { <SkeletonRows label=t::loading_list(language) n_rows=5/> }>
                {move || Suspend::new(async move {
                    match read.answer().await {
                        Ok(answer) => {
                            list.start(answer.conversations);
                            rows.into_any()
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
        </section>
    }
}

/// Requests received, then friends to write to.
#[component]
fn People() -> impl IntoView {
    let people = HomePeople::new();
    let requests = ask(|| Some(ListFriendRequests {}));
    let friends = ask(|| Some(ListFriends {}));
    view! {
        <Suspense fallback=|| ()>
            {move || Suspend::new(async move {
                let (Ok(requests), Ok(friends)) = (requests.answer().await, friends.answer().await) else {
                    return ().into_any();
                };
                people.start(requests.received, friends.friends);
                view! {
                    <Requests people/>
                    <RowOfFriends people/>
                }
                    .into_any()
            })}
        </Suspense>
    }
}

/// The way into the three-step guide, until it is done.
#[component]
fn FirstSteps() -> impl IntoView {
    use words::home::guide as t;
    let language = use_language();
    let session = use_session();
    let n_done = move || {
        session
            .me
            .with(|me| me.as_ref().map_or(0, |me| me.guide_step.saturating_sub(1)))
    };
    move || {
        let n_done = n_done();
        (n_done < 3).then(|| {
            let dots = (0..3)
                .map(|step| {
                    let class =
                        if step < n_done { "first-steps__dot first-steps__dot--done" } else { "first-steps__dot" };
                    view! { <span class=class></span> }
                })
                .collect_view();
            view! {
                <section class="section" aria-label=t::label(language)>
                    <a class="card first-steps" href="/aide">
                        <span class="row__icon">
                            <Icon name=IconName::Plane/>
                        </span>
                        <span>
                            <span class="row__title">{t::title(language)}</span>
                            <span class="first-steps__dots" role="img" aria-label=t::done(language, u64::from(n_done))>
                                {dots}
                            </span>
                        </span>
                        <Icon name=IconName::ChevronRight small=true/>
                    </a>
                </section>
            }
        })
    }
}
