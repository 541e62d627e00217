//! REL-06 and REL-07: over a line that is cut at random bytes, every message reaches the screen once and in order, and
//! its author sees *envoyé* exactly when it is on the server.
//!
//! The clients run the page's own decisions ([`app::api::Follow`], [`Lane`]) over real connections to the real doors;
//! only their timers are shortened to nothing. `proxy` is the line.
//!
//! Planted, and to be caught: a reader that does not close gaps, and one that shows everything that it is told.

pub(crate) mod proxy;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use app::api::{ApiError, Event, EventKind, EventPage, Follow, Then, Timestamp};
use app::conversations::sending::{self, Lane, Progress};
use app::conversations::{MessageBody, SendMessage, SentMessage};
use server::http::Lines;
use tokio::net::TcpListener;

use crate::client::Connection;
use crate::harness::{Account, Friends, Harness};
use crate::tally::Tally;
use proxy::Proxy;

/// What is wrong with the reader on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Planted {
    /// Nothing.
    Nothing,
    /// It takes a stream's first event for the next one, whatever it missed.
    IgnoresGaps,
    /// It shows again what the log repeats.
    ShowsTwice,
}

/// How long a silent line is believed in.
const SILENCE: Duration = Duration::from_millis(400);

/// Serves the harness's doors on a port of their own.
pub(crate) async fn serve(harness: &Harness) -> (SocketAddr, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (lines, _) = Lines::new(listener);
    let served = tokio::spawn(server::http::serve(
        lines,
        harness.router(),
        std::future::pending(),
    ));
    (address, served)
}

/// Writes and reads until the line has been cut `n_cuts` times; `done` counts them on the way.
pub(crate) async fn run(n_cuts: u64, planted: Planted, seed: u64, done: &AtomicU64) -> Tally {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let (address, served) = serve(&harness).await;
    let line = Proxy::start(address, seed).await;
    let second = harness.sign_in(&friends.luc.email).await;
    let is_written = Arc::new(AtomicBool::new(false));
    let cursor = harness.cursor(&friends.luc).await;
    let mut readers = tokio::task::JoinSet::new();
    for device in [&friends.luc, &second] {
        let reader = Reader {
            follow: Follow::after(cursor),
            shown: Vec::new(),
            planted,
        };
        readers.spawn(reader.read(line.address.clone(), credentials(device), Arc::clone(&is_written)));
    }
    let sending = write(&line, &friends, n_cuts, done).await;
    is_written.store(true, Ordering::SeqCst);
    let stored = stored(&harness, &friends).await;
    let mut tally = Tally {
        trials: line.n_cuts(),
        ..Tally::default()
    };
    for (index, entry) in sending.entries().iter().enumerate() {
        let Progress::Sent(message) = &entry.progress else {
            tally.lost += 1;
            continue;
        };
        tally.acknowledged += 1;
        let found = stored
            .iter()
            .filter(|(_, text)| text == entry.body.as_str())
            .count() as u64;
        tally.false_sent += u64::from(found == 0);
        tally.doubled += found.saturating_sub(1);
        tally.out_of_order += u64::from(message.position != index as u64 + 1);
    }
    while let Some(shown) = readers.join_next().await {
        let shown = shown.unwrap();
        tally.lost += stored.iter().filter(|message| !shown.contains(message)).count() as u64;
        let mut sorted = shown.clone();
        sorted.sort_unstable();
        sorted.dedup();
        tally.doubled += (shown.len() - sorted.len()) as u64;
        tally.out_of_order += shown.windows(2).filter(|pair| pair[0].0 > pair[1].0).count() as u64;
    }
    served.abort();
    tally
}

fn credentials(device: &Account) -> String {
    format!("authorization: Bearer {}\r\n", device.token)
}

/// What stands in the conversation, read past the line.
async fn stored(harness: &Harness, friends: &Friends) -> Vec<(u64, String)> {
    let mut after = 0;
    let mut stored = Vec::new();
    loop {
        let page = harness.call(
            &friends.luc,
            app::api::ListEvents {
                after: Some(after),
                limit: Some(1_000),
                wait: None,
            },
        );
        let page = page.await.unwrap();
        if page.events.is_empty() {
            return stored;
        }
        after = page.cursor;
        stored.extend(page.events.iter().filter_map(words));
    }
}

fn words(event: &Event) -> Option<(u64, String)> {
    match &event.kind {
        EventKind::MessageSent { message, .. } => Some((message.position, message.body.as_str().to_owned())),
        _ => None,
    }
}

