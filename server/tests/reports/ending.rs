//! The end of a report: it is closed, and thirty days later what was handed over is gone; with an erased conversation at once.

use app::api::{ReportId, Timestamp};
use app::reports::{CloseReport, ListReports, Report};
use server::conversations::erase_conversation;
use server::reports::{KEPT_MS, erase_due};
use server::values;

use super::{Scene, texts};
use crate::harness::Harness;

async fn close(scene: &Scene, report: ReportId) -> Report {
    let wish = CloseReport { report };
    scene.harness.call(&scene.admin, wish).await.unwrap()
}

async fn n_rows_of(harness: &Harness, act: &'static str) -> i64 {
    let count = harness.context.db.read(move |tx| {
        tx.find("select count(*) from audit where act = $1", values![act], |row| {
            row.get(0)
        })
    });
    count.await.unwrap().unwrap()
}

#[tokio::test]
async fn closing_again_changes_nothing() {
    let scene = Scene::set().await;
    let report = scene.report("Il insiste.", &[2]).await;
    let first = close(&scene, report).await;
    let stored = scene.harness.snapshot();
    scene.harness.clock.advance_ms(1_000);

    let again = close(&scene, report).await;

    assert_eq!(first.closed_at.unwrap(), scene.harness.now().plus_ms(-1_000));
    assert_eq!(again, first);
    assert_eq!(scene.harness.snapshot(), stored);
    assert_eq!(n_rows_of(&scene.harness, "report_closed").await, 1);
}

#[tokio::test]
async fn a_closed_report_leaves_the_list_of_those_that_wait() {
    let scene = Scene::set().await;
    let report = scene.report("", &[]).await;
    let waiting = scene.report("", &[]).await;

    close(&scene, report).await;

    let ids = async |closed| {
        let wish = ListReports { closed, before: None };
        let page = scene.harness.call(&scene.admin, wish).await.unwrap();
        page.reports.iter().map(|report| report.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(false).await, [waiting]);
    assert_eq!(ids(true).await, [report]);
}

/// Assurance ERA-01: thirty days after the closing no byte of a copy is left, and the day before all are.
#[tokio::test]
async fn era_01_what_was_handed_over_goes_thirty_days_after_the_closing() {
    let mut scene = Scene::set().await;
    let report = scene.report("rossignol : il insiste.", &[2]).await;
    close(&scene, report).await;
    scene.harness.clock.advance_ms(KEPT_MS - 1);

    assert_eq!(erase_due(&scene.harness.context).await.unwrap(), 0);
    scene.prove().await;
    assert_eq!(texts(&scene.open(report).await.unwrap()), ["merle : laissez-moi"]);
    scene.harness.clock.advance_ms(1);
    assert_eq!(erase_due(&scene.harness.context).await.unwrap(), 1);

    let opened = scene.open(report).await.unwrap();
    assert_eq!(
        (opened.words, texts_of(&opened.messages)),
        (None, vec![String::new()])
    );
    assert_eq!(opened.report.erased_at, Some(scene.harness.now()));
    assert_eq!(
        (opened.report.has_words, opened.report.n_messages),
        (true, 1),
        "that there was something stays"
    );
    assert_eq!(n_rows_of(&scene.harness, "report_erased").await, 1);
    assert_eq!(erase_due(&scene.harness.context).await.unwrap(), 0, "once");
    let keys = scene.harness.context.db.read(|tx| {
        tx.list(
            "select wrapped from keyring where purpose = 'report'",
            &[],
            |row| row.get::<Option<Vec<u8>>>(0),
        )
    });
    assert_eq!(keys.await.unwrap(), [None], "its key is destroyed");
}

fn texts_of(messages: &[app::reports::ReportedMessage]) -> Vec<String> {
    let bodies = messages.iter().map(|message| message.body.as_str().to_owned());
    bodies.collect()
}

#[tokio::test]
async fn a_report_that_waits_keeps_what_was_handed_over() {
    let mut scene = Scene::set().await;
    let report = scene.report("Il insiste.", &[2]).await;
    scene.harness.clock.advance_ms(400 * Timestamp::DAY_MS);

    assert_eq!(erase_due(&scene.harness.context).await.unwrap(), 0);

    scene.prove().await;
    assert_eq!(texts(&scene.open(report).await.unwrap()), ["merle : laissez-moi"]);
}

#[tokio::test]
async fn many_reports_are_erased_in_one_go() {
    let scene = Scene::set().await;
    for _ in 0..105 {
        let report = scene.report("Il insiste.", &[]).await;
        close(&scene, report).await;
    }
    scene.harness.clock.advance_ms(KEPT_MS);

    assert_eq!(erase_due(&scene.harness.context).await.unwrap(), 105);
    assert_eq!(erase_due(&scene.harness.context).await.unwrap(), 0);
}

/// Assurance ERA-01: a conversation that is erased takes its copies along.
#[tokio::test]
async fn era_01_an_erased_conversation_takes_its_copies_along() {
    let scene = Scene::set().await;
    let copied = scene.report("rossignol", &[2]).await;
    let wordy = scene.report("Sans message joint", &[]).await;

    erase_conversation(&scene.harness.context, None, scene.conversation)
        .await
        .unwrap();

    let opened = scene.open(copied).await.unwrap();
    assert_eq!(
        (opened.words, texts_of(&opened.messages)),
        (None, vec![String::new()])
    );
    assert!(opened.report.erased_at.is_some());
    let other = scene.open(wordy).await.unwrap();
    assert_eq!(other.words.unwrap().as_str(), "Sans message joint");
    assert_eq!(n_rows_of(&scene.harness, "report_erased").await, 1);
}

#[tokio::test]
async fn a_report_that_is_sent_again_after_its_words_went_is_the_same() {
    let scene = Scene::set().await;
    let wish = scene.wish("Il insiste.", &[2]);
    let made = scene.harness.call(&scene.anne, wish.clone()).await.unwrap();
    close(&scene, made.report).await;
    scene.harness.clock.advance_ms(KEPT_MS);
    erase_due(&scene.harness.context).await.unwrap();

    assert_eq!(scene.harness.call(&scene.anne, wish).await, Ok(made));
}

/// Assurance ENC-01: words and copies rest sealed, under a key of the report; the planted bug finds them.
#[tokio::test]
async fn enc_01_what_was_handed_over_rests_sealed() {
    for (harness, is_found) in [(Harness::new(), false), (Harness::planted_plain(), true)] {
        let scene = Scene::on(harness).await;

        let report = scene.report("rossignol : il insiste.", &[2]).await;

        let stored = scene.harness.snapshot();
        assert_eq!(stored.table_holds("reports", "rossignol"), is_found);
        assert_eq!(stored.table_holds("report_messages", "merle"), is_found);
        let opened = scene.open(report).await.unwrap();
        assert_eq!(texts(&opened), ["merle : laissez-moi"]);
        assert_eq!(opened.words.unwrap().as_str(), "rossignol : il insiste.");
    }
}
