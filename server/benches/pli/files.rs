//! Files on their way in and out, beside the least that a server can do with one: write what comes to the disk.
//!
//! Source: 25 MB at half the rate of a plain copy through HTTP.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::post;
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use uuid::Uuid;

use crate::client::Connection;
use crate::figures::{Limit, Report};
use crate::memory;
use crate::subject::{Pair, Subject};

/// The largest file that Pli takes.
const N_BYTES: usize = 25_000_000;
/// What a page sends at once.
const PIECE: usize = 512 * 1024;
const N_TIMES: usize = 5;
/// Where the floor keeps the file that came last.
const LAST: &str = "last";
/// The seed of all bytes.
const SEED: u64 = 1;

/// What is sent.
pub(crate) struct File {
    /// What it is called in the figures.
    pub(crate) kind: &'static str,
    name: &'static str,
    /// What is in it.
    pub(crate) bytes: Vec<u8>,
}

/// The floor's doors: what comes is written to a file, and synced; the last such file goes out.
pub(crate) fn copying(folder: &Path) -> Router {
    Router::new()
        .route("/copy", post(copy).get(hand_out))
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
        tokio::fs::rename(path, folder.join(LAST)).await
    };
    match written.await {
        Ok(()) => StatusCode::OK,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

async fn hand_out(State(folder): State<PathBuf>) -> Result<Body, StatusCode> {
    let file = tokio::fs::File::open(folder.join(LAST)).await;
    let file = file.map_err(|_| StatusCode::NOT_FOUND)?;
    let pieces = stream::try_unfold(file, |mut file| async move {
        let mut piece = vec![0; PIECE];
        let n_bytes = file.read(&mut piece).await?;
        piece.truncate(n_bytes);
        Ok::<_, std::io::Error>((n_bytes > 0).then_some((piece, file)))
    });
    Ok(Body::from_stream(pieces))
}

/// Measures uploads and downloads of a large file, and the memory of many at once.
///
/// # Errors
/// A server does not start, or refuses something.
pub(crate) async fn measure(program: &Path, folder: &Path, report: &mut Report) -> Result<()> {
    println!("  bytes from seed {SEED}");
    let file = pdf();
    let bytes = &file.bytes;
    let floor = Subject::floor(folder).await?;
    let pli = Subject::pli(program, &folder.join("pli")).await?;
    let pair = &pli.pairs[0];
    let (mut copied, mut sent) = (Vec::new(), Vec::new());
    let (mut plain, mut read) = (Vec::new(), Vec::new());
    for _ in 0..N_TIMES {
        // In turn, so that a disk that is busy for a while is busy for both.
        let mut connection = floor.writer(&floor.pairs[0]).await?;
        let began = Instant::now();
        let (status, _) = connection.send("POST", "/copy", "", bytes).await?;
        copied.push(began.elapsed());
        ensure!(status == 200, "the copy answered {status}");
        let began = Instant::now();
        let back = connection.get("/copy").await?;
        plain.push(began.elapsed());
        ensure!(back == *bytes, "another copy came back");
        let mut connection = pli.writer(pair).await?;
        let began = Instant::now();
        let id = upload(&mut connection, pair, &file).await?;
        finish(&mut connection, &id).await?;
        sent.push(began.elapsed());
        let began = Instant::now();
        let back = connection.get(&format!("/api/v1/attachments/{id}")).await?;
        read.push(began.elapsed());
        ensure!(back == *bytes, "another file came back");
    }
    let [copied, sent, plain, read] = [copied, sent, plain, read].map(rate);
    report.add(
        "25 MB: plain copy through HTTP, synced",
        copied,
        "MB/s",
        Limit::None,
    );
    report.add(
        "25 MB: begun, sent in pieces of 512 KiB, finished",
        sent,
        "MB/s",
        Limit::None,
    );
    report.add(
        "25 MB: uploaded, against a plain copy",
        sent / copied,
        "×",
        Limit::AtLeast(0.5),
    );
    report.add("25 MB: plain file through HTTP", plain, "MB/s", Limit::None);
    report.add("25 MB: handed out", read, "MB/s", Limit::None);
    report.add(
        "25 MB: handed out, against a plain file",
        read / plain,
        "×",
        Limit::None,
    );
    memory::measure(&pli, &file, report).await?;
    memory::measure(&pli, &picture()?, report).await?;
    pli.program.stop().await?;
    floor.program.stop().await
}

/// Megabytes a second, of the middle one of the times.
fn rate(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    N_BYTES as f64 / times[times.len() / 2].as_secs_f64() / 1e6
}

/// Bytes that no disk and no line makes smaller.
fn noise(n_bytes: usize) -> Vec<u8> {
    let mut state = SEED;
    let mut bytes = Vec::with_capacity(n_bytes + 6);
    while bytes.len() < n_bytes {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        bytes.extend_from_slice(&(state >> 16).to_le_bytes()[..6]);
    }
    bytes.truncate(n_bytes);
    bytes
}

fn pdf() -> File {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    bytes.extend(noise(N_BYTES - bytes.len()));
    File {
        kind: "PDF",
        name: "ecg.pdf",
        bytes,
    }
}

/// A picture that the workshop has to decode and write anew.
fn picture() -> Result<File> {
    let (width, height) = (2_000, 1_500);
    let pixels = image::RgbImage::from_raw(width, height, noise(2_000 * 1_500 * 3));
    let mut bytes = Vec::new();
    pixels
        .context("as many bytes as colours")?
        .write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Png)?;
    Ok(File {
        kind: "picture",
        name: "plaie.png",
        bytes,
    })
}

/// Uploads a file in the pieces that a page sends; answers its id.
///
/// # Errors
/// The server refuses.
pub(crate) async fn upload(connection: &mut Connection, pair: &Pair, file: &File) -> Result<String> {
    let wish = json!({
        "conversation": pair.conversation, "key": Uuid::now_v7(), "name": file.name, "size": file.bytes.len(),
    });
    let answer = connection
        .post("/api/v1/attachments.begin_upload", &wish.to_string())
        .await?;
    let answer: Value = serde_json::from_slice(&answer)?;
    let id = answer["upload"]["id"].as_str().context("no id")?.to_owned();
    let path = format!("/api/v1/uploads/{id}");
    for (index, piece_bytes) in file.bytes.chunks(PIECE).enumerate() {
        let headers = format!(
            "tus-resumable: 1.0.0\r\nupload-offset: {}\r\ncontent-type: application/offset+octet-stream\r\n",
            index * PIECE
        );
        let (status, _) = connection.send("PATCH", &path, &headers, piece_bytes).await?;
        ensure!(status == 204, "a part was answered {status}");
    }
    Ok(id)
}

/// Ends an upload: the server looks at the file.
///
/// # Errors
/// The server refuses.
pub(crate) async fn finish(connection: &mut Connection, id: &str) -> Result<()> {
    let wish = json!({ "attachment": id }).to_string();
    connection
        .post("/api/v1/attachments.finish_upload", &wish)
        .await?;
    Ok(())
}
