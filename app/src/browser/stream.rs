//! The browser's end of the event stream: one `EventSource`, whose events reach the page once each and in order.
//!
//! The stream is a hint. What counts is the cursor: an event that was seen is dropped, a gap is closed by asking the
//! log, and coming back from the background begins with a fresh stream, because the old one may be dead without
//! having said so.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, MessageEvent};

use crate::api::json;
use crate::api::{ApiError, Client, Event, ListEvents};
use crate::live::{Connection, Live};

/// A page's stream. Lives as long as the page.
#[derive(Clone)]
pub struct EventStream {
    inner: Rc<Inner>,
}

struct Inner {
    client: Client,
    live: Live,
    cursor: Cell<u64>,
    /// Counts the streams opened: handlers of an older one know that they are late.
    generation: Cell<u32>,
    source: RefCell<Option<EventSource>>,
    is_catching_up: Cell<bool>,
    n_failures: Cell<u32>,
}

/// The longest wait between two tries, in milliseconds.
const MAX_WAIT_MS: u32 = 30_000;

impl EventStream {
    /// Starts listening after `cursor`.
    pub fn start(client: Client, live: Live, cursor: u64) -> Self {
        let stream = Self {
            inner: Rc::new(Inner {
                client,
                live,
                cursor: Cell::new(cursor),
                generation: Cell::new(0),
                source: RefCell::new(None),
                is_catching_up: Cell::new(false),
                n_failures: Cell::new(0),
            }),
        };
        stream.open();
        stream
    }

    /// Drops the present stream, whatever it says of itself, opens a new one and catches up.
    pub fn restart(&self) {
        self.inner.n_failures.set(0);
        self.open();
    }

    /// Closes the stream for good: the person has signed out.
    pub fn stop(&self) {
        self.inner.generation.set(self.inner.generation.get() + 1);
        if let Some(source) = self.inner.source.take() {
            source.close();
        }
    }

    fn open(&self) {
        self.stop();
        let generation = self.inner.generation.get();
        self.inner.live.set_connection(Connection::Connecting);
        let Ok(source) = EventSource::new("/api/v1/events") else {
            return;
        };

        let this = self.clone();
        let on_hello = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
            if this.inner.generation.get() != generation {
                return;
            }
            this.inner.n_failures.set(0);
            let known: u64 = message.last_event_id().parse().unwrap_or(0);
            if known > this.inner.cursor.get() {
                this.catch_up(generation);
            } else {
                this.inner.live.set_connection(Connection::Live);
            }
        });
        let _ = source.add_event_listener_with_callback("hello", on_hello.as_ref().unchecked_ref());
        on_hello.forget();

        let this = self.clone();
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
            if this.inner.generation.get() == generation
                && let Some(text) = message.data().as_string()
                && let Ok(event) = json::read::<Event>(&text)
            {
                this.receive(event, generation);
            }
        });
        source.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        on_message.forget();

        let this = self.clone();
        let on_error = Closure::<dyn Fn()>::new(move || {
            if this.inner.generation.get() == generation {
                this.retry(generation);
            }
        });
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        on_error.forget();

        self.inner.source.replace(Some(source));
    }

    /// Gives an event on, once and in order.
    fn receive(&self, event: Event, generation: u32) {
        let Some(cursor) = event.cursor else {
            self.inner.live.publish(&event);
            return;
        };
        let known = self.inner.cursor.get();
        if cursor <= known {
            return;
        }
        if cursor > known + 1 {
            self.catch_up(generation);
            return;
        }
        self.inner.cursor.set(cursor);
        self.inner.live.publish(&event);
    }

    /// Asks the log for everything after the cursor.
    fn catch_up(&self, generation: u32) {
        if self.inner.is_catching_up.replace(true) {
            return;
        }
        let this = self.clone();
        leptos::task::spawn_local(async move {
            let outcome = this.read_log(generation).await;
            this.inner.is_catching_up.set(false);
            if this.inner.generation.get() != generation {
                return;
            }
            match outcome {
                Ok(()) => this.inner.live.set_connection(Connection::Live),
                Err(_) => this.retry(generation),
            }
        });
    }

    async fn read_log(&self, generation: u32) -> Result<(), ApiError> {
        loop {
            let wish = ListEvents {
                after: Some(self.inner.cursor.get()),
                limit: Some(500),
                wait: None,
            };
            let page = self.inner.client.call(wish).await?;
            if self.inner.generation.get() != generation || page.events.is_empty() {
                return Ok(());
            }
            for event in page.events {
                if let Some(cursor) = event.cursor
                    && cursor > self.inner.cursor.get()
                {
                    self.inner.cursor.set(cursor);
                    self.inner.live.publish(&event);
                }
            }
        }
    }

    /// Opens a new stream after a while: full jitter up to a bound that doubles. First finds out whether the session
    /// has ended, which a stream cannot say.
    fn retry(&self, generation: u32) {
        self.stop();
        let generation = generation + 1;
        self.inner.live.set_connection(Connection::Connecting);
        let n_failures = self.inner.n_failures.get();
        self.inner.n_failures.set(n_failures.saturating_add(1));
        let bound = 1_000_u32.saturating_mul(1 << n_failures.min(5)).min(MAX_WAIT_MS);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and MAX_WAIT_MS"
        )]
        let wait_ms = (js_sys::Math::random() * f64::from(bound)) as u32 + 200;
        let this = self.clone();
        leptos::task::spawn_local(async move {
            TimeoutFuture::new(wait_ms).await;
            if this.inner.generation.get() != generation {
                return;
            }
            let probe = this.inner.client.call(ListEvents::default()).await;
            if this.inner.generation.get() != generation {
                return;
            }
            match probe {
                Ok(_) => this.open(),
                Err(ApiError::SignedOut) => this.inner.live.end_session(),
                Err(_) => this.retry(generation),
            }
        });
    }
}
