//! The same rules over a store that speaks S3.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use server::attachments::{Content, sweep};
use server::objects::{Address, Objects};

use super::{begin, pdf, read, samples, send, send_part, sha256, upload};
use crate::harness::{Friends, Harness};

/// What a bucket holds.
type Bucket = Arc<Mutex<BTreeMap<String, Bytes>>>;

/// A bucket that answers what the library asks.
async fn start() -> (String, Bucket) {
    let bucket = Bucket::default();
    let router = Router::new()
        .route("/pli", get(list))
        .route("/pli/{*key}", get(read_object).put(put).delete(delete))
        .layer(axum::extract::DefaultBodyLimit::disable())
        .with_state(Arc::clone(&bucket));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}"), bucket)
}

fn is_signed(headers: &HeaderMap) -> bool {
    headers
        .get(header::AUTHORIZATION)
        .is_some_and(|value| value.to_str().unwrap().contains("Credential=id-1/"))
}

async fn put(
    State(bucket): State<Bucket>,
    Path(key): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    assert!(is_signed(&headers));
    bucket.lock().unwrap().insert(key, bytes);
    [(header::ETAG, "\"1\"")].into_response()
}

async fn read_object(State(bucket): State<Bucket>, Path(key): Path<String>) -> Response {
    match bucket.lock().unwrap().get(&key) {
        Some(bytes) => (
            [
                (header::ETAG, "\"1\""),
                (header::LAST_MODIFIED, "Fri, 15 Jan 2027 08:00:00 GMT"),
            ],
            bytes.clone(),
        )
            .into_response(),
        None => (StatusCode::NOT_FOUND, "<Error><Code>NoSuchKey</Code></Error>").into_response(),
    }
}

async fn delete(State(bucket): State<Bucket>, Path(key): Path<String>) -> StatusCode {
    bucket.lock().unwrap().remove(&key);
    StatusCode::NO_CONTENT
}

async fn list(State(bucket): State<Bucket>, Query(query): Query<BTreeMap<String, String>>) -> String {
    let prefix = query.get("prefix").cloned().unwrap_or_default();
    let delimiter = query.get("delimiter").cloned().unwrap_or_default();
    let (mut objects, mut folders) = (String::new(), std::collections::BTreeSet::new());
    for (key, bytes) in bucket.lock().unwrap().iter() {
        let Some(rest) = key.strip_prefix(&prefix) else {
            continue;
        };
        match rest.split_once('/').filter(|_| !delimiter.is_empty()) {
            Some((folder, _)) => {
                folders.insert(format!(
                    "<CommonPrefixes><Prefix>{prefix}{folder}/</Prefix></CommonPrefixes>"
                ));
            }
            None => {
                let _ = write!(
                    objects,
                    "<Contents><Key>{key}</Key><LastModified>2027-01-15T08:00:00.000Z</LastModified><ETag>1</ETag>\
                     <Size>{}</Size></Contents>",
                    bytes.len()
                );
            }
        }
    }
    let folders: String = folders.into_iter().collect();
    format!("<ListBucketResult><IsTruncated>false</IsTruncated>{objects}{folders}</ListBucketResult>")
}

#[tokio::test]
async fn a_store_that_speaks_s3_keeps_files_as_a_folder_does() {
    let mut harness = Harness::new();
    let (endpoint, bucket) = start().await;
    let key = harness.database().folder().join("s3.key");
    std::fs::write(&key, "id-1\nsecret-1\n").unwrap();
    let address = Address::parse(&format!("s3://pli/files?endpoint={endpoint}"))
        .unwrap()
        .signed_by(&key)
        .unwrap();
    harness.context.files.objects = Objects::open(&address).unwrap();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;

    let bytes = pdf(1_200_000);
    let paper = begin(&harness, &anne, conversation, "a.pdf", bytes.len())
        .await
        .unwrap()
        .id;
    send_part(&harness, &anne, paper, 0, &bytes[..700_000])
        .await
        .unwrap();
    send_part(&harness, &anne, paper, 700_000, &bytes[700_000..])
        .await
        .unwrap();
    let paper = super::finish(&harness, &anne, paper).await.unwrap();
    let picture = upload(&harness, &anne, conversation, "a.png", &samples::png(40, 40))
        .await
        .unwrap();
    let unsent = begin(&harness, &anne, conversation, "b.pdf", 9_000)
        .await
        .unwrap()
        .id;
    send_part(&harness, &anne, unsent, 0, &pdf(5_000)).await.unwrap();
    send(&harness, &anne, conversation, "", &[paper.id, picture.id])
        .await
        .unwrap();

    assert_eq!(
        read(&harness, &luc, paper.id, Content::Whole).await.unwrap(),
        bytes
    );
    assert_eq!(paper.sha256, sha256(&bytes));
    assert!(read(&harness, &luc, picture.id, Content::Thumbnail).await.is_ok());
    let names: Vec<String> = bucket.lock().unwrap().keys().cloned().collect();
    assert_eq!(names.len(), 3 + 2 + 1, "{names:?}");
    assert!(
        names
            .iter()
            .all(|name| name.starts_with(&format!("files/{conversation}/")))
    );
    assert!(
        bucket
            .lock()
            .unwrap()
            .values()
            .all(|bytes| !bytes.windows(4).any(|four| four == b"%PDF"))
    );
    harness.clock.advance_ms(25 * 3_600_000);
    sweep(&harness.context).await.unwrap();
    assert_eq!(bucket.lock().unwrap().len(), 5);
    server::conversations::erase_conversation(&harness.context, None, conversation)
        .await
        .unwrap();
    assert!(bucket.lock().unwrap().is_empty());
}
