//! The watch loop: debug build of the demo, rebuilt and restarted at each change.
//!
//! Files are polled: a quarter of a second is less than the eye notices, and needs no dependency.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};

use crate::files::files_below;
use crate::workspace::{Variant, root};
use crate::{server, site};

const WATCHED: [&str; 6] = [
    "app/src",
    "app/locales",
    "server/src",
    "server/migrations",
    "style",
    "public",
];
const POLL: Duration = Duration::from_millis(250);

type Times = BTreeMap<PathBuf, SystemTime>;

/// Builds, starts and watches until interrupted. A build that fails leaves the running server alone.
///
/// # Errors
/// The watched folders cannot be read.
pub(crate) fn watch(passed_on: &[String]) -> Result<()> {
    let mut running: Option<Child> = None;
    loop {
        let seen = times()?;
        match site::build(Variant::Debug).and_then(|_| server::compile(Variant::Debug)) {
            Ok(()) => {
                if let Some(mut old) = running.take() {
                    old.kill().context("cannot stop the server")?;
                    old.wait()?;
                }
                running = Some(start(passed_on)?);
            }
            Err(error) => eprintln!("{error:#}"),
        }
        while times()? == seen {
            sleep(POLL);
        }
    }
}

fn start(passed_on: &[String]) -> Result<Child> {
    let mut pli = Command::new(Variant::Debug.program());
    if passed_on.is_empty() {
        pli.arg("demo");
    } else {
        pli.args(passed_on);
    }
    pli.spawn().context("cannot start the server")
}

fn times() -> Result<Times> {
    let mut times = Times::new();
    for folder in WATCHED {
        for path in files_below(&root().join(folder))? {
            // A file that an editor is just replacing counts once it is there again.
            if let Ok(changed_at) = fs::metadata(&path).and_then(|about| about.modified()) {
                times.insert(path, changed_at);
            }
        }
    }
    Ok(times)
}
