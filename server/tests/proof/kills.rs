//! REL-01, short: a few kills of the real program, on the engine that the tests run on, and writers that are wrong on
//! purpose.

use std::path::Path;
use std::sync::atomic::AtomicU64;

use crate::harness::TestDatabase;
use crate::kill::{Kills, Outcome, Planted};

const PROGRAM: &str = env!("CARGO_BIN_EXE_pli");

async fn run(n_times: u32, planted: Planted, seed: u64) -> Outcome {
    let database = TestDatabase::without_tables();
    let kills = Kills {
        program: Path::new(PROGRAM),
        database: database.url(),
        n_times,
        planted,
        seed,
    };
    kills.run(&AtomicU64::new(0)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel01_a_killed_server_has_kept_what_it_acknowledged() {
    let outcome = run(4, Planted::Nothing, 1).await;

    assert!(
        outcome.tally.acknowledged > 0 && outcome.tally.is_clean(),
        "{}",
        outcome.tally
    );
    // How fast is this machine's matter; that the writers wrote is ours.
    assert!(
        outcome.rate > 10.0,
        "{}/s, start {:?}",
        outcome.rate,
        outcome.slowest_start
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel01_a_writer_that_believes_before_it_is_answered_is_caught() {
    let outcome = run(2, Planted::BelievesEarly, 2).await;

    assert!(
        outcome.tally.lost + outcome.tally.false_sent > 0,
        "{}",
        outcome.tally
    );
}

#[test]
fn rel01_a_message_that_stands_twice_or_nowhere_is_counted() {
    let told = vec![
        (uuid::Uuid::nil(), 1, "un".to_owned()),
        (uuid::Uuid::nil(), 3, "trois".to_owned()),
    ];
    let stored = [
        (1, "un".to_owned()),
        (2, "un".to_owned()),
        (4, "quatre".to_owned()),
    ];

    let tally = crate::kill::compare(&stored, &[&told]);

    assert_eq!(
        (tally.lost, tally.doubled, tally.out_of_order),
        (1, 1, 1),
        "{tally}"
    );
}
