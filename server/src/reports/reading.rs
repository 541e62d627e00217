//! What administrators do with reports: list them without a word, open one, close it.
//!
//! A report about the administrator who asks is not there for them.

use app::api::{AccountId, ApiError, ReportId};
use app::reports::{CloseReport, ListReports, OpenReport, OpenedReport, Report, ReportParty, Reports};

use super::sql::{self, StoredReport};
use crate::accounts;
use crate::audit::{self, Act};
use crate::context::{Caller, Context};
use crate::error::{Error, Result};
use crate::store::Tx;

/// The most reports of a page.
const PAGE_SIZE: u32 = 50;

/// Lists reports, newest first: those that wait, or those that are closed.
///
/// # Errors
/// Only failures.
pub async fn list_reports(context: Context, caller: Caller, wish: ListReports) -> Result<Reports> {
    context
        .db
        .read(move |tx| {
            let before = wish.before.unwrap_or(ReportId(uuid::Uuid::max()));
            // One more than shown tells whether there is a next page.
            let mut stored = sql::list_reports(tx, caller.account, wish.closed, before, PAGE_SIZE + 1)?;
            let has_more = stored.len() > PAGE_SIZE as usize;
            stored.truncate(PAGE_SIZE as usize);
            let next = stored.last().map(|report| report.id).filter(|_| has_more);
            let reports = stored.into_iter().map(|report| to_report(tx, report));
            Ok(Reports {
                reports: reports.collect::<Result<_>>()?,
                next,
            })
        })
        .await
}

/// Opens a report: the reporter's words and the attached messages. Each opening is a row of the audit.
///
/// # Errors
/// `ConfirmIdentity` when who is there was not proven lately; `NotFound` for no report, and for one about the caller.
pub async fn open_report(context: Context, caller: Caller, wish: OpenReport) -> Result<OpenedReport> {
    let now = context.now();
    context
        .db
        .write(move |tx| {
            accounts::require_recent(tx, &caller, now)?;
            let stored = require_report(tx, caller.account, wish.report)?;
            let words = sql::find_words(tx, stored.id)?;
            let messages = sql::list_messages(tx, stored.id)?;
            audit::append(tx, now, Some(caller.account), Act::ReportOpened, stored.id.0)?;
            Ok(OpenedReport {
                report: to_report(tx, stored)?,
                words,
                messages,
            })
        })
        .await
}

/// Closes a report. Closing it again changes nothing.
///
/// # Errors
/// As [`open_report`].
pub async fn close_report(context: Context, caller: Caller, wish: CloseReport) -> Result<Report> {
    let now = context.now();
    context
        .db
        .write(move |tx| {
            accounts::require_recent(tx, &caller, now)?;
            let mut stored = require_report(tx, caller.account, wish.report)?;
            if stored.closed_at.is_none() {
                stored.closed_at = Some(now);
                sql::update_closed(tx, stored.id, caller.account, now)?;
                audit::append(tx, now, Some(caller.account), Act::ReportClosed, stored.id.0)?;
            }
            to_report(tx, stored)
        })
        .await
}

fn require_report(tx: &mut Tx<'_>, reader: AccountId, report: ReportId) -> Result<StoredReport> {
    let stored = sql::find_report(tx, report)?.filter(|stored| stored.reported != reader);
    stored.ok_or_else(|| ApiError::NotFound.into())
}

fn to_report(tx: &mut Tx<'_>, stored: StoredReport) -> Result<Report> {
    let mut party = |account| {
        let card = accounts::find_card(tx, account)?
            .ok_or_else(|| Error::failed("reading a report", "somebody in it has no account"))?;
        let name = card.shown_name();
        Ok::<_, Error>(ReportParty { id: account, name })
    };
    Ok(Report {
        id: stored.id,
        reported: party(stored.reported)?,
        reporter: party(stored.reporter)?,
        reason: stored.reason,
        at: stored.at,
        has_words: stored.has_words,
        n_messages: stored.n_messages,
        closed_at: stored.closed_at,
        erased_at: stored.erased_at,
    })
}
