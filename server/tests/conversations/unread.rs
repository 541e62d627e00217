//! Marked as unread again: on all of one's devices, for oneself alone.

use app::api::{ApiError, EventKind};
use app::conversations::{GetConversation, MarkUnread};

use crate::harness::{Friends, Harness};

#[tokio::test]
async fn a_message_marked_as_unread_is_unread_on_all_devices_and_the_friend_is_told_nothing() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = super::friends_with_messages(&harness, 6).await;
    let tablet = harness.sign_in(&luc.email).await;
    harness.read_to(&luc, conversation, 6).await;
    let annes_view = harness.everything_seen_by(&anne, conversation).await;
    let cursor = harness.cursor(&tablet).await;

    // Anne wrote 1, 3 and 5.
    let wish = MarkUnread {
        conversation,
        position: 3,
    };
    harness.call(&luc, wish.clone()).await.unwrap();
    harness.call(&luc, wish).await.unwrap();

    let header = harness
        .call(&tablet, GetConversation { conversation })
        .await
        .unwrap()
        .conversation;
    assert_eq!((header.unread_count, header.read_position), (2, 2));
    let marked = EventKind::MarkedUnread {
        conversation,
        position: 3,
        unread_count: 2,
    };
    assert_eq!(harness.kinds_after(&tablet, cursor).await, [marked]);
    assert_eq!(harness.everything_seen_by(&anne, conversation).await, annes_view);

    // Reading it again is no news for her.
    harness.read_to(&tablet, conversation, 6).await;
    assert_eq!(harness.everything_seen_by(&anne, conversation).await, annes_view);
    let badges = harness
        .call(&luc, app::notifications::GetBadges {})
        .await
        .unwrap();
    assert_eq!(badges.unread_count, 0);
}

#[tokio::test]
async fn only_a_message_of_the_friend_is_marked_as_unread() {
    let harness = Harness::new();
    let Friends {
        luc, conversation, ..
    } = super::friends_with_messages(&harness, 2).await;
    harness.read_to(&luc, conversation, 2).await;
    let before = harness.snapshot();

    // Luc wrote 2 himself.
    for position in [0, 2, 3, u64::MAX] {
        let wish = MarkUnread {
            conversation,
            position,
        };
        assert_eq!(harness.call(&luc, wish).await, Err(ApiError::NotFound));
    }

    assert!(harness.snapshot() == before);
}

#[tokio::test]
async fn what_is_unread_already_is_not_marked_further() {
    let harness = Harness::new();
    let Friends {
        luc, conversation, ..
    } = super::friends_with_messages(&harness, 5).await;
    harness.read_to(&luc, conversation, 2).await;
    let cursor = harness.cursor(&luc).await;

    let wish = MarkUnread {
        conversation,
        position: 5,
    };
    harness.call(&luc, wish).await.unwrap();

    assert_eq!(harness.kinds_after(&luc, cursor).await, []);
    let header = harness
        .call(&luc, GetConversation { conversation })
        .await
        .unwrap()
        .conversation;
    assert_eq!((header.unread_count, header.read_position), (2, 2));
}
