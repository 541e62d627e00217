//! Erasing a conversation: its keys are destroyed, and what they sealed with them. That messages were sent, when and by
//! whom stays; so do positions and keys of sending, and a message that is sent again is still found.

use app::api::{AccountId, ApiError, ConversationId, Timestamp};

use super::sql;
use crate::attachments;
use crate::audit::{self, Act};
use crate::context::Context;
use crate::error::Result;
use crate::events::{self, NewEvent};
use crate::friendships;
use crate::reports;
use crate::store::{Owner, Tx};

/// Erases every word of a conversation, its files, its drafts, the note of a request that waits between the two, and what
/// reports hold of it. `by` is nobody at the machine itself. When this returns, the live files hold none of the bytes.
///
/// A copy of the database keeps what it held; with the table `keyring` kept apart and for a shorter time, it becomes
/// unreadable when that copy goes.
///
/// # Errors
/// `NotFound` when there is no such conversation. `Failed` when it was erased and its traces could not leave the files yet:
/// then it may be done again.
///
/// Source: assurance ERA-01.
pub async fn erase_conversation(
    context: &Context,
    by: Option<AccountId>,
    conversation: ConversationId,
) -> Result<()> {
    let now = context.now();
    context
        .db
        .write(move |tx| erase(tx, by, conversation, now))
        .await?;
    tracing::info!(conversation.id = %conversation, "erased a conversation");
    context.db.scrub().await?;
    attachments::forget_conversation(context, conversation).await
}

fn erase(tx: &mut Tx<'_>, by: Option<AccountId>, conversation: ConversationId, now: Timestamp) -> Result<()> {
    let (low, high) = sql::find_pair(tx, conversation)?.ok_or(ApiError::NotFound)?;
    tx.destroy_keys(Owner::Conversation(conversation))?;
    sql::empty_words(tx, conversation)?;
    attachments::erase(tx, conversation)?;
    friendships::erase_note(tx, low, high)?;
    reports::erase_of_conversation(tx, by, conversation, now)?;
    for account in [low, high] {
        // Their devices look for the draft, and find none.
        events::append(tx, account, now, NewEvent::DraftSaved { conversation })?;
    }
    audit::append(tx, now, by, Act::Erased, conversation.0)
}
