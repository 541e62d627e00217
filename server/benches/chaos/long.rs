//! What is run for how long, and what came of it.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::harness::Harness;
use crate::kill;
use crate::tally::Tally;

/// What was seen so far.
#[derive(Default)]
pub(crate) struct Report {
    tally: Tally,
    not_caught: Vec<&'static str>,
}

impl Report {
    /// Adds what a proof has shown.
    fn add(&mut self, name: &str, tally: Tally, beside: &str) {
        println!("  {name}: {tally}{beside}");
        self.tally += tally;
    }

    /// Notes whether a bug that was planted has been caught.
    fn planted(&mut self, name: &'static str, is_caught: bool) {
        println!(
            "  planted: {name}: {}",
            if is_caught { "caught" } else { "NOT CAUGHT" }
        );
        if !is_caught {
            self.not_caught.push(name);
        }
    }

    /// Prints the one line; answers whether all is well.
    pub(crate) fn end(&self) -> bool {
        println!("{}", self.tally);
        self.not_caught.is_empty() && self.tally.is_clean() && self.tally.trials > 0
    }
}

/// Runs everything, each in its share of the time.
pub(crate) fn run(program: &Path, time: Duration, report: &mut Report) {
    #[cfg(target_os = "linux")]
    power_cuts(time.mul_f64(0.3), report);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(kills(program, time.mul_f64(0.35), report));
    runtime.block_on(streams(time.mul_f64(0.15), report));
    let single = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    single.block_on(simulation(time.mul_f64(0.2), report));
}

#[cfg(target_os = "linux")]
fn power_cuts(time: Duration, report: &mut Report) {
    use crate::power_cut::{Behaviour, enumerate, n_commits, played_back, random_cuts, record_store};

    println!("power cuts");
    let begin = Instant::now();
    let recording = record_store(&[], Behaviour::Faithful, 220);
    assert!(
        played_back(&recording) == recording.files,
        "the record holds every byte that was written"
    );
    let beside = format!(
        "; {} commits, {} calls recorded",
        n_commits(&recording),
        recording.steps.len()
    );
    let (states, n_distinct) = enumerate(&recording, 10_000);
    report.add(
        "crash states",
        states,
        &format!("; {n_distinct} distinct{beside}"),
    );
    let mut seed = 1;
    loop {
        let (cuts, _) = random_cuts(&recording, 1_000, seed);
        report.add("random power cuts", cuts, "");
        seed += 1;
        if begin.elapsed() > time {
            break;
        }
    }
    let planted = record_store(&[], Behaviour::SynchronousNormal, 220);
    report.planted("synchronous=NORMAL", enumerate(&planted, 500).0.lost > 0);
    let planted = record_store(&[], Behaviour::AnswersFirst, 220);
    report.planted(
        "acknowledged before the commit",
        enumerate(&planted, 500).0.lost > 0,
    );
}

async fn kills(program: &Path, time: Duration, report: &mut Report) {
    use kill::Planted;

    println!("kills");
    let begin = Instant::now();
    let mut seed = 1;
    loop {
        let outcome = kill::run(program, 50, Planted::Nothing, seed).await;
        let beside = format!(
            "; {:.0} acknowledged/s, slowest start {} ms",
            outcome.rate,
            outcome.slowest_start.as_millis()
        );
        report.add("kills", outcome.tally, &beside);
        seed += 1;
        if begin.elapsed() > time {
            break;
        }
    }
    let outcome = kill::run(program, 10, Planted::BelievesEarly, seed).await;
    report.planted(
        "a writer believes before it is answered",
        outcome.tally.lost + outcome.tally.false_sent > 0,
    );
    let outcome = kill::run(program, 30, Planted::NewKey, seed).await;
    report.planted("a writer tries again under a new key", outcome.tally.doubled > 0);
}

async fn streams(time: Duration, report: &mut Report) {
    use crate::streams::{Planted, run};

    println!("bad lines");
    let begin = Instant::now();
    let mut seed = 1;
    loop {
        report.add("cuts of a line", run(1_000, Planted::Nothing, seed).await, "");
        seed += 1;
        if begin.elapsed() > time {
            break;
        }
    }
    let is_caught = run(200, Planted::IgnoresGaps, seed).await.lost > 0;
    report.planted("a reader does not close gaps", is_caught);
    let is_caught = run(200, Planted::ShowsTwice, seed).await.doubled > 0;
    report.planted("a reader shows what it knows already", is_caught);
}

async fn simulation(time: Duration, report: &mut Report) {
    use crate::simulation::{ALL_PLANTED, Planted, live};

    println!("simulated time");
    let begin = Instant::now();
    let mut harness = Harness::new();
    let mut seed = 0;
    while begin.elapsed() < time {
        let mut tally = Tally::default();
        let first = seed;
        for _ in 0..100 {
            tally += live(&mut harness, seed, Planted::Nothing).await.tally;
            seed += 1;
        }
        report.add("hours", tally, &format!("; seeds {first} to {}", seed - 1));
    }
    let trace = live(&mut harness, 1, Planted::Nothing).await.trace;
    let again = live(&mut Harness::new(), 1, Planted::Nothing).await.trace;
    println!("  the same seed, the same trace: {}", trace == again);
    if trace != again {
        report.not_caught.push("the same seed gave another trace");
    }
    for planted in ALL_PLANTED {
        let mut is_caught = false;
        for seed in 0..1_000 {
            if !live(&mut harness, seed, planted).await.tally.is_clean() {
                println!("  found at seed {seed}");
                is_caught = true;
                break;
            }
        }
        let name = match planted {
            Planted::Nothing => "nothing",
            Planted::AnswersFirst => "the server answers before it stores",
            Planted::ForgetsKeys => "the server forgets a key after 30 s",
            Planted::PlacesOutside => "places in the log taken outside the transaction",
            Planted::DropsLane => "the device forgets what is on its way",
            Planted::SkipsWhenLate => "the stream skips when it missed bells",
        };
        report.planted(name, is_caught);
    }
}
