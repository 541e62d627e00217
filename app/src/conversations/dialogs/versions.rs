//! What a message said before, oldest first; both can see it.

use leptos::prelude::*;

use super::super::acts_view::Scene;
use super::super::text::{message_text, words_or_files};
use super::super::{ListVersions, Message, Version};
use super::problem;
use crate::i18n::{format, words::conversations::versions as t};
use crate::now::use_now;
use crate::ui::Dialog;

/// Shows them.
#[component]
pub(super) fn VersionsDialog(
    /// Where.
    scene: Scene,
    /// Which message.
    message: Message,
    /// Whether it is shown.
    open: Signal<bool>,
) -> impl IntoView {
    let Scene { opened, teller } = scene;
    let language = teller.language;
    let now = use_now();
    let refusal = RwSignal::new(None::<String>);
    let versions = RwSignal::new(Vec::<Version>::new());
    let call = opened.client().call(ListVersions { message: message.id });
    leptos::task::spawn_local(async move {
        match call.await {
            Ok(listed) => {
                let _ = versions.try_set(listed.versions);
            }
            Err(error) => {
                opened.session().notice(&error);
                let _ = refusal.try_set(Some(teller.refusal(&error)));
            }
        }
    });
    // They have not changed with the words.
    let files = message.attachments;
    let shown = move || {
        let files = files.clone();
        let draw = move |version: Version| {
            let civil = now.civil(version.written_at);
            view! {
                <li>
                    <p class="message__meta">
                        <time datetime=format::machine(civil)>{format::time(language, civil)}</time>
                    </p>
                    <p class="bubble__text" dir="auto">
                        {message_text(&words_or_files(language, &version.body, false, &files))}
                    </p>
                </li>
            }
        };
        versions.get().into_iter().map(draw).collect_view()
    };
    view! {
        <Dialog
            open
            on_close=Callback::new(move |()| opened.stop_asking())
            labelled_by="versions-titre"
        >
            <h2 class="dialog__title" id="versions-titre">
                {t::title(language)}
            </h2>
            {problem(refusal)}
            <ol class="versions" role="list">
                {shown}
            </ol>
            <div class="dialog__actions">
                <button class="button button--quiet" type="button" on:click=move |_| opened.stop_asking()>
                    {t::close(language)}
                </button>
            </div>
        </Dialog>
    }
}
