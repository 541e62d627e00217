//! A message that answers another one shows it as it is now, and copies nothing.

use app::api::{ApiError, MessageId};
use app::conversations::{Quote, SendMessage};

use super::{changed, delete, edit, read, reply};
use crate::harness::{Friends, Harness, body, unknown_id};

#[tokio::test]
async fn an_answer_shows_both_what_it_answers() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let original = harness
        .send(&anne, conversation, "Quelle dose ce matin?")
        .await
        .unwrap();
    let before = harness.cursor(&anne).await;

    let answer = reply(&harness, &luc, conversation, &original, "2,5 mg.")
        .await
        .unwrap();

    let quote = Some(Quote::of(&original));
    assert_eq!(answer.marks.read().reply_to, quote);
    for reader in [&anne, &luc] {
        let shown = read(&harness, reader, conversation).await;
        assert_eq!(shown[1].marks.read().reply_to, quote);
        assert_eq!(shown[0].marks.read().reply_to, None);
    }
    let told = harness.events_after(&anne, before).await;
    let app::api::EventKind::MessageSent { message, .. } = &told[0].kind else {
        panic!("{told:?}");
    };
    assert_eq!(message.marks.read().reply_to, quote);
}

#[tokio::test]
async fn a_quote_follows_what_becomes_of_its_original() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let original = harness.send(&anne, conversation, "canari-quote").await.unwrap();
    reply(&harness, &luc, conversation, &original, "Vu.")
        .await
        .unwrap();

    edit(&harness, &anne, &original, "Corrigé.").await.unwrap();
    let quote = read(&harness, &luc, conversation).await[1]
        .marks
        .read()
        .reply_to
        .unwrap();
    assert_eq!((quote.body.as_str(), quote.is_deleted), ("Corrigé.", false));

    let before = harness.cursor(&luc).await;
    delete(&harness, &anne, &original).await.unwrap();
    let quote = read(&harness, &luc, conversation).await[1]
        .marks
        .read()
        .reply_to
        .unwrap();
    assert!(quote.is_deleted && quote.body.is_withheld());
    assert_eq!(quote.id, original.id);
    // The original is told as changed: whoever shows a quote of it knows by its id.
    assert_eq!(changed(&harness, &luc, before).await[0].id, original.id);
}

#[tokio::test]
async fn a_long_original_is_quoted_by_its_beginning() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let original = harness
        .send(&anne, conversation, &"é".repeat(10_000))
        .await
        .unwrap();

    let answer = reply(&harness, &luc, conversation, &original, "Vu.")
        .await
        .unwrap();

    let shown = answer.marks.read().reply_to.unwrap().body;
    assert_eq!(shown.as_str().chars().count(), Quote::MAX_CHARS + 1);
}

#[tokio::test]
async fn a6_what_is_answered_is_in_the_same_conversation_or_nowhere() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let marc = harness.account("Marc Côté").await;
    let elsewhere = harness.befriend(&anne, &marc).await;
    let theirs = harness.send(&marc, elsewhere, "Ailleurs.").await.unwrap();
    let before = harness.snapshot();

    for original in [theirs.id, MessageId(unknown_id())] {
        for who in [&anne, &luc] {
            let wish = SendMessage {
                conversation,
                key: harness.key(),
                reply_to: Some(original),
                body: body("Vu."),
                clears_draft: false,
                attachments: Vec::new(),
            };
            assert_eq!(harness.call(who, wish).await, Err(ApiError::NotFound));
        }
    }

    assert_eq!(harness.snapshot(), before);
}

#[tokio::test]
async fn rel04_the_same_answer_sent_again_is_the_same_and_to_another_message_is_refused() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let one = harness.send(&anne, conversation, "Un.").await.unwrap();
    let other = harness.send(&anne, conversation, "Deux.").await.unwrap();
    let wish = SendMessage {
        conversation,
        key: harness.key(),
        reply_to: Some(one.id),
        body: body("Vu."),
        clears_draft: false,
        attachments: Vec::new(),
    };
    let first = harness.call(&luc, wish.clone()).await.unwrap();

    assert_eq!(harness.call(&luc, wish.clone()).await.unwrap(), first);
    for reply_to in [None, Some(other.id)] {
        let another = SendMessage {
            reply_to,
            ..wish.clone()
        };
        assert_eq!(harness.call(&luc, another).await, Err(ApiError::KeyReused));
    }
    delete(&harness, &anne, &one).await.unwrap();
    assert_eq!(
        harness.call(&luc, wish).await.unwrap().message.id,
        first.message.id
    );
}

#[tokio::test]
async fn a_page_of_answers_to_many_messages_shows_what_each_answers() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let mut originals = Vec::new();
    for number in 1..=40 {
        let sent = harness
            .send(&anne, conversation, &format!("Question {number}"))
            .await;
        originals.push(sent.unwrap());
    }
    for original in &originals {
        reply(&harness, &luc, conversation, original, "Vu.")
            .await
            .unwrap();
    }

    let shown = read(&harness, &anne, conversation).await;

    let quoted: Vec<_> = shown
        .iter()
        .filter_map(|message| message.marks.read().reply_to)
        .collect();
    assert_eq!(quoted, originals.iter().map(Quote::of).collect::<Vec<_>>());
}
