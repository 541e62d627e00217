//! REL-02, short: one recording of each behaviour, some hundred of its crash states.

use crate::power_cut::{Behaviour, enumerate, n_commits, played_back, random_cuts, record_store, store};

/// Leads this test program, started again, to the store that is recorded.
const TO_STORE: &[&str] = &[
    "--exact",
    "power_cuts::the_store_that_is_recorded",
    "--nocapture",
    "--test-threads=1",
];

#[test]
fn the_store_that_is_recorded() {
    // Without a wish this is nothing: the other tests start it as a process of its own.
    store::run_if_wished();
}

#[test]
fn rel02_a_power_cut_loses_nothing_that_was_acknowledged() {
    let recording = record_store(TO_STORE, Behaviour::Faithful, 60);

    assert!(n_commits(&recording) >= 60);
    assert_eq!(
        played_back(&recording),
        recording.files,
        "the record holds every byte that was written"
    );
    let (states, n_distinct) = enumerate(&recording, 200);
    assert!(
        states.trials >= 200 && n_distinct > 150,
        "{states}, {n_distinct} distinct"
    );
    assert!(states.acknowledged >= 60 && states.is_clean(), "{states}");
    let (cuts, _) = random_cuts(&recording, 50, 2);
    assert!(cuts.is_clean(), "{cuts}");
}

#[test]
fn rel02_a_store_that_does_not_wait_for_the_disk_is_caught() {
    let recording = record_store(TO_STORE, Behaviour::SynchronousNormal, 20);

    let (states, _) = enumerate(&recording, 100);

    assert!(states.lost > 0, "{states}");
}

#[test]
fn rel02_an_answer_before_the_commit_is_caught() {
    let recording = record_store(TO_STORE, Behaviour::AnswersFirst, 20);

    let (states, _) = enumerate(&recording, 200);

    assert!(states.lost > 0, "{states}");
}
