//! Known weaknesses: every library of the lock file is looked up in the advisory database of RustSec.
//!
//! The look-up needs no network, the database does: without any copy of it the step is left out, and says so loudly. What is
//! found fails, unless `advisories.toml` says why Pli lives with it, who answers for that, and until when.
//!
//! Source: assurance SUP-01.

mod database;
mod exceptions;

use std::fmt;

use anyhow::{Context, Result, ensure};
use rustsec::database::Query;
use rustsec::{Collection, Database, Lockfile};

use crate::workspace::{root, step};
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

/// Looks every library up, in the named copy of the database or the best that can be had.
///
/// # Errors
/// A library has a weakness that nobody answers for, an exception is past its day or needless, or a named database cannot be
/// read.
pub(crate) fn check(named: Option<&str>) -> Result<()> {
    let Some(folder) = step("advisories: the database", || database::find(named))? else {
        println!("  ==================================================================================");
        println!(
            "  advisories: SKIPPED, no copy of the database: `cargo xtask advisories --database FOLDER`"
        );
        println!("  ==================================================================================");
        return Ok(());
    };
    let database = Database::open(&folder)
        .with_context(|| format!("cannot read the advisories in {}", folder.display()))?;
    let lock = Lockfile::load(root().join("Cargo.lock")).context("cannot read `Cargo.lock`")?;
    let exceptions = Exceptions::read()?;
    let today = exceptions::today();
    let newest = newest(&database);
    println!(
        "  {} advisories, the newest of {newest}; {} libraries",
        database.iter().count(),
        lock.packages.len()
    );
    let age = exceptions::days_between(&newest, &today);
    if age.is_none_or(|days| days > OLD_DAYS) {
        println!("  OLD: nothing is known of what was found after {newest}");
    }
    let hits = hits(&database, &lock);
    for hit in &hits {
        println!("  {hit}");
    }
    let problems = exceptions.judge(&hits, &today);
    ensure!(
        problems.is_empty(),
        "known weaknesses (xtask/advisories.toml):\n{}",
        problems.join("\n")
    );
    println!("  {} hits, each with a written exception", hits.len());
    Ok(())
}

/// What the advisories that were not taken back say of the libraries.
fn hits(database: &Database, lock: &Lockfile) -> Vec<Hit> {
    let all_kinds = Query::new().collection(Collection::Crates).withdrawn(false);
    let found = database.query_vulnerabilities(lock, &all_kinds);
    found
        .into_iter()
        .map(|found| Hit {
            id: found.advisory.id.to_string(),
            package: found.package.name.to_string(),
            version: found.package.version.to_string(),
            kind: found
                .advisory
                .informational
                .map_or("weakness".to_owned(), |kind| kind.as_str().to_owned()),
            title: found.advisory.title,
        })
        .collect()
}

/// The day of the newest advisory: up to it the database knows something.
fn newest(database: &Database) -> String {
    database
        .iter()
        .map(|advisory| advisory.date().as_str())
        .max()
        .unwrap_or("0000-00-00")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    const LOCK: &str = "version = 4\n\n\
        [[package]]\nname = \"letterbox\"\nversion = \"1.2.0\"\n\
        source = \"registry+https://github.com/rust-lang/crates.io-index\"\n\n\
        [[package]]\nname = \"ours\"\nversion = \"0.1.0\"\n";

    /// A database of one advisory about `package`, mended in 1.2.3.
    fn planted(folder: &Path, package: &str, more: &str) -> Database {
        let place = folder.join("crates").join(package);
        fs::create_dir_all(&place).unwrap();
        let text = format!(
            "```toml\n[advisory]\nid = \"RUSTSEC-2026-9001\"\npackage = \"{package}\"\ndate = \"2026-11-02\"\n{more}\n\
             [versions]\npatched = [\">= 1.2.3\"]\n```\n\n# Letters are lost\n\nAll of them.\n"
        );
        fs::write(place.join("RUSTSEC-2026-9001.md"), text).unwrap();
        Database::open(folder).unwrap()
    }

    fn found(package: &str, more: &str, lock: &str) -> Vec<Hit> {
        let folder = tempfile::tempdir().unwrap();
        hits(&planted(folder.path(), package, more), &lock.parse().unwrap())
    }

    #[test]
    fn sup_01_a_planted_weakness_is_found() {
        let hits = found("letterbox", "", LOCK);

        assert_eq!(hits.len(), 1);
        assert_eq!(
            hits[0].to_string(),
            "RUSTSEC-2026-9001 (weakness): letterbox 1.2.0: Letters are lost"
        );
        let nobody_answers = Exceptions::default().judge(&hits, "2026-11-27");
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
        let folder = tempfile::tempdir().unwrap();

        assert_eq!(newest(&planted(folder.path(), "letterbox", "")), "2026-11-02");
    }

    /// SUP-01: every exception of ours says why, who and until when, and reads.
    #[test]
    fn our_exceptions_are_read() {
        Exceptions::read().unwrap();
    }
}
