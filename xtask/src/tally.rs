//! How many tests passed and failed, over all the runners.

use std::io::{BufRead, BufReader};
use std::ops::AddAssign;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

/// Counted tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Did what their names promise.
    pub(crate) passed: u64,
    /// Did not.
    pub(crate) failed: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Runs a test command of cargo, shows what it prints, and counts.
///
/// A run that breaks before it could count, such as a test that does not compile, counts as one failure.
///
/// # Errors
/// It cannot be started.
pub(crate) fn of_cargo(command: &mut Command) -> Result<Tally> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo")?;
    let mut tally = Tally::default();
    if let Some(printed) = child.stdout.take() {
        for line in BufReader::new(printed).lines() {
            let line = line?;
            tally += of_line(&line);
            println!("{line}");
        }
    }
    let is_success = child.wait()?.success();
    if !is_success && tally.failed == 0 {
        tally.failed = 1;
    }
    Ok(tally)
}

/// What a line of `cargo test` says: `test result: ok. 5 passed; 0 failed; …`.
fn of_line(line: &str) -> Tally {
    let count = |word: &str| {
        let before = line
            .split(word)
            .next()
            .filter(|before| before.len() < line.len())?;
        before
            .rsplit([' ', ';'])
            .find(|part| !part.is_empty())?
            .parse()
            .ok()
    };
    if !line.starts_with("test result:") {
        return Tally::default();
    }
    Tally {
        passed: count(" passed").unwrap_or(0),
        failed: count(" failed").unwrap_or(0),
    }
}

/// What Playwright's JSON report says.
///
/// # Errors
/// It is not such a report.
pub(crate) fn of_playwright(report: &str) -> Result<Tally> {
    let report: Value = serde_json::from_str(report).context("the browser tests left no report")?;
    let count = |name: &str| {
        report["stats"][name]
            .as_u64()
            .with_context(|| format!("the report lacks `{name}`"))
    };
    // Errors outside of any test, a file that does not load for one, stand apart.
    let n_errors = report["errors"].as_array().map_or(0, Vec::len) as u64;
    Ok(Tally {
        passed: count("expected")?,
        failed: count("unexpected")? + count("flaky")? + n_errors,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_of_cargo_test_is_counted() {
        let line = "test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s";

        assert_eq!(
            of_line(line),
            Tally {
                passed: 12,
                failed: 3
            }
        );
        assert_eq!(
            of_line("test store::tests::a_row_is_found ... ok"),
            Tally::default()
        );
    }

    #[test]
    fn a_report_of_playwright_is_counted() {
        let report =
            r#"{"errors": [], "stats": {"expected": 40, "unexpected": 1, "flaky": 1, "skipped": 0}}"#;

        assert_eq!(
            of_playwright(report).unwrap(),
            Tally {
                passed: 40,
                failed: 2
            }
        );
        assert!(of_playwright("").is_err());
    }
}
