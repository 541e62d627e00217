//! The lock file: every library that may become a part of Pli, in which version, and the sum of what the registry hands out.

use std::fs;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::workspace::root;

const PATH: &str = "Cargo.lock";

#[derive(Debug, Deserialize)]
struct File {
    package: Vec<Locked>,
}

/// One library in one version.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Locked {
    pub(crate) name: String,
    pub(crate) version: String,
    /// Where it is from; our own is from nowhere.
    pub(crate) source: Option<String>,
    /// The SHA-256 of what the registry hands out.
    pub(crate) checksum: Option<String>,
}

/// All of them.
///
/// # Errors
/// The file cannot be read.
pub(crate) fn read() -> Result<Vec<Locked>> {
    let text = fs::read_to_string(root().join(PATH)).with_context(|| format!("cannot read `{PATH}`"))?;
    parse(&text)
}

/// Those of a text.
///
/// # Errors
/// It is no lock file.
pub(crate) fn parse(text: &str) -> Result<Vec<Locked>> {
    let file: File = toml::from_str(text).with_context(|| format!("`{PATH}` is not as it should be"))?;
    Ok(file.package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_is_from_nowhere_and_the_rest_has_a_sum() {
        let locked = read().unwrap();
        let ours: Vec<&str> = locked
            .iter()
            .filter(|library| library.source.is_none())
            .map(|library| library.name.as_str())
            .collect();

        assert_eq!(ours, ["app", "server", "xtask"]);
        let is_checked = |library: &Locked| library.source.is_some() == library.checksum.is_some();
        assert!(locked.iter().all(is_checked));
    }
}
