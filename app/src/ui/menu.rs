//! A button that unfolds a short list of actions.
//!
//! The list is a native popover: it opens without a script, closes on Escape and on a press outside, and gives the focus
//! back to its button. A live page adds the arrows, the place beside the button where the style sheet cannot, and the bounds
//! of the pane: a list whose button stands in an element with `data-menus` stays within that element.

use leptos::{
    ev::{KeyboardEvent, MouseEvent},
    html,
    prelude::*,
};

use super::{
    classes::joined,
    icon::{Icon, IconName},
};

/// The list of the menu around an item.
#[derive(Clone, Copy)]
struct Menu {
    list: NodeRef<html::Div>,
}

/// A round button and the menu it opens.
#[component]
pub fn MenuButton(
    /// Unique in the page; it is that of the list.
    #[prop(into)]
    id: String,
    /// Name of the button and of its menu.
    #[prop(into)]
    label: String,
    /// The drawing on the button.
    #[prop(default = IconName::More)]
    icon: IconName,
    /// More classes for the button.
    #[prop(optional)]
    class: &'static str,
    /// `MenuItem`s and `MenuRule`s.
    children: Children,
) -> impl IntoView {
    let menu = Menu { list: NodeRef::new() };
    let button = NodeRef::<html::Button>::new();
    provide_context(menu);
    view! {
        <button
            class=joined("button button--icon", class)
            type="button"
            popovertarget=id.clone()
            aria-haspopup="menu"
            aria-label=label.clone()
            node_ref=button
        >
            <Icon name=icon />
        </button>
        <div
            class="menu"
            id=id
            popover="auto"
            role="menu"
            aria-label=label
            on:toggle=move |_| menu.settle(button.get_untracked().as_deref())
            on:keydown=move |press| menu.walk(&press)
            node_ref=menu.list
        >
            {children()}
        </div>
    }
}

/// A menu that many buttons open, one for each row of a list: each names it by `popovertarget`, and the one that was
/// pressed has `data-pressed`.
#[component]
pub fn SharedMenu(
    /// Unique in the page; what the buttons name.
    id: &'static str,
    /// Name of the menu, for the row whose button was pressed.
    label: Signal<String>,
    /// More classes for the menu, for that row.
    #[prop(optional, into)]
    class: Signal<&'static str>,
    /// `MenuItem`s and `MenuRule`s.
    children: Children,
) -> impl IntoView {
    let menu = Menu { list: NodeRef::new() };
    provide_context(menu);
    view! {
        <div
            class=move || joined("menu", class.get())
            id=id
            popover="auto"
            role="menu"
            aria-label=move || label.get()
            on:toggle=move |_| menu.settle_beside_pressed(id)
            on:keydown=move |press| menu.walk(&press)
            node_ref=menu.list
        >
            {children()}
        </div>
    }
}

/// One action of a menu: a link, the button of a form, or a plain button.
#[component]
pub fn MenuItem(
    /// What it does.
    #[prop(into)]
    label: String,
    /// A drawing before the words.
    #[prop(optional)]
    icon: Option<IconName>,
    /// Where it leads, for a link.
    #[prop(optional_no_strip, into)]
    href: Option<String>,
    /// Id of the form of the page that it submits.
    #[prop(optional_no_strip, into)]
    form: Option<String>,
    /// What it does in a live page, in place of the link or of the form.
    #[prop(optional, into)]
    on_press: Option<Callback<()>>,
    /// Whether it closes, removes or blocks.
    #[prop(optional)]
    danger: bool,
) -> impl IntoView {
    let menu = use_context::<Menu>();
    let class = if danger {
        "menu__item menu__item--danger"
    } else {
        "menu__item"
    };
    let press = move |press: MouseEvent| {
        // Closed first: the focus is back on the button before the action moves it, to a dialog for instance.
        if let Some(menu) = menu {
            menu.close();
        }
        if let Some(on_press) = on_press {
            press.prevent_default();
            on_press.run(());
        }
    };
    let icon = icon.map(|name| view! { <Icon name /> });
    match href {
        Some(href) => view! {
            <a class=class role="menuitem" href=href on:click=press>
                {icon}
                {label}
            </a>
        }
        .into_any(),
        None => view! {
            <button
                class=class
                role="menuitem"
                type=if form.is_some() { "submit" } else { "button" }
                form=form
                on:click=press
            >
                {icon}
                {label}
            </button>
        }
        .into_any(),
    }
}

/// One of a few words of a menu that stand beside each other; at most one is checked, and pressed again it no longer is.
#[component]
pub fn MenuWord(
    /// The word.
    #[prop(into)]
    label: String,
    /// A drawing before it.
    icon: IconName,
    /// Whether it is the one.
    checked: bool,
    /// What it does.
    #[prop(into)]
    on_press: Callback<()>,
) -> impl IntoView {
    let menu = use_context::<Menu>();
    let press = move |_| {
        if let Some(menu) = menu {
            menu.close();
        }
        on_press.run(());
    };
    view! {
        <button
            class="chip chip--press"
            type="button"
            role="menuitemcheckbox"
            aria-checked=checked.to_string()
            on:click=press
        >
            <Icon name=icon/>
            {label}
        </button>
    }
}

