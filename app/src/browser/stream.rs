//! The browser's end of the event stream, whose events reach the page once each and in order.
//!
//! What an event, a gap, a greeting or a failure leads to, [`Follow`] decides; this opens streams, asks the log and runs the
//! timers. The stream itself, one for all tabs of a browser, is `stream.js`. Coming back from the background begins with a
//! fresh stream, because the old one may be dead without having said so (`pulse`). Where streams do not come through at
//! all, the page asks the log with patience instead.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::{document, window};

use super::{Device, now_ms};
use crate::api::{AccountId, ApiError, Client, Event, Follow, ListEvents, Step, Then, json};
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
    account: String,
    follow: RefCell<Follow>,
    pulse: Cell<Pulse>,
    way: Cell<Way>,
    device: RefCell<Option<Device>>,
    /// How often the script that has the stream did not come.
    n_missing: Cell<u32>,
}

/// How the page follows just now.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Not at all, or between two streams.
    None,
    /// By a stream.
    Stream,
    /// By asking again and again.
    Asking,
}

/// How often the page looks whether the stream lives.
const LOOK_EVERY_MS: u32 = 4_000;
/// The patience of one question where streams do not come through, in seconds.
const PATIENCE_S: u32 = 20;

impl EventStream {
    /// Starts listening after `cursor`, for this account.
    pub fn start(client: Client, live: Live, account: AccountId, cursor: u64) -> Self {
        let stream = Self {
            inner: Rc::new(Inner {
                client,
                live,
                account: account.to_string(),
                follow: RefCell::new(Follow::after(cursor)),
                pulse: Cell::new(Pulse::default()),
                way: Cell::new(Way::None),
                device: RefCell::new(None),
                n_missing: Cell::new(0),
            }),
        };
        stream.open();
        stream.watch();
        stream
    }

    /// Drops the present stream, whatever it says of itself, opens a new one and catches up.
    pub fn restart(&self) {
        self.inner.follow.borrow_mut().forget_failures();
        self.change_pulse(Pulse::forget);
        self.open();
    }

    /// Closes the stream for good: the person has signed out.
    pub fn stop(&self) {
        self.inner.follow.borrow_mut().open();
        self.close();
    }

    fn close(&self) {
        self.inner.way.set(Way::None);
        if let Some(device) = &*self.inner.device.borrow() {
            device.tell("streamClose", "");
        }
    }

