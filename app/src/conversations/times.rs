//! When a message was sent, delivered and read: asked when somebody first wants to see it, and anew when it has come
//! further meanwhile.
//!
//! Any bubble shows its times when it is pressed. By keyboard the state under a run does the same, and from there the
//! arrows lead to the person's other messages.

use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::prelude::*;

use super::opened::Opened;
use super::rows::{Row, Rows};
use super::{GetReceipts, Receipts};
use crate::accounts::Language;
use crate::api::Timestamp;
use crate::i18n::{format, use_language, words};
use crate::now::{Now, use_now};

/// All times of a message of one's own.
#[component]
pub(super) fn Times(
    /// Its conversation.
    opened: Opened,
    /// Its place there.
    position: u64,
) -> impl IntoView {
    let language = use_language();
    let now = use_now();
    let words_shown = RwSignal::new(String::new());
    let state = Memo::new(move |_| opened.timeline.with(|timeline| timeline.state_of(position)));
    Effect::new(move |_| {
        state.track();
        let call = opened.client().call(GetReceipts {
            conversation: opened.id,
            position,
        });
        leptos::task::spawn_local(async move {
            let text = match call.await {
                Ok(receipts) => line(language, now, &receipts),
                Err(error) => {
                    opened.session().notice(&error);
                    words::conversations::times::unknown(language).to_owned()
                }
            };
            let _ = words_shown.try_set(text);
        });
    });
    view! {
        <p class="message__times" role="status">
            {move || words_shown.get()}
        </p>
    }
}

/// `Envoyé 14 h 05 · Remis 14 h 05 · Lu 14 h 07`; another day is named.
fn line(language: Language, now: Now, receipts: &Receipts) -> String {
    use words::conversations::times as t;
    let sent = untrack(|| now.civil(receipts.sent_at));
    let when = |at: Timestamp| {
        let civil = untrack(|| now.civil(at));
        let time = format::time(language, civil);
        let today = untrack(|| now.today());
        if civil.day_number == sent.day_number {
            return time;
        }
        let day = format::in_sentence(language, civil, today);
        // The last two days are named with their time.
        if today.day_number - civil.day_number < 2 {
            day
        } else {
            format!("{day}, {time}")
        }
    };
    let mut parts = vec![t::sent(language, &when(receipts.sent_at))];
    if let Some(at) = receipts.delivered_at {
        parts.push(t::delivered(language, &when(at)));
    }
    if let Some(at) = receipts.read_at {
        parts.push(t::read(language, &when(at)));
    }
    parts.join(" · ")
}

/// Whether a press on a bubble means the bubble: not a link in it, nor the end of choosing words.
pub(super) fn is_plain_press(press: &MouseEvent) -> bool {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast;
        let target = press
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let is_link = target.is_some_and(|target| target.closest("a").ok().flatten().is_some());
        let has_chosen = js_sys::Reflect::get(&window(), &"getSelection".into())
            .ok()
            .and_then(|get| get.dyn_into::<js_sys::Function>().ok())
            .and_then(|get| get.call0(&window()).ok())
            .and_then(|chosen| js_sys::Reflect::get(&chosen, &"isCollapsed".into()).ok())
            .is_some_and(|is_collapsed| is_collapsed.as_bool() == Some(false));
        !is_link && !has_chosen
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = press;
        false
    }
}

/// The arrows lead from the state of one message to that of the person's message before or after it.
pub(super) fn walk(opened: Opened, from: u128, press: &KeyboardEvent) {
    let is_up = match press.key().as_str() {
        "ArrowUp" => true,
        "ArrowDown" => false,
        _ => return,
    };
    let Some((id, position)) = opened.rows.with_untracked(|rows| neighbour(rows, from, is_up)) else {
        return;
    };
    press.prevent_default();
    opened.timed.set(Some(id));
    request_animation_frame(move || focus_state(position));
}

/// The person's next stored message in a direction.
fn neighbour(rows: &Rows, from: u128, is_up: bool) -> Option<(u128, u64)> {
    let mine = |row: &Row| match row {
        Row::Message(id) => rows
            .messages
            .get(id)
            .filter(|message| message.is_mine)
            .and_then(|message| Some((*id, message.position?))),
        _ => None,
    };
    let mut before = None;
    let mut all = rows.order.iter().filter_map(mine);
    while let Some(here) = all.next() {
        if here.0 == from {
            return if is_up { before } else { all.next() };
        }
        before = Some(here);
    }
    None
}

fn focus_state(position: u64) {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast;
        let found = document().query_selector(&format!("[data-position='{position}'] .message__state"));
        if let Some(found) = found
            .ok()
            .flatten()
            .and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok())
        {
            // Only an element that has left the page refuses the focus.
            let _ = found.focus();
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = position;
}
