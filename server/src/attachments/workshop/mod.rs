//! The workshop: a process apart that reads what others have written. It is this same program, started anew for each file,
//! with little memory, little time, no file, no network and no key: a decoder that is led astray by a picture finds nothing
//! there to take, and no way out.
//!
//! It reads the file from its standard input and answers on its standard output: what it is, or why it is refused, and a
//! picture made anew.
//!
//! - `job`: the server's side.
//! - `bench`: the side of the process. `limits`: what it gives up first.
//! - `look`: what a file is, by its content. `picture`, `gif`: pictures made anew. `boxes`: notes of place and camera in
//!   sound, film and HEIC. `webm`: sound that is called as a film. `archive`, `text`, `pdf`: documents.

mod job;

mod bench;
mod limits;

mod archive;
mod boxes;
mod gif;
mod look;
mod pdf;
mod picture;
mod text;
mod webm;

use app::attachments::{AttachmentKind, FileNote, FileProblem};
use serde::{Deserialize, Serialize};

pub use bench::run;
pub(super) use job::Job;

/// The name of the hidden command that starts the process.
pub const COMMAND: &str = "workshop";

/// What the process has seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seen {
    pub(super) kind: AttachmentKind,
    pub(super) media_type: String,
    #[serde(default)]
    pub(super) width: Option<u32>,
    #[serde(default)]
    pub(super) height: Option<u32>,
    #[serde(default)]
    pub(super) note: Option<FileNote>,
    /// How many bytes follow that take the place of those that came; 0 when these stay.
    #[serde(default)]
    pub(super) content_bytes: u64,
    /// How many bytes of a small picture follow.
    #[serde(default)]
    pub(super) thumbnail_bytes: u64,
}

/// The first line that the process answers.
type Answer = Result<Seen, FileProblem>;

/// What a file is taken for, and what is to be kept of it.
struct Taken {
    kind: AttachmentKind,
    media_type: &'static str,
    size: Option<(u32, u32)>,
    note: Option<FileNote>,
    /// What takes the place of the bytes that came.
    content: Option<Vec<u8>>,
    thumbnail: Option<Vec<u8>>,
}

impl Taken {
    /// As it came.
    fn as_it_is(known: &app::attachments::FileType) -> Self {
        Self {
            kind: known.kind,
            media_type: known.media_type,
            size: None,
            note: None,
            content: None,
            thumbnail: None,
        }
    }

    fn seen(&self) -> Seen {
        let length = |bytes: &Option<Vec<u8>>| bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
        Seen {
            kind: self.kind,
            media_type: self.media_type.to_owned(),
            width: self.size.map(|(width, _)| width),
            height: self.size.map(|(_, height)| height),
            note: self.note,
            content_bytes: length(&self.content),
            thumbnail_bytes: length(&self.thumbnail),
        }
    }
}
