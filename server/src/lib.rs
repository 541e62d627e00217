//! Pli's back end: the rules, the data, and the doors to them.
//!
//! Who may know whom: `http` → features → `store`. A feature asks another through its public functions, inside the same
//! transaction, never through its tables. `docs/architecture.md` walks one message through all of it.

// The types of the pages are deep.
#![recursion_limit = "256"]

pub mod accounts;
pub mod attachments;
pub mod audit;
pub mod contacts;
pub mod conversations;
pub mod events;
pub mod friendships;
pub mod notifications;
pub mod reports;

pub mod words;

pub mod clock;
pub mod context;
pub mod error;
mod hexadecimal;
pub mod http;
pub mod live;
pub mod objects;
pub mod openid;
pub mod store;

pub mod config;
pub mod demo;
pub mod doctor;
pub mod serve;

use http::operations::Operations;

/// Every operation of Pli and the rule that answers it.
pub fn operations() -> Operations {
    let mut operations = Operations::default();
    accounts::register(&mut operations);
    contacts::register(&mut operations);
    friendships::register(&mut operations);
    conversations::register(&mut operations);
    attachments::register(&mut operations);
    events::register(&mut operations);
    notifications::register(&mut operations);
    reports::register(&mut operations);
    operations
}
