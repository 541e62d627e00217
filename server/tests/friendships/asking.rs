//! Whose requests a person takes, and that nobody learns more of it than whether they may ask.

use app::accounts::SaveProfile;
use app::api::ApiError;
use app::contacts::{GetProfile, ListFriends, SearchPeople};
use app::conversations::GetConversation;
use app::friendships::{
    AcceptFriendRequest, AskingRule, BlockAccount, CancelFriendRequest, CloseChannel, GetAskingRule,
    IgnoreFriendRequest, ListFriendRequests, SaveAskingRule, SendFriendRequest, Standing, WhoMayAsk,
};

use super::{ask, standing};
use crate::harness::{Account, Friends, Harness};

async fn choose(harness: &Harness, account: &Account, who_may_ask: WhoMayAsk) {
    let saved = harness.call(account, SaveAskingRule { who_may_ask }).await;
    assert_eq!(saved, Ok(AskingRule { who_may_ask }));
}

async fn try_to_ask(harness: &Harness, one: &Account, other: &Account) -> Result<Standing, ApiError> {
    let wish = SendFriendRequest {
        account: other.id,
        note: Some("Bonjour".to_owned()),
    };
    harness.call(one, wish).await.map(|relation| relation.relation)
}

/// What the page of a person offers.
async fn is_offered(harness: &Harness, viewer: &Account, other: &Account) -> bool {
    let wish = GetProfile { account: other.id };
    harness.call(viewer, wish).await.unwrap().person.takes_requests
}

/// Somebody at the CLSC, a colleague there, and somebody who works elsewhere.
async fn three(harness: &Harness) -> (Account, Account, Account) {
    let me = harness.account("Camille Tremblay").await;
    let colleague = harness
        .insert_account("Marc Côté", "infirmier", "clsc des  RAPIDES", false)
        .await;
    let outsider = harness
        .insert_account("Anne Roy", "cardiologue", "Hôpital du Parc", false)
        .await;
    (me, colleague, outsider)
}

#[tokio::test]
async fn everybody_may_ask_unless_somebody_chooses_otherwise() {
    let harness = Harness::new();
    let (me, _, outsider) = three(&harness).await;

    let rule = harness.call(&me, GetAskingRule {}).await.unwrap();

    assert_eq!(rule.who_may_ask, WhoMayAsk::Everybody);
    assert!(is_offered(&harness, &outsider, &me).await);
    assert_eq!(
        try_to_ask(&harness, &outsider, &me).await,
        Ok(Standing::RequestSent)
    );
}

#[tokio::test]
async fn people_of_the_same_workplace_may_ask_whatever_its_spelling() {
    let harness = Harness::new();
    let (me, colleague, outsider) = three(&harness).await;

    choose(&harness, &me, WhoMayAsk::Workplace).await;

    assert!(is_offered(&harness, &colleague, &me).await);
    assert!(!is_offered(&harness, &outsider, &me).await);
    assert_eq!(
        try_to_ask(&harness, &colleague, &me).await,
        Ok(Standing::RequestSent)
    );
    let before = harness.snapshot();
    assert_eq!(
        try_to_ask(&harness, &outsider, &me).await,
        Err(ApiError::TakesNoRequests)
    );
    assert_eq!(harness.snapshot(), before, "nothing is stored, nobody is told");
}

#[tokio::test]
async fn a_new_workplace_counts_from_then_on() {
    let harness = Harness::new();
    let (me, colleague, _) = three(&harness).await;
    choose(&harness, &me, WhoMayAsk::Workplace).await;
    let moved = SaveProfile {
        title: String::new(),
        name: "Marc Côté".to_owned(),
        profession: "infirmier".to_owned(),
        workplace: "Clinique des Érables".to_owned(),
        phone: String::new(),
    };

    harness.call(&colleague, moved).await.unwrap();

    assert_eq!(
        try_to_ask(&harness, &colleague, &me).await,
        Err(ApiError::TakesNoRequests)
    );
}

#[tokio::test]
async fn who_takes_no_requests_still_asks_others() {
    let harness = Harness::new();
    let (me, colleague, outsider) = three(&harness).await;
    choose(&harness, &me, WhoMayAsk::Nobody).await;

    for other in [&colleague, &outsider] {
        assert!(!is_offered(&harness, other, &me).await);
        assert_eq!(
            try_to_ask(&harness, other, &me).await,
            Err(ApiError::TakesNoRequests)
        );
    }
    assert_eq!(
        ask(&harness, &me, &outsider).await.relation,
        Standing::RequestSent
    );
    let accepted = harness
        .call(&outsider, AcceptFriendRequest { account: me.id })
        .await
        .unwrap();
    assert_eq!(accepted.relation, Standing::Friend);
}

