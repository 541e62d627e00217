//! Messages: how soon one is on the friend's stream, and how many pairs can write at once.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tokio::time::timeout;
use uuid::Uuid;

use crate::figures::{Limit, Report, Samples};
use crate::subject::{Pair, Subject};

const N_WARM_UP: usize = 100;
const N_SINGLE: usize = 1_000;
const SPAN: Duration = Duration::from_secs(10);
/// How long the last messages may be on their way.
const GRACE: Duration = Duration::from_secs(10);

/// The figures that another subject is compared with.
pub(crate) struct Compared {
    single_p50_ms: f64,
    rate: f64,
}

/// Measures one pair, then all pairs at once.
///
/// # Errors
/// A message is refused, lost, doubled or out of order.
pub(crate) async fn measure(
    subject: Subject,
    name: &str,
    floor: Option<Compared>,
    report: &mut Report,
) -> Result<Compared> {
    let single_p50_ms = one_pair(&subject, name, floor.as_ref(), report).await?;
    let rate = all_pairs(&subject, name, floor.as_ref(), report).await?;
    subject.program.stop().await?;
    Ok(Compared { single_p50_ms, rate })
}

/// Measures all pairs at once, without a limit of its own; answers how many messages a second.
///
/// # Errors
/// As [`measure`].
pub(crate) async fn measure_all_pairs(subject: Subject, name: &str, report: &mut Report) -> Result<f64> {
    let rate = all_pairs(&subject, name, None, report).await?;
    subject.program.stop().await?;
    Ok(rate)
}

fn message(pair: &Pair, text: &str) -> String {
    // Ordered like the keys that browsers make.
    static N_KEYS: AtomicU64 = AtomicU64::new(1);
    let key = Uuid::from_u128(u128::from(N_KEYS.fetch_add(1, Ordering::Relaxed)) << 64);
    json!({ "conversation": pair.conversation, "key": key, "body": text }).to_string()
}

async fn one_pair(
    subject: &Subject,
    name: &str,
    floor: Option<&Compared>,
    report: &mut Report,
) -> Result<f64> {
    let pair = &subject.pairs[0];
    let mut writer = subject.writer(pair).await?;
    let mut reader = subject.reader(pair).await?;
    let (mut acknowledged, mut arrived) = (Samples::default(), Samples::default());
    for number in 0..N_WARM_UP + N_SINGLE {
        let text = format!("single {number}.");
        let body = message(pair, &text);
        let sent = Instant::now();
        let arrival = async {
            while !reader.next().await?.contains(&text) {}
            anyhow::Ok(sent.elapsed())
        };
        let answer = async {
            writer.post(subject.send_path(), &body).await?;
            anyhow::Ok(sent.elapsed())
        };
        let (answer, arrival) = timeout(GRACE, async { tokio::try_join!(answer, arrival) }).await??;
        if number >= N_WARM_UP {
            acknowledged.push(answer);
            arrived.push(arrival);
        }
    }
    let p50 = arrived.percentile_ms(0.5);
    let limit = floor.map_or(Limit::None, |floor| {
        Limit::AtMost(rounded(2.5 * floor.single_p50_ms))
    });
    report.add(
        format!("{name}: one pair, send → friend's stream, p50"),
        p50,
        "ms",
        limit,
    );
    let limit = if floor.is_some() {
        Limit::AtMost(rounded(5.0 * p50))
    } else {
        Limit::None
    };
    report.add(
        format!("{name}: one pair, send → friend's stream, p99"),
        arrived.percentile_ms(0.99),
        "ms",
        limit,
    );
    report.add(
        format!("{name}: one pair, send → answer (on disk), p50"),
        acknowledged.percentile_ms(0.5),
        "ms",
        Limit::None,
    );
    Ok(p50)
}

