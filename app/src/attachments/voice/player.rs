//! The player of a sound: play and pause, its shape, which is also the way to any place of it, how long it is, and how fast it
//! is played. The file is brought when it is first seen, a large one when it is first played; one that is small and short is
//! drawn. One sound plays at a time.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::ev::KeyboardEvent;
use leptos::html::Div;
use leptos::prelude::*;
use web_sys::Blob;

use super::length::{clock, place, whole};
use super::peaks::{HEIGHT, MOST_DRAWN_BYTES, N_BARS, WIDTH, may_be_decoded, path, peaks};
use super::speed::Speed;
use super::{Sound, Source, take};
use crate::attachments::shown::file_url;
use crate::browser::voice::{Audio, Voice};
use crate::i18n::{use_language, words::attachments::voice as t};
use crate::ui::{Icon, IconName};

/// What an arrow goes back or on, in seconds.
const STEP_S: f64 = 5.0;
/// The slider counts in these, of a second.
const TICKS: f64 = 10.0;
/// Where a device keeps how fast its person listens.
const KEPT_SPEED: &str = "pli-speed";

thread_local! {
    /// What plays, or played last, or will play once its file is here: only the newest press counts.
    static PLAYING: RefCell<Option<Rc<Audio>>> = const { RefCell::new(None) };
    /// How fast everything is played.
    static SPEED: ArcRwSignal<Speed> = ArcRwSignal::new(kept_speed());
}

fn kept_speed() -> Speed {
    let storage = window().local_storage().ok().flatten();
    let kept = storage.and_then(|storage| storage.get_item(KEPT_SPEED).ok().flatten());
    Speed::of_code(&kept.unwrap_or_default())
}

fn keep_speed(speed: Speed) {
    if let Some(storage) = window().local_storage().ok().flatten() {
        // What is refused here lasts as long as the page.
        let _ = storage.set_item(KEPT_SPEED, speed.code());
    }
}

/// Silences what plays, and what would begin once its file is here.
pub(super) fn hush() {
    if let Some(playing) = PLAYING.take() {
        playing.pause();
    }
}

/// Whether this is what was pressed last.
fn is_last(audio: &Rc<Audio>) -> bool {
    PLAYING.with_borrow(|last| last.as_ref().is_some_and(|last| Rc::ptr_eq(last, audio)))
}

/// How far the file has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Away,
    Coming,
    Here,
    /// It did not come.
    Unreached,
    /// This browser does not play it.
    Unplayable,
}

#[derive(Clone, Copy)]
struct Heard {
    sound: StoredValue<Sound>,
    audio: StoredValue<Option<Rc<Audio>>, LocalStorage>,
    phase: RwSignal<Phase>,
    is_playing: RwSignal<bool>,
    /// Somebody has pressed before the file was here.
    is_wanted: RwSignal<bool>,
    at: RwSignal<f64>,
    length: RwSignal<Option<f64>>,
    bars: RwSignal<Vec<f32>>,
}

impl Heard {
    fn new(sound: Sound) -> Self {
        let playing = Self {
            sound: StoredValue::new(sound),
            audio: StoredValue::new_local(None),
            phase: RwSignal::new(Phase::Away),
            is_playing: RwSignal::new(false),
            is_wanted: RwSignal::new(false),
            at: RwSignal::new(0.0),
            length: RwSignal::new(None),
            bars: RwSignal::new(Vec::new()),
        };
        let audio = Audio::new(move || playing.look()).map(Rc::new);
        playing.audio.set_value(audio);
        on_cleanup(move || {
            let Some(own) = playing.audio() else { return };
            own.pause();
            if is_last(&own) {
                hush();
            }
        });
        playing
    }

    /// None once the bubble is gone.
    fn audio(self) -> Option<Rc<Audio>> {
        self.audio.try_get_value().flatten()
    }

    /// Something has changed.
    fn look(self) {
        let Some(audio) = self.audio() else { return };
        let _ = self.at.try_set(audio.at());
        let _ = self.is_playing.try_set(audio.is_playing());
        if let Some(length) = audio.length() {
            let _ = self.length.try_set(Some(length));
        }
        if audio.has_failed() {
            // What fails counts as playing until somebody stops it.
            audio.pause();
            let _ = self.is_playing.try_set(false);
            let _ = self.phase.try_set(Phase::Unplayable);
        }
    }

