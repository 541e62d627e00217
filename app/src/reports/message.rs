//! A message that is handed over: who wrote it, when, its words, and what it said before its author changed it.

use leptos::prelude::*;

use super::ReportedMessage;
use crate::accounts::Language;
use crate::conversations::MessageBody;
use crate::i18n::{format, use_language, words, words::reports as t};
use crate::now::use_now;

/// Author and moment in one line, the words below; then what it said before, oldest first.
#[component]
pub(super) fn HandedMessage(
    /// The message.
    message: ReportedMessage,
    /// Its author's name, as the reader knows it.
    author: String,
) -> impl IntoView {
    let language = use_language();
    let now = use_now();
    let at = message.sent_at;
    let when = move || format::date_time(language, now.civil(at), now.today());
    let edited = message.edited_at.map(|at| {
        let when = move || format::in_sentence(language, now.civil(at), now.today());
        view! {
            <span>" · " {move || t::edited(language, &when())}</span>
        }
    });
    let text = words_of(language, &message.body);
    let earlier: Vec<_> = message
        .earlier
        .into_iter()
        .map(|version| {
            let at = version.written_at;
            let when = move || format::in_sentence(language, now.civil(at), now.today());
            view! {
                <span class="report-message report-message--earlier">
                    <span class="row__sub">{move || t::earlier(language, &when())}</span>
                    <span class="report-message__text" dir="auto">{words_of(language, &version.body)}</span>
                </span>
            }
        })
        .collect();
    view! {
        <span class="report-message">
            <span class="row__sub">
                <strong dir="auto">{author}</strong>
                " · "
                <time datetime=move || format::machine(now.civil(at))>{when}</time>
                {edited}
            </span>
            <span class="report-message__text" dir="auto">{text}</span>
            {earlier}
        </span>
    }
}

fn words_of(language: Language, body: &MessageBody) -> String {
    if body.is_withheld() {
        words::conversations::withheld(language).to_owned()
    } else {
        body.as_str().to_owned()
    }
}
