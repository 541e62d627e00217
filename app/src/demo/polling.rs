//! Events by asking again and again: `EventSource` cannot carry a session held in memory, and two sides are few.

#[cfg(feature = "hydrate")]
use leptos::prelude::*;

use crate::api::Client;
use crate::live::Live;
use crate::session::Session;

/// Publishes this session's events from now on, until the present scope goes away, and acknowledges them.
pub(super) fn poll(client: Client, live: Live, session: Session) {
    #[cfg(feature = "hydrate")]
    {
        use gloo_timers::future::TimeoutFuture;

        use crate::acknowledge::Acknowledger;
        use crate::api::{ApiError, ListEvents};
        use crate::chunk::when_whole_here;
        use crate::live::Connection;

        let is_over = StoredValue::new(false);
        when_whole_here(move || {
            let acknowledger = Acknowledger::start(client.clone(), live, session);
            leptos::task::spawn_local(async move {
                let mut after = None;
                while is_over.try_get_value() == Some(false) {
                    let wish = ListEvents {
                        after,
                        limit: None,
                        wait: after.map(|_| 20),
                    };
                    let page = client.call(wish).await;
                    if is_over.try_get_value() != Some(false) {
                        return;
                    }
                    match page {
                        Ok(page) => {
                            if after.replace(page.cursor).is_none() {
                                acknowledger.received(page.cursor);
                            }
                            live.set_connection(Connection::Live);
                            for event in &page.events {
                                live.publish(event);
                            }
                        }
                        Err(ApiError::SignedOut) => return,
                        Err(_) => {
                            live.set_connection(Connection::Connecting);
                            TimeoutFuture::new(2_000).await;
                        }
                    }
                }
            });
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (client, live, session);
}
