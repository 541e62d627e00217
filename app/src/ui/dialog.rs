//! A question that must be answered before going on.
//!
//! The native element does the work: it holds the focus, hears Escape, makes the rest of the page inert and gives the
//! focus back to the button that opened it. Without a script, a page rendered with the dialog open shows it as well: the
//! way in and the way out are then ordinary links and forms inside it.

use leptos::{html, prelude::*};

/// A dialog; a sheet from the bottom on a phone.
#[component]
pub fn Dialog(
    /// Whether it is shown; the caller alone changes it.
    #[prop(into)]
    open: Signal<bool>,
    /// Hears that the person pressed Escape or outside; usually sets `open` to false.
    #[prop(into)]
    on_close: Callback<()>,
    /// Id of its title, among the children: `<h2 class="dialog__title">`.
    #[prop(into)]
    labelled_by: String,
    /// Id of its text, among the children.
    #[prop(optional_no_strip, into)]
    described_by: Option<String>,
    /// Title, text, and a `<div class="dialog__actions">` whose first button changes nothing: it has the
    /// focus.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    show_when(node, open);
    // Closing by ourselves ends here too; only a closing that nobody asked for is news.
    let closed = move |_| {
        if open.get_untracked() {
            on_close.run(());
        }
    };
    view! {
        <dialog
            class="dialog"
            open=open.get_untracked()
            closedby="any"
            aria-labelledby=labelled_by
            aria-describedby=described_by
            on:close=closed
            node_ref=node
        >
            {children()}
        </dialog>
    }
}

/// Opens the element as a modal, or closes it, when the signal says so.
fn show_when(node: NodeRef<html::Dialog>, open: Signal<bool>) {
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        if !open.get() {
            dialog.close();
            return;
        }
        if !dialog.matches(":modal").unwrap_or(false) {
            // A page that came open shows it without holding the focus. Taking the attribute away, unlike `close`, says
            // nothing to anybody. Showing fails only for an element that has left the page, which then needs nothing.
            dialog.set_open(false);
            let _ = dialog.show_modal();
        }
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = (node, open);
}
