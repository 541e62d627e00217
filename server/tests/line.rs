//! The stream over a real connection, which it takes over from the HTTP server.

#![expect(clippy::unwrap_used, reason = "a stream that cannot be read ends its test")]

mod harness;

use std::time::Duration;

use app::accounts::SignOut;
use harness::{Account, Friends, Harness};
use server::http::Lines;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Long enough for anything that does come.
const PATIENCE: Duration = Duration::from_secs(20);

/// The doors of a harness on a port of their own.
struct Served {
    address: String,
    serving: JoinHandle<()>,
    all_ended: watch::Sender<()>,
}

impl Served {
    async fn start(harness: &Harness) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (lines, all_ended) = Lines::new(listener);
        let serving = tokio::spawn(server::http::serve(
            lines,
            harness.router(),
            std::future::pending(),
        ));
        Self {
            address,
            serving,
            all_ended,
        }
    }

    /// Asks with a version of HTTP; answers the connection.
    async fn ask(&self, account: &Account, path: &str, version: &str) -> BufReader<TcpStream> {
        let mut connection = BufReader::new(TcpStream::connect(&self.address).await.unwrap());
        send(&mut connection, account, path, version).await;
        connection
    }

    /// Takes no more connections, and waits until those there were have ended.
    async fn until_all_ended(self) {
        self.serving.abort();
        let _ = self.serving.await;
        tokio::time::timeout(PATIENCE, self.all_ended.closed())
            .await
            .unwrap();
    }
}

async fn send(connection: &mut BufReader<TcpStream>, account: &Account, path: &str, version: &str) {
    let token = &account.token;
    let request = format!("GET {path} {version}\r\nhost: here\r\nauthorization: Bearer {token}\r\n\r\n");
    connection.get_mut().write_all(request.as_bytes()).await.unwrap();
}

/// The head: the first line, then the other ones in small letters.
async fn head(connection: &mut BufReader<TcpStream>) -> (String, Vec<String>) {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        tokio::time::timeout(PATIENCE, connection.read_line(&mut line))
            .await
            .unwrap()
            .unwrap();
        if line == "\r\n" {
            return (lines.remove(0), lines);
        }
        lines.push(line.trim_end().to_ascii_lowercase());
    }
}

/// The next chunk; empty at the end.
async fn chunk(connection: &mut BufReader<TcpStream>) -> String {
    let read = async {
        let mut size = String::new();
        connection.read_line(&mut size).await.unwrap();
        let mut bytes = vec![0; usize::from_str_radix(size.trim_end(), 16).unwrap() + 2];
        connection.read_exact(&mut bytes).await.unwrap();
        assert!(bytes.ends_with(b"\r\n"));
        bytes.truncate(bytes.len() - 2);
        String::from_utf8(bytes).unwrap()
    };
    tokio::time::timeout(PATIENCE, read).await.unwrap()
}

const EVENTS: &str = "/api/v1/events";

#[tokio::test]
async fn a_stream_on_its_own_connection_has_the_head_and_the_events_of_any_other() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let served = Served::start(&harness).await;

    let mut stream = served.ask(&luc, EVENTS, "HTTP/1.1").await;
    let (first, lines) = head(&mut stream).await;

    assert_eq!(first, "http/1.1 200 ok");
    for line in [
        "content-type: text/event-stream",
        "cache-control: no-store",
        "x-content-type-options: nosniff",
        "transfer-encoding: chunked",
        "date: fri, 15 jan 2027 08:00:00 gmt",
    ] {
        assert!(lines.iter().any(|found| found == line), "{line}: {lines:?}");
    }
    assert!(chunk(&mut stream).await.starts_with("event: hello\n"));
    harness.send(&anne, conversation, "Merci").await.unwrap();
    assert!(chunk(&mut stream).await.contains("\"body\":\"Merci\""));
}

#[tokio::test]
async fn a_stream_whose_session_ends_says_that_this_was_all() {
    let harness = Harness::new();
    let luc = harness.account("Luc Gagné").await;
    let served = Served::start(&harness).await;
    let mut stream = served.ask(&luc, EVENTS, "HTTP/1.1").await;
    head(&mut stream).await;
    chunk(&mut stream).await;

    harness.call(&luc, SignOut {}).await.unwrap();

    while !chunk(&mut stream).await.is_empty() {}
    let mut rest = Vec::new();
    assert_eq!(stream.read_to_end(&mut rest).await.unwrap(), 0);
    served.until_all_ended().await;
}

/// Not only at the next heartbeat: the clock stands still here.
#[tokio::test]
async fn a_device_that_goes_away_is_noticed_at_once() {
    let harness = Harness::new();
    let luc = harness.account("Luc Gagné").await;
    let served = Served::start(&harness).await;
    let mut stream = served.ask(&luc, EVENTS, "HTTP/1.1").await;
    head(&mut stream).await;
    chunk(&mut stream).await;
    assert_eq!(harness.context.live.count_stream().n_streams(), 2);

    drop(stream);

    served.until_all_ended().await;
    assert_eq!(harness.context.live.count_stream().n_streams(), 1);
}

#[tokio::test]
async fn who_speaks_an_older_http_gets_the_stream_as_well() {
    let harness = Harness::new();
    let luc = harness.account("Luc Gagné").await;
    let served = Served::start(&harness).await;

    let mut stream = served.ask(&luc, EVENTS, "HTTP/1.0").await;
    let (first, lines) = head(&mut stream).await;

    assert_eq!(first, "http/1.0 200 ok");
    assert!(
        !lines.iter().any(|line| line.starts_with("transfer-encoding")),
        "{lines:?}"
    );
    let mut said = String::new();
    stream.read_line(&mut said).await.unwrap();
    assert_eq!(said, "event: hello\n");
}

#[tokio::test]
async fn a_connection_whose_answers_end_stays_with_the_http_server() {
    let harness = Harness::new();
    let luc = harness.account("Luc Gagné").await;
    let served = Served::start(&harness).await;
    let mut connection = served.ask(&luc, "/livez", "HTTP/1.1").await;
    let refused = Account {
        token: "nobody".to_owned(),
        ..luc.clone()
    };

    for _ in 0..2 {
        assert_eq!(head(&mut connection).await.0, "http/1.1 200 ok");
        connection.read_exact(&mut [0; 2]).await.unwrap();
        send(&mut connection, &luc, "/livez", "HTTP/1.1").await;
    }
    head(&mut connection).await;
    connection.read_exact(&mut [0; 2]).await.unwrap();
    send(&mut connection, &refused, EVENTS, "HTTP/1.1").await;
    let (first, lines) = head(&mut connection).await;

    assert_eq!(first, "http/1.1 401 unauthorized");
    assert!(
        lines.iter().any(|line| line.starts_with("content-length")),
        "{lines:?}"
    );
}
