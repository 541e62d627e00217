//! What a device is told to guard a conversation.

use app::accounts::{GetPolicy, SaveGuardPolicy};
use app::conversations::{GetGuards, Guards};
use app::friendships::CloseChannel;

use crate::harness::{Account, Harness};

async fn guards(harness: &Harness, account: &Account, conversation: app::api::ConversationId) -> Guards {
    harness.call(account, GetGuards { conversation }).await.unwrap()
}

/// Product requirement C6: among the caller's own friends alone.
#[tokio::test]
async fn c6_other_friends_with_the_same_name_are_told() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let etienne = harness
        .insert_account("Dr Étienne Lavoie", "pneumologue", "CHU", false)
        .await;
    let other = harness
        .insert_account("Etienne Lavoie", "ergothérapeute", "CLSC", false)
        .await;
    let nearly = harness
        .insert_account("Étiene Lavoye", "physiothérapeute", "CLSC", false)
        .await;
    harness
        .insert_account("Étienne Lavoie", "nutritionniste", "CLSC", false)
        .await;
    let conversation = harness.befriend(&friends.anne, &etienne).await;
    harness.befriend(&friends.anne, &other).await;
    harness.befriend(&friends.anne, &nearly).await;
    harness.befriend(&friends.luc, &other).await;

    let of_anne = guards(&harness, &friends.anne, conversation).await;
    let with_luc = guards(&harness, &friends.anne, friends.conversation).await;
    let of_etienne = guards(&harness, &etienne, conversation).await;

    let ids: Vec<_> = of_anne.look_alikes.iter().map(|person| person.id).collect();
    assert_eq!(ids.len(), 2);
    assert!(
        ids.contains(&other.id) && ids.contains(&nearly.id),
        "friends alone, and not himself"
    );
    assert_eq!(
        of_anne
            .look_alikes
            .iter()
            .find(|person| person.id == other.id)
            .unwrap()
            .profession,
        "ergothérapeute"
    );
    assert!(with_luc.look_alikes.is_empty());
    assert!(of_etienne.look_alikes.is_empty());

    let account = other.id;
    harness
        .call(&friends.anne, CloseChannel { account })
        .await
        .unwrap();
    let closed = guards(&harness, &friends.anne, conversation).await;
    assert_eq!(
        closed.look_alikes.len(),
        1,
        "nobody writes to them by mistake any more"
    );
}

/// Product requirement C5: on, until an administrator says otherwise.
#[tokio::test]
async fn c5_messages_are_looked_through_unless_an_administrator_says_otherwise() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let admin = harness.admin("Nadia Belkacem").await;
    let is_guarded = async || {
        guards(&harness, &friends.luc, friends.conversation)
            .await
            .is_unfiled_guarded
    };
    assert!(is_guarded().await);

    let off = SaveGuardPolicy {
        is_unfiled_guarded: false,
    };
    let saved = harness.call(&admin, off).await.unwrap();
    assert!(!saved.is_unfiled_guarded && !is_guarded().await);
    assert_eq!(harness.call(&admin, GetPolicy {}).await.unwrap(), saved);

    let on = SaveGuardPolicy {
        is_unfiled_guarded: true,
    };
    harness.call(&admin, on).await.unwrap();
    assert!(is_guarded().await);
}
