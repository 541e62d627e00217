//! What rests: sealed, in its place, under keys that can be changed and destroyed; and what it costs to lose them.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set ends its test")]

#[path = "../harness/mod.rs"]
mod harness;

mod acts;
mod canaries;
mod damage;
mod erasure;
mod places;
mod rotation;
mod start;
mod sweep;

use app::api::ConversationId;
use app::conversations::{Message, ReadTimeline};
use harness::{Account, Harness};

/// Everything in a conversation, as a person sees it.
async fn read_all(harness: &Harness, reader: &Account, conversation: ConversationId) -> Vec<Message> {
    let wish = ReadTimeline {
        conversation,
        before: None,
        after: Some(0),
        around: None,
        limit: Some(200),
    };
    harness.call(reader, wish).await.unwrap().messages
}

/// The words alone.
async fn texts(harness: &Harness, reader: &Account, conversation: ConversationId) -> Vec<String> {
    let messages = read_all(harness, reader, conversation).await;
    messages
        .iter()
        .map(|message| message.body.as_str().to_owned())
        .collect()
}
