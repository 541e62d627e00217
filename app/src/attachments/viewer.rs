//! A picture as large as the screen: zoomed by wheel, fingers, keys and buttons, moved by dragging, and the other pictures of
//! the conversation beside it.
//!
//! Source: ux C7.

use leptos::ev::{KeyboardEvent, MouseEvent, PointerEvent, WheelEvent};
use leptos::{html, prelude::*};

use super::shown::{Home, file_url, sender};
use super::words::name;
use super::{Attachment, Attachments};
use crate::conversations::{MessageRow, Opened};
use crate::i18n::{use_language, words};
use crate::ui::{Icon, IconName};

/// How much closer one may come.
const MOST_ZOOM: f64 = 8.0;
/// One press, or one notch of a wheel.
const STEP: f64 = 1.25;

/// Where the picture stands: how close, and how far from the middle, in pixels of the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    zoom: f64,
    across: f64,
    down: f64,
}

const WHOLE: Place = Place {
    zoom: 1.0,
    across: 0.0,
    down: 0.0,
};

impl Place {
    fn zoomed(self, by: f64) -> Self {
        let zoom = (self.zoom * by).clamp(1.0, MOST_ZOOM);
        if zoom <= 1.0 {
            return WHOLE;
        }
        let part = zoom / self.zoom;
        Self {
            zoom,
            across: self.across * part,
            down: self.down * part,
        }
    }

    fn moved(self, across: f64, down: f64) -> Self {
        if self.zoom <= 1.0 {
            return self;
        }
        Self {
            across: self.across + across,
            down: self.down + down,
            ..self
        }
    }

    fn transform(self) -> String {
        format!(
            "translate({}px, {}px) scale({})",
            self.across.round(),
            self.down.round(),
            self.zoom
        )
    }
}

/// A picture, and whose it is.
#[derive(Clone, PartialEq)]
struct Shown {
    file: Attachment,
    row: MessageRow,
}

/// The viewer of the conversation around it; shut while no picture is looked at.
#[component]
pub fn Viewer() -> impl IntoView {
    use words::attachments::viewer as t;
    let language = use_language();
    let opened = expect_context::<Opened>();
    let home = expect_context::<Home>();
    let node = NodeRef::<html::Dialog>::new();
    let place = RwSignal::new(WHOLE);
    let pictures = Memo::new(move |_| pictures(opened));
    let index = Memo::new(move |_| {
        let viewed = opened.viewed.get();
        let wanted = home.file(&viewed)?;
        pictures.with(|pictures| {
            pictures
                .iter()
                .position(|shown| shown.file.id.to_string() == wanted)
        })
    });
    let shown = Memo::new(move |_| pictures.with(|pictures| pictures.get(index.get()?).cloned()));
    show_when(node, index);
    let go = move |by: i32| {
        let next = index
            .get_untracked()
            .and_then(|index| index.checked_add_signed(isize::try_from(by).ok()?));
        let id =
            next.and_then(|next| pictures.with_untracked(|all| Some(all.get(next)?.file.id.to_string())));
        if let Some(id) = id {
            place.set(WHOLE);
            opened.viewed.set(home.viewed(&id));
        }
    };
    let closed = move |_| {
        place.set(WHOLE);
        opened.viewed.set(String::new());
    };
    let close = move |_: MouseEvent| {
        if let Some(dialog) = node.get_untracked() {
            dialog.close();
        }
    };
    let pressed = move |press: KeyboardEvent| {
        match press.key().as_str() {
            "ArrowLeft" => go(-1),
            "ArrowRight" => go(1),
            "+" | "=" => place.update(|place| *place = place.zoomed(STEP)),
            "-" | "_" => place.update(|place| *place = place.zoomed(1.0 / STEP)),
            "0" => place.set(WHOLE),
            _ => return,
        }
        press.prevent_default();
        press.stop_propagation();
    };
    let can_go = move |by: isize| {
        move || {
            let n_pictures = pictures.with(Vec::len);
            index
                .get()
                .and_then(|index| index.checked_add_signed(by))
                .is_some_and(|next| next < n_pictures)
        }
    };
    let title = move || {
        let shown = shown.get()?;
        let which = index.get()? + 1;
        let all = pictures.with(Vec::len);
        let who = sender(language, opened, &shown.row);
        Some(t::title(language, &which.to_string(), &all.to_string(), &who))
    };
    let tools = move || {
        let shown = shown.get()?;
        let called = name(language, &shown.file.name);
        Some(view! {
            <a
                class="button button--icon"
                href=file_url(shown.file.id)
                download=shown.file.name.as_str().to_owned()
                rel="external"
                aria-label=t::download(language, &called)
            >
                <Icon name=IconName::Download/>
            </a>
        })
    };
    let button = move |icon: IconName, label: &'static str, act: Callback<()>| {
        view! {
            <button class="button button--icon" type="button" aria-label=label on:click=move |_| act.run(())>
                <Icon name=icon/>
            </button>
        }
    };
    view! {
        <dialog
            class="viewer"
            aria-label=title
            on:close=closed
            on:keydown=pressed
            // A press in here is none on the bubble behind.
            on:click=move |press: MouseEvent| press.stop_propagation()
            node_ref=node
        >
            <div class="viewer__head">
                <p class="viewer__title">{title}</p>
                {button(
                    IconName::Plus,
                    t::closer(language),
                    Callback::new(move |()| place.update(|place| *place = place.zoomed(STEP))),
                )}
                {button(IconName::Refresh, t::whole(language), Callback::new(move |()| place.set(WHOLE)))}
                {tools}
                <button class="button button--icon" type="button" aria-label=t::close(language) on:click=close>
                    <Icon name=IconName::Close/>
                </button>
            </div>
            <Stage shown place/>
            <button
                class="button button--icon viewer__before"
                type="button"
                aria-label=t::previous(language)
                disabled=move || !can_go(-1)()
                on:click=move |_| go(-1)
            >
                <Icon name=IconName::ChevronLeft/>
            </button>
            <button
                class="button button--icon viewer__after"
                type="button"
                aria-label=t::next(language)
                disabled=move || !can_go(1)()
                on:click=move |_| go(1)
            >
                <Icon name=IconName::ChevronRight/>
            </button>
        </dialog>
    }
}

