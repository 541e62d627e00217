//! What is done with a message that is there: once, seen by both, and never at the cost of its place.

mod deletes;
mod edits;
mod forwards;
mod marks;
mod races;
mod random_acts;
mod reactions;
mod replies;

use app::api::{ApiError, ConversationId, EventKind};
use app::conversations::{
    DeleteMessage, EditMessage, Message, PinMessage, ReactToMessage, Reaction, ReadTimeline, SendMessage,
    StarMessage,
};

use super::timeline;
use crate::harness::{Account, Harness, body};

async fn edit(harness: &Harness, who: &Account, message: &Message, text: &str) -> Result<Message, ApiError> {
    let wish = EditMessage {
        message: message.id,
        key: harness.key(),
        body: body(text),
    };
    Ok(harness.call(who, wish).await?.message)
}

async fn delete(harness: &Harness, who: &Account, message: &Message) -> Result<Message, ApiError> {
    let wish = DeleteMessage { message: message.id };
    Ok(harness.call(who, wish).await?.message)
}

async fn react(
    harness: &Harness,
    who: &Account,
    message: &Message,
    reaction: Option<Reaction>,
) -> Result<Message, ApiError> {
    let wish = ReactToMessage {
        message: message.id,
        key: harness.key(),
        reaction,
    };
    Ok(harness.call(who, wish).await?.message)
}

async fn pin(harness: &Harness, who: &Account, message: &Message, pinned: bool) -> Result<Message, ApiError> {
    let wish = PinMessage {
        message: message.id,
        key: harness.key(),
        pinned,
    };
    Ok(harness.call(who, wish).await?.message)
}

async fn star(
    harness: &Harness,
    who: &Account,
    message: &Message,
    starred: bool,
) -> Result<Message, ApiError> {
    let wish = StarMessage {
        message: message.id,
        key: harness.key(),
        starred,
    };
    Ok(harness.call(who, wish).await?.message)
}

async fn reply(
    harness: &Harness,
    who: &Account,
    conversation: ConversationId,
    original: &Message,
    text: &str,
) -> Result<Message, ApiError> {
    let wish = SendMessage {
        conversation,
        key: harness.key(),
        reply_to: Some(original.id),
        body: body(text),
        clears_draft: false,
        attachments: Vec::new(),
    };
    Ok(harness.call(who, wish).await?.message)
}

/// Everything in a conversation, as a person sees it.
async fn read(harness: &Harness, who: &Account, conversation: ConversationId) -> Vec<Message> {
    let wish = ReadTimeline {
        after: Some(0),
        limit: Some(200),
        ..timeline(conversation)
    };
    harness.call(who, wish).await.unwrap().messages
}

/// The messages that are told as changed in the account's log after a cursor.
async fn changed(harness: &Harness, who: &Account, after: u64) -> Vec<Message> {
    let events = harness.events_after(who, after).await;
    events
        .into_iter()
        .filter_map(|event| match event.kind {
            EventKind::MessageChanged { message, .. } => Some(message),
            _ => None,
        })
        .collect()
}
