//! The panel of a recording: what goes on, how long it is and how loud, and what one may do next. Before anything is recorded
//! it says how long a message may be.

use leptos::html::Section;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::length::{clock, spoken};
use super::peaks::path;
use super::state::{Halt, MOST_MS, Refusal, State};
use super::{Panel, Sound, Source, format, player, take};
use crate::accounts::Language;
use crate::api::ApiError;
use crate::attachments::whose;
use crate::browser::now_ms;
use crate::browser::voice::type_of;
use crate::conversations::Opened;
use crate::i18n::{error_words, use_language, words::attachments::voice as t};
use crate::now::{Now, use_now};
use crate::ui::{Icon, IconName};

/// The panel of a conversation, while it is open.
pub(super) fn draw(opened: Opened, panel: Panel) -> impl IntoView {
    let now = use_now();
    on_cleanup(move || take::leave(whose(opened)));
    move || panel.0.get().then(|| view! { <Opening opened panel now/> })
}

#[component]
fn Opening(opened: Opened, panel: Panel, now: Now) -> impl IntoView {
    let language = use_language();
    let id = whose(opened);
    let node = NodeRef::<Section>::new();
    let state = RwSignal::from(take::take_of(id).state);
    let problem = RwSignal::new(None::<ApiError>);
    let close = move || {
        take::leave(id);
        panel.0.set(false);
        focus(".compose__voice");
    };
    // What was pressed is gone with each step: the first thing that one may do next has the focus.
    Effect::new(move |_| {
        state.track();
        problem.set(None);
        let Some(section) = node.get() else { return };
        request_animation_frame(move || {
            let is_typing = document()
                .query_selector(".compose__text:focus")
                .is_ok_and(|area| area.is_some());
            let first = section.query_selector("button").ok().flatten();
            if let Some(first) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok())
                && !is_typing
            {
                // Only an element that has left the page refuses the focus.
                let _ = first.focus();
            }
        });
    });
    let attach = Callback::new(move |()| {
        let kind = take::file_of(id).map(|file| type_of(&file)).unwrap_or_default();
        let name = format::file_name(language, untrack(|| now.civil(now_ms())), &kind);
        leptos::task::spawn_local(async move {
            match take::attach(opened, name).await {
                Ok(true) => {
                    // The person may have gone to another conversation meanwhile.
                    if panel.0.try_set(false).is_none() {
                        // All that is left is to send it.
                        request_animation_frame(|| focus(".compose__send"));
                    }
                }
                Ok(false) => {}
                Err(error) => {
                    let _ = problem.try_set(Some(error));
                }
            }
        });
    });
    let button = move |class: &'static str, label: &'static str, act: Callback<()>| {
        view! {
            <button class=class type="button" on:click=move |_| act.run(())>
                {label}
            </button>
        }
        .into_any()
    };
    let record = Callback::new(move |()| {
        player::hush();
        take::begin(id);
    });
    let close = Callback::new(move |()| close());
    let acts = move || match state.get() {
        State::Ready => vec![
            button("button button--primary", t::record(language), record),
            button("button button--quiet", t::close(language), close),
        ],
        State::Asking => vec![button("button button--quiet", t::close(language), close)],
        State::Going => vec![
            button(
                "button button--primary",
                t::stop(language),
                Callback::new(move |()| take::end(id)),
            ),
            button(
                "button button--outline",
                t::pause_recording(language),
                Callback::new(move |()| take::pause(id)),
            ),
        ],
        State::Paused(_) => vec![
            button(
                "button button--primary",
                t::resume(language),
                Callback::new(move |()| {
                    player::hush();
                    take::resume(id);
                }),
            ),
            button(
                "button button--outline",
                t::stop(language),
                Callback::new(move |()| take::end(id)),
            ),
        ],
        State::Kept(_) => vec![
            button("button button--primary", t::attach(language), attach),
            button("button button--outline", t::again(language), record),
            button(
                "button button--danger-quiet",
                t::discard(language),
                Callback::new(move |()| take::discard(id)),
            ),
        ],
        State::Refused(_) => vec![
            button("button button--outline", t::retry(language), record),
            button("button button--quiet", t::close(language), close),
        ],
    };
    view! {
        <section class="voice" aria-label=t::title(language) node_ref=node>
            <p class="voice__words" role="status">
                {move || said(language, state.get(), untrack(move || take::take_of(id).seconds.get()))}
            </p>
            {move || shown(language, opened, state.get())}
            {move || {
                problem
                    .get()
                    .map(|error| view! { <p class="voice__problem" role="alert">{error_words(language, &error)}</p> })
            }}
            <div class="voice__acts">{acts}</div>
        </section>
    }
}

/// What goes on, in a sentence.
fn said(language: Language, state: State, seconds: u32) -> String {
    let words = match state {
        State::Ready => t::limit(language),
        State::Asking => t::asking(language),
        State::Going => t::going(language),
        State::Paused(Halt::Hidden) => t::waits::hidden(language),
        State::Paused(Halt::Taken) => t::waits::taken(language),
        State::Paused(_) => t::waits::person(language),
        State::Kept(Halt::Full) => t::kept::full(language),
        State::Kept(Halt::Waited) => t::kept::waited(language),
        State::Kept(Halt::Hidden | Halt::Taken) => t::kept::taken(language),
        State::Kept(Halt::Person) => return t::kept::person(language, &spoken(seconds)),
        State::Refused(refusal) => match refusal {
            Refusal::Insecure => t::refused::insecure(language),
            Refusal::Unable => t::refused::unable(language),
            Refusal::NotAllowed => t::refused::not_allowed(language),
            Refusal::NoMicrophone => t::refused::no_microphone(language),
            Refusal::Busy => t::refused::busy(language),
            Refusal::Broken => t::refused::broken(language),
        },
    };
    words.to_owned()
}

/// What is to be seen, or heard, of a recording.
fn shown(language: Language, opened: Opened, state: State) -> AnyView {
    let take = take::take_of(whose(opened));
    match state {
        State::Going | State::Paused(_) => {
            let (seconds, bars) = (take.seconds, take.bars);
            let class = if state == State::Going {
                "voice__meter"
            } else {
                "voice__meter voice__meter--waits"
            };
            view! {
                <p class=class>
                    <span class="voice__dot" aria-hidden="true"></span>
                    {player::wave(move || bars.with(|bars| path(bars)))}
                    <span class="voice__time" role="timer">
                        {move || format!("{} / {}", clock(seconds.get()), clock(MOST_MS / 1_000))}
                    </span>
                </p>
            }
            .into_any()
        }
        State::Kept(_) => {
            let size = take::file_of(whose(opened))
                .map(|file| file.size())
                .unwrap_or_default();
            player::draw(Sound {
                name: t::recording(language).to_owned(),
                size: u64::from(super::length::whole(size)),
                source: Source::Take(whose(opened)),
            })
            .into_any()
        }
        State::Ready | State::Asking => ().into_any(),
        State::Refused(_) => view! { <Icon name=IconName::Warning small=true/> }.into_any(),
    }
}

fn focus(selector: &str) {
    let found = document().query_selector(selector).ok().flatten();
    if let Some(found) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
        let _ = found.focus();
    }
}
