//! Where a copy of the advisory database is found: one that is named, the clone that is kept among the artefacts and brought up to
//! date where a network is, or the one that `cargo audit` keeps.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::advisory::Advisory;
use crate::files;
use crate::places::cargo_home;
use crate::workspace::{output_of, target};

/// Where RustSec publishes it.
const PUBLISHED: &str = "https://github.com/RustSec/advisory-db";

/// A folder with advisories in it, if there is any copy.
///
/// # Errors
/// A copy was named and cannot be used.
pub(super) fn find(named: Option<&str>) -> Result<Option<PathBuf>> {
    let kept = target().join("tools/advisory-db");
    if let Some(named) = named {
        if is_database(Path::new(named)) {
            return Ok(Some(PathBuf::from(named)));
        }
        fetch(named, &kept).with_context(|| format!("no database at `{named}`"))?;
        ensure!(is_database(&kept), "no advisories in `{named}`");
        return Ok(Some(kept));
    }
    if let Err(error) = fetch(PUBLISHED, &kept) {
        println!("  not brought up to date: {error:#}");
    }
    let of_cargo_audit = cargo_home().map(|home| home.join("advisory-db"));
    Ok([Some(kept), of_cargo_audit]
        .into_iter()
        .flatten()
        .find(|folder| is_database(folder)))
}

/// Every advisory about a library in a copy of the database.
///
/// # Errors
/// One cannot be read: what it says would be missed.
pub(super) fn read(folder: &Path) -> Result<Vec<Advisory>> {
    let mut advisories = Vec::new();
    for path in files::files_below(&folder.join("crates"))? {
        if path.extension().is_some_and(|end| end == "md") {
            let text =
                fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let advisory =
                Advisory::parse(&text).with_context(|| format!("not understood: {}", path.display()))?;
            advisories.push(advisory);
        }
    }
    Ok(advisories)
}

/// Whether a folder holds advisories, not only the name.
fn is_database(folder: &Path) -> bool {
    fs::read_dir(folder.join("crates")).is_ok_and(|mut entries| entries.next().is_some())
}

/// Clones a git repository beside the copy that is there, which stays when that fails.
fn fetch(from: &str, kept: &Path) -> Result<()> {
    let fresh = kept.with_extension("fresh");
    files::empty_folder(&fresh)?;
    let mut git = Command::new("git");
    // Nobody is asked for a name, and a line that gives nothing is given up.
    git.env("GIT_TERMINAL_PROMPT", "0")
        .args(["-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=20"])
        .args(["clone", "--quiet", "--depth", "1"])
        .arg(from)
        .arg(&fresh);
    let cloned = output_of(&mut git);
    if let Err(error) = cloned {
        // What was begun is of no use.
        let _ = fs::remove_dir_all(&fresh);
        return Err(error);
    }
    if kept.exists() {
        fs::remove_dir_all(kept).with_context(|| format!("cannot replace {}", kept.display()))?;
    }
    fs::rename(&fresh, kept).with_context(|| format!("cannot keep {}", kept.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sup_01_a_folder_without_advisories_is_no_database() {
        let folder = tempfile::tempdir().unwrap();

        assert!(!is_database(folder.path()));
        fs::create_dir_all(folder.path().join("crates")).unwrap();
        assert!(!is_database(folder.path()));
        fs::create_dir_all(folder.path().join("crates/letterbox")).unwrap();
        assert!(is_database(folder.path()));
        let named = folder.path().to_string_lossy();
        assert_eq!(find(Some(&named)).unwrap().as_deref(), Some(folder.path()));
    }
}
