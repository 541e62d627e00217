//! Other words for a message, within 15 minutes. Both see that it was changed, and what it said before.

use app::api::{AccountId, ApiError};
use app::conversations::acts::{
    ChangedMessage, EDIT_WITHIN_MS, EditMessage, ListVersions, Version, Versions,
};
use app::conversations::{Message, MessageBody};

use super::Held;
use crate::audit::{self, Act};
use crate::context::{Caller, Context};
use crate::conversations::forget_words;
use crate::conversations::sql::acts::{self as sql, Kind};
use crate::error::Result;
use crate::store::Tx;

/// Changes the words of a message of the caller; its files stay. The same words change nothing.
///
/// # Errors
/// `Invalid` for an endless body, or an empty one without files; `NotFound` unless the caller wrote the message; `MessageDeleted`; `TooLate` more
/// than 15 minutes after it was stored; `KeyReused` when the key stands for other words; else as
/// [`crate::friendships::require_writer`].
///
/// Source: product, §4.
pub async fn edit_message(context: Context, caller: Caller, wish: EditMessage) -> Result<ChangedMessage> {
    let body = MessageBody::parse_beside_files(wish.body.as_str())?;
    let now = context.now();
    let (edited, conversation) = context
        .db
        .write(move |tx| {
            let held = Held::require_own(tx, caller.account, wish.message)?;
            let conversation = held.participant.conversation();
            if !held.sealed.has_files() {
                MessageBody::parse(body.as_str())?;
            }
            if let Some(version) =
                sql::find_act(tx, &held.participant, held.position(), Kind::Edit, wish.key)?
            {
                require_same(tx, &held, version, &body)?;
                return Ok((held.answer(tx)?, conversation));
            }
            held.require_writer(tx)?;
            if now.ms_since(held.message().sent_at) > EDIT_WITHIN_MS {
                return Err(ApiError::TooLate.into());
            }
            let is_same = held.answer(tx)?.message.body == body;
            let version = if is_same {
                held.sealed.version
            } else {
                sql::update_body(tx, &held.participant, &held.sealed, &body, now)?
            };
            sql::insert_act(
                tx,
                &held.participant,
                held.position(),
                Kind::Edit,
                wish.key,
                version,
            )?;
            if !is_same {
                forget_words(tx, conversation, held.position())?;
                held.tell_both(tx, now)?;
                audit::append(tx, now, Some(caller.account), Act::MessageEdited, wish.message.0)?;
            }
            Ok((held.answer(tx)?, conversation))
        })
        .await?;
    context.backlog.note(conversation);
    Ok(edited)
}

/// The key was used for a change to these words, as far as that can still be known.
fn require_same(tx: &mut Tx<'_>, held: &Held, version: u64, body: &MessageBody) -> Result<()> {
    let said = if version == held.sealed.version {
        let message = held.answer(tx)?.message;
        (!message.is_withheld()).then_some(message.body)
    } else {
        let conversation = held.participant.conversation();
        sql::find_version(tx, conversation, held.message(), version)?
    };
    if said.is_some_and(|said| said != *body) {
        return Err(ApiError::KeyReused.into());
    }
    Ok(())
}

/// Lists what a message has said. A closed channel keeps it readable.
///
/// # Errors
/// `NotFound` when the caller does not take part in its conversation.
pub async fn list_versions(context: Context, caller: Caller, wish: ListVersions) -> Result<Versions> {
    context
        .db
        .read(move |tx| {
            let Held { participant, sealed } = Held::require(tx, caller.account, wish.message)?;
            Ok(Versions {
                versions: sql::list_versions(tx, &participant, sealed)?,
            })
        })
        .await
}

/// What a message said before it reads as it does now, oldest first; nothing of one that was never changed.
///
/// # Errors
/// `NotFound` when `reader` does not take part in its conversation.
pub fn list_earlier(tx: &mut Tx<'_>, reader: AccountId, message: &Message) -> Result<Vec<Version>> {
    if message.marks.read().edited_at.is_none() {
        return Ok(Vec::new());
    }
    let Held { participant, sealed } = Held::require(tx, reader, message.id)?;
    let mut versions = sql::list_versions(tx, &participant, sealed)?;
    // The last one is what it says now.
    versions.pop();
    Ok(versions)
}
