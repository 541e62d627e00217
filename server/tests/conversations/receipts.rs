//! Receipts: delivered when a device says so, read when the person has, told in truth or not at all.

use app::accounts::SaveSettings;
use app::api::{AcknowledgeEvents, ApiError, ConversationId, EventKind, InvalidReason, ListEvents};
use app::conversations::{GetConversation, GetReceipts, ListConversations, MarkRead, MarkUnread, Receipts};
use app::friendships::CloseChannel;

use super::timeline;
use crate::harness::{Account, Friends, Harness};

impl Harness {
    /// The device says that it has received everything there is.
    pub(super) async fn acknowledge(&self, account: &Account) {
        let cursor = self.cursor(account).await;
        self.call(account, AcknowledgeEvents { cursor }).await.unwrap();
    }

    pub(super) async fn read_to(&self, account: &Account, conversation: ConversationId, position: u64) {
        let wish = MarkRead {
            conversation,
            position,
        };
        self.call(account, wish).await.unwrap();
    }

    pub(super) async fn share_read_receipts(&self, account: &Account, shares: bool) {
        let wish = SaveSettings {
            shares_read_receipts: Some(shares),
            ..SaveSettings::default()
        };
        let me = self.call(account, wish).await.unwrap();
        assert_eq!(me.shares_read_receipts, shares);
    }

    /// What the account is told of the friend: delivered and read up to.
    async fn told(&self, account: &Account, conversation: ConversationId) -> (u64, u64) {
        let header = self
            .call(account, GetConversation { conversation })
            .await
            .unwrap()
            .conversation;
        (header.friend_delivered_position, header.friend_read_position)
    }

    async fn receipts(&self, account: &Account, conversation: ConversationId, position: u64) -> Receipts {
        let wish = GetReceipts {
            conversation,
            position,
        };
        self.call(account, wish).await.unwrap()
    }

    async fn kinds_after(&self, account: &Account, cursor: u64) -> Vec<EventKind> {
        let events = self.events_after(account, cursor).await;
        events.into_iter().map(|event| event.kind).collect()
    }

    /// Everything the account can learn about a conversation and the log, as it would travel.
    async fn everything_seen_by(&self, account: &Account, conversation: ConversationId) -> String {
        let wish = ListEvents {
            after: Some(0),
            limit: Some(1_000),
            wait: None,
        };
        let seen = (
            self.call(account, GetConversation { conversation })
                .await
                .unwrap(),
            self.call(account, ListConversations::default()).await.unwrap(),
            self.call(account, timeline(conversation)).await.unwrap(),
            self.receipts(account, conversation, 1).await,
            self.call(account, app::contacts::ListFriends {}).await.unwrap(),
            self.call(account, app::notifications::GetBadges {})
                .await
                .unwrap(),
            self.call(account, wish).await.unwrap(),
        );
        serde_json::to_string(&seen).unwrap()
    }
}

#[tokio::test]
async fn a_message_is_stored_then_delivered_then_read_each_at_its_time() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let sent = harness.send(&anne, conversation, "INR à 2,4").await.unwrap();
    let cursor = harness.cursor(&anne).await;
    let mut expected = Receipts {
        sent_at: sent.sent_at,
        delivered_at: None,
        read_at: None,
    };
    assert_eq!(harness.told(&anne, conversation).await, (0, 0));
    assert_eq!(harness.receipts(&anne, conversation, 1).await, expected);

    harness.clock.advance_ms(60_000);
    harness.acknowledge(&luc).await;
    expected.delivered_at = Some(harness.now());
    assert_eq!(harness.told(&anne, conversation).await, (1, 0));
    assert_eq!(harness.receipts(&anne, conversation, 1).await, expected);

    harness.clock.advance_ms(60_000);
    harness.read_to(&luc, conversation, 1).await;
    expected.read_at = Some(harness.now());
    assert_eq!(harness.told(&anne, conversation).await, (1, 1));
    assert_eq!(harness.receipts(&anne, conversation, 1).await, expected);

    let told = harness.events_after(&anne, cursor).await;
    let delivered = EventKind::MessagesDelivered {
        conversation,
        position: 1,
    };
    let read = EventKind::ConversationRead {
        conversation,
        reader: luc.id,
        position: 1,
        unread_count: 0,
    };
    let told: Vec<_> = told
        .into_iter()
        .map(|event| (event.kind, Some(event.at)))
        .collect();
    assert_eq!(
        told,
        [(delivered, expected.delivered_at), (read, expected.read_at)]
    );
}

