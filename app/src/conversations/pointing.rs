//! How a message is pointed at: by a pointer over it, by the focus in it, by a finger that stays on it. One ear for the whole
//! list, however many rows it has.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, EventTarget, HtmlElement, KeyboardEvent, PointerEvent};

use super::acting::focus_on;
use super::message_button::MENU;
use super::opened::Opened;
use super::reading::Reading;
use super::roving::{focus_row, n_below, neighbour, position_of, press_button, row_around, settle};

/// A finger that stays this long means the message.
const LONG_PRESS: Duration = Duration::from_millis(500);
/// A finger that moves further than this scrolls, in pixels.
const STILL_PX: i32 = 10;

/// A finger on a row.
#[derive(Clone)]
struct Finger {
    row: HtmlElement,
    x: i32,
    y: i32,
    turn: u32,
    /// Long enough to mean the message.
    is_held: bool,
}

/// What the ears share. Cheap to copy.
#[derive(Clone, Copy)]
struct Pointing {
    opened: Opened,
    finger: StoredValue<Option<Finger>, LocalStorage>,
    turn: StoredValue<u32>,
}

/// What hears one kind of event.
type Ear = fn(Pointing, &Event);

/// Listens to the list of a conversation for as long as it is on the page.
pub(super) fn follow(opened: Opened, reading: Reading) {
    let pointing = Pointing {
        opened,
        finger: StoredValue::new_local(None),
        turn: StoredValue::new(0),
    };
    Effect::new(move |was_there: Option<bool>| {
        let list = reading.scroller.list.get();
        if let Some(list) = &list
            && was_there != Some(true)
        {
            let list: &Element = list;
            pointing.listen(list);
        }
        list.is_some()
    });
    // The newest message is the list's stop, also of rows that have just been enlivened.
    Effect::new(move |_| {
        opened.rows.track();
        if let Some(list) = reading.scroller.list.get_untracked() {
            let list: Element = (**list).clone();
            request_animation_frame(move || settle(&list));
        }
    });
}

