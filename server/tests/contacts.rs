//! Contacts: the directory, friends by name, what each may know of another.

mod harness;

use app::api::{ApiError, InvalidReason};
use app::contacts::{GetProfile, ListFriends, PeoplePage, SearchPeople};
use app::friendships::{CloseChannel, Standing};
use harness::{Account, Friends, Harness};

fn search(text: &str) -> SearchPeople {
    SearchPeople {
        text: text.to_owned(),
        ..SearchPeople::default()
    }
}

fn names(page: &PeoplePage) -> Vec<&str> {
    page.people.iter().map(|person| person.name.as_str()).collect()
}

async fn directory(harness: &Harness) -> Account {
    let others = [
        ("Dr Étienne Lavoie", "pneumologue", "Hôpital du Parc"),
        ("Étienne Lavoie", "ergothérapeute", "Clinique des Érables"),
        (
            "Marie-Josée Paquin-Desrosiers",
            "nutritionniste",
            "CLSC des Rapides",
        ),
        (
            "Chloé L’Heureux",
            "sage-femme",
            "Maison de naissance Cœur-de-l’Île",
        ),
    ];
    for (name, profession, workplace) in others {
        // Homonyms follow each other by age.
        harness.clock.advance_ms(1);
        harness.insert_account(name, profession, workplace, false).await;
    }
    harness
        .insert_account(
            "Dre Camille Tremblay",
            "médecin de famille",
            "CLSC des Rapides",
            false,
        )
        .await
}

#[tokio::test]
async fn c8_words_are_found_without_accents_case_or_elisions() {
    let harness = Harness::new();
    let me = directory(&harness).await;

    for (text, found) in [
        ("etienne", 2),
        ("Étienne", 2),
        ("E\u{301}TIENNE lav", 2),
        ("d’Étienne", 2),
        ("lavoie ergo", 1),
        ("hopital", 1),
        ("l'hôpital", 1),
        ("marie josee", 1),
        ("Paquin-Desrosiers", 1),
        ("CLSC-des-Rapides", 2),
        ("coeur", 1),
        ("cœur-de-l'île", 1),
        ("heureux", 1),
        ("sage femme", 1),
        ("dre", 1),
        ("xyz", 0),
        ("etienne xyz", 0),
        ("", 5),
        (" -’ ", 5),
        ("%", 5),
    ] {
        let page = harness.call(&me, search(text)).await.unwrap();
        assert_eq!(page.total, found, "{text:?}: {:?}", names(&page));
        assert_eq!(page.people.len() as u64, found, "{text:?}");
    }
    let endless = harness.call(&me, search(&"a".repeat(201))).await;
    assert_eq!(endless, Err(ApiError::invalid("text", InvalidReason::TooLong)));
}

#[tokio::test]
async fn the_directory_is_by_family_name_and_holds_oneself() {
    let harness = Harness::new();
    let me = directory(&harness).await;

    let page = harness.call(&me, SearchPeople::default()).await.unwrap();

    let expected = [
        "Chloé L’Heureux",
        "Dr Étienne Lavoie",
        "Étienne Lavoie",
        "Marie-Josée Paquin-Desrosiers",
        "Dre Camille Tremblay",
    ];
    assert_eq!(names(&page), expected);
    assert_eq!(page.people[4].relation.relation, Standing::Myself);
    assert_eq!(page.people[0].given_name, "Chloé");
    assert_eq!(page.workplaces.len(), 4);
    assert_eq!(page.professions[0], "ergothérapeute");
    assert_eq!(page.next, None);
}

