//! The coach: a small card that names the next gesture, and an orange ring around the real control.
//!
//! It follows the person instead of leading: arriving in Network is the first step, opening a conversation the second,
//! sending the third, however they got there. It never takes the focus and never stands in the way.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::progress;
use crate::i18n::{use_language, words::guide::coach as t};
use crate::session::{Session, use_session};
use crate::ui::{Icon, IconName};

/// What the ring goes around at each step.
#[cfg(feature = "hydrate")]
const TARGETS: [&str; 3] = [
    "nav a[href='/reseau']",
    ".contact-card__plane, main .button[href^='/messages/']",
    ".compose__send",
];

/// The coach, wherever the person is; drawn in the browser alone.
#[component]
pub fn Coach() -> impl IntoView {
    let language = use_language();
    let session = use_session();
    let is_on = RwSignal::new(false);
    let has_target = RwSignal::new(true);
    let step = Memo::new(move |_| session.me.with(|me| me.as_ref().map_or(0, |me| me.guide_step)));
    let path = use_location().pathname;
    follow(session, step, path, is_on, has_target);
    let text = move || match step.get() {
        1 => t::one(language),
        2 if !has_target.get() => t::two_none(language),
        2 => t::two(language),
        _ => t::three(language),
    };
    let turn_off = move || {
        progress::turn(false);
        is_on.set(false);
    };
    view! {
        <Show when=move || is_on.get() && progress::is_under_way(step.get())>
            <div class="coach coach--floating" role="group" aria-label=move || t::label(language, &step.get().to_string())>
                <p class="coach__head">
                    <span class="pointer">
                        <span class="pointer__number">{move || step.get()}</span>
                        {t::of(language)}
                    </span>
                </p>
                <p class="coach__text" role="status">{text}</p>
                <div class="coach__actions">
                    <button class="button button--quiet" type="button" on:click=move |_| turn_off()>
                        {t::later(language)}
                    </button>
                    <button
                        class="button button--outline"
                        type="button"
                        on:click=move |_| {
                            turn_off();
                            progress::move_to(session, progress::DONE);
                        }
                    >
                        {t::skip(language)}
                        <Icon name=IconName::Close small=true/>
                    </button>
                </div>
            </div>
        </Show>
    }
}

/// Moves the step with the person, and the ring with the step.
fn follow(
    session: Session,
    step: Memo<u8>,
    path: Memo<String>,
    is_on: RwSignal<bool>,
    has_target: RwSignal<bool>,
) {
    #[cfg(feature = "hydrate")]
    {
        use crate::api::EventKind;
        use crate::live::use_live;
        use crate::ui::use_toasts;

        let language = use_language();
        let toasts = use_toasts();
        Effect::new(move |_| {
            let (step, path) = (step.get(), path.get());
            is_on.set(progress::is_on());
            if !progress::is_on() {
                return;
            }
            if step == 1 && path.starts_with("/reseau") {
                progress::move_to(session, 2);
            } else if (step == 1 || step == 2) && path.starts_with("/messages/") {
                progress::move_to(session, 3);
            }
        });
        use_live().listen(move |event| {
            let EventKind::MessageSent { message, .. } = &event.kind else {
                return;
            };
            let is_mine = session
                .me
                .with_untracked(|me| me.as_ref().is_some_and(|me| me.id == message.author));
            if is_mine && step.get_untracked() == 3 && progress::is_on() {
                progress::turn(false);
                is_on.set(false);
                progress::move_to(session, progress::DONE);
                toasts.say(t::finished(language));
            }
        });
        // Pages fill in their own time: look for the control again while the coach is on.
        Effect::new(move |_| {
            ring(is_on.get(), step.get(), has_target);
            path.track();
        });
        set_interval(
            move || ring(is_on.get_untracked(), step.get_untracked(), has_target),
            std::time::Duration::from_millis(500),
        );
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (session, step, path, is_on, has_target);
}

/// Puts the ring around the step's control, and takes it from any other.
#[cfg(feature = "hydrate")]
fn ring(is_on: bool, step: u8, has_target: RwSignal<bool>) {
    let wanted = (is_on && (1..progress::DONE).contains(&step))
        .then(|| TARGETS.get(usize::from(step) - 1))
        .flatten();
    let target = wanted.and_then(|selector| document().query_selector(selector).ok().flatten());
    if let Ok(ringed) = document().query_selector_all("main .pointed--live, nav .pointed--live") {
        for index in 0..ringed.length() {
            use wasm_bindgen::JsCast;
            let element = ringed
                .get(index)
                .and_then(|node| node.dyn_into::<web_sys::Element>().ok());
            if let Some(element) = element.filter(|element| target.as_ref() != Some(element)) {
                let _ = element.class_list().remove_2("pointed", "pointed--live");
            }
        }
    }
    if let Some(target) = &target {
        let _ = target.class_list().add_2("pointed", "pointed--live");
    }
    if wanted.is_some() && has_target.get_untracked() != target.is_some() {
        has_target.set(target.is_some());
    }
}
