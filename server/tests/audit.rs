//! The audit: every act leaves its row or is not done, and nothing of what was written can be changed unseen.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set ends its test")]

mod harness;

use app::accounts::{
    ChangePassword, InvitePerson, RevokeDevice, Secret, SignOut, StartReset, SuspendAccount,
};
use app::conversations::{DeleteMessage, EditMessage, ForwardMessage};
use app::friendships::{
    AcceptFriendRequest, BlockAccount, CancelFriendRequest, CloseChannel, IgnoreFriendRequest,
    SendFriendRequest, UnblockAccount,
};
use harness::{Account, Harness, PASSWORD, body};
use server::audit::{Checkpoints, Finding, Signer, verify};
use server::conversations::erase_conversation;
use server::error::Error;
use server::http::operations::{Asker, Input};
use server::store::Key;
use uuid::Uuid;

/// Act, who, to whom or what.
async fn rows(harness: &Harness) -> Vec<(String, Option<Uuid>, Option<Uuid>)> {
    harness
        .context
        .db
        .read(|tx| {
            tx.list(
                "select act, actor, subject from audit order by number",
                &[],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
        })
        .await
        .unwrap()
}

fn checkpoints(harness: &Harness) -> Checkpoints {
    let signer = Signer::new(&Key::from_slice(&[5; Key::LEN]).unwrap());
    Checkpoints::at(harness.database().folder().join("checkpoints"), signer)
}

#[tokio::test]
async fn int_01_every_act_leaves_who_did_what_to_whom() {
    let harness = Harness::new();
    let root = harness.admin("Nadia Belkacem").await;
    let (anne, luc) = (
        harness.account("Anne Roy").await,
        harness.account("Luc Gagné").await,
    );
    let marc = harness.account("Marc Côté").await;
    let n_before = rows(&harness).await.len();
    let ask = |account: &Account| SendFriendRequest {
        account: account.id,
        note: Some("canari".to_owned()),
    };

    harness.call(&anne, ask(&luc)).await.unwrap();
    harness
        .call(&anne, CancelFriendRequest { account: luc.id })
        .await
        .unwrap();
    harness.call(&anne, ask(&luc)).await.unwrap();
    harness.call(&marc, ask(&luc)).await.unwrap();
    harness
        .call(&luc, IgnoreFriendRequest { account: marc.id })
        .await
        .unwrap();
    harness
        .call(&luc, AcceptFriendRequest { account: anne.id })
        .await
        .unwrap();
    // Twice is once.
    harness
        .call(&luc, AcceptFriendRequest { account: anne.id })
        .await
        .ok();
    harness
        .call(&anne, CloseChannel { account: luc.id })
        .await
        .unwrap();
    harness
        .call(&anne, BlockAccount { account: luc.id })
        .await
        .unwrap();
    harness
        .call(&anne, UnblockAccount { account: luc.id })
        .await
        .unwrap();
    let again = harness.sign_in(&anne.email).await;
    harness
        .call(&anne, RevokeDevice { device: again.device })
        .await
        .unwrap();
    let wish = ChangePassword {
        password: Secret(PASSWORD.to_owned()),
        new_password: Secret("une autre phrase que personne ne sait".to_owned()),
    };
    harness.call(&anne, wish).await.unwrap();
    harness.call(&anne, SignOut {}).await.unwrap();
    let wish = InvitePerson {
        email: "marc@demo.example".to_owned(),
        name: "Marc Côté".to_owned(),
        profession: "infirmier".to_owned(),
        workplace: "CLSC".to_owned(),
    };
    let invited = harness.call(&root, wish).await.unwrap().account;
    let wish = StartReset {
        account: luc.id,
        with_factors: false,
    };
    harness.call(&root, wish).await.unwrap();
    for suspended in [true, false] {
        harness
            .call(
                &root,
                SuspendAccount {
                    account: luc.id,
                    suspended,
                },
            )
            .await
            .unwrap();
    }

    let person = |account: &Account| Some(account.id.0);
    let expected = [
        ("requested", person(&anne), person(&luc)),
        ("cancelled", person(&anne), person(&luc)),
        ("requested", person(&anne), person(&luc)),
        ("requested", person(&marc), person(&luc)),
        ("ignored", person(&luc), person(&marc)),
        ("accepted", person(&luc), person(&anne)),
        ("closed", person(&anne), person(&luc)),
        ("blocked", person(&anne), person(&luc)),
        ("unblocked", person(&anne), person(&luc)),
        ("signed_in", person(&anne), Some(again.device.0)),
        ("signed_out", person(&anne), Some(again.device.0)),
        ("password_changed", person(&anne), person(&anne)),
        ("signed_out", person(&anne), Some(anne.device.0)),
        ("invited", person(&root), Some(invited.0)),
        ("reset_started", person(&root), person(&luc)),
        ("suspended", person(&root), person(&luc)),
        ("resumed", person(&root), person(&luc)),
    ];
    let written = rows(&harness).await.split_off(n_before);
    let written: Vec<_> = written
        .iter()
        .map(|(act, who, whom)| (act.as_str(), *who, *whom))
        .collect();
    assert_eq!(written, expected);
    assert!(!harness.snapshot().table_holds("audit", "canari"));
}

/// Assurance INT-01: what is done with a message that is there; its words are in no row.
#[tokio::test]
async fn int_01_what_becomes_of_a_message_leaves_its_row() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let marc = harness.account("Marc Côté").await;
    let there = harness.befriend(&friends.anne, &marc).await;
    let sent = harness.send(&friends.anne, friends.conversation, "canari").await;
    let message = sent.unwrap().id;
    let n_before = rows(&harness).await.len();

    for text in ["canari corrigé", "canari corrigé"] {
        let (key, body) = (harness.key(), body(text));
        let wish = EditMessage { message, key, body };
        harness.call(&friends.anne, wish).await.unwrap();
    }
    let wish = ForwardMessage {
        message,
        conversation: there,
        key: harness.key(),
    };
    let forwarded = harness.call(&friends.anne, wish).await.unwrap().message.id;
    for _ in 0..2 {
        harness
            .call(&friends.anne, DeleteMessage { message })
            .await
            .unwrap();
    }

    // The same words again, and deleting twice, are no acts.
    let written = rows(&harness).await.split_off(n_before);
    let anne = Some(friends.anne.id.0);
    let expected = [
        ("message_edited", message),
        ("message_forwarded", message),
        // Where the words went.
        ("forward_stored", forwarded),
        ("message_deleted", message),
    ];
    assert_eq!(
        written,
        expected.map(|(act, message)| (act.to_owned(), anne, Some(message.0)))
    );
    assert!(!harness.snapshot().table_holds("audit", "canari"));
}

