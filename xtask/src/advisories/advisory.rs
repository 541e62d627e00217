//! One advisory as RustSec writes it: a head in TOML between fences, then a title and a text.

use anyhow::{Context, Result};
use semver::{BuildMetadata, Op, Version, VersionReq};
use serde::Deserialize;

/// What is known of a library up to some version.
#[derive(Debug)]
pub(super) struct Advisory {
    /// `RUSTSEC-2023-0071`.
    pub(super) id: String,
    pub(super) package: String,
    /// The day on which it was written: `2023-11-22`.
    pub(super) date: String,
    /// A weakness, or what it is when it is none: unmaintained, unsound, a notice.
    pub(super) kind: String,
    pub(super) title: String,
    is_withdrawn: bool,
    /// Versions that it does not speak of.
    fine: Vec<VersionReq>,
}

#[derive(Deserialize)]
struct Head {
    advisory: About,
    #[serde(default)]
    versions: Versions,
}

#[derive(Deserialize)]
struct About {
    id: String,
    package: String,
    date: String,
    withdrawn: Option<String>,
    informational: Option<String>,
}

#[derive(Default, Deserialize)]
struct Versions {
    #[serde(default)]
    patched: Vec<String>,
    #[serde(default)]
    unaffected: Vec<String>,
}

impl Advisory {
    /// Reads one file of the database.
    ///
    /// # Errors
    /// It is no advisory.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let (_, text) = text.split_once("```toml\n").context("no head")?;
        let (head, text) = text.split_once("\n```").context("a head without an end")?;
        let Head { advisory, versions } = toml::from_str(head)?;
        let fine = versions
            .patched
            .iter()
            .chain(&versions.unaffected)
            .map(|range| VersionReq::parse(range).with_context(|| format!("no versions: `{range}`")))
            .collect::<Result<Vec<_>>>()?;
        let title = text.lines().find_map(|line| line.strip_prefix("# "));
        Ok(Self {
            id: advisory.id,
            package: advisory.package,
            date: advisory.date,
            kind: advisory.informational.unwrap_or_else(|| "weakness".to_owned()),
            title: title.unwrap_or_default().trim().to_owned(),
            is_withdrawn: advisory.withdrawn.is_some(),
            fine,
        })
    }

    /// Whether it speaks of this version: it was not taken back, and no mend and no exemption covers the version.
    pub(super) fn concerns(&self, version: &Version) -> bool {
        !self.is_withdrawn && !self.fine.iter().any(|range| covers(range, version))
    }
}

/// Whether the version is in the range. A version before a release (`0.10.0-rc.19`) counts by its order where the range gives
/// bounds; elsewhere it is in none, so that it is shown rather than hidden.
fn covers(range: &VersionReq, version: &Version) -> bool {
    let is_between = || {
        range.comparators.iter().all(|comparator| {
            let bound = Version {
                major: comparator.major,
                minor: comparator.minor.unwrap_or(0),
                patch: comparator.patch.unwrap_or(0),
                pre: comparator.pre.clone(),
                build: BuildMetadata::EMPTY,
            };
            match (comparator.op, comparator.patch) {
                (Op::GreaterEq, _) => *version >= bound,
                (Op::Less, _) => *version < bound,
                (Op::Greater, Some(_)) => *version > bound,
                (Op::LessEq, Some(_)) => *version <= bound,
                _ => false,
            }
        })
    };
    range.matches(version) || (!version.pre.is_empty() && is_between())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covered(range: &str, version: &str) -> bool {
        covers(&range.parse().unwrap(), &version.parse().unwrap())
    }

    #[test]
    fn a_range_covers_what_lies_between_its_bounds() {
        assert!(covered(">= 1.2.3", "1.2.3") && covered(">= 1.2.3", "2.0.0"));
        assert!(covered(">= 1.2.3, < 1.3.0", "1.2.9") && !covered(">= 1.2.3, < 1.3.0", "1.3.0"));
        assert!(covered("^0.7.21", "0.7.30") && !covered("^0.7.21", "0.8.0"));
        assert!(covered("< 0.4", "0.3.9") && !covered("< 0.4", "0.4.0"));
    }

    #[test]
    fn a_version_before_a_release_counts_by_its_order() {
        assert!(covered(">= 0.9.7", "0.10.0-rc.19"));
        assert!(!covered(">= 0.10.0", "0.10.0-rc.19"));
        assert!(covered("< 0.10.0", "0.10.0-rc.19"));
        // Rather shown than hidden.
        assert!(!covered("^0.9.7", "0.9.8-rc.1"));
    }

    #[test]
    fn what_is_no_advisory_is_refused() {
        for text in [
            "",
            "# A title\n",
            "```toml\n[advisory]\n",
            "```toml\n[advisory]\nid = \"R\"\n```\n",
        ] {
            assert!(Advisory::parse(text).is_err(), "{text:?}");
        }
    }
}
