//! What is handed over of an exchange: what was chosen, as it was shown before, and nothing else.

use app::api::{ApiError, InvalidReason};
use app::conversations::EditMessage;
use app::friendships::{BlockAccount, CloseChannel};
use app::reports::{PreviewReport, ReportReason, ReportedMessage};
use server::conversations::erase_conversation;

use super::{Scene, texts, wish_about};
use crate::harness::body;

fn preview(scene: &Scene, words: &str, messages: &[u64]) -> PreviewReport {
    PreviewReport {
        account: scene.luc.id,
        reason: ReportReason::Harassment,
        words: words.to_owned(),
        messages: messages.to_vec(),
    }
}

#[tokio::test]
async fn a6_nothing_of_the_exchange_is_handed_over_unless_it_was_chosen() {
    let scene = Scene::set().await;

    let report = scene.report("Il insiste.", &[]).await;

    let opened = scene.open(report).await.unwrap();
    assert_eq!(opened.words.unwrap().as_str(), "Il insiste.");
    assert_eq!(opened.messages, []);
    assert_eq!(opened.report.n_messages, 0);
    assert_eq!(scene.harness.snapshot().n_rows("report_messages"), 0);
}

#[tokio::test]
async fn a6_chosen_messages_are_handed_over_and_no_others() {
    let scene = Scene::set().await;

    let report = scene.report("", &[4, 1]).await;

    let opened = scene.open(report).await.unwrap();
    assert_eq!(texts(&opened), ["Bonjour Luc", "corneille : taisez-vous"]);
    let authors: Vec<_> = opened.messages.iter().map(|message| message.author).collect();
    assert_eq!(authors, [scene.anne.id, scene.luc.id]);
    assert_eq!(opened.words, None);
    assert_eq!(opened.report.n_messages, 2);
}

#[tokio::test]
async fn what_is_shown_before_is_what_is_handed_over() {
    let scene = Scene::set().await;

    let shown = scene
        .harness
        .call(&scene.anne, preview(&scene, "Il insiste.", &[2, 3]))
        .await
        .unwrap();
    let report = scene.report("Il insiste.", &[2, 3]).await;

    let opened = scene.open(report).await.unwrap();
    assert_eq!(opened.messages, shown.messages);
    assert_eq!(opened.words, shown.words);
    assert_eq!(opened.report.reason, shown.reason);
}

#[tokio::test]
async fn a_look_before_sending_changes_nothing_and_checks_the_same() {
    let scene = Scene::set().await;
    let before = scene.harness.snapshot();
    let look = async |words: &str, messages: &[u64]| {
        let wish = preview(&scene, words, messages);
        scene.harness.call(&scene.anne, wish).await.map(|_| ())
    };

    assert_eq!(look("Il insiste.", &[2]).await, Ok(()));
    let not_there = Err(ApiError::invalid("messages", InvalidReason::Format));
    assert_eq!(look("", &[9]).await, not_there);
    let long = "é".repeat(1_001);
    let too_long = Err(ApiError::invalid("words", InvalidReason::TooLong));
    assert_eq!(look(&long, &[]).await, too_long);

    assert_eq!(scene.harness.snapshot(), before);
}

#[tokio::test]
async fn a6_nobody_hands_over_what_they_cannot_read() {
    let scene = Scene::set().await;
    let stranger = scene.harness.account("Marc Côté").await;
    let friend = scene.harness.account("Inès Haddad").await;
    scene.harness.befriend(&stranger, &friend).await;
    let before = scene.harness.snapshot();
    let not_there = ApiError::invalid("messages", InvalidReason::Format);

    for account in [scene.luc.id, friend.id] {
        let wish = wish_about(&scene.harness, account, "", &[1]);
        let outcome = scene.harness.call(&stranger, wish).await;
        assert_eq!(outcome, Err(not_there.clone()));
        let look = PreviewReport {
            account,
            ..preview(&scene, "", &[1])
        };
        assert_eq!(scene.harness.call(&stranger, look).await, Err(not_there.clone()));
    }

    assert_eq!(scene.harness.snapshot(), before);
}

