//! What a person has taken back before the server had answered for it. It may have arrived all the same: then it is deleted
//! as soon as that is known, however often the network fails. A page that goes before leaves it sent, and shows it.
//!
//! A message takes the server's draft away that says no more than it does, and so would one that arrives late take away the
//! very words that the person got back: whoever holds these is told, and they are saved anew.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use leptos::prelude::*;

use super::acting::Teller;
use super::{DeleteMessage, Message};
use crate::accounts::Language;
use crate::api::{ApiError, Client, ConversationId, MessageId, MessageKey};
use crate::i18n::words;
use crate::session::Session;
use crate::ui::Toasts;

/// What could not be deleted is asked for again after this pause.
const AGAIN_AFTER: Duration = Duration::from_secs(5);

/// The messages of this page that were taken back. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct TakenBack {
    held: StoredValue<Held>,
    /// Counts those that have arrived.
    n_arrived: RwSignal<u32>,
    session: Session,
    /// Nobody on the server.
    teller: Option<Teller>,
}

#[derive(Default)]
struct Held {
    /// Those that may arrive.
    awaited: BTreeSet<MessageKey>,
    /// Those that have, and are still to be deleted.
    arrived: BTreeSet<MessageId>,
    /// How many there have been in each conversation.
    n_taken: BTreeMap<ConversationId, u32>,
    /// How many of them have arrived all the same.
    n_late: BTreeMap<ConversationId, u32>,
    /// What stood in a box that was left while some of its conversation may arrive.
    left: BTreeMap<ConversationId, String>,
}

impl TakenBack {
    /// Nothing yet.
    pub(super) fn new(session: Session) -> Self {
        let language = use_context::<Language>();
        let teller = language.zip(use_context::<Toasts>());
        Self {
            held: StoredValue::new(Held::default()),
            n_arrived: RwSignal::new(0),
            session,
            teller: teller.map(|(language, toasts)| Teller { language, toasts }),
        }
    }

    /// The message of this key has just been taken back.
    pub(super) fn insert(self, conversation: ConversationId, key: MessageKey) {
        self.held.update_value(|held| {
            held.awaited.insert(key);
            *held.n_taken.entry(conversation).or_default() += 1;
        });
    }

    /// How many messages of a conversation were taken back.
    pub(super) fn n_taken(self, conversation: ConversationId) -> u32 {
        let count = |held: &Held| held.n_taken.get(&conversation).copied();
        self.held.try_with_value(count).flatten().unwrap_or_default()
    }

    /// How many of them have arrived all the same; a view that reads it follows.
    pub(super) fn n_late(self, conversation: ConversationId) -> u32 {
        self.n_arrived.track();
        let count = |held: &Held| held.n_late.get(&conversation).copied();
        self.held.try_with_value(count).flatten().unwrap_or_default()
    }

    /// The box of a conversation is on the page: it sees to what it holds.
    pub(super) fn come(self, conversation: ConversationId) {
        self.held.update_value(|held| {
            held.left.remove(&conversation);
        });
    }

    /// It leaves, holding words that the server has or will have as a draft.
    #[cfg(feature = "hydrate")]
    pub(super) fn leave(self, conversation: ConversationId, typed: String) {
        self.held.try_update_value(|held| {
            if !held.awaited.is_empty() && held.n_taken.contains_key(&conversation) && !typed.is_empty() {
                held.left.insert(conversation, typed);
            }
        });
    }

    /// A message is stored: if it was taken back, it goes.
    pub(super) fn hear(self, client: &Client, conversation: ConversationId, message: &Message) {
        let Some(key) = message.key else { return };
        let left = self.held.try_update_value(|held| {
            if !held.awaited.remove(&key) {
                return None;
            }
            *held.n_late.entry(conversation).or_default() += 1;
            if message.deleted_at.is_none() {
                held.arrived.insert(message.id);
            }
            Some(held.left.get(&conversation).cloned())
        });
        let Some(left) = left.flatten() else { return };
        self.n_arrived.update(|count| *count = count.wrapping_add(1));
        if let Some(words) = left {
            self.restore(client.clone(), conversation, words);
        }
        if message.deleted_at.is_none() {
            self.delete(client.clone(), message.id);
        }
    }

    /// The person is signed in, again perhaps: what waited for that goes.
    pub(super) fn resume(self, client: &Client) {
        for message in self.held.with_value(|held| held.arrived.clone()) {
            self.delete(client.clone(), message);
        }
    }

    /// Saves the draft anew that the message has taken along.
    #[cfg_attr(
        not(feature = "hydrate"),
        expect(clippy::only_used_in_recursion, reason = "only a browser calls")
    )]
    fn restore(self, client: Client, conversation: ConversationId, words: String) {
        leptos::task::spawn_local(async move {
            #[cfg(feature = "hydrate")]
            let outcome = super::keeping::restore(&client, conversation, words).await;
            #[cfg(not(feature = "hydrate"))]
            let outcome = {
                drop(words);
                Ok::<(), ApiError>(())
            };
            if outcome.is_err_and(|error| error.is_transient()) {
                let again = move || {
                    // A box that has come meanwhile sees to it.
                    let left = self
                        .held
                        .try_with_value(|held| held.left.get(&conversation).cloned());
                    if let Some(words) = left.flatten() {
                        self.restore(client, conversation, words);
                    }
                };
                set_timeout(again, AGAIN_AFTER);
            }
        });
    }

    fn delete(self, client: Client, message: MessageId) {
        let call = client.call(DeleteMessage { message });
        leptos::task::spawn_local(async move {
            let outcome = call.await;
            match outcome {
                Err(ApiError::SignedOut) => return self.session.notice(&ApiError::SignedOut),
                Err(error) if error.is_transient() => {
                    set_timeout(move || self.delete(client, message), AGAIN_AFTER);
                    return;
                }
                // It is gone already.
                Ok(_) | Err(ApiError::NotFound | ApiError::MessageDeleted) => {}
                // The channel was closed meanwhile: the person was told otherwise, and has the words once more in the box.
                Err(_) => {
                    if let Some(Teller { language, toasts }) = self.teller {
                        toasts.alert(words::conversations::undo::stayed(language));
                    }
                }
            }
            self.held.try_update_value(|held| held.arrived.remove(&message));
        });
    }
}
