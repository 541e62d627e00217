//! REL-02 and REL-03, short: one recording of each behaviour, some hundred of its crash states, and a few refusals.

use std::sync::atomic::AtomicU64;

use crate::power_cut::record::{Recording, Refused};
use crate::power_cut::refusals::refuse;
use crate::power_cut::{
    Behaviour, Wish, enumerate, n_checkpoints, n_commits, played_back, random_cuts, record_store, store,
};
use crate::tally::Tally;

/// Leads this test program, started again, to the store that is recorded.
const TO_STORE: &[&str] = &[
    "--exact",
    "power_cuts::the_store_that_is_recorded",
    "--nocapture",
    "--test-threads=1",
];

fn record(behaviour: Behaviour, n_commits: u32) -> Recording {
    let seed = 1;
    record_store(
        TO_STORE,
        Wish {
            behaviour,
            n_commits,
            seed,
        },
    )
}

#[test]
fn the_store_that_is_recorded() {
    // Without a wish this is nothing: the other tests start it as a process of its own.
    store::run_if_wished();
}

#[test]
fn rel02_a_power_cut_loses_nothing_that_was_acknowledged() {
    let recording = record(Behaviour::Faithful, 60);

    assert!(n_commits(&recording) >= 60);
    assert_eq!(
        played_back(&recording),
        recording.files,
        "the record holds every byte that was written"
    );
    let (n_moved, _) = n_checkpoints(&recording);
    assert!(n_moved >= 1, "{n_moved} checkpoints");
    let (states, n_distinct) = enumerate(&recording, 200, &AtomicU64::new(0));
    assert!(
        states.trials >= 200 && n_distinct > 150,
        "{states}, {n_distinct} distinct"
    );
    assert!(states.acknowledged >= 60 && states.is_clean(), "{states}");
    let (cuts, _) = random_cuts(&recording, 50, 2, &AtomicU64::new(0));
    assert!(cuts.is_clean(), "{cuts}");
}

#[test]
fn rel02_a_store_that_does_not_wait_for_the_disk_is_caught() {
    let recording = record(Behaviour::SynchronousNormal, 20);

    let (states, _) = enumerate(&recording, 100, &AtomicU64::new(0));

    assert!(states.lost > 0, "{states}");
}

#[test]
fn rel02_an_answer_before_the_commit_is_caught() {
    let recording = record(Behaviour::AnswersFirst, 20);

    let (states, _) = enumerate(&recording, 200, &AtomicU64::new(0));

    assert!(states.lost > 0, "{states}");
}

fn refused(behaviour: Behaviour, refused: Refused) -> crate::power_cut::refusals::Outcome {
    let wish = Wish {
        behaviour,
        n_commits: 8,
        seed: 1,
    };
    refuse(TO_STORE, wish, refused, 8, &AtomicU64::new(0))
}

fn expect_nothing_lost(call: Refused) {
    let (mut tally, mut n_felt) = (Tally::default(), 0);
    // Which calls are refused, the threads decide: a round may meet none that a message waits for.
    for _ in 0..5 {
        let outcome = refused(Behaviour::Faithful, call);
        tally += outcome.tally;
        n_felt += outcome.n_felt;
        assert!(tally.is_clean(), "{tally}");
        if tally.acknowledged > 0 && n_felt > 0 {
            break;
        }
    }

    assert!(
        tally.trials >= 6 && tally.acknowledged > 0 && n_felt > 0,
        "{tally}; {n_felt} of them felt it"
    );
}

#[test]
fn rel03_a_disk_that_does_not_sync_costs_nothing_that_was_acknowledged() {
    expect_nothing_lost(Refused::Sync);
}

#[test]
fn rel03_a_disk_that_does_not_write_costs_nothing_that_was_acknowledged() {
    expect_nothing_lost(Refused::Write);
}

#[test]
fn rel03_an_answer_that_does_not_ask_the_disk_is_caught() {
    // Most syncs of so short a life are a checkpoint's, and those cost nothing; which ones, the threads decide.
    let is_caught = (0..20).any(|_| refused(Behaviour::AnswersFirst, Refused::Sync).tally.lost > 0);

    assert!(is_caught, "160 refused syncs, and nothing was lost");
}
