//! What is run for how long. Each proof goes on in rounds until its time is over; the bugs that it must catch follow.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::harness::Harness;
use crate::kill::{Kills, Outcome};
use crate::report::{Pulse, Report};
use crate::tally::Tally;

/// One of the proofs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Crash states and random power cuts.
    Power,
    /// A disk that refuses to write or to sync.
    Disk,
    /// `kill -9` of the program.
    Kills,
    /// Cuts of a line.
    Lines,
    /// Simulated time.
    Hours,
    /// Uploads that are cut.
    Files,
}

impl Part {
    /// All of them, in the order in which they run.
    const ALL: [Self; 6] = [
        Self::Power,
        Self::Disk,
        Self::Kills,
        Self::Lines,
        Self::Hours,
        Self::Files,
    ];

    /// By the name on the command line.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|part| format!("{part:?}").eq_ignore_ascii_case(name))
    }

    /// Its share of the time when all run.
    const fn share(self) -> f64 {
        match self {
            Self::Power | Self::Hours => 0.2,
            Self::Disk | Self::Files | Self::Lines => 0.1,
            Self::Kills => 0.3,
        }
    }
}

/// What was asked for.
pub(crate) struct Wish<'a> {
    /// The program that is killed.
    pub(crate) program: &'a Path,
    /// How long, about.
    pub(crate) time: Duration,
    /// This part alone, or all.
    pub(crate) only: Option<Part>,
    /// The first seed: another run's figures can be added where it ended.
    pub(crate) seed: u64,
}

/// Runs what was asked for, each part in its share of the time.
pub(crate) fn run(wish: &Wish<'_>, report: &mut Report) {
    for part in Part::ALL {
        let time = match wish.only {
            None => wish.time.mul_f64(part.share()),
            Some(only) if only == part => wish.time,
            Some(_) => continue,
        };
        let seed = wish.seed;
        match part {
            #[cfg(target_os = "linux")]
            Part::Power => power_cuts(time, seed, report),
            #[cfg(target_os = "linux")]
            Part::Disk => refusals(time, seed, report),
            #[cfg(not(target_os = "linux"))]
            Part::Power | Part::Disk => println!("{part:?}: not on this system"),
            Part::Kills => on_threads(kills(wish.program, time, seed, report)),
            Part::Lines => on_threads(lines(time, seed, report)),
            Part::Hours => hours(time, seed, report),
            Part::Files => on_threads(files(time, seed, report)),
        }
    }
}

fn on_threads(proof: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(proof);
}

/// The seeds of rounds, as long as there is time; one round at least.
fn rounds(seed: u64, time: Duration) -> impl Iterator<Item = u64> {
    let begin = Instant::now();
    (seed..).take_while(move |round| *round == seed || begin.elapsed() < time)
}

#[cfg(target_os = "linux")]
fn power_cuts(time: Duration, seed: u64, report: &mut Report) {
    use crate::power_cut::{
        Behaviour, Wish, enumerate, n_checkpoints, n_commits, played_back, random_cuts, record_store,
    };
    const N_STATES: usize = 10_000;
    const N_CUTS: usize = 1_000;

    println!("power cuts");
    let record = |behaviour, seed| {
        let n_commits = 220;
        record_store(
            &[],
            Wish {
                behaviour,
                n_commits,
                seed,
            },
        )
    };
    for seed in rounds(seed, time) {
        let recording = record(Behaviour::Faithful, seed);
        report.require(
            played_back(&recording) == recording.files,
            "the record does not hold every byte that was written",
        );
        let (n_moved, n_begun) = n_checkpoints(&recording);
        let beside = format!(
            "; {} commits, {n_moved} checkpoints, {n_begun} logs, {} calls recorded",
            n_commits(&recording),
            recording.steps.len()
        );
        let pulse = Pulse::start("crash states", N_STATES as u64);
        let (states, n_distinct) = enumerate(&recording, N_STATES, pulse.done());
        drop(pulse);
        report.add(
            "crash states",
            states,
            &format!("; {n_distinct} distinct{beside}"),
        );
        let pulse = Pulse::start("random power cuts", N_CUTS as u64);
        let (cuts, _) = random_cuts(&recording, N_CUTS, seed, pulse.done());
        drop(pulse);
        report.add("random power cuts", cuts, "");
    }
    for (name, behaviour) in [
        ("synchronous=NORMAL", Behaviour::SynchronousNormal),
        ("acknowledged before the commit", Behaviour::AnswersFirst),
    ] {
        let pulse = Pulse::start("crash states of a planted bug", 500);
        let (states, _) = enumerate(&record(behaviour, seed), 500, pulse.done());
        report.planted(name, states.lost > 0);
    }
}

