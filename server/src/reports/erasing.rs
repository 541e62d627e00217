//! When what was handed over goes: thirty days after the report was closed, and with the conversation that it was copied
//! from. The key of the report is destroyed; that there was a report, about whom and why, stays.

use app::api::{AccountId, ConversationId, ReportId, Timestamp};

use super::sql;
use crate::audit::{self, Act};
use crate::context::Context;
use crate::error::Result;
use crate::store::{Owner, Tx};

/// How long words are kept after their report was closed: time to answer questions about what was decided.
pub const KEPT_MS: i64 = 30 * Timestamp::DAY_MS;

/// The most reports that are erased in one transaction.
const N_TOGETHER: u32 = 100;

/// Erases the words of all reports that were closed thirty days ago or earlier; answers how many there were. When this
/// returns, the live files hold none of the bytes.
///
/// # Errors
/// `Failed` when the store does not answer, or when the traces could not leave the files yet: then `Db::scrub` is to be tried
/// again.
pub async fn erase_due(context: &Context) -> Result<usize> {
    let now = context.now();
    let mut n_erased = 0;
    loop {
        let n_of_batch = context
            .db
            .write(move |tx| {
                let due = sql::list_due(tx, now.plus_ms(-KEPT_MS), N_TOGETHER)?;
                for report in &due {
                    erase(tx, None, *report, now)?;
                }
                Ok(due.len())
            })
            .await?;
        n_erased += n_of_batch;
        if n_of_batch < N_TOGETHER as usize {
            break;
        }
    }
    if n_erased > 0 {
        tracing::info!(n_erased, "erased the words of closed reports");
        context.db.scrub().await?;
    }
    Ok(n_erased)
}

/// Erases what reports hold of a conversation that is being erased, in its transaction.
///
/// # Errors
/// Only failures.
pub fn erase_of_conversation(
    tx: &mut Tx<'_>,
    by: Option<AccountId>,
    conversation: ConversationId,
    now: Timestamp,
) -> Result<()> {
    for report in sql::list_of_conversation(tx, conversation)? {
        erase(tx, by, report, now)?;
    }
    Ok(())
}

fn erase(tx: &mut Tx<'_>, by: Option<AccountId>, report: ReportId, now: Timestamp) -> Result<()> {
    tx.destroy_keys(Owner::Report(report))?;
    sql::empty_words(tx, report, now)?;
    audit::append(tx, now, by, Act::ReportErased, report.0)
}
