//! How far the messages have come, in an export: what its owner is told on the screen, and nothing that is not.

use app::accounts::SaveSettings;
use app::api::{AcknowledgeEvents, ConversationId};
use app::conversations::{ExportFormat, GetConversation, GetReceipts, MarkRead};
use serde_json::{Value, json};

use super::{confirm, export, part, text};
use crate::harness::{Account, Friends, Harness, START};

const MINUTE_MS: i64 = 60_000;

async fn read_to(harness: &Harness, account: &Account, conversation: ConversationId, position: u64) {
    harness.clock.advance_ms(MINUTE_MS);
    let wish = MarkRead {
        conversation,
        position,
    };
    harness.call(account, wish).await.unwrap();
}

async fn write(harness: &Harness, account: &Account, conversation: ConversationId) {
    harness.clock.advance_ms(MINUTE_MS);
    harness.send(account, conversation, "Bonjour").await.unwrap();
}

/// What an export says before its messages.
async fn head(harness: &Harness, account: &Account, conversation: ConversationId) -> Value {
    confirm(harness, account).await;
    let parts = export(harness, account, conversation, ExportFormat::Json).await;
    serde_json::from_slice(part(&parts, "conversation.json")).unwrap()
}

#[tokio::test]
async fn exp_01_an_export_tells_of_receipts_what_its_owner_is_told() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    write(&harness, &anne, conversation).await;
    write(&harness, &anne, conversation).await;
    harness.clock.advance_ms(MINUTE_MS);
    let cursor = harness.cursor(&luc).await;
    harness.call(&luc, AcknowledgeEvents { cursor }).await.unwrap();
    read_to(&harness, &luc, conversation, 2).await;
    // What he reads of his own says nothing of hers.
    write(&harness, &luc, conversation).await;
    read_to(&harness, &luc, conversation, 3).await;
    write(&harness, &anne, conversation).await;
    let wish = SaveSettings {
        shares_read_receipts: Some(false),
        ..SaveSettings::default()
    };
    harness.call(&luc, wish).await.unwrap();
    read_to(&harness, &luc, conversation, 4).await;

    let data = head(&harness, &anne, conversation).await;

    let shown = harness
        .call(&anne, GetConversation { conversation })
        .await
        .unwrap()
        .conversation;
    assert_eq!(data["friend_delivered_position"], shown.friend_delivered_position);
    assert_eq!(data["friend_read_position"], shown.friend_read_position);
    let last = |minutes: i64| json!({ "position": 2, "at": START.plus_ms(minutes * MINUTE_MS) });
    assert_eq!(
        (&data["last_delivered"], &data["last_read"]),
        (&last(3), &last(4))
    );
    let position = 2;
    let wish = GetReceipts {
        conversation,
        position,
    };
    let receipts = harness.call(&anne, wish).await.unwrap();
    assert_eq!(data["last_delivered"]["at"], json!(receipts.delivered_at));
    assert_eq!(data["last_read"]["at"], json!(receipts.read_at));

    let parts = export(&harness, &anne, conversation, ExportFormat::Html).await;
    let line = "Accusés reçus par Dre Anne Roy\u{a0}: \
                remis jusqu’au n°\u{a0}2, 15\u{a0}janvier\u{a0}2027, 3\u{a0}h\u{a0}03 · \
                lu jusqu’au n°\u{a0}2, 15\u{a0}janvier\u{a0}2027, 3\u{a0}h\u{a0}04";
    let html = text(&parts, "conversation.html");
    assert_eq!(html.matches(line).count(), 1, "{html}");
}

#[tokio::test]
async fn exp_01_an_export_says_so_when_nothing_was_told() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    write(&harness, &anne, conversation).await;

    let data = head(&harness, &anne, conversation).await;

    assert_eq!(data["friend_delivered_position"], 0);
    assert_eq!(data["friend_read_position"], 0);
    assert_eq!(
        (&data["last_delivered"], &data["last_read"]),
        (&Value::Null, &Value::Null)
    );
    assert!(data.as_object().unwrap().contains_key("last_read"));
    let parts = export(&harness, &anne, conversation, ExportFormat::Html).await;
    assert!(text(&parts, "conversation.html").contains("Accusés reçus par Dre Anne Roy\u{a0}: aucun<"));
}
