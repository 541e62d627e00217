//! Recordings of this page, one for each conversation: a recording outlives the panel that it was made in, so that whoever
//! goes to another conversation finds it again. What was said is never thrown away by anything but a press.

use std::cell::RefCell;
use std::collections::BTreeMap;

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use web_sys::Blob;

use super::format::chosen;
use super::length::whole;
use super::peaks::{N_BARS, level};
use super::state::{Halt, MOST_MS, Refusal, State};
use crate::api::ApiError;
use crate::attachments::{Whose, door, whose};
use crate::browser::voice::{Look, Recording, Voice, is_secure};
use crate::conversations::Opened;

/// How often the level is looked at, in milliseconds.
const LOOK_EVERY_MS: u32 = 100;

/// What a panel shows of a recording.
#[derive(Clone)]
pub(super) struct Take {
    /// How far it has come.
    pub(super) state: ArcRwSignal<State>,
    /// How long it is, in whole seconds.
    pub(super) seconds: ArcRwSignal<u32>,
    /// How loud its last seconds were, while it goes on.
    pub(super) bars: ArcRwSignal<Vec<f32>>,
}

struct Held {
    take: Take,
    recording: Option<Recording>,
    file: Option<Blob>,
    /// The file is on its way into the box: until that has gone well or not, nothing else becomes of it.
    is_attaching: bool,
    /// Which question to the browser counts: whoever has turned away since wants no answer.
    turn: u32,
}

thread_local! {
    static HELD: RefCell<BTreeMap<Whose, Held>> = const { RefCell::new(BTreeMap::new()) };
}

fn with<T>(id: Whose, work: impl FnOnce(&mut Held) -> T) -> T {
    HELD.with_borrow_mut(|all| {
        work(all.entry(id).or_insert_with(|| Held {
            take: Take {
                state: ArcRwSignal::new(State::Ready),
                seconds: ArcRwSignal::new(0),
                bars: ArcRwSignal::new(Vec::new()),
            },
            recording: None,
            file: None,
            is_attaching: false,
            turn: 0,
        }))
    })
}

/// The recording of a conversation.
pub(super) fn take_of(id: Whose) -> Take {
    with(id, |held| held.take.clone())
}

/// The recorded file.
pub(super) fn file_of(id: Whose) -> Option<Blob> {
    with(id, |held| held.file.clone())
}

/// Whether a recording waits for the person to come back.
pub(super) fn was_left(id: Whose) -> bool {
    with(id, |held| held.recording.is_some() || held.file.is_some())
}

/// Records, anew if there was something before: that stays until the microphone is there.
pub(super) fn begin(id: Whose) {
    let state = take_of(id).state;
    let goes_on = matches!(
        state.get_untracked(),
        State::Asking | State::Going | State::Paused(_)
    );
    if goes_on || with(id, |held| held.is_attaching) {
        return;
    }
    let turn = with(id, |held| {
        held.turn += 1;
        held.turn
    });
    state.set(State::Asking);
    leptos::task::spawn_local(async move {
        let begun = start().await;
        let is_wanted = with(id, |held| held.turn == turn);
        match begun {
            Ok((voice, recording)) if is_wanted => follow(id, &voice, recording).await,
            // The person has turned away while the browser asked.
            Ok((_, recording)) => drop(recording.end().await),
            Err(refusal) if is_wanted => state.set(State::Refused(refusal)),
            Err(_) => {}
        }
    });
}

async fn start() -> Result<(Voice, Recording), Refusal> {
    if !is_secure() {
        return Err(Refusal::Insecure);
    }
    let voice = Voice::load().await.ok_or(Refusal::Broken)?;
    if !voice.can_record() {
        return Err(Refusal::Unable);
    }
    let format = chosen(|format| voice.writes(format)).ok_or(Refusal::Unable)?;
    let recording = voice.record(format, MOST_MS).await;
    recording
        .map(|recording| (voice, recording))
        .map_err(|name| Refusal::of(&name))
}

