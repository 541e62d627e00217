//! Acts that meet: one is before the other, in the same order for everybody, and nothing is half done.

use std::sync::Arc;

use app::api::ApiError;
use app::conversations::{EditMessage, ListVersions, Message, Reaction};
use app::friendships::CloseChannel;

use super::{changed, delete, edit, pin, react, read};
use crate::harness::{Account, Friends, Harness, body};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_races_with_a_deletion_never_brings_words_back() {
    let harness = Arc::new(Harness::new());
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let other = harness.sign_in(&anne.email).await;

    for round in 0..100 {
        let message = harness.send(&anne, conversation, "canari").await.unwrap();
        let editing = {
            let (harness, anne, message) = (Arc::clone(&harness), anne.clone(), message.clone());
            tokio::spawn(async move { edit(&harness, &anne, &message, &format!("canari {round}")).await })
        };
        let deleting = {
            let (harness, other, message) = (Arc::clone(&harness), other.clone(), message.clone());
            tokio::spawn(async move { delete(&harness, &other, &message).await })
        };
        let edited = editing.await.unwrap();
        deleting.await.unwrap().unwrap();

        assert!(
            matches!(edited, Ok(_) | Err(ApiError::MessageDeleted)),
            "{edited:?}"
        );
        let shown = read_last(&harness, &luc, conversation).await;
        assert!(shown.deleted_at.is_some() && shown.body.is_withheld());
    }
    assert_eq!(harness.snapshot().n_rows("message_versions"), 0);
}

async fn read_last(harness: &Harness, who: &Account, conversation: app::api::ConversationId) -> Message {
    let page = harness.call(who, super::timeline(conversation)).await.unwrap();
    page.messages.last().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn az05_an_act_that_races_with_the_closing_is_done_or_refused_never_both() {
    let harness = Arc::new(Harness::new());
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;

    for round in 0..100 {
        if round > 0 {
            harness.befriend(&anne, &luc).await;
        }
        let message = harness.send(&anne, conversation, "Avant.").await.unwrap();
        let before = harness.cursor(&luc).await;
        let acting = {
            let (harness, anne, message) = (Arc::clone(&harness), anne.clone(), message.clone());
            tokio::spawn(async move {
                match round % 4 {
                    0 => edit(&harness, &anne, &message, "Après.").await,
                    1 => delete(&harness, &anne, &message).await,
                    2 => react(&harness, &anne, &message, Some(Reaction::Urgent)).await,
                    _ => pin(&harness, &anne, &message, true).await,
                }
            })
        };
        let closing = {
            let (harness, luc, anne) = (Arc::clone(&harness), luc.clone(), anne.id);
            tokio::spawn(async move { harness.call(&luc, CloseChannel { account: anne }).await })
        };
        closing.await.unwrap().unwrap();
        let done = acting.await.unwrap();

        let shown = read_last(&harness, &luc, conversation).await;
        let told = changed(&harness, &luc, before).await;
        match done {
            Ok(answer) => {
                assert_eq!(told.len(), 1);
                assert_eq!((shown.body, shown.marks), (answer.body, answer.marks));
            }
            Err(refusal) => {
                assert_eq!(refusal, ApiError::ChannelClosed);
                assert_eq!(told, []);
                assert_eq!(
                    (shown.body, shown.marks),
                    (message.body.clone(), message.marks.clone())
                );
            }
        }
        assert_eq!(
            react(&harness, &anne, &message, Some(Reaction::Seen)).await,
            Err(ApiError::ChannelClosed)
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel04_one_change_asked_a_hundred_times_at_once_is_one_version() {
    let harness = Arc::new(Harness::new());
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let message = harness.send(&anne, conversation, "un").await.unwrap();
    let before = harness.cursor(&luc).await;
    let wish = EditMessage {
        message: message.id,
        key: harness.key(),
        body: body("deux"),
    };

    let asked = (0..100).map(|_| {
        let (harness, anne, wish) = (Arc::clone(&harness), anne.clone(), wish.clone());
        tokio::spawn(async move { harness.call(&anne, wish).await.unwrap() })
    });
    for one in asked.collect::<Vec<_>>() {
        assert_eq!(one.await.unwrap().message.body.as_str(), "deux");
    }

    let listed = harness
        .call(&luc, ListVersions { message: message.id })
        .await
        .unwrap();
    assert_eq!(listed.versions.len(), 2);
    assert_eq!(changed(&harness, &luc, before).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel05_acts_and_messages_at_once_leave_no_gap_and_lose_none() {
    let harness = Arc::new(Harness::new());
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let message = harness.send(&anne, conversation, "Premier.").await.unwrap();

    let working = (0..40).map(|number| {
        let (harness, anne, luc, message) =
            (Arc::clone(&harness), anne.clone(), luc.clone(), message.clone());
        tokio::spawn(async move {
            match number % 4 {
                0 => harness
                    .send(&luc, conversation, &format!("Message {number}"))
                    .await
                    .map(drop),
                1 => edit(&harness, &anne, &message, &format!("Changé {number}"))
                    .await
                    .map(drop),
                2 => react(&harness, &luc, &message, Some(Reaction::ALL[number % 5]))
                    .await
                    .map(drop),
                _ => pin(&harness, &anne, &message, number % 8 == 3).await.map(drop),
            }
        })
    });
    for one in working.collect::<Vec<_>>() {
        one.await.unwrap().unwrap();
    }

    let shown = read(&harness, &luc, conversation).await;
    let positions: Vec<u64> = shown.iter().map(|message| message.position).collect();
    assert_eq!(positions, (1..=11).collect::<Vec<_>>());
    let versions = harness
        .call(&anne, ListVersions { message: message.id })
        .await
        .unwrap()
        .versions;
    assert_eq!(versions.len(), 11, "every change is kept");
    assert_eq!(versions.last().map(|version| &version.body), Some(&shown[0].body));
    // Whatever order they took, the last word of the log is what stands there.
    assert_eq!(changed(&harness, &luc, 0).await.last(), Some(&shown[0]));
}
