//! The screen stays awake while files go: a tablet that falls asleep cuts them. Browsers that have no such lock go without.
//!
//! Source: ux C4.

use std::cell::RefCell;

use js_sys::{Function, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// How many files go, and the lock that they share.
#[derive(Default)]
struct Held {
    n_files: usize,
    lock: Option<JsValue>,
}

thread_local! {
    static HELD: RefCell<Held> = RefCell::default();
}

/// A file that goes: as long as one of them lives, the screen stays awake.
pub(super) struct Awake(());

impl Awake {
    pub(super) fn new() -> Self {
        let is_first = HELD.with_borrow_mut(|held| {
            held.n_files += 1;
            held.n_files == 1
        });
        if is_first {
            leptos::task::spawn_local(ask());
        }
        Self(())
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        let lock = HELD.with_borrow_mut(|held| {
            held.n_files -= 1;
            if held.n_files == 0 { held.lock.take() } else { None }
        });
        if let Some(lock) = lock {
            let _ = call(&lock, "release", &JsValue::UNDEFINED);
        }
    }
}

/// Asks the browser, which refuses while the page is not seen.
async fn ask() {
    let Ok(locks) = Reflect::get(&window().navigator(), &"wakeLock".into()) else {
        return;
    };
    let Some(asked) = call(&locks, "request", &"screen".into()) else {
        return;
    };
    let Ok(lock) = JsFuture::from(asked).await else {
        return;
    };
    let too_late = HELD.with_borrow_mut(|held| {
        if held.n_files > 0 && held.lock.is_none() {
            held.lock = Some(lock.clone());
            false
        } else {
            true
        }
    });
    if too_late {
        let _ = call(&lock, "release", &JsValue::UNDEFINED);
    }
}

fn call(object: &JsValue, name: &str, with: &JsValue) -> Option<Promise> {
    let method = Reflect::get(object, &name.into()).ok()?;
    let answer = method.dyn_into::<Function>().ok()?.call1(object, with).ok()?;
    answer.dyn_into().ok()
}
