//! Many requests at once: put aside by one act, silently, and taken up again.

use app::accounts::SuspendAccount;
use app::api::{AccountId, ApiError, InvalidReason, Timestamp};
use app::contacts::GetProfile;
use app::friendships::{
    AcceptFriendRequest, BlockAccount, CancelFriendRequest, FriendRequests, IgnoreFriendRequests,
    ListFriendRequests, RestoreFriendRequests, SendFriendRequest, Standing, UnblockAccount,
};
use app::notifications::GetBadges;

use super::{ask, standing};
use crate::harness::{Account, Harness, unknown_id};

/// Camille, and three people who have asked her one after the other.
async fn asked_by_three(harness: &Harness) -> (Account, Vec<Account>) {
    let me = harness.account("Camille Tremblay").await;
    let mut askers = Vec::new();
    for name in ["Marc Côté", "Samuel Bédard", "Nadia Belkacem"] {
        let asker = harness.account(name).await;
        harness.clock.advance_ms(1_000);
        let wish = SendFriendRequest {
            account: me.id,
            note: Some(format!("De {name}")),
        };
        harness.call(&asker, wish).await.unwrap();
        askers.push(asker);
    }
    (me, askers)
}

/// Puts the requests of those aside whom the page showed.
async fn ignore_all(harness: &Harness, me: &Account, shown: &[Account], until: Timestamp) -> FriendRequests {
    let accounts = shown.iter().map(|account| account.id).collect();
    let wish = IgnoreFriendRequests { accounts, until };
    harness.call(me, wish).await.unwrap()
}

async fn list(harness: &Harness, me: &Account) -> FriendRequests {
    harness.call(me, ListFriendRequests {}).await.unwrap()
}

async fn restore(harness: &Harness, me: &Account, accounts: &[&Account]) -> Result<FriendRequests, ApiError> {
    let accounts = accounts.iter().map(|account| account.id).collect();
    harness.call(me, RestoreFriendRequests { accounts }).await
}

async fn n_rows_of(harness: &Harness, act: &'static str) -> i64 {
    harness
        .context
        .db
        .read(move |tx| {
            tx.find(
                "select count(*) from audit where act = $1",
                server::values![act],
                |row| row.get(0),
            )
        })
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test]
async fn a14_all_requests_are_put_aside_by_one_act_and_nobody_is_told() {
    let harness = Harness::new();
    let (me, askers) = asked_by_three(&harness).await;
    let mut cursors = Vec::new();
    for asker in &askers {
        cursors.push(harness.cursor(asker).await);
    }

    let left = ignore_all(&harness, &me, &askers, harness.now()).await;

    assert_eq!(left, FriendRequests::default());
    assert_eq!(list(&harness, &me).await, left);
    assert_eq!(harness.call(&me, GetBadges {}).await.unwrap().request_count, 0);
    for (asker, cursor) in askers.iter().zip(cursors) {
        assert_eq!(harness.events_after(asker, cursor).await, []);
        assert_eq!(standing(&harness, asker, &me).await, Standing::RequestSent);
        assert_eq!(standing(&harness, &me, asker).await, Standing::None);
    }
    assert_eq!(n_rows_of(&harness, "ignored").await, 3, "each leaves its row");
}

#[tokio::test]
async fn what_came_after_the_list_was_read_stays() {
    let harness = Harness::new();
    let (me, mut askers) = asked_by_three(&harness).await;
    let seen = list(&harness, &me).await.received;
    let until = seen.iter().map(|request| request.sent_at).max().unwrap();
    harness.clock.advance_ms(1);
    // One of them takes theirs back, and asks anew with other words.
    let cancel = CancelFriendRequest { account: me.id };
    harness.call(&askers[0], cancel).await.unwrap();
    ask(&harness, &askers[0], &me).await;
    let late = harness.account("Sophie Bouchard").await;
    ask(&harness, &late, &me).await;
    askers.push(late);

    let left = ignore_all(&harness, &me, &askers, until).await;

    let mut waiting: Vec<_> = left.received.iter().map(|request| request.person.id).collect();
    let mut expected = vec![askers[0].id, askers[3].id];
    waiting.sort_unstable();
    expected.sort_unstable();
    assert_eq!(waiting, expected);
    assert_eq!(standing(&harness, &me, &askers[2]).await, Standing::None);
}

/// A request that was put aside and taken up again, on another device, is older than the list and was not on it.
#[tokio::test]
async fn what_the_page_did_not_show_is_not_put_aside() {
    let harness = Harness::new();
    let (me, askers) = asked_by_three(&harness).await;
    ignore_all(&harness, &me, &askers[..1], harness.now()).await;
    let shown = list(&harness, &me).await.received;
    assert_eq!(shown.len(), 2);
    restore(&harness, &me, &[&askers[0]]).await.unwrap();

    let left = ignore_all(&harness, &me, &askers[1..], harness.now()).await;

    assert_eq!(left.received.len(), 1);
    assert_eq!(left.received[0].person.id, askers[0].id);
    let nobody = ignore_all(&harness, &me, &[], harness.now()).await;
    assert_eq!(nobody, left);
}

