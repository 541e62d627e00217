//! The door to what keeps words on this device and lets the tabs of a browser agree: `device.js`, which comes late and does
//! what takes a fraction of the code in the browser's own language (docs/decisions/0009-vault.md).

use gloo_timers::future::TimeoutFuture;
use js_sys::{Function, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// The door. Cheap to clone.
#[derive(Clone)]
pub struct Device {
    ask: Function,
}

/// Why something was not done on this device: storage is refused or full, or what it needs is not there. It says no more,
/// because it might say a person's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

/// How often the script is asked for before the page goes on without it, and the pause before another try.
const N_TRIES: u32 = 4;
const PAUSE_MS: u32 = 2_000;

impl Device {
    /// Loads the script; `None` when it does not come.
    pub async fn load() -> Option<Self> {
        for n_failed in 0..N_TRIES {
            if let Some(device) = Self::load_once(n_failed).await {
                return Some(device);
            }
            TimeoutFuture::new(PAUSE_MS << n_failed).await;
        }
        None
    }

    /// Loads it, or not; a try after others that failed says how many. See `chunks.js`.
    pub(super) async fn load_once(n_failed: u32) -> Option<Self> {
        let load: Function = Reflect::get(&window(), &"device".into()).ok()?.dyn_into().ok()?;
        let loading: Promise = load
            .call1(&JsValue::NULL, &n_failed.into())
            .ok()?
            .dyn_into()
            .ok()?;
        let module = JsFuture::from(loading).await.ok()?;
        let ask = Reflect::get(&module, &"ask".into()).ok()?.dyn_into().ok()?;
        Some(Self { ask })
    }

    /// Asks for something and waits for its answer.
    ///
    /// # Errors
    /// It was not done.
    pub async fn ask(&self, what: &str, one: &str, other: &str) -> Result<String, Refused> {
        let answer = self.begin(what, &one.into(), other).ok_or(Refused)?;
        let answer = JsFuture::from(answer).await.map_err(|_| Refused)?;
        Ok(answer.as_string().unwrap_or_default())
    }

    /// As [`Device::ask`], with what is no text, and for what is none.
    ///
    /// # Errors
    /// It was not done.
    pub async fn ask_with(&self, what: &str, one: &JsValue, other: &str) -> Result<JsValue, Refused> {
        let answer = self.begin(what, one, other).ok_or(Refused)?;
        JsFuture::from(answer).await.map_err(|_| Refused)
    }

    /// How many messages and drafts rest sealed in this browser, of one account (its id) or, of nobody named, of all who share
    /// it. `None` where the browser does not tell.
    pub async fn count_sealed(&self, of: &str) -> Option<(usize, usize)> {
        let counts = self.ask("count", of, "").await.ok()?;
        crate::api::json::read(&counts).ok()
    }

    /// Asks for something that nobody waits for.
    pub fn tell(&self, what: &str, one: &str) {
        if let Some(answer) = self.begin(what, &one.into(), "") {
            leptos::task::spawn_local(async move {
                // What cannot be said to other tabs, or given up, changes nothing here.
                let _ = JsFuture::from(answer).await;
            });
        }
    }

    /// Calls `listener` with what the browser says from now on: `leads`, `follows`, `lost`, and each `word` of other tabs.
    /// Lives as long as the page.
    pub fn hear(&self, listener: impl Fn(&str, &str) + 'static) {
        let listener = Closure::<dyn Fn(JsValue, JsValue)>::new(move |what: JsValue, text: JsValue| {
            if let (Some(what), Some(text)) = (what.as_string(), text.as_string()) {
                listener(&what, &text);
            }
        });
        self.begin("hear", listener.as_ref(), "");
        listener.forget();
    }

    /// Calls `listener` with what the stream brings from now on: what it is (`hello`, `event`, `beat`, `resync`, `lost`), the
    /// place in the log, the words. Lives as long as the page.
    pub(super) fn hear_stream(&self, listener: impl Fn(&str, &str, &str) + 'static) {
        let listener = Closure::<dyn Fn(JsValue, JsValue, JsValue)>::new(
            move |what: JsValue, id: JsValue, text: JsValue| {
                let text_of = |value: JsValue| value.as_string().unwrap_or_default();
                listener(&text_of(what), &text_of(id), &text_of(text));
            },
        );
        self.begin("streamHear", listener.as_ref(), "");
        listener.forget();
    }

    fn begin(&self, what: &str, one: &JsValue, other: &str) -> Option<Promise> {
        self.ask
            .call3(&JsValue::NULL, &what.into(), one, &other.into())
            .ok()?
            .dyn_into()
            .ok()
    }
}
