//! Voice messages: recorded on the device, heard and recorded again as often as one likes, then a file like others; and the
//! player of every sound in a bubble.
//!
//! - `button`: the way in, beside the compose box. `state`: how far a recording has come, and what stopped it.
//! - `take`: recordings of this page. `recorder`: the panel around one.
//! - `player`: plays a sound. `speed`: how fast. `length`: how long it is, in words. `peaks`: its shape.
//! - `format`: in which format a browser records.
//!
//! The panel and the player are in the chunk of the files, which comes when the first of them is wanted; what the browser does
//! in its own language is in `app/src/browser/voice.js`.

use leptos::prelude::*;

use crate::api::AttachmentId;
use crate::attachments::Whose;

mod button;

pub mod format;
pub mod length;
pub mod peaks;
pub mod speed;
pub mod state;

#[cfg(feature = "hydrate")]
mod player;
#[cfg(feature = "hydrate")]
mod recorder;
#[cfg(feature = "hydrate")]
mod take;

pub(crate) use button::voice_button;

/// Whether the panel of a conversation is open.
#[derive(Clone, Copy)]
pub(super) struct Panel(RwSignal<bool>);

/// A sound that may be played. `Debug` hides what it is called.
#[derive(Clone)]
pub struct Sound {
    /// What it is called.
    pub name: String,
    /// How many bytes it has.
    pub size: u64,
    /// Where it is.
    pub source: Source,
}

impl std::fmt::Debug for Sound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sound({:?}, …)", self.source)
    }
}

/// Where a sound is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// On the server.
    Attachment(AttachmentId),
    /// On this page, recorded for that conversation and not attached yet.
    Take(Whose),
}

/// How many recordings of this page are not attached: they rest nowhere else.
pub(crate) fn n_left() -> usize {
    #[cfg(feature = "hydrate")]
    return take::n_left();
    #[cfg(not(feature = "hydrate"))]
    0
}

/// The panel of a recording, for the conversation around it.
#[component]
pub fn Recorder() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    return recorder::draw(expect_context(), expect_context()).into_any();
    #[cfg(not(feature = "hydrate"))]
    ().into_any()
}

/// The player of the [`Sound`] around it.
#[component]
pub fn Player() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    return player::draw(expect_context()).into_any();
    #[cfg(not(feature = "hydrate"))]
    ().into_any()
}
