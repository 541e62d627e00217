//! The door to the browser's passkeys: `passkeys.js`, which comes when it is first used.

use js_sys::{Function, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Why there is no answer: the person has turned away, or the browser cannot. Browsers do not tell which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAnswer;

/// Whether passkeys can be used here at all: the browser has them, and the address is a name.
pub fn are_possible() -> bool {
    let window = window();
    let has_them = Reflect::has(&window, &"PublicKeyCredential".into()).unwrap_or(false);
    let host = window.location().hostname().unwrap_or_default();
    let is_number = host.starts_with('[') || host.chars().all(|c| c.is_ascii_digit() || c == '.');
    has_them && !is_number
}

/// Asks the browser for something, and waits for the person.
///
/// # Errors
/// There is no answer.
pub async fn ask(what: &str, options: &str) -> Result<String, NoAnswer> {
    let answer = begin(what, options).await.ok_or(NoAnswer)?;
    let answer = JsFuture::from(answer).await.map_err(|_| NoAnswer)?;
    answer.as_string().ok_or(NoAnswer)
}

/// See `chunks.js`.
async fn begin(what: &str, options: &str) -> Option<Promise> {
    let load: Function = Reflect::get(&window(), &"passkeys".into())
        .ok()?
        .dyn_into()
        .ok()?;
    let loading: Promise = load.call0(&JsValue::NULL).ok()?.dyn_into().ok()?;
    let module = JsFuture::from(loading).await.ok()?;
    let ask: Function = Reflect::get(&module, &"ask".into()).ok()?.dyn_into().ok()?;
    ask.call2(&JsValue::NULL, &what.into(), &options.into())
        .ok()?
        .dyn_into()
        .ok()
}
