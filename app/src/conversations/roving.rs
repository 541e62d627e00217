//! One message of the history has the focus for all of them: the arrows lead from one to the next, Enter opens what can be
//! done with it. So the list is one stop on the way through the page, however long it is.
//!
//! Source: ux §3.2.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// The rows that the arrows lead to: messages, stored or on their way.
const ROWS: &str = "li.message";

/// The row that an element is in.
pub(super) fn row_around(element: &Element) -> Option<HtmlElement> {
    element.closest(ROWS).ok().flatten()?.dyn_into().ok()
}

/// How many rows stand below it.
pub(super) fn n_below(row: &Element) -> usize {
    let mut n_below = 0;
    let mut next = row.next_element_sibling();
    while let Some(sibling) = next {
        if sibling.matches(ROWS).unwrap_or(false) {
            n_below += 1;
        }
        next = sibling.next_element_sibling();
    }
    n_below
}

/// Its place in the conversation.
pub(super) fn position_of(row: &Element) -> Option<u64> {
    row.get_attribute("data-position")?.parse().ok()
}

/// Gives a row the focus; it is the list's stop from here on.
pub(super) fn focus_row(list: &Element, row: &HtmlElement) {
    make_stop(list, row);
    // Only an element that has left the page refuses the focus.
    let _ = row.focus();
}

/// Sees to it that the list has a stop: the newest message, unless the reader is in the list.
pub(super) fn settle(list: &Element) {
    let is_inside = list.query_selector(":focus").ok().flatten().is_some();
    if let Some(last) = rows(list).pop()
        && !is_inside
    {
        make_stop(list, &last);
    }
}

/// The row that a key leads to from another one.
pub(super) fn neighbour(list: &Element, from: &HtmlElement, key: &str) -> Option<HtmlElement> {
    let rows = rows(list);
    let here = rows.iter().position(|row| row == from)?;
    let there = match key {
        "ArrowUp" => here.checked_sub(1)?,
        "ArrowDown" => here + 1,
        "Home" => 0,
        "End" => rows.len().checked_sub(1)?,
        _ => return None,
    };
    rows.get(there).cloned()
}

fn make_stop(list: &Element, row: &HtmlElement) {
    if let Ok(Some(before)) = list.query_selector("li[tabindex='0']") {
        // An attribute that is refused leaves the row as it was.
        let _ = before.set_attribute("tabindex", "-1");
    }
    let _ = row.set_attribute("tabindex", "0");
}

fn rows(list: &Element) -> Vec<HtmlElement> {
    let Ok(found) = list.query_selector_all(ROWS) else {
        return Vec::new();
    };
    (0..found.length())
        .filter_map(|index| found.get(index)?.dyn_into().ok())
        .collect()
}

/// The button in a row is there one frame after the row is pointed at: then it is pressed.
pub(super) fn press_button(row: &HtmlElement) {
    let row = row.clone();
    request_animation_frame(move || {
        let button = row.query_selector(".message__more").ok().flatten();
        if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
            button.click();
        }
    });
}
