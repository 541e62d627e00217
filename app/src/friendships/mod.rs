//! Friendship: asking, answering, closing, blocking.
//!
//! - `api`: the operations, the relation between two people.
//! - `act`: one act on the relation to one person, as a form.
//! - `request_card`, `sent_row`: a request received, a request sent. `ignore_all`: all received ones at once.
//! - `ask_form`: a request with a word of one's own. `asking_rule`: whose requests one takes.
//! - `confirm`: the questions before closing a channel or blocking somebody.
//! - `focus`: where the focus goes when an act takes its own button away.

pub mod api;

mod act;
mod ask_form;
mod asking_rule;
mod confirm;
mod focus;
mod ignore_all;
mod request_card;
mod sent_row;

pub use act::{Act, ActButton, ActForm, Change, PostedRefusal};
pub use api::*;
pub use ask_form::{AskForm, has_kept_note};
pub use asking_rule::AskingSection;
pub use confirm::ConfirmDialog;
pub use focus::hold_focus;
pub use ignore_all::IgnoreAll;
pub use request_card::RequestCard;
pub use sent_row::SentRow;
