//! Two builds of this tree, from nothing, in two folders of different names: the same files, byte for byte, or what differs.
//!
//! It takes as long as two first builds, so it is no part of the tests. Libraries are compiled anew each time; the compiler, their
//! sources and this command itself are the same.
//!
//! Source: assurance SUP-02.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::files;
use crate::workspace::{ROOT, output_of, root, run, step};

/// Of different lengths, as paths leave traces by their length too.
const PLACES: [&str; 2] = ["one", "another/place-with-a-longer-name"];

/// A file of the build and its SHA-256.
type Made = BTreeMap<String, String>;

/// Builds twice and compares; the browser's half alone, or all of Pli.
///
/// # Errors
/// A build fails, or the two differ.
pub(crate) fn twice(is_browser_alone: bool) -> Result<()> {
    let folder = tempfile::tempdir().context("no room for two copies")?;
    let mut builds = Vec::new();
    for place in PLACES {
        let copy = folder.path().join(place).join("pli");
        step(&format!("copy to {}", copy.display()), || copy_tree(&copy))?;
        builds.push(build(&copy, is_browser_alone)?);
        // The next one needs the room.
        fs::remove_dir_all(&copy)?;
    }
    let [one, other] = builds.as_slice() else {
        anyhow::bail!("two builds were wanted");
    };
    let differences = differences(one, other);
    ensure!(
        differences.is_empty(),
        "two builds of one source differ:\n{}",
        differences.join("\n")
    );
    let all: Vec<String> = one
        .iter()
        .map(|(name, hash)| format!("{hash}  {name}\n"))
        .collect();
    for name in ["pli", "target/site/site.json"] {
        if let Some(hash) = one.get(name) {
            println!("  {hash}  {name}");
        }
    }
    println!(
        "  {} files are the same in both; SHA-256 of all their sums {}",
        one.len(),
        files::sha256(all.concat().as_bytes())
    );
    Ok(())
}

/// Copies what the repository holds, as it lies here.
fn copy_tree(to: &Path) -> Result<()> {
    let listed = output_of(Command::new("git").current_dir(root()).args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))?;
    for name in listed.split('\0').filter(|name| !name.is_empty()) {
        let from = root().join(name);
        // What was deleted is still listed until that is committed.
        if !from.is_file() {
            continue;
        }
        let to = to.join(name);
        fs::create_dir_all(to.parent().unwrap_or(&to))?;
        fs::copy(&from, &to).with_context(|| format!("cannot copy {name}"))?;
    }
    Ok(())
}

/// Builds there with this very program.
fn build(copy: &Path, is_browser_alone: bool) -> Result<Made> {
    run(Command::new(std::env::current_exe()?)
        .current_dir(copy)
        .arg(if is_browser_alone { "weigh" } else { "build" })
        .env(ROOT, copy)
        .env_remove("CARGO_TARGET_DIR"))?;
    let mut made = Made::new();
    for path in files::files_below(&copy.join("target/site"))? {
        let name = path.strip_prefix(copy)?.to_string_lossy().into_owned();
        made.insert(name, files::sha256(&fs::read(&path)?));
    }
    ensure!(!made.is_empty(), "nothing was built in {}", copy.display());
    if !is_browser_alone {
        let program = fs::read(copy.join("target/release/pli")).context("no program was built")?;
        made.insert("pli".to_owned(), files::sha256(&program));
    }
    Ok(made)
}

/// The files that only one has, and those that are not the same.
fn differences(one: &Made, other: &Made) -> Vec<String> {
    let names: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let none = "not there".to_owned();
    names
        .into_iter()
        .filter(|name| one.get(*name) != other.get(*name))
        .map(|name| {
            let sum = |made: &Made| made.get(name).unwrap_or(&none).clone();
            format!("{name}: {} and {}", sum(one), sum(other))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_differs_or_is_missing_is_found() {
        let made = |files: &[(&str, &str)]| -> Made {
            let pairs = files
                .iter()
                .map(|(name, hash)| ((*name).to_owned(), (*hash).to_owned()));
            pairs.collect()
        };
        let one = made(&[("pli", "aa"), ("app.wasm", "bb"), ("app.js", "cc")]);
        let other = made(&[("pli", "ab"), ("app.wasm", "bb")]);

        assert_eq!(differences(&one, &one), Vec::<String>::new());
        assert_eq!(
            differences(&one, &other),
            ["app.js: cc and not there", "pli: aa and ab"]
        );
    }
}
