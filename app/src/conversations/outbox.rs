//! The page's outbox: runs the lane of each conversation against the network, whichever screen is open.
//!
//! It stands above the router, so that a message goes on its way while the person looks elsewhere. It lives as long as
//! the page.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::sending::{Lane, Outgoing, Then};
use super::{MessageBody, SendMessage};
use crate::api::{ApiError, Client, ConversationId, MessageKey, Timestamp};
use crate::live::{Connection, use_live};
use crate::session::{Session, use_session};

/// The outgoing messages of all conversations. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Outbox {
    lanes: RwSignal<BTreeMap<ConversationId, Lane>>,
    session: Session,
}

/// Makes an outbox and gives it to the screens below; a page does so once, after its client and its session.
pub fn provide_outbox() -> Outbox {
    let outbox = Outbox {
        lanes: RwSignal::new(BTreeMap::new()),
        session: use_session(),
    };
    outbox.follow();
    provide_context(outbox);
    outbox
}

/// The page's outbox.
pub fn use_outbox() -> Outbox {
    use_context::<Outbox>().unwrap_or_else(provide_outbox)
}

impl Outbox {
    /// What is on its way or failed in a conversation, oldest first; a view that reads it follows.
    pub fn entries(self, conversation: ConversationId) -> Vec<Outgoing> {
        self.lanes.with(|lanes| {
            lanes
                .get(&conversation)
                .map(|lane| lane.entries().to_vec())
                .unwrap_or_default()
        })
    }

    /// The words of the last message that failed in a conversation.
    pub fn last_failed(self, conversation: ConversationId) -> Option<MessageBody> {
        self.lanes.with(|lanes| {
            lanes
                .get(&conversation)?
                .last_failed()
                .map(|entry| entry.body.clone())
        })
    }

    /// Puts a message on its way.
    pub fn send(
        self,
        client: &Client,
        conversation: ConversationId,
        key: MessageKey,
        body: MessageBody,
        at: Timestamp,
    ) {
        self.change(conversation, |lane| lane.push(key, body, at));
        self.run(client, conversation);
    }

    /// Tries a failed message again.
    pub fn retry(self, client: &Client, conversation: ConversationId, key: MessageKey) {
        self.change(conversation, |lane| lane.retry(key));
        self.run(client, conversation);
    }

    /// Takes a failed message out.
    pub fn remove_failed(self, conversation: ConversationId, key: MessageKey) -> Option<MessageBody> {
        self.change(conversation, |lane| lane.remove_failed(key))
    }

    /// The message of this key is among the stored ones.
    pub fn settle(self, client: &Client, conversation: ConversationId, key: MessageKey) {
        let is_known = self.lanes.with_untracked(|lanes| {
            lanes
                .get(&conversation)
                .is_some_and(|lane| lane.entries().iter().any(|entry| entry.key == key))
        });
        if is_known {
            self.change(conversation, |lane| lane.settle(key));
            self.run(client, conversation);
        }
    }

    /// A screen opens and reads what is on disk.
    pub fn settle_sent(self, conversation: ConversationId) {
        let has_any = self
            .lanes
            .with_untracked(|lanes| lanes.contains_key(&conversation));
        if has_any {
            self.change(conversation, Lane::settle_sent);
        }
    }

    fn change<T>(self, conversation: ConversationId, work: impl FnOnce(&mut Lane) -> T) -> T {
        let mut result = None;
        self.lanes
            .update(|lanes| result = Some(work(lanes.entry(conversation).or_default())));
        result.expect("`update` runs its closure")
    }

    /// Sends what is next, if it is the moment, and goes on until nothing is left to do.
    fn run(self, client: &Client, conversation: ConversationId) {
        // What is in flight is nothing that a view shows.
        let next = self
            .lanes
            .try_update_untracked(|lanes| lanes.get_mut(&conversation)?.next())
            .flatten();
        let Some((key, body)) = next else { return };
        let call = client.call(SendMessage {
            conversation,
            key,
            body,
        });
        let client = client.clone();
        leptos::task::spawn_local(async move {
            let outcome = call.await.map(|sent| sent.message);
            if outcome.as_ref().is_err_and(|error| *error == ApiError::SignedOut) {
                self.session.notice(&ApiError::SignedOut);
            }
            let then = self.lanes.try_update(|lanes| {
                lanes
                    .entry(conversation)
                    .or_default()
                    .answered(key, outcome, random())
            });
            match then {
                Some(Then::Continue) => self.run(&client, conversation),
                Some(Then::Wait { ms, turn }) => {
                    let duration = std::time::Duration::from_millis(u64::from(ms));
                    set_timeout(
                        move || self.resume_if(&client, conversation, |lane| lane.wake(turn)),
                        duration,
                    );
                }
                Some(Then::AwaitSignIn) | None => {}
            }
        });
    }

    fn resume_if(
        self,
        client: &Client,
        conversation: ConversationId,
        is_time: impl FnOnce(&mut Lane) -> bool,
    ) {
        let is_due = self
            .lanes
            .try_update_untracked(|lanes| lanes.get_mut(&conversation).is_some_and(is_time));
        if is_due == Some(true) {
            self.run(client, conversation);
        }
    }

    fn resume_all(self, client: &Client, is_time: fn(&mut Lane) -> bool) {
        let conversations: Vec<ConversationId> = self
            .lanes
            .try_with_untracked(|lanes| lanes.keys().copied().collect())
            .unwrap_or_default();
        for conversation in conversations {
            self.resume_if(client, conversation, is_time);
        }
    }

    /// Goes on when the connection or the person is back.
    fn follow(self) {
        let Some(client) = use_context::<Client>() else {
            return;
        };
        let connection = use_live().connection();
        {
            let client = client.clone();
            Effect::new(move |_| {
                if connection.get() == Connection::Live {
                    self.resume_all(&client, Lane::reconnected);
                }
            });
        }
        #[cfg(feature = "hydrate")]
        {
            let client = client.clone();
            crate::browser::run_on_return(move || self.resume_all(&client, Lane::reconnected));
        }
        Effect::new(move |_| {
            if !self.session.has_ended.get() {
                self.resume_all(&client, Lane::signed_in);
            }
        });
    }
}

/// From 0 to 1.
fn random() -> f64 {
    #[cfg(feature = "hydrate")]
    let value = js_sys::Math::random();
    #[cfg(not(feature = "hydrate"))]
    let value = 0.5;
    value
}
