//! How far each has read: counted down, never back, and who is told.

use app::api::EventKind;
use app::conversations::{GetConversation, MarkRead};
use app::friendships::CloseChannel;
use app::notifications::GetBadges;

use super::friends_with_messages;
use crate::harness::{Account, Friends, Harness};

#[tokio::test]
async fn reading_counts_down_and_never_back() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = friends_with_messages(&harness, 10).await;
    let unread = async |account: &Account| {
        let conversation = harness
            .call(account, GetConversation { conversation })
            .await
            .unwrap()
            .conversation;
        assert_eq!(
            harness.call(account, GetBadges {}).await.unwrap().unread_count,
            conversation.unread_count
        );
        (
            conversation.unread_count,
            conversation.read_position,
            conversation.friend_read_position,
        )
    };
    let read = async |account: &Account, position| {
        harness
            .call(
                account,
                MarkRead {
                    conversation,
                    position,
                },
            )
            .await
            .unwrap();
    };

    assert_eq!(unread(&luc).await, (5, 0, 0));
    read(&luc, 4).await;
    assert_eq!(unread(&luc).await, (3, 4, 0));
    read(&luc, 2).await;
    assert_eq!(unread(&luc).await, (3, 4, 0), "never back");
    read(&luc, u64::MAX).await;
    assert_eq!(unread(&luc).await, (0, 10, 0), "no further than the newest");
    assert_eq!(unread(&anne).await, (5, 0, 10));
    harness.send(&anne, conversation, "Encore").await.unwrap();
    assert_eq!(unread(&luc).await, (1, 10, 0));
}

#[tokio::test]
async fn both_are_told_what_was_read() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = friends_with_messages(&harness, 4).await;
    let cursors = [harness.cursor(&anne).await, harness.cursor(&luc).await];

    harness
        .call(
            &luc,
            MarkRead {
                conversation,
                position: 2,
            },
        )
        .await
        .unwrap();
    harness
        .call(
            &luc,
            MarkRead {
                conversation,
                position: 1,
            },
        )
        .await
        .unwrap();

    for (account, after, unread_count) in [(&anne, cursors[0], 2), (&luc, cursors[1], 1)] {
        let told: Vec<_> = harness
            .events_after(account, after)
            .await
            .into_iter()
            .map(|event| event.kind)
            .collect();
        let read = EventKind::ConversationRead {
            conversation,
            reader: luc.id,
            position: 2,
            unread_count,
        };
        assert_eq!(told, [read]);
    }
}

#[tokio::test]
async fn a_closed_conversation_is_read_unseen() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = friends_with_messages(&harness, 3).await;
    harness
        .call(&luc, CloseChannel { account: anne.id })
        .await
        .unwrap();
    let cursors = [harness.cursor(&anne).await, harness.cursor(&luc).await];

    harness
        .call(
            &luc,
            MarkRead {
                conversation,
                position: 3,
            },
        )
        .await
        .unwrap();

    assert_eq!(harness.events_after(&anne, cursors[0]).await, []);
    assert_eq!(harness.events_after(&luc, cursors[1]).await.len(), 1);
    assert_eq!(harness.call(&luc, GetBadges {}).await.unwrap().unread_count, 0);
}
