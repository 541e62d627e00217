//! The second step: everything that will be handed over, as the server has read it, and the button that sends it.

use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;

use super::choosing::Refusal;
use super::message::HandedMessage;
use super::report_page::SENT;
use super::{ReportAccount, ReportPreview, reason_words};
use crate::api::{ApiError, Operation, ReportKey};
use crate::boot::use_boot;
use crate::i18n::{use_language, words::reports as t};
use crate::session::{use_client, use_session};
use crate::ui::{ButtonTone, Icon, IconName, SubmitButton};

/// What will be handed over. Sent again, it is the same report: its key is drawn when it is shown.
#[component]
pub(super) fn Review(
    /// What the server has read.
    shown: ReportPreview,
    /// Whom it is about.
    name: String,
    /// The key that a plain form has used already.
    key: Option<ReportKey>,
    /// What this step shows; emptied to go back to the first one.
    preview: RwSignal<Option<ReportPreview>>,
    /// Why it was refused.
    refused: RwSignal<Option<ApiError>>,
    /// That it is sent.
    is_done: RwSignal<bool>,
) -> impl IntoView {
    let language = use_language();
    let session = use_session();
    let client = StoredValue::new(use_client());
    let is_pending = RwSignal::new(false);
    let key = key.unwrap_or_else(fresh_key);
    let me = session.me.with_untracked(|me| me.as_ref().map(|me| me.id));
    let heading = NodeRef::<html::H2>::new();
    take_focus(heading);
    let wish = StoredValue::new(ReportAccount {
        key,
        account: shown.account,
        reason: shown.reason,
        words: shown
            .words
            .as_ref()
            .map(|words| words.as_str().to_owned())
            .unwrap_or_default(),
        messages: shown.messages.iter().map(|message| message.position).collect(),
        shown: Some(shown.shown.clone()),
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if is_pending.get_untracked() {
            return;
        }
        is_pending.set(true);
        let call = client.with_value(|client| client.call(wish.get_value()));
        leptos::task::spawn_local(async move {
            let outcome = call.await;
            let _ = is_pending.try_set(false);
            match outcome {
                Ok(_) => {
                    let _ = refused.try_set(None);
                    let _ = is_done.try_set(true);
                }
                Err(error) => {
                    session.notice(&error);
                    let _ = refused.try_set(Some(error));
                }
            }
        });
    };
    let n_messages = shown.messages.len() as u64;
    let hidden: Vec<_> = shown
        .messages
        .iter()
        .map(|message| view! { <input type="hidden" name="messages" value=message.position.to_string()/> })
        .collect();
    let handed: Vec<_> = shown
        .messages
        .into_iter()
        .map(|message| {
            let is_mine = Some(message.author) == me;
            let author = if is_mine {
                t::you(language).to_owned()
            } else {
                name.clone()
            };
            view! { <li class="row"><HandedMessage message author/></li> }
        })
        .collect();
    let words = wish.with_value(|wish| wish.words.clone());
    let next = format!("/signaler/{}?{SENT}={key}", shown.account);
    view! {
        <section class="section" aria-labelledby="verifier-titre">
            <h2 id="verifier-titre" tabindex="-1" node_ref=heading>{t::all(language)}</h2>
            <div class="card rows">
                <div class="row">
                    <span class="row__icon"><Icon name=IconName::Person/></span>
                    <div class="row__text">
                        <p class="row__title">{t::about(language, &name)}</p>
                        <p class="row__sub">{t::your_name(language)}</p>
                    </div>
                </div>
                <div class="row">
                    <span class="row__icon"><Icon name=IconName::Warning/></span>
                    <div class="row__text">
                        <p class="row__title">{reason_words(language, shown.reason)}</p>
                        {(!words.is_empty()).then(|| view! {
                            <p class="row__sub report-message__text" dir="auto">{words.clone()}</p>
                        })}
                    </div>
                </div>
            </div>
            <h3>{t::attached(language, n_messages)}</h3>
            {if n_messages == 0 {
                view! { <p class="section__note">{t::attached_none(language)}</p> }.into_any()
            } else {
                view! { <ol class="card rows" role="list">{handed}</ol> }.into_any()
            }}
            <form method="post" class="form" on:submit=submit>
                <input type="hidden" name="operation" value=ReportAccount::NAME/>
                <input type="hidden" name="next" value=next/>
                <input type="hidden" name="key" value=key.to_string()/>
                <input type="hidden" name="account" value=shown.account.to_string()/>
                <input type="hidden" name="reason" value=shown.reason.as_str()/>
                <input type="hidden" name="words" value=words.clone()/>
                <input type="hidden" name="shown" value=shown.shown/>
                {hidden}
                <Refusal refused/>
                <div class="form__actions">
                    <button
                        class="button button--quiet needs-script"
                        type="button"
                        on:click=move |_| {
                            refused.set(None);
                            preview.set(None);
                        }
                    >
                        {t::change(language)}
                    </button>
                    <SubmitButton label=t::send(language) pending=is_pending tone=ButtonTone::Danger/>
                </div>
            </form>
        </section>
    }
}

/// In a live page a fresh one; in a page that the server draws, and the browser takes over, that of the page.
fn fresh_key() -> ReportKey {
    #[cfg(feature = "hydrate")]
    {
        let is_live = document()
            .document_element()
            .is_some_and(|html| html.has_attribute("data-hydrated"));
        if is_live {
            return ReportKey(crate::browser::random_key().0);
        }
    }
    use_boot().with_value(|boot| ReportKey(boot.form_key.0))
}

/// The step that appears in a live page is announced.
fn take_focus(heading: NodeRef<html::H2>) {
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            // Only an element that has left the page refuses the focus.
            let _ = heading.focus();
        }
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = heading;
}
