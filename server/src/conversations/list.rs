//! Conversations as the list and the header show them.

use app::api::{AccountId, ApiError, InvalidReason, Timestamp};
use app::conversations::{
    Conversation, Conversations, GetConversation, ListConversations, OpenConversation, OpenedConversation,
};

use super::sql::{self, ListRow};
use super::{Link, Participant, find_between, require_participant};
use crate::context::{Caller, Context};
use crate::error::{Error, Result};
use crate::friendships::machine::Pair;
use crate::store::Tx;
use crate::{accounts, contacts, friendships};

/// The most conversations of a list: more than a clinician keeps with 500 friends, still one page.
const MAX_CONVERSATIONS: u32 = 500;

/// Lists the caller's conversations, last active first, at most 500.
///
/// # Errors
/// `Invalid` for a limit outside 1 to 500.
pub async fn list_conversations(
    context: Context,
    caller: Caller,
    wish: ListConversations,
) -> Result<Conversations> {
    let limit = wish.limit.unwrap_or(MAX_CONVERSATIONS);
    if !(1..=MAX_CONVERSATIONS).contains(&limit) {
        return Err(ApiError::invalid("limit", InvalidReason::Format).into());
    }
    let now = context.now();
    context
        .db
        .read(move |tx| {
            let me = caller.account;
            let mut pairs = friendships::list_pairs(tx, me, now)?;
            let rows = sql::list_conversations(tx, me, limit)?;
            let conversations = rows.into_iter().map(|row| {
                let pair = pairs
                    .remove(&row.friend)
                    .unwrap_or_else(|| Pair::new(me, row.friend));
                to_conversation(tx, &pair, me, row)
            });
            Ok(Conversations {
                conversations: conversations.collect::<Result<_>>()?,
            })
        })
        .await
}

/// Finds the conversation with a friend, or with a former one.
///
/// # Errors
/// `Invalid` for the own account, `NotFriends` when there never was a channel, `NotFound` for nobody the caller may see.
pub async fn open_conversation(
    context: Context,
    caller: Caller,
    wish: OpenConversation,
) -> Result<OpenedConversation> {
    let me = caller.account;
    if wish.account == me {
        return Err(ApiError::invalid("account", InvalidReason::Yourself).into());
    }
    let now = context.now();
    context
        .db
        .read(move |tx| {
            let Some(conversation) = find_between(tx, me, wish.account)? else {
                contacts::require_card(tx, me, wish.account, now)?;
                return Err(ApiError::NotFriends.into());
            };
            let participant = require_participant(tx, me, conversation)?;
            read_conversation(tx, &participant, now)
        })
        .await
}

/// Reads one conversation's header.
///
/// # Errors
/// `NotFound` when the caller does not take part in it.
pub async fn get_conversation(
    context: Context,
    caller: Caller,
    wish: GetConversation,
) -> Result<OpenedConversation> {
    let now = context.now();
    context
        .db
        .read(move |tx| {
            let participant = require_participant(tx, caller.account, wish.conversation)?;
            read_conversation(tx, &participant, now)
        })
        .await
}

/// One conversation, as its header and an export show it.
pub(super) fn read_conversation(
    tx: &mut Tx<'_>,
    participant: &Participant,
    now: Timestamp,
) -> Result<OpenedConversation> {
    let me = participant.account();
    let pair = friendships::find_pair(tx, me, participant.friend(), now)?;
    let row = sql::find_conversation(tx, participant)?;
    Ok(OpenedConversation {
        conversation: to_conversation(tx, &pair, me, row)?,
    })
}

fn to_conversation(tx: &mut Tx<'_>, pair: &Pair, me: AccountId, row: ListRow) -> Result<Conversation> {
    let broken = |what: &str| Error::failed("reading a conversation", what);
    let channel = pair.channel(me).ok_or_else(|| broken("it has no friendship"))?;
    let card =
        accounts::find_card(tx, row.friend)?.ok_or_else(|| broken("its participant has no account"))?;
    let may_ask = pair.may_ask(me, friendships::is_taken(tx, me, &card)?);
    let link = Link {
        conversation: row.id,
        unread_count: row.unread_count,
    };
    Ok(Conversation {
        id: row.id,
        friend: contacts::put_together(card, pair.view(me), may_ask, Some(link)),
        channel,
        last_message: row.last_message,
        active_at: row.active_at,
        unread_count: row.unread_count,
        read_position: row.read_position,
        last_from_friend: row.last_from_friend,
        friend_delivered_position: row.friend_delivered_position,
        friend_read_position: row.friend_read_position,
        draft: row.draft,
    })
}
