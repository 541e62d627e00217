//! The scroller of a history: keeps the row under the reader's eye where it is, whatever comes, goes or grows around it.
//!
//! The scroller is a reversed column: its zero is the bottom, above it positions are negative, and a page opens at the
//! newest message without a script. Browsers that keep a row in place by themselves are told not to (Safari before 27
//! cannot), so that there is one rule everywhere: after each change of layout and before it is painted, the noted row is
//! put back.
//!
//! Source: ux R4, R5.

use leptos::html::{Div, Ol};
use leptos::prelude::*;

/// Nearer to the bottom than this, in pixels, the reader follows what arrives.
#[cfg(feature = "hydrate")]
const FOLLOW_PX: i32 = 80;

/// Which stored messages are on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sight {
    /// The first whose bottom is visible.
    pub(super) first: u64,
    /// The last whose bottom is visible.
    pub(super) last: u64,
}

/// A scroller and the list inside it. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Scroller {
    /// What scrolls.
    pub(super) frame: NodeRef<Div>,
    /// The rows.
    pub(super) list: NodeRef<Ol>,
    #[cfg(feature = "hydrate")]
    anchor: StoredValue<Option<Anchor>, LocalStorage>,
}

/// The row under the eye, and where it stands below the top of the frame.
#[cfg(feature = "hydrate")]
#[derive(Clone)]
struct Anchor {
    row: web_sys::Element,
    offset_px: f64,
}

impl Scroller {
    /// A scroller that is not yet on the page.
    pub(super) fn new() -> Self {
        Self {
            frame: NodeRef::new(),
            list: NodeRef::new(),
            #[cfg(feature = "hydrate")]
            anchor: StoredValue::new_local(None),
        }
    }
}

#[cfg(not(feature = "hydrate"))]
#[expect(
    clippy::unused_self,
    reason = "the server draws the history and never scrolls it"
)]
impl Scroller {
    pub(super) fn is_at_bottom(self) -> bool {
        true
    }
    pub(super) fn is_near_top(self) -> bool {
        false
    }
    pub(super) fn to_bottom(self) {}
    pub(super) fn note(self) {}
    pub(super) fn open_at(self, _row_class: &str) {}
    pub(super) fn to_position(self, _position: u64) {}
    pub(super) fn show(self, _position: u64) {}
    pub(super) fn sight(self) -> Option<Sight> {
        None
    }
    pub(super) fn keep_in_place(self, _on_layout: impl Fn() + 'static) {}
}

#[cfg(feature = "hydrate")]
impl Scroller {
    /// Whether the newest message is in sight, or nearly.
    pub(super) fn is_at_bottom(self) -> bool {
        self.frame
            .get_untracked()
            .is_none_or(|frame| frame.scroll_top() >= -FOLLOW_PX)
    }

    /// Whether the oldest row held is less than one and a half screens away.
    pub(super) fn is_near_top(self) -> bool {
        self.frame.get_untracked().is_some_and(|frame| {
            let above = frame.scroll_height() - frame.client_height() + frame.scroll_top();
            above < frame.client_height() * 3 / 2
        })
    }

    /// Goes to the newest message, and follows from there.
    pub(super) fn to_bottom(self) {
        self.anchor.set_value(None);
        if let Some(frame) = self.frame.get_untracked() {
            frame.set_scroll_top(0);
        }
    }

    /// Notes the row under the eye: the first one in sight; none at the bottom, where the reader follows.
    pub(super) fn note(self) {
        if self.is_at_bottom() {
            self.anchor.set_value(None);
            return;
        }
        let (Some(frame), Some(list)) = (self.frame.get_untracked(), self.list.get_untracked()) else {
            return;
        };
        let top = frame.get_bounding_client_rect().top();
        let rows = list.children();
        let index = first_where(rows.length(), |index| {
            rows.item(index)
                .is_some_and(|row| row.get_bounding_client_rect().bottom() > top + 1.0)
        });
        let anchor = rows.item(index).map(|row| Anchor {
            offset_px: row.get_bounding_client_rect().top() - top,
            row,
        });
        self.anchor.set_value(anchor);
    }

    /// Puts the noted row back where it was.
    fn restore(self) {
        let Some(frame) = self.frame.get_untracked() else {
            return;
        };
        let Some(anchor) = self.anchor.get_value() else {
            if frame.scroll_top() != 0 {
                frame.set_scroll_top(0);
            }
            return;
        };
        if !anchor.row.is_connected() {
            return;
        }
        let moved_px = anchor.row.get_bounding_client_rect().top()
            - frame.get_bounding_client_rect().top()
            - anchor.offset_px;
        if moved_px.abs() >= 0.5 {
            #[expect(clippy::cast_possible_truncation, reason = "a distance on a screen")]
            frame.set_scroll_top(frame.scroll_top() + moved_px.round() as i32);
        }
    }