#[tokio::test]
async fn what_was_erased_cannot_be_handed_over() {
    let scene = Scene::set().await;
    erase_conversation(&scene.harness.context, None, scene.conversation)
        .await
        .unwrap();

    let outcome = scene.harness.call(&scene.anne, scene.wish("", &[2])).await;

    let not_there = ApiError::invalid("messages", InvalidReason::Format);
    assert_eq!(outcome, Err(not_there));
}

#[tokio::test]
async fn the_history_of_a_closed_channel_can_be_handed_over() {
    let scene = Scene::set().await;
    let close = CloseChannel {
        account: scene.anne.id,
    };
    scene.harness.call(&scene.luc, close).await.unwrap();
    let block = BlockAccount {
        account: scene.luc.id,
    };
    scene.harness.call(&scene.anne, block).await.unwrap();

    let report = scene.report("", &[2]).await;

    assert_eq!(texts(&scene.open(report).await.unwrap()), ["merle : laissez-moi"]);
}

/// What a message said before, oldest first.
fn earlier(message: &ReportedMessage) -> Vec<&str> {
    let versions = message.earlier.iter();
    versions.map(|version| version.body.as_str()).collect()
}

/// Luc threatens, and changes his words twice, a minute apart; answers the position of the message.
async fn write_and_change(scene: &Scene) -> u64 {
    let harness = &scene.harness;
    let sent = harness
        .send(&scene.luc, scene.conversation, "merle : je te trouverai")
        .await
        .unwrap();
    for text in ["merle : on se verra", "merle : bonjour"] {
        harness.clock.advance_ms(60_000);
        let edit = EditMessage {
            message: sent.id,
            key: harness.key(),
            body: body(text),
        };
        harness.call(&scene.luc, edit).await.unwrap();
    }
    sent.position
}

#[tokio::test]
async fn an_edited_message_is_handed_over_with_what_it_said_before() {
    let scene = Scene::set().await;
    let sent_at = scene.harness.now();
    let position = write_and_change(&scene).await;
    let edited_at = scene.harness.now();

    let shown = scene
        .harness
        .call(&scene.anne, preview(&scene, "", &[2, position]))
        .await
        .unwrap();
    let report = scene.report("", &[2, position]).await;

    let opened = scene.open(report).await.unwrap();
    assert_eq!(opened.messages, shown.messages, "what was shown is what is read");
    let [plain, changed] = opened.messages.as_slice() else {
        panic!("two messages were attached");
    };
    assert_eq!((plain.edited_at, earlier(plain)), (None, vec![]));
    assert_eq!(changed.body.as_str(), "merle : bonjour");
    assert_eq!(changed.edited_at, Some(edited_at));
    assert_eq!(
        earlier(changed),
        ["merle : je te trouverai", "merle : on se verra"]
    );
    let written: Vec<_> = changed.earlier.iter().map(|version| version.written_at).collect();
    assert_eq!(written, [sent_at, sent_at.plus_ms(60_000)]);
}

/// Assurance ENC-01, ENC-02, ERA-01: what it said before rests like the message, in its own place, and goes with it.
#[tokio::test]
async fn enc_01_era_01_what_an_attached_message_said_before_rests_sealed_and_goes_with_it() {
    let scene = Scene::set().await;
    let position = write_and_change(&scene).await;
    let report = scene.report("", &[position]).await;
    let run = async |sql: &'static str| {
        let db = &scene.harness.context.db;
        db.write(move |tx| tx.execute(sql, &[])).await.unwrap()
    };
    let stored = scene.harness.snapshot();
    assert_eq!(stored.n_rows("report_message_versions"), 2);
    assert!(!stored.table_holds("report_message_versions", "merle"));

    // Under another number it opens as nothing.
    let moved = run("update report_message_versions set version = 3 where version = 1").await;
    assert_eq!(moved, 1);
    let opened = scene.open(report).await.unwrap();
    assert_eq!(earlier(&opened.messages[0]), ["merle : on se verra", ""]);

    erase_conversation(&scene.harness.context, None, scene.conversation)
        .await
        .unwrap();
    let opened = scene.open(report).await.unwrap();
    assert_eq!(opened.messages[0].earlier, []);
    assert_eq!(scene.harness.snapshot().n_rows("report_message_versions"), 0);
}
