//! Holds the rows against their own hashes and against what was signed.

use super::chain::{BEGINNING, Hash, Row};
use super::checkpoint::{Checkpoint, Checkpoints};
use super::{Act, sql};
use crate::error::Result;
use crate::store::Db;

/// Rows that are read at once.
const PAGE: u32 = 10_000;

/// What is wrong, at the first place where something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A row is missing before this one, or stands twice.
    Gap(u64),
    /// This row, or the one before it, is not what was written.
    Changed(u64),
    /// Rows up to this one were signed, and the last of them are gone.
    Cut(u64),
    /// What was signed at this row is not what stands there: the chain was built anew.
    Rebuilt(u64),
    /// A row cannot be read at all.
    Unreadable,
    /// Lines of the file of checkpoints are not signed by this installation.
    FalseCheckpoints(u64),
    /// The rows say that they were signed, and no checkpoint is there.
    Missing,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Gap(number) => write!(f, "rows are missing before row {number}"),
            Self::Changed(number) => write!(f, "row {number}, or the one before it, was changed"),
            Self::Cut(number) => write!(f, "the end is missing: row {number} was signed and is gone"),
            Self::Rebuilt(number) => write!(f, "row {number} is not the one that was signed"),
            Self::Unreadable => f.write_str("a row cannot be read"),
            Self::FalseCheckpoints(n_lines) => {
                write!(
                    f,
                    "{n_lines} lines of the checkpoints are not signed by this installation"
                )
            }
            Self::Missing => f.write_str(
                "it was signed, and its file of checkpoints is missing or empty, so that nobody can tell whether rows were \
                 cut off or written anew. Put the file back from its copy on the other machine; if there is none, `pli \
                 audit begin-anew` signs from here on, and leaves a row that says so",
            ),
        }
    }
}

/// What was looked at, and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Rows that fit.
    pub n_rows: u64,
    /// Checkpoints that fit.
    pub n_checkpoints: u64,
    /// The last row that was signed; what comes after it could have been cut off unseen.
    pub signed_to: u64,
    /// What is wrong, if anything.
    pub finding: Option<Finding>,
}

/// Looks at every row and every checkpoint.
///
/// # Errors
/// `Failed` when the file of checkpoints cannot be read.
pub async fn verify(db: &Db, checkpoints: &Checkpoints) -> Result<Report> {
    let (signed, n_false) = checkpoints.read()?;
    let mut walk = Walk::new(signed, n_false);
    // Numbers begin at 1; one below is found as well.
    Ok(match walk.go(db, i64::MIN).await {
        Ok(()) => walk.end(),
        Err(finding) => walk.stop(finding),
    })
}

/// Number and hash of the last row, when the rows go on from a checkpoint, or from the beginning; else what is wrong.
/// Before the first row the number is 0.
///
/// # Errors
/// `Failed` when the checkpoint's row cannot be asked for.
pub(super) async fn follow(
    db: &Db,
    last: Option<&Checkpoint>,
) -> Result<std::result::Result<(u64, Hash), Finding>> {
    let mut walk = Walk::new(Vec::new(), 0);
    let mut after = i64::MIN;
    if let Some(last) = last {
        let number = last.number;
        match db.read(move |tx| sql::find_hash(tx, number)).await? {
            None => return Ok(Err(Finding::Cut(number))),
            Some(hash) if hash != last.hash => return Ok(Err(Finding::Rebuilt(number))),
            Some(hash) => walk.previous = hash,
        }
        walk.report.n_rows = number;
        after = i64::try_from(number).unwrap_or(i64::MAX);
    }
    let gone = walk.go(db, after).await;
    Ok(gone.map(|()| (walk.report.n_rows, walk.previous)))
}

/// Goes along the rows, one after the other.
struct Walk {
    /// By number.
    signed: std::iter::Peekable<std::vec::IntoIter<Checkpoint>>,
    previous: Hash,
    /// Whether a row says that the chain is signed.
    has_begun: bool,
    report: Report,
}

impl Walk {
    fn new(mut signed: Vec<Checkpoint>, n_false: u64) -> Self {
        signed.sort_by_key(|checkpoint| checkpoint.number);
        Self {
            signed: signed.into_iter().peekable(),
            previous: BEGINNING,
            has_begun: false,
            report: Report {
                n_rows: 0,
                n_checkpoints: 0,
                signed_to: 0,
                finding: (n_false > 0).then_some(Finding::FalseCheckpoints(n_false)),
            },
        }
    }

    /// All rows behind a number.
    async fn go(&mut self, db: &Db, mut after: i64) -> std::result::Result<(), Finding> {
        loop {
            // A column of another type, or a hash of another length.
            let unreadable = |_| Finding::Unreadable;
            let rows = db.read(move |tx| sql::list_after(tx, after, PAGE)).await;
            let rows = rows.map_err(unreadable)?;
            for row in &rows {
                self.step(row)?;
                after = i64::try_from(row.number).unwrap_or(i64::MAX);
            }
            if rows.len() < PAGE as usize {
                return Ok(());
            }
        }
    }