#[tokio::test]
async fn the_directory_is_narrowed_by_profession_and_workplace() {
    let harness = Harness::new();
    let me = directory(&harness).await;

    let workplace = Some("CLSC des Rapides".to_owned());
    let there = harness
        .call(
            &me,
            SearchPeople {
                workplace,
                ..search("")
            },
        )
        .await
        .unwrap();
    let profession = Some("ergothérapeute".to_owned());
    let lavoie = harness
        .call(
            &me,
            SearchPeople {
                profession,
                ..search("lavoie")
            },
        )
        .await
        .unwrap();

    assert_eq!(
        names(&there),
        ["Marie-Josée Paquin-Desrosiers", "Dre Camille Tremblay"]
    );
    assert_eq!(names(&lavoie), ["Étienne Lavoie"]);
}

#[tokio::test]
async fn the_directory_goes_on_page_by_page_without_loss() {
    let harness = Harness::new();
    let me = harness.account("Camille Tremblay").await;
    for index in 0..129 {
        harness
            .account(&format!("Personne Numéro{:03}", index % 65))
            .await;
    }

    let mut seen = Vec::new();
    let mut after = None;
    for expected in [60, 60, 10] {
        let page = harness
            .call(&me, SearchPeople { after, ..search("") })
            .await
            .unwrap();
        assert_eq!((page.people.len(), page.total), (expected, 130));
        seen.extend(page.people.into_iter().map(|person| person.id));
        after = page.next;
    }

    assert_eq!(after, None);
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 130);
}

#[tokio::test]
async fn a9_friends_are_listed_by_family_name_with_what_is_unread() {
    let harness = Harness::new();
    let me = harness.account("Camille Tremblay").await;
    let mut friends = Vec::new();
    for name in ["Zoé Abel", "Dre Anne Roy", "Émile Éthier", "Luc Gagné"] {
        let friend = harness.account(name).await;
        let conversation = harness.befriend(&me, &friend).await;
        friends.push((friend, conversation));
    }
    harness.account("Marc Côté").await;
    harness
        .send(&friends[1].0, friends[1].1, "Bonjour")
        .await
        .unwrap();
    let list = async || harness.call(&me, ListFriends {}).await.unwrap().friends;

    let listed = list().await;

    let names: Vec<_> = listed.iter().map(|person| person.name.as_str()).collect();
    assert_eq!(names, ["Zoé Abel", "Émile Éthier", "Luc Gagné", "Dre Anne Roy"]);
    assert!(
        listed
            .iter()
            .all(|person| person.relation.relation == Standing::Friend)
    );
    assert_eq!(
        (listed[3].conversation, listed[3].unread_count),
        (Some(friends[1].1), 1)
    );
    assert_eq!(listed[0].unread_count, 0);
    harness
        .call(&friends[1].0, CloseChannel { account: me.id })
        .await
        .unwrap();
    assert_eq!(list().await.len(), 3);
}

#[tokio::test]
async fn a15_each_appears_among_the_others_friends() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;

    for (me, friend) in [(&anne, &luc), (&luc, &anne)] {
        let friends = harness.call(me, ListFriends {}).await.unwrap().friends;
        assert_eq!(friends.len(), 1);
        assert_eq!(
            (friends[0].id, friends[0].conversation),
            (friend.id, Some(conversation))
        );
    }
}

#[tokio::test]
async fn a9_list_card_and_conversation_tell_the_same() {
    let harness = Harness::new();
    let Friends { anne, luc, .. } = harness.two_friends().await;
    let seen = async || {
        let card = harness
            .call(&anne, GetProfile { account: luc.id })
            .await
            .unwrap()
            .person;
        let listed = harness
            .call(&anne, search("gagne"))
            .await
            .unwrap()
            .people
            .remove(0);
        let open = app::conversations::OpenConversation { account: luc.id };
        let header = harness.call(&anne, open).await.unwrap().conversation.friend;
        assert_eq!(card, listed);
        assert_eq!(card, header);
        card.relation.relation
    };

    assert_eq!(seen().await, Standing::Friend);
    harness
        .call(&luc, CloseChannel { account: anne.id })
        .await
        .unwrap();
    assert_eq!(seen().await, Standing::Closed);
}