#[tokio::test]
async fn putting_all_aside_again_changes_nothing() {
    let harness = Harness::new();
    let (me, askers) = asked_by_three(&harness).await;
    let asked = harness.account("Anne Roy").await;
    ask(&harness, &me, &asked).await;
    let until = harness.now();
    let first = ignore_all(&harness, &me, &askers, until).await;
    let stored = harness.snapshot();
    harness.clock.advance_ms(1_000);

    let again = ignore_all(&harness, &me, &askers, until).await;

    assert_eq!(first.sent.len(), 1, "what one has asked oneself stays");
    assert_eq!(again, first);
    assert_eq!(harness.snapshot(), stored);
}

#[tokio::test]
async fn what_nobody_sees_is_not_put_aside() {
    let harness = Harness::new();
    let (me, askers) = asked_by_three(&harness).await;
    let admin = harness.admin("Léa Fortin").await;
    let suspend = |suspended| SuspendAccount {
        account: askers[0].id,
        suspended,
    };
    harness.call(&admin, suspend(true)).await.unwrap();

    ignore_all(&harness, &me, &askers, harness.now()).await;
    harness.call(&admin, suspend(false)).await.unwrap();

    let back = list(&harness, &me).await.received;
    assert_eq!(back.len(), 1);
    assert_eq!(back[0].person.id, askers[0].id);
}

#[tokio::test]
async fn what_was_put_aside_by_mistake_waits_again_with_its_words() {
    let harness = Harness::new();
    let (me, askers) = asked_by_three(&harness).await;
    let before = list(&harness, &me).await;
    ignore_all(&harness, &me, &askers, harness.now()).await;
    let cursor = harness.cursor(&askers[1]).await;

    let back = restore(&harness, &me, &[&askers[0], &askers[1], &askers[2]]).await;

    assert_eq!(back, Ok(before.clone()), "order, words and moments");
    assert_eq!(
        restore(&harness, &me, &[&askers[0], &askers[1]]).await,
        Ok(before),
        "twice is once"
    );
    assert_eq!(harness.events_after(&askers[1], cursor).await, []);
    assert_eq!(n_rows_of(&harness, "restored").await, 3);
    let note = harness
        .call(
            &me,
            GetProfile {
                account: askers[1].id,
            },
        )
        .await
        .unwrap()
        .note;
    assert_eq!(note.unwrap().as_str(), "De Samuel Bédard");
    let accept = AcceptFriendRequest {
        account: askers[1].id,
    };
    assert_eq!(
        harness.call(&me, accept).await.unwrap().relation,
        Standing::Friend
    );
}

#[tokio::test]
async fn what_is_over_is_not_taken_up() {
    let harness = Harness::new();
    let (me, askers) = asked_by_three(&harness).await;
    ignore_all(&harness, &me, &askers, harness.now()).await;
    let cancel = CancelFriendRequest { account: me.id };
    harness.call(&askers[0], cancel).await.unwrap();
    let block = BlockAccount {
        account: askers[1].id,
    };
    harness.call(&me, block).await.unwrap();

    let back = restore(&harness, &me, &[&askers[0], &askers[1]]).await.unwrap();

    assert_eq!(back.received, []);
    let unblock = UnblockAccount {
        account: askers[1].id,
    };
    assert_eq!(harness.call(&me, unblock).await.unwrap().relation, Standing::None);
    harness.clock.advance_ms(30 * Timestamp::DAY_MS);
    let late = restore(&harness, &me, &[&askers[2]]).await.unwrap();
    assert_eq!(late.received, [], "thirty days are over");
}

#[tokio::test]
async fn nothing_of_others_is_taken_up() {
    let harness = Harness::new();
    let (me, askers) = asked_by_three(&harness).await;
    let stranger = harness.account("Anne Roy").await;
    let before = harness.snapshot();

    let of_others = restore(&harness, &stranger, &[&me, &askers[0]]).await;
    assert_eq!(of_others, Ok(FriendRequests::default()));
    let accounts = vec![AccountId(unknown_id())];
    let nobody = harness.call(&stranger, RestoreFriendRequests { accounts }).await;
    assert_eq!(nobody, Ok(FriendRequests::default()));
    let own = restore(&harness, &me, &[&askers[0], &me]).await;
    assert_eq!(own, Err(ApiError::invalid("accounts", InvalidReason::Yourself)));
    let accounts = vec![AccountId(unknown_id()); 501];
    let many = harness.call(&me, RestoreFriendRequests { accounts }).await;
    assert_eq!(many, Err(ApiError::invalid("accounts", InvalidReason::TooLong)));

    assert_eq!(harness.snapshot(), before);
}

#[tokio::test]
async fn nothing_of_others_is_put_aside() {
    let harness = Harness::new();
    let (me, askers) = asked_by_three(&harness).await;
    let stranger = harness.account("Anne Roy").await;
    let until = harness.now();
    let before = harness.snapshot();

    let of_others = ignore_all(&harness, &stranger, &askers, until).await;
    assert_eq!(of_others, FriendRequests::default());
    let put_aside = async |accounts: Vec<AccountId>| {
        let wish = IgnoreFriendRequests { accounts, until };
        harness.call(&me, wish).await.map(|left| left.received.len())
    };
    assert_eq!(put_aside(vec![AccountId(unknown_id())]).await, Ok(3));
    let own = put_aside(vec![askers[0].id, me.id]).await;
    assert_eq!(own, Err(ApiError::invalid("accounts", InvalidReason::Yourself)));
    let many = put_aside(vec![AccountId(unknown_id()); 501]).await;
    assert_eq!(many, Err(ApiError::invalid("accounts", InvalidReason::TooLong)));

    assert_eq!(harness.snapshot(), before);
}
