//! Whether the tests would notice: cargo-mutants changes one thing at a time in the rules of who may, what is sealed and in which
//! order, and the tests must fail.
//!
//! A rule that stands in a file of its own is tried in a crate of that file alone, with its own tests and the libraries of the lock
//! file: there a change takes seconds, in the whole server a minute. What needs the store is tried in a copy of the whole tree with
//! the integration tests; that takes an hour, and is done only when it is named.
//!
//! Source: assurance SUP-04.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::{root, step, target};
use crate::{files, tools};

const MUTANTS: &str = "cargo-mutants";
const MUTANTS_VERSION: &str = "27.1.0";

/// Of a hundred changes that compile, how many the tests must notice.
const SCORE_MIN: f64 = 90.0;

/// Rules in files of their own.
const ALONE: [&[&str]; 5] = [
    &[
        "server/src/friendships/machine.rs",
        "server/src/friendships/machine_tests.rs",
    ],
    &["server/src/accounts/tries.rs"],
    &["server/src/audit/chain.rs"],
    &["server/src/store/keyring/place.rs"],
    &["app/src/conversations/meeting.rs"],
];

/// Rules that need the store, and the tests that speak of them.
const TOGETHER: [&str; 2] = [
    "server/src/friendships/writer.rs",
    "server/src/conversations/participant.rs",
];
const TESTS_TOGETHER: [&str; 6] = [
    "--test",
    "conversations",
    "--test",
    "friendships",
    "--test",
    "rights",
];

/// What the crates of one file are made with.
const LIBRARIES: &str = "\
    [dependencies]\nsha2 = \"0.11\"\nuuid = { version = \"1\", features = [\"v7\", \"v4\", \"serde\"] }\n\
    [dev-dependencies]\nproptest = \"1\"\n";

/// What became of the changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Score {
    n_noticed: usize,
    n_missed: usize,
}

impl Score {
    fn percent(self) -> f64 {
        let n_all = self.n_noticed + self.n_missed;
        #[expect(clippy::cast_precision_loss, reason = "some hundred changes")]
        let percent = self.n_noticed as f64 * 100.0 / n_all as f64;
        percent
    }
}

/// Tries the rules whose path has `named` in it, or all that stand alone.
///
/// # Errors
/// The tool cannot be had, nothing has that name, the tests fail without a change, or notice too little.
pub(crate) fn measure(named: Option<&str>) -> Result<()> {
    let program = tools::require(MUTANTS, MUTANTS_VERSION)?;
    let is_named = |path: &str| named.is_none_or(|named| path.contains(named));
    let mut all = Vec::new();
    for paths in ALONE.iter().filter(|paths| is_named(paths[0])) {
        let score = step(paths[0], || alone(&program, paths))?;
        all.push((paths[0], score));
    }
    for path in TOGETHER
        .into_iter()
        .filter(|path| named.is_some() && is_named(path))
    {
        let score = step(path, || together(&program, path))?;
        all.push((path, score));
    }
    ensure!(!all.is_empty(), "no rule is called so (xtask/src/mutants.rs)");
    let mut weak = Vec::new();
    for (path, score) in all {
        let Score { n_noticed, n_missed } = score;
        println!(
            "  {path}: {n_noticed} of {} changes noticed, {:.1} %",
            n_noticed + n_missed,
            score.percent()
        );
        if score.percent() < SCORE_MIN {
            weak.push(path);
        }
    }
    ensure!(weak.is_empty(), "below {SCORE_MIN} %: {}", weak.join(", "));
    Ok(())
}

/// A crate of that file alone, changed in place.
fn alone(program: &Path, paths: &[&str]) -> Result<Score> {
    let name = Path::new(paths[0])
        .file_stem()
        .context("a rule without a name")?
        .to_string_lossy();
    let folder = target().join("mutants").join(&*name);
    files::empty_folder(&folder.join("src"))?;
    let app = root().join("app");
    let manifest = format!(
        "[package]\nname = \"rule-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n{LIBRARIES}\
         [dependencies.app]\npath = {app:?}\ndefault-features = false\nfeatures = [\"ssr\"]\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest)?;
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    fs::write(
        folder.join("src/lib.rs"),
        format!("#![allow(dead_code)]\nmod {name};\n"),
    )?;
    for path in paths {
        let own = Path::new(path).file_name().context("a file without a name")?;
        fs::copy(root().join(path), folder.join("src").join(own)).with_context(|| format!("no {path}"))?;
    }
    let mut command = Command::new(program);
    command
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", target().join("mutants/build"))
        .args(["mutants", "--in-place", "--output"])
        .arg(&folder);
    try_all(command, &folder)
}

/// A copy of the whole tree, with the integration tests.
fn together(program: &Path, path: &str) -> Result<Score> {
    let folder = target().join("mutants/together");
    fs::create_dir_all(&folder)?;
    let mut command = Command::new(program);
    command
        .current_dir(root())
        .args(["mutants", "--package", "server", "--file", path, "--output"])
        .arg(&folder)
        .args(["--", "--package", "server"])
        .args(TESTS_TOGETHER);
    try_all(command, &folder)
}

fn try_all(mut command: Command, folder: &Path) -> Result<Score> {
    let status = command
        .args(["--no-shuffle", "--colors", "never"])
        .status()
        .context("cannot start cargo-mutants")?;
    match status.code() {
        // All noticed; some missed; some only by taking for ever.
        Some(0 | 2 | 3) => read(&folder.join("mutants.out")),
        Some(4) => bail!("the tests fail without any change"),
        _ => bail!("cargo-mutants: {status}"),
    }
}

/// Counts what it noted; what did not compile says nothing.
fn read(report: &Path) -> Result<Score> {
    let lines = |name: &str| -> Result<usize> {
        let text = fs::read_to_string(report.join(name)).with_context(|| format!("no `{name}` was noted"))?;
        Ok(text.lines().filter(|line| !line.is_empty()).count())
    };
    let score = Score {
        n_noticed: lines("caught.txt")? + lines("timeout.txt")?,
        n_missed: lines("missed.txt")?,
    };
    ensure!(score.n_noticed + score.n_missed > 0, "nothing was changed");
    Ok(score)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_that_nobody_noticed_counts() {
        let folder = tempfile::tempdir().unwrap();
        let note = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        note("caught.txt", "a\nb\nc\n");
        note("timeout.txt", "d\n");
        note("missed.txt", "e\n");

        let score = read(folder.path()).unwrap();

        assert_eq!((score.n_noticed, score.n_missed), (4, 1));
        assert!(score.percent() < SCORE_MIN);
    }

    #[test]
    fn a_run_that_changed_nothing_is_no_score() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["caught.txt", "timeout.txt", "missed.txt"] {
            fs::write(folder.path().join(name), "").unwrap();
        }

        assert!(read(folder.path()).is_err());
    }

    #[test]
    fn every_rule_that_is_tried_is_there() {
        for path in ALONE.iter().copied().flatten().chain(&TOGETHER) {
            assert!(root().join(path).is_file(), "{path}");
        }
    }
}
