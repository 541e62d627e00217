//! Reading: pages of the timeline.

use app::api::{AccountId, ApiError, ConversationId, InvalidReason};
use app::conversations::{Message, ReadTimeline, TimelinePage};

use super::{require_participant, sql};
use crate::context::{Caller, Context};
use crate::error::Result;
use crate::store::Tx;

/// The most messages of a page.
const MAX_PAGE: u32 = 200;
/// How many messages a page has unless told.
const USUAL_PAGE: u32 = 50;

/// Reads a page of messages, oldest first.
///
/// # Errors
/// `Malformed` for more than one of `before`, `after` and `around`, `Invalid` for a limit outside 1 to 200, `NotFound`
/// when the caller does not take part in the conversation.
pub async fn read_timeline(context: Context, caller: Caller, wish: ReadTimeline) -> Result<TimelinePage> {
    let limit = wish.limit.unwrap_or(USUAL_PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(ApiError::invalid("limit", InvalidReason::Format).into());
    }
    let limit = u64::from(limit);
    context
        .db
        .read(move |tx| {
            let participant = require_participant(tx, caller.account, wish.conversation)?;
            let last_position = sql::find_last_position(tx, &participant)?;
            let page_before = |end: u64| {
                let first = end.saturating_sub(limit).max(1);
                (first, end.saturating_sub(first))
            };
            // Positions have no gaps, so each kind of page is a range: its first position and its length.
            let (first, n_messages) = match (wish.before, wish.after, wish.around) {
                (None, None, None) => page_before(last_position + 1),
                (Some(before), None, None) => page_before(before.min(last_position + 1)),
                (None, Some(after), None) => (after.saturating_add(1), limit),
                (None, None, Some(around)) => {
                    let middle = around.clamp(1, last_position.max(1));
                    let (newest_page, _) = page_before(last_position + 1);
                    (middle.saturating_sub(limit / 2).clamp(1, newest_page), limit)
                }
                _ => return Err(ApiError::Malformed.into()),
            };
            let messages = sql::list_messages(tx, &participant, first, n_messages)?;
            Ok(TimelinePage {
                messages,
                last_position,
            })
        })
        .await
}

/// The messages of a conversation from position `first` to `last`, as `reader` may see them.
///
/// # Errors
/// `NotFound` when `reader` does not take part in the conversation.
pub fn list_range(
    tx: &mut Tx<'_>,
    reader: AccountId,
    conversation: ConversationId,
    first: u64,
    last: u64,
) -> Result<Vec<Message>> {
    let participant = require_participant(tx, reader, conversation)?;
    let n_messages = last.saturating_add(1).saturating_sub(first);
    sql::list_messages(tx, &participant, first, n_messages)
}
