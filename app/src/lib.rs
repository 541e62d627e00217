//! What both sides of Pli share: the contract and the screens.
//!
//! The server renders these screens first, the browser takes them over. Who may know whom: screens know the contract,
//! `ui` and `live`; the contract knows serde alone; nothing here names the server.

#![recursion_limit = "256"]
#![expect(
    unreachable_pub,
    reason = "the component macro makes each component's properties public"
)]

pub mod api;

pub mod accounts;
pub mod attachments;
pub mod contacts;
pub mod conversations;
pub mod demo;
pub mod friendships;
pub mod guide;
pub mod notifications;
pub mod reports;
pub mod unfiled;

pub mod acknowledge;
pub mod apart;
pub mod asked;
pub mod boot;
#[cfg(feature = "hydrate")]
pub mod browser;
pub mod chunk;
pub mod form;
pub mod frame;
pub mod i18n;
pub mod late;
pub mod live;
pub mod notices;
pub mod now;
pub mod offline;
pub mod pulse;
pub mod root;
pub mod session;
pub mod shell;
pub mod ui;

pub use root::App;
pub use shell::shell;

/// The browser's entry: takes over the page that the server has drawn.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    wasm_bindgen_futures::spawn_local(root::hydrate());
}
