//! The door to what a browser does with sound: `voice.js`, which comes when it is first used, and the browser's own player.

use std::cell::Cell;

use js_sys::{Function, Promise, Reflect};
use leptos::prelude::{document, window};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Element, Event};

/// The door. Cheap to clone.
#[derive(Clone)]
pub struct Voice {
    module: JsValue,
}

impl Voice {
    /// Loads the script; `None` when it does not come. See `chunks.js`.
    pub async fn load() -> Option<Self> {
        let loading = call(&window(), "voice", &[])?;
        let module = waited(loading).await.ok()?;
        Some(Self { module })
    }

    /// Whether this browser records at all.
    pub fn can_record(&self) -> bool {
        call(&self.module, "canRecord", &[]).is_some_and(|can| can.is_truthy())
    }

    /// Whether it records in this format.
    pub fn writes(&self, media_type: &str) -> bool {
        call(&self.module, "writes", &[media_type.into()]).is_some_and(|does| does.is_truthy())
    }

    /// Asks the person for the microphone and records from it.
    ///
    /// # Errors
    /// The browser's name for what is wrong, as the standard has it.
    pub async fn record(&self, media_type: &str, most_ms: u32) -> Result<Recording, String> {
        let asked = call(&self.module, "record", &[media_type.into(), most_ms.into()]);
        match waited(asked.ok_or_else(String::new)?).await {
            Ok(object) => Ok(Recording { object }),
            Err(error) => Err(get(&error, "name").as_string().unwrap_or_default()),
        }
    }

    /// How long the sound of a file is, in seconds, found without decoding it. `None` when the browser cannot tell.
    pub async fn length(&self, file: &Blob) -> Option<f64> {
        let found = waited(call(&self.module, "length", &[file.into()])?).await;
        found.ok()?.as_f64()
    }

    /// The sound of a file for drawing: 8,000 numbers a second, each 4 bytes, the lowest first. `None` when the browser
    /// cannot decode it.
    pub async fn samples(&self, file: &Blob) -> Option<Vec<u8>> {
        let decoded = waited(call(&self.module, "samples", &[file.into()])?).await;
        let decoded: js_sys::Uint8Array = decoded.ok()?.dyn_into().ok()?;
        Some(decoded.to_vec())
    }

    /// The file at an address of ours.
    pub async fn fetched(&self, address: &str) -> Option<Blob> {
        let answer = waited(call(&self.module, "fetched", &[address.into()])?).await;
        answer.ok()?.dyn_into().ok()
    }

    /// Waits until an element is seen; for ever where the person saves data.
    pub async fn seen(&self, element: &Element) {
        if let Some(seeing) = call(&self.module, "seen", &[element.into()]) {
            // It does not fail.
            let _ = waited(seeing).await;
        }
    }

    /// Lets the browser ask before the page goes, or not any more.
    pub fn hold(&self, does: bool) {
        let _ = call(&self.module, "hold", &[does.into()]);
    }
}

/// A recording that goes on, waits or has ended.
#[derive(Clone)]
pub struct Recording {
    object: JsValue,
}

/// What there is to say of a recording now.
pub struct Look {
    /// "recording", "paused" or "ended".
    pub state: String,
    /// Why it waits or has ended, unless the person wanted so: "hidden", "taken", "waited", "full".
    pub why: String,
    /// How long it is, in milliseconds.
    pub ms: f64,
    /// What the microphone hears: a wave around 128.
    pub wave: Vec<u8>,
}

impl Recording {
    /// Looks at it.
    pub fn look(&self) -> Option<Look> {
        let look = call(&self.object, "look", &[])?;
        Some(Look {
            state: get(&look, "state").as_string()?,
            why: get(&look, "why").as_string()?,
            ms: get(&look, "ms").as_f64()?,
            wave: js_sys::Uint8Array::new(&get(&look, "wave")).to_vec(),
        })
    }

    /// Lets it wait.
    pub fn pause(&self) {
        let _ = call(&self.object, "pause", &["".into()]);
    }

    /// Lets it go on.
    pub fn resume(&self) {
        let _ = call(&self.object, "resume", &[]);
    }

    /// Ends it; once more it gives the same.
    pub async fn end(&self) -> Option<Blob> {
        let ended = waited(call(&self.object, "end", &["".into()])?).await;
        ended.ok()?.dyn_into().ok()
    }
}

