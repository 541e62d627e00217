//! What a power cut may leave of a recording.
//!
//! The model: whatever a sync has returned for is on disk. Since then, each sector of 512 bytes is as it was at some
//! moment, whichever, and each on its own; so is the length of each file, and each name that came or went. What a file
//! has below its length and nobody wrote is zeros. Nothing else is promised, and nothing less may be assumed.

use std::collections::BTreeMap;

use super::record::Step;

/// The least that a disk writes at once.
const SECTOR: usize = 512;

/// Something written since the last sync of its file.
#[derive(Clone, Copy)]
struct Pending {
    /// Which step it is.
    step: usize,
}

/// A file's content, whatever its name.
#[derive(Clone, Default)]
struct Inode {
    /// As the last sync left it.
    bytes: Vec<u8>,
    pending: Vec<Pending>,
}

/// A name that came or went, not yet on disk.
struct NameChange {
    step: usize,
    name: String,
    inode: Option<usize>,
}

/// The state of a disk at one step of a recording.
pub(crate) struct Disk<'r> {
    steps: &'r [Step],
    at: usize,
    inodes: Vec<Inode>,
    /// As the process sees them.
    names: BTreeMap<String, usize>,
    kept_names: BTreeMap<String, usize>,
    name_changes: Vec<NameChange>,
}

/// What happens to the things that no sync has made sure of.
pub(crate) trait Fate {
    /// How many of the `n` versions that a sector had since the last sync have come to pass: 0 leaves the synced one.
    /// `steps` are those that wrote it, oldest first.
    fn sector(&mut self, sector: usize, steps: &[usize]) -> usize;
    /// Which of the lengths since the last sync the file has; the first is the synced one.
    fn length(&mut self, lengths: &[usize]) -> usize;
    /// Whether a name that came or went at this step has done so on disk.
    fn name(&mut self, step: usize) -> bool;
}

impl<'r> Disk<'r> {
    /// An empty disk before the first step.
    pub(crate) fn new(steps: &'r [Step]) -> Self {
        Self {
            steps,
            at: 0,
            inodes: Vec::new(),
            names: BTreeMap::new(),
            kept_names: BTreeMap::new(),
            name_changes: Vec::new(),
        }
    }

    /// Takes every step before `end`.
    pub(crate) fn advance_to(&mut self, end: usize) {
        while self.at < end {
            self.take(self.at);
            self.at += 1;
        }
    }

    /// The steps whose outcome is open, oldest first.
    pub(crate) fn open_steps(&self) -> Vec<usize> {
        let contents = self
            .inodes
            .iter()
            .flat_map(|inode| inode.pending.iter().map(|pending| pending.step));
        let names = self.name_changes.iter().map(|change| change.step);
        let mut open: Vec<usize> = contents.chain(names).collect();
        open.sort_unstable();
        open
    }

    fn take(&mut self, step: usize) {
        match &self.steps[step] {
            Step::Create { file } => {
                let inode = self.inodes.len();
                self.inodes.push(Inode::default());
                self.names.insert(file.clone(), inode);
                self.name_changes.push(NameChange {
                    step,
                    name: file.clone(),
                    inode: Some(inode),
                });
            }
            Step::Write { file, .. } | Step::SetLen { file, .. } => {
                let inode = self.names[file];
                self.inodes[inode].pending.push(Pending { step });
            }
            Step::Remove { file } => {
                self.names.remove(file);
                self.name_changes.push(NameChange {
                    step,
                    name: file.clone(),
                    inode: None,
                });
            }
            Step::Sync { file, until } => {
                let inode = self.names[file];
                self.sync(inode, *until);
            }
            Step::SyncNames { until } => {
                let (done, open): (Vec<_>, Vec<_>) = std::mem::take(&mut self.name_changes)
                    .into_iter()
                    .partition(|change| change.step < *until);
                self.name_changes = open;
                for change in done {
                    apply_name(&mut self.kept_names, &change);
                }
            }
            Step::SyncRefused { file, until } => {
                // The worst: none of it is there. A length is kept apart from the bytes, and is not lost with them.
                let (steps, until) = (self.steps, *until);
                let is_kept = |pending: &Pending| {
                    pending.step >= until || matches!(steps[pending.step], Step::SetLen { .. })
                };
                let inode = self.names[file];
                self.inodes[inode].pending.retain(is_kept);
            }
            Step::WriteRefused | Step::Say { .. } => {}
        }
    }

