//! Where things are, and how programs are run and timed.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

/// The two ways of building Pli.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variant {
    /// Fast to build; says why a page failed to hydrate.
    Debug,
    /// What people run.
    Release,
}

impl Variant {
    /// The site that a server of this variant looks for; `server/build.rs` names the same folders.
    pub(crate) fn site(self) -> PathBuf {
        match self {
            Variant::Debug => root().join("target/site-debug"),
            Variant::Release => root().join("target/site"),
        }
    }

    /// The server's program.
    pub(crate) fn program(self) -> PathBuf {
        let folder = match self {
            Variant::Debug => "debug",
            Variant::Release => "release",
        };
        target().join(folder).join("pli")
    }
}

/// Names another root to work in than the one where these commands were compiled: a copy that `reproduce` made.
pub(crate) const ROOT: &str = "PLI_XTASK_ROOT";

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    static FOUND: LazyLock<PathBuf> = LazyLock::new(|| {
        let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
        std::env::var_os(ROOT).map_or_else(|| xtask.parent().unwrap_or(xtask).to_owned(), PathBuf::from)
    });
    &FOUND
}

/// Where cargo builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// Cargo, run at the root, as the same version that runs us.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    cargo.current_dir(root());
    cargo
}

/// Runs a program to its end.
///
/// # Errors
/// It cannot be started, or ends with a failure.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    ensure!(status.success(), "{} failed: {status}", shown(command));
    Ok(())
}

/// Runs a program to its end and gives what it printed on standard output.
///
/// # Errors
/// It cannot be started, or ends with a failure.
pub(crate) fn output_of(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "{} failed: {}",
        shown(command),
        complaint.trim()
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Does a step, and says how long it took.
///
/// # Errors
/// Those of the step, with its name.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("▸ {name}");
    let start = Instant::now();
    let done = work().with_context(|| format!("step `{name}`"))?;
    println!("  {name}: {:.1} s", start.elapsed().as_secs_f64());
    Ok(done)
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}
