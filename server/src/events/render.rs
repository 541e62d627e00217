//! An event as it is shown: its references read now, as the owner of the log may see them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use app::api::{AccountId, ConversationId, Event, EventKind, Timestamp};
use app::conversations::Message;
use app::friendships::Relation;

use super::kept::NewEvent;
use super::sql::LogRow;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::{conversations, friendships};

/// Shows a page of `owner`'s log.
pub(super) fn render(
    tx: &mut Tx<'_>,
    owner: AccountId,
    rows: Vec<LogRow>,
    now: Timestamp,
) -> Result<Vec<Event>> {
    let mut messages = read_messages(tx, owner, &rows)?;
    let mut relations = HashMap::new();
    rows.into_iter()
        .map(|row| {
            let kind = match row.event {
                NewEvent::MessageSent {
                    conversation,
                    position,
                } => {
                    let message = messages
                        .remove(&(conversation, position))
                        .ok_or_else(|| Error::failed("showing an event", "its message is gone"))?;
                    EventKind::MessageSent {
                        conversation,
                        message,
                    }
                }
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
/// range: 1,000 missed messages cost one query for each conversation, not one for each message.
fn read_messages(
    tx: &mut Tx<'_>,
    owner: AccountId,
    rows: &[LogRow],
) -> Result<HashMap<(ConversationId, u64), Message>> {
    let mut ranges: HashMap<ConversationId, (u64, u64)> = HashMap::new();
    for row in rows {
        if let NewEvent::MessageSent {
            conversation,
            position,
        } = row.event
        {
            let (first, last) = ranges.entry(conversation).or_insert((position, position));
            *first = position.min(*first);
            *last = position.max(*last);
        }
    }
    let mut messages = HashMap::new();
    for (conversation, (first, last)) in ranges {
        for message in conversations::list_range(tx, owner, conversation, first, last)? {
            messages.insert((conversation, message.position), message);
        }
    }
    Ok(messages)
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
