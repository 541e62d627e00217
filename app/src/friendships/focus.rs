//! Where the focus goes when a change takes its element away: a person who works by keyboard or by ear stays in place.

use crate::api::AccountId;

/// To be called just before a change about `account` is drawn. If the focus stands on that person's card and goes away
/// with it, it moves to what now stands there: the same person's next control, else the section's heading. Never to
/// somebody else's button, which a second press of Enter would set off.
///
/// Cards and rows carry `data-person` with the account.
pub fn hold_focus(account: AccountId) {
    #[cfg(feature = "hydrate")]
    in_browser::hold(account);
    #[cfg(not(feature = "hydrate"))]
    let _ = account;
}

#[cfg(feature = "hydrate")]
mod in_browser {
    use leptos::prelude::{document, request_animation_frame};
    use wasm_bindgen::JsCast;

    use crate::api::AccountId;

    pub(super) fn hold(account: AccountId) {
        let root = format!("[data-person='{account}']");
        let Some(active) = document().active_element() else {
            return;
        };
        if active.closest(&root).ok().flatten().is_none() {
            return;
        }
        let section = active
            .closest("section[id]")
            .ok()
            .flatten()
            .map_or_else(|| "contenu".to_owned(), |it| it.id());
        // Two frames: the change is drawn before the second.
        request_animation_frame(move || {
            request_animation_frame(move || {
                if !is_lost() {
                    return;
                }
                let places = [
                    format!("#{section} {root} .button"),
                    format!("#{section} :is(h1, h2)"),
                ];
                for place in places {
                    let found = document().query_selector(&place).ok().flatten();
                    if let Some(found) = found.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok())
                    {
                        // Only an element that has left the page refuses the focus.
                        let _ = found.focus();
                        return;
                    }
                }
            });
        });
    }

    /// Whether the element that had the focus has gone.
    fn is_lost() -> bool {
        document()
            .active_element()
            .is_none_or(|active| active.tag_name() == "BODY")
    }
}
