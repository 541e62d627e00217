//! REL-03: a disk that refuses to write or to sync, once, anywhere: nothing is acknowledged that is not there, whether the
//! system has kept what it held at that moment or forgotten it.
//!
//! The kernel's answer to one call of the real store is replaced (`record`). What is left is looked at twice: as the
//! process saw its files, and as a power cut at the end would leave them if a refused sync has cost all that it was to
//! bring and a later sync brings nothing of it back.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use nix::errno::Errno;
use uuid::Uuid;

use super::disk::Disk;
use super::fates::Cut;
use super::record::{Fault, Recording, Refused, Step, record};
use super::store::{self, Wish};
use super::{acknowledged, folder, verify};
use crate::tally::Tally;

/// What a row of refusals has shown.
#[derive(Default)]
pub(crate) struct Outcome {
    /// What held.
    pub(crate) tally: Tally,
    /// Trials in which a message was not acknowledged that otherwise is.
    pub(crate) n_felt: u64,
}

/// Refuses about `n_trials` calls of this kind, each in a life of its own: half of them evenly spread over all that such a
/// life makes, half over those since it began to acknowledge.
/// `arguments` lead this program to [`store::run_if_wished`]; `done` counts the trials.
pub(crate) fn refuse(
    arguments: &[&str],
    wish: Wish,
    refused: Refused,
    n_trials: usize,
    done: &AtomicU64,
) -> Outcome {
    let whole = live(arguments, wish, None);
    let n_said = acknowledged(&whole.steps).count();
    assert!(n_said > 0, "a life on a sound disk: {:?}", whole.steps.last());
    let nths = choose_calls(&whole.steps, refused, n_trials);
    let next = AtomicUsize::new(0);
    let n_threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let walk = || {
        let mut outcome = Outcome::default();
        while let Some(nth) = nths.get(next.fetch_add(1, Ordering::Relaxed)) {
            // A full disk and a broken one are told apart by the store.
            let error = if refused == Refused::Write && nth.is_multiple_of(2) {
                Errno::ENOSPC
            } else {
                Errno::EIO
            };
            let nth = *nth;
            let fault = Fault { refused, nth, error };
            let recording = live(arguments, wish, Some(fault));
            let said: HashMap<Uuid, String> = acknowledged(&recording.steps).collect();
            outcome.n_felt += u64::from(said.len() < n_said);
            outcome.tally += judge(&recording, &said);
            done.fetch_add(1, Ordering::Relaxed);
        }
        outcome
    };
    let mut all = Outcome::default();
    std::thread::scope(|scope| {
        let walks: Vec<_> = (0..n_threads).map(|_| scope.spawn(walk)).collect();
        for walk in walks {
            let outcome = walk.join().unwrap();
            all.tally += outcome.tally;
            all.n_felt += outcome.n_felt;
        }
    });
    all
}

/// Which calls of this kind are refused, counted from 0.
fn choose_calls(steps: &[Step], refused: Refused, n_trials: usize) -> Vec<usize> {
    let count = |steps: &[Step]| steps.iter().filter(|step| is_such(step, refused)).count();
    let n_first_said = steps
        .iter()
        .position(|step| acknowledged(std::slice::from_ref(step)).next().is_some())
        .unwrap_or_default();
    let (n_calls, n_before) = (count(steps), count(&steps[..n_first_said]));
    let spread = |from: usize, n: usize| (0..n).map(move |nth| from + nth * (n_calls - from) / n);
    let n_half = n_trials / 2;
    let nths: BTreeSet<usize> = spread(0, n_trials - n_half)
        .chain(spread(n_before, n_half))
        .collect();
    nths.into_iter().collect()
}

fn live(arguments: &[&str], wish: Wish, fault: Option<Fault>) -> Recording {
    let folder = folder();
    record(
        &store::command(arguments, folder.path(), wish),
        folder.path(),
        fault,
    )
}

fn is_such(step: &Step, refused: Refused) -> bool {
    match refused {
        Refused::Sync => matches!(step, Step::Sync { .. }),
        Refused::Write => matches!(step, Step::Write { .. }),
    }
}

fn judge(recording: &Recording, said: &HashMap<Uuid, String>) -> Tally {
    let folder = folder();
    let mut tally = verify::verify(&recording.files, folder.path(), said, true);
    let mut disk = Disk::new(&recording.steps);
    disk.advance_to(recording.steps.len());
    let worst = verify::verify(&disk.cut(&mut Cut::Nothing.fate()), folder.path(), said, true);
    tally += Tally {
        trials: 0,
        acknowledged: 0,
        ..worst
    };
    tally
}
