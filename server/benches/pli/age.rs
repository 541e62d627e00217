//! What must not grow with age: the newest page of a long conversation, the list of many conversations, what was
//! missed, and the start on a full database.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::client::Connection;
use crate::figures::{Limit, Report, Samples};
use crate::people::{People, Person};
use crate::program::Program;

/// Lengths of conversations.
const LENGTHS: [i64; 4] = [100, 10_000, 100_000, 1_000_000];
/// Conversations of one person.
const N_FRIENDS: usize = 500;
/// Friends who write while a device is away, and what they write together.
const N_WRITERS: usize = 20;
const N_MISSED: usize = 1_000;
const N_WARM_UP: usize = 20;
const N_READS: usize = 300;

struct Scene {
    reader: Person,
    conversations: Vec<(i64, String)>,
    cursor: u64,
}

/// Makes the people, starts the program on them, measures.
///
/// # Errors
/// The program does not start, or an answer is not what it should be.
pub(crate) async fn measure(program: &Path, folder: &Path, report: &mut Report) -> Result<()> {
    let scene = prepare(folder).await?;
    seal(folder, report)?;
    let data = folder.to_string_lossy();
    start(program, &data, &scene, report).await?;
    let running = Program::start(program, &["serve", "--data", &data, "--listen", "127.0.0.1:0"]).await?;
    let mut reader = Connection::open(&running.address, &scene.reader.credentials).await?;
    newest_pages(&mut reader, &scene, report).await?;
    list(&mut reader, report).await?;
    missed(&running.address, &scene, report).await?;
    running.stop().await
}

/// The history was written in the clear: the first start seals it.
fn seal(folder: &Path, report: &mut Report) -> Result<()> {
    let begun = Instant::now();
    drop(People::open(folder)?);
    report.add(
        "1.1 M plain messages: sealed at the first start, files written anew",
        begun.elapsed().as_secs_f64(),
        "s",
        Limit::None,
    );
    Ok(())
}

async fn prepare(folder: &Path) -> Result<Scene> {
    let people = People::open(folder)?;
    let reader = people.person(0).await?;
    let mut conversations = Vec::new();
    let mut writers = Vec::new();
    for number in 1..=N_FRIENDS {
        let friend = people.person(number).await?;
        let conversation = people.befriend(&friend, &reader).await?;
        if let Some(length) = LENGTHS.get(number - 1) {
            people.write_history(conversation, (&reader, &friend), *length)?;
            conversations.push((*length, conversation.0.to_string()));
        } else {
            people
                .send(
                    &friend,
                    conversation,
                    "Le rendez-vous est confirmé pour jeudi à 9 h.",
                )
                .await?;
        }
        if number > LENGTHS.len() && writers.len() < N_WRITERS {
            writers.push((friend, conversation));
        }
    }
    let cursor = people.cursor(&reader).await?;
    for number in 0..N_MISSED {
        let (friend, conversation) = &writers[number % N_WRITERS];
        let text = format!("Résultat {number} : INR à 2,4, prochain contrôle mardi.");
        people.send(friend, *conversation, &text).await?;
    }
    Ok(Scene {
        reader,
        conversations,
        cursor,
    })
}

/// The first answer that needs the data, with all of it there.
async fn start(program: &Path, data: &str, scene: &Scene, report: &mut Report) -> Result<()> {
    let mut samples = Samples::default();
    for _ in 0..5 {
        let begun = Instant::now();
        let running = Program::start(program, &["serve", "--data", data, "--listen", "127.0.0.1:0"]).await?;
        Connection::open(&running.address, &scene.reader.credentials)
            .await?
            .get("/api/v1/conversations.list_conversations?limit=50")
            .await?;
        samples.push(begun.elapsed());
        running.stop().await?;
    }
    report.add(
        "1.1 M messages: start → first signed-in answer, p50",
        samples.percentile_ms(0.5),
        "ms",
        Limit::AtMost(300.0),
    );
    Ok(())
}