#[tokio::test]
async fn whom_one_has_asked_may_ask_back_even_after_putting_it_aside() {
    let harness = Harness::new();
    let (me, colleague, _) = three(&harness).await;
    choose(&harness, &me, WhoMayAsk::Nobody).await;
    ask(&harness, &me, &colleague).await;
    harness
        .call(&colleague, IgnoreFriendRequest { account: me.id })
        .await
        .unwrap();

    assert!(is_offered(&harness, &colleague, &me).await);
    assert_eq!(try_to_ask(&harness, &colleague, &me).await, Ok(Standing::Friend));
}

#[tokio::test]
async fn a_request_that_waits_stays_and_cannot_be_made_again() {
    let harness = Harness::new();
    let (me, _, outsider) = three(&harness).await;
    ask(&harness, &outsider, &me).await;

    choose(&harness, &me, WhoMayAsk::Nobody).await;

    let received = harness.call(&me, ListFriendRequests {}).await.unwrap().received;
    assert_eq!(received.len(), 1);
    assert_eq!(standing(&harness, &outsider, &me).await, Standing::RequestSent);
    harness
        .call(&outsider, CancelFriendRequest { account: me.id })
        .await
        .unwrap();
    assert_eq!(
        try_to_ask(&harness, &outsider, &me).await,
        Err(ApiError::TakesNoRequests)
    );
}

#[tokio::test]
async fn a_closed_channel_is_reopened_by_whoever_may_ask() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    choose(&harness, &luc, WhoMayAsk::Nobody).await;
    assert!(
        harness
            .send(&anne, conversation, "Amis comme avant")
            .await
            .is_ok()
    );
    let friends = harness.call(&anne, ListFriends {}).await.unwrap().friends;
    assert!(!friends[0].takes_requests);

    harness
        .call(&luc, CloseChannel { account: anne.id })
        .await
        .unwrap();

    let opened = harness
        .call(&anne, GetConversation { conversation })
        .await
        .unwrap();
    assert!(!opened.conversation.friend.takes_requests);
    assert_eq!(
        try_to_ask(&harness, &anne, &luc).await,
        Err(ApiError::TakesNoRequests)
    );
    assert_eq!(ask(&harness, &luc, &anne).await.relation, Standing::RequestSent);
}

#[tokio::test]
async fn az07_a_rule_shows_no_block_and_a_block_no_rule() {
    let harness = Harness::new();
    let (asker, blocker, ignorer) = (
        harness.account("Robert Lemire").await,
        harness.account("Anne Roy").await,
        harness.account("Anne Roy").await,
    );
    harness
        .call(&blocker, BlockAccount { account: asker.id })
        .await
        .unwrap();

    for rule in [WhoMayAsk::Everybody, WhoMayAsk::Workplace, WhoMayAsk::Nobody] {
        let mut seen = Vec::new();
        for other in [&blocker, &ignorer] {
            choose(&harness, other, rule).await;
            let cursor = harness.cursor(&asker).await;
            let offered = is_offered(&harness, &asker, other).await;
            let outcome = try_to_ask(&harness, &asker, other).await;
            if other.id == ignorer.id {
                let ignore = IgnoreFriendRequest { account: asker.id };
                harness.call(other, ignore).await.unwrap();
            }
            let wish = SearchPeople::default();
            let found = harness.call(&asker, wish).await.unwrap().people;
            let card = found.into_iter().find(|person| person.id == other.id).unwrap();
            let n_told = harness.events_after(&asker, cursor).await.len();
            let cancel = CancelFriendRequest { account: other.id };
            harness.call(&asker, cancel).await.unwrap();
            seen.push((offered, outcome, card.relation, card.takes_requests, n_told));
        }
        assert_eq!(seen[0], seen[1], "{rule:?}");
        assert_eq!(seen[0].0, rule != WhoMayAsk::Nobody, "{rule:?}");
    }
}

#[tokio::test]
async fn the_rule_is_told_to_the_own_devices_alone() {
    let harness = Harness::new();
    let Friends { anne, luc, .. } = harness.two_friends().await;
    let (of_anne, of_luc) = (harness.cursor(&anne).await, harness.cursor(&luc).await);

    choose(&harness, &anne, WhoMayAsk::Workplace).await;

    assert_eq!(harness.events_after(&anne, of_anne).await.len(), 1);
    assert_eq!(harness.events_after(&luc, of_luc).await, []);
    let seen = serde_json::to_string(&harness.call(&luc, GetProfile { account: anne.id }).await.unwrap());
    let seen = seen.unwrap();
    assert!(
        !seen.contains("workplace\":\"workplace") && !seen.contains("who_may_ask"),
        "{seen}"
    );
}
