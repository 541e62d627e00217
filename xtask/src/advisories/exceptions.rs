//! What Pli lives with, in writing: why, who answers for it, and until when.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::Hit;
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
        for exception in &exceptions.all {
            let Exception {
                id, reason, owner, ..
            } = exception;
            ensure!(
                !reason.trim().is_empty() && !owner.trim().is_empty(),
                "`{PATH}`: {id} lacks its reason or its owner"
            );
            ensure!(
                days(&exception.until).is_some(),
                "`{PATH}`: {id} ends on no day: `{}`",
                exception.until
            );
        }
        Ok(exceptions)
    }

    /// What is wrong on that day: hits that nobody answers for, exceptions past their day, exceptions that nothing needs.
    pub(super) fn judge(&self, hits: &[Hit], today: &str) -> Vec<String> {
        let answered: BTreeSet<(&str, &str)> = self
            .all
            .iter()
            .filter(|exception| exception.until.as_str() >= today)
            .map(|exception| (exception.id.as_str(), exception.package.as_str()))
            .collect();
        let open = hits
            .iter()
            .filter(|hit| !answered.contains(&(hit.id.as_str(), hit.package.as_str())))
            .map(|hit| format!("{hit} (https://rustsec.org/advisories/{})", hit.id));
        let needless = self
            .all
            .iter()
            .filter(|exception| {
                !hits
                    .iter()
                    .any(|hit| hit.id == exception.id && hit.package == exception.package)
            })
            .map(|exception| format!("the exception for {} is needed by nothing", exception.id));
        let over = self
            .all
            .iter()
            .filter(|exception| exception.until.as_str() < today)
            .map(|exception| {
                let Exception { id, until, owner, .. } = exception;
                format!("the exception for {id} ended on {until}: look again ({owner})")
            });
        open.chain(needless).chain(over).collect()
    }
}

/// Today, in UTC: `2026-11-27`.
pub(super) fn today() -> String {
    let since_1970 = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    jiff::Timestamp::from_second(i64::try_from(since_1970.as_secs()).unwrap_or_default())
        .unwrap_or_default()
        .strftime("%Y-%m-%d")
        .to_string()
}

/// The days from one day to another.
pub(super) fn days_between(one: &str, other: &str) -> Option<i64> {
    Some(days(other)? - days(one)?)
}

/// A day as a number, if it is one.
fn days(day: &str) -> Option<i64> {
    let date: jiff::civil::Date = day.parse().ok()?;
    let epoch = jiff::civil::date(1970, 1, 1);
    Some(i64::from(date.since(epoch).ok()?.get_days()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "[[exception]]\nid = \"RUSTSEC-2026-9001\"\npackage = \"letterbox\"\nreason = \"r\"\nowner = \"o\"\n\
                       until = \"2026-12-31\"\n";

    fn hit() -> Hit {
        Hit {
            id: "RUSTSEC-2026-9001".into(),
            package: "letterbox".into(),
            version: "1.2.0".into(),
            kind: "weakness".into(),
            title: "Letters are lost".into(),
        }
    }

    #[test]
    fn sup_01_an_exception_holds_until_its_day_and_no_longer() {
        let exceptions = Exceptions::parse(ONE).unwrap();

        assert!(exceptions.judge(&[hit()], "2026-12-31").is_empty());
        let over = exceptions.judge(&[hit()], "2027-01-01");
        assert_eq!(over.len(), 2, "{over:?}");
    }

    #[test]
    fn sup_01_an_exception_is_for_one_library_and_not_kept_for_nothing() {
        let exceptions = Exceptions::parse(ONE).unwrap();
        let other = Hit {
            package: "envelope".into(),
            ..hit()
        };

        assert_eq!(exceptions.judge(&[hit(), other], "2026-11-27").len(), 1);
        assert_eq!(exceptions.judge(&[], "2026-11-27").len(), 1);
    }

    #[test]
    fn sup_01_an_exception_says_why_who_and_until_when() {
        for lacking in ["reason = \"r\"", "owner = \"o\"", "until = \"2026-12-31\""] {
            assert!(Exceptions::parse(&ONE.replace(lacking, "")).is_err(), "{lacking}");
        }
        assert!(Exceptions::parse(&ONE.replace("\"r\"", "\" \"")).is_err());
        assert!(Exceptions::parse(&ONE.replace("2026-12-31", "soon")).is_err());
    }

    #[test]
    fn days_are_counted_over_months() {
        assert_eq!(days_between("2026-08-20", "2026-11-27"), Some(99));
        assert_eq!(days_between("soon", "2026-11-27"), None);
    }
}
