//! Many live devices that do nothing: what each costs, and what happens when all come back at once.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use app::api::ConversationId;
use futures::stream::{self, StreamExt, TryStreamExt};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::timeout;
use uuid::Uuid;

use crate::client::{Connection, Events};
use crate::figures::{Limit, Report, Samples};
use crate::people::{People, Person};
use crate::program::Program;

/// Live devices, spread over the people.
const N_DEVICES: usize = 10_000;
const N_PEOPLE: usize = 1_000;
/// Devices that connect at the same time.
const N_AT_ONCE: usize = 256;
const IDLE: Duration = Duration::from_secs(20);
/// How long the storm may take.
const GRACE: Duration = Duration::from_mins(1);
/// One message of the pair that goes on writing.
const EVERY: Duration = Duration::from_millis(20);

/// Connects the crowd, lets it be, cuts it off and lets it come back while two people go on writing.
///
/// # Errors
/// A device is refused, or a message does not arrive.
pub(crate) async fn measure(program: &Path, folder: &Path, report: &mut Report) -> Result<()> {
    let people = People::open(folder)?;
    let mut crowd = Vec::new();
    for number in 0..N_PEOPLE {
        crowd.push(people.person(number).await?);
    }
    let (writer, reader) = (people.person(N_PEOPLE).await?, people.person(N_PEOPLE + 1).await?);
    let conversation = people.befriend(&writer, &reader).await?;
    drop(people);
    let data = folder.to_string_lossy();
    let running = Program::start(program, &["serve", "--data", &data, "--listen", "127.0.0.1:0"]).await?;
    // A page was asked for: what the first one makes is not counted as the crowd's.
    Connection::open(&running.address, "")
        .await?
        .get("/connexion")
        .await?;
    let before_mb = running.memory_mb()?;
    let streams = connect(&running.address, &crowd).await?;
    let each_kb = (running.memory_mb()? - before_mb) * 1e3 / N_DEVICES as f64;
    report.add(
        format!("{N_DEVICES} live devices: memory of each"),
        each_kb,
        "kB",
        Limit::AtMost(12.0),
    );
    let used = running.processor_time()?;
    tokio::time::sleep(IDLE).await;
    let used = running.processor_time()?.saturating_sub(used);
    report.add(
        format!("{N_DEVICES} live devices that do nothing: processors"),
        used.as_secs_f64() / IDLE.as_secs_f64(),
        "cores",
        Limit::AtMost(0.04),
    );
    drop(streams);
    let (over, is_over) = watch::channel(false);
    let writing = tokio::spawn(write(
        running.address.clone(),
        (writer, reader),
        conversation,
        is_over,
    ));
    let begun = Instant::now();
    let streams = timeout(GRACE, connect(&running.address, &crowd)).await??;
    let elapsed = begun.elapsed();
    over.send_replace(true);
    let mut samples = writing.await??;
    report.add(
        format!("{N_DEVICES} devices cut off: all back after"),
        elapsed.as_secs_f64(),
        "s",
        Limit::AtMost(10.0),
    );
    report.add(
        "meanwhile, one pair: send → friend's stream, p99",
        samples.percentile_ms(0.99),
        "ms",
        Limit::AtMost(100.0),
    );
    report.add(
        format!("{N_DEVICES} devices: peak memory"),
        running.peak_memory_mb()?,
        "MB",
        Limit::None,
    );
    drop(streams);
    running.stop().await
}

/// Opens a stream for each device; each has said its first word.
async fn connect(address: &str, crowd: &[Person]) -> Result<Vec<Events>> {
    stream::iter(0..N_DEVICES)
        .map(|number| async move {
            let person = crowd.get(number % N_PEOPLE).context("there are people")?;
            let connection = Connection::open(address, &person.credentials).await?;
            let mut events = connection.listen("/api/v1/events").await?;
            let hello = events.next().await?;
            ensure!(hello.contains("hello"), "the first word is {hello}");
            Ok(events)
        })
        .buffer_unordered(N_AT_ONCE)
        .try_collect()
        .await
}

/// Two people who go on writing until it is over.
async fn write(
    address: String,
    (writer, reader): (Person, Person),
    conversation: ConversationId,
    is_over: watch::Receiver<bool>,
) -> Result<Samples> {
    let mut writing = Connection::open(&address, &writer.credentials).await?;
    let mut reading = Connection::open(&address, &reader.credentials)
        .await?
        .listen("/api/v1/events")
        .await?;
    let mut samples = Samples::default();
    let mut number = 0_u128;
    while !*is_over.borrow() {
        let text = format!("storm {number}.");
        let body =
            json!({ "conversation": conversation, "key": Uuid::from_u128(number << 64), "body": text })
                .to_string();
        let begun = Instant::now();
        let arrival = async {
            while !reading.next().await?.contains(&text) {}
            anyhow::Ok(begun.elapsed())
        };
        let (_, arrival) = timeout(GRACE, async {
            tokio::try_join!(writing.post("/api/v1/conversations.send_message", &body), arrival)
        })
        .await??;
        samples.push(arrival);
        number += 1;
        tokio::time::sleep(EVERY).await;
    }
    Ok(samples)
}
