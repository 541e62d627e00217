//! A photo taken for this message, in one press: on a device that is held in the hand, the camera opens at once.

use leptos::prelude::*;

use crate::conversations::Opened;
use crate::i18n::{use_language, words::attachments::tray as t};
use crate::ui::{Icon, IconName};

/// Beside the control that takes files. What the camera takes goes from memory into the box, and into no album.
#[component]
pub(crate) fn Camera(opened: Opened) -> impl IntoView {
    let language = use_language();
    is_handheld().then(|| {
        view! {
            <label class="button button--icon compose__attach">
                <Icon name=IconName::Camera/>
                <input
                    class="visually-hidden"
                    type="file"
                    accept="image/jpeg,image/png"
                    capture="environment"
                    aria-label=t::camera(language)
                    on:change=move |event| taken(opened, &event)
                />
            </label>
        }
    })
}

/// Where a mouse points there is hardly a camera that looks at a patient: the browser would show its files a second time.
fn is_handheld() -> bool {
    #[cfg(feature = "hydrate")]
    let is_handheld = window()
        .match_media("(pointer: coarse)")
        .ok()
        .flatten()
        .is_some_and(|query| query.matches());
    #[cfg(not(feature = "hydrate"))]
    let is_handheld = false;
    is_handheld
}

fn taken(opened: Opened, event: &leptos::ev::Event) {
    #[cfg(feature = "hydrate")]
    super::door::take_from(opened, &event_target(event));
    #[cfg(not(feature = "hydrate"))]
    let _ = (opened, event);
}
