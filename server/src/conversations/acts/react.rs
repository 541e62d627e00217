//! One word on a message, in place of a message.

use app::conversations::acts::{ChangedMessage, ReactToMessage};

use super::Held;
use crate::context::{Caller, Context};
use crate::conversations::sql::acts::{self, Kind};
use crate::conversations::sql::marks as sql;
use crate::error::Result;

/// Puts the caller's word on a message, in place of the one that was there, or takes it away.
///
/// Which word a key stood for is not kept outside its seal: the same key with another word is answered, and changes
/// nothing.
///
/// # Errors
/// `NotFound` when the caller does not take part in its conversation; `MessageDeleted`; else as
/// [`crate::friendships::require_writer`].
///
/// Source: product, §4.
pub async fn react_to_message(
    context: Context,
    caller: Caller,
    wish: ReactToMessage,
) -> Result<ChangedMessage> {
    let now = context.now();
    context
        .db
        .write(move |tx| {
            let held = Held::require(tx, caller.account, wish.message)?;
            let (participant, position) = (&held.participant, held.position());
            if acts::find_act(tx, participant, position, Kind::React, wish.key)?.is_some() {
                return held.answer(tx);
            }
            held.require_writer(tx)?;
            acts::insert_act(tx, participant, position, Kind::React, wish.key, 0)?;
            if sql::find_reaction(tx, participant, held.message())? != wish.reaction {
                sql::put_reaction(tx, participant, held.message(), wish.reaction, now)?;
                held.tell_both(tx, now)?;
            }
            held.answer(tx)
        })
        .await
}
