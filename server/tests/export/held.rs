//! A store of files that keeps one read waiting: what happens meanwhile happens between two steps of an export.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use server::objects::{Address, Objects};
use tokio::sync::Notify;

use crate::harness::Harness;

/// What it holds, and what waits.
#[derive(Default)]
pub(crate) struct Held {
    parts: Mutex<BTreeMap<String, Bytes>>,
    /// Of which file the second part waits when it is read next.
    file: Mutex<Option<String>>,
    reached: Notify,
    goes_on: Notify,
}

impl Held {
    /// The next read of the second part of that file waits.
    pub(crate) fn hold(&self, file: &str) {
        *self.file.lock().unwrap() = Some(file.to_owned());
    }

    /// Waits until somebody reads it.
    pub(crate) async fn reached(&self) {
        self.reached.notified().await;
    }

    /// Answers whoever waits, with what was there when they asked.
    pub(crate) fn go_on(&self) {
        self.goes_on.notify_one();
    }
}

/// Has the harness keep its files in such a store, which speaks S3. It keeps what it is told to forget.
pub(crate) async fn start(harness: &mut Harness) -> Arc<Held> {
    const EMPTY: &str = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
    let held = Arc::new(Held::default());
    let router = Router::new()
        .route("/pli", get(|| async { EMPTY }))
        .route("/pli/{*key}", get(read).put(put))
        .layer(DefaultBodyLimit::disable())
        .with_state(Arc::clone(&held));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let key = harness.database().folder().join("s3.key");
    std::fs::write(&key, "id-1\nsecret-1\n").unwrap();
    let address = Address::parse(&format!("s3://pli/files?endpoint=http://{endpoint}"))
        .unwrap()
        .signed_by(&key)
        .unwrap();
    harness.context.files.objects = Objects::open(&address).unwrap();
    held
}

async fn put(State(held): State<Arc<Held>>, Path(key): Path<String>, bytes: Bytes) -> Response {
    held.parts.lock().unwrap().insert(key, bytes);
    [(header::ETAG, "\"1\"")].into_response()
}

async fn read(State(held): State<Arc<Held>>, Path(key): Path<String>) -> Response {
    let found = held.parts.lock().unwrap().get(&key).cloned();
    let Some(bytes) = found else {
        return (StatusCode::NOT_FOUND, "<Error><Code>NoSuchKey</Code></Error>").into_response();
    };
    let is_awaited = |file: &mut String| key.contains(file.as_str()) && key.ends_with('1');
    let does_wait = held.file.lock().unwrap().take_if(is_awaited).is_some();
    if does_wait {
        held.reached.notify_one();
        held.goes_on.notified().await;
    }
    let headers = [
        (header::ETAG, "\"1\""),
        (header::LAST_MODIFIED, "Fri, 15 Jan 2027 08:00:00 GMT"),
    ];
    (headers, bytes).into_response()
}
