//! The browser's end of the event stream: one `EventSource`, whose events reach the page once each and in order.
//!
//! The stream is a hint. What counts is the cursor: an event that was seen is dropped, a gap is closed by asking the
//! log, and coming back from the background begins with a fresh stream, because the old one may be dead without
//! having said so. The page counts as up to date only once the log has been asked. Where streams do not come through at
//! all, the page asks the log with patience instead.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, MessageEvent};

use super::now_ms;
use crate::api::json;
use crate::api::{ApiError, Client, Event, EventPage, ListEvents};
use crate::live::{Connection, Live};
use crate::pulse::{Finding, Pulse};

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
    /// The generation that asks the log just now.
    catching_up: Cell<Option<u32>>,
    /// Something came while the log was being asked: it is asked once more.
    is_behind: Cell<bool>,
    n_failures: Cell<u32>,
    pulse: Cell<Pulse>,
}

/// The longest wait between two tries, in milliseconds.
const MAX_WAIT_MS: u32 = 30_000;
/// How often the page looks whether the stream lives.
const LOOK_EVERY_MS: u32 = 4_000;
/// The patience of one question where streams do not come through, in seconds.
const PATIENCE_S: u32 = 20;

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
                catching_up: Cell::new(None),
                is_behind: Cell::new(false),
                n_failures: Cell::new(0),
                pulse: Cell::new(Pulse::default()),
            }),
        };
        stream.open();
        stream.watch();
        stream
    }

    /// Drops the present stream, whatever it says of itself, opens a new one and catches up.
    pub fn restart(&self) {
        self.inner.n_failures.set(0);
        self.change_pulse(Pulse::forget);
        self.open();
    }

    /// Closes the stream for good: the person has signed out.
    pub fn stop(&self) {
        self.inner.generation.set(self.inner.generation.get() + 1);
        if let Some(source) = self.inner.source.take() {
            source.close();
        }
    }

    fn is_current(&self, generation: u32) -> bool {
        self.inner.generation.get() == generation
    }

    fn change_pulse<T>(&self, work: impl FnOnce(&mut Pulse) -> T) -> T {
        let mut pulse = self.inner.pulse.get();
        let result = work(&mut pulse);
        self.inner.pulse.set(pulse);
        result
    }

    /// Looks again and again whether the present stream lives.
    fn watch(&self) {
        let this = self.clone();
        leptos::task::spawn_local(async move {
            loop {
                TimeoutFuture::new(LOOK_EVERY_MS).await;
                let finding = this.change_pulse(|pulse| pulse.look(now_ms()));
                let has_stream = this.inner.source.borrow().is_some();
                match finding {
                    Finding::Dead if has_stream => this.retry(this.inner.generation.get()),
                    Finding::Slept if has_stream => this.restart(),
                    _ => {}
                }
            }
        });
    }

    fn open(&self) {
        self.stop();
        let generation = self.inner.generation.get();
        self.inner.live.set_connection(Connection::Connecting);
        if self.inner.pulse.get().is_mute() {
            return self.ask_instead(generation);
        }
        self.change_pulse(|pulse| pulse.opened(now_ms()));
        let Ok(source) = EventSource::new("/api/v1/events") else {
            return self.ask_instead(generation);
        };

        let this = self.clone();
        let on_hello = Closure::<dyn Fn()>::new(move || {
            if this.is_current(generation) {
                this.change_pulse(|pulse| pulse.heard(now_ms()));
                this.catch_up(generation);
            }
        });
        let _ = source.add_event_listener_with_callback("hello", on_hello.as_ref().unchecked_ref());
        on_hello.forget();

        let this = self.clone();
        let on_beat = Closure::<dyn Fn()>::new(move || {
            if this.is_current(generation) {
                this.change_pulse(|pulse| pulse.heard(now_ms()));
            }
        });
        let _ = source.add_event_listener_with_callback("beat", on_beat.as_ref().unchecked_ref());
        on_beat.forget();

        let this = self.clone();
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
            if this.is_current(generation)
                && let Some(text) = message.data().as_string()
            {
                this.change_pulse(|pulse| pulse.heard(now_ms()));
                match json::read::<Event>(&text) {
                    Ok(event) => this.receive(event, generation),
                    // Of a newer server: the log says at least how far it goes.
                    Err(_) => this.catch_up(generation),
                }
            }
        });
        source.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        on_message.forget();

        let this = self.clone();
        let on_error = Closure::<dyn Fn()>::new(move || {
            if this.is_current(generation) {
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
        // Until the log has answered once, nobody knows whose stream this is.
        if cursor > known + 1 || self.inner.catching_up.get() == Some(generation) {
            self.catch_up(generation);
            return;
        }
        self.inner.cursor.set(cursor);
        self.inner.live.publish(&event);
    }

    /// Asks the log for everything after the cursor; a stream that was opened since asks for itself.
    fn catch_up(&self, generation: u32) {
        if self.inner.catching_up.replace(Some(generation)) == Some(generation) {
            self.inner.is_behind.set(true);
            return;
        }
        let this = self.clone();
        leptos::task::spawn_local(async move {
            let outcome = this.read_log(generation).await;
            if !this.is_current(generation) {
                return;
            }
            this.inner.catching_up.set(None);
            match outcome {
                Ok(()) => {
                    this.inner.n_failures.set(0);
                    this.inner.live.set_connection(Connection::Live);
                }
                Err(ApiError::SignedOut) => this.end_session(),
                Err(_) => this.retry(generation),
            }
        });
    }

    async fn read_log(&self, generation: u32) -> Result<(), ApiError> {
        loop {
            let page = self.ask(None).await?;
            if !self.is_current(generation) {
                return Ok(());
            }
            if page.events.is_empty() && !self.inner.is_behind.replace(false) {
                return Ok(());
            }
            self.publish(page);
        }
    }

    async fn ask(&self, wait: Option<u32>) -> Result<EventPage, ApiError> {
        let wish = ListEvents {
            after: Some(self.inner.cursor.get()),
            limit: Some(500),
            wait,
        };
        self.inner.client.call(wish).await
    }

    fn publish(&self, page: EventPage) {
        for event in page.events {
            if let Some(cursor) = event.cursor
                && cursor > self.inner.cursor.get()
            {
                self.inner.cursor.set(cursor);
                self.inner.live.publish(&event);
            }
        }
    }

    /// Asks the log again and again, each time with patience: what a proxy that holds streams back lets through.
    fn ask_instead(&self, generation: u32) {
        let this = self.clone();
        leptos::task::spawn_local(async move {
            let mut wait = None;
            while this.is_current(generation) {
                let answer = this.ask(wait).await;
                if !this.is_current(generation) {
                    return;
                }
                match answer {
                    Ok(page) => {
                        // The first answer shows what was missed; from then on there is time.
                        wait = page.events.is_empty().then_some(PATIENCE_S);
                        this.publish(page);
                        if wait.is_some() {
                            this.inner.n_failures.set(0);
                            this.inner.live.set_connection(Connection::Live);
                        }
                    }
                    Err(ApiError::SignedOut) => return this.end_session(),
                    Err(_) => return this.retry(generation),
                }
            }
        });
    }

    fn end_session(&self) {
        self.stop();
        self.inner.live.set_connection(Connection::Connecting);
        self.inner.live.end_session();
    }

    /// Opens a new stream after a while: full jitter up to a bound that doubles. First finds out whether the session
    /// has ended, which a stream cannot say.
    fn retry(&self, generation: u32) {
        self.change_pulse(Pulse::given_up);
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
            if !this.is_current(generation) {
                return;
            }
            let probe = this.inner.client.call(ListEvents::default()).await;
            if !this.is_current(generation) {
                return;
            }
            match probe {
                Ok(_) => this.open(),
                Err(ApiError::SignedOut) => this.end_session(),
                Err(_) => {
                    // It is the network, and not what stands on the way of streams alone.
                    this.change_pulse(Pulse::forget);
                    this.retry(generation);
                }
            }
        });
    }
}
