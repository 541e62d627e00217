//! What administrators read, and nobody else: a list without words, and a report opened by somebody who has just proven who
//! they are, with a row in the audit each time.

use app::api::{ApiError, ReportId, Timestamp};
use app::reports::{CloseReport, ListReports, OpenReport, ReportReason};
use server::values;

use super::{Scene, texts, wish_about};
use crate::harness::{Harness, unknown_id};

async fn n_openings(harness: &Harness, report: ReportId) -> i64 {
    let count = harness.context.db.read(move |tx| {
        tx.find(
            "select count(*) from audit where act = 'report_opened' and subject = $1",
            values![report.0],
            |row| row.get(0),
        )
    });
    count.await.unwrap().unwrap()
}

#[tokio::test]
async fn az_08_reports_are_for_administrators_alone() {
    let scene = Scene::set().await;
    let report = scene.report("Il insiste.", &[2]).await;
    let before = scene.harness.snapshot();

    for reader in [&scene.anne, &scene.luc] {
        let list = scene.harness.call(reader, ListReports::default()).await;
        assert_eq!(list, Err(ApiError::NotAllowed));
        let open = scene.harness.call(reader, OpenReport { report }).await;
        assert_eq!(open, Err(ApiError::NotAllowed));
        let close = scene.harness.call(reader, CloseReport { report }).await;
        assert_eq!(close, Err(ApiError::NotAllowed));
    }
    let open = scene.harness.call_signed_out(OpenReport { report }).await;
    assert_eq!(open, Err(ApiError::SignedOut));

    assert_eq!(scene.harness.snapshot(), before);
}

#[tokio::test]
async fn az_08_the_list_says_who_whom_why_and_no_word() {
    let scene = Scene::set().await;
    let report = scene.report("canari : il insiste.", &[2, 4]).await;

    let reports = scene.list(&scene.admin).await;

    assert_eq!(reports.len(), 1);
    let listed = &reports[0];
    assert_eq!(listed.id, report);
    assert_eq!(
        (listed.reporter.name.as_str(), listed.reported.name.as_str()),
        ("Dre Anne Roy", "Luc Gagné")
    );
    assert_eq!(
        (listed.reason, listed.has_words, listed.n_messages),
        (ReportReason::Harassment, true, 2)
    );
    assert_eq!((listed.closed_at, listed.erased_at), (None, None));
    let text = serde_json::to_string(&reports).unwrap();
    for word in ["canari", "merle", "corneille"] {
        assert!(!text.contains(word), "{text}");
    }
}

#[tokio::test]
async fn auth_13_opening_asks_for_a_proof_that_is_fresh() {
    let mut scene = Scene::set().await;
    let report = scene.report("Il insiste.", &[2]).await;
    scene.harness.clock.advance_ms(5 * 60_000 + 1);

    assert_eq!(scene.open(report).await, Err(ApiError::ConfirmIdentity));
    let close = scene.harness.call(&scene.admin, CloseReport { report }).await;
    assert_eq!(close, Err(ApiError::ConfirmIdentity));
    assert_eq!(n_openings(&scene.harness, report).await, 0);
    assert_eq!(scene.list(&scene.admin).await.len(), 1, "the list asks for none");

    scene.prove().await;
    assert_eq!(texts(&scene.open(report).await.unwrap()), ["merle : laissez-moi"]);
}

#[tokio::test]
async fn int_01_each_opening_is_written_down() {
    let scene = Scene::set().await;
    let report = scene.report("Il insiste.", &[2]).await;
    let unread = scene.report("Encore.", &[]).await;

    for n in 1..=3 {
        scene.open(report).await.unwrap();
        assert_eq!(n_openings(&scene.harness, report).await, n);
    }

    assert_eq!(n_openings(&scene.harness, unread).await, 0);
    scene.list(&scene.admin).await;
    assert_eq!(
        n_openings(&scene.harness, report).await,
        3,
        "a list opens nothing"
    );
}

