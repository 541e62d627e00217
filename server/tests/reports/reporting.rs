//! Reporting a person: once under each key, silently, within bounds.

use app::accounts::SuspendAccount;
use app::api::{AccountId, ApiError, InvalidReason, ReportKey};
use app::contacts::{GetProfile, SearchPeople};
use app::conversations::EditMessage;
use app::reports::{GetReportState, PreviewReport, ReportAccount, ReportReason};
use server::error::Error;
use server::http::operations::{Asker, Input};

use super::{Scene, wish_about};
use crate::harness::{Account, Harness, body, unknown_id};

/// Who did what, from the end of the audit.
async fn last_row(harness: &Harness) -> (String, Option<uuid::Uuid>, Option<uuid::Uuid>) {
    let last = harness.context.db.read(|tx| {
        tx.find(
            "select act, actor, subject from audit order by number desc limit 1",
            &[],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
    });
    last.await.unwrap().unwrap()
}

#[tokio::test]
async fn whoever_is_reported_is_told_nothing() {
    let scene = Scene::set().await;
    let harness = &scene.harness;
    let seen = async || {
        let profile = GetProfile {
            account: scene.anne.id,
        };
        let people = SearchPeople::default();
        (
            harness.call(&scene.luc, profile).await,
            harness.call(&scene.luc, people).await,
            harness.events_after(&scene.luc, 0).await,
        )
    };
    let before = seen().await;
    let mut heard =
        [&scene.anne, &scene.luc, &scene.admin].map(|account| harness.context.live.listen(account.id));

    scene.report("Il insiste.", &[2, 4]).await;

    assert_eq!(seen().await, before);
    for signals in &mut heard {
        assert!(signals.try_recv().is_err(), "nobody's stream is woken");
    }
    assert!(
        harness
            .send(&scene.luc, scene.conversation, "Encore")
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn int_01_a_report_leaves_its_row_and_no_word_in_it() {
    let scene = Scene::set().await;

    let report = scene.report("canari", &[2]).await;

    let (act, who, what) = last_row(&scene.harness).await;
    assert_eq!(
        (act.as_str(), who, what),
        ("reported", Some(scene.anne.id.0), Some(report.0))
    );
    assert!(!scene.harness.snapshot().table_holds("audit", "canari"));
}

#[tokio::test]
async fn int_02_without_its_row_nobody_is_reported() {
    let scene = Scene::set().await;
    let rename = async |sql: &'static str| {
        let db = &scene.harness.context.db;
        db.write(move |tx| tx.execute(sql, &[])).await.unwrap()
    };
    rename("alter table audit rename to audit_away").await;
    let before = scene.harness.snapshot();

    let operation = scene.harness.operations.find("reports.report_account").unwrap();
    let wish = serde_json::to_string(&scene.wish("Il insiste.", &[2])).unwrap();
    let caller = Asker::Caller(scene.anne.caller.clone());
    let outcome = operation
        .answer(scene.harness.context.clone(), caller, Input::Json(wish))
        .await;

    assert!(matches!(outcome, Err(Error::Failed { .. })));
    assert!(scene.harness.snapshot() == before, "nothing was done");
    rename("alter table audit_away rename to audit").await;
}

#[tokio::test]
async fn the_same_report_sent_again_is_one_report() {
    let scene = Scene::set().await;
    let wish = scene.wish("Il insiste.", &[4, 2]);
    let first = scene.harness.call(&scene.anne, wish.clone()).await.unwrap();
    let stored = scene.harness.snapshot();
    scene.harness.clock.advance_ms(60_000);

    let again = ReportAccount {
        messages: vec![2, 4, 2],
        words: " Il insiste. ".to_owned(),
        ..wish.clone()
    };

    assert_eq!(scene.harness.call(&scene.anne, wish).await, Ok(first));
    assert_eq!(
        scene.harness.call(&scene.anne, again).await,
        Ok(first),
        "what was chosen counts, not how it was written"
    );
    assert_eq!(scene.harness.snapshot(), stored);
    assert_eq!(scene.list(&scene.admin).await.len(), 1);
}

#[tokio::test]
async fn another_report_under_a_used_key_is_refused() {
    let scene = Scene::set().await;
    let marc = scene.harness.account("Marc Côté").await;
    let wish = scene.wish("Il insiste.", &[2]);
    scene.harness.call(&scene.anne, wish.clone()).await.unwrap();
    let stored = scene.harness.snapshot();

    let others = [
        ReportAccount {
            account: marc.id,
            messages: Vec::new(),
            ..wish.clone()
        },
        ReportAccount {
            reason: ReportReason::Other,
            ..wish.clone()
        },
        ReportAccount {
            words: "Autre chose".to_owned(),
            ..wish.clone()
        },
        ReportAccount {
            words: String::new(),
            ..wish.clone()
        },
        ReportAccount {
            messages: vec![2, 4],
            ..wish.clone()
        },
    ];
    for other in others {
        let outcome = scene.harness.call(&scene.anne, other).await;
        assert_eq!(outcome, Err(ApiError::KeyReused));
    }

    assert_eq!(scene.harness.snapshot(), stored);
    let of_another = ReportAccount {
        account: scene.anne.id,
        messages: Vec::new(),
        ..wish
    };
    assert!(
        scene.harness.call(&marc, of_another).await.is_ok(),
        "each person has their own keys"
    );
}

#[tokio::test]
async fn anybody_in_the_directory_can_be_reported_and_nobody_else() {
    let scene = Scene::set().await;
    let harness = &scene.harness;
    let stranger = harness.account("Marc Côté").await;
    let gone = harness.account("Samuel Bédard").await;
    let suspend = SuspendAccount {
        account: gone.id,
        suspended: true,
    };
    harness.call(&scene.admin, suspend).await.unwrap();
    let report = async |account: AccountId| {
        let wish = wish_about(harness, account, "", &[]);
        harness.call(&scene.anne, wish).await.map(|_| ())
    };

    assert_eq!(report(stranger.id).await, Ok(()));
    let yourself = Err(ApiError::invalid("account", InvalidReason::Yourself));
    assert_eq!(report(scene.anne.id).await, yourself);
    for account in [gone.id, AccountId(unknown_id())] {
        assert_eq!(report(account).await, Err(ApiError::NotFound));
    }
}

#[tokio::test]
async fn what_is_typed_and_chosen_is_checked_at_the_door() {
    let scene = Scene::set().await;
    let before = scene.harness.snapshot();
    let long = "é".repeat(1_001);
    let many: Vec<u64> = (1..=21).collect();
    let cases = [
        (scene.wish(&long, &[]), "words", InvalidReason::TooLong),
        (scene.wish("", &many), "messages", InvalidReason::TooLong),
        (scene.wish("", &[0]), "messages", InvalidReason::Format),
        (scene.wish("", &[5]), "messages", InvalidReason::Format),
        (scene.wish("", &[u64::MAX]), "messages", InvalidReason::Format),
    ];

    for (wish, field, reason) in cases {
        let outcome = scene.harness.call(&scene.anne, wish).await;
        assert_eq!(outcome, Err(ApiError::invalid(field, reason)));
    }

    assert_eq!(scene.harness.snapshot(), before);
    let fits = scene.wish(&"é".repeat(1_000), &[1, 2, 3, 4]);
    assert!(scene.harness.call(&scene.anne, fits).await.is_ok());
}

#[tokio::test]
async fn two_at_once_under_one_key_are_one_report() {
    let scene = Scene::set().await;
    let wish = ReportAccount {
        key: ReportKey(scene.harness.key().0),
        ..scene.wish("Il insiste.", &[2])
    };

    let (one, other) = tokio::join!(
        scene.harness.call(&scene.anne, wish.clone()),
        scene.harness.call(&scene.anne, wish),
    );

    assert_eq!(one.unwrap(), other.unwrap());
    assert_eq!(scene.harness.snapshot().n_rows("reports"), 1);
}

/// What was shown is what goes: whoever is reported can change their words within a quarter of an hour.
#[tokio::test]
async fn a_message_that_reads_otherwise_than_it_was_shown_is_not_handed_over() {
    let scene = Scene::set().await;
    let sent = scene
        .harness
        .send(&scene.luc, scene.conversation, "merle : je te trouverai")
        .await
        .unwrap();
    let position = sent.position;
    let preview = PreviewReport {
        account: scene.luc.id,
        reason: ReportReason::Harassment,
        words: String::new(),
        messages: vec![position],
    };
    let shown = scene
        .harness
        .call(&scene.anne, preview.clone())
        .await
        .unwrap()
        .shown;
    let edit = EditMessage {
        message: sent.id,
        key: scene.harness.key(),
        body: body("merle : bonjour, merci"),
    };
    scene.harness.call(&scene.luc, edit).await.unwrap();

    let wish = ReportAccount {
        shown: Some(shown),
        ..scene.wish("", &[position])
    };
    let refused = scene.harness.call(&scene.anne, wish).await;
    let again = scene.harness.call(&scene.anne, preview).await.unwrap();
    let wish = ReportAccount {
        shown: Some(again.shown),
        ..scene.wish("", &[position])
    };
    let made = scene.harness.call(&scene.anne, wish).await;

    assert_eq!(refused, Err(ApiError::invalid("shown", InvalidReason::Format)));
    assert!(made.is_ok());
    assert_eq!(scene.harness.snapshot().n_rows("reports"), 1);
}

/// Whoever alone administers the installation would be the only reader of a report about themselves.
#[tokio::test]
async fn a_report_that_nobody_else_would_read_is_refused_before_anything_is_typed() {
    let scene = Scene::set().await;
    let harness = &scene.harness;
    let account = scene.admin.id;
    let has_reader = async || {
        harness
            .call(&scene.anne, GetReportState { account, key: None })
            .await
            .unwrap()
            .has_reader
    };
    let preview = PreviewReport {
        account,
        reason: ReportReason::Other,
        words: "Il lit par-dessus l’épaule.".to_owned(),
        messages: Vec::new(),
    };
    let wish = wish_about(harness, account, "Il lit par-dessus l’épaule.", &[]);
    let before = harness.snapshot();

    assert!(!has_reader().await);
    let looked_at = harness.call(&scene.anne, preview.clone()).await;
    assert_eq!(looked_at, Err(ApiError::NoReader));
    let sent = harness.call(&scene.anne, wish.clone()).await;
    assert_eq!(sent, Err(ApiError::NoReader));
    assert_eq!(harness.snapshot(), before);

    // Somebody else comes to administer; once they are suspended, they read nothing any more.
    let other = harness.admin("Léa Fortin").await;
    assert!(has_reader().await);
    assert!(harness.call(&scene.anne, preview.clone()).await.is_ok());
    assert!(harness.call(&scene.anne, wish.clone()).await.is_ok());
    assert_eq!(scene.list(&other).await.len(), 1);
    let suspend = SuspendAccount {
        account: other.id,
        suspended: true,
    };
    harness.call(&scene.admin, suspend).await.unwrap();
    let looked_at = harness.call(&scene.anne, preview).await;
    assert_eq!(looked_at, Err(ApiError::NoReader));
    // What was sent already stays sent.
    assert!(harness.call(&scene.anne, wish).await.is_ok());
    let about_another = harness.call(&scene.anne, scene.wish("Il insiste.", &[])).await;
    assert!(about_another.is_ok());
}

/// The page says that a report was sent by this alone.
#[tokio::test]
async fn a_report_counts_as_sent_for_its_reporter_under_its_key_and_about_that_person() {
    let scene = Scene::set().await;
    let marc = scene.harness.account("Marc Côté").await;
    let wish = scene.wish("Il insiste.", &[2]);
    let is_sent = async |who: &Account, account: AccountId, key: Option<ReportKey>| {
        let state = scene.harness.call(who, GetReportState { account, key }).await;
        state.unwrap().is_sent
    };
    let (luc, key) = (scene.luc.id, Some(wish.key));
    assert!(!is_sent(&scene.anne, luc, key).await, "nothing was sent yet");

    scene.harness.call(&scene.anne, wish).await.unwrap();

    assert!(is_sent(&scene.anne, luc, key).await);
    assert!(!is_sent(&scene.anne, luc, None).await);
    let another = Some(ReportKey(scene.harness.key().0));
    assert!(!is_sent(&scene.anne, luc, another).await);
    assert!(!is_sent(&scene.anne, marc.id, key).await, "it is about Luc");
    assert!(!is_sent(&marc, luc, key).await, "it is Anne's");
}
