//! Receipts: delivered when a device says so, read when the person has, told in truth or not at all.

use app::accounts::SaveSettings;
use app::api::{AcknowledgeEvents, ApiError, ConversationId, EventKind, InvalidReason, ListEvents};
use app::conversations::{GetConversation, GetReceipts, ListConversations, MarkRead, Receipts};

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
    pub(super) async fn told(&self, account: &Account, conversation: ConversationId) -> (u64, u64) {
        let header = self
            .call(account, GetConversation { conversation })
            .await
            .unwrap()
            .conversation;
        (header.friend_delivered_position, header.friend_read_position)
    }

    pub(super) async fn receipts(
        &self,
        account: &Account,
        conversation: ConversationId,
        position: u64,
    ) -> Receipts {
        let wish = GetReceipts {
            conversation,
            position,
        };
        self.call(account, wish).await.unwrap()
    }

    pub(super) async fn kinds_after(&self, account: &Account, cursor: u64) -> Vec<EventKind> {
        let events = self.events_after(account, cursor).await;
        events.into_iter().map(|event| event.kind).collect()
    }

    /// Everything the account can learn about a conversation and the log, as it would travel.
    pub(super) async fn everything_seen_by(&self, account: &Account, conversation: ConversationId) -> String {
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