#[tokio::test]
async fn an_administrator_who_is_reported_finds_nothing_of_it() {
    let scene = Scene::set().await;
    let other = scene.harness.admin("Léa Fortin").await;
    let wish = wish_about(&scene.harness, scene.admin.id, "Il lit par-dessus l’épaule.", &[]);
    let report = scene.harness.call(&scene.anne, wish).await.unwrap().report;
    let before = scene.harness.snapshot();

    assert_eq!(scene.list(&scene.admin).await, []);
    for unseen in [report, ReportId(unknown_id())] {
        assert_eq!(scene.open(unseen).await, Err(ApiError::NotFound));
        let close = scene.harness.call(&scene.admin, CloseReport { report: unseen });
        assert_eq!(close.await, Err(ApiError::NotFound));
    }

    assert_eq!(scene.harness.snapshot(), before);
    assert_eq!(scene.list(&other).await.len(), 1);
    assert!(scene.harness.call(&other, OpenReport { report }).await.is_ok());
}

#[tokio::test]
async fn reports_are_listed_newest_first_page_by_page() {
    let scene = Scene::set().await;
    let mut made = Vec::new();
    for _ in 0..53 {
        scene.harness.clock.advance_ms(1);
        made.push(scene.report("", &[]).await);
    }
    made.reverse();
    let page = async |before| {
        let closed = false;
        let wish = ListReports { closed, before };
        scene.harness.call(&scene.admin, wish).await.unwrap()
    };

    let first = page(None).await;
    let second = page(first.next).await;

    let listed: Vec<_> = [&first, &second]
        .into_iter()
        .flat_map(|page| page.reports.iter().map(|report| report.id))
        .collect();
    assert_eq!(listed, made);
    assert_eq!((first.reports.len(), second.next), (50, None));
}

#[tokio::test]
async fn a_report_names_people_who_are_suspended_since() {
    let scene = Scene::set().await;
    let report = scene.report("", &[2]).await;
    let suspend = app::accounts::SuspendAccount {
        account: scene.luc.id,
        suspended: true,
    };

    scene.harness.call(&scene.admin, suspend).await.unwrap();

    assert_eq!(
        scene.open(report).await.unwrap().report.reported.name,
        "Luc Gagné"
    );
}

/// Assurance ENC-02: a copy opens in its own place alone.
#[tokio::test]
async fn enc_02_a_copy_that_was_moved_is_shown_as_nothing() {
    let moves: [&'static str; 3] = [
        "update report_messages set position = position + 1 where position = 4",
        "update report_messages set author_id = (select reporter_id from reports limit 1) where position = 4",
        "update report_messages
        set body_key_ref = other.body_key_ref, body_nonce = other.body_nonce, body_bytes = other.body_bytes
        from (select body_key_ref, body_nonce, body_bytes from report_messages where position = 2) as other
        where position = 4",
    ];
    for sql in moves {
        let scene = Scene::set().await;
        let report = scene.report("", &[2, 4]).await;
        let db = &scene.harness.context.db;
        assert_eq!(db.write(move |tx| tx.execute(sql, &[])).await.unwrap(), 1);

        let opened = scene.open(report).await.unwrap();

        assert_eq!(texts(&opened), ["merle : laissez-moi", ""], "{sql}");
    }
}

#[tokio::test]
async fn enc_02_words_that_were_moved_to_another_report_are_shown_as_nothing() {
    let scene = Scene::set().await;
    let one = scene.report("Les uns", &[]).await;
    let other = scene.report("Les autres", &[]).await;
    let db = &scene.harness.context.db;
    let moved = db.write(move |tx| {
        tx.execute(
            "update reports
            set words_key_ref = o.words_key_ref, words_nonce = o.words_nonce, words_bytes = o.words_bytes
            from (select words_key_ref, words_nonce, words_bytes from reports where id = $1) as o
            where id = $2",
            values![one, other],
        )
    });
    assert_eq!(moved.await.unwrap(), 1);

    assert_eq!(scene.open(other).await.unwrap().words, None);
    let words = scene.open(one).await.unwrap().words.unwrap();
    assert_eq!(words.as_str(), "Les uns");
}

#[tokio::test]
async fn times_of_attached_messages_are_those_of_the_exchange() {
    let scene = Scene::set().await;
    let sent_at = scene.harness.now();
    scene.harness.clock.advance_ms(Timestamp::DAY_MS);
    let report = scene.report("", &[2]).await;

    let mut scene = scene;
    scene.prove().await;
    let opened = scene.open(report).await.unwrap();

    assert_eq!(opened.messages[0].sent_at, sent_at);
    assert_eq!(opened.report.at, sent_at.plus_ms(Timestamp::DAY_MS));
}
