//! What Pli is built of: each library's licence and source are allowed, and the server has no more of them than agreed.
//!
//! Source: assurance SUP-01 and SUP-03.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::tools;
use crate::workspace::{cargo, output_of, root, run, step};

/// The tool that knows licences.
const DENY: &str = "cargo-deny";
const DENY_VERSION: &str = "0.20.2";

/// The most libraries that the server may consist of, versions of one counted once.
///
/// Each one is somebody else's code that runs where the words are; a new one is worth a look at this line.
///
/// Twenty came with `object_store` and its way to S3, most of them `reqwest` and what stands below it
/// (`docs/decisions/0019-attachments.md`), two with signing in by a provider (`docs/decisions/0017-identity-provider.md`).
const MAX_LIBRARIES: usize = 452;

/// Checks every library of the lock file.
///
/// # Errors
/// One has a licence or a source that `deny.toml` does not allow, there are too many, or the tool cannot be had.
pub(crate) fn check() -> Result<()> {
    let program = tools::require(DENY, DENY_VERSION)?;
    let config = root().join("xtask/deny.toml");
    step("libraries: licences, sources, bans", || {
        let mut command = Command::new(program);
        command.current_dir(root()).arg("--config").arg(config);
        command.args(["--log-level", "error", "check", "--hide-inclusion-graph"]);
        run(command.args(["bans", "licenses", "sources"]))
    })?;
    let n_libraries = libraries()?.len();
    println!("  {n_libraries} libraries in the server (at most {MAX_LIBRARIES})");
    ensure!(
        n_libraries <= MAX_LIBRARIES,
        "the server consists of {n_libraries} libraries, {MAX_LIBRARIES} are agreed (xtask/src/supply.rs)"
    );
    Ok(())
}

/// The names of the libraries that are linked into the server.
fn libraries() -> Result<BTreeSet<String>> {
    let mut command = cargo();
    command.args([
        "tree",
        "--package",
        "server",
        "--edges",
        "normal",
        "--prefix",
        "none",
    ]);
    let tree = output_of(&mut command)?;
    Ok(tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect())
}