    fn press(self) {
        let Some(audio) = self.audio() else { return };
        if audio.is_playing() {
            self.is_wanted.set(false);
            audio.pause();
            return;
        }
        // Brought again it would be the same.
        if self.phase.get_untracked() == Phase::Unplayable {
            return;
        }
        PLAYING.with_borrow_mut(|last| {
            if let Some(last) = last.as_ref().filter(|last| !Rc::ptr_eq(last, &audio)) {
                last.pause();
            }
            *last = Some(audio.clone());
        });
        self.is_wanted.set(true);
        // Within the press, even before the file is here: some browsers let no sound begin otherwise.
        audio.play();
        self.bring();
    }

    /// Brings the file, once; plays it if that is wanted; draws it.
    fn bring(self) {
        if matches!(
            self.phase.get_untracked(),
            Phase::Coming | Phase::Here | Phase::Unplayable
        ) {
            return;
        }
        self.phase.set(Phase::Coming);
        leptos::task::spawn_local(async move {
            let source = self.sound.with_value(|sound| sound.source);
            let voice = Voice::load().await;
            let file = match (source, &voice) {
                (Source::Take(id), _) => take::file_of(id),
                (Source::Attachment(id), Some(voice)) => voice.fetched(&file_url(id)).await,
                (Source::Attachment(_), None) => None,
            };
            let Some(audio) = self.audio() else { return };
            let is_wanted = self.is_wanted.get_untracked();
            let Some(file) = file else {
                audio.pause();
                let _ = self.is_playing.try_set(false);
                // Who has not asked for it need not hear that it has not come.
                let _ = self
                    .phase
                    .try_set(if is_wanted { Phase::Unreached } else { Phase::Away });
                return;
            };
            audio.load(&file);
            audio.set_speed(SPEED.with(|speed| speed.get_untracked()).factor());
            let _ = self.phase.try_set(Phase::Here);
            // Meanwhile somebody may have pressed another one, or begun to record.
            if is_wanted && is_last(&audio) {
                audio.play();
            }
            if let Some(voice) = voice {
                self.shape(&voice, &file).await;
            }
        });
    }

    /// Learns how long it is, then its shape, unless that would take too much memory.
    async fn shape(self, voice: &Voice, file: &Blob) {
        if !self.is_small() {
            return;
        }
        let Some(seconds) = voice.length(file).await else {
            return;
        };
        // What a browser records says nothing of its length.
        let _ = self
            .length
            .try_update(|length| *length = length.or(Some(seconds)));
        let bytes = self.sound.try_with_value(|sound| sound.size);
        if bytes.is_some_and(|bytes| may_be_decoded(bytes, seconds))
            && let Some(samples) = voice.samples(file).await
        {
            let _ = self.bars.try_set(peaks(&samples));
        }
    }

    fn is_small(self) -> bool {
        self.sound
            .try_with_value(|sound| sound.size <= MOST_DRAWN_BYTES)
            .unwrap_or(false)
    }

    fn seek(self, seconds: f64) {
        let Some(audio) = self.audio() else { return };
        let end = self.length.get_untracked().unwrap_or(f64::MAX);
        audio.seek(seconds.clamp(0.0, end));
        self.at.set(seconds.clamp(0.0, end));
    }

    fn pressed(self, press: &KeyboardEvent) {
        let by = match press.key().as_str() {
            "ArrowLeft" | "ArrowDown" => -STEP_S,
            "ArrowRight" | "ArrowUp" => STEP_S,
            _ => return,
        };
        press.prevent_default();
        self.seek(self.at.get_untracked() + by);
    }

    /// How much of it has been played, in hundredths.
    fn played(self) -> u32 {
        let length = self.length.get().filter(|length| *length > 0.0);
        length.map_or(0, |length| whole(100.0 * self.at.get() / length).min(100))
    }
}

