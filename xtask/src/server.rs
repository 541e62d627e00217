//! The server: built with the site inside, and started.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::workspace::{Variant, cargo, run, step};
use crate::{embedded, places, site, weight};

/// Builds the release artefact: one file with the front end inside.
///
/// # Errors
/// A step fails, or the first load is too heavy.
pub(crate) fn build_release() -> Result<PathBuf> {
    let files = site::build(Variant::Release)?;
    weight::require_within_limit(&files)?;
    step("server: compile", || {
        embedded::write()?;
        compile(Variant::Release)
    })?;
    let program = Variant::Release.program();
    embedded::require_in(&program)?;
    let size_bytes = std::fs::metadata(&program)
        .with_context(|| format!("no {}", program.display()))?
        .len();
    println!("  {} ({} MB)", program.display(), size_bytes / 1_000_000);
    Ok(program)
}

/// Compiles the server alone.
///
/// # Errors
/// The compiler refuses.
pub(crate) fn compile(variant: Variant) -> Result<()> {
    let mut command = cargo();
    command.args(["build", "--package", "server", "--bin", "pli"]);
    if variant == Variant::Release {
        command.arg("--release");
        places::hide(&mut command, "build")?;
    }
    run(&mut command)
}

/// Builds the release, then becomes `pli COMMAND ARGS`.
///
/// # Errors
/// The build fails, or the program ends with a failure.
pub(crate) fn run_release(pli_command: &str, passed_on: &[String]) -> Result<()> {
    let program = build_release()?;
    let mut pli = Command::new(program);
    pli.arg(pli_command).args(passed_on);
    become_program(pli)
}

/// Replaces this process, so that signals reach the server itself.
#[cfg(unix)]
fn become_program(mut program: Command) -> Result<()> {
    use std::os::unix::process::CommandExt;

    Err(program.exec()).context("cannot start the server")
}

#[cfg(not(unix))]
fn become_program(mut program: Command) -> Result<()> {
    run(&mut program)
}
