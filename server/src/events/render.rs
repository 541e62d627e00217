//! An event as it is shown: its references read now, as the owner of the log may see them.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use app::api::{AccountId, ConversationId, Event, EventKind, Timestamp};
use app::conversations::Message;
use app::friendships::Relation;

use super::kept::NewEvent;
use super::sql::LogRow;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::{conversations, friendships};

/// Messages that nobody asks for, at most so many in a row, are read with their neighbours.
const NEAR: u64 = 4;

/// Shows a page of `owner`'s log.
pub(super) fn render(
    tx: &mut Tx<'_>,
    owner: AccountId,
    rows: Vec<LogRow>,
    now: Timestamp,
) -> Result<Vec<Event>> {
    let messages = read_messages(tx, owner, &rows)?;
    let find = |conversation, position| {
        messages
            .get(&(conversation, position))
            .cloned()
            .ok_or_else(|| Error::failed("showing an event", "its message is gone"))
    };
    let mut relations = HashMap::new();
    rows.into_iter()
        .map(|row| {
            let kind = match row.event {
                NewEvent::MessageSent {
                    conversation,
                    position,
                } => EventKind::MessageSent {
                    conversation,
                    message: find(conversation, position)?,
                },
                NewEvent::MessageChanged {
                    conversation,
                    position,
                } => EventKind::MessageChanged {
                    conversation,
                    message: find(conversation, position)?,
                },
                NewEvent::RelationChanged {
                    account,
                    conversation,
                } => {
                    let relation = find_relation(tx, owner, account, &mut relations, now)?;
                    EventKind::RelationChanged {
                        account,
                        relation,
                        conversation,
                    }
                }
                NewEvent::ConversationRead {
                    conversation,
                    reader,
                    position,
                    unread_count,
                } => EventKind::ConversationRead {
                    conversation,
                    reader,
                    position,
                    unread_count,
                },
                NewEvent::MessagesDelivered {
                    conversation,
                    position,
                } => EventKind::MessagesDelivered {
                    conversation,
                    position,
                },
                NewEvent::MarkedUnread {
                    conversation,
                    position,
                    unread_count,
                } => EventKind::MarkedUnread {
                    conversation,
                    position,
                    unread_count,
                },
                NewEvent::ProfileChanged { account } => EventKind::ProfileChanged { account },
                NewEvent::DraftSaved { conversation } => EventKind::DraftSaved { conversation },
                NewEvent::DeviceRevoked { device } => EventKind::DeviceRevoked { device },
            };
            Ok(Event {
                cursor: Some(row.cursor),
                at: row.at,
                kind,
            })
        })
        .collect()
}

/// The messages of a page, by their places.
///
/// A log holds every message of its owner's conversations in order, so those of one conversation on one page are a
/// range: 1,000 missed messages cost one query for each conversation, not one for each message. What was changed may stand
/// anywhere: what lies far apart is asked for apart.
fn read_messages(
    tx: &mut Tx<'_>,
    owner: AccountId,
    rows: &[LogRow],
) -> Result<HashMap<(ConversationId, u64), Message>> {
    let mut places: HashMap<ConversationId, BTreeSet<u64>> = HashMap::new();
    for row in rows {
        if let NewEvent::MessageSent {
            conversation,
            position,
        }
        | NewEvent::MessageChanged {
            conversation,
            position,
        } = row.event
        {
            places.entry(conversation).or_default().insert(position);
        }
    }
    let mut messages = HashMap::new();
    for (conversation, positions) in places {
        for (first, last) in ranges(&positions) {
            for message in conversations::list_range(tx, owner, conversation, first, last)? {
                if positions.contains(&message.position) {
                    messages.insert((conversation, message.position), message);
                }
            }
        }
    }
    Ok(messages)
}

/// Positions as ranges, from first to last; a short way between two is walked rather than asked about again.
fn ranges(positions: &BTreeSet<u64>) -> Vec<(u64, u64)> {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for position in positions {
        match ranges.last_mut() {
            Some((_, last)) if *position <= *last + NEAR => *last = *position,
            _ => ranges.push((*position, *position)),
        }
    }
    ranges
}

/// The relation to `account`, looked up once for the whole page.
fn find_relation(
    tx: &mut Tx<'_>,
    owner: AccountId,
    account: AccountId,
    known: &mut HashMap<AccountId, Relation>,
    now: Timestamp,
) -> Result<Relation> {
    Ok(match known.entry(account) {
        Entry::Occupied(found) => found.get().clone(),
        Entry::Vacant(place) => place
            .insert(friendships::find_relation(tx, owner, account, now)?)
            .clone(),
    })
}
