//! A message without words, for good: its body, what it said before, what was laid out of it to be searched, what was on it
//! and its files are destroyed in the transaction, the files' bytes right after it; that somebody wrote something then stays.

use app::conversations::acts::{ChangedMessage, DeleteMessage};

use super::Held;
use crate::attachments;
use crate::audit::{self, Act};
use crate::context::{Caller, Context};
use crate::conversations::forget_words;
use crate::conversations::sql::acts as sql;
use crate::error::Result;
use crate::friendships;

/// Deletes a message of the caller for both. Asked again it is answered, whatever has happened since.
///
/// # Errors
/// `NotFound` unless the caller wrote the message; else as [`friendships::require_writer`]: what both keep of a closed
/// channel is read only.
///
/// Source: product, §4 and C1.
pub async fn delete_message(context: Context, caller: Caller, wish: DeleteMessage) -> Result<ChangedMessage> {
    let now = context.now();
    let (deleted, conversation, files) = context
        .db
        .write(move |tx| {
            let held = Held::require_own(tx, caller.account, wish.message)?;
            let conversation = held.participant.conversation();
            if held.message().deleted_at.is_some() {
                return Ok((held.answer(tx)?, conversation, Vec::new()));
            }
            friendships::require_writer_for(tx, &held.participant)?;
            let files = attachments::drop_carried(tx, conversation, held.position())?;
            sql::empty_message(tx, conversation, held.position(), now)?;
            forget_words(tx, conversation, held.position())?;
            held.tell_both(tx, now)?;
            audit::append(tx, now, Some(caller.account), Act::MessageDeleted, wish.message.0)?;
            Ok((held.answer(tx)?, conversation, files))
        })
        .await?;
    attachments::forget_files(&context, conversation, files).await;
    context.backlog.note(conversation);
    Ok(deleted)
}
