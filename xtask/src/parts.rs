//! What Pli is made of: the libraries of each half as cargo resolves them, which needs which, and what is known of each.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::workspace::{cargo, output_of};
use crate::{front, lock};

/// One library in one version; of our own there is one version each.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) version: String,
}

/// The parts of a half, each with those that it needs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tree {
    /// What the others are parts of.
    pub(crate) root: Option<Part>,
    pub(crate) needs: BTreeMap<Part, BTreeSet<Part>>,
}

/// What a half needs when it runs, or besides to be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    Runs,
    Builds,
}

impl Reach {
    fn edges(self) -> &'static str {
        match self {
            Self::Runs => "normal,no-proc-macro",
            Self::Builds => "normal,build",
        }
    }
}

/// The server, as it is built for this machine.
///
/// # Errors
/// Cargo refuses, or says what is not understood.
pub(crate) fn of_server(reach: Reach) -> Result<Tree> {
    tree(reach, &["--package", "server"])
}

/// The browser's half, as it is built for a browser.
///
/// # Errors
/// As for [`of_server`].
pub(crate) fn of_browser(reach: Reach) -> Result<Tree> {
    tree(
        reach,
        &[
            "--package",
            "app",
            "--no-default-features",
            "--features",
            "hydrate",
            "--target",
            front::TRIPLE,
        ],
    )
}

fn tree(reach: Reach, words: &[&str]) -> Result<Tree> {
    let how = ["tree", "--locked", "--edges", reach.edges(), "--prefix", "depth"];
    parse(&ask(&[&how[..], &["--format", " {p}"], words].concat())?)
}

/// What cargo says. It takes a good part of a second for each answer, and gives the same as long as a command runs.
fn ask(words: &[&str]) -> Result<String> {
    static ANSWERS: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());

    let question = words.join(" ");
    let mut answers = ANSWERS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(answer) = answers.get(&question) {
        return Ok(answer.clone());
    }
    let answer = output_of(cargo().args(words))?;
    answers.insert(question, answer.clone());
    Ok(answer)
}

/// Reads lines such as `2 bytes v1.10.1`; what was shown before is not opened again, so what a part needs may come in several
/// places.
fn parse(text: &str) -> Result<Tree> {
    let mut tree = Tree::default();
    let mut above: Vec<Part> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let mut words = line.split_whitespace();
        let mut word = || words.next().with_context(|| format!("not understood: `{line}`"));
        let depth: usize = word()?.parse().with_context(|| format!("no depth: `{line}`"))?;
        let name = word()?.to_owned();
        let version = word()?
            .strip_prefix('v')
            .with_context(|| format!("no version: `{line}`"))?;
        let part = Part {
            name,
            version: version.to_owned(),
        };
        ensure!(depth <= above.len(), "a part without one above it: `{line}`");
        above.truncate(depth);
        if let Some(whole) = above.last() {
            tree.needs.entry(whole.clone()).or_default().insert(part.clone());
        } else {
            tree.root = Some(part.clone());
        }
        tree.needs.entry(part.clone()).or_default();
        above.push(part);
    }
    ensure!(tree.root.is_some(), "cargo shows no parts");
    Ok(tree)
}

/// What is known of a part.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// The SHA-256 of what the registry hands out; none for our own.
    pub(crate) sha256: Option<String>,
    /// Under which licence, in the words of SPDX.
    pub(crate) licence: Option<String>,
    /// Where its source is on this machine.
    pub(crate) folder: PathBuf,
}

/// What the lock file and the sources say of every part that may be built here.
///
/// # Errors
/// Cargo refuses, or the lock file cannot be read.
pub(crate) fn facts() -> Result<BTreeMap<Part, Facts>> {
    let sums: BTreeMap<Part, String> = lock::read()?
        .into_iter()
        .filter_map(|library| {
            let part = Part {
                name: library.name,
                version: library.version,
            };
            Some((part, library.checksum?))
        })
        .collect();
    let metadata: Value = serde_json::from_str(&ask(&["metadata", "--locked", "--format-version", "1"])?)?;
    let packages = metadata["packages"]
        .as_array()
        .context("cargo names no packages")?;
    let mut facts = BTreeMap::new();
    for package in packages {
        let text = |name: &str| package[name].as_str().map(str::to_owned);
        let part = Part {
            name: text("name").context("a package without a name")?,
            version: text("version").context("a package without a version")?,
        };
        let manifest = PathBuf::from(text("manifest_path").unwrap_or_default());
        let fact = Facts {
            sha256: sums.get(&part).cloned(),
            // An older way to write the same.
            licence: text("license").map(|licence| {
                let words = licence.replace('/', " OR ");
                words.split_whitespace().collect::<Vec<_>>().join(" ")
            }),
            folder: manifest.parent().map(PathBuf::from).unwrap_or_default(),
        };
        facts.insert(part, fact);
    }
    Ok(facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str) -> Part {
        Part {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
        }
    }

    #[test]
    fn a_tree_is_read_with_what_is_shown_once() {
        let text = "0 server v1.0.0 (/a/b)\n1 axum v1.0.0\n2 bytes v1.0.0\n1 bytes v1.0.0 (*)\n1 app v1.0.0 (proc-macro)\n";
        let tree = parse(text).unwrap();

        assert_eq!(tree.root, Some(part("server")));
        assert_eq!(
            tree.needs[&part("server")],
            [part("axum"), part("bytes"), part("app")].into()
        );
        assert_eq!(tree.needs[&part("axum")], [part("bytes")].into());
        assert!(tree.needs[&part("bytes")].is_empty());
        assert_eq!(tree.needs.len(), 4);
    }

    #[test]
    fn what_is_no_tree_is_refused() {
        for text in ["", "axum v1.0.0", "1 axum v1.0.0", "0 axum", "0 axum 1.0.0"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