    fn turn(&self) -> u32 {
        self.inner.follow.borrow().turn()
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
                let finding = this.change_pulse(|pulse| pulse.look(now_ms(), is_seen()));
                match finding {
                    _ if this.inner.way.get() != Way::Stream => {}
                    Finding::Dead => this.fail(this.turn()),
                    Finding::Slept => this.restart(),
                    Finding::Well => {}
                }
            }
        });
    }

    fn open(&self) {
        let turn = self.inner.follow.borrow_mut().open();
        self.inner.live.set_connection(Connection::Connecting);
        if self.inner.pulse.get().is_mute() {
            return self.ask_instead(turn);
        }
        let this = self.clone();
        leptos::task::spawn_local(async move {
            let device = this.device().await;
            if this.turn() != turn {
                return;
            }
            match device {
                None => this.ask_instead(turn),
                Some(device) => {
                    this.change_pulse(|pulse| pulse.opened(now_ms()));
                    this.inner.way.set(Way::Stream);
                    device.tell("streamOpen", &this.inner.account);
                }
            }
        });
    }

    /// The script that has the stream.
    async fn device(&self) -> Option<Device> {
        let known = self.inner.device.borrow().clone();
        if known.is_some() {
            return known;
        }
        let Some(device) = Device::load_once(self.inner.n_missing.get()).await else {
            self.inner.n_missing.set(self.inner.n_missing.get() + 1);
            return None;
        };
        let this = self.clone();
        device.hear_stream(move |what, id, text| this.hear(what, id, text));
        self.inner.device.replace(Some(device.clone()));
        Some(device)
    }

    /// What the stream says: what it is, the place in the log, the words.
    fn hear(&self, what: &str, id: &str, text: &str) {
        if self.inner.way.get() != Way::Stream {
            return;
        }
        let turn = self.turn();
        if what == "lost" {
            return self.fail(turn);
        }
        self.change_pulse(|pulse| pulse.heard(now_ms()));
        let place = id.parse().unwrap_or_default();
        let step = {
            let mut follow = self.inner.follow.borrow_mut();
            match what {
                "hello" => {
                    if let Some((_, ms)) = json::fields(text).iter().find(|(name, _)| name == "spread_ms") {
                        follow.spread_over(ms.parse().unwrap_or_default());
                    }
                    follow.hello(turn, place)
                }
                "event" => match json::read::<Event>(text) {
                    Ok(event) => follow.event(turn, event),
                    // Of a newer server.
                    Err(_) => follow.heard_of(turn, place),
                },
                "resync" => follow.resync(turn),
                _ => return,
            }
        };
        self.take(step);
    }

    /// Does what the page's place in the log wants done.
    fn take(&self, step: Step) {
        for event in &step.publish {
            self.inner.live.publish(event);
        }
        match step.then {
            Then::Wait => {}
            Then::Live => self.note_live(),
            Then::ReadLog { after } => self.read_log(after, None),
            Then::Reopen { ms } => self.reopen(ms),
            Then::StartOver => start_over(),
        }
    }

    fn note_live(&self) {
        self.inner.live.set_connection(Connection::Live);
        if self.inner.way.get() == Way::Asking {
            // What a proxy that holds streams back lets through.
            let turn = self.turn();
            let step = {
                let mut follow = self.inner.follow.borrow_mut();
                follow.forget_failures();
                follow.ask(turn)
            };
            if let Then::ReadLog { after } = step.then {
                self.read_log(after, Some(PATIENCE_S));
            }
        }
    }

    fn ask_instead(&self, turn: u32) {
        self.inner.way.set(Way::Asking);
        let step = self.inner.follow.borrow_mut().ask(turn);
        self.take(step);
    }

    fn read_log(&self, after: u64, wait: Option<u32>) {
        let turn = self.turn();
        let this = self.clone();
        let call = self.inner.client.call(ListEvents {
            after: Some(after),
            limit: Some(500),
            wait,
        });
        leptos::task::spawn_local(async move {
            let answer = call.await;
            if this.turn() != turn {
                return;
            }
            match answer {
                Ok(page) => {
                    let step = this.inner.follow.borrow_mut().page(turn, page);
                    this.take(step);
                }
                Err(ApiError::SignedOut) => this.end_session(),
                Err(_) => this.fail(turn),
            }
        });
    }

    fn end_session(&self) {
        self.stop();
        self.inner.live.set_connection(Connection::Connecting);
        self.inner.live.end_session();
    }

    fn fail(&self, turn: u32) {
        self.change_pulse(Pulse::given_up);
        let step = self
            .inner
            .follow
            .borrow_mut()
            .failed(turn, js_sys::Math::random());
        self.take(step);
    }

    /// Opens a new stream after a while. First finds out whether the session has ended, which a stream cannot say.
    fn reopen(&self, ms: u32) {
        self.close();
        self.inner.live.set_connection(Connection::Connecting);
        let turn = self.turn();
        let this = self.clone();
        leptos::task::spawn_local(async move {
            TimeoutFuture::new(ms).await;
            if this.turn() != turn {
                return;
            }
            let probe = this.inner.client.call(ListEvents::default()).await;
            if this.turn() != turn {
                return;
            }
            match probe {
                Ok(_) => this.open(),
                Err(ApiError::SignedOut) => this.end_session(),
                Err(_) => {
                    // It is the network, and not what stands on the way of streams alone.
                    this.change_pulse(Pulse::forget);
                    this.fail(turn);
                }
            }
        });
    }
}

/// Whether the page is in front, as far as the browser says.
fn is_seen() -> bool {
    document().visibility_state() == web_sys::VisibilityState::Visible
}

/// The server was restored to another history: what the page shows is none of it. Drafts and messages that wait rest on
/// the device; where they cannot, the browser asks first.
fn start_over() {
    let _ = window().location().reload();
}
