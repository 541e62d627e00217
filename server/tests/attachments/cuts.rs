//! Assurance ATT-06: uploads that are cut anywhere, and go on. The long version is a part of the chaos bench.

#[path = "../proof/uploads.rs"]
mod uploads;

use std::sync::atomic::AtomicU64;

use uploads::{Planted, run};

use crate::harness::Harness;

#[tokio::test]
async fn att_06_uploads_that_are_cut_at_random_arrive_whole_and_leave_nothing() {
    let harness = Harness::new();

    let tally = run(&harness, 40, Planted::Nothing, 1, &AtomicU64::new(0)).await;

    assert!(
        tally.trials >= 40 && tally.acknowledged > 5 && tally.is_clean(),
        "{tally}"
    );
}

/// The planted bug: a part that was acknowledged and is gone.
#[tokio::test]
async fn att_06_a_part_that_was_lost_is_noticed() {
    let harness = Harness::new();

    let tally = run(&harness, 10, Planted::LosesParts, 2, &AtomicU64::new(0)).await;

    assert!(tally.lost > 0, "{tally}");
}
