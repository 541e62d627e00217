//! REL-21, short: some seeds, and as many as it takes to find each planted bug.

use crate::harness::Harness;
use crate::simulation::{ALL_PLANTED, Planted, live};
use crate::tally::Tally;

/// The rarest is found in the sixth.
const MAX_SEEDS: u64 = 50;

#[tokio::test]
async fn rel21_nothing_is_lost_in_any_hour() {
    let mut harness = Harness::new();
    let mut tally = Tally::default();

    for seed in 0..8 {
        let outcome = live(&mut harness, seed, Planted::Nothing).await;
        assert!(outcome.tally.is_clean(), "seed {seed}: {}", outcome.tally);
        tally += outcome.tally;
    }

    assert!(tally.acknowledged > 400, "{tally}");
}

#[tokio::test]
async fn rel21_the_same_seed_gives_the_same_trace() {
    let (mut one, mut other) = (Harness::new(), Harness::new());
    live(&mut other, 6, Planted::Nothing).await;

    for seed in 7..10 {
        let first = live(&mut one, seed, Planted::Nothing).await.trace;
        assert_eq!(
            live(&mut other, seed, Planted::Nothing).await.trace,
            first,
            "seed {seed}"
        );
        assert_ne!(live(&mut other, seed + 1, Planted::Nothing).await.trace, first);
    }
}

#[tokio::test]
async fn rel21_every_planted_bug_is_found() {
    let mut harness = Harness::new();

    for planted in ALL_PLANTED {
        let mut found_at = None;
        for seed in 0..MAX_SEEDS {
            if !live(&mut harness, seed, planted).await.tally.is_clean() {
                found_at = Some(seed);
                break;
            }
        }
        assert!(
            found_at.is_some(),
            "{planted:?} was not found in {MAX_SEEDS} seeds"
        );
    }
}
