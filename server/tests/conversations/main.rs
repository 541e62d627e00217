//! Conversations: sending once, order without gaps, pages of the timeline, what was read, drafts.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set ends its test")]

#[path = "../harness/mod.rs"]
mod harness;

mod acts;
mod guards;
mod list;
mod races;
mod random_receipts;
mod read_positions;
mod reading;
mod receipts;
mod sending;
mod sharing;
mod unread;

use app::api::ConversationId;
use app::conversations::{ReadTimeline, TimelinePage};
use harness::{Friends, Harness};

/// The newest page, to be narrowed with struct update.
fn timeline(conversation: ConversationId) -> ReadTimeline {
    ReadTimeline {
        conversation,
        before: None,
        after: None,
        around: None,
        limit: None,
    }
}

fn positions(page: &TimelinePage) -> Vec<u64> {
    page.messages.iter().map(|message| message.position).collect()
}

async fn friends_with_messages(harness: &Harness, n_messages: u64) -> Friends {
    let friends = harness.two_friends().await;
    for index in 0..n_messages {
        let author = if index % 2 == 0 {
            &friends.anne
        } else {
            &friends.luc
        };
        harness
            .send(author, friends.conversation, &format!("Message {}", index + 1))
            .await
            .unwrap();
    }
    friends
}
