//! A picture is changed before it leaves the device: cropped, turned, marked, and what must not be seen made unreadable in its
//! pixels. What is sent is made anew from what is seen; the picture as it was is never sent, and not kept.
//!
//! - `geometry`: places in a picture. `acts`: what was done, and what is being drawn.
//! - `redact`: what makes a part unreadable, for ever.
//! - `desk`: the state of the editor, and what each press does to it. `said`: what a screen reader is told. `view`: the dialog.
//! - `opening`: a picture comes onto the desk, and leaves it. `replace`: the new one takes the place of the old one in the box.
//! - `canvas`: the browser's pixels.

mod acts;
mod geometry;
#[cfg(any(feature = "hydrate", test))]
mod redact;

mod desk;
mod said;
mod view;

#[cfg(feature = "hydrate")]
mod canvas;
#[cfg(feature = "hydrate")]
mod opening;
#[cfg(feature = "hydrate")]
mod replace;

pub(super) use desk::Editing;
pub use view::Editor;
