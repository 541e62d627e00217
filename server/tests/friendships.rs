//! Friendship: requests, acceptance, closing, blocking, and who is told of it.

mod harness;

use app::api::{ApiError, EventKind, InvalidReason, Timestamp};
use app::contacts::{GetProfile, SearchPeople};
use app::conversations::{Channel, GetConversation, ReadTimeline};
use app::friendships::{
    AcceptFriendRequest, BlockAccount, CancelFriendRequest, CloseChannel, IgnoreFriendRequest, ListFriendRequests,
    Relation, SendFriendRequest, Standing, UnblockAccount,
};
use app::notifications::GetBadges;
use harness::{Account, Friends, Harness};

async fn ask(harness: &Harness, one: &Account, other: &Account) -> Relation {
    harness.call(one, SendFriendRequest { account: other.id, note: None }).await.unwrap()
}

async fn standing(harness: &Harness, viewer: &Account, other: &Account) -> Standing {
    harness.call(viewer, GetProfile { account: other.id }).await.unwrap().person.relation.relation
}

#[tokio::test]
async fn a2_asking_twice_is_asking_once() {
    let harness = Harness::new();
    let (anne, luc) = (harness.account("Anne Roy").await, harness.account("Luc Gagné").await);

    let first = ask(&harness, &anne, &luc).await;
    harness.clock.advance_ms(60_000);
    let again = harness.call(&anne, SendFriendRequest { account: luc.id, note: Some("Alors?".into()) }).await;

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
    let (anne, luc) = (harness.account("Anne Roy").await, harness.account("Luc Gagné").await);

    let (one, other) = tokio::join!(
        harness.call(&anne, SendFriendRequest { account: luc.id, note: None }),
        harness.call(&luc, SendFriendRequest { account: anne.id, note: None }),
    );

    let standings = [one.unwrap().relation, other.unwrap().relation];
    assert!(standings.contains(&Standing::Friend), "{standings:?}");
    assert_eq!(standing(&harness, &anne, &luc).await, Standing::Friend);
    assert_eq!(standing(&harness, &luc, &anne).await, Standing::Friend);
    let stored = harness.snapshot();
    assert_eq!((stored.n_rows("relations"), stored.n_rows("conversations")), (1, 1));
}

#[tokio::test]
async fn a3_the_channel_opens_when_the_other_accepts() {
    let harness = Harness::new();
    let (anne, luc) = (harness.account("Anne Roy").await, harness.account("Luc Gagné").await);
    ask(&harness, &anne, &luc).await;
    let cursor = harness.cursor(&anne).await;

    let relation = harness.call(&luc, AcceptFriendRequest { account: anne.id }).await.unwrap();

    assert_eq!(relation.relation, Standing::Friend);
    let told = harness.events_after(&anne, cursor).await;
    let EventKind::RelationChanged { account, relation, conversation: Some(conversation) } = &told[0].kind else {
        panic!("{told:?}");
    };
    assert_eq!((*account, relation.relation), (luc.id, Standing::Friend));
    assert!(harness.send(&luc, *conversation, "Bonjour").await.is_ok());
    assert!(harness.send(&anne, *conversation, "Bonjour").await.is_ok());
}

#[tokio::test]
async fn accepting_needs_a_request() {
    let harness = Harness::new();
    let (anne, luc) = (harness.account("Anne Roy").await, harness.account("Luc Gagné").await);

    assert_eq!(harness.call(&luc, AcceptFriendRequest { account: anne.id }).await, Err(ApiError::NotFound));

    ask(&harness, &anne, &luc).await;
    harness.call(&anne, CancelFriendRequest { account: luc.id }).await.unwrap();
    assert_eq!(harness.call(&luc, AcceptFriendRequest { account: anne.id }).await, Err(ApiError::NotFound));

    let myself = Err(ApiError::invalid("account", InvalidReason::Yourself));
    assert_eq!(harness.call(&luc, AcceptFriendRequest { account: luc.id }).await, myself);
}