    fn sync(&mut self, inode: usize, until: usize) {
        let Inode { bytes, pending } = &mut self.inodes[inode];
        for done in pending.iter().filter(|pending| pending.step < until) {
            match &self.steps[done.step] {
                Step::Write {
                    offset,
                    bytes: written,
                    ..
                } => put(bytes, *offset, written),
                Step::SetLen { len, .. } => bytes.resize(*len, 0),
                _ => {}
            }
        }
        pending.retain(|pending| pending.step >= until);
    }

    /// The files after a power cut at this moment.
    pub(crate) fn cut(&self, fate: &mut impl Fate) -> BTreeMap<String, Vec<u8>> {
        let mut names = self.kept_names.clone();
        for change in &self.name_changes {
            if fate.name(change.step) {
                apply_name(&mut names, change);
            }
        }
        names
            .into_iter()
            .map(|(name, inode)| (name, self.content(&self.inodes[inode], fate)))
            .collect()
    }

    fn content(&self, inode: &Inode, fate: &mut impl Fate) -> Vec<u8> {
        if inode.pending.is_empty() {
            return inode.bytes.clone();
        }
        let mut lengths = vec![inode.bytes.len()];
        let mut writers: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for pending in &inode.pending {
            let len = lengths[lengths.len() - 1];
            match &self.steps[pending.step] {
                Step::Write { offset, bytes, .. } => {
                    lengths.push(len.max(offset + bytes.len()));
                    for sector in offset / SECTOR..(offset + bytes.len()).div_ceil(SECTOR) {
                        writers.entry(sector).or_default().push(pending.step);
                    }
                }
                Step::SetLen { len: new, .. } => {
                    lengths.push(*new);
                    // What is cut off is gone from every sector beyond; what grows is zeros.
                    for sector in new / SECTOR..len.max(*new).div_ceil(SECTOR) {
                        writers.entry(sector).or_default().push(pending.step);
                    }
                }
                _ => {}
            }
        }
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let mut content = inode.bytes.clone();
        content.resize(longest, 0);
        for (sector, steps) in &writers {
            let n_done = fate.sector(*sector, steps).min(steps.len());
            for step in &steps[..n_done] {
                self.put_sector(&mut content, *sector, *step);
            }
        }
        let length = fate.length(&lengths);
        content.truncate(lengths.get(length).copied().unwrap_or(longest));
        content
    }

    /// Does to one sector what the step does.
    fn put_sector(&self, content: &mut [u8], sector: usize, step: usize) {
        let (begin, end) = (sector * SECTOR, ((sector + 1) * SECTOR).min(content.len()));
        match &self.steps[step] {
            Step::Write { offset, bytes, .. } => {
                let (first, last) = (begin.max(*offset), end.min(offset + bytes.len()));
                if first < last {
                    content[first..last].copy_from_slice(&bytes[first - offset..last - offset]);
                }
            }
            Step::SetLen { len, .. } if *len < end => content[begin.max(*len)..end].fill(0),
            _ => {}
        }
    }
}

fn put(content: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if content.len() < offset + bytes.len() {
        content.resize(offset + bytes.len(), 0);
    }
    content[offset..offset + bytes.len()].copy_from_slice(bytes);
}

fn apply_name(names: &mut BTreeMap<String, usize>, change: &NameChange) {
    match change.inode {
        Some(inode) => names.insert(change.name.clone(), inode),
        None => names.remove(&change.name),
    };
}
