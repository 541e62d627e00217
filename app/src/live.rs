//! What happens while a page is open: screens subscribe, the stream publishes.

use std::sync::Arc;

use leptos::prelude::*;

use crate::api::Event;
use crate::session::Session;

/// How the page stands to the server's stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// Not begun: the page is still the server's HTML.
    Idle,
    /// Trying.
    Connecting,
    /// Everything up to now has arrived.
    Live,
}

/// How far a page had come when it asked something. The answer holds everything up to there, and perhaps not what came
/// since: an answer that has been overtaken is read again, or it would put old over new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark(u32);

/// How often an answer that has been overtaken is asked for again; the last one counts.
pub const N_TRIES: u32 = 3;

type Listener = Arc<dyn Fn(&Event) + Send + Sync>;

/// Where events of this page meet. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Live {
    listeners: StoredValue<Vec<(u32, Listener)>>,
    next_id: StoredValue<u32>,
    /// Counts the events of the log.
    n_published: StoredValue<u32>,
    connection: RwSignal<Connection>,
    session: Session,
}

impl Live {
    /// A meeting place on this page's session.
    pub fn new(session: Session) -> Self {
        Self {
            listeners: StoredValue::new(Vec::new()),
            next_id: StoredValue::new(0),
            n_published: StoredValue::new(0),
            connection: RwSignal::new(Connection::Idle),
            session,
        }
    }

    /// Calls `listener` with each event, until the present component goes away.
    pub fn listen(self, listener: impl Fn(&Event) + Send + Sync + 'static) {
        let id = self.next_id.get_value();
        self.next_id.set_value(id + 1);
        self.listeners
            .update_value(|listeners| listeners.push((id, Arc::new(listener))));
        on_cleanup(move || {
            let _ = self
                .listeners
                .try_update_value(|listeners| listeners.retain(|(known, _)| *known != id));
        });
    }

    /// How far the page has come: taken before something is asked.
    pub fn mark(self) -> Mark {
        Mark(self.n_published.try_get_value().unwrap_or_default())
    }

    /// Whether something has happened since.
    pub fn has_moved(self, since: Mark) -> bool {
        self.mark() != since
    }

    /// Gives an event to everybody who listens.
    pub fn publish(self, event: &Event) {
        if event.cursor.is_some() {
            self.n_published
                .update_value(|count| *count = count.wrapping_add(1));
        }
        let listeners: Vec<Listener> = self
            .listeners
            .with_value(|listeners| listeners.iter().map(|(_, listener)| listener.clone()).collect());
        for listener in listeners {
            listener(event);
        }
    }

    /// How the page stands to the stream.
    pub fn connection(self) -> Signal<Connection> {
        self.connection.into()
    }

    /// Whether everything up to now has arrived. No once the page is gone.
    pub fn is_live(self) -> bool {
        self.connection.try_get_untracked() == Some(Connection::Live)
    }

    /// Notes how the page stands to the stream.
    pub fn set_connection(self, connection: Connection) {
        if self.connection.get_untracked() != connection {
            self.connection.set(connection);
        }
    }

    /// The server says that nobody is signed in any more.
    pub fn end_session(self) {
        self.session.has_ended.set(true);
    }
}

/// Where events of this page meet.
pub fn use_live() -> Live {
    expect_context::<Live>()
}
