//! Who hears of a reading: friends who both share theirs, as long as they are friends.

use app::friendships::CloseChannel;

use crate::harness::{Friends, Harness};

#[tokio::test]
async fn a_reading_is_told_only_while_both_share() {
    for (annes, lucs) in [(true, true), (true, false), (false, true), (false, false)] {
        let harness = Harness::new();
        let Friends {
            anne,
            luc,
            conversation,
        } = harness.two_friends().await;
        harness.share_read_receipts(&anne, annes).await;
        harness.share_read_receipts(&luc, lucs).await;
        harness.send(&anne, conversation, "Bonjour").await.unwrap();
        harness.acknowledge(&luc).await;
        let before = harness.everything_seen_by(&anne, conversation).await;
        let lucs_cursor = harness.cursor(&luc).await;

        harness.clock.advance_ms(60_000);
        harness.read_to(&luc, conversation, 1).await;
        harness.acknowledge(&luc).await;

        let told = (1, u64::from(annes && lucs));
        assert_eq!(harness.told(&anne, conversation).await, told, "{annes}, {lucs}");
        let after = harness.everything_seen_by(&anne, conversation).await;
        assert_eq!(before != after, annes && lucs, "{annes}, {lucs}");
        assert_eq!(
            harness.kinds_after(&luc, lucs_cursor).await.len(),
            1,
            "his own devices"
        );
    }
}

#[tokio::test]
async fn a_hidden_reading_is_not_betrayed_by_its_delivery() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    harness.share_read_receipts(&luc, false).await;
    harness.send(&anne, conversation, "Bonjour").await.unwrap();
    let before = harness.everything_seen_by(&anne, conversation).await;

    // A program that never acknowledges, and reads.
    harness.read_to(&luc, conversation, 1).await;

    assert_eq!(harness.everything_seen_by(&anne, conversation).await, before);
}

#[tokio::test]
async fn sharing_again_reveals_nothing_until_the_next_reading() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    harness.send(&anne, conversation, "Un").await.unwrap();
    harness.read_to(&luc, conversation, 1).await;
    harness.share_read_receipts(&luc, false).await;
    harness.send(&anne, conversation, "Deux").await.unwrap();
    harness.read_to(&luc, conversation, 2).await;
    assert_eq!(
        harness.told(&anne, conversation).await.1,
        1,
        "what was told stays"
    );

    harness.share_read_receipts(&luc, true).await;
    harness.read_to(&luc, conversation, 2).await;
    assert_eq!(
        harness.told(&anne, conversation).await.1,
        1,
        "nothing new was read"
    );

    harness.send(&anne, conversation, "Trois").await.unwrap();
    harness.clock.advance_ms(60_000);
    harness.read_to(&luc, conversation, 3).await;
    assert_eq!(harness.told(&anne, conversation).await.1, 3);
    let second = harness.receipts(&anne, conversation, 2).await;
    assert_eq!(second.read_at, Some(harness.now()), "not the moment he hid");
}

#[tokio::test]
async fn friends_are_not_told_of_the_switch() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    harness.send(&anne, conversation, "Bonjour").await.unwrap();
    let before = harness.everything_seen_by(&anne, conversation).await;

    harness.share_read_receipts(&luc, false).await;

    assert_eq!(harness.everything_seen_by(&anne, conversation).await, before);
}

#[tokio::test]
async fn a_closed_channel_tells_neither_delivery_nor_reading() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    harness.send(&anne, conversation, "Bonjour").await.unwrap();
    harness
        .call(&luc, CloseChannel { account: anne.id })
        .await
        .unwrap();
    let before = harness.everything_seen_by(&anne, conversation).await;

    harness.acknowledge(&luc).await;
    harness.read_to(&luc, conversation, 1).await;

    assert_eq!(harness.everything_seen_by(&anne, conversation).await, before);
}
