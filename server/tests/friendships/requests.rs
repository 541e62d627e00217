//! The life of a request: asked, cancelled, accepted, ignored, expired.

use app::accounts::SuspendAccount;
use app::api::{AccountId, ApiError, EventKind, InvalidReason, Timestamp};
use app::contacts::GetProfile;
use app::friendships::{
    AcceptFriendRequest, BlockAccount, CancelFriendRequest, FriendRequests, IgnoreFriendRequest,
    ListFriendRequests, Relation, SendFriendRequest, Standing,
};
use app::notifications::GetBadges;

use super::{ask, standing};
use crate::harness::{Harness, unknown_id};

#[tokio::test]
async fn a2_asking_twice_is_asking_once() {
    let harness = Harness::new();
    let (anne, luc) = (
        harness.account("Anne Roy").await,
        harness.account("Luc Gagné").await,
    );

    let first = ask(&harness, &anne, &luc).await;
    harness.clock.advance_ms(60_000);
    let again = harness
        .call(
            &anne,
            SendFriendRequest {
                account: luc.id,
                note: Some("Alors?".into()),
            },
        )
        .await;

    assert_eq!(first.relation, Standing::RequestSent);
    assert_eq!(again, Ok(first));
    assert_eq!(harness.events_after(&luc, 0).await.len(), 1);
    let received = harness.call(&luc, ListFriendRequests {}).await.unwrap().received;
    assert_eq!(received.len(), 1);
    assert_eq!((received[0].person.id, received[0].note.clone()), (anne.id, None));
}

#[tokio::test]
async fn a2_crossing_requests_become_one_friendship() {
    let harness = Harness::new();
    let (anne, luc) = (
        harness.account("Anne Roy").await,
        harness.account("Luc Gagné").await,
    );

    let (one, other) = tokio::join!(
        harness.call(
            &anne,
            SendFriendRequest {
                account: luc.id,
                note: None
            }
        ),
        harness.call(
            &luc,
            SendFriendRequest {
                account: anne.id,
                note: None
            }
        ),
    );

    let standings = [one.unwrap().relation, other.unwrap().relation];
    assert!(standings.contains(&Standing::Friend), "{standings:?}");
    assert_eq!(standing(&harness, &anne, &luc).await, Standing::Friend);
    assert_eq!(standing(&harness, &luc, &anne).await, Standing::Friend);
    let stored = harness.snapshot();
    assert_eq!(
        (stored.n_rows("relations"), stored.n_rows("conversations")),
        (1, 1)
    );
}

#[tokio::test]
async fn a3_the_channel_opens_when_the_other_accepts() {
    let harness = Harness::new();
    let (anne, luc) = (
        harness.account("Anne Roy").await,
        harness.account("Luc Gagné").await,
    );
    ask(&harness, &anne, &luc).await;
    let cursor = harness.cursor(&anne).await;

    let relation = harness
        .call(&luc, AcceptFriendRequest { account: anne.id })
        .await
        .unwrap();

    assert_eq!(relation.relation, Standing::Friend);
    let told = harness.events_after(&anne, cursor).await;
    let EventKind::RelationChanged {
        account,
        relation,
        conversation: Some(conversation),
    } = &told[0].kind
    else {
        panic!("{told:?}");
    };
    assert_eq!((*account, relation.relation), (luc.id, Standing::Friend));
    assert!(harness.send(&luc, *conversation, "Bonjour").await.is_ok());
    assert!(harness.send(&anne, *conversation, "Bonjour").await.is_ok());
}

#[tokio::test]
async fn accepting_needs_a_request() {
    let harness = Harness::new();
    let (anne, luc) = (
        harness.account("Anne Roy").await,
        harness.account("Luc Gagné").await,
    );

    assert_eq!(
        harness.call(&luc, AcceptFriendRequest { account: anne.id }).await,
        Err(ApiError::NotFound)
    );

    ask(&harness, &anne, &luc).await;
    harness
        .call(&anne, CancelFriendRequest { account: luc.id })
        .await
        .unwrap();
    assert_eq!(
        harness.call(&luc, AcceptFriendRequest { account: anne.id }).await,
        Err(ApiError::NotFound)
    );

    let myself = Err(ApiError::invalid("account", InvalidReason::Yourself));
    assert_eq!(
        harness.call(&luc, AcceptFriendRequest { account: luc.id }).await,
        myself
    );
}

