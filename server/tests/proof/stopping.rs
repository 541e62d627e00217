//! REL-17: a server that is asked to stop. What it has acknowledged is stored; what it was asked meanwhile ends in a whole
//! answer or in a cut that nobody can take for one; streams end; it is gone in time, whoever holds a connection open.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use server::config::{Config, Database, FilePlace, KeyPlace, Limits};
use server::http::CookieMode;
use server::objects::Address;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use uuid::Uuid;

use crate::client::Connection;
use crate::harness::TestDatabase;
use crate::kill::service::{Pair, Place, Service};
use crate::kill::{Told, compare};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel17_a_server_that_is_asked_to_stop_loses_nothing_and_leaves_nothing_half_said() {
    let (folder, database) = (tempfile::tempdir().unwrap(), TestDatabase::without_tables());
    let place = Place {
        program: PathBuf::from(env!("CARGO_BIN_EXE_pli")),
        folder: folder.path().to_owned(),
        database: database.url(),
    };
    let mut service = Service::prepare(place, 1).await;
    let address = service.start().await;
    let pair = service.pairs[0].clone();
    let mut streams = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let stream = service.connect(&pair.tokens[1]).await.listen("/api/v1/events");
        let mut stream = stream.await.unwrap();
        streams.spawn(async move {
            loop {
                if let Err(end) = stream.next().await {
                    return end.to_string();
                }
            }
        });
    }
    let (n_told, mut told_so_far) = watch::channel(0);
    let mut writers = tokio::task::JoinSet::new();
    for name in 0..16 {
        writers.spawn(write(address.clone(), pair.clone(), name, n_told.clone()));
    }
    told_so_far.wait_for(|n_told| *n_told >= 100).await.unwrap();

    let stopped = tokio::time::timeout(Duration::from_secs(10), service.stop()).await;

    assert_eq!(stopped, Ok(Some(0)), "it ends well, and in time");
    while let Some(end) = streams.join_next().await {
        assert_eq!(end.unwrap(), "the stream has ended", "no stream is torn off");
    }
    let told: Vec<Told> = writers.join_all().await;
    service.start().await;
    let stored = service.timeline(&pair).await;
    let tally = compare(&stored, &told.iter().collect::<Vec<_>>());
    assert!(tally.acknowledged >= 100 && tally.is_clean(), "{tally}");
    service.kill().await;
}

/// Writes one message after the other until the server goes, and sees to it that the last wish ended clearly.
async fn write(address: String, pair: Pair, name: u64, n_told: watch::Sender<u32>) -> Told {
    let mut told = Told::new();
    let token = &pair.tokens[usize::try_from(name % 2).unwrap()];
    let credentials = format!("authorization: Bearer {token}\r\n");
    let mut connection = Connection::open(&address, &credentials).await.unwrap();
    loop {
        let (key, text) = (
            Uuid::from_u64_pair(name, told.len() as u64),
            format!("{name} {}", told.len()),
        );
        let wish = json!({ "conversation": pair.conversation, "key": key, "body": text }).to_string();
        match connection.post("/api/v1/conversations.send_message", &wish).await {
            Ok(answer) => {
                let answer: Value = serde_json::from_slice(&answer).expect("a whole answer");
                told.push((key, answer["message"]["position"].as_u64().unwrap(), text));
                n_told.send_modify(|n_told| *n_told += 1);
            }
            Err(end) => {
                let is_half = end
                    .downcast_ref::<std::io::Error>()
                    .is_some_and(|error| error.kind() == std::io::ErrorKind::UnexpectedEof);
                let is_refused = end.to_string().contains("answered 5");
                assert!(!is_half && !is_refused, "neither an answer nor a cut: {end}");
                return told;
            }
        }
    }
}

/// In virtual time from the stop on: the ten seconds pass as soon as nobody has anything to do.
#[tokio::test]
async fn rel17_a_request_that_never_ends_keeps_nobody_beyond_ten_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        database: Database::Sqlite(folder.path().join("pli.db")),
        keys: KeyPlace::Memory,
        audit: None,
        pepper: folder.path().join("pepper"),
        files: FilePlace {
            address: Address::Folder(folder.path().join("files")),
            scanner: None,
            quota_bytes: 1_000_000,
        },
        public_origin: None,
        tls: None,
        cookies: CookieMode::PlainLoopback,
        provider: None,
        provider_secret_file: None,
        limits: Limits::Off,
        is_behind_proxy: false,
        is_demo: false,
    };
    let running = server::serve::start(&config).await.unwrap();
    let mut half = TcpStream::connect(running.address).await.unwrap();
    // The first request shows that the server holds the connection, the second never ends.
    half.write_all(b"GET /livez HTTP/1.1\r\nhost: pli\r\n\r\n")
        .await
        .unwrap();
    let mut answer = [0; 1_024];
    assert!(half.read(&mut answer).await.unwrap() > 0);
    let more = b"POST /api/v1/accounts.sign_in HTTP/1.1\r\nhost: pli\r\ncontent-type: application/json\r\n\
                 content-length: 100\r\n\r\n{";
    half.write_all(more).await.unwrap();
    let mut other = Connection::open(&running.address.to_string(), "").await.unwrap();
    for _ in 0..20 {
        other.get("/readyz").await.unwrap();
    }
    drop(other);

    let address = running.address;
    tokio::time::pause();
    let begin = tokio::time::Instant::now();
    running.stop().await.unwrap();

    let passed = begin.elapsed();
    assert!(
        passed >= Duration::from_secs(9) && passed <= Duration::from_secs(11),
        "it waited for the one who is late, and no longer: {passed:?}"
    );
    assert!(TcpStream::connect(address).await.is_err(), "and takes nobody new");
}
