//! Pins are seen by both, stars by oneself; both lead back to their messages.

use app::api::{ApiError, ConversationId, ListEvents};
use app::conversations::{ListMarkedMessages, Mark, Message, PinMessage, StarMessage};
use app::friendships::CloseChannel;

use super::{changed, pin, read, star};
use crate::harness::{Account, Friends, Harness};

async fn listed(harness: &Harness, who: &Account, conversation: ConversationId, mark: Mark) -> Vec<u64> {
    let wish = ListMarkedMessages {
        conversation,
        mark,
        before: None,
    };
    let found = harness.call(who, wish).await.unwrap();
    assert!(!found.has_more);
    found.messages.iter().map(|message| message.position).collect()
}

async fn say(harness: &Harness, who: &Account, conversation: ConversationId, n: usize) -> Vec<Message> {
    let mut said = Vec::new();
    for number in 1..=n {
        said.push(
            harness
                .send(who, conversation, &format!("Message {number}"))
                .await
                .unwrap(),
        );
    }
    said
}

#[tokio::test]
async fn a_pin_is_of_both_and_either_takes_it_away() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let said = say(&harness, &anne, conversation, 3).await;
    let before = harness.cursor(&anne).await;

    pin(&harness, &luc, &said[0], true).await.unwrap();
    harness.clock.advance_ms(1_000);
    pin(&harness, &anne, &said[2], true).await.unwrap();
    pin(&harness, &anne, &said[0], true).await.unwrap();

    for who in [&anne, &luc] {
        assert_eq!(listed(&harness, who, conversation, Mark::Pinned).await, [3, 1]);
        assert!(
            read(&harness, who, conversation).await[0]
                .marks
                .read()
                .pinned_at
                .is_some()
        );
    }
    assert_eq!(
        changed(&harness, &anne, before).await.len(),
        2,
        "pinned already is no news"
    );
    pin(&harness, &anne, &said[0], false).await.unwrap();
    assert_eq!(listed(&harness, &luc, conversation, Mark::Pinned).await, [3]);
}

#[tokio::test]
async fn a_star_is_ones_own_and_the_friend_is_told_nothing() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let said = say(&harness, &anne, conversation, 2).await;
    let other = harness.sign_in(&luc.email).await;
    let before = [harness.cursor(&anne).await, harness.cursor(&luc).await];
    let mut signals = harness.context.live.listen(anne.id);

    star(&harness, &luc, &said[1], true).await.unwrap();
    star(&harness, &luc, &said[1], true).await.unwrap();

    assert_eq!(listed(&harness, &luc, conversation, Mark::Starred).await, [2]);
    assert_eq!(
        listed(&harness, &anne, conversation, Mark::Starred).await,
        [0_u64; 0]
    );
    assert!(
        !read(&harness, &anne, conversation).await[1]
            .marks
            .read()
            .is_starred
    );
    assert!(signals.try_recv().is_err());
    // Nor does anything that the friend reads betray it: not even how often something was done.
    let shown = read(&harness, &anne, conversation).await[1].marks.read();
    assert_eq!(shown, said[1].marks.read());
    assert_eq!(
        harness.call(&anne, ListEvents::default()).await.unwrap().cursor,
        before[0]
    );
    let told = changed(&harness, &other, before[1]).await;
    assert_eq!(told.len(), 1);
    assert!(told[0].marks.read().is_starred, "the person's other devices know");
    star(&harness, &other, &said[1], false).await.unwrap();
    assert_eq!(
        listed(&harness, &luc, conversation, Mark::Starred).await,
        [0_u64; 0]
    );
}

#[tokio::test]
async fn a_closed_channel_takes_no_pin_and_leaves_everybody_their_stars() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let said = say(&harness, &anne, conversation, 2).await;
    pin(&harness, &anne, &said[0], true).await.unwrap();
    harness
        .call(&luc, CloseChannel { account: anne.id })
        .await
        .unwrap();

    for (message, pinned) in [(&said[0], false), (&said[1], true)] {
        assert_eq!(
            pin(&harness, &anne, message, pinned).await,
            Err(ApiError::ChannelClosed)
        );
    }
    star(&harness, &anne, &said[1], true).await.unwrap();

    assert_eq!(listed(&harness, &luc, conversation, Mark::Pinned).await, [1]);
    assert_eq!(listed(&harness, &anne, conversation, Mark::Starred).await, [2]);
}

#[tokio::test]
async fn a_mark_set_again_under_its_key_does_not_come_back_and_its_contrary_is_refused() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let said = say(&harness, &anne, conversation, 1).await;
    let message = said[0].id;
    let (pin_key, star_key) = (harness.key(), harness.key());
    let pinning = |pinned| PinMessage {
        message,
        key: pin_key,
        pinned,
    };
    let starring = |starred| StarMessage {
        message,
        key: star_key,
        starred,
    };
    harness.call(&anne, pinning(true)).await.unwrap();
    harness.call(&anne, starring(true)).await.unwrap();
    pin(&harness, &anne, &said[0], false).await.unwrap();
    star(&harness, &anne, &said[0], false).await.unwrap();
    let before = harness.snapshot();

    let again = harness
        .call(&anne, pinning(true))
        .await
        .unwrap()
        .message
        .marks
        .read();
    assert!(again.pinned_at.is_none());
    assert!(
        !harness
            .call(&anne, starring(true))
            .await
            .unwrap()
            .message
            .marks
            .read()
            .is_starred
    );
    assert_eq!(
        harness.call(&anne, pinning(false)).await,
        Err(ApiError::KeyReused)
    );
    assert_eq!(
        harness.call(&anne, starring(false)).await,
        Err(ApiError::KeyReused)
    );

    assert_eq!(harness.snapshot(), before);
}

#[tokio::test]
async fn many_marked_messages_come_page_by_page() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    for message in say(&harness, &anne, conversation, 120).await {
        pin(&harness, &anne, &message, true).await.unwrap();
        star(&harness, &anne, &message, true).await.unwrap();
    }

    for mark in [Mark::Pinned, Mark::Starred] {
        let (mut before, mut found) = (None, Vec::new());
        loop {
            let wish = ListMarkedMessages {
                conversation,
                mark,
                before,
            };
            let page = harness.call(&anne, wish).await.unwrap();
            found.extend(page.messages.iter().map(|message| message.position));
            before = found.last().copied();
            if !page.has_more {
                break;
            }
        }
        assert_eq!(found, (1..=120).rev().collect::<Vec<_>>());
    }
}
