//! The reports, for administrators: who, whom, why, when. No word of theirs is here.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{ListReports, Report, Reports, reason_words};
use crate::accounts::{SettingsFrame, SettingsTab};
use crate::api::ReportId;
use crate::asked::ask_with;
use crate::boot::set_page_status;
use crate::i18n::{error_words, format, use_language, words, words::reports::admin as t};
use crate::now::use_now;
use crate::ui::{Avatar, AvatarSize, Chip, ChipTone, Notice, Section, SkeletonRows, Tone};

/// `/parametres/signalements`; `?avant=<report>` and `?clos=<report>` show older ones.
#[component]
pub fn ReportsPage() -> impl IntoView {
    let language = use_language();
    let query = use_query_map();
    let before = move |name: &str| query.with(|query| query.get(name)?.parse::<ReportId>().ok());
    let wishes = Memo::new(move |_| {
        let wish = |closed, before| ListReports { closed, before };
        [wish(false, before("avant")), wish(true, before("clos"))]
    });
    let start = ask_with::<(Reports, Reports)>(
        move || format!("{:?}", wishes.get()),
        move |client, _| {
            let [open, closed] = wishes.get_untracked();
            Box::pin(async move {
                let (open, closed) = (client.ask(&open).await?, client.ask(&closed).await?);
                Ok(format!("[{open},{closed}]"))
            })
        },
    );
    let loading = move || view! { <SkeletonRows label=words::accounts::settings::loading(language)/> };
    view! {
        <SettingsFrame tab=SettingsTab::Reports title=t::title(language) sub=t::sub(language)>
            <Suspense fallback=loading>
                {move || Suspend::new(async move {
                    match start.answer().await {
                        Ok((open, closed)) => {
                            view! {
                                <ReportList id="a-traiter" title=t::open(language) none=t::none_open(language) reports=open older="avant"/>
                                <ReportList id="clos" title=t::closed(language) none=t::none_closed(language) reports=closed older="clos"/>
                            }
                                .into_any()
                        }
                        Err(error) => {
                            set_page_status(error.status());
                            view! { <Notice title=error_words(language, &error) tone=Tone::Danger/> }.into_any()
                        }
                    }
                })}
            </Suspense>
        </SettingsFrame>
    }
}

#[component]
fn ReportList(
    id: &'static str,
    title: &'static str,
    none: &'static str,
    reports: Reports,
    /// The part of the address that asks for older ones.
    older: &'static str,
) -> impl IntoView {
    let language = use_language();
    let is_empty = reports.reports.is_empty();
    let rows: Vec<_> = reports
        .reports
        .into_iter()
        .map(|report| view! { <ReportRow report/> })
        .collect();
    view! {
        <Section id title>
            {if is_empty {
                view! { <p class="section__note">{none}</p> }.into_any()
            } else {
                view! { <ul class="card rows" role="list">{rows}</ul> }.into_any()
            }}
            {reports.next.map(|next| view! {
                <a class="button button--outline" href=format!("/parametres/signalements?{older}={next}#{id}")>
                    {t::older(language)}
                </a>
            })}
        </Section>
    }
}

#[component]
fn ReportRow(report: Report) -> impl IntoView {
    let language = use_language();
    let now = use_now();
    let at = report.at;
    let when = move || format::in_sentence(language, now.civil(at), now.today());
    let attached = u64::from(report.n_messages);
    view! {
        <li class="row">
            <Avatar
                name=report.reported.name.clone()
                tint_seed=report.reported.id.0.as_u128()
                size=AvatarSize::Medium
            />
            <div class="row__text">
                <p class="row__title" dir="auto">
                    <a href=format!("/parametres/signalements/{}", report.id)>{report.reported.name.clone()}</a>
                </p>
                <p class="row__sub">{reason_words(language, report.reason)}</p>
                <p class="row__sub">{move || t::by(language, &report.reporter.name, &when())}</p>
                <p class="inline-list">
                    {(attached > 0).then(|| view! { <Chip text=t::attached(language, attached) tone=ChipTone::Action/> })}
                    {report.erased_at.is_some().then(|| view! { <Chip text=t::erased_chip(language)/> })}
                </p>
            </div>
        </li>
    }
}
