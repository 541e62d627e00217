//! Who may: the two of a conversation, as long as they may read it, with a fresh proof of who is there; and it leaves its row.

use app::api::{AccountId, ApiError, ConversationId};
use app::conversations::ExportFormat;
use app::friendships::{BlockAccount, CloseChannel};
use server::conversations::erase_conversation;
use server::error::Error;
use uuid::Uuid;

use super::{begin, confirm, export, page, refusal, text};
use crate::harness::{Harness, unknown_id};

/// Who exported what.
pub(crate) async fn rows(harness: &Harness) -> Vec<(Option<Uuid>, Option<Uuid>)> {
    harness
        .context
        .db
        .read(|tx| {
            tx.list(
                "select actor, subject from audit where act = 'conversation_exported' order by number",
                &[],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn exp_01_nobody_else_exports_a_conversation_or_learns_that_it_exists() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let marc = harness.account("Marc Côté").await;
    harness.befriend(&friends.luc, &marc).await;
    let admin = harness.admin("Nadia Belkacem").await;
    harness
        .send(&friends.anne, friends.conversation, "Entre nous")
        .await
        .unwrap();
    let before = harness.snapshot();

    for other in [&marc, &admin] {
        for is_late in [false, true] {
            let nowhere = refusal(&harness, other, ConversationId(unknown_id())).await;
            let theirs = refusal(&harness, other, friends.conversation).await;
            assert_eq!(
                (&theirs, &nowhere),
                (&ApiError::NotFound, &ApiError::NotFound),
                "{is_late}"
            );
            // Whoever has proven nothing lately learns no more.
            harness.clock.advance_ms(6 * 60_000);
        }
    }

    assert_eq!(harness.snapshot(), before);
    assert_eq!(rows(&harness).await, []);
}

#[tokio::test]
async fn exp_01_what_both_keep_of_a_closed_channel_is_exported_by_both() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let (anne, luc) = (&friends.anne, &friends.luc);
    harness.send(anne, friends.conversation, "Gardé").await.unwrap();
    harness
        .call(anne, CloseChannel { account: luc.id })
        .await
        .unwrap();
    harness
        .call(luc, BlockAccount { account: anne.id })
        .await
        .unwrap();

    for reader in [anne, luc] {
        let parts = export(&harness, reader, friends.conversation, ExportFormat::Html).await;
        let found = page::messages(text(&parts, "conversation.html"));
        assert_eq!(found, [(1, Some("Gardé".to_owned()))]);
    }
}

/// What was erased stays unreadable; that there were messages does not.
#[tokio::test]
async fn exp_01_an_erased_conversation_is_exported_without_its_words() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    harness
        .send(&friends.anne, friends.conversation, "canari")
        .await
        .unwrap();
    erase_conversation(&harness.context, None, friends.conversation)
        .await
        .unwrap();

    let parts = export(&harness, &friends.luc, friends.conversation, ExportFormat::Html).await;

    let html = text(&parts, "conversation.html");
    assert!(!html.contains("canari"));
    assert_eq!(page::messages(html), [(1, None)]);
}

/// Assurance AUTH-13: a device that was left open exports nothing.
#[tokio::test]
async fn exp_01_auth_13_an_export_asks_for_a_fresh_proof() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let (anne, conversation) = (&friends.anne, friends.conversation);
    harness.clock.advance_ms(5 * 60_000 + 1);
    let before = harness.snapshot();
    assert_eq!(
        refusal(&harness, anne, conversation).await,
        ApiError::ConfirmIdentity
    );
    assert_eq!(harness.snapshot(), before);

    confirm(&harness, anne).await;

    assert!(
        begin(&harness, anne, conversation, ExportFormat::Html)
            .await
            .is_ok()
    );
}

/// Assurance INT-01: who, and which.
#[tokio::test]
async fn exp_01_each_export_leaves_its_row() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    harness
        .send(&friends.anne, friends.conversation, "canari")
        .await
        .unwrap();

    for reader in [&friends.anne, &friends.luc, &friends.anne] {
        export(&harness, reader, friends.conversation, ExportFormat::Json).await;
    }

    let row = |account: AccountId| (Some(account.0), Some(friends.conversation.0));
    let (anne, luc) = (row(friends.anne.id), row(friends.luc.id));
    assert_eq!(rows(&harness).await, [anne, luc, anne]);
    assert!(!harness.snapshot().table_holds("audit", "canari"));
}

/// Assurance INT-02.
#[tokio::test]
async fn exp_01_without_its_row_nothing_is_exported() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let (anne, conversation) = (&friends.anne, friends.conversation);
    harness.send(anne, conversation, "Gardé").await.unwrap();
    let rename = async |sql: &'static str| {
        let renamed = harness.context.db.write(move |tx| tx.execute(sql, &[]));
        renamed.await.unwrap()
    };
    rename("alter table audit rename to audit_away").await;

    let outcome = begin(&harness, anne, conversation, ExportFormat::Html).await;

    assert!(matches!(outcome, Err(Error::Failed { .. })));
    rename("alter table audit_away rename to audit").await;
    assert!(
        begin(&harness, anne, conversation, ExportFormat::Html)
            .await
            .is_ok()
    );
}
