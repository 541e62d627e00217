//! Before a message is deleted: what goes, and what stays.

use leptos::prelude::*;

use super::super::acts_view::Scene;
use super::super::{ChangedMessage, DeleteMessage, Message};
use super::problem;
use crate::i18n::words::conversations::delete as t;
use crate::ui::{Dialog, Icon, IconName};

/// Asks whether to delete.
#[component]
pub(super) fn DeleteDialog(
    /// Where.
    scene: Scene,
    /// Which message.
    message: Message,
    /// Whether it is shown.
    open: Signal<bool>,
) -> impl IntoView {
    let Scene { opened, teller } = scene;
    let language = teller.language;
    let refusal = RwSignal::new(None::<String>);
    let delete = move |_| {
        let call = opened.client().call(DeleteMessage { message: message.id });
        leptos::task::spawn_local(async move {
            match call.await {
                Ok(ChangedMessage { message }) => {
                    opened.stop_asking();
                    opened.take_changed(&message);
                    // What led here is gone: the focus goes to the trace.
                    let position = Some(message.position);
                    let _ = opened.acting.try_update(|acting| acting.jump = position);
                }
                Err(error) => {
                    opened.session().notice(&error);
                    let _ = refusal.try_set(Some(teller.refusal(&error)));
                }
            }
        });
    };
    view! {
        <Dialog
            open
            on_close=Callback::new(move |()| opened.stop_asking())
            labelled_by="supprimer-titre"
            described_by=Some("supprimer-texte".to_owned())
        >
            <h2 class="dialog__title" id="supprimer-titre">
                {t::title(language)}
            </h2>
            <p id="supprimer-texte">{t::text(language, &opened.friend_name())}</p>
            {problem(refusal)}
            <div class="dialog__actions">
                <button class="button button--quiet" type="button" on:click=move |_| opened.stop_asking()>
                    {t::cancel(language)}
                </button>
                <button class="button button--danger" type="button" on:click=delete>
                    <Icon name=IconName::Trash small=true/>
                    {t::word(language)}
                </button>
            </div>
        </Dialog>
    }
}
