//! Pins, which both see, and stars, which are one's own: how messages are found again.

use app::api::{ApiError, MessageKey};
use app::conversations::acts::{ChangedMessage, ListMarkedMessages, MarkedMessages, PinMessage, StarMessage};

use super::Held;
use crate::context::{Caller, Context};
use crate::conversations::require_participant;
use crate::conversations::sql::acts::{self, Kind};
use crate::conversations::sql::marks as sql;
use crate::error::Result;
use crate::store::Tx;

/// How many messages are listed at once.
const PAGE: u32 = 50;

/// Pins a message for both, or takes the pin away, whoever put it there.
///
/// # Errors
/// `NotFound` when the caller does not take part in its conversation; `MessageDeleted`; `KeyReused` when the key stood for
/// the contrary; else as [`crate::friendships::require_writer`].
pub async fn pin_message(context: Context, caller: Caller, wish: PinMessage) -> Result<ChangedMessage> {
    let now = context.now();
    context
        .db
        .write(move |tx| {
            let held = Held::require(tx, caller.account, wish.message)?;
            if was_done(tx, &held, Kind::Pin, wish.key, wish.pinned)? {
                return held.answer(tx);
            }
            held.require_writer(tx)?;
            remember(tx, &held, Kind::Pin, wish.key, wish.pinned)?;
            if held.sealed.ties.pinned_at.is_some() != wish.pinned {
                let pinned_at = wish.pinned.then_some(now);
                sql::update_pin(tx, held.participant.conversation(), held.position(), pinned_at)?;
                held.tell_both(tx, now)?;
            }
            held.answer(tx)
        })
        .await
}

/// Stars a message for the caller, or takes the star away, in a closed channel as well. Nobody else is told.
///
/// # Errors
/// `NotFound` when the caller does not take part in its conversation; `MessageDeleted`; `KeyReused` when the key stood for
/// the contrary.
pub async fn star_message(context: Context, caller: Caller, wish: StarMessage) -> Result<ChangedMessage> {
    let now = context.now();
    context
        .db
        .write(move |tx| {
            let held = Held::require(tx, caller.account, wish.message)?;
            if was_done(tx, &held, Kind::Star, wish.key, wish.starred)? {
                return held.answer(tx);
            }
            held.require_words()?;
            remember(tx, &held, Kind::Star, wish.key, wish.starred)?;
            if sql::put_star(tx, &held.participant, held.position(), wish.starred, now)? {
                held.tell(tx, caller.account, now)?;
            }
            held.answer(tx)
        })
        .await
}

/// Whether this was done under this key before.
fn was_done(tx: &mut Tx<'_>, held: &Held, kind: Kind, key: MessageKey, is_set: bool) -> Result<bool> {
    match acts::find_act(tx, &held.participant, held.position(), kind, key)? {
        Some(outcome) if outcome != u64::from(is_set) => Err(ApiError::KeyReused.into()),
        found => Ok(found.is_some()),
    }
}

fn remember(tx: &mut Tx<'_>, held: &Held, kind: Kind, key: MessageKey, is_set: bool) -> Result<()> {
    acts::insert_act(tx, &held.participant, held.position(), kind, key, is_set.into())
}

/// Lists the pinned messages of a conversation, or those that the caller has starred there.
///
/// # Errors
/// `NotFound` when the caller does not take part in the conversation.
pub async fn list_marked_messages(
    context: Context,
    caller: Caller,
    wish: ListMarkedMessages,
) -> Result<MarkedMessages> {
    context
        .db
        .read(move |tx| {
            let participant = require_participant(tx, caller.account, wish.conversation)?;
            let before = wish.before.unwrap_or(u64::MAX);
            let mut messages = sql::list_marked(tx, &participant, wish.mark, before, PAGE + 1)?;
            let n_shown = usize::try_from(PAGE).unwrap_or(usize::MAX);
            let has_more = messages.len() > n_shown;
            messages.truncate(n_shown);
            Ok(MarkedMessages { messages, has_more })
        })
        .await
}
