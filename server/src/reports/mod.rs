//! Reports: a person is reported to the administrators of the installation.
//!
//! Promises: no word of an exchange is handed over unless the reporter has chosen the message; what is handed over is what
//! was shown before; it rests sealed under a key of the report, is shown to administrators alone, who have just proven who
//! they are, and leaves a row in the audit each time; thirty days after the report was closed its key is destroyed. Whoever
//! is reported is told nothing: neither by the log of events, nor, as an administrator, by the list of reports. A report that
//! nobody else could read is refused, before a word of it is typed.
//!
//! - `handing_over`: what is copied of an exchange.
//! - `reading`: what administrators do.
//! - `erasing`: when the words go.
//! - here: the report itself.

mod erasing;
mod handing_over;
mod reading;
mod sql;

use app::api::{AccountId, ApiError, InvalidReason, ReportId, Timestamp};
use app::reports::{
    GetReportState, PreviewReport, ReportAccount, ReportMade, ReportPreview, ReportState, ReportWords,
};

use crate::accounts;
use crate::audit;
use crate::contacts;
use crate::context::{Caller, Context};
use crate::error::Result;
use crate::http::operations::Operations;
use crate::store::Tx;
use handing_over::{HandedOver, Positions};

pub use erasing::{KEPT_MS, erase_due, erase_of_conversation};
pub use reading::{close_report, list_reports, open_report};

/// Puts this feature's operations in the table.
pub fn register(operations: &mut Operations) {
    operations
        .signed_in(get_report_state)
        .signed_in(preview_report)
        .signed_in(report_account)
        .admin(list_reports)
        .admin(open_report)
        .admin(close_report);
}

/// Says what the page of a reporter starts from.
///
/// # Errors
/// `Invalid` for the own account; `NotFound` for a person whom the caller may not look up.
pub async fn get_report_state(context: Context, caller: Caller, wish: GetReportState) -> Result<ReportState> {
    let now = context.now();
    context
        .db
        .read(move |tx| {
            require_other(&caller, wish.account)?;
            contacts::require_card(tx, caller.account, wish.account, now)?;
            let sent = match wish.key {
                Some(key) => sql::find_by_key(tx, caller.account, key)?,
                None => None,
            };
            Ok(ReportState {
                has_reader: accounts::is_administered_by_others(tx, wish.account)?,
                is_sent: sent.is_some_and(|report| report.reported == wish.account),
            })
        })
        .await
}

/// Shows what a report would hand over.
///
/// # Errors
/// As [`report_account`], but for its key.
pub async fn preview_report(context: Context, caller: Caller, wish: PreviewReport) -> Result<ReportPreview> {
    let words = ReportWords::parse(&wish.words)?;
    let positions = Positions::parse(&wish.messages)?;
    let now = context.now();
    context
        .db
        .read(move |tx| {
            require_other(&caller, wish.account)?;
            require_reader(tx, caller.account, wish.account, now)?;
            let handed = HandedOver::gather(tx, caller.account, wish.account, &positions)?;
            Ok(ReportPreview {
                account: wish.account,
                reason: wish.reason,
                words,
                shown: handed.mark(),
                messages: handed.messages,
            })
        })
        .await
}

/// Reports a person. The same key again is the same report.
///
/// # Errors
/// `Invalid` for the own account, long words, messages that are not in the conversation of the two or cannot be shown, and
/// messages that read otherwise than they were shown;
/// `NotFound` for a person whom the caller may not look up; `NoReader` for who alone administers the instance;
/// `KeyReused` for another report under a key that was used.
pub async fn report_account(context: Context, caller: Caller, wish: ReportAccount) -> Result<ReportMade> {
    let words = ReportWords::parse(&wish.words)?;
    let positions = Positions::parse(&wish.messages)?;
    let (me, now) = (caller.account, context.now());
    let report = ReportId(context.new_id());
    let made = context
        .db
        .write(move |tx| {
            require_other(&caller, wish.account)?;
            if let Some(known) = sql::find_by_key(tx, me, wish.key)? {
                let is_same = known.reported == wish.account
                    && known.reason == wish.reason
                    && sql::list_positions(tx, known.id)? == positions.as_slice()
                    && is_same_wording(tx, &known, words.as_ref())?;
                return if is_same {
                    Ok(ReportMade { report: known.id })
                } else {
                    Err(ApiError::KeyReused.into())
                };
            }
            require_reader(tx, me, wish.account, now)?;
            let handed = HandedOver::gather(tx, me, wish.account, &positions)?;
            if wish.shown.as_ref().is_some_and(|shown| *shown != handed.mark()) {
                return Err(ApiError::invalid("shown", InvalidReason::Format).into());
            }
            let new = sql::NewReport {
                id: report,
                reporter: me,
                key: wish.key,
                reported: wish.account,
                reason: wish.reason,
                at: now,
            };
            sql::insert_report(tx, &new, words.as_ref(), &handed)?;
            audit::append(tx, now, Some(me), audit::Act::Reported, report.0)?;
            Ok(ReportMade { report })
        })
        .await?;
    tracing::info!(report.id = %made.report, "a person was reported");
    Ok(made)
}

fn require_other(caller: &Caller, account: AccountId) -> Result<()> {
    if account == caller.account {
        return Err(ApiError::invalid("account", InvalidReason::Yourself).into());
    }
    Ok(())
}

/// Requires that the reporter may look the person up, and that somebody else would read the report.
fn require_reader(tx: &mut Tx<'_>, reporter: AccountId, account: AccountId, now: Timestamp) -> Result<()> {
    contacts::require_card(tx, reporter, account, now)?;
    if accounts::is_administered_by_others(tx, account)? {
        Ok(())
    } else {
        Err(ApiError::NoReader.into())
    }
}

/// Whether a report had these words. Once they are erased nobody can tell, and the same key is taken at its word.
fn is_same_wording(tx: &mut Tx<'_>, known: &sql::StoredReport, words: Option<&ReportWords>) -> Result<bool> {
    if known.has_words != words.is_some() {
        return Ok(false);
    }
    let stored = sql::find_words(tx, known.id)?;
    Ok(known.erased_at.is_some() || stored.as_ref() == words)
}
