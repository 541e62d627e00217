//! REL-01: the real program is killed at random while many write to it; it starts again on the same data, and the
//! writers try what was not answered again, under the same keys.
//!
//! - `service`: the program, its people, its timelines.
//! - here: the writers, the kills, and what must hold at the end.
//!
//! Planted, and to be caught: a writer that believes before it is answered, and one that takes a new key to try again.

pub(crate) mod service;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use crate::chance::Chance;
use crate::client::Connection;
use crate::tally::Tally;
use service::{Pair, Place, Service};

/// Pairs of friends.
const N_PAIRS: usize = 2;
/// Sequential writers for each person.
const N_WRITERS: u32 = 8;
/// How soon the program must answer again after a kill.
const START_WITHIN: Duration = Duration::from_secs(2);

/// What is wrong with the writers on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Planted {
    /// Nothing.
    Nothing,
    /// They take a message as sent as soon as it has left.
    BelievesEarly,
    /// They try again under another key.
    NewKey,
}

/// What a round of kills has shown.
pub(crate) struct Outcome {
    /// What was promised and kept.
    pub(crate) tally: Tally,
    /// Messages acknowledged for each second that the program ran.
    pub(crate) rate: f64,
    /// The longest that it took to answer again.
    pub(crate) slowest_start: Duration,
}

/// What one writer was told: position and text, by key.
pub(crate) type Told = Vec<(Uuid, u64, String)>;

/// A round of kills.
pub(crate) struct Kills<'a> {
    /// What is killed.
    pub(crate) program: &'a Path,
    /// The address of an empty database on PostgreSQL; none for a file.
    pub(crate) database: Option<String>,
    /// How often.
    pub(crate) n_times: u32,
    /// What is wrong with the writers.
    pub(crate) planted: Planted,
    /// Decides when.
    pub(crate) seed: u64,
}

impl Kills<'_> {
    /// Kills it, and looks at what was kept; `done` counts the kills on the way.
    #[expect(
        clippy::disallowed_methods,
        reason = "a proof from outside measures time and has no Context"
    )]
    pub(crate) async fn run(self, done: &AtomicU64) -> Outcome {
        let folder = tempfile::tempdir().unwrap();
        let place = Place {
            program: self.program.to_owned(),
            folder: folder.path().to_owned(),
            database: self.database.clone(),
        };
        let mut service = Service::prepare(place, N_PAIRS).await;
        let mut chance = Chance::new(self.seed);
        let (address, addresses) = watch::channel(String::new());
        let is_over = Arc::new(AtomicBool::new(false));
        let n_acknowledged = Arc::new(AtomicU64::new(0));
        let mut writers = tokio::task::JoinSet::new();
        for writer in self.writers(&service, &n_acknowledged) {
            writers.spawn(writer.write(addresses.clone(), Arc::clone(&is_over)));
        }
        let mut tally = Tally {
            trials: u64::from(self.n_times),
            ..Tally::default()
        };
        let (mut ran, mut slowest_start) = (Duration::ZERO, Duration::ZERO);
        for _ in 0..self.n_times {
            // Now and then it dies while it starts, before anybody could write: that is no trial, but must do no harm.
            if chance.percent(10) {
                service
                    .kill_while_starting(Duration::from_millis(chance.below(30)))
                    .await;
            }
            let begin = Instant::now();
            address.send_replace(service.start().await);
            slowest_start = slowest_start.max(begin.elapsed());
            let life = Duration::from_millis(100 + chance.below(400));
            let begin = Instant::now();
            tokio::time::sleep(life).await;
            ran += begin.elapsed();
            service.kill().await;
            done.fetch_add(1, Ordering::Relaxed);
        }
        let rate = n_acknowledged.load(Ordering::SeqCst);
        address.send_replace(service.start().await);
        is_over.store(true, Ordering::SeqCst);
        let mut told: BTreeMap<u64, Told> = BTreeMap::new();
        while let Some(writer) = writers.join_next().await {
            let (name, heard) = writer.unwrap();
            told.insert(name, heard);
        }
        for (index, pair) in service.pairs.iter().enumerate() {
            let stored = service.timeline(pair).await;
            let writers = told.range(index as u64 * 100..(index as u64 + 1) * 100);
            tally += compare(&stored, &writers.map(|(_, told)| told).collect::<Vec<_>>());
        }
        service.kill().await;
        tally.broken += u64::from(slowest_start > START_WITHIN);
        #[expect(clippy::cast_precision_loss, reason = "a rate is shown with three digits")]
        let rate = rate as f64 / ran.as_secs_f64();
        Outcome {
            tally,
            rate,
            slowest_start,
        }
    }

    /// Some for each person, each with a name that says whose pair it is.
    fn writers(&self, service: &Service, n_acknowledged: &Arc<AtomicU64>) -> Vec<Writer> {
        let mut writers = Vec::new();
        for (index, pair) in service.pairs.iter().enumerate() {
            for (side, token) in (0..).zip(&pair.tokens) {
                for number in 0..N_WRITERS {
                    let name = index as u64 * 100 + side * 10 + u64::from(number);
                    writers.push(Writer {
                        name,
                        pair: pair.clone(),
                        token: token.clone(),
                        planted: self.planted,
                        chance: Chance::new(self.seed ^ (name << 32)),
                        n_acknowledged: Arc::clone(n_acknowledged),
                    });
                }
            }
        }
        writers
    }
}

