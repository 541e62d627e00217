//! Tools of others, written in Rust: each in one version, compiled once into the folder of artefacts.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::workspace::{cargo, output_of, run, step, target};

/// The program of a crate, compiled when it is missing or of another version.
///
/// # Errors
/// It cannot be fetched or compiled.
pub(crate) fn require(name: &str, version: &str) -> Result<PathBuf> {
    let folder = target().join("tools");
    let program = folder.join("bin").join(name);
    let is_there =
        output_of(Command::new(&program).arg("--version")).is_ok_and(|said| said.trim().ends_with(version));
    if !is_there {
        step(&format!("{name}: compile, once"), || {
            let mut command = cargo();
            command.args([
                "install",
                name,
                "--version",
                version,
                "--locked",
                "--quiet",
                "--force",
                // Unoptimised cargo-deny is compiled in a minute and a half, and runs for five seconds.
                "--debug",
            ]);
            command.env("CARGO_PROFILE_DEV_DEBUG", "false");
            run(command.arg("--root").arg(&folder))
        })?;
    }
    Ok(program)
}
