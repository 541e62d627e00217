//! Direct conversations: the list on the home page, the timeline, the compose box.
//!
//! - `api`: the operations, what a message and a conversation are; `marks`, what is on a message besides its words; `acts`,
//!   what is done with a message that is there; `search`: looking for messages; `guards`: what stands before a message that
//!   should not leave; `export`: a conversation handed over whole.
//! - `timeline`: the messages held, in their order; `sending`: those on their way; `rows`: both as they are drawn. None
//!   of the three knows a screen.
//! - `outbox`: runs `sending` for the whole page; `taken_back` is what it must not send, or see deleted. What it holds rests
//!   in the `vault`, in the form of `kept`; `keeping` brings the two together, and the tabs of a browser. `meeting`: what
//!   becomes of two drafts of one person.
//! - `list` (with `heard`), `row`, `row_menu`: « Messages directs »; `home`: Accueil, with its `people`.
//! - `conversation`: the page. `opened` is what its pieces share; `header`, `history` (with `message`, `text`,
//!   `times`, `first_letter`, `jumps`), `compose` (with `draft`, `saving`, `enter`, `typing`, `guarding`) or `closed`, `details`, `announce`.
//! - `acts_view`: what a live conversation adds, with the state in `acting`: `message_button` and `message_menu` (opened by way
//!   of `pointing` and `roving`), `marks_view` for what is on a message, and the `dialogs`, which come with a chunk of their
//!   own. `act_forms` is the same without a script; `slot` the place where the one gives way to the other.
//! - `search_page`: looking for messages, with `search_wish`, `searching` and `search_hits`; `search_keys` leads there.
//! - `export_page`: where a conversation is handed over whole.
//! - `pane`: a conversation alone, for a side of the demonstration's double view.
//! - `scroll` keeps the place on the screen, `reading` says what was read.

pub mod acts;
pub mod api;
pub mod export;
pub mod guards;
pub mod marks;
pub mod search;

pub mod rows;
pub mod sending;
pub mod timeline;

pub mod kept;
pub mod meeting;
pub mod vault;

#[cfg(feature = "hydrate")]
mod keeping;
mod outbox;
mod taken_back;

mod heard;
mod list;
mod row;
mod row_menu;

mod home;
mod people;

mod act_forms;
mod acting;
mod acts_view;
mod announce;
mod closed;
mod compose;
mod conversation;
mod copying;
mod details;
mod dialogs;
mod draft;
mod elsewhere;
mod enter;
mod export_page;
mod first_letter;
mod guarding;
mod header;
mod history;
mod jumps;
mod marks_view;
mod message;
mod message_button;
mod message_menu;
mod opened;
mod pane;
#[cfg(feature = "hydrate")]
mod pointing;
mod reading;
#[cfg(feature = "hydrate")]
mod roving;
mod saving;
mod scroll;
mod search_hits;
#[cfg(feature = "hydrate")]
mod search_keys;
mod search_page;
mod search_wish;
mod searching;
mod slot;
mod text;
mod times;
mod typing;

pub(crate) use opened::Opened;
pub(crate) use rows::MessageRow;

pub use acts::*;
pub use api::*;
pub use conversation::ConversationPage;
pub use dialogs::ActionDialogs;
pub use export::*;
pub use export_page::ExportPage;
pub use guards::*;
pub use home::HomePage;
#[cfg(feature = "hydrate")]
pub use keeping::keep;
pub use list::{ConversationList, ConversationRows};
pub use marks::{Marked, Marks, Quote, Reacted, Reaction};
pub use outbox::{Outbox, provide_outbox, use_outbox};
pub use pane::ConversationPane;
pub use search::*;
#[cfg(feature = "hydrate")]
pub use search_keys::lead_to_search;
pub use search_page::SearchPage;