/// A line between two groups of actions.
#[component]
pub fn MenuRule() -> impl IntoView {
    view! { <span class="menu__rule" role="separator"></span> }
}

#[cfg(feature = "hydrate")]
impl Menu {
    /// Just opened: finds its place and gives the focus to the first action.
    fn settle(self, button: Option<&web_sys::HtmlElement>) {
        let Some(list) = self.list.get_untracked() else {
            return;
        };
        if !list.matches(":popover-open").unwrap_or(false) {
            return;
        }
        if let Some(button) = button {
            place(&list, button);
            keep_within_pane(&list, button);
        }
        self.focus(0);
    }

    fn settle_beside_pressed(self, id: &str) {
        use wasm_bindgen::JsCast;

        let pressed = document().query_selector(&format!("[popovertarget={id}][data-pressed]"));
        let pressed = pressed.ok().flatten().and_then(|button| button.dyn_into().ok());
        self.settle(pressed.as_ref());
    }

    /// Arrows, Home and End move among the actions, round and round; Tab leaves, as from any menu.
    fn walk(self, press: &KeyboardEvent) {
        let items = self.items();
        let Ok(last) = i32::try_from(items.len()).map(|n| n - 1) else {
            return;
        };
        let here = document()
            .active_element()
            .and_then(|active| items.iter().position(|item| **item == active));
        let here = here.and_then(|here| i32::try_from(here).ok()).unwrap_or(0);
        let there = match press.key().as_str() {
            "ArrowDown" if here < last => here + 1,
            "ArrowDown" | "Home" => 0,
            "ArrowUp" if here > 0 => here - 1,
            "ArrowUp" | "End" => last,
            "Tab" => return self.close(),
            _ => return,
        };
        press.prevent_default();
        self.focus(usize::try_from(there).unwrap_or(0));
    }

    fn focus(self, place: usize) {
        if let Some(item) = self.items().get(place) {
            // Only an element that has left the page refuses the focus.
            let _ = item.focus();
        }
    }

    fn close(self) {
        if let Some(list) = self.list.get_untracked() {
            // A menu that is closed already needs nothing.
            let _ = list.hide_popover();
        }
    }

    fn items(self) -> Vec<web_sys::HtmlElement> {
        use wasm_bindgen::JsCast;

        let Some(list) = self.list.get_untracked() else {
            return Vec::new();
        };
        let Ok(found) = list.query_selector_all("[role^=menuitem]") else {
            return Vec::new();
        };
        (0..found.length())
            .filter_map(|i| found.get(i)?.dyn_into().ok())
            .collect()
    }
}

/// Tells the style sheet where the button is, for browsers that cannot anchor a popover (Safari before 26).
#[cfg(feature = "hydrate")]
fn place(list: &web_sys::HtmlElement, button: &web_sys::Element) {
    let frame = button.get_bounding_client_rect();
    let width = f64::from(
        document()
            .document_element()
            .map_or(0, |page| page.client_width()),
    );
    let style = list.style();
    // A property nobody reads is not worth an error.
    let _ = style.set_property("--menu-block", &format!("{}px", frame.bottom().round()));
    let _ = style.set_property(
        "--menu-inline",
        &format!("{}px", (width - frame.right()).max(0.0).round()),
    );
}

/// Between a menu and the edge of its pane, in CSS pixels.
#[cfg(feature = "hydrate")]
const GAP: f64 = 8.0;

/// Moves the list sideways until it is inside the pane of its button: the style sheet knows the edges of the window alone.
#[cfg(feature = "hydrate")]
fn keep_within_pane(list: &web_sys::HtmlElement, button: &web_sys::Element) {
    let style = list.style();
    // Measured where it stands by itself. A property nobody reads is not worth an error.
    let _ = style.set_property("--menu-shift", "0px");
    let Some(pane) = button.closest("[data-menus]").ok().flatten() else {
        return;
    };
    let (pane, shown) = (pane.get_bounding_client_rect(), list.get_bounding_client_rect());
    let before = (pane.left() + GAP - shown.left()).max(0.0);
    let after = (shown.right() + GAP - pane.right()).max(0.0);
    // One that is wider than the pane begins with it.
    let shift = if before > 0.0 { before } else { -after };
    let _ = style.set_property("--menu-shift", &format!("{}px", shift.round()));
}

#[cfg(not(feature = "hydrate"))]
#[expect(clippy::unused_self, reason = "the server draws the menu and never opens it")]
impl Menu {
    fn settle(self, _button: Option<&leptos::web_sys::HtmlElement>) {}
    fn settle_beside_pressed(self, _id: &str) {}
    fn walk(self, _press: &KeyboardEvent) {}
    fn close(self) {}
}
