//! The same words to another friend: a message of its own there, which says that it was forwarded and not from whom.

use app::api::{ApiError, MessageId};
use app::conversations::SentMessage;
use app::conversations::acts::ForwardMessage;

use super::Held;
use crate::audit::{self, Act};
use crate::context::{Caller, Context};
use crate::conversations::compose::{Parcel, deliver, find_sent};
use crate::error::Result;

/// Forwards a message that the caller may read, with the words that it has now. Whoever wrote them is told nothing, as with
/// words that are copied by hand; the audit remembers.
///
/// # Errors
/// `NotFound` when the caller does not take part in either conversation; `MessageDeleted`; `KeyReused` when the key stands
/// for another message; for the conversation where it goes as [`crate::friendships::require_writer`].
pub async fn forward_message(context: Context, caller: Caller, wish: ForwardMessage) -> Result<SentMessage> {
    let now = context.now();
    let id = MessageId(context.new_id());
    let conversation = wish.conversation;
    let forwarded = context
        .db
        .write(move |tx| {
            let me = caller.account;
            let (participant, sent) = find_sent(tx, me, wish.conversation, wish.key)?;
            if let Some(sent) = sent {
                if sent.conversation != wish.conversation || sent.forwards != Some(wish.message) {
                    return Err(ApiError::KeyReused.into());
                }
                return Ok(SentMessage {
                    message: sent.message,
                });
            }
            let original = Held::require(tx, me, wish.message)?;
            original.require_words()?;
            let body = original.answer(tx)?.message.body;
            if body.is_withheld() {
                return Err(ApiError::NotFound.into());
            }
            let participant = participant.ok_or(ApiError::NotFound)?;
            let parcel = Parcel {
                id,
                key: wish.key,
                body,
                reply_to: None,
                forwards: Some(wish.message),
                files: Vec::new(),
            };
            let (message, _) = deliver(tx, &participant, parcel, now)?;
            audit::append(tx, now, Some(me), Act::MessageForwarded, wish.message.0)?;
            audit::append(tx, now, Some(me), Act::ForwardStored, message.id.0)?;
            Ok(SentMessage { message })
        })
        .await?;
    context.backlog.note(conversation);
    Ok(forwarded)
}
