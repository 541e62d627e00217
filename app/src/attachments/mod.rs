//! Attachments: the files that a message carries.
//!
//! - `api`: the operations, what an attachment is.
//! - `kinds`: which files may be sent, by their endings. `name`: the name of a file, as it may be shown.
//! - `problem`: why a file was refused.
//! - `carried`: what a message carries, as it travels. `kept`: what it is to carry, as this device keeps it.
//! - `words`: sizes, and what is said of files in a line.
//! - `shown`: files in a bubble. `views`: of these, videos and PDF. `viewer`: a picture as large as the screen.
//! - `boxes`: what is in the compose boxes, and what the vault knows of it. `door`: how files come into one; `camera`: a way of
//!   its own for photos; `tray`: the box with files in it.
//! - `editor`: a picture in the box is cropped, marked, made unreadable in parts.
//! - `notes`: what a camera wrote into a picture, taken out before it leaves the device.
//! - `voice`: messages that are spoken, and the player of sounds.
//! - `uploads`: files on their way to the server; `awake`: the screen does not sleep meanwhile.
//!
//! Everything from `words` on comes late: no page needs it in its first moment.

pub mod api;
mod carried;
mod kept;
mod kinds;
mod name;
mod problem;

mod notes;
mod words;

mod camera;
mod editor;
mod shown;
mod tray;
mod viewer;
mod views;
pub mod voice;

#[cfg(feature = "hydrate")]
mod awake;
#[cfg(feature = "hydrate")]
mod boxes;
#[cfg(feature = "hydrate")]
pub mod door;
#[cfg(feature = "hydrate")]
pub mod uploads;

use crate::api::{AccountId, ConversationId};
use crate::conversations::Opened;

/// One person's side of a conversation. The two of them stand on one page in the demonstration's double view.
type Whose = (AccountId, ConversationId);

fn whose(opened: Opened) -> Whose {
    (opened.me(), opened.id)
}

pub use api::*;
pub(crate) use camera::Camera;
pub use carried::Attachments;
pub use editor::Editor;
pub use kept::{FilesText, KeptFile, joined};
pub use kinds::{ACCEPTED, AttachmentKind, FILE_TYPES, FileType, file_type};
pub use name::{FileName, MAX_DESCRIPTION_CHARS, parse_description};
pub use notes::without_notes;
pub use problem::FileProblem;
pub(crate) use shown::draw_files;
pub use tray::Tray;
pub use viewer::Viewer;
pub(crate) use words::{in_a_line, with_files};