/// Shows a recording until it ends, for whatever reason; then keeps it.
async fn follow(id: Whose, voice: &Voice, recording: Recording) {
    let Take { state, seconds, bars } = take_of(id);
    with(id, |held| {
        held.file = None;
        held.recording = Some(recording.clone());
    });
    voice.hold(true);
    bars.set(Vec::new());
    seconds.set(0);
    let halt = loop {
        let Some(Look {
            state: now,
            why,
            ms,
            wave,
        }) = recording.look()
        else {
            break Halt::Taken;
        };
        let long = whole(ms / 1_000.0);
        if seconds.get_untracked() != long {
            seconds.set(long);
        }
        let next = match now.as_str() {
            "recording" => State::Going,
            "paused" => State::Paused(Halt::of(&why)),
            _ => break Halt::of(&why),
        };
        if next == State::Going {
            bars.update(|bars| {
                bars.push(level(&wave));
                let n_gone = bars.len().saturating_sub(N_BARS);
                bars.drain(..n_gone);
            });
        }
        if state.get_untracked() != next {
            state.set(next);
        }
        TimeoutFuture::new(LOOK_EVERY_MS).await;
    };
    // Its length and shape are the player's business: a browser may take long for them, or for ever.
    let file = recording.end().await.filter(|file| file.size() > 0.0);
    let is_there = file.is_some();
    with(id, |held| {
        held.recording = None;
        held.file = file;
    });
    if is_there {
        state.set(State::Kept(halt));
    } else {
        voice.hold(was_anything_left());
        state.set(State::Refused(Refusal::Broken));
    }
}

/// Lets it wait.
pub(super) fn pause(id: Whose) {
    with(id, |held| held.recording.clone()).inspect(Recording::pause);
}

/// Lets it go on.
pub(super) fn resume(id: Whose) {
    with(id, |held| held.recording.clone()).inspect(Recording::resume);
}

/// Ends it.
pub(super) fn end(id: Whose) {
    if let Some(recording) = with(id, |held| held.recording.clone()) {
        leptos::task::spawn_local(async move { drop(recording.end().await) });
    }
}

/// The person turns away: a question is answered for nobody, a recording ends and is kept.
pub(super) fn leave(id: Whose) {
    with(id, |held| held.turn += 1);
    end(id);
    let state = take_of(id).state;
    if matches!(state.get_untracked(), State::Asking | State::Refused(_)) {
        let has_file = file_of(id).is_some();
        state.set(if has_file {
            State::Kept(Halt::Person)
        } else {
            State::Ready
        });
    }
}

/// Throws it away.
pub(super) fn discard(id: Whose) {
    if with(id, |held| held.is_attaching) {
        return;
    }
    let state = with(id, |held| {
        held.file = None;
        held.take.state.clone()
    });
    state.set(State::Ready);
    leptos::task::spawn_local(async move {
        if let Some(voice) = Voice::load().await {
            voice.hold(was_anything_left());
        }
    });
}

/// How many there are that are not attached.
pub(super) fn n_left() -> usize {
    HELD.with_borrow(|all| {
        all.values()
            .filter(|held| held.recording.is_some() || held.file.is_some())
            .count()
    })
}

fn was_anything_left() -> bool {
    n_left() > 0
}

/// Puts it into the box, where it is a file like others; whether this press did so. A second press, while the first is at it,
/// does not.
///
/// # Errors
/// As for any file; then it stays here.
pub(super) async fn attach(opened: Opened, name: String) -> Result<bool, ApiError> {
    let id = whose(opened);
    let file = with(id, |held| {
        let file = held.file.clone().filter(|_| !held.is_attaching);
        held.is_attaching |= file.is_some();
        file
    });
    let Some(file) = file else { return Ok(false) };
    let taken = door::take_sound(opened, file, &name).await;
    with(id, |held| held.is_attaching = false);
    taken?;
    discard(id);
    Ok(true)
}