#[tokio::test]
async fn a14_ignoring_is_silent() {
    let harness = Harness::new();
    let (anne, luc) = (
        harness.account("Anne Roy").await,
        harness.account("Luc Gagné").await,
    );
    ask(&harness, &anne, &luc).await;
    let cursor = harness.cursor(&anne).await;

    let relation = harness
        .call(&luc, IgnoreFriendRequest { account: anne.id })
        .await
        .unwrap();

    assert_eq!(relation, Relation::NONE);
    assert_eq!(harness.events_after(&anne, cursor).await, []);
    assert_eq!(standing(&harness, &anne, &luc).await, Standing::RequestSent);
    let requests = harness.call(&luc, ListFriendRequests {}).await.unwrap();
    assert!(requests.received.is_empty());
    assert_eq!(
        harness
            .call(&anne, ListFriendRequests {})
            .await
            .unwrap()
            .sent
            .len(),
        1
    );
    assert_eq!(
        harness.call(&luc, AcceptFriendRequest { account: anne.id }).await,
        Err(ApiError::NotFound)
    );
    assert_eq!(ask(&harness, &luc, &anne).await.relation, Standing::Friend);
}

#[tokio::test]
async fn a14_a_request_expires_quietly_after_thirty_days() {
    let harness = Harness::new();
    let (anne, luc) = (
        harness.account("Anne Roy").await,
        harness.account("Luc Gagné").await,
    );
    ask(&harness, &anne, &luc).await;
    harness.clock.advance_ms(30 * Timestamp::DAY_MS - 1);
    assert_eq!(harness.call(&luc, GetBadges {}).await.unwrap().request_count, 1);
    let cursor = harness.cursor(&anne).await;

    harness.clock.advance_ms(1);

    assert_eq!(standing(&harness, &anne, &luc).await, Standing::None);
    assert_eq!(standing(&harness, &luc, &anne).await, Standing::None);
    assert_eq!(harness.call(&luc, GetBadges {}).await.unwrap().request_count, 0);
    assert_eq!(
        harness.call(&luc, ListFriendRequests {}).await.unwrap(),
        FriendRequests::default()
    );
    assert_eq!(
        harness.call(&luc, AcceptFriendRequest { account: anne.id }).await,
        Err(ApiError::NotFound)
    );
    assert_eq!(harness.events_after(&anne, cursor).await, []);
    assert_eq!(ask(&harness, &anne, &luc).await.relation, Standing::RequestSent);
}

#[tokio::test]
async fn a14_the_note_reaches_the_asked_person_alone() {
    let harness = Harness::new();
    let (anne, luc) = (
        harness.account("Anne Roy").await,
        harness.account("Luc Gagné").await,
    );

    let note = Some("Nous suivons les mêmes personnes".to_owned());
    harness
        .call(
            &anne,
            SendFriendRequest {
                account: luc.id,
                note,
            },
        )
        .await
        .unwrap();
    let too_long = SendFriendRequest {
        account: luc.id,
        note: Some("é".repeat(141)),
    };

    let profile = harness.call(&luc, GetProfile { account: anne.id }).await.unwrap();
    assert_eq!(profile.note.unwrap().as_str(), "Nous suivons les mêmes personnes");
    assert_eq!(
        harness
            .call(&anne, GetProfile { account: luc.id })
            .await
            .unwrap()
            .note,
        None
    );
    let refused = Err(ApiError::invalid("note", InvalidReason::TooLong));
    assert_eq!(harness.call(&anne, too_long).await, refused);
}

#[tokio::test]
async fn nobody_asks_who_is_not_there() {
    let harness = Harness::new();
    let (anne, luc) = (
        harness.account("Anne Roy").await,
        harness.account("Luc Gagné").await,
    );
    let admin = harness.admin("Nadia Belkacem").await;
    let suspend = SuspendAccount {
        account: luc.id,
        suspended: true,
    };
    harness.call(&admin, suspend).await.unwrap();

    for account in [luc.id, AccountId(unknown_id())] {
        let asked = harness
            .call(&anne, SendFriendRequest { account, note: None })
            .await;
        assert_eq!(asked, Err(ApiError::NotFound));
        assert_eq!(
            harness.call(&anne, BlockAccount { account }).await,
            Err(ApiError::NotFound)
        );
        assert_eq!(
            harness.call(&anne, GetProfile { account }).await,
            Err(ApiError::NotFound)
        );
    }
}

#[tokio::test]
async fn requests_are_listed_both_ways_newest_first() {
    let harness = Harness::new();
    let me = harness.account("Camille Tremblay").await;
    let others = [
        harness.account("Marc Côté").await,
        harness.account("Samuel Bédard").await,
    ];
    for other in &others {
        harness.clock.advance_ms(1_000);
        ask(&harness, other, &me).await;
    }
    let asked = harness.account("Sophie Bouchard").await;
    ask(&harness, &me, &asked).await;

    let requests = harness.call(&me, ListFriendRequests {}).await.unwrap();

    let received: Vec<_> = requests
        .received
        .iter()
        .map(|request| request.person.id)
        .collect();
    assert_eq!(received, [others[1].id, others[0].id]);
    assert_eq!(requests.sent.len(), 1);
    assert_eq!(requests.sent[0].person.relation.relation, Standing::RequestSent);
    assert_eq!(harness.call(&me, GetBadges {}).await.unwrap().request_count, 2);
}