#[tokio::test]
async fn a14_ignoring_is_silent() {
    let harness = Harness::new();
    let (anne, luc) = (harness.account("Anne Roy").await, harness.account("Luc Gagné").await);
    ask(&harness, &anne, &luc).await;
    let cursor = harness.cursor(&anne).await;

    let relation = harness.call(&luc, IgnoreFriendRequest { account: anne.id }).await.unwrap();

    assert_eq!(relation, Relation::NONE);
    assert_eq!(harness.events_after(&anne, cursor).await, []);
    assert_eq!(standing(&harness, &anne, &luc).await, Standing::RequestSent);
    let requests = harness.call(&luc, ListFriendRequests {}).await.unwrap();
    assert!(requests.received.is_empty());
    assert_eq!(harness.call(&anne, ListFriendRequests {}).await.unwrap().sent.len(), 1);
    assert_eq!(harness.call(&luc, AcceptFriendRequest { account: anne.id }).await, Err(ApiError::NotFound));
    assert_eq!(ask(&harness, &luc, &anne).await.relation, Standing::Friend);
}

#[tokio::test]
async fn a14_a_request_expires_quietly_after_thirty_days() {
    let harness = Harness::new();
    let (anne, luc) = (harness.account("Anne Roy").await, harness.account("Luc Gagné").await);
    ask(&harness, &anne, &luc).await;
    harness.clock.advance_ms(30 * Timestamp::DAY_MS - 1);
    assert_eq!(harness.call(&luc, GetBadges {}).await.unwrap().request_count, 1);
    let cursor = harness.cursor(&anne).await;

    harness.clock.advance_ms(1);

    assert_eq!(standing(&harness, &anne, &luc).await, Standing::None);
    assert_eq!(standing(&harness, &luc, &anne).await, Standing::None);
    assert_eq!(harness.call(&luc, GetBadges {}).await.unwrap().request_count, 0);
    assert_eq!(harness.call(&luc, ListFriendRequests {}).await.unwrap(), Default::default());
    assert_eq!(harness.call(&luc, AcceptFriendRequest { account: anne.id }).await, Err(ApiError::NotFound));
    assert_eq!(harness.events_after(&anne, cursor).await, []);
    assert_eq!(ask(&harness, &anne, &luc).await.relation, Standing::RequestSent);
}

#[tokio::test]
async fn a14_the_note_reaches_the_asked_person_alone() {
    let harness = Harness::new();
    let (anne, luc) = (harness.account("Anne Roy").await, harness.account("Luc Gagné").await);

    let note = Some("Nous suivons les mêmes personnes".to_owned());
    harness.call(&anne, SendFriendRequest { account: luc.id, note }).await.unwrap();
    let too_long = SendFriendRequest { account: luc.id, note: Some("é".repeat(141)) };

    let profile = harness.call(&luc, GetProfile { account: anne.id }).await.unwrap();
    assert_eq!(profile.note.unwrap().as_str(), "Nous suivons les mêmes personnes");
    assert_eq!(harness.call(&anne, GetProfile { account: luc.id }).await.unwrap().note, None);
    let refused = Err(ApiError::invalid("note", InvalidReason::TooLong));
    assert_eq!(harness.call(&anne, too_long).await, refused);
}

#[tokio::test]
async fn a7_either_closes_and_the_history_stays() {
    let harness = Harness::new();
    let Friends { anne, luc, conversation } = harness.two_friends().await;
    harness.send(&anne, conversation, "Avant la fermeture").await.unwrap();
    let cursor = harness.cursor(&anne).await;

    let relation = harness.call(&luc, CloseChannel { account: anne.id }).await.unwrap();

    assert_eq!((relation.relation, relation.closed_by_me), (Standing::Closed, Some(true)));
    for account in [&anne, &luc] {
        assert_eq!(harness.send(account, conversation, "Après").await, Err(ApiError::ChannelClosed));
        let wish = ReadTimeline { conversation, before: None, after: None, around: None, limit: None };
        assert_eq!(harness.call(account, wish).await.unwrap().messages.len(), 1);
    }
    let told = harness.events_after(&anne, cursor).await;
    let EventKind::RelationChanged { relation, .. } = &told[0].kind else { panic!("{told:?}") };
    assert_eq!((relation.relation, relation.closed_by_me), (Standing::Closed, Some(false)));
}

