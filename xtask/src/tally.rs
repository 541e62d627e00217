//! How many tests passed and failed, over all the runners, and which ones failed: said again at the end, where one looks.

use std::io::{BufRead, BufReader};
use std::ops::AddAssign;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Counted tests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Did what their names promise.
    pub(crate) passed: u64,
    /// Did not.
    pub(crate) failed: u64,
    /// The names of those that failed, with the first lines of the reason where the runner tells it apart.
    pub(crate) failures: Vec<String>,
}

impl Tally {
    /// How many ran.
    pub(crate) fn total(&self) -> u64 {
        self.passed + self.failed
    }

    /// Prints what failed, then the closing line.
    ///
    /// # Errors
    /// A test failed.
    pub(crate) fn close(&self) -> Result<()> {
        for failure in &self.failures {
            println!("failed: {failure}");
        }
        println!("{} passed, {} failed", self.passed, self.failed);
        if self.failed > 0 {
            bail!("tests failed");
        }
        Ok(())
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.failures.extend(other.failures);
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
        tally.failures.push(format!("{command:?}"));
    }
    Ok(tally)
}

/// What a line of `cargo test` says: `test result: ok. 5 passed; 0 failed; …`, or `---- name stdout ----` before what a
/// failed test has printed.
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
    let name = line
        .strip_prefix("---- ")
        .and_then(|line| line.strip_suffix(" stdout ----"));
    if !line.starts_with("test result:") {
        return Tally {
            failures: name.map(str::to_owned).into_iter().collect(),
            ..Tally::default()
        };
    }
    Tally {
        passed: count(" passed").unwrap_or(0),
        failed: count(" failed").unwrap_or(0),
        failures: Vec::new(),
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
    let mut failures = Vec::new();
    for error in report["errors"].as_array().into_iter().flatten() {
        failures.push(first_lines(&error["message"]));
    }
    for suite in report["suites"].as_array().into_iter().flatten() {
        failures_of(suite, &mut failures);
    }
    Ok(Tally {
        passed: count("expected")?,
        failed: count("unexpected")? + count("flaky")? + n_errors,
        failures,
    })
}

/// The journeys of a suite, and of the suites in it, that did not pass at once.
fn failures_of(suite: &Value, failures: &mut Vec<String>) {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    for inner in list(&suite["suites"]) {
        failures_of(&inner, failures);
    }
    for spec in list(&suite["specs"]) {
        for test in list(&spec["tests"]) {
            let status = test["status"].as_str().unwrap_or_default();
            if !matches!(status, "unexpected" | "flaky") {
                continue;
            }
            let results = list(&test["results"]);
            let reason = results.iter().flat_map(|result| list(&result["errors"])).next();
            failures.push(format!(
                "{}:{} {} ({status}) {}",
                spec["file"].as_str().unwrap_or_default(),
                spec["line"],
                spec["title"].as_str().unwrap_or_default(),
                first_lines(&reason.unwrap_or_default()["message"])
            ));
        }
    }
}

/// Enough of a reason to look further.
const N_LINES: usize = 12;

fn first_lines(reason: &Value) -> String {
    let reason = reason.as_str().unwrap_or_default();
    reason.lines().take(N_LINES).collect::<Vec<_>>().join("\n  ")
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
                failed: 3,
                failures: Vec::new()
            }
        );
        assert_eq!(
            of_line("test store::tests::a_row_is_found ... ok"),
            Tally::default()
        );
        assert_eq!(
            of_line("---- a_row_is_lost stdout ----").failures,
            ["a_row_is_lost"]
        );
    }

    #[test]
    fn a_report_of_playwright_is_counted() {
        let report = r#"{
            "errors": [{"message": "a file did not load"}],
            "stats": {"expected": 40, "unexpected": 1, "flaky": 1, "skipped": 0},
            "suites": [{"suites": [{"specs": [
                {"file": "a.spec.ts", "line": 3, "title": "is kept", "tests": [{"status": "flaky", "results": [
                    {"errors": [{"message": "not there"}]}, {"errors": []}
                ]}]},
                {"file": "a.spec.ts", "line": 9, "title": "is sent", "tests": [{"status": "expected", "results": []}]}
            ]}], "specs": []}]
        }"#;

        let tally = of_playwright(report).unwrap();

        assert_eq!((tally.passed, tally.failed), (40, 3));
        assert_eq!(
            tally.failures,
            ["a file did not load", "a.spec.ts:3 is kept (flaky) not there"]
        );
        assert!(of_playwright("").is_err());
    }
}
