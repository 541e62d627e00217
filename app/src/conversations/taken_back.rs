//! What a person has taken back before the server had answered for it. It may have arrived all the same: then it is deleted
//! as soon as that is known, however often the network fails. A page that goes before leaves it sent, and shows it.

use std::collections::BTreeSet;
use std::time::Duration;

use leptos::prelude::*;

use super::{DeleteMessage, Message};
use crate::api::{ApiError, Client, MessageId, MessageKey};
use crate::session::Session;

/// What could not be deleted is asked for again after this pause.
const AGAIN_AFTER: Duration = Duration::from_secs(5);

/// The messages of this page that were taken back. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct TakenBack {
    /// Those that may arrive.
    awaited: StoredValue<BTreeSet<MessageKey>>,
    /// Those that have, and are still to be deleted.
    arrived: StoredValue<BTreeSet<MessageId>>,
    session: Session,
}

impl TakenBack {
    /// Nothing yet.
    pub(super) fn new(session: Session) -> Self {
        Self {
            awaited: StoredValue::new(BTreeSet::new()),
            arrived: StoredValue::new(BTreeSet::new()),
            session,
        }
    }

    /// The message of this key has just been taken back.
    pub(super) fn insert(self, key: MessageKey) {
        self.awaited.update_value(|awaited| {
            awaited.insert(key);
        });
    }

    /// A message is stored: if it was taken back, it goes.
    pub(super) fn hear(self, client: &Client, message: &Message) {
        let Some(key) = message.key else { return };
        let was_taken = self.awaited.try_update_value(|awaited| awaited.remove(&key));
        if was_taken == Some(true) && message.deleted_at.is_none() {
            self.arrived.update_value(|arrived| {
                arrived.insert(message.id);
            });
            self.delete(client.clone(), message.id);
        }
    }

    /// The person is signed in, again perhaps: what waited for that goes.
    pub(super) fn resume(self, client: &Client) {
        for message in self.arrived.get_value() {
            self.delete(client.clone(), message);
        }
    }

    fn delete(self, client: Client, message: MessageId) {
        let call = client.call(DeleteMessage { message });
        leptos::task::spawn_local(async move {
            match call.await {
                Err(ApiError::SignedOut) => self.session.notice(&ApiError::SignedOut),
                Err(error) if error.is_transient() => {
                    set_timeout(move || self.delete(client, message), AGAIN_AFTER);
                }
                _ => {
                    self.arrived.try_update_value(|arrived| arrived.remove(&message));
                }
            }
        });
    }
}
