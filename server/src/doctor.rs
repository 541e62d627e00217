//! `pli doctor`: looks at everything that a running Pli needs, changes nothing, and says what is wrong and the way out.
//!
//! - here: the findings, and who is asked for them.
//! - `data`: folder, room, keys, database, clock.
//! - `files`: where files rest, and who scans them.
//! - `reach`: how people get here: address, certificate, what browsers allow there.
//! - `provider`: who else says who they are.

mod data;
mod files;
mod provider;
mod reach;

use std::path::Path;

use crate::clock::Clock;
use crate::config::{Config, Limits};

/// How it stands with something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// Works, and somebody should know.
    Warning,
    /// Does not work, or will not after the next start.
    Bad,
}

/// What was found about one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How it stands.
    pub verdict: Verdict,
    /// About what: "database".
    pub about: &'static str,
    /// What was seen.
    pub seen: String,
    /// The way out.
    pub remedy: Option<String>,
}

impl Finding {
    fn good(about: &'static str, seen: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Good,
            about,
            seen: seen.into(),
            remedy: None,
        }
    }

    fn warning(about: &'static str, seen: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Warning,
            remedy: Some(remedy.into()),
            ..Self::good(about, seen)
        }
    }

    fn bad(about: &'static str, seen: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Bad,
            ..Self::warning(about, seen, remedy)
        }
    }
}

/// Looks at everything; `folder` is the data folder. Blocks: it reads files and may wait for a database.
pub fn examine(config: &Config, folder: &Path, clock: &dyn Clock) -> Vec<Finding> {
    let mut findings = data::examine(config, folder, clock);
    findings.extend(files::examine(&config.files));
    findings.extend(reach::examine(config, clock.now()));
    findings.extend(provider::examine(config, clock.now()));
    if config.limits == Limits::Off {
        findings.push(Finding::warning(
            "limits",
            "switched off: passwords can be guessed without end",
            "Take `PLI_LIMITS=off` away",
        ));
    }
    findings
}
