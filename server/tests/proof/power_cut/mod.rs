//! REL-02: a power cut at any moment loses nothing that was acknowledged, and leaves a sound database.
//!
//! - `store`: the process that is recorded, a real store that two friends write through.
//! - `record`: its calls to the kernel, in order; `registers`: where a processor keeps them.
//! - `disk`: what a power cut may leave of them; `fates`: which of it is tried.
//! - `verify`: opens what was left and looks for what was promised.
//! - `refusals`: REL-03, the same store on a disk that refuses.
//!
//! Planted, and to be caught: `synchronous=NORMAL`, and an acknowledgement before the commit.

pub(crate) mod disk;
pub(crate) mod fates;
pub(crate) mod record;
pub(crate) mod refusals;
mod registers;
pub(crate) mod store;
mod verify;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

use crate::chance::Chance;
use crate::tally::Tally;
use disk::Disk;
use fates::Cut;
use record::{Recording, Step, record};
pub(crate) use store::{Behaviour, Wish};

/// Records a store that does what is wished. `arguments` lead this program to [`store::run_if_wished`].
pub(crate) fn record_store(arguments: &[&str], wish: Wish) -> Recording {
    let folder = tempfile::tempdir().unwrap();
    let command = store::command(arguments, folder.path(), wish);
    record(&command, folder.path(), None)
}

/// How many times the recorded process waited for the log to be on disk.
pub(crate) fn n_commits(recording: &Recording) -> usize {
    let is_commit = |step: &&Step| matches!(step, Step::Sync { file, .. } if file.ends_with("-wal"));
    recording.steps.iter().filter(is_commit).count()
}

/// How many times the recorded process moved its log into the database, and began the log anew.
pub(crate) fn n_checkpoints(recording: &Recording) -> (usize, usize) {
    let steps = recording.steps.iter();
    let n_moved = steps
        .clone()
        .filter(|step| matches!(step, Step::Sync { file, .. } if file == "pli.db"));
    let n_begun =
        steps.filter(|step| matches!(step, Step::Write { file, offset: 0, .. } if file.ends_with("-wal")));
    (n_moved.count(), n_begun.count())
}

/// Tries at least `n_states` of the crash states, spread evenly over all that the recording has. Answers what was seen,
/// and how many of the states were distinct; `done` counts them on the way.
pub(crate) fn enumerate(recording: &Recording, n_states: usize, done: &AtomicU64) -> (Tally, usize) {
    let mut disk = Disk::new(&recording.steps);
    let n_all: usize = moments(recording)
        .map(|at| {
            disk.advance_to(at);
            n_cuts(&disk)
        })
        .sum();
    let stride = (n_all / n_states.max(1)).max(1);
    side_by_side(recording, done, |trial, share| {
        let is_mine = |index: &usize| index.is_multiple_of(stride) && share.has(index / stride);
        let mut index = 0;
        for at in moments(recording) {
            trial.go_to(at);
            let first = index;
            index += n_cuts(&trial.disk);
            if (first..index).any(|index| is_mine(&index)) {
                let cuts = Cut::systematic(&trial.disk.open_steps());
                let chosen = cuts.into_iter().zip(first..).filter(|(_, index)| is_mine(index));
                chosen.for_each(|(cut, _)| trial.cut(cut));
            }
        }
    })
}

/// Cuts the power `n_cuts` times, at moments and with outcomes that follow from the seed.
pub(crate) fn random_cuts(
    recording: &Recording,
    n_cuts: usize,
    seed: u64,
    done: &AtomicU64,
) -> (Tally, usize) {
    let mut chance = Chance::new(seed);
    let mut cuts: Vec<(usize, Cut)> = (0..n_cuts)
        .map(|_| {
            let at = chance.index(recording.steps.len() + 1);
            (at, Cut::Random(chance.next()))
        })
        .collect();
    cuts.sort_unstable_by_key(|(at, _)| *at);
    side_by_side(recording, done, |trial, share| {
        let mine = cuts.iter().enumerate().filter(|(number, _)| share.has(*number));
        for (_, (at, cut)) in mine {
            trial.go_to(*at);
            trial.cut(*cut);
        }
    })
}

