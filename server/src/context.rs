//! What a rule may use, and who is asking.

use std::sync::{Arc, Mutex, PoisonError};

use app::accounts::{Language, Secret};
use app::api::{AccountId, DeviceId, Timestamp};
use uuid::Uuid;

use crate::accounts::Passwords;
use crate::attachments::Files;
use crate::clock::{Clock, new_uuid};
use crate::conversations::Backlog;
use crate::live::Live;
use crate::openid::Provider;
use crate::store::Db;

/// What every rule may use. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// The data.
    pub db: Db,
    /// Who is connected.
    pub live: Live,
    /// Hashes passwords, a bounded number at a time.
    pub passwords: Passwords,
    /// Time and randomness.
    pub clock: Arc<dyn Clock>,
    /// Conversations with words that are not laid out to be searched yet.
    pub backlog: Backlog,
    /// What files need beside the tables.
    pub files: Files,
    /// The organisation's OpenID provider, if it has one.
    pub provider: Option<Arc<Provider>>,
}

impl Context {
    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A fresh id, ordered by time.
    pub fn new_id(&self) -> Uuid {
        new_uuid(self.clock.as_ref())
    }
}

/// Who is asking, before anybody knows who it is.
#[derive(Clone)]
pub struct Visitor {
    /// What the browser says of itself: "Chrome, Windows".
    pub device_name: String,
    /// The language asked for by cookie or header.
    pub language: Language,
    /// A session that the rule opens or ends; the page or the API turns it into a cookie.
    pub session: SessionSlot,
}

/// Who is asking: an account, on a device. Only the session check makes one.
#[derive(Clone)]
pub struct Caller {
    /// Whose session it is.
    pub account: AccountId,
    /// The device it lives on.
    pub device: DeviceId,
    /// Whether the account administers the instance.
    pub is_admin: bool,
    /// The account's language.
    pub language: Language,
    /// A session that the rule opens or ends.
    pub session: SessionSlot,
}

/// What a rule did to the session of the one who asks.
#[derive(Clone)]
pub enum SessionChange {
    /// Signed in.
    Opened {
        /// The session's token.
        token: Secret,
        /// What the browser is known again by, whoever signs in there.
        browser: Option<Secret>,
    },
    /// Signed out.
    Ended,
    /// Sent to the provider.
    Departed {
        /// What the browser comes back with; it tells nothing to anybody else.
        attempt: Secret,
    },
}

/// Carries a [`SessionChange`] from the rule to the door it came in by, and to the rule what the door knows of the browser.
#[derive(Clone, Default)]
pub struct SessionSlot {
    change: Arc<Mutex<Option<SessionChange>>>,
    door: Arc<Door>,
}

/// What the door knows of the one who asks, beside who it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Door {
    /// What the browser is known again by, from an earlier sign-in.
    pub browser: Option<Secret>,
    /// It is a while ago that a person at the device was written down: what a person does now is written down again.
    pub is_activity_due: bool,
    /// Whose locked session the browser still holds, and which: they go on with it when they sign in again.
    pub locked: Option<(AccountId, DeviceId)>,
    /// What the browser holds of a way to the provider that was begun there.
    pub attempt: Option<Secret>,
    /// The address of the service as the browser has it: scheme, host and port.
    pub origin: Option<String>,
    /// What the browser says of itself: "Chrome, Windows"; empty where nobody asked.
    pub device_name: String,
}

impl SessionSlot {
    /// The slot of a request that came in by this door.
    pub fn at(door: Door) -> Self {
        Self {
            change: Arc::default(),
            door: Arc::new(door),
        }
    }

    /// What the door knows.
    pub fn door(&self) -> &Door {
        &self.door
    }

    /// Notes the change.
    pub fn set(&self, change: SessionChange) {
        *self.change.lock().unwrap_or_else(PoisonError::into_inner) = Some(change);
    }

    /// Takes the change out.
    pub fn take(&self) -> Option<SessionChange> {
        self.change.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
