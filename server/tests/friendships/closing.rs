//! Closing: either side, for both, with the history kept; and opening again.

use app::accounts::{SaveProfile, SuspendAccount};
use app::api::{ApiError, EventKind};
use app::contacts::GetProfile;
use app::conversations::{GetConversation, ReadTimeline};
use app::friendships::{AcceptFriendRequest, CloseChannel, Standing};

use super::ask;
use crate::harness::{Account, Friends, Harness};

#[tokio::test]
async fn a7_either_closes_and_the_history_stays() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    harness
        .send(&anne, conversation, "Avant la fermeture")
        .await
        .unwrap();
    let cursor = harness.cursor(&anne).await;

    let relation = harness
        .call(&luc, CloseChannel { account: anne.id })
        .await
        .unwrap();

    assert_eq!(
        (relation.relation, relation.closed_by_me),
        (Standing::Closed, Some(true))
    );
    for account in [&anne, &luc] {
        assert_eq!(
            harness.send(account, conversation, "Après").await,
            Err(ApiError::ChannelClosed)
        );
        let wish = ReadTimeline {
            conversation,
            before: None,
            after: None,
            around: None,
            limit: None,
        };
        assert_eq!(harness.call(account, wish).await.unwrap().messages.len(), 1);
    }
    let told = harness.events_after(&anne, cursor).await;
    let EventKind::RelationChanged { relation, .. } = &told[0].kind else {
        panic!("{told:?}")
    };
    assert_eq!(
        (relation.relation, relation.closed_by_me),
        (Standing::Closed, Some(false))
    );
}

#[tokio::test]
async fn a7_reopening_needs_a_new_request_and_acceptance() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    harness.send(&anne, conversation, "Un").await.unwrap();
    harness
        .call(&anne, CloseChannel { account: luc.id })
        .await
        .unwrap();

    assert_eq!(ask(&harness, &anne, &luc).await.relation, Standing::RequestSent);
    assert_eq!(
        harness.send(&anne, conversation, "Deux").await,
        Err(ApiError::ChannelClosed)
    );
    harness
        .call(&luc, AcceptFriendRequest { account: anne.id })
        .await
        .unwrap();

    let message = harness.send(&anne, conversation, "Deux").await.unwrap();
    assert_eq!(message.position, 2);
    assert_eq!(harness.snapshot().n_rows("conversations"), 1);
}

#[tokio::test]
async fn closing_again_changes_nothing() {
    let harness = Harness::new();
    let Friends { anne, luc, .. } = harness.two_friends().await;
    let first = harness.call(&anne, CloseChannel { account: luc.id }).await;
    let stored = harness.snapshot();
    harness.clock.advance_ms(1_000);

    assert_eq!(harness.call(&anne, CloseChannel { account: luc.id }).await, first);
    let by_the_other = harness
        .call(&luc, CloseChannel { account: anne.id })
        .await
        .unwrap();

    assert_eq!(by_the_other.closed_by_me, Some(false));
    assert_eq!(harness.snapshot(), stored);
}

#[tokio::test]
async fn closing_needs_a_channel() {
    let harness = Harness::new();
    let (anne, luc) = (
        harness.account("Anne Roy").await,
        harness.account("Luc Gagné").await,
    );

    assert_eq!(
        harness.call(&anne, CloseChannel { account: luc.id }).await,
        Err(ApiError::NotFriends)
    );
}

#[tokio::test]
async fn the_channel_to_a_suspended_friend_can_be_closed() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let admin = harness.admin("Nadia Belkacem").await;
    harness
        .call(
            &admin,
            SuspendAccount {
                account: luc.id,
                suspended: true,
            },
        )
        .await
        .unwrap();

    let closed = harness
        .call(&anne, CloseChannel { account: luc.id })
        .await
        .unwrap();

    assert_eq!(closed.relation, Standing::Closed);
    assert!(
        harness
            .call(&anne, GetConversation { conversation })
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a15_the_phone_number_is_for_friends_and_vanishes_on_closing() {
    let harness = Harness::new();
    let Friends { anne, luc, .. } = harness.two_friends().await;
    let stranger = harness.account("Marc Côté").await;
    let profile = SaveProfile {
        title: String::new(),
        name: "Luc Gagné".to_owned(),
        profession: "pharmacien".to_owned(),
        workplace: "GMF du Canal".to_owned(),
        phone: "450 555-0123".to_owned(),
    };
    harness.call(&luc, profile).await.unwrap();
    let phone = async |viewer: &Account| {
        harness
            .call(viewer, GetProfile { account: luc.id })
            .await
            .unwrap()
            .phone
    };

    assert_eq!(phone(&anne).await.as_deref(), Some("450 555-0123"));
    assert_eq!(phone(&stranger).await, None);
    harness
        .call(&anne, CloseChannel { account: luc.id })
        .await
        .unwrap();
    assert_eq!(phone(&anne).await, None);
}
