//! The long proofs, on the release build: `server/benches/chaos` kills, cuts and simulates for as long as it is told.
//!
//! The last line says what was tried and what was broken; a violation, or a planted bug that was not caught, fails.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::workspace::{cargo, run, step};
use crate::{places, server};

/// Builds the release, and runs every proof in its share of the minutes, or the one that is passed on.
///
/// # Errors
/// Something cannot be built, a promise was broken, or a planted bug was not caught.
pub(crate) fn prove(minutes: f64, passed_on: &[String]) -> Result<()> {
    ensure!(minutes > 0.0, "a proof takes time: `--minutes 10`");
    let program = server::build_release()?;
    step("chaos: compile", || run(bench()?.arg("--no-run")))?;
    run(bench()?
        .args(["--quiet", "--"])
        .arg(program)
        .arg(minutes.to_string())
        .args(passed_on))
}

/// Compiled as the program was, or all of it would be compiled once more.
fn bench() -> Result<Command> {
    let mut command = cargo();
    command.args(["bench", "--package", "server", "--bench", "chaos"]);
    places::hide(&mut command, "build")?;
    Ok(command)
}
