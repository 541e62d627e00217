//! The release tells what it is made of: the list of its libraries travels in the program, in the form of cargo-auditable, so that
//! `cargo audit bin` and other scanners can look up a program whose source nobody has at hand.
//!
//! `server/build.rs` puts the list, which is written here, into a section of the program of its own; after the build it is read back.
//!
//! Source: assurance SUP-02; <https://github.com/rust-secure-code/cargo-auditable>.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use auditable_serde::{DependencyKind, Package, Source, VersionInfo};
use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::files;
use crate::parts::{self, Facts, Part, Reach};
use crate::workspace::root;

/// Where the server's build looks for it.
fn path() -> PathBuf {
    root().join("target/embedded/dependencies.zlib")
}

/// Writes the list for the build that follows.
///
/// # Errors
/// Cargo refuses, or the file cannot be written.
pub(crate) fn write() -> Result<()> {
    let json = serde_json::to_vec(&list()?)?;
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&json)?;
    files::write_if_changed(&path(), &encoder.finish()?)
}

/// Requires that the program carries the list, whole.
///
/// # Errors
/// It carries none, or another one.
pub(crate) fn require_in(program: &Path) -> Result<()> {
    if !cfg!(target_os = "linux") {
        println!("  the list of libraries travels in programs for Linux alone so far");
        return Ok(());
    }
    let found = auditable_info::audit_info_from_file(program, auditable_info::Limits::default())
        .with_context(|| format!("{} does not tell what it is made of", program.display()))?;
    ensure!(
        found == list()?,
        "{} tells of other libraries than those it is made of",
        program.display()
    );
    println!("  {} libraries are named in the program", found.packages.len());
    Ok(())
}

/// The libraries of the server; those that only build it are said to.
fn list() -> Result<VersionInfo> {
    let runs: BTreeSet<Part> = parts::of_server(Reach::Runs)?.needs.into_keys().collect();
    let tree = parts::of_server(Reach::Builds)?;
    let facts = parts::facts()?;
    let order: Vec<&Part> = tree.needs.keys().collect();
    let place = |part: &Part| {
        order
            .binary_search(&part)
            .ok()
            .context("a part that is not in its tree")
    };
    let mut packages = Vec::new();
    for (part, needs) in &tree.needs {
        let mut dependencies = needs.iter().map(place).collect::<Result<Vec<usize>>>()?;
        dependencies.sort_unstable();
        packages.push(Package {
            name: part.name.clone(),
            version: part.version.parse()?,
            source: source(facts.get(part)),
            kind: if runs.contains(part) {
                DependencyKind::Runtime
            } else {
                DependencyKind::Build
            },
            dependencies,
            root: tree.root.as_ref() == Some(part),
        });
    }
    // Its first form but one: what only builds is told apart.
    Ok(VersionInfo { packages, format: 1 })
}

/// What has a sum in the lock file is from the registry; `deny.toml` allows no other.
fn source(facts: Option<&Facts>) -> Source {
    match facts {
        Some(Facts { sha256: Some(_), .. }) => Source::CratesIo,
        _ => Source::Local,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is written reads as the form wants it: one root, no circle.
    #[test]
    fn the_list_for_the_program_is_in_the_form_that_scanners_read() {
        let list = list().unwrap();
        let json = serde_json::to_string(&list).unwrap();

        assert_eq!(json.parse::<VersionInfo>().unwrap(), list);
        let kind_of = |name: &str| {
            let package = list.packages.iter().find(|package| package.name == name);
            package.map(|package| (package.kind, package.source.clone(), package.root))
        };
        assert_eq!(
            kind_of("server"),
            Some((DependencyKind::Runtime, Source::Local, true))
        );
        assert_eq!(
            kind_of("rusqlite"),
            Some((DependencyKind::Runtime, Source::CratesIo, false))
        );
        assert_eq!(
            kind_of("leptos_macro"),
            Some((DependencyKind::Build, Source::CratesIo, false))
        );
    }

    #[test]
    fn a_program_without_the_list_is_noticed() {
        let ours = std::env::current_exe().unwrap();

        assert!(!cfg!(target_os = "linux") || require_in(&ours).is_err());
    }
}
