//! The log of each account: what happened and concerns it, numbered without gaps.
//!
//! An act writes its events in its own transaction ([`append`]), so an event exists exactly when the act does. The log
//! holds references, never words: what an event shows is read when it is asked for, as the log's owner may see it then.
//! Devices are woken by a bell after the commit and read from their last cursor, which never expires.
//! The log is read in pieces of a bounded weight, so that nobody's long messages wait in memory.
//!
//! - here: the operation `events.list_events`, and [`read_piece`], with which the stream reads the log.
//! - `acknowledge`: what a device says it has received.
//! - `kept`: an event as it rests, and [`append`].
//! - `render`: an event as it is shown.

mod acknowledge;
mod kept;
mod render;
mod sql;

use std::time::Duration;

use app::api::{AccountId, ApiError, Event, EventPage, InvalidReason, ListEvents, Timestamp};
use tokio::sync::broadcast::error::RecvError;

use crate::accounts;
use crate::context::{Caller, Context};
use crate::error::Result;
use crate::http::operations::Operations;
use crate::live::Signal;
use crate::store::Tx;

pub use acknowledge::acknowledge_events;
pub use kept::{NewEvent, append};

/// The most events of a page.
const MAX_PAGE: u32 = 1_000;
/// How many events a page has unless told.
const USUAL_PAGE: u32 = 200;
/// The most bytes of a page, about: a thousand events of 10,000 characters come in ten pages.
const MAX_PAGE_BYTES: u64 = 1024 * 1024;
/// The longest a call waits for something to happen: below the 30 seconds after which many proxies hang up.
///
/// Source: observable contract, §5.
const MAX_WAIT_S: u32 = 25;

/// Puts this feature's operations in the table.
pub fn register(operations: &mut Operations) {
    operations.signed_in(list_events).signed_in(acknowledge_events);
}

/// Lists what came after a cursor, oldest first; waits for the first event if told to.
///
/// Without `after` it answers the present cursor alone. A cursor beyond the end belongs to another history, such as that
/// of a database since restored: what comes after the end is listed, and the answered cursor is lower than the one given.
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
    let page = match tokio::time::timeout(Duration::from_secs(wait_s.into()), waited).await {
        Ok(page) => page,
        Err(_in_vain) => read_page(&context, caller.account, after, limit).await,
    };
    // What woke this call may have been the end of its session.
    if !accounts::is_signed_in(&context, caller.device).await? {
        return Err(ApiError::SignedOut.into());
    }
    page
}

/// Where the account's log ends.
///
/// # Errors
/// Only failures.
pub fn find_cursor(tx: &mut Tx<'_>, account: AccountId) -> Result<u64> {
    sql::find_last_cursor(tx, account)
}

/// Reads until there is something, woken by the account's bell.
async fn wait_for_page(context: &Context, account: AccountId, after: u64, limit: u32) -> Result<EventPage> {
    // Listen before reading: what is committed in between rings the bell.
    let mut signals = context.live.listen(account);
    let mut after = after;
    loop {
        let page = read_page(context, account, after, limit).await?;
        if !page.events.is_empty() {
            return Ok(page);
        }
        after = page.cursor;
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
    let piece = context
        .db
        .read(move |tx| take_piece(tx, account, after, (limit, MAX_PAGE_BYTES), now))
        .await?;
    Ok(EventPage {
        events: piece.events,
        cursor: piece.cursor,
    })
}

/// A piece of an account's log.
pub struct Piece {
    /// Oldest first.
    pub events: Vec<Event>,
    /// Where to go on.
    pub cursor: u64,
    /// What the events weigh, about.
    pub n_bytes: u64,
    /// What comes after them in the log weighs at least this, about; 0 when nothing comes.
    pub n_bytes_left: u64,
}

/// Reads what came after a cursor for a device: at most so many events of at most so many bytes together, but one at
/// least. `None` when the device is signed in no more.
///
/// # Errors
/// `Failed` when the store does not answer.
pub async fn read_piece(
    context: &Context,
    caller: &Caller,
    after: u64,
    most: (u32, u64),
) -> Result<Option<Piece>> {
    let now = context.now();
    let (account, device) = (caller.account, caller.device);
    context
        .db
        .read(move |tx| {
            if !accounts::holds(tx, device, now)? {
                return Ok(None);
            }
            take_piece(tx, account, after, most, now).map(Some)
        })
        .await
}

fn take_piece(
    tx: &mut Tx<'_>,
    account: AccountId,
    after: u64,
    (n_events, n_bytes): (u32, u64),
    now: Timestamp,
) -> Result<Piece> {
    let end = sql::find_last_cursor(tx, account)?;
    let after = after.min(end);
    let mut rows = sql::list_after(tx, account, after, n_events)?;
    let n_left_in_log = end.saturating_sub(rows.last().map_or(after, |row| row.cursor));
    let mut weight = 0;
    let n_fitting = rows
        .iter()
        .take_while(|row| {
            weight += row.n_bytes;
            weight <= n_bytes
        })
        .count();
    let weigh = |rows: &[sql::LogRow]| rows.iter().map(|row| row.n_bytes).sum::<u64>();
    let rest = rows.split_off(n_fitting.max(1).min(rows.len()));
    Ok(Piece {
        cursor: rows.last().map_or(after, |row| row.cursor),
        n_bytes: weigh(&rows),
        n_bytes_left: weigh(&rest) + n_left_in_log * sql::EVENT_BYTES,
        events: render::render(tx, account, rows, now)?,
    })
}
