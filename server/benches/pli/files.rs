//! Files on their way in and out, beside the least that a server can do with one: write what comes to the disk.
//!
//! Source: 25 MB at half the rate of a plain copy through HTTP; twenty uploads at once in 40 MB.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::post;
use futures::StreamExt;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

use crate::client::Connection;
use crate::figures::{Limit, Report};
use crate::subject::{Pair, Subject};

/// The largest file that Pli takes.
const N_BYTES: usize = 25_000_000;
/// What a page sends at once.
const PIECE: usize = 512 * 1024;
const N_AT_ONCE: usize = 20;
const N_TIMES: usize = 5;

/// The floor's door: what comes is written to a file, and synced.
pub(crate) fn copying(folder: &Path) -> Router {
    Router::new()
        .route("/copy", post(copy))
        .layer(DefaultBodyLimit::disable())
        .with_state(folder.to_owned())
}

async fn copy(State(folder): State<PathBuf>, body: Body) -> StatusCode {
    let written = async {
        let path = folder.join(Uuid::new_v4().to_string());
        let mut file = tokio::fs::File::create(&path).await?;
        let mut pieces = body.into_data_stream();
        while let Some(piece) = pieces.next().await {
            file.write_all(&piece.map_err(std::io::Error::other)?).await?;
        }
        file.sync_all().await?;
        tokio::fs::remove_file(path).await
    };
    match written.await {
        Ok(()) => StatusCode::OK,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Measures uploads and downloads of a large file, and the memory of many at once.
///
/// # Errors
/// A server does not start, or refuses something.
pub(crate) async fn measure(program: &Path, folder: &Path, report: &mut Report) -> Result<()> {
    let bytes = file();
    let floor = Subject::floor(folder).await?;
    let pli = Subject::pli(program, &folder.join("pli")).await?;
    let pair = &pli.pairs[0];
    let (mut copied, mut sent, mut in_parts, mut read) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..N_TIMES {
        // In turn, so that a disk that is busy for a while is busy for both.
        let mut connection = floor.writer(&floor.pairs[0]).await?;
        copied.push(
            timed(async {
                let (status, _) = connection.send("POST", "/copy", "", &bytes).await?;
                ensure!(status == 200, "the copy answered {status}");
                Ok(())
            })
            .await?,
        );
        let mut connection = pli.writer(pair).await?;
        sent.push(timed(upload(&mut connection, pair, &bytes, N_BYTES)).await?);
        let began = Instant::now();
        let id = upload(&mut connection, pair, &bytes, PIECE).await?;
        in_parts.push(began.elapsed());
        finish(&mut connection, &id).await?;
        let path = format!("/api/v1/attachments/{id}");
        read.push(
            timed(async {
                ensure!(connection.get(&path).await? == bytes, "another file came back");
                Ok(())
            })
            .await?,
        );
    }
    let rate = |mut times: Vec<Duration>| {
        times.sort_unstable();
        N_BYTES as f64 / times[times.len() / 2].as_secs_f64() / 1e6
    };
    let floor_rate = rate(copied);
    report.add(
        "25 MB: plain copy through HTTP, synced",
        floor_rate,
        "MB/s",
        Limit::None,
    );
    let half = Limit::AtLeast(floor_rate / 2.0);
    report.add(
        "25 MB: uploaded, sealed, in one request",
        rate(sent),
        "MB/s",
        half,
    );
    report.add(
        "25 MB: uploaded, sealed, in pieces of 512 KiB",
        rate(in_parts),
        "MB/s",
        Limit::None,
    );
    report.add("25 MB: handed out", rate(read), "MB/s", Limit::None);
    let before = pli.program.memory_mb()?;
    let uploads = pli.pairs.iter().take(N_AT_ONCE).map(|pair| async {
        let mut connection = pli.writer(pair).await?;
        upload(&mut connection, pair, &bytes, PIECE).await
    });
    futures::future::try_join_all(uploads).await?;
    let grown = pli.program.peak_memory_mb()? - before;
    report.add(
        "20 uploads of 25 MB at once: memory grown by",
        grown,
        "MB",
        Limit::AtMost(40.0),
    );
    pli.program.stop().await?;
    floor.program.stop().await
}

async fn timed<T>(work: impl Future<Output = Result<T>>) -> Result<Duration> {
    let began = Instant::now();
    work.await?;
    Ok(began.elapsed())
}

/// A PDF that no disk and no line makes smaller.
fn file() -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut state = 1_u64;
    while bytes.len() < N_BYTES {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        bytes.extend_from_slice(&(state >> 16).to_le_bytes());
    }
    bytes.truncate(N_BYTES);
    bytes
}

/// Uploads a file in requests of that length; answers its id.
async fn upload(connection: &mut Connection, pair: &Pair, bytes: &[u8], piece: usize) -> Result<String> {
    let wish = json!({
        "conversation": pair.conversation, "key": Uuid::now_v7(), "name": "ecg.pdf", "size": bytes.len(),
    });
    let answer = connection
        .post("/api/v1/attachments.begin_upload", &wish.to_string())
        .await?;
    let answer: Value = serde_json::from_slice(&answer)?;
    let id = answer["upload"]["id"].as_str().context("no id")?.to_owned();
    let path = format!("/api/v1/uploads/{id}");
    for (index, piece_bytes) in bytes.chunks(piece).enumerate() {
        let headers = format!(
            "tus-resumable: 1.0.0\r\nupload-offset: {}\r\ncontent-type: application/offset+octet-stream\r\n",
            index * piece
        );
        let (status, _) = connection.send("PATCH", &path, &headers, piece_bytes).await?;
        ensure!(status == 204, "a part was answered {status}");
    }
    Ok(id)
}

async fn finish(connection: &mut Connection, id: &str) -> Result<()> {
    let wish = json!({ "attachment": id }).to_string();
    connection
        .post("/api/v1/attachments.finish_upload", &wish)
        .await?;
    Ok(())
}
