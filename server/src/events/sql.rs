//! The tables `event_logs` and `events`.

use app::api::{AccountId, ConversationId, DeviceId, Timestamp};
use uuid::Uuid;

use super::kept::NewEvent;
use crate::error::{Error, Result};
use crate::store::{Row, Tx};
use crate::values;

/// An event with its place in the log.
pub(super) struct LogRow {
    pub(super) cursor: u64,
    pub(super) at: Timestamp,
    pub(super) event: NewEvent,
}

/// Takes the next place in the account's log.
pub(super) fn next_cursor(tx: &mut Tx<'_>, account: AccountId) -> Result<u64> {
    let taken = tx.find(
        "insert into event_logs (account_id, last_cursor)
        values ($1, 1)
        on conflict (account_id) do update set last_cursor = event_logs.last_cursor + 1
        returning last_cursor",
        values![account],
        |row| row.get(0),
    )?;
    taken.ok_or_else(|| Error::failed("taking a place in a log", "the engine answered no row"))
}

/// The last place taken in the account's log; 0 when nothing ever happened.
pub(super) fn find_last_cursor(tx: &mut Tx<'_>, account: AccountId) -> Result<u64> {
    let found = tx.find(
        "select last_cursor from event_logs where account_id = $1",
        values![account],
        |row| row.get(0),
    )?;
    Ok(found.unwrap_or(0))
}

/// Stores an event at its place.
pub(super) fn insert_event(
    tx: &mut Tx<'_>,
    account: AccountId,
    cursor: u64,
    at: Timestamp,
    event: NewEvent,
) -> Result<()> {
    let (kind, conversation, subject, position, unread_count) = to_columns(event);
    tx.execute(
        "insert into events (account_id, cursor, at, kind, conversation_id, subject_id, position, unread_count)
        values ($1, $2, $3, $4, $5, $6, $7, $8)",
        values![account, cursor, at, kind, conversation, subject, position, unread_count],
    )?;
    Ok(())
}

/// At most `limit` events after a cursor, oldest first.
pub(super) fn list_after(tx: &mut Tx<'_>, account: AccountId, after: u64, limit: u32) -> Result<Vec<LogRow>> {
    tx.list(
        "select cursor, at, kind, conversation_id, subject_id, position, unread_count
        from events
        where account_id = $1 and cursor > $2
        order by cursor
        limit $3",
        values![account, after, limit],
        |row| {
            Ok(LogRow {
                cursor: row.get(0)?,
                at: row.get(1)?,
                event: read_event(row)?,
            })
        },
    )
}

/// Kind, conversation, the account or device it is about, position, unread count.
type Columns = (
    &'static str,
    Option<ConversationId>,
    Option<Uuid>,
    Option<u64>,
    Option<u64>,
);

fn to_columns(event: NewEvent) -> Columns {
    match event {
        NewEvent::MessageSent {
            conversation,
            position,
        } => ("message_sent", Some(conversation), None, Some(position), None),
        NewEvent::ConversationRead {
            conversation,
            reader,
            position,
            unread_count,
        } => (
            "conversation_read",
            Some(conversation),
            Some(reader.0),
            Some(position),
            Some(unread_count),
        ),
        NewEvent::RelationChanged {
            account,
            conversation,
        } => ("relation_changed", conversation, Some(account.0), None, None),
        NewEvent::ProfileChanged { account } => ("profile_changed", None, Some(account.0), None, None),
        NewEvent::DraftSaved { conversation } => ("draft_saved", Some(conversation), None, None, None),
        NewEvent::DeviceRevoked { device } => ("device_revoked", None, Some(device.0), None, None),
    }
}

fn read_event(row: &Row<'_>) -> Result<NewEvent> {
    Ok(match row.get::<String>(2)?.as_str() {
        "message_sent" => NewEvent::MessageSent {
            conversation: row.get(3)?,
            position: row.get(5)?,
        },
        "conversation_read" => NewEvent::ConversationRead {
            conversation: row.get(3)?,
            reader: row.get(4)?,
            position: row.get(5)?,
            unread_count: row.get(6)?,
        },
        "relation_changed" => NewEvent::RelationChanged {
            account: row.get(4)?,
            conversation: row.get(3)?,
        },
        "profile_changed" => NewEvent::ProfileChanged { account: row.get(4)? },
        "draft_saved" => NewEvent::DraftSaved {
            conversation: row.get(3)?,
        },
        "device_revoked" => NewEvent::DeviceRevoked {
            device: DeviceId(row.get(4)?),
        },
        other => {
            return Err(Error::failed(
                "reading an event",
                format!("unknown kind `{other}`"),
            ));
        }
    })
}