/// The browser's own player, without a face. It stops when dropped.
pub struct Audio {
    element: Element,
    address: Cell<Option<String>>,
    heard: Closure<dyn Fn(Event)>,
}

/// What it tells of.
const EVENTS: [&str; 6] = ["timeupdate", "play", "pause", "ended", "durationchange", "error"];

impl Audio {
    /// A player of nothing yet; `changed` is called whenever there is something to see.
    pub fn new(changed: impl Fn() + 'static) -> Option<Self> {
        let element = document().create_element("audio").ok()?;
        let heard = Closure::<dyn Fn(Event)>::new(move |_| changed());
        for name in EVENTS {
            let _ = element.add_event_listener_with_callback(name, heard.as_ref().unchecked_ref());
        }
        Some(Self {
            element,
            address: Cell::new(None),
            heard,
        })
    }

    /// Takes what it is to play, and lets go of what it had before.
    pub fn load(&self, file: &Blob) {
        let Ok(address) = web_sys::Url::create_object_url_with_blob(file) else {
            return;
        };
        set(&self.element, "src", &address.as_str().into());
        if let Some(before) = self.address.replace(Some(address)) {
            let _ = web_sys::Url::revoke_object_url(&before);
        }
    }

    /// Plays. Asked by a press before there is anything to play, it may play later without another one.
    pub fn play(&self) {
        if let Some(playing) = call(&self.element, "play", &[]) {
            // Why it does not is told by the element itself.
            leptos::task::spawn_local(async move {
                let _ = waited(playing).await;
            });
        }
    }

    /// Waits.
    pub fn pause(&self) {
        let _ = call(&self.element, "pause", &[]);
    }

    /// Goes on from there, in seconds.
    pub fn seek(&self, seconds: f64) {
        set(&self.element, "currentTime", &seconds.into());
    }

    /// Plays so many times as fast, at the same pitch.
    pub fn set_speed(&self, speed: f64) {
        // The first is what a file that is loaded later begins with.
        set(&self.element, "defaultPlaybackRate", &speed.into());
        set(&self.element, "playbackRate", &speed.into());
    }

    /// Where it is, in seconds.
    pub fn at(&self) -> f64 {
        get(&self.element, "currentTime").as_f64().unwrap_or_default()
    }

    /// How long it is, in seconds, if the file says so.
    pub fn length(&self) -> Option<f64> {
        get(&self.element, "duration")
            .as_f64()
            .filter(|seconds| seconds.is_finite())
    }

    /// Whether it plays.
    pub fn is_playing(&self) -> bool {
        get(&self.element, "paused").is_falsy()
    }

    /// Whether the browser cannot play the file.
    pub fn has_failed(&self) -> bool {
        get(&self.element, "error").is_truthy()
    }
}

impl Drop for Audio {
    fn drop(&mut self) {
        for name in EVENTS {
            let heard = self.heard.as_ref().unchecked_ref();
            let _ = self.element.remove_event_listener_with_callback(name, heard);
        }
        self.pause();
        if let Some(address) = self.address.take() {
            let _ = web_sys::Url::revoke_object_url(&address);
        }
    }
}

/// The page goes without a question: its person has left. Nothing to do where the script has never come.
pub fn let_go() {
    let _ = call(&window(), "letVoiceGo", &[]);
}

/// Whether the page came over a line that nobody else reads: browsers give no microphone otherwise.
pub fn is_secure() -> bool {
    get(&window(), "isSecureContext").is_truthy()
}

/// The media type of some bytes, as the browser has it.
pub fn type_of(file: &Blob) -> String {
    get(file, "type").as_string().unwrap_or_default()
}

fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

fn set(object: &JsValue, name: &str, value: &JsValue) {
    // What a browser does not let be set stays as it is.
    let _ = Reflect::set(object, &name.into(), value);
}

/// Calls a method with at most two arguments; `None` when it is not there or throws.
fn call(object: &JsValue, name: &str, with: &[JsValue]) -> Option<JsValue> {
    let method: Function = get(object, name).dyn_into().ok()?;
    let argument = |index: usize| with.get(index).cloned().unwrap_or(JsValue::UNDEFINED);
    method.call2(object, &argument(0), &argument(1)).ok()
}

async fn waited(promise: JsValue) -> Result<JsValue, JsValue> {
    JsFuture::from(promise.dyn_into::<Promise>()?).await
}
