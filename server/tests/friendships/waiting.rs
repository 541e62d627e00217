//! How many requests of one person wait at once, and that it tells nothing of those who were asked.

use app::api::{ApiError, Timestamp};
use app::friendships::{
    AcceptFriendRequest, BlockAccount, CancelFriendRequest, IgnoreFriendRequest, SendFriendRequest, Standing,
};

use super::ask;
use crate::harness::{Account, Harness};

const N: usize = 100;

/// Somebody who has asked as many people as may be.
async fn asked_by_one(harness: &Harness) -> (Account, Vec<Account>) {
    let me = harness.account("Camille Tremblay").await;
    let mut asked = Vec::new();
    for n in 0..N {
        let other = harness.account(&format!("Personne {n}")).await;
        ask(harness, &me, &other).await;
        asked.push(other);
    }
    (me, asked)
}

async fn one_more(harness: &Harness, me: &Account) -> Result<Standing, ApiError> {
    let other = harness.account("Marc Côté").await;
    let wish = SendFriendRequest {
        account: other.id,
        note: Some("Bonjour".to_owned()),
    };
    harness.call(me, wish).await.map(|relation| relation.relation)
}

#[tokio::test]
async fn a_hundred_requests_wait_at_once_and_no_more() {
    let harness = Harness::new();
    let (me, asked) = asked_by_one(&harness).await;
    let late = harness.account("Marc Côté").await;
    let wish = SendFriendRequest {
        account: late.id,
        note: None,
    };
    let before = harness.snapshot();

    let refused = harness.call(&me, wish.clone()).await;

    assert_eq!(refused, Err(ApiError::ManyWaiting));
    let again = ask(&harness, &me, &asked[7]).await;
    assert_eq!(again.relation, Standing::RequestSent, "who was asked already");
    assert_eq!(harness.snapshot(), before, "nothing is stored, nobody is told");
    let cancel = CancelFriendRequest { account: asked[7].id };
    harness.call(&me, cancel).await.unwrap();
    assert_eq!(
        harness.call(&me, wish).await.unwrap().relation,
        Standing::RequestSent
    );
}

#[tokio::test]
async fn what_is_answered_or_over_makes_room() {
    let harness = Harness::new();
    let (me, asked) = asked_by_one(&harness).await;
    assert_eq!(one_more(&harness, &me).await, Err(ApiError::ManyWaiting));

    let accept = AcceptFriendRequest { account: me.id };
    harness.call(&asked[0], accept).await.unwrap();
    assert_eq!(one_more(&harness, &me).await, Ok(Standing::RequestSent));
    assert_eq!(one_more(&harness, &me).await, Err(ApiError::ManyWaiting));
    harness.clock.advance_ms(30 * Timestamp::DAY_MS);

    assert_eq!(one_more(&harness, &me).await, Ok(Standing::RequestSent));
}

#[tokio::test]
async fn az07_the_count_shows_neither_a_block_nor_an_ignored_request() {
    let harness = Harness::new();
    let (me, asked) = asked_by_one(&harness).await;

    let block = BlockAccount { account: me.id };
    harness.call(&asked[0], block).await.unwrap();
    let ignore = IgnoreFriendRequest { account: me.id };
    harness.call(&asked[1], ignore).await.unwrap();

    assert_eq!(one_more(&harness, &me).await, Err(ApiError::ManyWaiting));
}

#[tokio::test]
async fn asking_back_is_an_answer_and_is_not_counted() {
    let harness = Harness::new();
    let (me, _) = asked_by_one(&harness).await;
    let other = harness.account("Marc Côté").await;
    ask(&harness, &other, &me).await;

    assert_eq!(ask(&harness, &me, &other).await.relation, Standing::Friend);
}
