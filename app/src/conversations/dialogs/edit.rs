//! Other words for a message. What was typed stays when the question is put aside, and when it is refused.

use leptos::ev::SubmitEvent;
use leptos::html::Textarea;
use leptos::prelude::*;

use super::super::acting::fresh_key;
use super::super::acts_view::Scene;
use super::super::guarding::what;
use super::super::{ChangedMessage, EditMessage, Message, MessageBody};
use super::{Typed, held_back, problem};
use crate::api::MessageKey;
use crate::i18n::{error_words, words::conversations::edit as t};
use crate::ui::Dialog;
use crate::unfiled::{find, masked};

/// Asks for other words.
#[component]
pub(super) fn EditDialog(
    /// Where.
    scene: Scene,
    /// Which message.
    message: Message,
    /// What was typed and not saved.
    typed: Typed,
    /// Whether it is shown.
    open: Signal<bool>,
) -> impl IntoView {
    let Scene { opened, teller } = scene;
    let language = teller.language;
    let (id, has_files) = (message.id, !message.attachments.is_empty());
    let area = NodeRef::<Textarea>::new();
    let refusal = RwSignal::new(None::<String>);
    let is_busy = RwSignal::new(false);
    // A try that was not answered may have been done: the same words go under the same key.
    let tried = StoredValue::new(None::<(MessageBody, MessageKey)>);
    let text = typed
        .with_value(|typed| typed.get(&id).cloned())
        .unwrap_or_else(|| message.body.as_str().to_owned());
    let keep = move || {
        let text = area.get_untracked().map(|area| area.value()).unwrap_or_default();
        typed.update_value(|typed| {
            typed.insert(id, text);
        });
    };
    // What was found in words that belong in a patient's record, until the person has chosen.
    let found = RwSignal::new(None::<String>);
    let save = move |is_let_through: bool| {
        let text = area.get_untracked().map(|area| area.value()).unwrap_or_default();
        // Beside files no word is needed.
        let parsed = if has_files {
            MessageBody::parse_beside_files(&text)
        } else {
            MessageBody::parse(&text)
        };
        let body = match parsed {
            Ok(body) => body,
            Err(error) => return refusal.set(Some(error_words(language, &error))),
        };
        let is_held = !is_let_through && opened.holds_back(body.as_str());
        found.set(is_held.then(|| what(language, &find(body.as_str()))));
        if is_held {
            return;
        }
        let known = tried.get_value().filter(|(said, _)| *said == body);
        let Some(key) = known.map(|(_, key)| key).or_else(fresh_key) else {
            return;
        };
        if is_busy.get_untracked() {
            return;
        }
        tried.set_value(Some((body.clone(), key)));
        is_busy.set(true);
        let call = opened.client().call(EditMessage {
            message: id,
            key,
            body,
        });
        leptos::task::spawn_local(async move {
            let outcome = call.await;
            let _ = is_busy.try_set(false);
            match outcome {
                Ok(ChangedMessage { message }) => {
                    opened.take_changed(&message);
                    typed.try_update_value(|typed| typed.remove(&id));
                    opened.stop_asking();
                }
                Err(error) => {
                    opened.session().notice(&error);
                    let _ = refusal.try_set(Some(teller.refusal(&error)));
                }
            }
        });
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        save(false);
    };
    let mask = move |()| {
        if let Some(area) = area.get_untracked() {
            let text = area.value();
            area.set_value(&masked(&text, &find(&text)));
            keep();
        }
        found.set(None);
    };
    let guard = held_back(
        language,
        found,
        Some(Callback::new(mask)),
        Callback::new(move |()| save(true)),
    );
    view! {
        <Dialog
            open
            on_close=Callback::new(move |()| opened.stop_asking())
            labelled_by="modifier-titre"
            described_by=Some("modifier-note".to_owned())
        >
            <h2 class="dialog__title" id="modifier-titre">
                {t::title(language)}
            </h2>
            <form class="act-form" on:submit=submit>
                <textarea
                    class="field__control act-form__text"
                    rows="4"
                    aria-label=t::text(language)
                    dir="auto"
                    prop:value=text
                    on:input=move |_| keep()
                    node_ref=area
                ></textarea>
                {problem(refusal)}
                {guard}
                <p class="section__note" id="modifier-note">
                    {t::note(language, &opened.friend_name())}
                </p>
                <div class="dialog__actions">
                    <button class="button button--quiet" type="button" on:click=move |_| opened.stop_asking()>
                        {t::cancel(language)}
                    </button>
                    <button class="button button--primary" type="submit" aria-disabled=move || is_busy.get().to_string()>
                        {t::save(language)}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
