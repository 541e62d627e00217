//! Holds the rows against their own hashes and against what was signed.

use super::chain::BEGINNING;
use super::checkpoint::Checkpoints;
use super::sql;
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
/// `Failed` when the database or the file cannot be read.
pub async fn verify(db: &Db, checkpoints: &Checkpoints) -> Result<Report> {
    let (mut signed, n_false) = checkpoints.read()?;
    signed.sort_by_key(|checkpoint| checkpoint.number);
    let mut signed = signed.into_iter().peekable();
    let mut report = Report {
        n_rows: 0,
        n_checkpoints: 0,
        signed_to: 0,
        finding: (n_false > 0).then_some(Finding::FalseCheckpoints(n_false)),
    };
    let mut previous = BEGINNING;
    // Numbers begin at 1; one below is found as well.
    let mut after = i64::MIN;
    loop {
        let rows = match db.read(move |tx| sql::list_after(tx, after, PAGE)).await {
            Ok(rows) => rows,
            // A column of another type, or a hash of another length.
            Err(_) if report.finding.is_none() => {
                report.finding = Some(Finding::Unreadable);
                return Ok(report);
            }
            Err(error) => return Err(error),
        };
        let is_last = rows.len() < PAGE as usize;
        for row in rows {
            let wrong = if row.number != report.n_rows + 1 {
                Some(Finding::Gap(row.number))
            } else if row.compute_hash(&previous) != row.hash {
                Some(Finding::Changed(row.number))
            } else {
                None
            };
            if wrong.is_some() {
                report.finding = wrong;
                return Ok(report);
            }
            while let Some(checkpoint) = signed.next_if(|checkpoint| checkpoint.number <= row.number) {
                if checkpoint.number != row.number || checkpoint.hash != row.hash {
                    report.finding = Some(Finding::Rebuilt(checkpoint.number));
                    return Ok(report);
                }
                report.n_checkpoints += 1;
                report.signed_to = row.number;
            }
            report.n_rows = row.number;
            previous = row.hash;
            after = i64::try_from(row.number).unwrap_or(i64::MAX);
        }
        if is_last {
            break;
        }
    }
    if let Some(checkpoint) = signed.last() {
        report.finding = Some(Finding::Cut(checkpoint.number));
    }
    Ok(report)
}
