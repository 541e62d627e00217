//! What files are called in an archive, so that every system unpacks them.

use app::attachments::FileName;
use app::conversations::ExportFormat;
use serde_json::Value;

use super::{export, part, pdf, send, text, upload};
use crate::harness::{Friends, Harness};

/// Most systems take no name of more than 255 bytes, and most signs of the world have three.
#[tokio::test]
async fn exp_01_a_name_of_wide_characters_fits_every_system_and_keeps_its_ending() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let name = format!("{}.pdf", "漢".repeat(FileName::MAX_CHARS - 4));
    let first = upload(&harness, &anne, conversation, &name, &pdf(100)).await;
    let second = upload(&harness, &anne, conversation, &name, &pdf(101)).await;
    assert_eq!(first.name.as_str(), name);
    send(&harness, &anne, conversation, "", &[first.id, second.id]).await;

    let parts = export(&harness, &luc, conversation, ExportFormat::Json).await;

    let data: Value = serde_json::from_slice(part(&parts, "conversation.json")).unwrap();
    for (nth, n_bytes) in [(0_usize, 100), (1, 101)] {
        let path = data["messages"][0]["files"][nth]["path"].as_str().unwrap();
        assert!(path.len() < 255, "{} bytes", path.len());
        assert!(
            path.starts_with("fichiers/000001-") && path.ends_with("漢.pdf"),
            "{path}"
        );
        assert_eq!(part(&parts, path).len(), n_bytes);
    }
    // What was cut is the name in the archive; the message says the whole of it.
    assert_eq!(data["messages"][0]["attachments"][0]["name"], name);
    let parts = export(&harness, &luc, conversation, ExportFormat::Html).await;
    let html = text(&parts, "conversation.html");
    assert_eq!(html.matches("href=\"fichiers/000001-").count(), 2);
    assert_eq!(html.matches(&name).count(), 2);
}