    fn step(&mut self, row: &Row) -> std::result::Result<(), Finding> {
        if row.number != self.report.n_rows + 1 {
            return Err(Finding::Gap(row.number));
        }
        if row.compute_hash(&self.previous) != row.hash {
            return Err(Finding::Changed(row.number));
        }
        while let Some(checkpoint) = self.signed.next_if(|signed| signed.number <= row.number) {
            if checkpoint.number != row.number || checkpoint.hash != row.hash {
                return Err(Finding::Rebuilt(checkpoint.number));
            }
            self.report.n_checkpoints += 1;
            self.report.signed_to = row.number;
        }
        self.has_begun |= row.act == Act::SigningBegun.name();
        self.report.n_rows = row.number;
        self.previous = row.hash;
        Ok(())
    }

    fn stop(mut self, finding: Finding) -> Report {
        self.report.finding = Some(finding);
        self.report
    }

    fn end(mut self) -> Report {
        match self.signed.next_back() {
            Some(checkpoint) => self.stop(Finding::Cut(checkpoint.number)),
            None if self.has_begun && self.report.n_checkpoints == 0 && self.report.finding.is_none() => {
                self.stop(Finding::Missing)
            }
            None => self.report,
        }
    }
}

#[cfg(test)]
mod tests {
    use app::api::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::clock::{Clock, ManualClock};

    const N_ROWS: u64 = 60;

    fn chain() -> Vec<Row> {
        let mut previous = BEGINNING;
        (1..=N_ROWS)
            .map(|number| {
                let mut row = Row {
                    number,
                    at: Timestamp(1_800_000_000_000 + i64::try_from(number / 3).unwrap()),
                    act: ["signed_in", "requested", "erased"][usize::try_from(number % 3).unwrap()]
                        .to_owned(),
                    actor: (!number.is_multiple_of(4)).then(|| Uuid::from_u128(u128::from(number % 7))),
                    subject: Some(Uuid::from_u128(u128::from(number))),
                    hash: BEGINNING,
                };
                row.hash = row.compute_hash(&previous);
                previous = row.hash;
                row
            })
            .collect()
    }

    fn signed(rows: &[Row]) -> Vec<Checkpoint> {
        let signed = rows.iter().filter(|row| row.number.is_multiple_of(20));
        signed
            .map(|row| Checkpoint {
                number: row.number,
                at: row.at,
                hash: row.hash,
            })
            .collect()
    }

    fn look(rows: &[Row], signed: Vec<Checkpoint>) -> Report {
        let mut walk = Walk::new(signed, 0);
        for row in rows {
            if let Err(finding) = walk.step(row) {
                return walk.stop(finding);
            }
        }
        walk.end()
    }

    #[test]
    fn a_chain_that_nobody_touched_is_whole() {
        let rows = chain();
        let report = look(&rows, signed(&rows));

        assert_eq!(report.finding, None);
        assert_eq!(
            (report.n_rows, report.n_checkpoints, report.signed_to),
            (60, 3, 60)
        );
    }

    /// Assurance INT-01: edits, deletions, swaps, insertions and a cut end.
    #[test]
    fn int_01_ten_thousand_random_tamperings_are_all_found() {
        let rows = chain();
        let clock = ManualClock::at(Timestamp(0));
        let below = |limit: usize| {
            let mut bytes = [0; 8];
            clock.fill_random(&mut bytes);
            usize::try_from(u64::from_le_bytes(bytes) % limit as u64).unwrap()
        };
        for trial in 0..10_000 {
            let mut other = rows.clone();
            let (one, two) = (below(rows.len()), below(rows.len()));
            match trial % 8 {
                0 => other[one].at.0 ^= 1 << below(40),
                1 => other[one].act.push('x'),
                2 => other[one].actor = Some(Uuid::from_u128(99)),
                3 => other[one].subject = None,
                4 => other[one].hash[below(32)] ^= 1 << below(8),
                5 => {
                    other.remove(one);
                }
                6 => {
                    // The contents change places, the numbers stay.
                    let two = if two == one { (one + 1) % rows.len() } else { two };
                    other.swap(one, two);
                    let (a, b) = (other[one].number, other[two].number);
                    other[one].number = b;
                    other[two].number = a;
                }
                _ => other.truncate(one),
            }
            let report = look(&other, signed(&rows));
            assert!(report.finding.is_some(), "trial {trial}: {one} {two}");
        }
    }

    /// Assurance INT-01: whoever knows how the chain is made can make another, but not sign it.
    #[test]
    fn int_01_a_chain_that_was_built_anew_is_not_the_signed_one() {
        let rows = chain();
        let mut other = rows.clone();
        other[10].actor = None;
        let mut previous = other[9].hash;
        for row in &mut other[10..] {
            row.hash = row.compute_hash(&previous);
            previous = row.hash;
        }

        assert_eq!(look(&other, Vec::new()).finding, None, "by itself it fits");
        assert_eq!(look(&other, signed(&rows)).finding, Some(Finding::Rebuilt(20)));
    }
}
