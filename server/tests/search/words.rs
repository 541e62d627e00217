//! The questions of the corpus, asked of messages that are laid out to be searched and of messages that are not.

use app::conversations::SearchMessages;
use server::conversations::index_words;

use super::corpus::{MESSAGES, QUESTIONS};
use super::{everywhere, inside, marked};
use crate::harness::{Account, Harness};

/// What was missed, and what was found beside the answers.
async fn ask(harness: &Harness, reader: &Account, search: impl Fn(&str) -> SearchMessages) -> Vec<String> {
    let mut wrong = Vec::new();
    for (question, answers) in QUESTIONS {
        let found = harness.call(reader, search(question)).await.unwrap();
        let mut found: Vec<usize> = found
            .hits
            .iter()
            .map(|hit| usize::try_from(hit.message.position).unwrap())
            .collect();
        found.sort_unstable();
        let missed: Vec<_> = answers.iter().filter(|number| !found.contains(number)).collect();
        let beside: Vec<_> = found.iter().filter(|number| !answers.contains(number)).collect();
        if !missed.is_empty() || !beside.is_empty() {
            wrong.push(format!(
                "« {question} » missed {missed:?}, and found {beside:?} beside the answers"
            ));
        }
    }
    wrong
}

/// Product requirement C8: 0 misses, in one conversation and in all, laid out or not.
#[tokio::test]
async fn c8_every_question_has_its_answers_and_no_others() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let conversation = friends.conversation;
    for (index, text) in MESSAGES.iter().enumerate() {
        let author = if index % 2 == 0 {
            &friends.anne
        } else {
            &friends.luc
        };
        harness.send(author, conversation, text).await.unwrap();
    }

    let one_by_one = ask(&harness, &friends.luc, |question| inside(conversation, question)).await;
    let n_made = index_words(&harness.context, conversation).await.unwrap();
    let laid_out = ask(&harness, &friends.luc, |question| inside(conversation, question)).await;
    let of_all = ask(&harness, &friends.anne, everywhere).await;

    assert_eq!(one_by_one, Vec::<String>::new());
    assert_eq!(n_made, 1);
    assert_eq!(laid_out, Vec::<String>::new());
    assert_eq!(of_all, Vec::<String>::new());
}

#[tokio::test]
async fn a_hit_shows_what_was_found_and_where() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let text = format!(
        "Bonjour.\n{}L’INR de mardi est à 2,4.",
        "Rien à signaler ici. ".repeat(20)
    );
    let sent = harness
        .send(&friends.anne, friends.conversation, &text)
        .await
        .unwrap();

    let found = harness.call(&friends.luc, everywhere("inr mardi")).await.unwrap();

    assert_eq!(found.total, 1);
    let hit = &found.hits[0];
    assert_eq!((hit.message.id, hit.message.position), (sent.id, 1));
    assert_eq!(hit.conversation, friends.conversation);
    assert_eq!(hit.message.key, None, "the key is for its author");
    let shown = marked(&found, 0);
    assert!(
        shown.starts_with("… ") && shown.ends_with("L’[INR] de [mardi] est à 2,4."),
        "{shown}"
    );
    assert_eq!(found.people.len(), 1);
    assert_eq!(found.people[0].id, friends.anne.id);
    assert_eq!(found.people[0].conversation, Some(friends.conversation));
}

#[tokio::test]
async fn the_answer_says_what_was_searched() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let marc = harness.account("Marc Côté").await;
    let other = harness.befriend(&friends.anne, &marc).await;
    for text in ["Un", "Deux"] {
        harness
            .send(&friends.luc, friends.conversation, text)
            .await
            .unwrap();
    }
    harness.send(&marc, other, "Trois").await.unwrap();

    let all = harness
        .call(&friends.anne, everywhere("le résultat de l'INR"))
        .await
        .unwrap();
    let one = harness.call(&friends.anne, inside(other, "radio")).await.unwrap();

    assert_eq!((all.total, all.hits.len()), (0, 0));
    assert_eq!(
        (all.searched.conversation_count, all.searched.message_count),
        (2, 3)
    );
    let ignored: Vec<&str> = all.searched.ignored.iter().map(|word| word.0.as_str()).collect();
    assert_eq!(ignored, ["le", "de"]);
    assert_eq!(
        (one.searched.conversation_count, one.searched.message_count),
        (1, 1)
    );
}

#[tokio::test]
async fn people_are_found_by_their_names() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let etienne = harness.account("Étienne Lavoie").await;
    let stranger = harness.account("Étienne Roy").await;
    harness.befriend(&friends.anne, &etienne).await;
    harness
        .send(&etienne, harness.befriend(&friends.luc, &etienne).await, "Un mot")
        .await
        .unwrap();

    let found = harness.call(&friends.anne, everywhere("etienne")).await.unwrap();
    let narrow = SearchMessages {
        from: Some(etienne.id),
        ..everywhere("etienne")
    };
    let narrow = harness.call(&friends.anne, narrow).await.unwrap();

    let named: Vec<_> = found.named.iter().map(|person| person.id).collect();
    assert_eq!(
        named,
        [etienne.id],
        "not {}, whom nobody is friends with",
        stranger.id
    );
    assert!(narrow.named.is_empty());
}
