//! The floor: the least that a server of messages can do. It checks who writes where, stores durably with others in one
//! commit, answers, and hands the message to the friend's stream. No rules, no pages, no accounts: user `2n` and user
//! `2n + 1` share conversation `n`, and the credentials are the user's number.

use std::collections::HashMap;
use std::convert::Infallible;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, Sse};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures::{Stream, StreamExt};
use rusqlite::{Connection, OptionalExtension};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

/// The most messages in one commit.
const GROUP: usize = 256;

#[derive(Deserialize)]
struct Send {
    conversation: i64,
    key: String,
    body: String,
}

struct Job {
    user: i64,
    send: Send,
    answer: oneshot::Sender<Result<Value, StatusCode>>,
}

type Streams = Arc<Mutex<HashMap<i64, mpsc::Sender<String>>>>;

#[derive(Clone)]
struct Doors {
    jobs: mpsc::Sender<Job>,
    streams: Streams,
}

/// Serves until it is killed.
///
/// # Errors
/// The database or the port cannot be opened.
pub(crate) async fn serve(folder: &Path) -> Result<()> {
    let streams = Streams::default();
    let (jobs, queue) = mpsc::channel(10_000);
    let db = open(&folder.join("floor.db"))?;
    let pushed = streams.clone();
    std::thread::spawn(move || write_forever(db, queue, &pushed));
    let app = Router::new()
        .route("/send", post(send))
        .route("/events", get(events))
        .with_state(Doors { jobs, streams })
        .merge(crate::files::copying(folder));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    Ok(axum::serve(
        axum::serve::ListenerExt::tap_io(listener, |io| drop(io.set_nodelay(true))),
        app,
    )
    .await?)
}

fn open(path: &Path) -> Result<Connection> {
    let db = Connection::open(path).context("cannot open the database")?;
    db.execute_batch(
        "pragma journal_mode = wal; pragma synchronous = full;
         create table participant (conversation integer, account integer, primary key (conversation, account)) without rowid;
         create table message (conversation integer, position integer, author integer, key text, body text,
             primary key (conversation, position)) without rowid;
         create unique index message_key on message (author, key);",
    )?;
    for user in 0..1_000_i64 {
        db.execute("insert into participant values ($1, $2)", (user / 2, user))?;
    }
    Ok(db)
}

fn user(headers: &HeaderMap) -> Result<i64, StatusCode> {
    let text = headers.get("authorization").and_then(|value| value.to_str().ok());
    text.and_then(|text| text.strip_prefix("Bearer ")?.parse().ok())
        .ok_or(StatusCode::UNAUTHORIZED)
}

async fn send(
    State(doors): State<Doors>,
    headers: HeaderMap,
    Json(send): Json<Send>,
) -> Result<Json<Value>, StatusCode> {
    let (answer, answered) = oneshot::channel();
    let job = Job {
        user: user(&headers)?,
        send,
        answer,
    };
    doors
        .jobs
        .send(job)
        .await
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    answered
        .await
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?
        .map(Json)
}

async fn events(
    State(doors): State<Doors>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, StatusCode> {
    let (sender, receiver) = mpsc::channel(1_000);
    doors
        .streams
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(user(&headers)?, sender);
    let stream = futures::stream::unfold(receiver, |mut receiver| async {
        Some((receiver.recv().await?, receiver))
    });
    Ok(Sse::new(stream.map(|data| Ok(Event::default().data(data)))))
}

/// The one writer: takes what has piled up, commits it together, then answers and pushes.
fn write_forever(mut db: Connection, mut queue: mpsc::Receiver<Job>, streams: &Streams) {
    let mut jobs = Vec::new();
    while queue.blocking_recv_many(&mut jobs, GROUP) > 0 {
        let stored = store(&mut db, &jobs);
        let streams = streams.lock().unwrap_or_else(PoisonError::into_inner);
        for (index, job) in jobs.drain(..).enumerate() {
            let outcome = match &stored {
                Ok(stored) => stored[index].clone().ok_or(StatusCode::FORBIDDEN),
                Err(_) => Err(StatusCode::INTERNAL_SERVER_ERROR),
            };
            if let (Ok(message), Some(stream)) = (&outcome, streams.get(&(job.user ^ 1))) {
                // A stream that is gone or full misses it.
                let _ = stream.try_send(message.to_string());
            }
            let _ = job.answer.send(outcome);
        }
    }
}

fn store(db: &mut Connection, jobs: &[Job]) -> rusqlite::Result<Vec<Option<Value>>> {
    let tx = db.transaction()?;
    let mut stored = Vec::new();
    {
        let mut member =
            tx.prepare_cached("select 1 from participant where conversation = $1 and account = $2")?;
        let mut insert = tx.prepare_cached(
            "insert into message
             select $1, coalesce(max(position), 0) + 1, $2, $3, $4 from message where conversation = $1
             returning position",
        )?;
        for Job { user, send, .. } in jobs {
            let is_member = member
                .query_row((send.conversation, user), |_| Ok(()))
                .optional()?
                .is_some();
            if !is_member {
                stored.push(None);
                continue;
            }
            let position: i64 =
                insert.query_row((send.conversation, user, &send.key, &send.body), |row| row.get(0))?;
            stored.push(Some(
                json!({ "message": { "position": position, "author": user, "body": send.body } }),
            ));
        }
    }
    tx.commit()?;
    Ok(stored)
}
