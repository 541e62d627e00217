//! Lists that the server has drawn and that come alive last: what stands in them is readable, and its links lead on, from the
//! first moment. Their rows are most of what a page draws, and little of what it is opened for; so neither the code that draws
//! them nor the time that it takes stands between the first page and the first key.
//!
//! Source: `docs/decisions/0023-late-lists.md`.

use leptos::prelude::*;

/// The rows as the server draws them, for `inner_html` of their list; nothing in a browser, where they stand already or are
/// drawn by [`enliven`].
pub fn drawn_by_server(rows: impl FnOnce() -> AnyView) -> String {
    #[cfg(feature = "ssr")]
    let html = rows().to_html();
    #[cfg(not(feature = "ssr"))]
    let html = {
        let _ = rows;
        String::new()
    };
    html
}

/// Whether the script runs this page already: what is drawn now comes from a navigation, not from the server's HTML.
pub fn is_live_page() -> bool {
    #[cfg(feature = "hydrate")]
    let is_live = document()
        .document_element()
        .is_some_and(|html| html.has_attribute("data-hydrated"));
    #[cfg(not(feature = "hydrate"))]
    let is_live = false;
    is_live
}

/// Draws the rows into their list once the page is whole: alive, in place of what the server has drawn. `then` is told. After a
/// navigation nothing was drawn, and nothing is waited for.
///
/// What had the focus has it again, and a button that was pressed before is pressed then.
pub fn enliven<List>(
    list: NodeRef<List>,
    is_whole: RwSignal<bool>,
    rows: impl Fn() -> AnyView + 'static,
    then: impl Fn() + 'static,
) where
    List: leptos::html::ElementType,
    List::Output: leptos::wasm_bindgen::JsCast + Clone + 'static,
{
    #[cfg(feature = "hydrate")]
    alive::enliven(
        Box::new(move || list.get().map(leptos::wasm_bindgen::JsCast::unchecked_into)),
        is_whole,
        Box::new(rows),
        Box::new(then),
    );
    #[cfg(not(feature = "hydrate"))]
    let _ = (list, is_whole, rows, then);
}

#[cfg(feature = "hydrate")]
mod alive {
    use leptos::prelude::*;
    use leptos::tachys::view::{Mountable, Render};
    use wasm_bindgen::JsCast;
    use wasm_bindgen::prelude::wasm_bindgen;
    use web_sys::{Element, HtmlElement};

    #[wasm_bindgen]
    extern "C" {
        /// The button of a late list that was pressed last before the page was whole: see `chunks.js`.
        #[wasm_bindgen(js_name = pressedEarly)]
        fn pressed_early() -> Option<Element>;
    }

    /// Compiled once, not for each list: some of it travels with the first page.
    pub(super) fn enliven(
        list: Box<dyn Fn() -> Option<Element>>,
        is_whole: RwSignal<bool>,
        rows: Box<dyn Fn() -> AnyView>,
        then: Box<dyn Fn()>,
    ) {
        let owner = Owner::current();
        let comes_later = super::is_live_page();
        // The rows live as long as the piece that has them.
        let drawn = StoredValue::new_local(None);
        Effect::new(move |was_alive: Option<bool>| {
            if was_alive == Some(true) {
                return true;
            }
            let (Some(list), true) = (list(), is_whole.get() || comes_later) else {
                return false;
            };
            if let Some(owner) = &owner {
                let state = owner.with(|| draw(&list, rows()));
                drawn.set_value(Some(state));
                then();
            }
            true
        });
    }

    fn draw(list: &Element, rows: AnyView) -> <AnyView as Render>::State {
        let focused = document()
            .active_element()
            .and_then(|focused| place_in(list, &focused));
        let pressed = pressed_early().and_then(|pressed| place_in(list, &pressed));
        list.set_inner_html("");
        let mut state = rows.build();
        state.mount(list, None);
        if let Some(focused) = focused.and_then(|place| find(list, &place)) {
            // Only an element that has left the page refuses the focus.
            let _ = focused.focus();
        }
        if let Some(pressed) = pressed.and_then(|place| find(list, &place)) {
            pressed.click();
        }
        state
    }

    /// Where something stands in a list: in which row, and what it is there.
    struct Place {
        row: u32,
        selector: String,
    }

    fn place_in(list: &Element, element: &Element) -> Option<Place> {
        let rows = list.children();
        let row =
            (0..rows.length()).find(|row| rows.item(*row).is_some_and(|row| row.contains(Some(element))))?;
        let class = element.class_list().item(0)?;
        Some(Place {
            row,
            selector: format!("{}.{class}", element.local_name()),
        })
    }

    fn find(list: &Element, place: &Place) -> Option<HtmlElement> {
        let row = list.children().item(place.row)?;
        row.query_selector(&place.selector)
            .ok()
            .flatten()?
            .dyn_into()
            .ok()
    }
}