async fn all_pairs(
    subject: &Subject,
    name: &str,
    floor: Option<&Compared>,
    report: &mut Report,
) -> Result<f64> {
    let n_pairs = subject.pairs.len();
    let until = Instant::now() + Duration::from_millis(500) + SPAN;
    let mut readers = tokio::task::JoinSet::new();
    let mut writers = tokio::task::JoinSet::new();
    let (counts, mut total) = tokio::sync::watch::channel(None::<Vec<u64>>);
    for (index, pair) in subject.pairs.iter().enumerate() {
        let mut reader = subject.reader(pair).await?;
        let mut counts = counts.subscribe();
        readers.spawn(async move {
            let mut next = 0_u64;
            // How many there are to come is known once the writers have ended.
            let mut expected = None;
            while expected.is_none_or(|expected| next < expected) {
                tokio::select! {
                    event = reader.next() => {
                        let event = event?;
                        if !event.contains("bulk ") { continue }
                        ensure!(event.contains(&format!("bulk {next}.")), "expected {next}, got {event}");
                        next += 1;
                    }
                    known = counts.wait_for(Option::is_some) => {
                        expected = known?.as_ref().map(|counts| counts[index]);
                    }
                }
            }
            anyhow::Ok(next)
        });
    }
    let (processor, written) = (
        subject.program.processor_time()?,
        subject.program.written_bytes()?,
    );
    let start = Instant::now();
    for (index, pair) in subject.pairs.iter().enumerate() {
        let mut writer = subject.writer(pair).await?;
        let (pair, path) = (pair.clone(), subject.send_path());
        writers.spawn(async move {
            let mut samples = Samples::default();
            let mut n_sent = 0;
            while Instant::now() < until {
                let body = message(&pair, &format!("bulk {n_sent}."));
                let sent = Instant::now();
                writer.post(path, &body).await?;
                samples.push(sent.elapsed());
                n_sent += 1;
            }
            anyhow::Ok((index, n_sent, samples))
        });
    }
    let mut expected = vec![0; n_pairs];
    let mut samples = Samples::default();
    while let Some(done) = writers.join_next().await {
        let (index, n_sent, own) = done??;
        expected[index] = n_sent;
        samples.extend(own);
    }
    let elapsed = start.elapsed().as_secs_f64();
    let n_sent: u64 = expected.iter().sum();
    counts.send_replace(Some(expected));
    total.mark_unchanged();
    timeout(GRACE, async {
        while let Some(done) = readers.join_next().await {
            done??;
        }
        anyhow::Ok(())
    })
    .await??;
    let n_sent = n_sent as f64;
    let rate = n_sent / elapsed;
    let limit = floor.map_or(Limit::None, |floor| Limit::AtLeast((0.4 * floor.rate).round()));
    report.add(
        format!("{name}: {n_pairs} pairs, messages on disk and delivered"),
        rate,
        "/s",
        limit,
    );
    let (p50, p99) = (samples.percentile_ms(0.5), samples.percentile_ms(0.99));
    report.add(
        format!("{name}: {n_pairs} pairs, send → answer, p50"),
        p50,
        "ms",
        Limit::None,
    );
    let judged = |limit| if floor.is_some() { limit } else { Limit::None };
    report.add(
        format!("{name}: {n_pairs} pairs, send → answer, p99"),
        p99,
        "ms",
        judged(Limit::AtMost(rounded(3.0 * p50))),
    );
    let used = subject.program.processor_time()?.saturating_sub(processor);
    let processor = used.as_secs_f64();
    report.add(
        format!("{name}: processor per 1,000 messages"),
        processor / n_sent * 1e3,
        "s",
        judged(Limit::AtMost(0.2)),
    );
    let written = (subject.program.written_bytes()? - written) / n_sent / 1e3;
    if subject.writes_itself {
        report.add(
            format!("{name}: written per message"),
            written,
            "kB",
            judged(Limit::AtMost(20.0)),
        );
    }
    report.add(
        format!("{name}: peak memory"),
        subject.program.peak_memory_mb()?,
        "MB",
        judged(Limit::AtMost(120.0)),
    );
    Ok(rate)
}

fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

/// Sends a history of this many messages, for pages to show.
///
/// # Errors
/// A message is refused.
pub(crate) async fn fill(subject: &Subject, pair: &Pair, n_messages: usize) -> Result<()> {
    let mut writer = subject.writer(pair).await?;
    for number in 0..n_messages {
        let text = format!("Message {number}: le bilan de ce matin est au dossier, je repasse vers 15 h.");
        let sent: Value =
            serde_json::from_slice(&writer.post(subject.send_path(), &message(pair, &text)).await?)?;
        ensure!(sent["message"]["id"].is_string(), "not a message: {sent}");
    }
    Ok(())
}