/// The picture itself, under fingers and wheel.
#[component]
fn Stage(shown: Memo<Option<Shown>>, place: RwSignal<Place>) -> impl IntoView {
    let language = use_language();
    let opened = expect_context::<Opened>();
    // The fingers that are down, and where.
    let fingers = StoredValue::new(Vec::<(i32, f64, f64)>::new());
    let down = move |press: PointerEvent| {
        hold(&press);
        let point = (
            press.pointer_id(),
            f64::from(press.client_x()),
            f64::from(press.client_y()),
        );
        fingers.update_value(|fingers| fingers.push(point));
    };
    let moved = move |press: PointerEvent| {
        let (id, x, y) = (
            press.pointer_id(),
            f64::from(press.client_x()),
            f64::from(press.client_y()),
        );
        fingers.update_value(|fingers| {
            let before = fingers.clone();
            let Some(finger) = fingers.iter_mut().find(|(known, ..)| *known == id) else {
                return;
            };
            let (across, down) = (x - finger.1, y - finger.2);
            *finger = (id, x, y);
            match (&before[..], &fingers[..]) {
                ([a, b], [c, d]) => {
                    let apart = |one: &(i32, f64, f64), other: &(i32, f64, f64)| {
                        (one.1 - other.1).hypot(one.2 - other.2).max(1.0)
                    };
                    let by = apart(c, d) / apart(a, b);
                    place.update(|place| *place = place.zoomed(by).moved(across / 2.0, down / 2.0));
                }
                _ => place.update(|place| *place = place.moved(across, down)),
            }
        });
    };
    let up = move |press: PointerEvent| {
        fingers.update_value(|fingers| fingers.retain(|(known, ..)| *known != press.pointer_id()));
    };
    let wheel = move |turn: WheelEvent| {
        turn.prevent_default();
        let by = if turn.delta_y() < 0.0 { STEP } else { 1.0 / STEP };
        place.update(|place| *place = place.zoomed(by));
    };
    let twice = move |_| {
        place.update(|place| {
            *place = if place.zoom > 1.0 {
                WHOLE
            } else {
                place.zoomed(STEP * STEP * STEP)
            }
        });
    };
    view! {
        <div
            class="viewer__stage"
            on:pointerdown=down
            on:pointermove=moved
            on:pointerup=up
            on:pointercancel=up
            on:wheel=wheel
            on:dblclick=twice
        >
            {move || {
                let shown = shown.get()?;
                let alt = shown
                    .file
                    .description
                    .clone()
                    .unwrap_or_else(|| sender(language, opened, &shown.row));
                Some(
                    view! {
                        <img
                            class="viewer__picture"
                            src=file_url(shown.file.id)
                            alt=alt
                            width=shown.file.width.unwrap_or_default()
                            height=shown.file.height.unwrap_or_default()
                            draggable="false"
                            style:transform=move || place.get().transform()
                        />
                    },
                )
            }}
        </div>
    }
}

/// All pictures of the conversation that the page holds, oldest first.
fn pictures(opened: Opened) -> Vec<Shown> {
    opened.rows.with(|rows| {
        let of_row = |row: &MessageRow| {
            let files = row
                .attachments
                .as_ref()
                .map(Attachments::list)
                .unwrap_or_default()
                .into_iter();
            let row = row.clone();
            files.filter(|file| file.width.is_some()).map(move |file| Shown {
                file,
                row: row.clone(),
            })
        };
        let messages = rows.order.iter().filter_map(|row| match row {
            crate::conversations::rows::Row::Message(id) => rows.messages.get(id),
            _ => None,
        });
        messages.flat_map(of_row).collect()
    })
}

/// The pointer stays with the picture, wherever it goes.
fn hold(press: &PointerEvent) {
    #[cfg(feature = "hydrate")]
    {
        use leptos::wasm_bindgen::JsCast;
        let stage = press
            .current_target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        if let Some(stage) = stage {
            let _ = stage.set_pointer_capture(press.pointer_id());
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = press;
}

/// Opens the element over the page while a picture is looked at.
fn show_when(node: NodeRef<html::Dialog>, index: Memo<Option<usize>>) {
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        let is_open = dialog.open();
        match index.get() {
            Some(_) if !is_open => {
                let _ = dialog.show_modal();
            }
            None if is_open => dialog.close(),
            _ => {}
        }
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = (node, index);
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact in binary")]
mod tests {
    use super::*;

    #[test]
    fn a_picture_comes_closer_and_goes_back_to_the_middle() {
        let close = WHOLE.zoomed(2.0).moved(10.0, -6.0);

        assert_eq!((close.zoom, close.across, close.down), (2.0, 10.0, -6.0));
        assert_eq!(
            close.zoomed(2.0).across,
            20.0,
            "what is looked at stays where it is"
        );
        assert_eq!(close.zoomed(0.1), WHOLE);
        assert_eq!(WHOLE.zoomed(100.0).zoom, MOST_ZOOM);
        assert_eq!(WHOLE.moved(50.0, 50.0), WHOLE, "a whole picture does not move");
        assert_eq!(close.transform(), "translate(10px, -6px) scale(2)");
    }
}
