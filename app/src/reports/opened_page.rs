//! One report, opened by an administrator: what was handed over, and the end of it.
//!
//! Opening asks for a fresh proof of who is there, and is written down.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::message::HandedMessage;
use super::{CloseReport, OpenReport, OpenedReport, Report, reason_words};
use crate::accounts::{SettingsFrame, SettingsTab};
use crate::api::{ApiError, ReportId};
use crate::asked::ask;
use crate::boot::set_page_status;
use crate::form::OperationForm;
use crate::i18n::{error_words, format, use_language, words, words::reports::admin as t};
use crate::now::use_now;
use crate::session::use_session;
use crate::ui::{Icon, IconName, Notice, Section, SkeletonRows, Tone, use_toasts};

/// `/parametres/signalements/<report>`.
#[component]
pub fn OpenedReportPage() -> impl IntoView {
    let language = use_language();
    let session = use_session();
    let params = use_params_map();
    let report = Memo::new(move |_| {
        params.with(|params| params.get("report").and_then(|id| id.parse::<ReportId>().ok()))
    });
    let opened = ask(move || {
        Some(OpenReport {
            report: report.get()?,
        })
    });
    // Once it is proven who is there, the report is asked for again.
    Effect::new(move |was_asked: Option<bool>| {
        let is_asked = session.must_confirm.get();
        if was_asked == Some(true) && !is_asked {
            opened.refetch();
        }
        is_asked
    });
    let loading = move || view! { <SkeletonRows label=words::accounts::settings::loading(language)/> };
    view! {
        <SettingsFrame tab=SettingsTab::Reports title=t::one(language) sub=t::one_sub(language)>
            <p><a class="button button--quiet" href="/parametres/signalements">
                <Icon name=IconName::ArrowLeft small=true/>
                {t::all(language)}
            </a></p>
            <Transition fallback=loading>
                {move || Suspend::new(async move {
                    match opened.answer().await {
                        Ok(opened) => view! { <Opened opened/> }.into_any(),
                        Err(error) => view! { <Refused error report=report.get_untracked()/> }.into_any(),
                    }
                })}
            </Transition>
        </SettingsFrame>
    }
}

/// Why it was not opened; where who is there can be proven without a script.
#[component]
fn Refused(error: ApiError, report: Option<ReportId>) -> impl IntoView {
    let language = use_language();
    set_page_status(error.status());
    use_session().notice(&error);
    let way_out = report
        .filter(|_| error == ApiError::ConfirmIdentity)
        .map(|report| {
            let here = format!("/parametres/signalements/{report}");
            view! {
                <a class="button button--outline" href=format!("/parametres/securite?confirmer={here}")>
                    {words::accounts::confirm::go(language)}
                </a>
            }
        });
    view! {
        <Notice title=error_words(language, &error) tone=Tone::Danger>
            {way_out}
        </Notice>
    }
}

#[component]
fn Opened(opened: OpenedReport) -> impl IntoView {
    let language = use_language();
    let now = use_now();
    let OpenedReport {
        report,
        words: added,
        messages,
    } = opened;
    let first = report.clone();
    let report = RwSignal::new(report);
    let author_of = {
        let (about, by) = (first.reported.clone(), first.reporter.clone());
        move |author| {
            if author == about.id {
                about.name.clone()
            } else {
                by.name.clone()
            }
        }
    };
    let at = first.at;
    let when = move || format::in_sentence(language, now.civil(at), now.today());
    let is_gone = first.erased_at.is_some();
    let n_messages = messages.len() as u64;
    let handed: Vec<_> = messages
        .into_iter()
        .map(|message| {
            let author = author_of(message.author);
            view! { <li class="row"><HandedMessage message author/></li> }
        })
        .collect();
    let by = first.reporter.name.clone();
    view! {
        <Section id="signalement" title=reason_words(language, first.reason)>
            <div class="card rows">
                <div class="row">
                    <span class="row__icon"><Icon name=IconName::Person/></span>
                    <div class="row__text">
                        <p class="row__title" dir="auto">
                            <a href=format!("/reseau/{}", first.reported.id)>{first.reported.name.clone()}</a>
                        </p>
                        <p class="row__sub">{move || t::by(language, &by, &when())}</p>
                    </div>
                </div>
                {added.map(|added| view! {
                    <div class="row">
                        <span class="row__icon"><Icon name=IconName::Edit/></span>
                        <p class="row__text report-message__text" dir="auto">{added.as_str().to_owned()}</p>
                    </div>
                })}
            </div>
            {is_gone.then(|| view! { <p class="section__note">{t::erased(language)}</p> })}
        </Section>
        {(n_messages > 0 && !is_gone).then(|| view! {
            <Section id="joints" title=t::attached(language, n_messages)>
                <ol class="card rows" role="list">{handed}</ol>
                <p class="section__note">{t::attached_note(language)}</p>
            </Section>
        })}
        <Ending report/>
    }
}

/// Whether it is closed, and the way to close it.
#[component]
fn Ending(report: RwSignal<Report>) -> impl IntoView {
    let language = use_language();
    let now = use_now();
    let toasts = use_toasts();
    let id = report.with_untracked(|report| report.id);
    let closed_at = Memo::new(move |_| report.with(|report| report.closed_at));
    let closed = move |closed: Report| {
        report.set(closed);
        toasts.say(t::closed_now(language));
    };
    view! {
        <Section id="suite" title=t::ending(language)>
            <div class="card rows">
                <div class="row">
                    <span class="row__icon"><Icon name=IconName::Check/></span>
                    <div class="row__text">
                        {move || match closed_at.get() {
                            Some(at) => {
                                let when = format::in_sentence(language, now.civil(at), now.today());
                                view! { <p class="row__title">{t::closed_on(language, &when)}</p> }.into_any()
                            }
                            None => view! { <p class="row__title">{t::waits(language)}</p> }.into_any(),
                        }}
                        <p class="row__sub">{t::closing_text(language)}</p>
                    </div>
                    <div class="row__actions">
                        {move || closed_at.get().is_none().then(|| view! {
                            <OperationForm operation=CloseReport { report: id } on_done=closed>
                                <button class="button button--outline" type="submit">{t::close(language)}</button>
                            </OperationForm>
                        })}
                        <a class="button button--quiet" href="/parametres/comptes">{t::accounts(language)}</a>
                    </div>
                </div>
            </div>
        </Section>
    }
}
