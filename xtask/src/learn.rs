//! Lets pages come to life with a front end that notes which functions it runs.

use std::collections::BTreeMap;
use std::fs;

use anyhow::Result;

use crate::profile::{self, Late};
use crate::workspace::{Variant, run, step, target};
use crate::{front, node, server, site};

/// Learns which functions a page runs to come to life, and keeps the others in `late-functions.txt`.
///
/// # Errors
/// A build fails, or a page does not come to life.
pub(crate) fn learn() -> Result<()> {
    site::build(Variant::Release)?;
    step("server: compile", || server::compile(Variant::Release))?;
    let folder = target().join("front/noting");
    let functions = front::build_noting(&folder)?;
    let report = target().join("profile.json");
    step("pages", || {
        run(node::playwright(&["test", "--project=profile", "--workers=1"])?
            .env("PLI_PROGRAM", Variant::Release.program())
            .env("PLI_NOTING", &folder)
            .env("PLI_PROFILE", &report)
            .env("PLI_E2E_REPORT", target().join("profile-run.json")))
    })?;
    let ran: BTreeMap<String, Vec<usize>> = serde_json::from_str(&fs::read_to_string(&report)?)?;
    let ran = ran.iter().flat_map(|(module, places)| {
        let module = functions.get(module);
        places.iter().filter_map(move |place| module?.get(*place))
    });
    let known = functions.values().flatten().map(String::as_str);
    let late = Late::new(known, ran.map(String::as_str));
    late.write()?;
    println!("  {}", profile::path().display());
    Ok(())
}
