//! Attachments: the files that messages carry.
//!
//! Promises: what a part is acknowledged for is on disk; an upload that was cut goes on where it was, and leaves nothing
//! behind when nobody goes on with it; a file is looked at, and scanned where a scanner is set up, before anybody else sees
//! it; a picture is made anew, apart from the server; whoever may not read a conversation learns nothing of its files.
//!
//! - `files`: what the feature needs beside the tables: the store of objects, the workshop, the scanner, the room for each.
//! - `begin`: what may be sent, and the row that an upload begins with.
//! - `parts`: bytes in sealed parts, written and read.
//! - `receive`: parts on their way in. `turns`: one request at a time for each upload.
//! - `finish`: the look at what has arrived, and what becomes of it.
//! - `workshop`: the process apart that reads what others have written. `scan`: the virus scanner.
//! - `carry`: files and the messages that carry them.
//! - `copies`: files that go on with a message that is forwarded.
//! - `hand_out`: the bytes of a file for whoever may read it.
//! - `sweep`: what nobody goes on with goes.

mod files;

mod begin;
mod carry;
mod copies;
mod finish;
mod hand_out;
mod parts;
mod receive;
mod scan;
mod sql;
mod sweep;
mod turns;
pub mod workshop;

use crate::http::operations::Operations;

pub use begin::{begin_upload, get_limits};
pub use carry::{
    Carried, attach, describe_attachment, drop_carried, erase, forget_conversation, forget_files,
    get_attachment, read_carried, searched_words,
};
pub use copies::{Copies, drop_copies};
pub use files::{Files, MAX_BYTES, Scanner, USUAL_QUOTA_BYTES};
pub use finish::finish_upload;
pub use hand_out::{Content, Handed, hand_out};
pub use receive::{Incoming, WholeFile, discard_upload, find_upload, receive, receive_whole};
pub use sweep::{N_HOURS_UNSENT, sweep};

/// Puts this feature's operations in the table.
pub fn register(operations: &mut Operations) {
    operations
        .signed_in(get_limits)
        .signed_in(begin_upload)
        .signed_in(finish_upload)
        .signed_in(get_attachment)
        .signed_in(describe_attachment)
        .signed_in(discard_upload);
}
