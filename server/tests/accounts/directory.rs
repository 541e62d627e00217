//! The directory as other features ask it.

use app::accounts::SuspendAccount;
use app::api::AccountId;
use server::accounts::{Card, list_professions, search_directory};

use crate::harness::Harness;

async fn search(harness: &Harness, words: &[&str], after: Option<AccountId>, limit: u32) -> (Vec<Card>, u64) {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    harness
        .context
        .db
        .read(move |tx| search_directory(tx, &words, None, None, after, limit))
        .await
        .unwrap()
}

fn names(cards: &[Card]) -> Vec<&str> {
    cards.iter().map(|card| card.name.as_str()).collect()
}

#[tokio::test]
async fn every_word_begins_a_word_of_the_person() {
    let harness = Harness::new();
    harness
        .insert_account("Dr Étienne Lavoie", "pneumologue", "Hôpital du Parc", false)
        .await;
    harness
        .insert_account("Étienne Lavoie", "ergothérapeute", "Clinique des Érables", false)
        .await;

    let both = search(&harness, &["lav", "etien"], None, 60).await;
    let one = search(&harness, &["lavoie", "erabl"], None, 60).await;
    let inside = search(&harness, &["voie"], None, 60).await;

    assert_eq!((both.0.len(), both.1), (2, 2));
    assert_eq!(one.0[0].profession, "ergothérapeute");
    assert_eq!((inside.0.len(), inside.1), (0, 0));
}

#[tokio::test]
async fn pages_go_on_where_they_ended() {
    let harness = Harness::new();
    for name in ["Anne Roy", "Luc Gagné", "Zoé Abel", "Inès Haddad", "Ana Roy"] {
        harness.account(name).await;
    }

    let (first, total) = search(&harness, &[], None, 3).await;
    let (second, _) = search(&harness, &[], Some(first[2].id), 3).await;

    assert_eq!(total, 5);
    assert_eq!(names(&first), ["Zoé Abel", "Luc Gagné", "Inès Haddad"]);
    assert_eq!(names(&second), ["Ana Roy", "Anne Roy"]);
}

#[tokio::test]
async fn the_suspended_are_not_in_the_directory() {
    let harness = Harness::new();
    let admin = harness.admin("Luc Gagné").await;
    let anne = harness
        .insert_account("Anne Roy", "cardiologue", "Hôpital du Parc", false)
        .await;
    harness
        .call(
            &admin,
            SuspendAccount {
                account: anne.id,
                suspended: true,
            },
        )
        .await
        .unwrap();

    let (found, total) = search(&harness, &["anne"], None, 60).await;

    assert_eq!((found.len(), total), (0, 0));
    let professions = harness.context.db.read(list_professions).await.unwrap();
    assert_eq!(professions, ["gestionnaire"]);
}

#[tokio::test]
async fn signs_of_patterns_mean_nothing() {
    let harness = Harness::new();
    harness.account("Anne Roy").await;

    let (found, _) = search(&harness, &["a_ne"], None, 60).await;

    assert!(found.is_empty());
}
