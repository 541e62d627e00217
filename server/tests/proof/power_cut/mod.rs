//! REL-02: a power cut at any moment loses nothing that was acknowledged, and leaves a sound database.
//!
//! - `store`: the process that is recorded, a real store that two friends write through.
//! - `record`: its calls to the kernel, in order.
//! - `disk`: what a power cut may leave of them; `fates`: which of it is tried.
//! - `verify`: opens what was left and looks for what was promised.
//!
//! Planted, and to be caught: `synchronous=NORMAL`, and an acknowledgement before the commit.

pub(crate) mod disk;
pub(crate) mod fates;
pub(crate) mod record;
pub(crate) mod store;
mod verify;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use uuid::Uuid;

use crate::chance::Chance;
use crate::tally::Tally;
use disk::Disk;
use fates::Cut;
use record::{Recording, Step, record};
pub(crate) use store::Behaviour;

/// Records a store that behaves so. `arguments` lead this program to [`store::run_if_wished`].
pub(crate) fn record_store(arguments: &[&str], behaviour: Behaviour, n_commits: u32) -> Recording {
    let folder = tempfile::tempdir().unwrap();
    let command = store::command(arguments, folder.path(), behaviour, n_commits);
    record(&command, folder.path())
}

/// How many times the recorded process waited for the log to be on disk.
pub(crate) fn n_commits(recording: &Recording) -> usize {
    let is_commit = |step: &&Step| matches!(step, Step::Sync { file, .. } if file.ends_with("-wal"));
    recording.steps.iter().filter(is_commit).count()
}

/// Tries at least `n_states` of the crash states, spread evenly over all that the recording has. Answers what was seen,
/// and how many of the states were distinct.
pub(crate) fn enumerate(recording: &Recording, n_states: usize) -> (Tally, usize) {
    let mut disk = Disk::new(&recording.steps);
    let n_all: usize = moments(recording)
        .map(|at| {
            disk.advance_to(at);
            n_cuts(&disk)
        })
        .sum();
    let stride = (n_all / n_states.max(1)).max(1);
    let mut trial = Trial::new(recording);
    let mut index = 0;
    for at in moments(recording) {
        trial.go_to(at);
        let first = index;
        index += n_cuts(&trial.disk);
        if (first..index).any(|index| index % stride == 0) {
            let cuts = Cut::systematic(&trial.disk.open_steps());
            let chosen = cuts
                .into_iter()
                .zip(first..)
                .filter(|(_, index)| index % stride == 0);
            chosen.for_each(|(cut, _)| trial.cut(cut));
        }
    }
    trial.end()
}

/// Cuts the power `n_cuts` times, at moments and with outcomes that follow from the seed.
pub(crate) fn random_cuts(recording: &Recording, n_cuts: usize, seed: u64) -> (Tally, usize) {
    let mut chance = Chance::new(seed);
    let mut moments: Vec<usize> = (0..n_cuts)
        .map(|_| chance.index(recording.steps.len() + 1))
        .collect();
    moments.sort_unstable();
    let mut trial = Trial::new(recording);
    for at in moments {
        trial.go_to(at);
        trial.cut(Cut::Random(chance.next()));
    }
    trial.end()
}

/// Every moment at which the power may be cut: before each step, and at the end.
fn moments(recording: &Recording) -> std::ops::RangeInclusive<usize> {
    0..=recording.steps.len()
}

fn n_cuts(disk: &Disk<'_>) -> usize {
    Cut::systematic(&disk.open_steps()).len()
}

/// A walk through a recording, with power cuts on the way.
struct Trial<'r> {
    recording: &'r Recording,
    disk: Disk<'r>,
    at: usize,
    acknowledged: HashMap<Uuid, String>,
    folder: tempfile::TempDir,
    tally: Tally,
    distinct: std::collections::HashSet<u64>,
}

impl<'r> Trial<'r> {
    fn new(recording: &'r Recording) -> Self {
        // Memory, where the system has a folder for it: what is tried here is not this machine's disk.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() {
            tempfile::tempdir_in(memory)
        } else {
            tempfile::tempdir()
        };
        Self {
            recording,
            disk: Disk::new(&recording.steps),
            at: 0,
            acknowledged: HashMap::new(),
            folder: folder.unwrap(),
            tally: Tally::default(),
            distinct: std::collections::HashSet::new(),
        }
    }

    fn go_to(&mut self, at: usize) {
        self.disk.advance_to(at);
        for step in &self.recording.steps[self.at..at] {
            if let Step::Say { line } = step
                && let Some((key, text)) = line
                    .strip_prefix(store::ACKNOWLEDGED)
                    .and_then(|line| line.split_once(' '))
            {
                self.acknowledged.insert(key.parse().unwrap(), text.to_owned());
            }
        }
        self.at = at;
    }

    fn cut(&mut self, cut: Cut) {
        let files = self.disk.cut(&mut cut.fate());
        let mut hasher = DefaultHasher::new();
        (&files, self.acknowledged.len()).hash(&mut hasher);
        self.distinct.insert(hasher.finish());
        self.tally += verify::verify(&files, self.folder.path(), &self.acknowledged);
    }

    fn end(mut self) -> (Tally, usize) {
        // Counted for each state while trying; what matters to a reader is how many messages were at stake.
        self.tally.acknowledged = self.acknowledged.len() as u64;
        (self.tally, self.distinct.len())
    }
}

/// The files that the recording ends with, as the model has them: the proof that it missed nothing.
pub(crate) fn played_back(recording: &Recording) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut disk = Disk::new(&recording.steps);
    disk.advance_to(recording.steps.len());
    disk.cut(&mut Cut::Everything.fate())
}