#[cfg(target_os = "linux")]
fn refusals(time: Duration, seed: u64, report: &mut Report) {
    use crate::power_cut::record::Refused;
    use crate::power_cut::refusals::refuse;
    use crate::power_cut::{Behaviour, Wish};
    const N_TRIALS: usize = 150;

    println!("a disk that refuses");
    let wish = |behaviour, seed| Wish {
        behaviour,
        n_commits: 100,
        seed,
    };
    let pulse = Pulse::start("refusals", N_TRIALS as u64);
    for seed in rounds(seed, time) {
        for (name, refused) in [
            ("refused syncs", Refused::Sync),
            ("refused writes", Refused::Write),
        ] {
            pulse.done().store(0, Ordering::Relaxed);
            let outcome = refuse(
                &[],
                wish(Behaviour::Faithful, seed),
                refused,
                N_TRIALS,
                pulse.done(),
            );
            let beside = format!("; {} felt it, seed {seed}", outcome.n_felt);
            report.add(name, outcome.tally, &beside);
        }
    }
    let planted = refuse(
        &[],
        wish(Behaviour::AnswersFirst, seed),
        Refused::Sync,
        10,
        pulse.done(),
    );
    report.planted("acknowledged whatever the disk says", planted.tally.lost > 0);
}

async fn kills(program: &Path, time: Duration, seed: u64, report: &mut Report) {
    use crate::kill::Planted;
    const A_ROUND: u32 = 50;
    /// Messages acknowledged for each second that the program lives.
    const MIN_RATE: f64 = 500.0;

    println!("kills");
    let pulse = Pulse::start("kills", u64::from(A_ROUND));
    let round = async |n_times, planted, seed| -> Outcome {
        let kills = Kills {
            program,
            database: None,
            n_times,
            planted,
            seed,
        };
        pulse.done().store(0, Ordering::Relaxed);
        kills.run(pulse.done()).await
    };
    for seed in rounds(seed, time) {
        let Outcome {
            tally,
            rate,
            slowest_start,
        } = round(A_ROUND, Planted::Nothing, seed).await;
        let beside = format!(
            "; {rate:.0} acknowledged/s, slowest start {} ms, seed {seed}",
            slowest_start.as_millis()
        );
        report.add("kills", tally, &beside);
        report.require(rate >= MIN_RATE, &format!("killed under {rate:.0} sends/s alone"));
    }
    let believes = round(10, Planted::BelievesEarly, seed).await.tally;
    report.planted(
        "a writer believes before it is answered",
        believes.lost + believes.false_sent > 0,
    );
    // It shows only when the kill falls between a commit and its answers: some rounds may pass.
    let mut n_kills = 0_u32;
    let mut is_caught = false;
    while !is_caught && n_kills < 300 {
        is_caught = round(20, Planted::NewKey, seed + u64::from(n_kills))
            .await
            .tally
            .doubled
            > 0;
        n_kills += 20;
    }
    report.planted(
        &format!("a writer tries again under a new key ({n_kills} kills)"),
        is_caught,
    );
}

