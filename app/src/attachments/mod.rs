//! Attachments: the files that a message carries.
//!
//! - `api`: the operations, what an attachment is.
//! - `kinds`: which files may be sent, by their endings.
//! - `name`: the name of a file, as it may be shown.
//! - `problem`: why a file was refused.
//! - `carried`: what a message carries, as it travels.

pub mod api;
mod carried;
mod kinds;
mod name;
mod problem;

pub use api::*;
pub use carried::Attachments;
pub use kinds::{AttachmentKind, FILE_TYPES, FileType, file_type};
pub use name::{FileName, MAX_DESCRIPTION_CHARS, parse_description};
pub use problem::FileProblem;
