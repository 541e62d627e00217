//! The log of each account: what happened and concerns it, numbered without gaps.
//!
//! An act writes its events in its own transaction ([`append`]), so an event exists exactly when the act does. The log
//! holds references, never words: what an event shows is read when it is asked for, as the log's owner may see it then.
//! Devices are woken by a bell after the commit and read from their last cursor, which never expires.
//!
//! - here: the operation `events.list_events`, with which both the stream and patient polling read the log.
//! - `kept`: an event as it rests, and [`append`].
//! - `render`: an event as it is shown.

mod kept;
mod render;
mod sql;

use std::time::Duration;

use app::api::{AccountId, ApiError, EventPage, InvalidReason, ListEvents};
use tokio::sync::broadcast::error::RecvError;

use crate::accounts;
use crate::context::{Caller, Context};
use crate::error::Result;
use crate::http::operations::Operations;
use crate::live::Signal;

pub use kept::{NewEvent, append};

/// The most events of a page.
const MAX_PAGE: u32 = 1_000;
/// How many events a page has unless told.
const USUAL_PAGE: u32 = 200;
/// The longest a call waits for something to happen: below the 30 seconds after which many proxies hang up.
///
/// Source: observable contract, §5.
const MAX_WAIT_S: u32 = 25;

/// Puts this feature's operations in the table.
pub fn register(operations: &mut Operations) {
    operations.signed_in(list_events);
}

/// Lists what came after a cursor, oldest first; waits for the first event if told to.
///
/// Without `after` it answers the present cursor alone. A cursor beyond the end is answered as it was given.
///
/// # Errors
/// `Invalid` for a limit outside 1 to 1,000 or a wait beyond 25 seconds; `SignedOut` when the session ended meanwhile.
pub async fn list_events(context: Context, caller: Caller, wish: ListEvents) -> Result<EventPage> {
    let limit = wish.limit.unwrap_or(USUAL_PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(ApiError::invalid("limit", InvalidReason::Format).into());
    }
    let wait_s = wish.wait.unwrap_or(0);
    if wait_s > MAX_WAIT_S {
        return Err(ApiError::invalid("wait", InvalidReason::TooLong).into());
    }
    let Some(after) = wish.after else {
        let cursor = context
            .db
            .read(move |tx| sql::find_last_cursor(tx, caller.account))
            .await?;
        return Ok(EventPage {
            events: Vec::new(),
            cursor,
        });
    };
    if wait_s == 0 {
        return read_page(&context, caller.account, after, limit).await;
    }
    let waited = wait_for_page(&context, caller.account, after, limit);
    let Ok(page) = tokio::time::timeout(Duration::from_secs(wait_s.into()), waited).await else {
        return Ok(EventPage {
            events: Vec::new(),
            cursor: after,
        });
    };
    // What woke this call may have been the end of its session.
    if !accounts::is_signed_in(&context, caller.device).await? {
        return Err(ApiError::SignedOut.into());
    }
    page
}

/// Reads until there is something, woken by the account's bell.
async fn wait_for_page(context: &Context, account: AccountId, after: u64, limit: u32) -> Result<EventPage> {
    // Listen before reading: what is committed in between rings the bell.
    let mut signals = context.live.listen(account);
    loop {
        let page = read_page(context, account, after, limit).await?;
        if !page.events.is_empty() {
            return Ok(page);
        }
        loop {
            match signals.recv().await {
                Ok(Signal::Bell) | Err(RecvError::Lagged(_)) => break,
                Ok(Signal::Passing(_)) => {}
                Err(RecvError::Closed) => signals = context.live.listen(account),
            }
        }
    }
}

async fn read_page(context: &Context, account: AccountId, after: u64, limit: u32) -> Result<EventPage> {
    let now = context.now();
    context
        .db
        .read(move |tx| {
            let rows = sql::list_after(tx, account, after, limit)?;
            let cursor = rows.last().map_or(after, |row| row.cursor);
            Ok(EventPage {
                events: render::render(tx, account, rows, now)?,
                cursor,
            })
        })
        .await
}
