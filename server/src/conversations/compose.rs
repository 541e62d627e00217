//! What a person does in the compose box: send, leave a draft, be seen writing.

use app::api::{
    AccountId, ApiError, AttachmentId, ConversationId, Done, Event, EventKind, InvalidReason, MessageId,
    MessageKey, Timestamp,
};
use app::conversations::meeting::meet_over;
use app::conversations::{
    Draft, Message, MessageBody, SaveDraft, SavedDraft, SendMessage, SentMessage, SignalTyping,
};

use super::participant::find_participant_and_sent;
use super::{Participant, require_participant, sql};
use crate::context::{Caller, Context};
use crate::error::{Error, Result};
use crate::events::{self, NewEvent};
use crate::friendships;
use crate::store::Tx;

pub(super) use sql::NewMessage as Parcel;

/// Sends a message. The answer means that it is on disk; the same key again gives the same answer, for ever.
///
/// # Errors
/// `Invalid` for an empty or endless body, `KeyReused` when the key stands for another message, `NotFound` when what it
/// answers is not in this conversation; `File` and `NotFound` for files that cannot be sent; else as
/// [`friendships::require_writer`].
///
/// Source: help page, step 3.
pub async fn send_message(context: Context, caller: Caller, wish: SendMessage) -> Result<SentMessage> {
    let body = if wish.attachments.is_empty() {
        MessageBody::parse(wish.body.as_str())?
    } else {
        MessageBody::parse_beside_files(wish.body.as_str())?
    };
    let now = context.now();
    let id = MessageId(context.new_id());
    let conversation = wish.conversation;
    let sent = context
        .db
        .write(move |tx| {
            let me = caller.account;
            let (participant, sent) = find_sent(tx, me, wish.conversation, wish.key)?;
            // Before the right to write: an answer that got lost is owed even if the channel has closed since.
            if let Some(sent) = sent {
                if sent.conversation != wish.conversation || !sent.is(&body, wish.reply_to, &wish.attachments)
                {
                    return Err(ApiError::KeyReused.into());
                }
                return Ok(SentMessage {
                    message: sent.message,
                });
            }
            let participant = participant.ok_or(ApiError::NotFound)?;
            let conversation = participant.conversation();
            let reply_to = match wish.reply_to {
                Some(original) => {
                    let position = sql::acts::find_position(tx, conversation, original)?;
                    Some(position.ok_or(ApiError::NotFound)?)
                }
                None => None,
            };
            let parcel = Parcel {
                id,
                key: wish.key,
                body,
                reply_to,
                forwards: None,
                files: wish.attachments,
            };
            let (message, has_draft) = deliver(tx, &participant, parcel, now)?;
            if has_draft && (wish.clears_draft || is_in(sql::find_draft(tx, &participant)?, &message.body)) {
                sql::delete_draft(tx, &participant)?;
                events::append(tx, me, now, NewEvent::DraftSaved { conversation })?;
            }
            Ok(SentMessage { message })
        })
        .await?;
    context.backlog.note(conversation);
    Ok(sent)
}

/// Stores a message and tells both. Answers too whether the writer has a draft there.
///
/// # Errors
/// As [`friendships::require_writer_for`].
pub(super) fn deliver(
    tx: &mut Tx<'_>,
    participant: &Participant,
    parcel: Parcel,
    now: Timestamp,
) -> Result<(Message, bool)> {
    let writer = friendships::require_writer_for(tx, participant)?;
    let (message, has_draft) = sql::insert_message(tx, &writer, parcel, now)?;
    let (conversation, position) = (writer.conversation(), message.position);
    for account in [writer.account(), writer.friend()] {
        let event = NewEvent::MessageSent {
            conversation,
            position,
        };
        events::append(tx, account, now, event)?;
    }
    Ok((message, has_draft))
}

/// What somebody sent before under a key.
pub(super) struct Sent {
    pub(super) conversation: ConversationId,
    /// As it is now.
    pub(super) message: Message,
    /// The message whose words it took over.
    pub(super) forwards: Option<MessageId>,
    /// What it said when it was sent, as far as that can still be shown.
    said: Option<MessageBody>,
}