/// Anne's outbox, on the page's own lane: one message after the other until the line was cut often enough.
async fn write(line: &Proxy, friends: &Friends, n_cuts: u64, done: &AtomicU64) -> Lane {
    let mut sending = Lane::default();
    let mut connection = None;
    let mut number = 0;
    let before = done.load(Ordering::Relaxed);
    while line.n_cuts() < n_cuts {
        done.store(before + line.n_cuts(), Ordering::Relaxed);
        number += 1;
        let key = app::api::MessageKey(uuid::Uuid::from_u128(number));
        sending.push(
            key,
            String::new(),
            MessageBody::parse(&format!("message {number}")).unwrap(),
            Timestamp(0),
        );
        while let Some((key, parcel)) = sending.next() {
            let wish = SendMessage {
                conversation: friends.conversation,
                key,
                reply_to: parcel.reply_to,
                body: parcel.body,
                clears_draft: false,
                attachments: Vec::new(),
            };
            let outcome = send(line, &mut connection, &friends.anne, &wish).await;
            if let sending::Then::Wait { turn, .. } = sending.answered(key, outcome, 0.0) {
                sending.wake(turn);
            }
        }
    }
    sending
}

async fn send(
    line: &Proxy,
    connection: &mut Option<Connection>,
    author: &Account,
    wish: &SendMessage,
) -> Result<app::conversations::Message, ApiError> {
    let text = serde_json::to_string(wish).unwrap();
    let mut open = match connection.take() {
        Some(open) => open,
        None => Connection::open(&line.address, &credentials(author))
            .await
            .map_err(|_| ApiError::Unreachable)?,
    };
    let asked = tokio::time::timeout(SILENCE, open.post("/api/v1/conversations.send_message", &text)).await;
    let Ok(Ok(answer)) = asked else {
        return Err(ApiError::Unreachable);
    };
    *connection = Some(open);
    let sent: SentMessage = serde_json::from_slice(&answer).map_err(|_| ApiError::Unreachable)?;
    Ok(sent.message)
}

/// One of Luc's devices.
struct Reader {
    follow: Follow,
    shown: Vec<(u64, String)>,
    planted: Planted,
}

impl Reader {
    /// Follows the log until everything that was written is shown, or nothing more comes.
    async fn read(
        mut self,
        line: String,
        credentials: String,
        is_written: Arc<AtomicBool>,
    ) -> Vec<(u64, String)> {
        loop {
            let turn = self.follow.open();
            let _ = self.follow_stream(turn, &line, &credentials, &is_written).await;
            let _ = self.follow.failed(turn, 0.0);
            if is_written.load(Ordering::SeqCst) && self.has_all(&line, &credentials).await {
                return self.shown;
            }
        }
    }

    /// Whether a stream that opens now tells of nothing new. A reader that is wrong on purpose believes so.
    async fn has_all(&mut self, line: &str, credentials: &str) -> bool {
        if self.planted != Planted::Nothing {
            return true;
        }
        matches!(ask_log(line, credentials, self.follow.cursor()).await, Some(page) if page.events.is_empty())
    }

    async fn follow_stream(
        &mut self,
        turn: u32,
        line: &str,
        credentials: &str,
        is_written: &AtomicBool,
    ) -> anyhow::Result<()> {
        let mut events = tokio::time::timeout(SILENCE, async {
            Connection::open(line, credentials)
                .await?
                .listen("/api/v1/events")
                .await
        })
        .await??;
        loop {
            let silence = if is_written.load(Ordering::SeqCst) {
                SILENCE / 4
            } else {
                SILENCE
            };
            let frame = tokio::time::timeout(silence, events.next()).await??;
            let field = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name));
            let mut step = if field("event: ") == Some("hello") {
                let known = field("id: ").unwrap_or("0").parse()?;
                self.follow.hello(turn, known)
            } else {
                let event: Event = serde_json::from_str(field("data: ").unwrap_or_default())?;
                if self.planted == Planted::IgnoresGaps
                    && let Some(cursor) = event.cursor
                {
                    self.follow = Follow::after(cursor);
                    self.shown.extend(words(&event));
                    continue;
                }
                self.follow.event(turn, event)
            };
            loop {
                self.shown.extend(step.publish.iter().filter_map(words));
                let Then::ReadLog { after } = step.then else { break };
                if self.planted == Planted::IgnoresGaps {
                    break;
                }
                let page = ask_log(line, credentials, after).await;
                let page = page.ok_or_else(|| anyhow::anyhow!("no answer"))?;
                if self.planted == Planted::ShowsTwice {
                    self.shown.extend(page.events.iter().filter_map(words));
                }
                step = self.follow.page(turn, page);
            }
        }
    }
}

async fn ask_log(line: &str, credentials: &str, after: u64) -> Option<EventPage> {
    let path = format!("/api/v1/events.list_events?after={after}&limit=500");
    let asked = async { Connection::open(line, credentials).await?.get(&path).await };
    let answer = tokio::time::timeout(SILENCE, asked).await.ok()?.ok()?;
    serde_json::from_slice(&answer).ok()
}
