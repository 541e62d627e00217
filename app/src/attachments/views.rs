//! Files that are looked at without being kept: a video in its place, a PDF in a tab of its own. Each keeps the row that has
//! it as a file, which is the way for whoever can see neither here.
//!
//! Both are the browser's own: its controls are known to fingers, keys and screen readers, and work without a script.
//!
//! Source: ux C7; docs/decisions/0019-attachments.md.

use leptos::html::Video;
use leptos::prelude::*;

use super::Attachment;
use super::shown::{FileRow, file_url};
use super::words::name;
use crate::i18n::{use_language, words::attachments::view as t};
use crate::ui::{Icon, IconName};

/// A video: what plays it, in a room that is the same before and after anything of it has come, and below it the file. One that
/// the browser cannot play says so in that room.
#[component]
pub(super) fn VideoRow(file: Attachment) -> impl IntoView {
    let language = use_language();
    let label = t::video(language, &name(language, &file.name));
    let player = NodeRef::<Video>::new();
    let is_unplayable = RwSignal::new(false);
    look_once(player, is_unplayable);
    view! {
        <div class="video">
            // A press in here is none on the bubble around.
            <div class="video__stage" on:click=move |press| press.stop_propagation()>
                <video
                    class="video__player"
                    src=file_url(file.id)
                    controls=true
                    playsinline=true
                    preload="metadata"
                    aria-label=label
                    hidden=move || is_unplayable.get()
                    on:error=move |_| is_unplayable.set(true)
                    node_ref=player
                ></video>
                <div class="video__said" role="status">
                    {move || is_unplayable.get().then(|| t::unplayable(language))}
                </div>
            </div>
            <FileRow file/>
        </div>
    }
}

/// A PDF: the file, and a way to see it in the browser's own viewer, unless it holds what could run there.
#[component]
pub(super) fn PdfRow(file: Attachment) -> impl IntoView {
    let language = use_language();
    let open = file.is_viewable().then(|| {
        let label = t::open_file(language, &name(language, &file.name));
        view! {
            <a
                class="button button--outline"
                href=format!("{}/view", file_url(file.id))
                target="_blank"
                rel="noopener external"
                aria-label=label
            >
                <Icon name=IconName::Eye small=true/>
                {t::open(language)}
            </a>
        }
    });
    view! {
        <div class="pdf">
            <FileRow file/>
            {open}
        </div>
    }
}

/// A video that the server has drawn may have failed before the page was alive, when nobody listened.
fn look_once(player: NodeRef<Video>, is_unplayable: RwSignal<bool>) {
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        let Some(player) = player.get() else { return };
        if js_sys::Reflect::get(&player, &"error".into()).is_ok_and(|error| error.is_truthy()) {
            is_unplayable.set(true);
        }
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = (player, is_unplayable);
}
