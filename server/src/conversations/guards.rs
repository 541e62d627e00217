//! What a device needs to know to guard a conversation against the wrong reader and the wrong place.

use app::conversations::{GetGuards, Guards};

use super::require_participant;
use crate::context::{Caller, Context};
use crate::error::Result;
use crate::{accounts, contacts};

/// Reads who is easily taken for the friend, and whether messages are looked through before they leave the device.
///
/// # Errors
/// `NotFound` when the caller does not take part in the conversation.
///
/// Source: product requirements C5, C6.
pub async fn get_guards(context: Context, caller: Caller, wish: GetGuards) -> Result<Guards> {
    let now = context.now();
    context
        .db
        .read(move |tx| {
            let participant = require_participant(tx, caller.account, wish.conversation)?;
            Ok(Guards {
                look_alikes: contacts::list_look_alikes(tx, caller.account, participant.friend(), now)?,
                is_unfiled_guarded: accounts::is_unfiled_guarded(tx)?,
            })
        })
        .await
}
