//! A connection that an answer may take over.
//!
//! The HTTP server keeps 20 kB and more of buffers for each of its connections, and a stream of events needs none of it
//! for the hours that it lasts. So an answer marked as [`Lasting`] takes its connection out of the HTTP server, which sees
//! one that has ended, and is written by a small task of its own, in the chunks of HTTP/1.1. What is not read waits in the
//! system alone; what is not written yet is one frame.
//!
//! Whoever takes no byte of an answer for [`TAKEN_WITHIN`] is cut off, whatever the answer; from a stream they come back and
//! go on where they were.
//!
//! A request that came another way (another version of HTTP, a test without a network) gets the same answer from the HTTP
//! server.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, UNIX_EPOCH};

use app::api::Timestamp;
use axum::body::Body;
use axum::extract::connect_info::ConnectInfo;
use axum::extract::{Request, State};
use axum::http::{Method, Version, header, response::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::serve::Listener;
use futures::StreamExt;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::sync::watch;
use tokio_io_timeout::TimeoutWriter;

use super::Doors;

/// How long the other side may take no byte, while some wait for it. The system asks for more once a third of what it keeps
/// has arrived, and it keeps some 68 kB (seen by the proof of slow readers): on the slowest of lines, 1 kB/s, that takes
/// less than half of this.
///
/// Source: Linux, `sk_stream_min_wspace`.
const TAKEN_WITHIN: Duration = Duration::from_mins(1);

/// Marks an answer that lasts: it wants a connection of its own.
#[derive(Clone)]
pub(super) struct Lasting;

/// Where bytes come and go.
trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<W: AsyncRead + AsyncWrite + Send + Unpin> Wire for W {}

/// Cut off once the other side has taken nothing for too long.
fn timed(wire: impl AsyncRead + AsyncWrite + Send + 'static) -> Box<dyn Wire> {
    let mut wire = TimeoutWriter::new(wire);
    wire.set_timeout(Some(TAKEN_WITHIN));
    Box::new(Box::pin(wire))
}

/// A connection of the HTTP server, until an answer takes it over. Its clones are the same connection.
#[derive(Clone)]
pub struct Line {
    wire: Arc<Mutex<Option<Box<dyn Wire>>>>,
    /// As long as there is one, somebody is still connected.
    open: watch::Receiver<()>,
}

/// Listens, and lets answers take over what it accepts.
pub struct Lines<L> {
    listener: L,
    open: watch::Receiver<()>,
}

impl<L: Listener> Lines<L> {
    /// Wraps a listener. The sender knows when all its connections have ended, taken over or not.
    pub fn new(listener: L) -> (Self, watch::Sender<()>) {
        let (all_ended, open) = watch::channel(());
        (Self { listener, open }, all_ended)
    }
}

impl<L: Listener> Listener for Lines<L> {
    type Io = Line;
    type Addr = L::Addr;

    async fn accept(&mut self) -> (Line, L::Addr) {
        let (wire, address) = self.listener.accept().await;
        let line = Line {
            wire: Arc::new(Mutex::new(Some(timed(wire)))),
            open: self.open.clone(),
        };
        (line, address)
    }

    fn local_addr(&self) -> io::Result<L::Addr> {
        self.listener.local_addr()
    }
}

impl Line {
    fn wire(&self) -> MutexGuard<'_, Option<Box<dyn Wire>>> {
        self.wire.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Once taken over, it reads as ended…
impl AsyncRead for Line {
    fn poll_read(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.wire().as_mut() {
            Some(wire) => Pin::new(wire).poll_read(task, buffer),
            None => Poll::Ready(Ok(())),
        }
    }
}

/// …and what is written is nobody's.
impl AsyncWrite for Line {
    fn poll_write(self: Pin<&mut Self>, task: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.wire().as_mut() {
            Some(wire) => Pin::new(wire).poll_write(task, bytes),
            None => Poll::Ready(Ok(bytes.len())),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.wire().as_mut() {
            Some(wire) => Pin::new(wire).poll_write_vectored(task, pieces),
            None => Poll::Ready(Ok(pieces.iter().map(|piece| piece.len()).sum())),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.wire().as_ref().is_some_and(AsyncWrite::is_write_vectored)
    }

    fn poll_flush(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.wire().as_mut() {
            Some(wire) => Pin::new(wire).poll_flush(task),
            None => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.wire().as_mut() {
            Some(wire) => Pin::new(wire).poll_shutdown(task),
            None => Poll::Ready(Ok(())),
        }
    }
}

/// Gives an answer that lasts a connection of its own. Stands before everything that adds to an answer's head.
pub(super) async fn hand_over(State(doors): State<Doors>, mut request: Request, next: Next) -> Response {
    let line = request.extensions_mut().remove::<ConnectInfo<Line>>();
    let may_last = request.version() == Version::HTTP_11 && request.method() == Method::GET;
    let response = next.run(request).await;
    let Some(ConnectInfo(line)) =
        line.filter(|_| may_last && response.extensions().get::<Lasting>().is_some())
    else {
        return response;
    };
    let Some(wire) = line.wire().take() else {
        return response;
    };
    let (parts, body) = response.into_parts();
    let head = head(&parts, doors.context.now());
    let open = line.open;
    tokio::spawn(async move {
        if let Err(error) = write_out(wire, head, body).await {
            tracing::debug!(cause = %error, "a stream was cut off");
        }
        drop(open);
    });
    // Nobody hears it; it tells the HTTP server that this connection is done with.
    [(header::CONNECTION, "close")].into_response()
}

/// The head, as HTTP/1.1 writes it.
fn head(parts: &Parts, now: Timestamp) -> Vec<u8> {
    let reason = parts.status.canonical_reason().unwrap_or_default();
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", parts.status.as_str()).into_bytes();
    for (name, value) in &parts.headers {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    let date = UNIX_EPOCH + Duration::from_millis(u64::try_from(now.0).unwrap_or(0));
    let date = httpdate::fmt_http_date(date);
    head.extend_from_slice(
        format!("date: {date}\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n").as_bytes(),
    );
    head
}

/// Writes head and body until the body ends or the other side has gone.
async fn write_out(wire: Box<dyn Wire>, head: Vec<u8>, body: Body) -> io::Result<()> {
    let (mut reading, mut writing) = tokio::io::split(wire);
    let mut frames = body.into_data_stream();
    // The head goes with the first frame.
    let mut bytes = head;
    loop {
        let frame = tokio::select! {
            frame = frames.next() => frame,
            () = until_gone(&mut reading) => return Ok(()),
        };
        match frame {
            Some(Ok(frame)) if frame.is_empty() => {}
            Some(Ok(frame)) => {
                bytes.extend_from_slice(format!("{:x}\r\n", frame.len()).as_bytes());
                bytes.extend_from_slice(&frame);
                bytes.extend_from_slice(b"\r\n");
                // Given back before the wait for the next one, which may be long.
                put(&mut writing, &std::mem::take(&mut bytes)).await?;
            }
            // Cut off, without the chunk that says that this was all.
            Some(Err(_)) => return Ok(()),
            None => {
                bytes.extend_from_slice(b"0\r\n\r\n");
                put(&mut writing, &bytes).await?;
                return writing.shutdown().await;
            }
        }
    }
}

/// Writes all of it.
async fn put(writing: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    writing.write_all(bytes).await?;
    // What is encrypted may wait in a buffer until then.
    writing.flush().await
}

/// Waits until the other side has closed the connection; what it still says is not for us.
async fn until_gone(reading: &mut (impl AsyncRead + Unpin)) {
    let mut said = [0; 64];
    while matches!(reading.read(&mut said).await, Ok(1..)) {}
}

#[cfg(test)]
mod tests {
    use futures::stream;
    use tokio::time::Instant;

    use super::*;

    /// A body of frames without an end.
    fn endless() -> Body {
        Body::from_stream(stream::repeat_with(|| Ok::<_, io::Error>(vec![b'x'; 100])))
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_never_reads_is_cut_off() {
        let (mut peer, wire) = tokio::io::duplex(1_000);
        let began = Instant::now();

        let outcome = write_out(timed(wire), b"head".to_vec(), endless()).await;

        assert_eq!(outcome.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(began.elapsed(), TAKEN_WITHIN);
        // What was on its way is still there, and then the end.
        let mut rest = Vec::new();
        peer.read_to_end(&mut rest).await.unwrap();
        assert_eq!(rest.len(), 1_000);
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_reads_a_byte_now_and_then_is_not() {
        let (mut peer, wire) = tokio::io::duplex(1_000);
        let writing = tokio::spawn(write_out(timed(wire), Vec::new(), endless()));

        for _ in 0..100 {
            tokio::time::advance(TAKEN_WITHIN * 9 / 10).await;
            peer.read_u8().await.unwrap();
        }

        assert!(!writing.is_finished());
        drop(peer);
        assert!(writing.await.unwrap().is_err());
    }
}