async fn newest_pages(reader: &mut Connection, scene: &Scene, report: &mut Report) -> Result<()> {
    let mut shortest_ms = None;
    for (length, conversation) in &scene.conversations {
        let path = format!("/api/v1/conversations.read_timeline?conversation={conversation}&limit=50");
        let (mut samples, answer) = repeat(reader, &path).await?;
        let page: Value = serde_json::from_slice(&answer)?;
        let last = &page["messages"][49]["position"];
        ensure!(
            *last == *length,
            "the newest page ends at {last}, not at {length}"
        );
        let p50_ms = samples.percentile_ms(0.5);
        report.add(
            format!("newest 50 of {length} messages, p50"),
            p50_ms,
            "ms",
            Limit::AtMost(2.0),
        );
        match shortest_ms {
            None => shortest_ms = Some(p50_ms),
            Some(shortest_ms) => report.add(
                format!("newest 50 of {length} messages, against 100"),
                p50_ms / shortest_ms,
                "×",
                Limit::AtMost(1.3),
            ),
        }
    }
    Ok(())
}

async fn list(reader: &mut Connection, report: &mut Report) -> Result<()> {
    let (mut samples, answer) = repeat(reader, "/api/v1/conversations.list_conversations").await?;
    let all: Value = serde_json::from_slice(&answer)?;
    let n_listed = all["conversations"].as_array().context("a list")?.len();
    ensure!(
        n_listed == N_FRIENDS,
        "{n_listed} conversations instead of {N_FRIENDS}"
    );
    report.add(
        "list of 500 conversations, p50",
        samples.percentile_ms(0.5),
        "ms",
        Limit::AtMost(8.0),
    );
    report.add(
        "list of 500 conversations, p95",
        samples.percentile_ms(0.95),
        "ms",
        Limit::AtMost(20.0),
    );
    let (mut samples, _) = repeat(reader, "/api/v1/conversations.list_conversations?limit=50").await?;
    report.add(
        "list of 500 conversations, the first 50, p50",
        samples.percentile_ms(0.5),
        "ms",
        Limit::AtMost(2.0),
    );
    Ok(())
}

async fn missed(address: &str, scene: &Scene, report: &mut Report) -> Result<()> {
    let path = |after: u64| format!("/api/v1/events.list_events?after={after}&limit=1000");
    let mut reader = Connection::open(address, &scene.reader.credentials).await?;
    let (mut samples, answer) = repeat(&mut reader, &path(scene.cursor)).await?;
    let page: Value = serde_json::from_slice(&answer)?;
    let n_events = page["events"].as_array().context("a list")?.len();
    ensure!(n_events == N_MISSED, "{n_events} events instead of {N_MISSED}");
    let all_ms = samples.percentile_ms(0.5);
    report.add(
        "1,000 missed messages of 20 friends, p50",
        all_ms,
        "ms",
        Limit::AtMost(15.0),
    );
    report.add(
        "1,000 missed messages of 20 friends, JSON",
        kilobytes(&answer),
        "kB",
        Limit::AtMost(200.0),
    );
    let packing = format!("{}accept-encoding: br\r\n", scene.reader.credentials);
    let packed = Connection::open(address, &packing)
        .await?
        .get(&path(scene.cursor))
        .await?;
    report.add(
        "1,000 missed messages of 20 friends, Brotli",
        kilobytes(&packed),
        "kB",
        Limit::AtMost(30.0),
    );
    let (mut samples, _) = repeat(&mut reader, &path(scene.cursor + N_MISSED as u64 - 10)).await?;
    report.add(
        "10 missed messages, against 1,000",
        samples.percentile_ms(0.5) / all_ms,
        "×",
        Limit::AtMost(0.3),
    );
    Ok(())
}

fn kilobytes(answer: &[u8]) -> f64 {
    answer.len() as f64 / 1e3
}

/// Asks the same again and again; answers how long each took, and the last answer.
async fn repeat(reader: &mut Connection, path: &str) -> Result<(Samples, Vec<u8>)> {
    let mut samples = Samples::default();
    let mut answer = Vec::new();
    for number in 0..N_WARM_UP + N_READS {
        let begun: Instant = Instant::now();
        answer = reader.get(path).await?;
        let elapsed: Duration = begun.elapsed();
        if number >= N_WARM_UP {
            samples.push(elapsed);
        }
    }
    Ok((samples, answer))
}
