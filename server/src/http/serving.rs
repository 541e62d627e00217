//! Answers what comes to a listener, over HTTP/1.1, until it is told to stop.
//!
//! axum's own server has no clock: whoever sends half a head would hold a connection for ever.

use std::convert::Infallible;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::extract::connect_info::ConnectInfo;
use axum::response::Response;
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tower::ServiceExt;

use super::limits::Peer;
use super::line::{Line, Lines};

/// How long the head of a request may take, and how long a connection rests between two of them.
const HEAD_WITHIN: Duration = Duration::from_mins(1);

/// The most bytes of a request's head.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// What a listener knows of the other side of a connection.
pub trait Address {
    /// Its address in the network, if it has one.
    fn ip(&self) -> Option<IpAddr>;
}

impl Address for SocketAddr {
    fn ip(&self) -> Option<IpAddr> {
        Some(SocketAddr::ip(self))
    }
}

/// Answers until `stopped`; then those that are being answered end their answers.
pub async fn serve<L>(mut listener: Lines<L>, doors: Router, stopped: impl Future<Output = ()>)
where
    L: Listener,
    L::Addr: Address,
{
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_header_size(MAX_HEAD_BYTES);
    let connections = GracefulShutdown::new();
    let mut stopped = std::pin::pin!(stopped);
    loop {
        let (line, address) = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stopped => break,
        };
        let answer = answer(line.clone(), address.ip(), &doors);
        let answering = http.serve_connection(TokioIo::new(line), service_fn(answer));
        let answering = connections.watch(answering);
        tokio::spawn(async move {
            if let Err(error) = answering.await {
                tracing::debug!(cause = %error, "a connection failed");
            }
        });
    }
    drop(listener);
    connections.shutdown().await;
}

/// What answers the requests of one connection. An answer may take the connection over, so each knows it.
fn answer(
    line: Line,
    ip: Option<IpAddr>,
    doors: &Router,
) -> impl Fn(hyper::Request<Incoming>) -> futures::future::BoxFuture<'static, Result<Response, Infallible>> + use<>
{
    let doors = doors.clone();
    move |request| {
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(line.clone()));
        if let Some(ip) = ip {
            request.extensions_mut().insert(Peer(ip));
        }
        Box::pin(doors.clone().oneshot(request))
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
    use tokio::time::Instant;

    use super::*;

    impl Address for () {
        fn ip(&self) -> Option<IpAddr> {
            None
        }
    }

    /// Accepts one connection, then waits for ever.
    struct Once(Option<DuplexStream>);

    impl Listener for Once {
        type Io = DuplexStream;
        type Addr = ();

        async fn accept(&mut self) -> (DuplexStream, ()) {
            match self.0.take() {
                Some(connection) => (connection, ()),
                None => std::future::pending().await,
            }
        }

        fn local_addr(&self) -> io::Result<()> {
            Ok(())
        }
    }

    async fn talk(said: &[u8]) -> (String, Duration) {
        let (mut client, connection) = tokio::io::duplex(64 * 1024);
        let (listener, _all_ended) = Lines::new(Once(Some(connection)));
        let doors = Router::new().route("/", get(|| async { "here" }));
        tokio::spawn(serve(listener, doors, std::future::pending()));
        let began = Instant::now();
        client.write_all(said).await.unwrap();
        let mut heard = Vec::new();
        let _ = client.read_to_end(&mut heard).await;
        (String::from_utf8_lossy(&heard).into_owned(), began.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn who_sends_half_a_head_is_let_go_after_a_minute() {
        let (heard, after) = talk(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ").await;

        assert!(!heard.contains("200 OK"), "{heard}");
        assert_eq!(after.as_secs(), HEAD_WITHIN.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_a_further_request_is_given_back() {
        let (heard, after) = talk(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;

        assert!(heard.ends_with("here"), "{heard}");
        assert_eq!(after.as_secs(), HEAD_WITHIN.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_no_byte_of_an_answer_is_let_go() {
        let (mut client, connection) = tokio::io::duplex(1_000);
        let (listener, _all_ended) = Lines::new(Once(Some(connection)));
        let doors = Router::new().route("/", get(|| async { "x".repeat(1_000_000) }));
        let began = Instant::now();
        client
            .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            .await
            .unwrap();

        // Told to stop, it waits for the answers that are on their way.
        serve(listener, doors, tokio::time::sleep(Duration::from_secs(1))).await;

        assert_eq!(began.elapsed().as_secs(), 60);
        let mut rest = Vec::new();
        client.read_to_end(&mut rest).await.unwrap();
        assert_eq!(rest.len(), 1_000);
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_is_too_long_is_refused() {
        let long = format!(
            "GET / HTTP/1.1\r\nHost: a\r\nX-Long: {}\r\n\r\n",
            "x".repeat(20_000)
        );

        let (heard, _) = talk(long.as_bytes()).await;

        assert!(heard.starts_with("HTTP/1.1 431 "), "{heard}");
    }
}
