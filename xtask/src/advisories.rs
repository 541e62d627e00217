//! Known weaknesses: every library of the lock file is looked up in the advisory database of RustSec.
//!
//! A command of its own (`cargo xtask advisories`), which the tests do not call: the look-up needs no network, the database does.
//! What is found fails, unless `advisories.toml` says why Pli lives with it, who answers for that, and until when.
//!
//! Source: assurance SUP-01.

mod advisory;
mod database;
mod days;
mod exceptions;

use std::collections::BTreeSet;
use std::fmt;

use anyhow::{Context, Result, ensure};
use semver::Version;

use crate::lock::{self, Locked};
use crate::workspace::step;
use advisory::Advisory;
use exceptions::Exceptions;

/// A database of which the newest advisory is older than this many days is said to be old.
const OLD_DAYS: i64 = 60;

/// A library of ours that an advisory speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Hit {
    /// The advisory: `RUSTSEC-2023-0071`.
    id: String,
    /// The library and its version.
    package: String,
    version: String,
    /// What it is when it is no weakness: unmaintained, unsound, a notice.
    kind: String,
    title: String,
}

impl fmt::Display for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            id,
            package,
            version,
            kind,
            title,
        } = self;
        write!(f, "{id} ({kind}): {package} {version}: {title}")
    }
}

/// What a look-up came to.
#[derive(Debug, Default)]
struct Looked {
    hits: Vec<Hit>,
    /// The advisories that the database has; an older copy has fewer.
    known: BTreeSet<String>,
    /// The libraries that were looked up.
    packages: BTreeSet<String>,
}

/// Looks every library up, in the named copy of the database or the best that can be had.
///
/// # Errors
/// A library has a weakness that nobody answers for, an exception is past its day or needless, or there is no database that can
/// be read.
pub(crate) fn check(named: Option<&str>) -> Result<()> {
    let folder = step("advisories: the database", || database::find(named))?
        .context("no copy of the database: `cargo xtask advisories --database FOLDER` names one")?;
    let advisories = database::read(&folder)?;
    let newest = newest(&advisories).context("a database without advisories")?;
    let locked = lock::read()?;
    println!(
        "  {} advisories, the newest of {newest}; {} libraries",
        advisories.len(),
        locked.len()
    );
    let today = days::today();
    if days::parse(newest).is_none_or(|newest| today - newest > OLD_DAYS) {
        println!("  OLD: nothing is known of what was found after {newest}");
    }
    let looked = look_up(&advisories, &locked)?;
    for hit in &looked.hits {
        println!("  {hit}");
    }
    let problems = Exceptions::read()?.judge(&looked, today);
    ensure!(
        problems.is_empty(),
        "known weaknesses (xtask/advisories.toml):\n{}",
        problems.join("\n")
    );
    println!("  {} hits, each with a written exception", looked.hits.len());
    Ok(())
}

/// What the advisories say of the libraries of others.
fn look_up(advisories: &[Advisory], locked: &[Locked]) -> Result<Looked> {
    let mut looked = Looked {
        known: advisories.iter().map(|advisory| advisory.id.clone()).collect(),
        ..Looked::default()
    };
    for library in locked.iter().filter(|library| library.source.is_some()) {
        let Locked { name, version, .. } = library;
        looked.packages.insert(name.clone());
        let number: Version = version
            .parse()
            .with_context(|| format!("{name}: no version: `{version}`"))?;
        let of_it = advisories
            .iter()
            .filter(|advisory| advisory.package == *name && advisory.concerns(&number));
        looked.hits.extend(of_it.map(|advisory| Hit {
            id: advisory.id.clone(),
            package: name.clone(),
            version: version.clone(),
            kind: advisory.kind.clone(),
            title: advisory.title.clone(),
        }));
    }
    Ok(looked)
}

/// The day of the newest advisory: up to it the database knows something.
fn newest(advisories: &[Advisory]) -> Option<&str> {
    advisories.iter().map(|advisory| advisory.date.as_str()).max()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const LOCK: &str = "version = 4\n\n\
        [[package]]\nname = \"letterbox\"\nversion = \"1.2.0\"\n\
        source = \"registry+https://github.com/rust-lang/crates.io-index\"\n\n\
        [[package]]\nname = \"ours\"\nversion = \"0.1.0\"\n";

    /// A database of one advisory about `package`, mended in 1.2.3.
    fn planted(package: &str, more: &str) -> Vec<Advisory> {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("crates").join(package);
        fs::create_dir_all(&place).unwrap();
        let text = format!(
            "```toml\n[advisory]\nid = \"RUSTSEC-2026-9001\"\npackage = \"{package}\"\ndate = \"2026-11-02\"\n{more}\n\
             [versions]\npatched = [\">= 1.2.3\"]\n```\n\n# Letters are lost\n\nAll of them.\n"
        );
        fs::write(place.join("RUSTSEC-2026-9001.md"), text).unwrap();
        database::read(folder.path()).unwrap()
    }

    fn found(package: &str, more: &str, lock: &str) -> Vec<Hit> {
        let locked = lock::parse(lock).unwrap();
        look_up(&planted(package, more), &locked).unwrap().hits
    }

    #[test]
    fn sup_01_a_planted_weakness_is_found() {
        let locked = lock::parse(LOCK).unwrap();

        let looked = look_up(&planted("letterbox", ""), &locked).unwrap();

        assert_eq!(looked.hits.len(), 1);
        assert_eq!(
            looked.hits[0].to_string(),
            "RUSTSEC-2026-9001 (weakness): letterbox 1.2.0: Letters are lost"
        );
        let nobody_answers = Exceptions::default().judge(&looked, 0);
        assert_eq!(nobody_answers.len(), 1);
    }

    #[test]
    fn sup_01_a_library_that_nobody_looks_after_is_found() {
        let hits = found("letterbox", "informational = \"unmaintained\"", LOCK);

        assert_eq!(hits[0].kind, "unmaintained");
    }

    #[test]
    fn sup_01_what_is_mended_taken_back_or_another_library_is_no_hit() {
        assert!(found("letterbox", "", &LOCK.replace("1.2.0", "1.2.3")).is_empty());
        assert!(found("letterbox", "withdrawn = \"2026-11-03\"", LOCK).is_empty());
        assert!(found("envelope", "", LOCK).is_empty());
        // A crate of our own that happens to have the name.
        assert!(found("ours", "", LOCK).is_empty());
    }

    #[test]
    fn the_newest_advisory_says_how_far_the_database_knows() {
        assert_eq!(newest(&planted("letterbox", "")), Some("2026-11-02"));
        assert_eq!(newest(&[]), None);
    }

    /// SUP-01: every exception of ours says why, who and until when, for a library that we have.
    #[test]
    fn our_exceptions_are_of_libraries_that_we_have() {
        let locked = lock::read().unwrap();
        let packages: BTreeSet<&str> = locked.iter().map(|library| library.name.as_str()).collect();

        for package in Exceptions::read().unwrap().packages() {
            assert!(packages.contains(package), "{package}");
        }
    }
}