async fn lines(time: Duration, seed: u64, report: &mut Report) {
    use crate::streams::{Planted, run};
    const A_ROUND: u64 = 1_000;

    println!("bad lines");
    let pulse = Pulse::start("cuts of a line", A_ROUND);
    for seed in rounds(seed, time) {
        pulse.done().store(0, Ordering::Relaxed);
        let tally = run(A_ROUND, Planted::Nothing, seed, pulse.done()).await;
        report.add("cuts of a line", tally, &format!("; seed {seed}"));
    }
    let is_caught = run(200, Planted::IgnoresGaps, seed, pulse.done()).await.lost > 0;
    report.planted("a reader does not close gaps", is_caught);
    let is_caught = run(200, Planted::ShowsTwice, seed, pulse.done()).await.doubled > 0;
    report.planted("a reader shows what it knows already", is_caught);
}

fn hours(time: Duration, seed: u64, report: &mut Report) {
    use crate::simulation::{ALL_PLANTED, Planted};
    const A_ROUND: u64 = 100;

    println!("simulated time");
    let pulse = Pulse::start("hours", A_ROUND);
    for round in rounds(seed, time) {
        let first = (round - 1) * A_ROUND;
        pulse.done().store(0, Ordering::Relaxed);
        let tally = live_side_by_side(first..first + A_ROUND, pulse.done());
        report.add(
            "hours",
            tally,
            &format!("; seeds {first} to {}", first + A_ROUND - 1),
        );
    }
    let trace = |seed| {
        alone(async |harness| {
            crate::simulation::live(harness, seed, Planted::Nothing)
                .await
                .trace
        })
    };
    report.require(
        trace(seed) == trace(seed) && trace(seed) != trace(seed + 1),
        "a seed does not decide its trace",
    );
    for planted in ALL_PLANTED {
        let found = alone(async |harness| {
            for seed in 0..1_000 {
                if !crate::simulation::live(harness, seed, planted)
                    .await
                    .tally
                    .is_clean()
                {
                    return Some(seed);
                }
            }
            None
        });
        let name = match planted {
            Planted::Nothing => "nothing",
            Planted::AnswersFirst => "the server answers before it stores",
            Planted::ForgetsKeys => "the server forgets a key after 30 s",
            Planted::PlacesOutside => "places in the log taken outside the transaction",
            Planted::DropsLane => "the device forgets what is on its way",
            Planted::SkipsWhenLate => "the stream skips when it missed bells",
        };
        let at = found.map_or_else(String::new, |seed| format!(" (seed {seed})"));
        report.planted(&format!("{name}{at}"), found.is_some());
    }
}

/// Lives through these seeds, on each processor the next one that is free.
fn live_side_by_side(seeds: std::ops::Range<u64>, done: &AtomicU64) -> Tally {
    use crate::simulation::{Planted, live};

    let next = AtomicU64::new(seeds.start);
    let n_threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let walk = || {
        alone(async |harness| {
            let mut tally = Tally::default();
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= seeds.end {
                    return tally;
                }
                let outcome = live(harness, seed, Planted::Nothing).await.tally;
                if !outcome.is_clean() {
                    println!("  FAULT at seed {seed}: {outcome}");
                }
                tally += outcome;
                done.fetch_add(1, Ordering::Relaxed);
            }
        })
    };
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..n_threads).map(|_| scope.spawn(walk)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut tally = Tally::default();
    for part in tallies {
        tally += part;
    }
    tally
}

async fn files(time: Duration, seed: u64, report: &mut Report) {
    use crate::uploads::{Planted, run};
    const A_ROUND: u64 = 1_000;

    println!("uploads over bad lines");
    let pulse = Pulse::start("cut uploads", A_ROUND);
    for seed in rounds(seed, time) {
        let harness = Harness::new();
        let tally = run(&harness, A_ROUND, Planted::Nothing, seed, pulse.done()).await;
        report.add("cut uploads", tally, &format!("; seed {seed}"));
    }
    let harness = Harness::new();
    let planted = run(&harness, 20, Planted::LosesParts, seed, pulse.done()).await;
    report.planted("a part is gone after it was acknowledged", planted.lost > 0);
}

/// Runs something on a server and a runtime of its own.
fn alone<T>(work: impl AsyncFnOnce(&mut Harness) -> T) -> T {
    let single = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    single.block_on(async { work(&mut Harness::new()).await })
}
