//! Looking for messages: what is found, by whom, and what rests of it.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set ends its test")]

#[path = "../harness/mod.rs"]
mod harness;

mod corpus;
mod filters;
mod laid_out;
mod rests;
mod words;

use app::api::{ApiError, ConversationId};
use app::conversations::{FoundMessages, SearchMessages, Sought};
use harness::{Account, Harness};

/// A search of everything the person has.
fn everywhere(text: &str) -> SearchMessages {
    SearchMessages {
        text: Sought(text.to_owned()),
        ..SearchMessages::default()
    }
}

/// A search of one conversation.
fn inside(conversation: ConversationId, text: &str) -> SearchMessages {
    SearchMessages {
        conversation: Some(conversation),
        ..everywhere(text)
    }
}

/// The words of the hits, newest first.
async fn texts(harness: &Harness, account: &Account, wish: SearchMessages) -> Vec<String> {
    words_of(&harness.call(account, wish).await.unwrap())
}

fn words_of(found: &FoundMessages) -> Vec<String> {
    let hits = found.hits.iter();
    hits.map(|hit| hit.message.body.as_str().to_owned()).collect()
}

/// The excerpt of a hit, found words in brackets.
fn marked(found: &FoundMessages, index: usize) -> String {
    let parts = found.hits[index].excerpt.iter();
    parts
        .map(|part| {
            if part.is_match {
                format!("[{}]", part.text)
            } else {
                part.text.clone()
            }
        })
        .collect()
}

/// Who may not search gets the same answer as who asks for nothing that is.
async fn refusal(harness: &Harness, account: &Account, wish: SearchMessages) -> ApiError {
    harness.call(account, wish).await.unwrap_err()
}