/// One walk's share of the states.
#[derive(Clone, Copy)]
struct Share {
    number: usize,
    of: usize,
}

impl Share {
    fn has(self, state: usize) -> bool {
        state % self.of == self.number
    }
}

/// Walks through the recording once for each processor, and adds up what the walks have seen.
fn side_by_side<'r>(
    recording: &'r Recording,
    done: &'r AtomicU64,
    walk: impl Fn(&mut Trial<'r>, Share) + Sync,
) -> (Tally, usize) {
    let of = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let trials: Vec<Trial<'r>> = std::thread::scope(|scope| {
        let walks: Vec<_> = (0..of)
            .map(|number| {
                let walk = &walk;
                scope.spawn(move || {
                    let mut trial = Trial::new(recording, done);
                    walk(&mut trial, Share { number, of });
                    trial
                })
            })
            .collect();
        walks.into_iter().map(|walk| walk.join().unwrap()).collect()
    });
    let mut tally = Tally::default();
    let mut distinct = HashSet::new();
    for trial in trials {
        tally += trial.tally;
        distinct.extend(trial.distinct);
    }
    // Counted for each state while trying; what matters to a reader is how many messages were at stake.
    let mut all = Trial::new(recording, done);
    all.go_to(recording.steps.len());
    tally.acknowledged = all.acknowledged.len() as u64;
    (tally, distinct.len())
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
    distinct: HashSet<u64>,
    done: &'r AtomicU64,
}

impl<'r> Trial<'r> {
    fn new(recording: &'r Recording, done: &'r AtomicU64) -> Self {
        Self {
            recording,
            disk: Disk::new(&recording.steps),
            at: 0,
            acknowledged: HashMap::new(),
            folder: folder(),
            tally: Tally::default(),
            distinct: HashSet::new(),
            done,
        }
    }

    fn go_to(&mut self, at: usize) {
        self.disk.advance_to(at);
        self.acknowledged
            .extend(acknowledged(&self.recording.steps[self.at..at]));
        self.at = at;
    }

    fn cut(&mut self, cut: Cut) {
        let files = self.disk.cut(&mut cut.fate());
        self.distinct.insert(fingerprint(&files, self.acknowledged.len()));
        // Reading is enough for most; some go on as a server does, and move the log into the database.
        let is_moved = self.tally.trials.is_multiple_of(16);
        self.tally += verify::verify(&files, self.folder.path(), &self.acknowledged, is_moved);
        self.done.fetch_add(1, Ordering::Relaxed);
    }
}

/// What was said in these steps: keys and texts.
fn acknowledged(steps: &[Step]) -> impl Iterator<Item = (Uuid, String)> {
    steps.iter().filter_map(|step| {
        let Step::Say { line } = step else { return None };
        let (key, text) = line.strip_prefix(store::ACKNOWLEDGED)?.split_once(' ')?;
        Some((key.parse().unwrap(), text.to_owned()))
    })
}

/// A folder in memory, where the system has one: what is tried here is not this machine's disk.
fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    folder.unwrap()
}

/// Tells states apart, at the speed of memory: a hash made for tables takes longer than all the rest of a trial.
fn fingerprint(files: &BTreeMap<String, Vec<u8>>, n_acknowledged: usize) -> u64 {
    let mix = |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(0x517C_C1B7_2722_0A95);
    let mut hash = n_acknowledged as u64;
    for (name, bytes) in files {
        hash = mix(mix(hash, name.len() as u64), bytes.len() as u64);
        let (words, rest) = bytes.as_chunks::<8>();
        hash = words
            .iter()
            .fold(hash, |hash, word| mix(hash, u64::from_le_bytes(*word)));
        hash = rest.iter().fold(hash, |hash, byte| mix(hash, u64::from(*byte)));
    }
    hash
}

/// The files that the recording ends with, as the model has them: the proof that it missed nothing.
pub(crate) fn played_back(recording: &Recording) -> BTreeMap<String, Vec<u8>> {
    let mut disk = Disk::new(&recording.steps);
    disk.advance_to(recording.steps.len());
    disk.cut(&mut Cut::Everything.fate())
}