#[tokio::test]
async fn a7_reopening_needs_a_new_request_and_acceptance() {
    let harness = Harness::new();
    let Friends { anne, luc, conversation } = harness.two_friends().await;
    harness.send(&anne, conversation, "Un").await.unwrap();
    harness.call(&anne, CloseChannel { account: luc.id }).await.unwrap();

    assert_eq!(ask(&harness, &anne, &luc).await.relation, Standing::RequestSent);
    assert_eq!(harness.send(&anne, conversation, "Deux").await, Err(ApiError::ChannelClosed));
    harness.call(&luc, AcceptFriendRequest { account: anne.id }).await.unwrap();

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
    let by_the_other = harness.call(&luc, CloseChannel { account: anne.id }).await.unwrap();

    assert_eq!(by_the_other.closed_by_me, Some(false));
    assert_eq!(harness.snapshot(), stored);
}

#[tokio::test]
async fn closing_needs_a_channel() {
    let harness = Harness::new();
    let (anne, luc) = (harness.account("Anne Roy").await, harness.account("Luc Gagné").await);

    assert_eq!(harness.call(&anne, CloseChannel { account: luc.id }).await, Err(ApiError::NotFriends));
}

#[tokio::test]
async fn az07_a_block_looks_like_silence() {
    let harness = Harness::new();
    let asker = harness.account("Robert Lemire").await;
    let (blocker, ignorer) = (harness.account("Anne Roy").await, harness.account("Anne Roy").await);
    harness.call(&blocker, BlockAccount { account: asker.id }).await.unwrap();

    let mut seen = Vec::new();
    for silent in [&blocker, &ignorer] {
        let cursor = harness.cursor(&asker).await;
        let asked = ask(&harness, &asker, silent).await;
        if silent.id == ignorer.id {
            harness.call(&ignorer, IgnoreFriendRequest { account: asker.id }).await.unwrap();
        }
        let profile = harness.call(&asker, GetProfile { account: silent.id }).await.unwrap();
        let again = ask(&harness, &asker, silent).await;
        let n_told = harness.events_after(&asker, cursor).await.len();
        let closing = harness.call(&asker, CloseChannel { account: silent.id }).await;
        let cancelled = harness.call(&asker, CancelFriendRequest { account: silent.id }).await.unwrap();
        seen.push((asked, profile.person.relation, profile.phone, again, n_told, closing, cancelled));
    }

    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0].0.relation, Standing::RequestSent);
    assert_eq!(harness.events_after(&blocker, 0).await.len(), 1, "the block itself, nothing of the request");
}

#[tokio::test]
async fn a_block_closes_the_channel_like_any_closing() {
    let harness = Harness::new();
    let Friends { anne, luc, conversation } = harness.two_friends().await;

    let mine = harness.call(&luc, BlockAccount { account: anne.id }).await.unwrap();

    assert_eq!((mine.relation, mine.closed_by_me), (Standing::Blocked, Some(true)));
    let theirs = harness.call(&anne, GetConversation { conversation }).await.unwrap().conversation;
    assert_eq!(theirs.channel, Channel::Closed { since: harness.now(), by_me: false });
    assert_eq!(theirs.friend.relation.relation, Standing::Closed);
    assert_eq!(harness.send(&anne, conversation, "?").await, Err(ApiError::ChannelClosed));
    assert_eq!(harness.send(&luc, conversation, "?").await, Err(ApiError::Blocked));
}

#[tokio::test]
async fn whoever_blocks_must_unblock_before_asking() {
    let harness = Harness::new();
    let Friends { anne, luc, .. } = harness.two_friends().await;
    harness.call(&luc, BlockAccount { account: anne.id }).await.unwrap();

    let wish = SendFriendRequest { account: anne.id, note: None };
    assert_eq!(harness.call(&luc, wish.clone()).await, Err(ApiError::Blocked));
    let unblocked = harness.call(&luc, UnblockAccount { account: anne.id }).await.unwrap();

    assert_eq!(unblocked.relation, Standing::Closed);
    assert_eq!(harness.call(&luc, wish).await.unwrap().relation, Standing::RequestSent);
}

