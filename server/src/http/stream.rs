//! `/api/v1/events`: the account's log as Server-Sent Events.
//!
//! The stream holds a cursor, not a queue: woken by a bell, it reads what came after the cursor, a bounded piece at a time.
//! A device that does not keep up is told to ask the log (`resync`) and the stream ends; it has cost only itself. Each
//! event's id is its cursor, so a browser that reconnects goes on where it was.
//!
//! What waits for one device, between the store and the network: a piece of the log, and one frame that is being written
//! (`line`). Where the HTTP server writes instead, what it has taken from this stream and could not write yet, which
//! [`CHUNK_BYTES`] keeps small.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use app::api::{ApiError, Event, ListEvents};
use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

use super::line::Lasting;
use super::operations::Asker;
use super::{Doors, problem, session};
use crate::context::Caller;
use crate::error::Result;
use crate::events;
use crate::live::{OpenStream, Signal};

/// An event that says nothing at least this often, so that proxies and pages know the line is alive: a page hears no
/// comments. Each time the session is checked too: a command in another process may have ended it, and rings no bell here. What
/// passes meanwhile puts off neither.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// The most events of a piece.
const N_AT_ONCE: u32 = 64;
/// The most bytes of a piece, about.
const PIECE_BYTES: u64 = 64 * 1024;
/// A device that was up to date and for which more than this has come since it last took something is told to ask the log.
///
/// Source: assurance line REL-08.
const MAX_WAITING_BYTES: u64 = 256 * 1024;
/// Frames leave in chunks of at most this size. The HTTP server takes up to 16 of them ahead of the network.
const CHUNK_BYTES: usize = 4 * 1024;
/// Devices that lose their streams together come back spread over this time at least…
const MIN_SPREAD_MS: u64 = 2_000;
/// …and over this time at most,…
const MAX_SPREAD_MS: u64 = 30_000;
/// …so that 500 of them come back in a second.
const SPREAD_MS_PER_STREAM: u64 = 2;

/// Opens the stream: from `Last-Event-ID`, or from now.
pub(super) async fn serve(State(doors): State<Doors>, headers: HeaderMap) -> Response {
    match open(&doors, &headers).await {
        Ok(frames) => {
            let headers = [
                (header::CONTENT_TYPE.as_str(), "text/event-stream"),
                (header::CACHE_CONTROL.as_str(), "no-store"),
                // Proxies that buffer would hold a message back.
                ("x-accel-buffering", "no"),
            ];
            (Extension(Lasting), headers, Body::from_stream(frames)).into_response()
        }
        Err(error) => problem::problem(&problem::refusal(error), session::language(&headers)),
    }
}

async fn open(
    doors: &Doors,
    headers: &HeaderMap,
) -> Result<impl Stream<Item = std::result::Result<Bytes, Infallible>> + use<>> {
    let caller = match session::reader(doors, headers).await? {
        Asker::Caller(caller) => caller,
        Asker::Held(_, hold) => return Err(hold.refusal().into()),
        Asker::Visitor(_) => return Err(ApiError::SignedOut.into()),
    };
    let context = &doors.context;
    // Listen before reading the cursor: what happens in between rings the bell.
    let signals = context.live.listen(caller.account);
    let end = events::list_events(context.clone(), caller.clone(), ListEvents::default())
        .await?
        .cursor;
    let cursor = match headers.get("last-event-id") {
        Some(text) if !text.is_empty() => {
            let given = text.to_str().ok().and_then(|text| text.parse::<u64>().ok());
            // A cursor beyond the end belongs to another history: the device sees that the stream begins before it.
            given.ok_or(ApiError::Malformed)?.min(end)
        }
        _ => end,
    };
    let follow = Follow {
        doors: doors.clone(),
        caller,
        cursor,
        signals,
        queued: VecDeque::new(),
        next: Next::Greet,
        was_up_to_date: false,
        beat_at: Instant::now() + HEARTBEAT,
        counted: context.live.count_stream(),
    };
    Ok(futures::stream::unfold(
        (follow, Bytes::new()),
        |(mut follow, mut rest)| async move {
            if rest.is_empty() {
                rest = follow.next_frame().await?;
            }
            let chunk = rest.split_to(rest.len().min(CHUNK_BYTES));
            Some((Ok(chunk), (follow, rest)))
        },
    ))
}

