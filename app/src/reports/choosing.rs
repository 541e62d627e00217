//! The first step: why, a word of one's own, and which messages the administrators may read. None is chosen beforehand.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::message::HandedMessage;
use super::report_page::chosen;
use super::{PreviewReport, ReportPreview, ReportReason, ReportWords, ReportedMessage, reason_words};
use crate::api::{AccountId, ApiError, InvalidReason, Operation};
use crate::boot::Posted;
use crate::i18n::{use_language, words::reports as t};
use crate::session::{use_client, use_session};
use crate::ui::SubmitButton;

/// The form; what it would hand over is shown by the second step.
#[component]
pub(super) fn Choosing(
    /// Whom it is about.
    account: AccountId,
    /// Their name.
    name: String,
    /// The last messages of the exchange with them, oldest first.
    messages: Vec<ReportedMessage>,
    /// What a plain form brought.
    posted: Option<Posted>,
    /// What the second step shows.
    preview: RwSignal<Option<ReportPreview>>,
    /// Why one of the steps was refused.
    refused: RwSignal<Option<ApiError>>,
) -> impl IntoView {
    let language = use_language();
    let session = use_session();
    let client = StoredValue::new(use_client());
    let is_pending = RwSignal::new(false);
    let me = session.me.with_untracked(|me| me.as_ref().map(|me| me.id));
    let typed = posted
        .as_ref()
        .and_then(|posted| posted.field("words"))
        .unwrap_or_default()
        .to_owned();
    let reason = posted
        .as_ref()
        .and_then(|posted| ReportReason::from_name(posted.field("reason")?));
    let ticked = posted.as_ref().map(chosen).unwrap_or_default();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(wish) = read_form(&event, account) else {
            return;
        };
        if is_pending.get_untracked() {
            return;
        }
        is_pending.set(true);
        let call = client.with_value(|client| client.call(wish));
        leptos::task::spawn_local(async move {
            let outcome = call.await;
            let _ = is_pending.try_set(false);
            match outcome {
                Ok(shown) => {
                    let _ = refused.try_set(None);
                    let _ = preview.try_set(Some(shown));
                }
                Err(error) => {
                    session.notice(&error);
                    let _ = refused.try_set(Some(error));
                }
            }
        });
    };
    let reasons = ReportReason::ALL.map(|offered| {
        view! {
            <label class="check">
                <input
                    type="radio"
                    name="reason"
                    value=offered.as_str()
                    required=true
                    checked=reason == Some(offered)
                />
                {reason_words(language, offered)}
            </label>
        }
    });
    let has_messages = !messages.is_empty();
    let offered: Vec<_> = messages
        .into_iter()
        .map(|message| {
            let position = message.position;
            let is_mine = Some(message.author) == me;
            let author = if is_mine {
                t::you(language).to_owned()
            } else {
                name.clone()
            };
            view! {
                <li>
                    <label class="check report-choice">
                        <input
                            type="checkbox"
                            name="messages"
                            value=position.to_string()
                            checked=ticked.contains(&position)
                        />
                        <HandedMessage message author/>
                    </label>
                </li>
            }
        })
        .collect();
    view! {
        <form method="post" class="form report-form" on:submit=submit>
            <input type="hidden" name="operation" value=PreviewReport::NAME/>
            <input type="hidden" name="account" value=account.to_string()/>
            <fieldset class="card card--pad">
                <legend class="field__label">{t::why(language)}</legend>
                {reasons.into_iter().collect_view()}
            </fieldset>
            <div class="field">
                <label class="field__label" for="mots">{t::words(language)}</label>
                <textarea
                    class="field__control"
                    id="mots"
                    name="words"
                    rows="4"
                    maxlength=ReportWords::MAX_CHARS.to_string()
                    aria-describedby="mots-aide"
                >
                    {typed}
                </textarea>
                <p class="field__help" id="mots-aide">{t::words_hint(language)}</p>
            </div>
            {has_messages.then(|| view! {
                <fieldset class="card card--pad">
                    <legend class="field__label">{t::messages(language)}</legend>
                    <p class="section__note">{t::messages_hint(language)}</p>
                    <ul class="rows" role="list">{offered}</ul>
                </fieldset>
            })}
            <Refusal refused/>
            <div class="form__actions">
                <SubmitButton label=t::review(language) pending=is_pending/>
            </div>
        </form>
    }
}

/// Why it was refused; what was typed stays.
#[component]
pub(super) fn Refusal(refused: RwSignal<Option<ApiError>>) -> impl IntoView {
    use crate::i18n::error_words;
    use crate::ui::{Icon, IconName};

    let language = use_language();
    let words = move || {
        refused.with(|refused| match refused {
            Some(ApiError::Invalid {
                field,
                reason: InvalidReason::TooLong,
            }) if field == "messages" => Some(t::messages_many(language).to_owned()),
            Some(ApiError::Invalid { field, .. }) if field == "messages" => {
                Some(t::messages_gone(language).to_owned())
            }
            Some(ApiError::Invalid { field, .. }) if field == "shown" => {
                Some(t::messages_changed(language).to_owned())
            }
            Some(ApiError::SignedOut) | None => None,
            Some(error) => Some(error_words(language, error)),
        })
    };
    view! {
        <div class="form__error" role="alert">
            {move || words().map(|words| view! {
                <p class="field__error"><Icon name=IconName::Warning small=true/><span>{words}</span></p>
            })}
        </div>
    }
}

/// What the fields of the form say.
fn read_form(event: &SubmitEvent, account: AccountId) -> Option<PreviewReport> {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast;

        let form: web_sys::HtmlFormElement = event.current_target()?.dyn_into().ok()?;
        let fields = web_sys::FormData::new_with_form(&form).ok()?;
        let ticked = fields.get_all("messages");
        Some(PreviewReport {
            account,
            reason: ReportReason::from_name(&fields.get("reason").as_string()?)?,
            words: fields.get("words").as_string().unwrap_or_default(),
            messages: ticked
                .iter()
                .filter_map(|position| position.as_string()?.parse().ok())
                .collect(),
        })
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (event, account);
        None
    }
}