#[tokio::test]
async fn a_blocked_person_stays_in_the_directory() {
    let harness = Harness::new();
    let (anne, luc) = (harness.account("Anne Roy").await, harness.account("Luc Gagné").await);
    harness.call(&luc, BlockAccount { account: anne.id }).await.unwrap();

    let relations = |page: app::contacts::PeoplePage| {
        page.people.into_iter().map(|person| (person.id, person.relation.relation)).collect::<Vec<_>>()
    };
    let seen_by_luc = relations(harness.call(&luc, SearchPeople::default()).await.unwrap());
    let seen_by_anne = relations(harness.call(&anne, SearchPeople::default()).await.unwrap());

    assert_eq!(seen_by_luc, [(luc.id, Standing::Myself), (anne.id, Standing::Blocked)]);
    assert_eq!(seen_by_anne, [(luc.id, Standing::None), (anne.id, Standing::Myself)]);
}

#[tokio::test]
async fn nobody_asks_who_is_not_there() {
    let harness = Harness::new();
    let (anne, luc) = (harness.account("Anne Roy").await, harness.account("Luc Gagné").await);
    let admin = harness.admin("Nadia Belkacem").await;
    let suspend = app::accounts::SuspendAccount { account: luc.id, suspended: true };
    harness.call(&admin, suspend).await.unwrap();

    for account in [luc.id, app::api::AccountId(harness::unknown_id())] {
        let asked = harness.call(&anne, SendFriendRequest { account, note: None }).await;
        assert_eq!(asked, Err(ApiError::NotFound));
        assert_eq!(harness.call(&anne, BlockAccount { account }).await, Err(ApiError::NotFound));
        assert_eq!(harness.call(&anne, GetProfile { account }).await, Err(ApiError::NotFound));
    }
}

#[tokio::test]
async fn the_channel_to_a_suspended_friend_can_be_closed() {
    let harness = Harness::new();
    let Friends { anne, luc, conversation } = harness.two_friends().await;
    let admin = harness.admin("Nadia Belkacem").await;
    harness.call(&admin, app::accounts::SuspendAccount { account: luc.id, suspended: true }).await.unwrap();

    let closed = harness.call(&anne, CloseChannel { account: luc.id }).await.unwrap();

    assert_eq!(closed.relation, Standing::Closed);
    assert!(harness.call(&anne, GetConversation { conversation }).await.is_ok());
}

#[tokio::test]
async fn a15_the_phone_number_is_for_friends_and_vanishes_on_closing() {
    let harness = Harness::new();
    let Friends { anne, luc, .. } = harness.two_friends().await;
    let stranger = harness.account("Marc Côté").await;
    let profile = app::accounts::SaveProfile {
        title: String::new(),
        name: "Luc Gagné".to_owned(),
        profession: "pharmacien".to_owned(),
        workplace: "GMF du Canal".to_owned(),
        phone: "450 555-0123".to_owned(),
    };
    harness.call(&luc, profile).await.unwrap();
    let phone = async |viewer: &Account| {
        harness.call(viewer, GetProfile { account: luc.id }).await.unwrap().phone
    };

    assert_eq!(phone(&anne).await.as_deref(), Some("450 555-0123"));
    assert_eq!(phone(&stranger).await, None);
    harness.call(&anne, CloseChannel { account: luc.id }).await.unwrap();
    assert_eq!(phone(&anne).await, None);
}

#[tokio::test]
async fn requests_are_listed_both_ways_newest_first() {
    let harness = Harness::new();
    let me = harness.account("Camille Tremblay").await;
    let others = [harness.account("Marc Côté").await, harness.account("Samuel Bédard").await];
    for other in &others {
        harness.clock.advance_ms(1_000);
        ask(&harness, other, &me).await;
    }
    let asked = harness.account("Sophie Bouchard").await;
    ask(&harness, &me, &asked).await;

    let requests = harness.call(&me, ListFriendRequests {}).await.unwrap();

    let received: Vec<_> = requests.received.iter().map(|request| request.person.id).collect();
    assert_eq!(received, [others[1].id, others[0].id]);
    assert_eq!(requests.sent.len(), 1);
    assert_eq!(requests.sent[0].person.relation.relation, Standing::RequestSent);
    assert_eq!(harness.call(&me, GetBadges {}).await.unwrap().request_count, 2);
}
