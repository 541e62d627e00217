//! REL-08: devices that read a thousand bytes a second, over real connections. What waits for each of them is bounded, in the
//! program and in the system; those who keep up get everything; the slow ones are told where to go on in the log.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};
use socket2::{Domain, Socket, Type};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use uuid::Uuid;

use crate::client::{Connection, Events};
use crate::harness::TestDatabase;
use crate::kill::service::{Place, Service};

const N_SLOW: usize = 16;
const N_EVENTS: u64 = 500;
/// All of them together, for all slow devices, are half as much again as the program may grow.
const TEXT_BYTES: usize = 4_000;
/// Sent together, so that they share commits.
const A_BATCH: u64 = 50;
/// What may wait for one device.
const MAX_QUEUED_BYTES: u64 = 256 * 1024;
/// What the store may keep at hand of what is being written; it comes with the messages, not with who reads them.
///
/// Source: `WRITER_CACHE_KB` of the store on SQLite, the greater of the two.
const MAX_KEPT_BYTES: u64 = 16 * 1024 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel08_slow_readers_cost_little_and_hold_nobody_up() {
    let (folder, database) = (tempfile::tempdir().unwrap(), TestDatabase::without_tables());
    let place = Place {
        program: PathBuf::from(env!("CARGO_BIN_EXE_pli")),
        folder: folder.path().to_owned(),
        database: database.url(),
    };
    let mut service = Service::prepare(place, 1).await;
    service.start().await;
    let pair = service.pairs[0].clone();
    let (shown, mut seen) = watch::channel(0);
    // It begins at the end of the log: before anything is sent.
    let stream = service.connect(&pair.tokens[1]).await.listen("/api/v1/events");
    let quick = tokio::spawn(follow(stream.await.unwrap(), shown));
    let mut senders = Vec::new();
    for _ in 0..A_BATCH {
        senders.push(service.connect(&pair.tokens[0]).await);
    }
    // What the program needs to send at all belongs to nobody's queue.
    send(&mut senders, &pair.conversation, 0).await;
    send(&mut senders, &pair.conversation, 1).await;
    seen.wait_for(|n_shown| *n_shown == 2 * A_BATCH).await.unwrap();
    let mut slow = Vec::new();
    for _ in 0..N_SLOW {
        slow.push(SlowReader::open(&service.address, &pair.tokens[1]).await);
    }
    let before = resident_bytes(service.id());

    let (mut most_queued, mut most_resident) = (0, before);
    for batch in 2..2 + N_EVENTS / A_BATCH {
        send(&mut senders, &pair.conversation, batch).await;
        // The quick one has everything before more is sent: it waits for nobody.
        seen.wait_for(|n_shown| *n_shown == (batch + 1) * A_BATCH)
            .await
            .unwrap();
        for reader in &mut slow {
            reader.read_a_little().await;
        }
        most_queued = most_queued.max(queued_by_system(&service.address, &slow));
        most_resident = most_resident.max(resident_bytes(service.id()));
    }

    assert!(
        most_queued > 1_000 && most_queued <= MAX_QUEUED_BYTES,
        "{most_queued} bytes wait in the system for one of them"
    );
    let grown = most_resident - before;
    assert!(
        grown <= MAX_KEPT_BYTES + N_SLOW as u64 * MAX_QUEUED_BYTES,
        "the program has grown by {grown} bytes for {N_SLOW} of them"
    );
    let stored = service.timeline(&pair).await;
    for reader in slow {
        let (n_bytes, last_frame, cursor) = reader.read_to_the_end().await;
        assert!(last_frame.contains("event: resync"), "{last_frame}");
        assert!(n_bytes <= MAX_QUEUED_BYTES, "{n_bytes} bytes were on their way");
        let missed = stored.len() as u64 + 2 - cursor;
        assert!(missed > N_EVENTS / 2, "{missed}");
    }
    quick.abort();
    service.kill().await;
}

/// Sends a batch, each message on a connection of its own.
async fn send(senders: &mut [Connection], conversation: &str, batch: u64) {
    let all = senders.iter_mut().zip(0..).map(|(sender, number)| {
        let key = Uuid::from_u64_pair(batch + 1, number);
        let text = format!("{batch} {number} {}", "e".repeat(TEXT_BYTES));
        let wish = json!({ "conversation": conversation, "key": key, "body": text }).to_string();
        async move { sender.post("/api/v1/conversations.send_message", &wish).await }
    });
    for sent in futures::future::join_all(all).await {
        sent.unwrap();
    }
}

