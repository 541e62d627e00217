//! Assurance ATT-06: uploads that are cut anywhere, and go on. The long version is a part of the chaos bench.

use crate::harness::Harness;

#[path = "../proof/uploads.rs"]
mod uploads;

#[tokio::test]
async fn att_06_uploads_that_are_cut_at_random_arrive_whole_and_leave_nothing() {
    let harness = Harness::new();

    let tally = uploads::run(&harness, 1, 40).await;

    assert!(tally.n_cuts >= 40, "{tally:?}");
    assert_eq!((tally.n_wrong, tally.n_left), (0, 0), "{tally:?}");
}

/// The planted bug: a part that is told to be on disk and is not.
#[tokio::test]
async fn att_06_a_part_that_was_lost_is_noticed() {
    let harness = Harness::new();

    let tally = uploads::run_with_lost_parts(&harness, 2, 10).await;

    assert!(tally.n_wrong > 0, "{tally:?}");
}
