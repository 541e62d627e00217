//! Sending: on disk once, under one key, in one order, for friends alone.

use app::api::{ApiError, InvalidReason, MessageKey};
use app::conversations::{Message, MessageBody, ReadTimeline, SendMessage};
use app::friendships::CloseChannel;

use super::timeline;
use crate::harness::{Friends, Harness, body, unknown_id};

#[tokio::test]
async fn a4_either_writes_first_and_both_read_the_same() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;

    let first = harness
        .send(&luc, conversation, "Bonjour\nAnne 👩‍⚕️")
        .await
        .unwrap();
    let second = harness
        .send(&anne, conversation, "é".repeat(10_000).as_str())
        .await
        .unwrap();

    assert_eq!((first.position, second.position), (1, 2));
    let seen_by_anne = harness
        .call(&anne, timeline(conversation))
        .await
        .unwrap()
        .messages;
    let seen_by_luc = harness.call(&luc, timeline(conversation)).await.unwrap().messages;
    let words = |messages: &[Message]| {
        messages
            .iter()
            .map(|message| (message.id, message.position, message.body.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(words(&seen_by_anne), words(&seen_by_luc));
    assert_eq!(seen_by_luc[0].body.as_str(), "Bonjour\nAnne 👩‍⚕️");
    assert_eq!(seen_by_luc[0].key, first.key, "the author is told the key");
    assert_eq!(seen_by_anne[0].key, None, "nobody else is");
}

#[tokio::test]
async fn the_same_key_gives_the_same_answer_for_ever() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let wish = SendMessage {
        conversation,
        key: harness.key(),
        reply_to: None,
        body: body("Une fois"),
        clears_draft: false,
        attachments: Vec::new(),
    };
    let first = harness.call(&anne, wish.clone()).await.unwrap();
    let n_events = harness.events_after(&luc, 0).await.len();

    for _ in 0..100 {
        harness.clock.advance_ms(3_600_000);
        assert_eq!(harness.call(&anne, wish.clone()).await.unwrap(), first);
    }
    harness.send(&luc, conversation, "Autre chose").await.unwrap();
    harness
        .call(&luc, CloseChannel { account: anne.id })
        .await
        .unwrap();

    assert_eq!(
        harness.call(&anne, wish).await.unwrap(),
        first,
        "even after the channel was closed"
    );
    assert_eq!(harness.snapshot().n_rows("messages"), 2);
    assert_eq!(harness.events_after(&luc, 0).await.len(), n_events + 2);
}

#[tokio::test]
async fn a_key_stands_for_one_message_of_one_sender() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let marc = harness.account("Marc Côté").await;
    let elsewhere = harness.befriend(&anne, &marc).await;
    let key = harness.key();
    harness
        .call(
            &anne,
            SendMessage {
                conversation,
                key,
                reply_to: None,
                body: body("Un"),
                clears_draft: false,
                attachments: Vec::new(),
            },
        )
        .await
        .unwrap();

    let other_body = harness
        .call(
            &anne,
            SendMessage {
                conversation,
                key,
                reply_to: None,
                body: body("Deux"),
                clears_draft: false,
                attachments: Vec::new(),
            },
        )
        .await;
    let other_place = harness
        .call(
            &anne,
            SendMessage {
                conversation: elsewhere,
                key,
                reply_to: None,
                body: body("Un"),
                clears_draft: false,
                attachments: Vec::new(),
            },
        )
        .await;
    let other_sender = harness
        .call(
            &luc,
            SendMessage {
                conversation,
                key,
                reply_to: None,
                body: body("Un"),
                clears_draft: false,
                attachments: Vec::new(),
            },
        )
        .await;

    assert_eq!(other_body, Err(ApiError::KeyReused));
    assert_eq!(other_place, Err(ApiError::KeyReused));
    assert_eq!(other_sender.unwrap().message.position, 2);
}

#[tokio::test]
async fn a_body_is_checked_at_the_door() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let send = async |text: &str| {
        let body = MessageBody::from_store(text.to_owned());
        harness
            .call(
                &anne,
                SendMessage {
                    conversation,
                    key: harness.key(),
                    reply_to: None,
                    body,
                    clears_draft: false,
                    attachments: Vec::new(),
                },
            )
            .await
    };

    assert_eq!(
        send(" \n ").await,
        Err(ApiError::invalid("body", InvalidReason::Empty))
    );
    let endless = "a".repeat(MessageBody::MAX_CHARS + 1);
    assert_eq!(
        send(&endless).await,
        Err(ApiError::invalid("body", InvalidReason::TooLong))
    );
    assert_eq!(
        send("  un\r\ndeux  ").await.unwrap().message.body.as_str(),
        "un\ndeux"
    );
    assert_eq!(harness.snapshot().n_rows("messages"), 1);
}

#[tokio::test]
async fn the_doors_answer_as_the_rules_do() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let wish = SendMessage {
        conversation,
        key: MessageKey(unknown_id()),
        reply_to: None,
        body: body("Par HTTP"),
        clears_draft: false,
        attachments: Vec::new(),
    };

    let sent = harness.call_http(&anne, wish.clone()).await.unwrap();
    let again = harness.call_http(&anne, wish.clone()).await.unwrap();
    let reused = harness
        .call_http(
            &anne,
            SendMessage {
                body: body("Autre"),
                ..wish
            },
        )
        .await;
    let page = harness
        .call_http(
            &luc,
            ReadTimeline {
                after: Some(0),
                ..timeline(conversation)
            },
        )
        .await
        .unwrap();
    let both = ReadTimeline {
        after: Some(0),
        before: Some(9),
        ..timeline(conversation)
    };

    assert_eq!(again, sent);
    assert_eq!(reused, Err(ApiError::KeyReused));
    assert_eq!(page.messages[0].body, sent.message.body);
    assert_eq!(harness.call_http(&luc, both).await, Err(ApiError::Malformed));
}
