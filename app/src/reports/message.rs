//! A message that is handed over: who wrote it, when, and its words.

use leptos::prelude::*;

use super::ReportedMessage;
use crate::i18n::{format, use_language, words};
use crate::now::use_now;

/// Author and moment in one line, the words below.
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
    let text = if message.body.is_withheld() {
        words::conversations::withheld(language).to_owned()
    } else {
        message.body.as_str().to_owned()
    };
    view! {
        <span class="report-message">
            <span class="row__sub">
                <strong dir="auto">{author}</strong>
                " · "
                <time datetime=move || format::machine(now.civil(at))>{when}</time>
            </span>
            <span class="report-message__text" dir="auto">{text}</span>
        </span>
    }
}