/// The shape of a sound.
pub(super) fn wave(path: impl Fn() -> String + Send + 'static) -> impl IntoView {
    view! {
        <svg
            class="wave"
            viewBox=format!("0 0 {WIDTH} {HEIGHT}")
            preserveAspectRatio="none"
            aria-hidden="true"
        >
            <path d=path></path>
        </svg>
    }
}

/// A player.
pub(super) fn draw(sound: Sound) -> impl IntoView {
    let language = use_language();
    let name = StoredValue::new(sound.name.clone());
    let is_taken = matches!(sound.source, Source::Take(_));
    let playing = Heard::new(sound);
    let node = NodeRef::<Div>::new();
    let speed = RwSignal::from(SPEED.with(Clone::clone));
    // A recording is here; a file that is small enough comes when it is seen.
    Effect::new(move |_| {
        let Some(player) = node.get() else { return };
        if is_taken {
            playing.bring();
        } else if playing.is_small() {
            leptos::task::spawn_local(async move {
                if let Some(voice) = Voice::load().await {
                    voice.seen(&player).await;
                    if playing.audio().is_some() {
                        playing.bring();
                    }
                }
            });
        }
    });
    Effect::new(move |_| {
        let speed = speed.get();
        if let Some(audio) = playing.audio() {
            audio.set_speed(speed.factor());
        }
    });
    let act_label = move || {
        name.with_value(|name| {
            if playing.is_playing.get() {
                t::pause(language, name)
            } else {
                t::play(language, name)
            }
        })
    };
    let act_icon = move || {
        let name = if playing.is_playing.get() {
            IconName::Pause
        } else {
            IconName::Play
        };
        view! { <Icon name/> }
    };
    let drawing = Memo::new(move |_| {
        playing.bars.with(|bars| {
            if bars.is_empty() {
                path(&[0.0; N_BARS])
            } else {
                path(bars)
            }
        })
    });
    let ticks = |seconds: f64| whole(seconds * TICKS).to_string();
    let at = Memo::new(move |_| whole(playing.at.get()));
    let length = Memo::new(move |_| playing.length.get().map(whole));
    let times = move || match length.get() {
        Some(length) => format!("{} / {}", clock(at.get()), clock(length)),
        None => clock(at.get()),
    };
    let problem = move || {
        let words = match playing.phase.get() {
            Phase::Unreached => t::unreached(language),
            Phase::Unplayable => t::unplayable(language),
            Phase::Away | Phase::Coming | Phase::Here => return None,
        };
        Some(view! { <p class="player__problem">{words}</p> })
    };
    view! {
        <div
            class="player"
            node_ref=node
            // A press in here is none on the bubble around.
            on:click=move |press| press.stop_propagation()
        >
            <button
                class="button button--icon button--soft player__play"
                type="button"
                aria-label=act_label
                on:click=move |_| playing.press()
            >
                {act_icon}
            </button>
            <span class="player__track">
                {wave(move || drawing.get())}
                <span
                    class="player__played"
                    style:clip-path=move || format!("inset(0 {}% 0 0)", 100 - playing.played())
                >
                    {wave(move || drawing.get())}
                </span>
                <input
                    class="player__slider"
                    type="range"
                    min="0"
                    step="1"
                    max=move || ticks(playing.length.get().unwrap_or_default())
                    prop:value=move || ticks(playing.at.get())
                    prop:disabled=move || playing.length.get().is_none() || playing.phase.get() != Phase::Here
                    aria-label=name.with_value(|name| t::position(language, name))
                    aria-valuetext=move || place(language, at.get(), length.get())
                    on:input=move |event| {
                        if let Ok(ticks) = event_target_value(&event).parse::<f64>() {
                            playing.seek(ticks / TICKS);
                        }
                    }
                    on:keydown=move |press| playing.pressed(&press)
                />
            </span>
            <span class="player__time">{times}</span>
            <button
                class="button button--quiet player__speed"
                type="button"
                aria-label=move || t::speed(language, speed.get().words(language))
                on:click=move |_| {
                    let next = speed.get_untracked().next();
                    speed.set(next);
                    keep_speed(next);
                }
            >
                {move || speed.get().words(language)}
            </button>
            <div class="player__said" role="status">{problem}</div>
        </div>
    }
}