#[tokio::test]
async fn the_time_of_a_message_is_that_of_the_first_advance_to_it_or_beyond() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let mut moments = Vec::new();
    for _ in 0..2 {
        for text in ["Un", "Deux"] {
            harness.send(&anne, conversation, text).await.unwrap();
        }
        harness.clock.advance_ms(1_000);
        harness.acknowledge(&luc).await;
        moments.push(Some(harness.now()));
    }

    for (position, moment) in [(1, moments[0]), (2, moments[0]), (3, moments[1]), (4, moments[1])] {
        let receipts = harness.receipts(&anne, conversation, position).await;
        assert_eq!(receipts.delivered_at, moment, "message {position}");
    }
}

#[tokio::test]
async fn one_device_delivers_and_the_others_add_nothing() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let tablet = harness.sign_in(&luc.email).await;
    let behind = harness.cursor(&luc).await;
    harness.send(&anne, conversation, "Bonjour").await.unwrap();
    let cursor = harness.cursor(&anne).await;

    // A device that is behind says nothing of what it lacks.
    let wish = AcknowledgeEvents { cursor: behind };
    harness.call(&tablet, wish).await.unwrap();
    assert_eq!(harness.kinds_after(&anne, cursor).await, []);
    harness.acknowledge(&luc).await;
    harness.acknowledge(&tablet).await;
    harness.acknowledge(&luc).await;
    harness.call(&tablet, wish).await.unwrap();

    let delivered = EventKind::MessagesDelivered {
        conversation,
        position: 1,
    };
    assert_eq!(harness.kinds_after(&anne, cursor).await, [delivered]);
}

#[tokio::test]
async fn ones_own_device_delivers_nothing_of_ones_own() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    harness.send(&anne, conversation, "Bonjour").await.unwrap();
    let cursors = [harness.cursor(&anne).await, harness.cursor(&luc).await];

    harness.acknowledge(&anne).await;

    assert_eq!(harness.told(&anne, conversation).await, (0, 0));
    assert_eq!(harness.kinds_after(&anne, cursors[0]).await, []);
    assert_eq!(harness.kinds_after(&luc, cursors[1]).await, []);
}

#[tokio::test]
async fn nobody_acknowledges_what_does_not_exist_yet() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let beyond = harness.cursor(&luc).await + 1;
    let before = harness.snapshot();

    for cursor in [beyond, u64::MAX] {
        assert_eq!(
            harness.call(&luc, AcknowledgeEvents { cursor }).await,
            Err(ApiError::invalid("cursor", InvalidReason::Format))
        );
    }

    assert!(harness.snapshot() == before);
    harness.send(&anne, conversation, "Bonjour").await.unwrap();
    assert_eq!(harness.told(&anne, conversation).await, (0, 0));
}

#[tokio::test]
async fn a_device_that_was_away_for_long_delivers_everything_at_once() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let marc = harness.account("Marc Côté").await;
    let with_marc = harness.befriend(&marc, &luc).await;
    // More than one transaction looks through.
    let texts = (0..2_100).map(|_| harness.send(&anne, conversation, "Bonjour"));
    for sent in futures::future::join_all(texts).await {
        sent.unwrap();
    }
    harness.send(&marc, with_marc, "Bonjour").await.unwrap();

    harness.acknowledge(&luc).await;

    assert_eq!(harness.told(&anne, conversation).await, (2_100, 0));
    assert_eq!(harness.told(&marc, with_marc).await, (1, 0));
}

#[tokio::test]
async fn what_is_read_was_delivered_even_if_no_device_said_so() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    harness.send(&anne, conversation, "Bonjour").await.unwrap();
    let cursor = harness.cursor(&anne).await;

    harness.read_to(&luc, conversation, 1).await;
    harness.acknowledge(&luc).await;

    let receipts = harness.receipts(&anne, conversation, 1).await;
    assert_eq!(receipts.delivered_at, receipts.read_at);
    assert_eq!(harness.told(&anne, conversation).await, (1, 1));
    assert_eq!(harness.kinds_after(&anne, cursor).await.len(), 1, "told once");
}

#[tokio::test]
async fn the_times_of_a_message_are_for_its_author_alone() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    harness.send(&anne, conversation, "Bonjour").await.unwrap();
    let stranger = harness.account("Marc Côté").await;

    for (account, position) in [
        (&luc, 1),
        (&stranger, 1),
        (&anne, 2),
        (&anne, 0),
        (&anne, u64::MAX),
    ] {
        let wish = GetReceipts {
            conversation,
            position,
        };
        assert_eq!(harness.call(account, wish).await, Err(ApiError::NotFound));
    }
}

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
