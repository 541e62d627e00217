//! An archive that is sent while it is made: in pieces, no faster than it is taken, and whole or without an end.

use app::accounts::SignOut;
use app::api::ApiError;
use app::conversations::{DeleteMessage, ExportFormat, Message};
use futures::StreamExt;
use serde_json::Value;
use server::error::Error;

use super::{begin, export, part, pdf, send, text, unzip, upload};
use crate::harness::{Friends, Harness};

const PIECE: usize = 256 * 1024;

/// Messages that carry a file of 2 MB each.
pub(super) async fn heavy(harness: &Harness, n_messages: usize) -> (Friends, Vec<Message>) {
    let friends = harness.two_friends().await;
    let mut messages = Vec::new();
    for n in 0..n_messages {
        let (anne, conversation) = (&friends.anne, friends.conversation);
        let file = upload(harness, anne, conversation, "Lourd.pdf", &pdf(2_000_000 + n)).await;
        messages.push(send(harness, anne, conversation, &format!("Le n° {n}"), &[file.id]).await);
    }
    (friends, messages)
}

#[tokio::test]
async fn exp_01_an_export_comes_in_pieces_that_wait_until_they_are_taken() {
    let harness = Harness::new();
    let (friends, _) = heavy(&harness, 4).await;
    let mut export = begin(&harness, &friends.luc, friends.conversation, ExportFormat::Json)
        .await
        .unwrap();

    let first = export.pieces.next().await.unwrap().unwrap();
    harness.let_others_run(&friends.anne).await;
    // Had more been made than the few pieces that may wait, it would come in spite of the session's end.
    harness.call(&friends.luc, SignOut {}).await.unwrap();
    let mut n_bytes = first.len();
    let mut last = None;
    while let Some(piece) = export.pieces.next().await {
        match piece {
            Ok(piece) => {
                assert!(piece.len() <= PIECE, "{}", piece.len());
                n_bytes += piece.len();
            }
            Err(error) => last = Some(error),
        }
    }

    assert!(n_bytes < 8 * PIECE, "{n_bytes} bytes were made ahead");
    assert!(
        matches!(last, Some(Error::Refused(ApiError::SignedOut))),
        "{last:?}"
    );
}

#[tokio::test]
async fn exp_01_what_happens_meanwhile_leaves_an_export_whole() {
    let harness = Harness::new();
    let (friends, messages) = heavy(&harness, 4).await;
    let mut export = begin(&harness, &friends.luc, friends.conversation, ExportFormat::Json)
        .await
        .unwrap();
    let mut bytes = export.pieces.next().await.unwrap().unwrap();

    // The last one is deleted before its file comes, and one more is sent.
    let message = messages.last().unwrap().id;
    harness
        .call(&friends.anne, DeleteMessage { message })
        .await
        .unwrap();
    harness
        .send(&friends.anne, friends.conversation, "Trop tard")
        .await
        .unwrap();
    while let Some(piece) = export.pieces.next().await {
        bytes.extend(piece.unwrap());
    }

    let parts = unzip(&bytes, 0);
    let data: Value = serde_json::from_slice(part(&parts, "conversation.json")).unwrap();
    let found = data["messages"].as_array().unwrap();
    assert_eq!((found.len(), &data["last_position"]), (4, &serde_json::json!(4)));
    assert!(found[3]["deleted_at"].is_number());
    let n_files = parts
        .iter()
        .filter(|(name, _)| name.starts_with("fichiers/"))
        .count();
    assert_eq!(n_files, 3);
    assert!(!text(&parts, "conversation.json").contains("Trop tard"));
}

#[tokio::test]
async fn exp_01_a_file_that_is_damaged_is_told_and_the_rest_is_there() {
    let harness = Harness::new();
    let (friends, messages) = heavy(&harness, 2).await;
    let damaged = messages[0].attachments.list()[0].id;
    let folder = harness.database().folder().join("files");
    let n_gone = take_away(&folder, &damaged.to_string());
    assert!(n_gone > 0, "nothing of the file was found");

    for format in [ExportFormat::Json, ExportFormat::Html] {
        let parts = export(&harness, &friends.luc, friends.conversation, format).await;

        let files: Vec<&str> = parts
            .iter()
            .filter(|(name, _)| name.starts_with("fichiers/"))
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(files, ["fichiers/000002-1 Lourd.pdf"]);
        if format == ExportFormat::Json {
            let data: Value = serde_json::from_slice(part(&parts, "conversation.json")).unwrap();
            let places = |n: usize| data["messages"][n]["files"][0]["path"].clone();
            assert_eq!((places(0), places(1)), (Value::Null, files[0].into()));
        } else {
            let html = text(&parts, "conversation.html");
            assert_eq!(html.matches("fichier illisible, absent de l’archive").count(), 1);
            assert_eq!(html.matches("href=\"fichiers/").count(), 1);
        }
    }
}

/// Takes the bytes of a file away, wherever its id stands in the path; answers how many pieces there were.
fn take_away(folder: &std::path::Path, id: &str) -> usize {
    let mut n_gone = 0;
    for entry in std::fs::read_dir(folder)
        .unwrap()
        .map(std::result::Result::unwrap)
    {
        let path = entry.path();
        if path.is_dir() {
            n_gone += take_away(&path, id);
        } else if path.to_string_lossy().contains(id) {
            std::fs::remove_file(&path).unwrap();
            n_gone += 1;
        }
    }
    n_gone
}
