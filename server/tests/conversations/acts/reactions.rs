//! One word of each on a message: seen by both, replaced, taken away; never a message.

use app::api::ApiError;
use app::conversations::{GetConversation, ReactToMessage, Reacted, Reaction};
use app::friendships::CloseChannel;

use super::{changed, react, read};
use crate::harness::{Friends, Harness};

#[tokio::test]
async fn both_see_the_word_of_each_and_it_is_no_message() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let message = harness
        .send(&anne, conversation, "Peux-tu revoir la dose?")
        .await
        .unwrap();
    let before = [harness.cursor(&anne).await, harness.cursor(&luc).await];

    for reaction in Reaction::ALL {
        harness.clock.advance_ms(1_000);
        react(&harness, &luc, &message, Some(reaction)).await.unwrap();
    }
    react(&harness, &luc, &message, Some(Reaction::OnIt))
        .await
        .unwrap();
    harness.clock.advance_ms(1_000);
    react(&harness, &anne, &message, Some(Reaction::Thanks))
        .await
        .unwrap();

    let words = [
        Reacted {
            account: luc.id,
            reaction: Reaction::OnIt,
        },
        Reacted {
            account: anne.id,
            reaction: Reaction::Thanks,
        },
    ];
    for (who, before) in [&anne, &luc].into_iter().zip(before) {
        let shown = read(&harness, who, conversation).await;
        assert_eq!(
            (shown.len(), shown[0].body.as_str()),
            (1, "Peux-tu revoir la dose?")
        );
        assert_eq!(shown[0].marks.read().reactions, words);
        let told = changed(&harness, who, before).await;
        assert_eq!(told.len(), 7);
        assert_eq!(told.last(), Some(&shown[0]));
    }
    let header = harness
        .call(&anne, GetConversation { conversation })
        .await
        .unwrap();
    assert_eq!(
        (
            header.conversation.unread_count,
            header.conversation.last_from_friend
        ),
        (0, 0)
    );
}

#[tokio::test]
async fn a_word_is_taken_away_by_whoever_said_it() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let message = harness.send(&anne, conversation, "Vu?").await.unwrap();
    react(&harness, &luc, &message, Some(Reaction::Seen))
        .await
        .unwrap();
    react(&harness, &anne, &message, Some(Reaction::Urgent))
        .await
        .unwrap();

    react(&harness, &luc, &message, None).await.unwrap();
    let left = read(&harness, &anne, conversation).await[0]
        .marks
        .read()
        .reactions;
    assert_eq!(
        left,
        [Reacted {
            account: anne.id,
            reaction: Reaction::Urgent
        }]
    );

    let before = harness.cursor(&luc).await;
    react(&harness, &luc, &message, None).await.unwrap();
    assert_eq!(
        changed(&harness, &luc, before).await,
        [],
        "there was nothing to take away"
    );
    react(&harness, &anne, &message, None).await.unwrap();
    assert_eq!(harness.snapshot().n_rows("message_reactions"), 0);
}

#[tokio::test]
async fn a_word_said_again_under_its_key_does_not_come_back() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let message = harness.send(&anne, conversation, "Vu?").await.unwrap();
    let wish = ReactToMessage {
        message: message.id,
        key: harness.key(),
        reaction: Some(Reaction::OnIt),
    };
    harness.call(&luc, wish.clone()).await.unwrap();
    react(&harness, &luc, &message, None).await.unwrap();
    harness.clock.advance_ms(400 * 24 * 3_600_000);
    let before = harness.snapshot();

    let answer = harness.call(&luc, wish).await.unwrap().message;

    assert_eq!(answer.marks.read().reactions, []);
    assert_eq!(harness.snapshot(), before);
}

#[tokio::test]
async fn az05_a_closed_channel_takes_no_word() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let message = harness.send(&anne, conversation, "Vu?").await.unwrap();
    react(&harness, &luc, &message, Some(Reaction::Seen))
        .await
        .unwrap();
    harness
        .call(&luc, CloseChannel { account: anne.id })
        .await
        .unwrap();
    let before = harness.snapshot();

    for who in [&anne, &luc] {
        for reaction in [None, Some(Reaction::Urgent)] {
            assert_eq!(
                react(&harness, who, &message, reaction).await,
                Err(ApiError::ChannelClosed)
            );
        }
    }

    assert_eq!(harness.snapshot(), before);
    assert_eq!(
        read(&harness, &anne, conversation).await[0]
            .marks
            .read()
            .reactions
            .len(),
        1
    );
}