/// What the stream does next.
enum Next {
    Greet,
    CatchUp,
    Wait,
    End,
}

struct Follow {
    doors: Doors,
    caller: Caller,
    /// Everything up to here has been sent.
    cursor: u64,
    signals: broadcast::Receiver<Signal>,
    queued: VecDeque<Event>,
    next: Next,
    /// There was a moment at which nothing was left to send.
    was_up_to_date: bool,
    /// When the next beat is due, whatever passes meanwhile.
    beat_at: Instant,
    counted: OpenStream,
}

impl Follow {
    /// The next frame, or `None` when the stream ends: signed out, told to ask the log, or the store failed.
    async fn next_frame(&mut self) -> Option<Bytes> {
        loop {
            if let Some(event) = self.queued.pop_front() {
                if let Some(cursor) = event.cursor {
                    self.cursor = cursor;
                }
                return event_frame(&event);
            }
            match self.next {
                Next::Greet => {
                    self.next = Next::CatchUp;
                    return Some(self.hello());
                }
                Next::CatchUp => {
                    let piece = self.read_piece().await?;
                    let n_bytes_waiting = piece.n_bytes + piece.n_bytes_left;
                    if self.was_up_to_date && n_bytes_waiting > MAX_WAITING_BYTES {
                        self.next = Next::End;
                        return Some(self.resync());
                    }
                    if piece.n_bytes_left == 0 {
                        self.was_up_to_date = true;
                        self.next = Next::Wait;
                    }
                    self.queued.extend(piece.events);
                }
                Next::Wait if self.beat_at <= Instant::now() => {
                    self.beat_at = Instant::now() + HEARTBEAT;
                    self.require_signed_in().await?;
                    return Some(Bytes::from_static(b"event: beat\ndata: {}\n\n"));
                }
                Next::Wait => match tokio::time::timeout_at(self.beat_at, self.signals.recv()).await {
                    Ok(Ok(Signal::Bell) | Err(RecvError::Lagged(_))) => self.next = Next::CatchUp,
                    Ok(Ok(Signal::Passing(event))) => self.queued.push_back(Event::clone(&event)),
                    Ok(Err(RecvError::Closed)) => return None,
                    Err(_beat_is_due) => {}
                },
                Next::End => return None,
            }
        }
    }

    /// The first frame: a cursor before the first event, and how to come back once the stream is lost. `retry` is for
    /// browsers, which wait exactly so long; `spread_ms` for those who draw their own wait below it.
    fn hello(&self) -> Bytes {
        let n_streams = u64::try_from(self.counted.n_streams()).unwrap_or(u64::MAX);
        let spread_ms = n_streams
            .saturating_mul(SPREAD_MS_PER_STREAM)
            .clamp(MIN_SPREAD_MS, MAX_SPREAD_MS);
        let mut random = [0; 8];
        self.doors.context.clock.fill_random(&mut random);
        let retry_ms = 500 + u64::from_le_bytes(random) % spread_ms;
        let cursor = self.cursor;
        Bytes::from(format!(
            "event: hello\nid: {cursor}\nretry: {retry_ms}\ndata: {{\"spread_ms\":{spread_ms}}}\n\n"
        ))
    }

    /// The last frame for a device that does not keep up: what it has not received it asks the log for. The frame has no
    /// id of its own: a browser that reconnects by itself misses nothing either.
    fn resync(&self) -> Bytes {
        Bytes::from(format!("event: resync\ndata: {{\"cursor\":{}}}\n\n", self.cursor))
    }

    async fn read_piece(&self) -> Option<events::Piece> {
        let context = &self.doors.context;
        let most = (N_AT_ONCE, PIECE_BYTES);
        let read = events::read_piece(context, &self.caller, self.cursor, most);
        read.await.ok().flatten()
    }

    async fn require_signed_in(&self) -> Option<()> {
        let is_signed_in = session::is_signed_in(&self.doors, self.caller.device).await;
        is_signed_in.ok()?.then_some(())
    }
}

fn event_frame(event: &Event) -> Option<Bytes> {
    let data = serde_json::to_string(event).ok()?;
    Some(Bytes::from(match event.cursor {
        Some(cursor) => format!("id: {cursor}\ndata: {data}\n\n"),
        None => format!("data: {data}\n\n"),
    }))
}
