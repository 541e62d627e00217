//! Tells the server what this page has received, so that those who wrote it see *remis*.
//!
//! What the page was drawn with counts, and each message of somebody else that an event brings. Calls are few: one at
//! once, the next after half a second. What could not be told is tried again, at the latest when the page is connected
//! again; a page whose session has ended tells nothing.

#[cfg(feature = "hydrate")]
pub use browser::Acknowledger;

#[cfg(feature = "hydrate")]
mod browser {
    use gloo_timers::future::TimeoutFuture;
    use leptos::prelude::*;

    use crate::api::{AcknowledgeEvents, ApiError, Client, Event, EventKind};
    use crate::live::{Connection, Live};
    use crate::session::Session;

    /// The least time between two calls, in milliseconds.
    const PAUSE_MS: u32 = 500;
    /// When to try again what was not answered, in milliseconds.
    const RETRY_MS: u32 = 5_000;

    /// What this page's session has received and told. Cheap to copy.
    #[derive(Clone, Copy)]
    pub struct Acknowledger {
        client: StoredValue<Client>,
        session: Session,
        received: StoredValue<u64>,
        told: StoredValue<u64>,
        is_busy: StoredValue<bool>,
    }

    impl Acknowledger {
        /// Follows the events of this page, until the present component goes away.
        pub fn start(client: Client, live: Live, session: Session) -> Self {
            let acknowledger = Self {
                client: StoredValue::new(client),
                session,
                received: StoredValue::new(0),
                told: StoredValue::new(0),
                is_busy: StoredValue::new(false),
            };
            live.listen(move |event| acknowledger.hear(event));
            Effect::new(move |_| {
                if live.connection().get() == Connection::Live {
                    acknowledger.tell();
                }
            });
            acknowledger
        }

        /// Everything up to this cursor is on the page.
        pub fn received(self, cursor: u64) {
            self.received
                .update_value(|received| *received = cursor.max(*received));
            self.tell();
        }

        fn hear(self, event: &Event) {
            let me = self.session.me.with_untracked(|me| me.as_ref().map(|me| me.id));
            if let (EventKind::MessageSent { message, .. }, Some(cursor)) = (&event.kind, event.cursor)
                && Some(message.author) != me
            {
                self.received(cursor);
            }
        }

        fn tell(self) {
            let Some(cursor) = self.next() else { return };
            self.is_busy.set_value(true);
            let call = self
                .client
                .with_value(|client| client.call(AcknowledgeEvents { cursor }));
            leptos::task::spawn_local(async move {
                let outcome = call.await;
                TimeoutFuture::new(PAUSE_MS).await;
                if self.is_busy.try_set_value(false).is_some() {
                    return;
                }
                match outcome {
                    Ok(_) => {
                        self.told.set_value(cursor);
                        self.tell();
                    }
                    // Of another history: there is nothing to tell of it.
                    Err(ApiError::Invalid { .. }) => self.received.set_value(0),
                    Err(error) => {
                        self.session.notice(&error);
                        TimeoutFuture::new(RETRY_MS).await;
                        if self.is_busy.try_get_value().is_some() {
                            self.tell();
                        }
                    }
                }
            });
        }

        /// What to tell now, if anything.
        fn next(self) -> Option<u64> {
            let is_in =
                self.session.me.with_untracked(Option::is_some) && !self.session.has_ended.get_untracked();
            let received = self.received.get_value();
            (is_in && !self.is_busy.get_value() && received > self.told.get_value()).then_some(received)
        }
    }
}
