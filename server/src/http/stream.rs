//! `/api/v1/events`: the account's log as Server-Sent Events.
//!
//! The stream holds a cursor, not a queue: woken by a bell, it reads what came after the cursor. A slow reader delays
//! only itself. Each event's id is its cursor, so a browser that reconnects goes on where it was.

use std::convert::Infallible;
use std::time::Duration;

use app::api::{ApiError, Event, ListEvents};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::sse::{Event as Frame, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::operations::Asker;
use super::{Doors, problem, session};
use crate::context::Caller;
use crate::events;
use crate::live::Signal;

/// A comment line at least this often, so that proxies and devices know the line is alive.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// The most events read from the log at a time.
const N_AT_ONCE: u32 = 200;

/// Opens the stream: from `Last-Event-ID`, or from now.
pub(super) async fn serve(State(doors): State<Doors>, headers: HeaderMap) -> Response {
    let language = session::language(&headers);
    let opened = async {
        let Asker::Caller(caller) = session::asker(&doors, &Method::GET, &headers).await? else {
            return Err(ApiError::SignedOut.into());
        };
        // Listen before reading the cursor: what happens in between rings the bell.
        let signals = doors.context.live.listen(caller.account);
        let after = match headers.get("last-event-id").and_then(|value| value.to_str().ok()) {
            Some(text) if !text.is_empty() => text.parse::<u64>().map_err(|_| ApiError::Malformed)?,
            _ => {
                events::list_events(doors.context.clone(), caller.clone(), ListEvents::default())
                    .await?
                    .cursor
            }
        };
        Ok(follow(doors.clone(), caller, after, signals))
    };
    match opened.await {
        Ok(frames) => {
            let mut response = Sse::new(frames).into_response();
            // Proxies that buffer would hold a message back.
            response
                .headers_mut()
                .insert("x-accel-buffering", HeaderValue::from_static("no"));
            response
                .headers_mut()
                .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(error) => problem::problem(&problem::refusal(error), language),
    }
}

/// What the stream does next.
enum Next {
    Catchup,
    Wait,
}

struct Follow {
    doors: Doors,
    caller: Caller,
    cursor: u64,
    signals: broadcast::Receiver<Signal>,
    queued: std::collections::VecDeque<Event>,
    next: Next,
    greeted: bool,
}

fn follow(
    doors: Doors,
    caller: Caller,
    cursor: u64,
    signals: broadcast::Receiver<Signal>,
) -> impl Stream<Item = Result<Frame, Infallible>> {
    let state = Follow {
        doors,
        caller,
        cursor,
        signals,
        queued: std::collections::VecDeque::new(),
        next: Next::Catchup,
        greeted: false,
    };
    futures::stream::unfold(state, |mut state| async move {
        let frame = state.next_frame().await?;
        Some((Ok(frame), state))
    })
}

impl Follow {
    /// The next frame, or `None` when the stream ends: signed out, or the store failed.
    async fn next_frame(&mut self) -> Option<Frame> {
        if !self.greeted {
            self.greeted = true;
            // Tells the browser how long to wait before it reconnects, and gives it a cursor before the first event.
            return Some(
                Frame::default()
                    .event("hello")
                    .id(self.cursor.to_string())
                    .retry(Duration::from_secs(2))
                    .data("{}"),
            );
        }
        loop {
            if let Some(event) = self.queued.pop_front() {
                if let Some(cursor) = event.cursor {
                    self.cursor = cursor;
                }
                return frame(&event);
            }
            match self.next {
                Next::Catchup => {
                    self.catch_up().await?;
                    if self.queued.is_empty() {
                        self.next = Next::Wait;
                    }
                }
                Next::Wait => match tokio::time::timeout(HEARTBEAT, self.signals.recv()).await {
                    Ok(Ok(Signal::Bell) | Err(RecvError::Lagged(_))) => self.next = Next::Catchup,
                    Ok(Ok(Signal::Passing(event))) => self.queued.push_back(event),
                    Ok(Err(RecvError::Closed)) => return None,
                    Err(_silence) => return Some(Frame::default().comment("")),
                },
            }
        }
    }

    async fn catch_up(&mut self) -> Option<()> {
        let context = &self.doors.context;
        if !session::is_signed_in(&self.doors, self.caller.device)
            .await
            .ok()?
        {
            return None;
        }
        let wish = ListEvents {
            after: Some(self.cursor),
            limit: Some(N_AT_ONCE),
            wait: None,
        };
        let page = events::list_events(context.clone(), self.caller.clone(), wish)
            .await
            .ok()?;
        self.queued.extend(page.events);
        Some(())
    }
}

fn frame(event: &Event) -> Option<Frame> {
    let data = serde_json::to_string(event).ok()?;
    let frame = Frame::default().data(data);
    Some(match event.cursor {
        Some(cursor) => frame.id(cursor.to_string()),
        None => frame,
    })
}
