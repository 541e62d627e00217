//! The help page: the three steps in our own words, with pictures of the product itself.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_navigate;

use super::progress;
use crate::accounts::{Language, VisitorBar};
use crate::i18n::{use_language, words::guide as t};
use crate::session::use_session;
use crate::ui::{Icon, IconName};

/// `/aide`: for everybody, signed in or not.
#[component]
pub fn HelpPage() -> impl IntoView {
    let language = use_language();
    let session = use_session();
    view! {
        <Title text=t::title(language)/>
        <div class="page">
            <div class="guide">
                <Show when=move || session.me.with(Option::is_none)>
                    <VisitorBar/>
                </Show>
                <div class="guide__intro">
                    <h1 tabindex="-1">{t::title(language)}</h1>
                    <p class="guide__lead">{t::lead(language)}</p>
                    <Show when=move || session.me.with(Option::is_some)>
                        <Progress/>
                    </Show>
                </div>
                <ol class="steps" role="list">
                    <Step number=1 href="/reseau" title=t::step::one::title(language) text=t::step::one::text(language) picture=t::step::one::picture(language)/>
                    <Step number=2 href="/reseau#amis" title=t::step::two::title(language) text=t::step::two::text(language) picture=t::step::two::picture(language)/>
                    <Step number=3 href="/accueil" title=t::step::three::title(language) text=t::step::three::text(language) picture=t::step::three::picture(language)/>
                </ol>
                <section class="section" aria-labelledby="bon-a-savoir">
                    <h2 class="section__title" id="bon-a-savoir">{t::more::title(language)}</h2>
                    <div class="guide__more">
                        <Fact icon=IconName::PersonPlus title=t::more::request_title(language) text=t::more::request(language)/>
                        <Fact icon=IconName::Lock title=t::more::close_title(language) text=t::more::close(language)/>
                        <Fact icon=IconName::ShieldCheck title=t::more::privacy_title(language) text=t::more::privacy(language)/>
                    </div>
                </section>
            </div>
        </div>
    }
}

/// How far the person has come, and the coach's switch.
#[component]
fn Progress() -> impl IntoView {
    let language = use_language();
    let session = use_session();
    let n_done = Memo::new(move |_| session.me.with(|me| progress::n_done(me.as_ref())));
    let navigate = use_navigate();
    let begin = move |_| {
        let step = session
            .me
            .with_untracked(|me| me.as_ref().map_or(0, |me| me.guide_step));
        progress::turn(true);
        progress::move_to(
            session,
            if (1..progress::DONE).contains(&step) {
                step
            } else {
                1
            },
        );
        navigate("/accueil", leptos_router::NavigateOptions::default());
    };
    let label = move || match n_done.get() {
        0 => t::begin(language),
        3 => t::again(language),
        _ => t::resume(language),
    };
    view! {
        <div class="guide__progress">
            <span class="guide__bars" aria-hidden="true">
                {(1..=3_u8)
                    .map(|step| view! { <span class="guide__bar" class=("guide__bar--done", move || n_done.get() >= step)></span> })
                    .collect_view()}
            </span>
            <span class="section__note">{move || t::progress(language, u64::from(n_done.get()))}</span>
            <button class="button button--outline" type="button" on:click=begin>
                <Icon name=IconName::Play small=true/>
                {label}
            </button>
            <Show when=move || n_done.get() < 3>
                <button
                    class="button button--quiet"
                    type="button"
                    on:click=move |_| {
                        progress::turn(false);
                        progress::move_to(session, progress::DONE);
                    }
                >
                    {t::skip(language)}
                </button>
            </Show>
        </div>
    }
}

#[component]
fn Step(
    number: u8,
    href: &'static str,
    title: &'static str,
    text: &'static str,
    picture: &'static str,
) -> impl IntoView {
    let language = use_language();
    let session = use_session();
    let is_done = Memo::new(move |_| session.me.with(|me| progress::n_done(me.as_ref()) >= number));
    let tongue = match language {
        Language::French => "fr",
        Language::English => "en",
    };
    let source = move |theme: &str| format!("/aide/etape-{number}.{tongue}.{theme}.png");
    view! {
        <li class="card step">
            <div class="step__text">
                <Show
                    when=move || is_done.get()
                    fallback=move || view! { <span class="step__number">{number}</span> }
                >
                    <span class="step__number step__number--done">
                        <Icon name=IconName::Check small=true/>
                        <span class="visually-hidden">{t::step_done(language, &number.to_string())}</span>
                    </span>
                </Show>
                <h2 class="step__title">{title}</h2>
                <p class="step__body">{text}</p>
                <a class="button button--link" href=href>
                    {t::go(language)}
                    <span class="visually-hidden">{format!(" : {title}")}</span>
                    <Icon name=IconName::ArrowRight small=true/>
                </a>
            </div>
            <div class="step__scene">
                <picture>
                    <source srcset=source("dark") media="(prefers-color-scheme: dark)"/>
                    <img class="step__picture" src=source("light") alt=picture width="640" height="420" loading="lazy"/>
                </picture>
            </div>
        </li>
    }
}

#[component]
fn Fact(icon: IconName, title: &'static str, text: &'static str) -> impl IntoView {
    view! {
        <div class="card guide__fact">
            <span class="row__icon"><Icon name=icon/></span>
            <h3>{title}</h3>
            <p>{text}</p>
        </div>
    }
}
