//! Reports: a person is reported to the administrators, who read what was handed over and close it.
//!
//! - `api`: the operations.
//! - `report_page`: the page of the reporter; what is chosen there in `choosing`, shown once more before it is sent in
//!   `review`.
//! - `list_page`, `opened_page`: what administrators see.
//! - `message`: a message that is handed over, as both see it.

pub mod api;

mod choosing;
mod list_page;
mod message;
mod opened_page;
mod report_page;
mod review;

pub use api::*;
pub use list_page::ReportsPage;
pub use opened_page::OpenedReportPage;
pub use report_page::ReportPage;

use crate::accounts::Language;
use crate::i18n::words::reports::reason as t;

/// Why, in words.
fn reason_words(language: Language, reason: ReportReason) -> &'static str {
    match reason {
        ReportReason::Harassment => t::harassment(language),
        ReportReason::Unwanted => t::unwanted(language),
        ReportReason::Impersonation => t::impersonation(language),
        ReportReason::Confidentiality => t::confidentiality(language),
        ReportReason::Other => t::other(language),
    }
}