/// Assurance INT-02: an act whose row cannot be written is not done.
#[tokio::test]
async fn int_02_without_its_row_no_act_is_done() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let sent = harness.send(&friends.anne, friends.conversation, "Gardé.").await;
    let message = sent.unwrap().id;
    let rename = async |sql: &'static str| {
        harness
            .context
            .db
            .write(move |tx| tx.execute(sql, &[]))
            .await
            .unwrap()
    };
    rename("alter table audit rename to audit_away").await;
    let before = harness.snapshot();

    let caller = || Asker::Caller(friends.anne.caller.clone());
    let luc = friends.luc.id;
    let attempts = [
        ("friendships.close_channel", format!(r#"{{"account":"{luc}"}}"#)),
        ("friendships.block_account", format!(r#"{{"account":"{luc}"}}"#)),
        ("accounts.sign_out", "{}".to_owned()),
        (
            "conversations.delete_message",
            format!(r#"{{"message":"{message}"}}"#),
        ),
    ];
    for (name, wish) in attempts {
        let operation = harness.operations.find(name).unwrap();
        let outcome = operation
            .answer(harness.context.clone(), caller(), Input::Json(wish))
            .await;
        assert!(matches!(outcome, Err(Error::Failed { .. })), "{name}");
    }
    let erased = erase_conversation(&harness.context, None, friends.conversation).await;
    assert!(matches!(erased, Err(Error::Failed { .. })));

    assert!(harness.snapshot() == before, "nothing was done");
    rename("alter table audit_away rename to audit").await;
    harness
        .call(&friends.anne, CloseChannel { account: luc })
        .await
        .unwrap();
}

/// Whether what was found is what was to be found.
type IsFound = fn(Option<Finding>) -> bool;

/// Assurance INT-01, through the tables: each kind of tampering once, on whatever engine.
#[tokio::test]
async fn int_01_a_tampered_table_is_found_and_a_whole_one_is_not() {
    let tamperings: [(&'static str, IsFound); 6] = [
        ("update audit set at = at + 1 where number = 4", |found| {
            found == Some(Finding::Changed(4))
        }),
        ("update audit set actor = null where number = 5", |found| {
            found == Some(Finding::Changed(5))
        }),
        ("delete from audit where number = 3", |found| {
            found == Some(Finding::Gap(4))
        }),
        ("delete from audit where number > 5", |found| {
            matches!(found, Some(Finding::Cut(_)))
        }),
        ("delete from audit", |found| {
            matches!(found, Some(Finding::Cut(_)))
        }),
        (
            "update audit set hash = act_hash.hash from (select hash from audit where number = 2) as act_hash \
          where number = 1",
            |found| found == Some(Finding::Changed(1)),
        ),
    ];
    for (sql, is_found) in tamperings {
        let harness = Harness::new();
        harness.two_friends().await;
        let checkpoints = checkpoints(&harness);
        let signed_to = checkpoints
            .sign(&harness.context.db, harness.now())
            .await
            .unwrap();
        assert!(signed_to >= 6);
        let whole = verify(&harness.context.db, &checkpoints).await.unwrap();
        assert_eq!(
            (whole.finding, whole.n_rows, whole.n_checkpoints),
            (None, signed_to, 2)
        );

        harness
            .context
            .db
            .write(move |tx| tx.execute(sql, &[]))
            .await
            .unwrap();

        let report = verify(&harness.context.db, &checkpoints).await.unwrap();
        assert!(is_found(report.finding), "{sql}: {:?}", report.finding);
    }
}

#[tokio::test]
async fn checkpoints_follow_what_is_written_and_a_false_one_is_found() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let checkpoints = checkpoints(&harness);
    let first = checkpoints
        .sign(&harness.context.db, harness.now())
        .await
        .unwrap();
    checkpoints
        .sign(&harness.context.db, harness.now())
        .await
        .unwrap();
    harness
        .call(
            &friends.anne,
            CloseChannel {
                account: friends.luc.id,
            },
        )
        .await
        .unwrap();
    let second = checkpoints
        .sign(&harness.context.db, harness.now())
        .await
        .unwrap();
    assert_eq!(second, first + 1);

    let report = verify(&harness.context.db, &checkpoints).await.unwrap();
    assert_eq!(
        (report.finding, report.n_checkpoints, report.signed_to),
        (None, 3, second)
    );

    let path = harness.database().folder().join("checkpoints");
    let text = std::fs::read_to_string(&path).unwrap();
    // Being written when the machine stopped: no harm.
    std::fs::write(&path, format!("{text}pli-audit-1 9")).unwrap();
    assert_eq!(
        verify(&harness.context.db, &checkpoints).await.unwrap().finding,
        None
    );
    std::fs::write(&path, text.replacen(&format!(" {first} "), " 1 ", 1)).unwrap();
    let report = verify(&harness.context.db, &checkpoints).await.unwrap();
    assert_eq!(report.finding, Some(Finding::FalseCheckpoints(1)));
}

/// A signed audit with a few rows, and its file.
async fn signed() -> (Harness, Checkpoints, std::path::PathBuf) {
    let harness = Harness::new();
    harness.two_friends().await;
    let checkpoints = checkpoints(&harness);
    checkpoints
        .sign(&harness.context.db, harness.now())
        .await
        .unwrap();
    let path = harness.database().folder().join("checkpoints");
    (harness, checkpoints, path)
}

async fn refusal(harness: &Harness, checkpoints: &Checkpoints) -> String {
    let outcome = checkpoints.sign(&harness.context.db, harness.now()).await;
    outcome.map_or_else(|error| error.chain(), |number| format!("signed to {number}"))
}

/// Assurance INT-01: without its checkpoints a chain that was signed is not called whole, and gets no new ones by itself.
#[tokio::test]
async fn int_01_a_lost_or_emptied_file_of_checkpoints_is_a_fault() {
    for is_emptied in [false, true] {
        let (harness, checkpoints, path) = signed().await;
        if is_emptied {
            std::fs::write(&path, "").unwrap();
        } else {
            std::fs::remove_file(&path).unwrap();
        }
        // As a server that has signed before, and as one that starts now.
        for checkpoints in [&checkpoints, &self::checkpoints(&harness)] {
            let report = verify(&harness.context.db, checkpoints).await.unwrap();
            assert_eq!(report.finding, Some(Finding::Missing));
            let why = refusal(&harness, checkpoints).await;
            assert!(why.contains("missing or empty"), "{why}");
        }
        let is_there = std::fs::read(&path).is_ok_and(|bytes| !bytes.is_empty());
        assert!(!is_there, "nothing was signed");
    }
}

/// Assurance INT-01: what another installation has signed cannot be verified by one that never did.
#[tokio::test]
async fn int_01_what_another_has_signed_is_not_verified_here_before_it_is_signed_here() {
    let (harness, _, path) = signed().await;
    let signer = Signer::new(&Key::from_slice(&[6; Key::LEN]).unwrap());
    let others = Checkpoints::at(path.with_file_name("others"), signer);
    let report = verify(&harness.context.db, &others).await.unwrap();
    assert_eq!(report.finding, Some(Finding::Missing));

    others.sign(&harness.context.db, harness.now()).await.unwrap();

    let report = verify(&harness.context.db, &others).await.unwrap();
    assert_eq!(report.finding, None);
}

/// Writes the chain anew from a row on, as somebody does who may write to the database and knows how it is made.
async fn rebuild(harness: &Harness, from: usize) {
    use sha2::{Digest, Sha256};
    type Row = (u64, i64, String, Option<Uuid>, Option<Uuid>, Vec<u8>);
    let db = &harness.context.db;
    let sql = "select number, at, act, actor, subject, hash from audit order by number";
    let rows: Vec<Row> = db
        .read(move |tx| {
            tx.list(sql, &[], |row| {
                Ok((
                    row.get(0)?,
                    row.get(1)?,
                    row.get(2)?,
                    row.get(3)?,
                    row.get(4)?,
                    row.get(5)?,
                ))
            })
        })
        .await
        .unwrap();
    let mut previous = rows[from - 2].5.clone();
    for (number, at, act, _, subject, _) in rows.into_iter().skip(from - 1) {
        let mut hasher = Sha256::new();
        hasher.update(b"pli:audit:1");
        hasher.update(&previous);
        hasher.update(number.to_be_bytes());
        hasher.update(at.to_be_bytes());
        hasher.update((act.len() as u64).to_be_bytes());
        hasher.update(act.as_bytes());
        // Nobody did it.
        for id in [None, subject] {
            hasher.update([u8::from(id.is_some())]);
            hasher.update(id.unwrap_or_default().as_bytes());
        }
        previous = hasher.finalize().to_vec();
        let hash = previous.clone();
        db.write(move |tx| {
            tx.execute(
                "update audit set actor = null, hash = $1 where number = $2",
                server::values![hash, number],
            )
        })
        .await
        .unwrap();
    }
}

/// Assurance INT-01: a chain that was built anew, cut or broken gets no fresh signature.
#[tokio::test]
async fn int_01_nothing_is_signed_over_a_chain_that_does_not_go_on_from_where_it_was_signed() {
    let tamperings: [(Option<&'static str>, &str); 4] = [
        (None, "is not the one that was signed"),
        (Some("delete from audit where number > 5"), "the end is missing"),
        (
            Some("update audit set act = 'erased' where number = (select max(number) from audit)"),
            "was changed",
        ),
        (
            Some("update audit set number = number + 1 where number = (select max(number) from audit)"),
            "rows are missing",
        ),
    ];
    for (sql, why) in tamperings {
        let (harness, checkpoints, path) = signed().await;
        let before = std::fs::read(&path).unwrap();
        // A row that is not signed yet.
        let luc = harness.account("Luc Gagné").await;
        match sql {
            None => rebuild(&harness, 4).await,
            Some(sql) => {
                harness
                    .context
                    .db
                    .write(move |tx| tx.execute(sql, &[]))
                    .await
                    .unwrap();
            }
        }

        let refused = refusal(&harness, &checkpoints).await;

        assert!(
            refused.contains(why) && refused.contains("gets no signature"),
            "{why}: {refused}"
        );
        assert_eq!(std::fs::read(&path).unwrap(), before);
        harness.call(&luc, SignOut {}).await.unwrap();
        assert!(
            refusal(&harness, &checkpoints)
                .await
                .contains("gets no signature")
        );
    }
}

#[tokio::test]
async fn a_line_that_was_cut_off_is_written_anew() {
    let (harness, checkpoints, path) = signed().await;
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{text}pli-audit-1 9")).unwrap();
    harness.account("Luc Gagné").await;

    checkpoints
        .sign(&harness.context.db, harness.now())
        .await
        .unwrap();

    let report = verify(&harness.context.db, &checkpoints).await.unwrap();
    assert_eq!((report.finding, report.n_checkpoints), (None, 3));
}

/// When the file and its copies are gone, somebody must say that it goes on; the chain keeps that they did.
#[tokio::test]
async fn signing_begins_anew_when_it_is_said_and_leaves_a_row() {
    let (harness, checkpoints, path) = signed().await;
    let db = &harness.context.db;
    let refused = checkpoints.begin_anew(db, harness.now()).await;
    assert!(refused.unwrap_err().chain().contains("away first"));
    std::fs::remove_file(&path).unwrap();

    let number = checkpoints.begin_anew(db, harness.now()).await.unwrap();

    let report = verify(db, &checkpoints).await.unwrap();
    assert_eq!((report.finding, report.signed_to), (None, number));
    let begun = rows(&harness).await;
    let n_begun = begun.iter().filter(|(act, ..)| act == "signing_begun").count();
    assert_eq!(n_begun, 2);
    assert_eq!(checkpoints.sign(db, harness.now()).await.unwrap(), number);
}
