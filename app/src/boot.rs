//! What a page starts from: who is signed in, in which language, on which wall clock, and what a plain form brought.
//! The server makes it, the HTML carries it, the browser takes it over.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::accounts::{Language, Me};
use crate::api::{ApiError, MessageKey, Timestamp};
use crate::i18n::Zone;
use crate::notifications::Badges;

/// What a page starts from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Boot {
    /// Who is signed in.
    pub me: Option<Me>,
    /// The language of the page.
    pub language: Language,
    /// The time zone that the page was drawn for.
    pub zone: Zone,
    /// When it was drawn.
    pub now: Timestamp,
    /// The build of the front end that goes with it.
    pub build: String,
    /// Whether this is the demonstration.
    pub is_demo: bool,
    /// The account's event cursor, taken before anything else was read: the stream goes on from here.
    pub cursor: u64,
    /// The counts on the tabs.
    pub badges: Badges,
    /// What a plain form brought.
    pub posted: Option<Posted>,
    /// A fresh key for the compose form, so that a page without script sends once.
    pub form_key: MessageKey,
}

/// A plain form that was posted to the page being drawn: it was refused, or it is a search.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Posted {
    /// The operation that the form named.
    pub operation: String,
    /// Its fields as typed; passwords are left out.
    pub fields: Vec<(String, String)>,
    /// Why it was refused.
    pub error: Option<ApiError>,
}

/// Operations whose plain form shows the page again, with the answer: what was found, what a one-time link opens, a
/// fresh one-time link, what a report would hand over. The page itself asks, while it is being drawn.
pub const SHOWN_OPERATIONS: &[&str] = &[
    "contacts.search_people",
    "conversations.search_messages",
    "accounts.read_link",
    "accounts.invite_person",
    "accounts.start_reset",
    "accounts.start_authenticator",
    "accounts.finish_authenticator",
    "accounts.make_recovery_codes",
    "reports.preview_report",
];

/// The fields that a form's files become: the id of each that was taken.
pub const ATTACHMENTS: &str = "attachments";

/// The field of a form's files. Nothing is in it where one was refused.
pub const FILE: &str = "file";

impl Posted {
    /// Whether files came along. A browser does not choose them again by itself.
    pub fn had_files(&self) -> bool {
        let mut names = self.fields.iter().map(|(name, _)| name.as_str());
        names.any(|name| name == ATTACHMENTS || name == FILE)
    }

    /// The field's text as typed.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

impl Boot {
    /// What was posted by a form of this operation.
    pub fn posted_by(&self, operation: &str) -> Option<&Posted> {
        self.posted
            .as_ref()
            .filter(|posted| posted.operation == operation)
    }
}

/// The page's start; in the browser it is what the server wrote into the HTML.
pub fn use_boot() -> StoredValue<Boot> {
    expect_context::<StoredValue<Boot>>()
}

/// Lets a screen set the HTTP status of the page being rendered; does nothing in the browser.
#[derive(Clone)]
pub struct PageStatus(std::sync::Arc<dyn Fn(u16) + Send + Sync>);

impl PageStatus {
    /// The server's way to set the status.
    pub fn new(set: impl Fn(u16) + Send + Sync + 'static) -> Self {
        Self(std::sync::Arc::new(set))
    }
}

/// Sets the HTTP status of the page being rendered.
pub fn set_page_status(status: u16) {
    if let Some(PageStatus(set)) = use_context::<PageStatus>() {
        set(status);
    }
}

impl Boot {
    /// A page for nobody: what the app starts from while the server lists its routes.
    pub fn nobody() -> Self {
        Self {
            me: None,
            language: Language::default(),
            zone: Zone::default(),
            now: Timestamp::default(),
            build: String::new(),
            is_demo: false,
            cursor: 0,
            badges: Badges::default(),
            posted: None,
            form_key: MessageKey(uuid::Uuid::nil()),
        }
    }
}
