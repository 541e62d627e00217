//! What a device has received: the only thing that makes a message *delivered*.

use app::api::{AcknowledgeEvents, ApiError, Done, InvalidReason};

use super::sql;
use crate::context::{Caller, Context};
use crate::error::Result;
use crate::{accounts, conversations};

/// The most events looked through in one transaction: a device that comes back after months delays nobody.
const STEP: u64 = 2_000;

/// Notes that the caller's device has received everything in the account's log up to a cursor, and tells those whose
/// messages were among it for the first time. Costs in proportion to what no device of the account had received.
///
/// # Errors
/// `Invalid` for a cursor beyond the end of the log: nobody receives what does not exist yet.
pub async fn acknowledge_events(context: Context, caller: Caller, wish: AcknowledgeEvents) -> Result<Done> {
    let now = context.now();
    let (account, device) = (caller.account, caller.device);
    loop {
        let is_whole = context
            .db
            .write(move |tx| {
                if wish.cursor > sql::find_last_cursor(tx, account)? {
                    return Err(ApiError::invalid("cursor", InvalidReason::Format).into());
                }
                let after = sql::find_acknowledged_cursor(tx, account)?;
                let to = wish.cursor.min(after.saturating_add(STEP));
                if to > after {
                    for (conversation, position) in sql::list_arrived(tx, account, after, to)? {
                        conversations::note_delivered(tx, account, conversation, position, now)?;
                    }
                    sql::update_acknowledged_cursor(tx, account, to)?;
                }
                if to == wish.cursor {
                    accounts::note_acknowledged(tx, device, to)?;
                }
                Ok(to == wish.cursor)
            })
            .await?;
        if is_whole {
            return Ok(Done {});
        }
    }
}
