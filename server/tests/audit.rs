//! The audit: every act leaves its row or is not done, and nothing of what was written can be changed unseen.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set ends its test")]

mod harness;

use app::accounts::{
    ChangePassword, InvitePerson, RevokeDevice, Secret, SignOut, StartReset, SuspendAccount,
};
use app::friendships::{
    AcceptFriendRequest, BlockAccount, CancelFriendRequest, CloseChannel, IgnoreFriendRequest,
    SendFriendRequest, UnblockAccount,
};
use harness::{Account, Harness, PASSWORD};
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

/// Assurance INT-02: an act whose row cannot be written is not done.
#[tokio::test]
async fn int_02_without_its_row_no_act_is_done() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    harness
        .send(&friends.anne, friends.conversation, "Gardé.")
        .await
        .unwrap();
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
            (None, signed_to, 1)
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
        (None, 2, second)
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
