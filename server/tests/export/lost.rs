//! One file that cannot be had, and an export that goes on without it.

use app::conversations::{DeleteMessage, ExportFormat};
use futures::TryStreamExt;
use serde_json::{Value, json};
use server::values;

use super::pieces::heavy;
use super::{begin, export, held, part, pdf, send, text, unzip, upload};
use crate::harness::{Harness, unknown_id};

fn files(parts: &[(String, Vec<u8>)]) -> Vec<&str> {
    let names = parts.iter().map(|(name, _)| name.as_str());
    names.filter(|name| name.starts_with("fichiers/")).collect()
}

/// What the list says of files that could not be read.
fn missing(parts: &[(String, Vec<u8>)]) -> Value {
    let manifest: Value = serde_json::from_slice(part(parts, "manifest.json")).unwrap();
    manifest["missing"].clone()
}

/// Assurance INT-03: a damaged key is the damage of what it sealed.
#[tokio::test]
async fn exp_01_a_file_whose_key_is_damaged_is_named_and_the_rest_is_there() {
    let harness = Harness::new();
    let (friends, messages) = heavy(&harness, 2).await;
    let damaged = messages[0].attachments.list()[0].id;
    let sql = "update attachments set parts_key_ref = $1 where id = $2";
    let n_broken = harness
        .context
        .db
        .write(move |tx| tx.execute(sql, values![unknown_id(), damaged]))
        .await
        .unwrap();
    assert_eq!(n_broken, 1);

    for format in [ExportFormat::Json, ExportFormat::Html] {
        let parts = export(&harness, &friends.luc, friends.conversation, format).await;

        assert_eq!(files(&parts), ["fichiers/000002-1 Lourd.pdf"]);
        assert_eq!(missing(&parts), json!(["fichiers/000001-1 Lourd.pdf"]));
        if format == ExportFormat::Json {
            let data: Value = serde_json::from_slice(part(&parts, "conversation.json")).unwrap();
            assert_eq!(data["messages"][0]["files"][0]["path"], Value::Null);
        } else {
            let html = text(&parts, "conversation.html");
            assert_eq!(html.matches("fichier illisible, absent de l’archive").count(), 1);
        }
    }
}

/// Its message is deleted once it was looked at, before its first byte has left.
#[tokio::test]
async fn exp_01_a_file_that_goes_before_its_first_byte_ends_no_export() {
    let mut harness = Harness::new();
    let store = held::start(&mut harness).await;
    let friends = harness.two_friends().await;
    let (anne, conversation) = (&friends.anne, friends.conversation);
    let gone = upload(&harness, anne, conversation, "Part.pdf", &pdf(600_000)).await;
    let message = send(&harness, anne, conversation, "Un", &[gone.id]).await.id;
    let stays = upload(&harness, anne, conversation, "Reste.pdf", &pdf(600_001)).await;
    send(&harness, anne, conversation, "Deux", &[stays.id]).await;

    store.hold(&gone.id.to_string());
    let export = begin(&harness, &friends.luc, conversation, ExportFormat::Json).await;
    store.reached().await;
    harness.call(anne, DeleteMessage { message }).await.unwrap();
    store.go_on();
    let pieces: Vec<Vec<u8>> = export.unwrap().pieces.try_collect().await.unwrap();

    let parts = unzip(&pieces.concat(), 0);
    assert_eq!(files(&parts), ["fichiers/000002-1 Reste.pdf"]);
    // It was not lost: nobody carries it any more.
    assert_eq!(missing(&parts), json!([]));
    let data: Value = serde_json::from_slice(part(&parts, "conversation.json")).unwrap();
    assert!(data["messages"][0]["deleted_at"].is_number());
    assert!(data["messages"][0]["files"].is_null());
}
