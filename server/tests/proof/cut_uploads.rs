//! ATT-06 over real connections: uploads whose line closes at a random byte, and whose server is killed in the middle, go on
//! where the server says, are handed out as they were sent, and leave no object without its file.
//!
//! A few cuts in the ordinary run; `PLI_PROOF_CUTS=1000 PLI_PROOF_CUTS_FROM=7` says how many, and from which seed.

#![expect(clippy::print_stdout, reason = "a long run says what it has counted")]

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use uuid::Uuid;

use crate::chance::Chance;
use crate::harness::TestDatabase;
use crate::kill::service::{Pair, Place, Service};

/// Bytes of a part in the store.
const PART: usize = 512 * 1024;
/// One cut of so many is a kill.
const A_KILL: u64 = 20;
/// Tries of one file; each ends in a cut three times of five.
const MOST_TRIES: u32 = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn att_06_uploads_cut_on_the_line_and_by_kills_are_handed_out_as_they_were_sent() {
    let (n_cuts, seed) = (number("PLI_PROOF_CUTS", 20), number("PLI_PROOF_CUTS_FROM", 1));
    println!("seed {seed}");
    let (folder, database) = (tempfile::tempdir().unwrap(), TestDatabase::without_tables());
    let place = Place {
        program: PathBuf::from(env!("CARGO_BIN_EXE_pli")),
        folder: folder.path().to_owned(),
        database: database.url(),
    };
    let mut service = Service::prepare(place, 1).await;
    service.start().await;
    let pair = service.pairs[0].clone();
    let (mut cuts, mut parts) = (Cuts::new(seed), HashMap::new());
    while cuts.n_made < n_cuts {
        let bytes = file(&mut cuts.chance);

        let id = cuts.send(&mut service, &pair, &bytes).await;

        let mut friend = service.connect(&pair.tokens[1]).await;
        let handed = friend.get(&format!("/api/v1/attachments/{id}")).await.unwrap();
        assert_eq!(Sha256::digest(handed), Sha256::digest(&bytes), "seed {seed}");
        parts.insert(id, bytes.len().div_ceil(PART));
    }

    service.kill().await;
    let found = parts_by_file(&folder.path().join("files"));
    assert_eq!(
        found, parts,
        "each object has its file, each file its objects; seed {seed}"
    );
    println!(
        "cuts {}, of which kills {}, files {}, parts {}",
        cuts.n_made,
        cuts.n_kills,
        parts.len(),
        parts.values().sum::<usize>()
    );
}

#[expect(clippy::disallowed_methods, reason = "whoever runs it says how long")]
fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

/// A PDF below a part, or of some parts.
fn file(chance: &mut Chance) -> Vec<u8> {
    let length = 10 + chance.index(3 * PART);
    let mut bytes = b"%PDF-1.7\n".to_vec();
    while bytes.len() < length {
        bytes.extend_from_slice(&chance.next().to_le_bytes());
    }
    bytes
}

struct Cuts {
    chance: Chance,
    n_made: u64,
    n_kills: u64,
}

impl Cuts {
    fn new(seed: u64) -> Self {
        Self {
            chance: Chance::new(seed),
            n_made: 0,
            n_kills: 0,
        }
    }

    /// Uploads a file over lines that are cut, and sends it in a message; answers its id.
    async fn send(&mut self, service: &mut Service, pair: &Pair, bytes: &[u8]) -> String {
        let key = Uuid::from_u64_pair(self.chance.next(), self.chance.next());
        let wish =
            json!({ "conversation": pair.conversation, "key": key, "name": "ecg.pdf", "size": bytes.len() });
        for _ in 0..MOST_TRIES {
            // Asked again with the same key, the server says how far it is.
            let begun = post(service, pair, "attachments.begin_upload", &wish).await;
            let id = begun["upload"]["id"].as_str().unwrap().to_owned();
            let offset = usize::try_from(begun["upload"]["offset"].as_u64().unwrap()).unwrap();
            let rest = &bytes[offset..];
            if rest.is_empty() {
                post(
                    service,
                    pair,
                    "attachments.finish_upload",
                    &json!({ "attachment": id }),
                )
                .await;
                let key = Uuid::from_u64_pair(self.chance.next(), self.chance.next());
                let message =
                    json!({ "conversation": pair.conversation, "key": key, "body": "", "attachments": [id] });
                post(service, pair, "conversations.send_message", &message).await;
                return id;
            }
            let path = format!("/api/v1/uploads/{id}");
            let headers = format!(
                "tus-resumable: 1.0.0\r\nupload-offset: {offset}\r\ncontent-type: application/offset+octet-stream\r\n"
            );
            if self.chance.percent(60) {
                self.cut(
                    service,
                    pair,
                    &format!("PATCH {path} HTTP/1.1\r\n{headers}"),
                    rest,
                )
                .await;
            } else {
                let mut connection = service.connect(&pair.tokens[0]).await;
                // Refused, perhaps before it is read, where the part before was still on its way: the next try asks anew.
                if let Ok((status, _)) = connection.send("PATCH", &path, &headers, rest).await {
                    assert!(matches!(status, 204 | 409), "a part was answered {status}");
                }
            }
        }
        panic!("a file never arrived");
    }

    /// Sends a random part of what is left, and then closes the line or kills the server.
    async fn cut(&mut self, service: &mut Service, pair: &Pair, head: &str, rest: &[u8]) {
        let head = format!(
            "{head}host: {}\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n\r\n",
            service.address,
            pair.tokens[0],
            rest.len()
        );
        let n_passing = self.chance.index(rest.len());
        let mut line = TcpStream::connect(&service.address).await.unwrap();
        line.write_all(head.as_bytes()).await.unwrap();
        line.write_all(&rest[..n_passing]).await.unwrap();
        self.n_made += 1;
        if self.n_made.is_multiple_of(A_KILL) {
            self.n_kills += 1;
            service.kill().await;
            service.start().await;
        }
    }
}

async fn post(service: &Service, pair: &Pair, operation: &str, wish: &Value) -> Value {
    let mut connection = service.connect(&pair.tokens[0]).await;
    let path = format!("/api/v1/{operation}");
    let answer = connection.post(&path, &wish.to_string()).await.unwrap();
    serde_json::from_slice(&answer).unwrap()
}

/// How many objects each file has. What a kill has left half written carries a `#`: it is no object, and the sweep takes it
/// after a day (`server/tests/attachments/sweeping.rs`).
fn parts_by_file(files: &Path) -> HashMap<String, usize> {
    let mut parts = HashMap::new();
    for conversation in std::fs::read_dir(files).unwrap().map(Result::unwrap) {
        for file in std::fs::read_dir(conversation.path())
            .unwrap()
            .map(Result::unwrap)
        {
            let names = std::fs::read_dir(file.path()).unwrap().map(Result::unwrap);
            let n_parts = names
                .filter(|part| !part.file_name().to_string_lossy().contains('#'))
                .count();
            parts.insert(file.file_name().to_string_lossy().into_owned(), n_parts);
        }
    }
    parts
}
