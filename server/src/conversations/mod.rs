//! Conversations: the direct channel of two friends, its messages in their order, what each has read, drafts.
//!
//! Promises: a message is answered once it is on disk, and once for ever under its key; positions start at 1 and have no
//! gaps; whoever does not take part learns nothing, not even that a conversation exists. A closed channel takes nothing
//! new and stays readable to both. Nothing here refers to a patient record.
//!
//! - [`Participant`]: the proof that an account may read a conversation; `friendships::Writer` is the one for writing.
//! - `list`: conversations as the list and the header show them.
//! - `reading`: the timeline.
//! - `receipts`: what has reached the friend's devices, what was read, and what of it is told.
//! - `compose`: sending, drafts, the sign that somebody is writing.
//! - `acts`: what is done with a message that is there.
//! - `searching`: looking for messages; `indexing` lays their words out for it, sealed.
//! - `exporting`: a conversation handed over whole to one of its two.
//! - `guards`: what stands before a message that should not leave.
//! - `erasing`: making every word of a conversation unreadable.

mod acts;
mod compose;
mod erasing;
mod exporting;
mod guards;
mod indexing;
mod list;
mod participant;
mod reading;
mod receipts;
mod searching;
mod sql;

use crate::http::operations::Operations;

pub use acts::{
    delete_message, edit_message, forward_message, list_earlier, list_marked_messages, list_versions,
    pin_message, react_to_message, star_message,
};
pub use compose::{save_draft, send_message, signal_typing};
pub use erasing::erase_conversation;
pub use exporting::{Export, export_conversation};
pub use guards::get_guards;
pub use indexing::{Backlog, Prepared, forget_words, index_words, keep_indexed, prepare_words, put_words};
pub use list::{get_conversation, list_conversations, open_conversation};
pub use participant::{
    Link, Participant, count_unread, find_between, find_link, list_links, open, require_participant,
    require_sealing_key,
};
pub use reading::{list_range, read_timeline};
pub use receipts::{get_receipts, mark_read, mark_unread, note_delivered};
pub use searching::search_messages;

/// Puts this feature's operations in the table.
pub fn register(operations: &mut Operations) {
    operations
        .signed_in(list_conversations)
        .signed_in(open_conversation)
        .signed_in(get_conversation)
        .signed_in(read_timeline)
        .signed_in(search_messages)
        .signed_in(get_guards)
        .signed_in(send_message)
        .signed_in(mark_read)
        .signed_in(mark_unread)
        .signed_in(get_receipts)
        .signed_in(save_draft)
        .signed_in(signal_typing)
        .signed_in(edit_message)
        .signed_in(delete_message)
        .signed_in(react_to_message)
        .signed_in(pin_message)
        .signed_in(star_message)
        .signed_in(forward_message)
        .signed_in(list_versions)
        .signed_in(list_marked_messages);
}
