//! How many tests passed and failed, over all the runners, and which ones failed: said again at the end, where one looks.

use std::io::{BufRead, BufReader};
use std::ops::AddAssign;
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

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

/// How long one run may take, compiling included; several times what it needs.
const LONGEST_RUN: Duration = Duration::from_mins(20);

/// Runs a test command of cargo, shows what it prints, and counts.
///
/// A run that breaks before it could count, such as a test that does not compile, counts as one failure. So does one that
/// does not end: it is ended, and the tests that were still at work are named.
///
/// # Errors
/// It cannot be started.
pub(crate) fn of_cargo(command: &mut Command) -> Result<Tally> {
    of_run(command, LONGEST_RUN)
}

fn of_run(command: &mut Command, longest: Duration) -> Result<Tally> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo")?;
    let (sender, lines) = channel();
    if let Some(printed) = child.stdout.take() {
        std::thread::spawn(move || {
            for line in BufReader::new(printed).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
    }
    let mut tally = Tally::default();
    let mut slow = Vec::new();
    let end = Instant::now() + longest;
    loop {
        match lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                tally += of_line(&line);
                note_slow(&line, &mut slow);
                println!("{line}");
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                end_all(child.id())?;
                child.wait()?;
                tally.failed += 1;
                let minutes = longest.as_secs() / 60;
                tally.failures.push(format!(
                    "ended after {minutes} minutes, at work: {}",
                    slow.join(", ")
                ));
                return Ok(tally);
            }
        }
    }
    let is_success = child.wait()?.success();
    if !is_success && tally.failed == 0 {
        tally.failed = 1;
        tally.failures.push(format!("{command:?}"));
    }
    Ok(tally)
}

/// Ends a process and all that it has started.
fn end_all(id: u32) -> Result<()> {
    let id = id.to_string();
    let children = Command::new("pgrep").args(["-P", &id]).output()?;
    Command::new("kill").args(["-KILL", &id]).status()?;
    for child in String::from_utf8_lossy(&children.stdout).lines() {
        end_all(child.parse()?)?;
    }
    Ok(())
}

/// Keeps the tests that take long: `test NAME has been running for over 60 seconds`, until their program has ended.
fn note_slow(line: &str, slow: &mut Vec<String>) {
    if let Some((_, name)) = line
        .strip_suffix(" has been running for over 60 seconds")
        .and_then(|line| line.rsplit_once("test "))
    {
        slow.push(name.to_owned());
    } else if line.starts_with("test result:") {
        slow.clear();
    }
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
    fn a_run_that_does_not_end_is_ended_and_counts_as_a_failure() {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 3600 & wait"]);

        let tally = of_run(&mut command, Duration::ZERO).unwrap();

        assert_eq!((tally.passed, tally.failed), (0, 1));
        assert!(
            tally.failures[0].starts_with("ended after 0 minutes"),
            "{tally:?}"
        );
    }

    #[test]
    fn tests_that_take_long_are_named_until_their_program_ends() {
        let mut slow = Vec::new();

        note_slow(
            ".......test a::waits has been running for over 60 seconds",
            &mut slow,
        );
        note_slow("..... 5/7", &mut slow);
        assert_eq!(slow, ["a::waits"]);
        note_slow("test result: ok. 7 passed; 0 failed", &mut slow);

        assert!(slow.is_empty());
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
