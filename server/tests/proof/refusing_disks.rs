//! REL-03, from outside: the real program on a disk that takes no more. It refuses, says so, goes on reading, loses nothing,
//! and is whole again by itself when there is room, or by a new start when the disk has failed.
//!
//! Every single call that a disk can refuse is tried in `power_cut::refusals`.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::Connection;
use crate::kill::service::{Place, Service};
use crate::kill::{Told, compare};
use crate::mount::{Mount, fill};

async fn prepare(folder: &Path) -> Service {
    let place = Place {
        program: PathBuf::from(env!("CARGO_BIN_EXE_pli")),
        folder: folder.to_owned(),
        database: None,
    };
    Service::prepare(place, 1).await
}

/// Somebody who writes one message after the other.
struct Writer {
    connection: Connection,
    conversation: String,
    told: Told,
}

impl Writer {
    async fn of(service: &Service) -> Self {
        let pair = &service.pairs[0];
        Self {
            connection: service.connect(&pair.tokens[0]).await,
            conversation: pair.conversation.clone(),
            told: Told::new(),
        }
    }

    /// Sends the next message, or the one that was refused again; the refusal is answered as it came.
    async fn send(&mut self) -> Result<(), String> {
        let number = self.told.len();
        let (key, text) = (
            Uuid::from_u128(number as u128 + 1),
            format!("{number} {}", "é".repeat(2_000)),
        );
        let wish = json!({ "conversation": self.conversation, "key": key, "body": text }).to_string();
        let answer = self
            .connection
            .post("/api/v1/conversations.send_message", &wish)
            .await;
        let answer: Value = serde_json::from_slice(&answer.map_err(|error| error.to_string())?).unwrap();
        self.told
            .push((key, answer["message"]["position"].as_u64().unwrap(), text));
        Ok(())
    }

    /// Sends until it is refused.
    async fn send_until_refused(&mut self) -> String {
        for _ in 0..2_000 {
            if let Err(refusal) = self.send().await {
                return refusal;
            }
        }
        panic!("the disk takes everything");
    }
}

async fn assert_all_there(service: &Service, writer: &Writer) {
    let stored = service.timeline(&service.pairs[0]).await;
    let tally = compare(&stored, &[&writer.told]);
    assert!(tally.acknowledged > 0 && tally.is_clean(), "{tally}");
}

/// A file that may not grow beyond 2 MB: to a program that is an error of the disk like any other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel03_a_disk_that_fails_is_believed_no_more_until_a_new_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = prepare(folder.path()).await;
    service.under = Some("trap '' XFSZ; ulimit -f 4096");
    service.start().await;
    let mut writer = Writer::of(&service).await;
    assert!(service.is_ready().await);

    let refusal = writer.send_until_refused().await;

    assert!(
        refusal.contains("answered 500") && refusal.contains("\"failed\""),
        "nobody knows what the disk has: {refusal}"
    );
    assert!(!service.is_ready().await);
    let refusal = writer.send().await.unwrap_err();
    assert!(
        refusal.contains("answered 503") && refusal.contains("\"busy\""),
        "it tries no more: {refusal}"
    );
    assert_all_there(&service, &writer).await;

    service.kill().await;
    service.under = None;
    service.start().await;
    assert!(service.is_ready().await);
    assert_all_there(&service, &writer).await;
    let told = std::mem::take(&mut writer.told);
    writer = Writer {
        told,
        ..Writer::of(&service).await
    };
    writer.send().await.unwrap();
    assert_all_there(&service, &writer).await;
    service.kill().await;
}

/// REL-10 as well: on a disk of its own that is really full.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel03_a_full_disk_refuses_and_takes_again_once_there_is_room() {
    let Some(mount) = Mount::new("6m", "a full disk (REL-03)") else {
        return;
    };
    let folder = mount.path();
    let mut service = prepare(folder).await;
    service.start().await;
    let mut writer = Writer::of(&service).await;
    writer.send().await.unwrap();
    let ballast = folder.join("ballast");
    let size = fill(&ballast);
    // A little room is left: it is in the middle of its work that the server meets the end of it.
    std::fs::OpenOptions::new()
        .write(true)
        .open(&ballast)
        .unwrap()
        .set_len(size - 300_000)
        .unwrap();

    let refusal = writer.send_until_refused().await;

    assert!(
        refusal.contains("answered 503") && refusal.contains("\"busy\""),
        "nothing was stored, and it is worth another try: {refusal}"
    );
    assert!(writer.told.len() > 1);
    let rest = folder.join("rest");
    fill(&rest);
    assert!(writer.send().await.is_err(), "not even what might fit");
    assert!(
        !service.is_ready().await && !service.is_ready().await,
        "to ask changes nothing"
    );
    assert_all_there(&service, &writer).await;

    std::fs::remove_file(&ballast).unwrap();
    std::fs::remove_file(&rest).unwrap();
    assert!(service.is_ready().await, "by itself");
    writer.send().await.unwrap();
    assert_all_there(&service, &writer).await;
    service.kill().await;
    service.start().await;
    assert_all_there(&service, &writer).await;
    service.kill().await;
}