impl Pointing {
    fn listen(self, list: &Element) {
        let ears: [(&'static str, Ear); 8] = [
            ("pointerover", Self::hover),
            ("focusin", Self::focus),
            ("keydown", walk),
            ("pointerdown", Self::press),
            ("pointermove", Self::move_finger),
            ("pointerup", Self::lift),
            ("pointercancel", Self::lift),
            ("contextmenu", Self::ask_for_menu),
        ];
        for (name, hear) in ears {
            listen_to(list, name, move |event| hear(self, event));
        }
    }

    /// Nothing changes while a menu is open.
    fn point_at(self, row: &Element) {
        let id = match position_of(row) {
            Some(position) => self.opened.row_of(position),
            // On its way, or refused: it has no place yet, and no name that the first page would have to carry.
            None => self
                .opened
                .rows
                .with_untracked(|rows| rows.on_its_way(n_below(row))),
        };
        let is_other = self.opened.acting.with_untracked(|acting| acting.pointed != id);
        if id.is_some() && is_other && !is_menu_open() {
            self.opened.acting.update(|acting| acting.pointed = id);
        }
    }

    fn hover(self, event: &Event) {
        let is_mouse = event
            .dyn_ref::<PointerEvent>()
            .is_some_and(|pointer| pointer.pointer_type() == "mouse");
        if let Some(row) = target_row(event).filter(|_| is_mouse) {
            self.point_at(&row);
        }
    }

    fn focus(self, event: &Event) {
        if let Some(row) = target_row(event) {
            self.point_at(&row);
        }
    }

    /// A finger comes down: it may stay.
    fn press(self, event: &Event) {
        let (Some(pointer), Some(row)) = (event.dyn_ref::<PointerEvent>(), target_row(event)) else {
            return;
        };
        if pointer.pointer_type() == "mouse" || is_on_control(event) {
            return;
        }
        let turn = self.turn.get_value().wrapping_add(1);
        self.turn.set_value(turn);
        self.finger.set_value(Some(Finger {
            row,
            x: pointer.client_x(),
            y: pointer.client_y(),
            turn,
            is_held: false,
        }));
        set_timeout(move || self.hold(turn), LONG_PRESS);
    }

    /// It has stayed: the row is pointed at, and its menu opens when the finger is lifted. Before, the lifting would close it.
    fn hold(self, turn: u32) {
        let held = self.finger.try_update_value(|finger| {
            let finger = finger.as_mut().filter(|finger| finger.turn == turn)?;
            finger.is_held = true;
            Some(finger.row.clone())
        });
        if let Some(row) = held.flatten() {
            self.point_at(&row);
        }
    }

    fn move_finger(self, event: &Event) {
        let Some(pointer) = event.dyn_ref::<PointerEvent>() else {
            return;
        };
        let (x, y) = (pointer.client_x(), pointer.client_y());
        self.finger.update_value(|finger| {
            let has_moved = finger
                .as_ref()
                .is_some_and(|finger| (finger.x - x).abs() > STILL_PX || (finger.y - y).abs() > STILL_PX);
            if has_moved {
                *finger = None;
            }
        });
    }

    fn lift(self, _event: &Event) {
        let Some(finger) = self.finger.try_update_value(Option::take).flatten() else {
            return;
        };
        self.point_at(&finger.row);
        if finger.is_held {
            // After the press itself, which would count as one outside the menu.
            set_timeout(move || press_button(&finger.row), Duration::from_millis(50));
        }
    }

    /// The browser's own menu for a long press gives way to ours; that of a mouse stays.
    fn ask_for_menu(self, event: &Event) {
        if self.finger.with_value(Option::is_some) {
            event.prevent_default();
        }
    }
}

/// The arrows lead from message to message, Enter opens what can be done with one, Escape leads back to the box.
fn walk(_: Pointing, event: &Event) {
    let (Some(press), Some(row)) = (event.dyn_ref::<KeyboardEvent>(), target_row(event)) else {
        return;
    };
    let target = event.target();
    let is_on_row = target
        .as_ref()
        .is_some_and(|target| target == row.unchecked_ref::<EventTarget>());
    let is_on_button = target
        .and_then(|target| target.dyn_into::<Element>().ok())
        .is_some_and(|target| target.class_list().contains("message__more"));
    if press.ctrl_key() || press.meta_key() || press.alt_key() || !(is_on_row || is_on_button) {
        return;
    }
    let key = press.key();
    match key.as_str() {
        "Enter" | " " | "ContextMenu" if is_on_row => press_button(&row),
        "Escape" => focus_on("#ecrire"),
        _ => {
            let list = row.parent_element();
            let Some((list, next)) = list.and_then(|list| {
                let next = neighbour(&list, &row, &key)?;
                Some((list, next))
            }) else {
                return;
            };
            focus_row(&list, &next);
        }
    }
    event.prevent_default();
}

fn target_row(event: &Event) -> Option<HtmlElement> {
    row_around(&event.target()?.dyn_into::<Element>().ok()?)
}

/// Links, buttons and the controls of a video mean themselves.
fn is_on_control(event: &Event) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.closest("a, button, video").ok().flatten().is_some())
}

fn is_menu_open() -> bool {
    let open = document().query_selector(&format!("#{MENU}:popover-open"));
    open.ok().flatten().is_some()
}

/// Hears an event of the list until the owner goes.
fn listen_to(list: &Element, name: &'static str, hear: impl Fn(&Event) + 'static) {
    let ear = Closure::<dyn Fn(Event)>::new(move |event: Event| hear(&event));
    let function: &JsValue = ear.as_ref();
    if list
        .add_event_listener_with_callback(name, function.unchecked_ref())
        .is_err()
    {
        return;
    }
    let held = StoredValue::new_local(Some((list.clone(), ear)));
    on_cleanup(move || {
        let _ = held.try_update_value(|held| {
            if let Some((list, ear)) = held.take() {
                let function: &JsValue = ear.as_ref();
                let _ = list.remove_event_listener_with_callback(name, function.unchecked_ref());
            }
        });
    });
}
