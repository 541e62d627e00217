//! What Pli lives with, in writing: why, who answers for it, and until when.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::{Looked, days};
use crate::workspace::root;

const PATH: &str = "xtask/advisories.toml";

/// All of them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exceptions {
    #[serde(default, rename = "exception")]
    all: Vec<Exception>,
}

/// One advisory about one library.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    id: String,
    package: String,
    reason: String,
    owner: String,
    /// The last day on which it holds: `2027-05-31`.
    until: String,
}

impl Exception {
    fn is_over(&self, today: i64) -> bool {
        days::parse(&self.until).is_none_or(|until| until < today)
    }

    /// Whether nothing needs it any more. An older copy of the database, which lacks the advisory, does not tell.
    fn is_needless(&self, looked: &Looked) -> bool {
        let is_hit = looked
            .hits
            .iter()
            .any(|hit| hit.id == self.id && hit.package == self.package);
        !looked.packages.contains(&self.package) || (looked.known.contains(&self.id) && !is_hit)
    }
}

impl Exceptions {
    /// Those of the repository.
    ///
    /// # Errors
    /// The file cannot be read, or one of them lacks a part.
    pub(super) fn read() -> Result<Self> {
        let text = fs::read_to_string(root().join(PATH)).with_context(|| format!("cannot read `{PATH}`"))?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self> {
        let exceptions: Self =
            toml::from_str(text).with_context(|| format!("`{PATH}` is not as it should be"))?;
        for Exception {
            id,
            reason,
            owner,
            until,
            ..
        } in &exceptions.all
        {
            ensure!(
                !reason.trim().is_empty() && !owner.trim().is_empty(),
                "`{PATH}`: {id} lacks its reason or its owner"
            );
            ensure!(
                days::parse(until).is_some(),
                "`{PATH}`: {id} ends on no day: `{until}`"
            );
        }
        Ok(exceptions)
    }

    /// The libraries that they are for.
    #[cfg(test)]
    pub(super) fn packages(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|exception| exception.package.as_str())
    }

    /// What is wrong on that day: hits that nobody answers for, exceptions past their day, exceptions that nothing needs.
    pub(super) fn judge(&self, looked: &Looked, today: i64) -> Vec<String> {
        let answered: BTreeSet<(&str, &str)> = self
            .all
            .iter()
            .filter(|exception| !exception.is_over(today))
            .map(|exception| (exception.id.as_str(), exception.package.as_str()))
            .collect();
        let open = looked
            .hits
            .iter()
            .filter(|hit| !answered.contains(&(hit.id.as_str(), hit.package.as_str())))
            .map(|hit| format!("{hit} (https://rustsec.org/advisories/{})", hit.id));
        let needless = self
            .all
            .iter()
            .filter(|exception| exception.is_needless(looked))
            .map(|exception| format!("the exception for {} is needed by nothing", exception.id));
        let over = self
            .all
            .iter()
            .filter(|exception| exception.is_over(today))
            .map(|exception| {
                let Exception { id, until, owner, .. } = exception;
                format!("the exception for {id} ended on {until}: look again ({owner})")
            });
        open.chain(needless).chain(over).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Hit;
    use super::*;

    const ONE: &str = "[[exception]]\nid = \"RUSTSEC-2026-9001\"\npackage = \"letterbox\"\nreason = \"r\"\nowner = \"o\"\n\
                       until = \"2026-12-31\"\n";

    fn hit(package: &str) -> Hit {
        Hit {
            id: "RUSTSEC-2026-9001".into(),
            package: package.into(),
            version: "1.2.0".into(),
            kind: "weakness".into(),
            title: "Letters are lost".into(),
        }
    }

    /// A look-up of two libraries in a database of one advisory.
    fn looked(hits: &[Hit]) -> Looked {
        Looked {
            hits: hits.to_vec(),
            known: ["RUSTSEC-2026-9001".to_owned()].into(),
            packages: ["letterbox".to_owned(), "envelope".to_owned()].into(),
        }
    }

    fn n_problems(hits: &[Hit], day: &str) -> usize {
        let exceptions = Exceptions::parse(ONE).unwrap();
        exceptions.judge(&looked(hits), days::parse(day).unwrap()).len()
    }

    #[test]
    fn sup_01_an_exception_holds_until_its_day_and_no_longer() {
        assert_eq!(n_problems(&[hit("letterbox")], "2026-12-31"), 0);
        // The hit, and the exception that ended.
        assert_eq!(n_problems(&[hit("letterbox")], "2027-01-01"), 2);
    }

    #[test]
    fn sup_01_an_exception_is_for_one_library_and_not_kept_for_nothing() {
        assert_eq!(n_problems(&[hit("letterbox"), hit("envelope")], "2026-11-27"), 1);
        assert_eq!(n_problems(&[], "2026-11-27"), 1);
    }

    #[test]
    fn sup_01_an_older_database_does_not_make_an_exception_needless() {
        let exceptions = Exceptions::parse(ONE).unwrap();
        let (mut older, day) = (looked(&[]), days::parse("2026-11-27").unwrap());
        older.known.clear();

        assert!(exceptions.judge(&older, day).is_empty());
        older.packages.remove("letterbox");
        assert_eq!(exceptions.judge(&older, day).len(), 1);
    }

    #[test]
    fn sup_01_an_exception_says_why_who_and_until_when() {
        for lacking in ["reason = \"r\"", "owner = \"o\"", "until = \"2026-12-31\""] {
            assert!(Exceptions::parse(&ONE.replace(lacking, "")).is_err(), "{lacking}");
        }
        assert!(Exceptions::parse(&ONE.replace("\"r\"", "\" \"")).is_err());
        assert!(Exceptions::parse(&ONE.replace("2026-12-31", "soon")).is_err());
    }
}