/// A device that keeps up: says how many messages it has, none of them twice.
async fn follow(mut stream: Events, shown: watch::Sender<u64>) {
    let mut positions = BTreeSet::new();
    loop {
        let frame = stream.next().await.unwrap();
        let data = frame
            .lines()
            .find_map(|line| line.strip_prefix("data: "))
            .unwrap();
        let event: Value = serde_json::from_str(data).unwrap();
        let Some(position) = find_position(&event) else {
            continue;
        };
        assert!(
            positions.last().is_none_or(|last| *last < position),
            "in order, once"
        );
        positions.insert(position);
        shown.send_replace(positions.len() as u64);
    }
}

/// The position of the message that an event carries.
fn find_position(event: &Value) -> Option<u64> {
    match event {
        Value::Object(fields) => fields
            .get("message")
            .and_then(|message| message["position"].as_u64())
            .or_else(|| fields.values().find_map(find_position)),
        _ => None,
    }
}

/// A device that reads hardly anything.
struct SlowReader {
    stream: TcpStream,
    port: u16,
    received: Vec<u8>,
}

impl SlowReader {
    async fn open(address: &str, token: &str) -> Self {
        let address: std::net::SocketAddr = address.parse().unwrap();
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        // A tablet's system takes little for an app that does not read; this machine's would take megabytes.
        socket.set_recv_buffer_size(8_192).unwrap();
        socket.connect(&address.into()).unwrap();
        socket.set_nonblocking(true).unwrap();
        let mut stream = TcpStream::from_std(socket.into()).unwrap();
        let request = format!(
            "GET /api/v1/events HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let port = stream.local_addr().unwrap().port();
        let mut reader = Self {
            stream,
            port,
            received: Vec::new(),
        };
        while !String::from_utf8_lossy(&reader.received).contains("event: hello") {
            reader.read_a_little().await;
        }
        reader
    }

    async fn read_a_little(&mut self) {
        let mut bytes = [0; 1_000];
        let n_read = self.stream.read(&mut bytes).await.unwrap();
        assert!(n_read > 0, "nobody cuts it off");
        self.received.extend_from_slice(&bytes[..n_read]);
    }

    /// Reads what is left; answers how much came in all, the last frame, and the last event's cursor.
    async fn read_to_the_end(mut self) -> (u64, String, u64) {
        while !self.received.ends_with(b"\r\n0\r\n\r\n") {
            self.read_a_little().await;
        }
        let text = String::from_utf8_lossy(&self.received);
        let last_frame = &text[text.rfind("event: ").unwrap()..];
        let data = last_frame
            .lines()
            .find_map(|line| line.strip_prefix("data: "))
            .unwrap();
        let resync: Value = serde_json::from_str(data).unwrap();
        let n_bytes = self.received.len() as u64;
        (n_bytes, last_frame.to_owned(), resync["cursor"].as_u64().unwrap())
    }
}

/// The most that the system holds for one of these readers on the server's side: sent and not taken, or not sent yet.
///
/// Source: Linux, `proc_net_tcp`: the fifth field is `tx_queue:rx_queue`, in hexadecimal digits.
fn queued_by_system(server: &str, readers: &[SlowReader]) -> u64 {
    let port: u16 = server.rsplit(':').next().unwrap().parse().unwrap();
    let ends = |field: &str| u16::from_str_radix(field.rsplit(':').next().unwrap(), 16).unwrap();
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let lines = table
        .lines()
        .skip(1)
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    let theirs = lines.filter(|fields| {
        ends(fields[1]) == port && readers.iter().any(|reader| reader.port == ends(fields[2]))
    });
    theirs
        .map(|fields| u64::from_str_radix(fields[4].split(':').next().unwrap(), 16).unwrap())
        .max()
        .unwrap()
}

/// What a process has in memory.
fn resident_bytes(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    line.split_whitespace().next().unwrap().parse::<u64>().unwrap() * 1_024
}