/// Somebody who writes one message after the other.
struct Writer {
    name: u64,
    pair: Pair,
    token: String,
    planted: Planted,
    chance: Chance,
    n_acknowledged: Arc<AtomicU64>,
}

impl Writer {
    async fn write(
        mut self,
        mut addresses: watch::Receiver<String>,
        is_over: Arc<AtomicBool>,
    ) -> (u64, Told) {
        let mut told = Told::new();
        let mut connection = None;
        while !is_over.load(Ordering::SeqCst) {
            let text = format!("{} {}", self.name, told.len());
            let mut key = self.key();
            loop {
                if connection.is_none() {
                    connection = self.connect(&mut addresses).await;
                }
                let Some(open) = connection.as_mut() else { continue };
                match self.send(open, key, &text).await {
                    Some(position) => {
                        self.n_acknowledged.fetch_add(1, Ordering::SeqCst);
                        told.push((key, position, text));
                        break;
                    }
                    None if self.planted == Planted::BelievesEarly => {
                        connection = None;
                        told.push((key, 0, text));
                        break;
                    }
                    None => connection = None,
                }
                if self.planted == Planted::NewKey {
                    key = self.key();
                }
            }
        }
        (self.name, told)
    }

    fn key(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.chance.next(), self.chance.next())
    }

    async fn connect(&self, addresses: &mut watch::Receiver<String>) -> Option<Connection> {
        let address = addresses
            .wait_for(|address| !address.is_empty())
            .await
            .ok()?
            .clone();
        let opened = Connection::open(&address, &format!("authorization: Bearer {}\r\n", self.token)).await;
        if opened.is_err() {
            // Killed: the next address comes when it has started again.
            let _ = tokio::time::timeout(Duration::from_millis(100), addresses.changed()).await;
        }
        opened.ok()
    }

    async fn send(&self, connection: &mut Connection, key: Uuid, text: &str) -> Option<u64> {
        let body = json!({ "conversation": self.pair.conversation, "key": key, "body": text }).to_string();
        let answer = connection
            .post("/api/v1/conversations.send_message", &body)
            .await
            .ok()?;
        let answer: Value = serde_json::from_slice(&answer).ok()?;
        answer["message"]["position"].as_u64()
    }
}

/// Holds what stands in a conversation against what its writers were told.
pub(crate) fn compare(stored: &[(u64, String)], told: &[&Told]) -> Tally {
    let mut tally = Tally::default();
    let mut by_text: HashMap<&str, Vec<u64>> = HashMap::new();
    for (index, (position, text)) in stored.iter().enumerate() {
        tally.out_of_order += u64::from(*position != index as u64 + 1);
        by_text.entry(text).or_default().push(*position);
    }
    tally.doubled += by_text.values().filter(|places| places.len() > 1).count() as u64;
    for writer in told {
        tally.acknowledged += writer.len() as u64;
        let mut last = 0;
        for (_, position, text) in *writer {
            match by_text.get(text.as_str()).map(Vec::as_slice) {
                None => tally.lost += 1,
                Some(places) if !places.contains(position) => tally.false_sent += 1,
                Some(_) => tally.out_of_order += u64::from(*position <= last),
            }
            last = *position;
        }
    }
    tally
}