impl Sent {
    /// Whether it was sent as these words with these files, in answer to this message. What can no longer be shown cannot be
    /// compared; the key still stands for this message alone.
    fn is(&self, body: &MessageBody, reply_to: Option<MessageId>, files: &[AttachmentId]) -> bool {
        if self.message.deleted_at.is_some() {
            return true;
        }
        let answered = self.message.marks.read().reply_to.map(|quote| quote.id);
        let carried = self.message.attachments.list();
        let is_same = self.said.as_ref().is_none_or(|said| said == body)
            && carried.iter().map(|file| &file.id).eq(files);
        (is_same || self.message.is_withheld()) && answered == reply_to
    }
}

/// The proof that `account` takes part in `conversation`, if it does, and what it once sent under this key.
pub(super) fn find_sent(
    tx: &mut Tx<'_>,
    account: AccountId,
    conversation: ConversationId,
    key: MessageKey,
) -> Result<(Option<Participant>, Option<Sent>)> {
    let (participant, sent) = find_participant_and_sent(tx, account, conversation, key)?;
    let Some((conversation, sealed)) = sent else {
        return Ok((participant, None));
    };
    let forwards = sealed.forwards;
    let (message, said) = sql::open_sent(tx, conversation, account, sealed)?;
    let message = message.ok_or_else(|| Error::failed("reading a message", "it is gone"))?;
    let sent = Sent {
        conversation,
        message,
        forwards,
        said,
    };
    Ok((participant, Some(sent)))
}

/// Whether a draft says nothing that the message does not say. One that cannot be shown says nothing.
fn is_in(draft: Option<Draft>, body: &MessageBody) -> bool {
    draft.is_none_or(|draft| body.as_str().contains(draft.0.trim()))
}

/// Keeps the caller's unsent words for all their devices; empty removes them. A closed channel keeps its draft, so that
/// words that could not be sent are not lost. Words of another device that the caller does not know stay with them.
///
/// # Errors
/// `Invalid` beyond 10,000 characters, also of both devices together: then the server keeps what it had. `NotFound` when the
/// caller does not take part in the conversation.
pub async fn save_draft(context: Context, caller: Caller, wish: SaveDraft) -> Result<SavedDraft> {
    let require_room = |words: &str| match words.chars().count() {
        0..=MessageBody::MAX_CHARS => Ok(()),
        _ => Err(ApiError::invalid("draft", InvalidReason::TooLong)),
    };
    require_room(&wish.draft.0)?;
    if wish
        .over
        .as_ref()
        .is_some_and(|over| over.len() > SaveDraft::MAX_OVER)
    {
        return Err(ApiError::invalid("over", InvalidReason::TooLong).into());
    }
    let now = context.now();
    context
        .db
        .write(move |tx| {
            let participant = require_participant(tx, caller.account, wish.conversation)?;
            let there = sql::find_draft(tx, &participant)?;
            let there_now = there.as_ref().map_or("", |there| &there.0);
            let met = meet_over(&wish.draft.0, there_now, wish.over.as_deref()).map(Draft);
            if let Some(met) = &met {
                require_room(&met.0)?;
            }
            let draft = Some(met.clone().unwrap_or(wish.draft)).filter(|draft| !draft.0.is_empty());
            if there != draft {
                sql::update_draft(tx, &participant, draft.as_ref(), now)?;
                let event = NewEvent::DraftSaved {
                    conversation: participant.conversation(),
                };
                events::append(tx, caller.account, now, event)?;
            }
            Ok(SavedDraft { met })
        })
        .await
}

/// Tells the friend's connected devices that the caller is writing. Nothing is kept.
///
/// # Errors
/// As [`friendships::require_writer`].
pub async fn signal_typing(context: Context, caller: Caller, wish: SignalTyping) -> Result<Done> {
    let writer = context
        .db
        .read(move |tx| friendships::require_writer(tx, caller.account, wish.conversation))
        .await?;
    let kind = EventKind::Typing {
        conversation: writer.conversation(),
    };
    context.live.pass(
        writer.friend(),
        Event {
            cursor: None,
            at: context.now(),
            kind,
        },
    );
    Ok(Done {})
}
