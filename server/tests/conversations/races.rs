//! Many at once: what is answered is stored, in one order, once.

use std::sync::Arc;

use app::api::{ApiError, EventKind};
use app::conversations::{ReadTimeline, SendMessage};
use app::friendships::CloseChannel;

use super::{positions, timeline};
use crate::harness::{Friends, Harness, body};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel05_concurrent_sends_are_gapless_and_unique() {
    let harness = Arc::new(Harness::new());
    let friends = Arc::new(harness.two_friends().await);

    let sends = (0..200).map(|index| {
        let (harness, friends) = (Arc::clone(&harness), Arc::clone(&friends));
        tokio::spawn(async move {
            let author = if index % 2 == 0 {
                &friends.anne
            } else {
                &friends.luc
            };
            harness
                .send(author, friends.conversation, &format!("Message {index}"))
                .await
                .unwrap()
                .position
        })
    });
    let mut answered = Vec::new();
    for send in sends.collect::<Vec<_>>() {
        answered.push(send.await.unwrap());
    }

    answered.sort_unstable();
    assert_eq!(answered, (1..=200).collect::<Vec<_>>());
    for reader in [&friends.anne, &friends.luc] {
        let wish = ReadTimeline {
            after: Some(0),
            limit: Some(200),
            ..timeline(friends.conversation)
        };
        assert_eq!(positions(&harness.call(reader, wish).await.unwrap()), answered);
        let told: Vec<_> = harness
            .events_after(reader, 0)
            .await
            .into_iter()
            .filter_map(|event| match event.kind {
                EventKind::MessageSent { message, .. } => Some(message.position),
                _ => None,
            })
            .collect();
        assert_eq!(told, answered, "the log tells them in the same order");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel04_one_key_sent_a_hundred_times_at_once_is_one_row() {
    let harness = Arc::new(Harness::new());
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let wish = SendMessage {
        conversation,
        key: harness.key(),
        body: body("Une fois"),
    };

    let sends = (0..100).map(|_| {
        let (harness, anne, wish) = (Arc::clone(&harness), anne.clone(), wish.clone());
        tokio::spawn(async move { harness.call(&anne, wish).await.unwrap() })
    });
    let mut answers = Vec::new();
    for send in sends.collect::<Vec<_>>() {
        answers.push(send.await.unwrap());
    }

    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(harness.snapshot().n_rows("messages"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn az05_a_send_that_races_with_the_closing_is_stored_or_refused_never_both() {
    let harness = Arc::new(Harness::new());
    let friends = harness.two_friends().await;
    let Friends {
        anne,
        luc,
        conversation,
    } = friends;
    let mut n_stored = 0;

    for round in 0..300 {
        if round > 0 {
            harness.befriend(&anne, &luc).await;
        }
        let sending = {
            let (harness, anne) = (Arc::clone(&harness), anne.clone());
            tokio::spawn(async move { harness.send(&anne, conversation, &format!("Tour {round}")).await })
        };
        let closing = {
            let (harness, luc, anne) = (Arc::clone(&harness), luc.clone(), anne.id);
            tokio::spawn(async move { harness.call(&luc, CloseChannel { account: anne }).await })
        };
        closing.await.unwrap().unwrap();
        let sent = sending.await.unwrap();

        match &sent {
            Ok(message) => {
                n_stored += 1;
                assert_eq!(message.position, n_stored);
            }
            Err(refusal) => assert_eq!(*refusal, ApiError::ChannelClosed),
        }
        let page = harness
            .call(
                &luc,
                ReadTimeline {
                    limit: Some(1),
                    ..timeline(conversation)
                },
            )
            .await
            .unwrap();
        assert_eq!(page.last_position, n_stored);
        assert_eq!(
            harness.send(&anne, conversation, "Trop tard").await,
            Err(ApiError::ChannelClosed)
        );
    }
}
