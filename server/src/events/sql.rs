//! The tables `event_logs` and `events`.

use app::api::{AccountId, ConversationId, DeviceId, Timestamp};
use uuid::Uuid;

use super::kept::NewEvent;
use crate::error::{Error, Result};
use crate::store::{Row, Tx};
use crate::values;

/// An event with its place in the log.
pub(super) struct LogRow {
    /// How much it weighs when it is shown, about.
    pub(super) n_bytes: u64,
    pub(super) cursor: u64,
    pub(super) at: Timestamp,
    pub(super) event: NewEvent,
}

/// What an event weighs without words of its own, about.
pub(super) const EVENT_BYTES: u64 = 300;

/// What a quote adds to a message, about.
const QUOTE_BYTES: u64 = 500;

/// The last place taken in the account's log; 0 when nothing ever happened.
pub(super) fn find_last_cursor(tx: &mut Tx<'_>, account: AccountId) -> Result<u64> {
    let found = tx.find(
        "select last_cursor from event_logs where account_id = $1",
        values![account],
        |row| row.get(0),
    )?;
    Ok(found.unwrap_or(0))
}

/// Up to where the account's devices have received its log.
pub(super) fn find_acknowledged_cursor(tx: &mut Tx<'_>, account: AccountId) -> Result<u64> {
    let found = tx.find(
        "select acknowledged_cursor from event_logs where account_id = $1",
        values![account],
        |row| row.get(0),
    )?;
    Ok(found.unwrap_or(0))
}

/// Moves that forward, never back.
pub(super) fn update_acknowledged_cursor(tx: &mut Tx<'_>, account: AccountId, cursor: u64) -> Result<()> {
    tx.execute(
        "update event_logs set acknowledged_cursor = $1 where account_id = $2 and acknowledged_cursor < $1",
        values![cursor, account],
    )?;
    Ok(())
}

/// The conversations in which others' messages stand between two cursors of the account's log, each with the newest.
pub(super) fn list_arrived(
    tx: &mut Tx<'_>,
    account: AccountId,
    after: u64,
    to: u64,
) -> Result<Vec<(ConversationId, u64)>> {
    tx.list(
        "select e.conversation_id, max(e.position)
        from events e
        join messages m on m.conversation_id = e.conversation_id and m.position = e.position
        where e.account_id = $1 and e.cursor > $2 and e.cursor <= $3
            and e.kind = 'message_sent' and m.sender_id <> $1
        group by e.conversation_id",
        values![account, after, to],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Stores an event at the next place of the account's log.
pub(super) fn insert_event(
    tx: &mut Tx<'_>,
    account: AccountId,
    at: Timestamp,
    event: NewEvent,
) -> Result<()> {
    tx.put(
        "insert into event_logs (account_id, last_cursor)
        values ($1, 1)
        on conflict (account_id) do update set last_cursor = event_logs.last_cursor + 1",
        values![account],
    )?;
    let (kind, conversation, subject, position, unread_count) = to_columns(event);
    tx.put(
        "insert into events (account_id, cursor, at, kind, conversation_id, subject_id, position, unread_count)
        values ($1, (select last_cursor from event_logs where account_id = $1), $2, $3, $4, $5, $6, $7)",
        values![account, at, kind, conversation, subject, position, unread_count],
    )
}

/// At most `limit` events after a cursor, oldest first.
pub(super) fn list_after(tx: &mut Tx<'_>, account: AccountId, after: u64, limit: u32) -> Result<Vec<LogRow>> {
    tx.list(
        "select e.cursor, e.at, e.kind, e.conversation_id, e.subject_id, e.position, e.unread_count,
            cast(length(m.body_bytes) + case when m.reply_to is null then 0 else $1 end as bigint)
        from events e
        left join messages m
            on e.kind in ('message_sent', 'message_changed')
            and m.conversation_id = e.conversation_id and m.position = e.position
        where e.account_id = $2 and e.cursor > $3
        order by e.cursor
        limit $4",
        values![QUOTE_BYTES, account, after, limit],
        |row| {
            Ok(LogRow {
                cursor: row.get(0)?,
                at: row.get(1)?,
                event: read_event(row)?,
                n_bytes: EVENT_BYTES + row.get::<Option<u64>>(7)?.unwrap_or(0),
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
        NewEvent::MessageChanged {
            conversation,
            position,
        } => ("message_changed", Some(conversation), None, Some(position), None),
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
        NewEvent::MessagesDelivered {
            conversation,
            position,
        } => (
            "messages_delivered",
            Some(conversation),
            None,
            Some(position),
            None,
        ),
        NewEvent::MarkedUnread {
            conversation,
            position,
            unread_count,
        } => (
            "marked_unread",
            Some(conversation),
            None,
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
        "message_changed" => NewEvent::MessageChanged {
            conversation: row.get(3)?,
            position: row.get(5)?,
        },
        "conversation_read" => NewEvent::ConversationRead {
            conversation: row.get(3)?,
            reader: row.get(4)?,
            position: row.get(5)?,
            unread_count: row.get(6)?,
        },
        "messages_delivered" => NewEvent::MessagesDelivered {
            conversation: row.get(3)?,
            position: row.get(5)?,
        },
        "marked_unread" => NewEvent::MarkedUnread {
            conversation: row.get(3)?,
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