    /// Opens with the row of this class at the top, one row of context above it, if it does not fit in sight otherwise.
    pub(super) fn open_at(self, row_class: &str) {
        let (Some(frame), Some(list)) = (self.frame.get_untracked(), self.list.get_untracked()) else {
            return;
        };
        let Some(row) = list.get_elements_by_class_name(row_class).item(0) else {
            return;
        };
        if frame.scroll_top() != 0 {
            // The reader was faster.
            return;
        }
        let row = row.previous_element_sibling().unwrap_or(row);
        self.bring_to_top(&frame, &row);
    }

    /// Goes to the message at this position, or the first one after it.
    pub(super) fn to_position(self, position: u64) {
        let (Some(frame), Some(list)) = (self.frame.get_untracked(), self.list.get_untracked()) else {
            return;
        };
        let rows = list.children();
        let row = (0..rows.length())
            .filter_map(|index| rows.item(index))
            .find(|row| position_of(row).is_some_and(|at| at >= position));
        if let Some(row) = row {
            self.bring_to_top(&frame, &row);
        }
    }

    /// Brings the message at this position into the middle, marks it for a moment and gives it the focus.
    pub(super) fn show(self, position: u64) {
        use wasm_bindgen::JsCast;

        let Some(list) = self.list.try_get_untracked().flatten() else {
            return;
        };
        let found = list.query_selector(&format!("[data-position='{position}']"));
        let Some(row) = found
            .ok()
            .flatten()
            .and_then(|row| row.dyn_into::<web_sys::HtmlElement>().ok())
        else {
            return;
        };
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Center);
        row.scroll_into_view_with_scroll_into_view_options(&options);
        self.note();
        super::roving::focus_row(&list, &row);
        // An attribute that is refused leaves the row as it was.
        let _ = row.set_attribute("data-found", "");
        set_timeout(
            move || drop(row.remove_attribute("data-found")),
            std::time::Duration::from_secs(2),
        );
    }

    fn bring_to_top(self, frame: &web_sys::HtmlDivElement, row: &web_sys::Element) {
        let above_px = row.get_bounding_client_rect().top() - frame.get_bounding_client_rect().top();
        if above_px < 0.0 {
            #[expect(clippy::cast_possible_truncation, reason = "a distance on a screen")]
            frame.set_scroll_top(frame.scroll_top() + above_px.floor() as i32 - 8);
        }
        self.note();
    }

    /// What the reader can see.
    pub(super) fn sight(self) -> Option<Sight> {
        let frame = self.frame.get_untracked()?;
        let list = self.list.get_untracked()?;
        let rows = list.children();
        let frame = frame.get_bounding_client_rect();
        let bottom = |index| {
            rows.item(index)
                .map_or(0.0, |row| row.get_bounding_client_rect().bottom())
        };
        let first = first_where(rows.length(), |index| bottom(index) > frame.top() + 1.0);
        let end = first_where(rows.length(), |index| bottom(index) > frame.bottom() + 1.0);
        let mut positions = (first..end).filter_map(|index| position_of(&rows.item(index)?));
        let first = positions.next()?;
        Some(Sight {
            first,
            last: positions.next_back().unwrap_or(first),
        })
    }

    /// From now on the row under the eye stays where it is; `on_layout` is told of each change of layout.
    pub(super) fn keep_in_place(self, on_layout: impl Fn() + 'static) {
        use wasm_bindgen::JsCast;
        use wasm_bindgen::closure::Closure;

        let (Some(frame), Some(list)) = (self.frame.get_untracked(), self.list.get_untracked()) else {
            return;
        };
        let callback = Closure::<dyn FnMut()>::new(move || {
            if self.anchor.try_with_value(|_| ()).is_some() {
                self.restore();
                on_layout();
            }
        });
        let Ok(observer) = web_sys::ResizeObserver::new(callback.as_ref().unchecked_ref()) else {
            return;
        };
        observer.observe(&frame);
        if let Some(flow) = list.parent_element() {
            observer.observe(&flow);
        }
        let held = StoredValue::new_local(Some((observer, callback)));
        on_cleanup(move || {
            let _ = held.try_update_value(|held| {
                if let Some((observer, _)) = held.take() {
                    observer.disconnect();
                }
            });
        });
    }
}

/// The first index for which `holds`; it holds for all after it. `length` when for none.
#[cfg(feature = "hydrate")]
fn first_where(length: u32, holds: impl Fn(u32) -> bool) -> u32 {
    let (mut low, mut high) = (0, length);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

#[cfg(feature = "hydrate")]
fn position_of(row: &web_sys::Element) -> Option<u64> {
    row.get_attribute("data-position")?.parse().ok()
}
