//! What browser tests need: Node, its packages, a Chromium. Missing packages are installed; a missing program is
//! installed where that can be done without asking, otherwise named in one line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::{output_of, root, run, step};

/// Names under which Chromium is installed.
const CHROMIUMS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Chromium without its own windows: it takes less of a machine, and has no microphone.
const WITHOUT_WINDOWS: &str = "chromium-headless-shell";

/// The least major version of Node that Playwright runs on.
const NODE_MAJOR: u32 = 20;

/// A command run in the folder of the browser tests, with everything in place.
///
/// # Errors
/// Something is missing and cannot be installed.
pub(crate) fn playwright(words: &[&str]) -> Result<Command> {
    require_node()?;
    require_packages()?;
    let whole = require_chromium()?;
    // Whoever has named one means that one.
    let lighter = match env::var_os("CHROMIUM") {
        Some(_) => None,
        None => find_program(WITHOUT_WINDOWS),
    };
    let mut command = Command::new("npx");
    command
        .current_dir(folder())
        .env("CHROMIUM", lighter.as_ref().unwrap_or(&whole))
        .env("CHROMIUM_THAT_HEARS", &whole)
        .args(["--no-install", "playwright"])
        .args(words);
    Ok(command)
}

/// Checks the types of the browser tests.
///
/// # Errors
/// They do not fit, or Node or its packages are missing.
pub(crate) fn check_types() -> Result<()> {
    require_node()?;
    require_packages()?;
    run(Command::new("npx")
        .current_dir(folder())
        .args(["--no-install", "tsc", "--noEmit"]))
}

fn folder() -> PathBuf {
    root().join("e2e")
}

fn require_node() -> Result<()> {
    if find_program("node").is_none() || find_program("npm").is_none() {
        apt_install("nodejs", &["nodejs", "npm"])
            .with_context(|| format!("needed: Node {NODE_MAJOR} or newer with npm (https://nodejs.org)"))?;
    }
    let version = output_of(Command::new("node").arg("--version"))?;
    let major = version
        .trim()
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse().ok());
    ensure!(
        major.is_some_and(|major: u32| major >= NODE_MAJOR),
        "needed: Node {NODE_MAJOR} or newer (https://nodejs.org), found {}",
        version.trim()
    );
    Ok(())
}

/// Installs the packages when they are missing or older than their lock.
fn require_packages() -> Result<()> {
    let changed_at = |name: &str| {
        fs::metadata(folder().join(name))
            .and_then(|about| about.modified())
            .ok()
    };
    // npm writes this file last.
    let installed_at = changed_at("node_modules/.package-lock.json");
    if installed_at.is_some() && installed_at >= changed_at("package-lock.json") {
        return Ok(());
    }
    step("install the packages of the browser tests", || {
        // No package needs its scripts, and Playwright's would bring a browser of its own.
        run(Command::new("npm").current_dir(folder()).args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
        ]))
    })
}

fn require_chromium() -> Result<PathBuf> {
    if let Some(named) = env::var_os("CHROMIUM") {
        let path = PathBuf::from(named);
        ensure!(
            path.is_file(),
            "CHROMIUM names {}, which is not a file",
            path.display()
        );
        return Ok(path);
    }
    let find = || CHROMIUMS.iter().find_map(|name| find_program(name));
    if let Some(found) = find() {
        return Ok(found);
    }
    apt_install("chromium", &["chromium"])
        .context("needed: Chromium, in PATH or named by CHROMIUM (Debian: apt-get install chromium)")?;
    find().context("needed: Chromium; what was installed has another name, so name it by CHROMIUM")
}

/// Installs Debian packages, if this is Debian and we are root.
fn apt_install(what: &str, packages: &[&str]) -> Result<()> {
    let is_root = output_of(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !is_root || find_program("apt-get").is_none() {
        bail!("`{what}` is missing and cannot be installed from here");
    }
    step(&format!("install {what}"), || {
        let apt = |words: &[&str]| {
            run(Command::new("apt-get")
                .env("DEBIAN_FRONTEND", "noninteractive")
                .arg("-qq")
                .args(words))
        };
        apt(&["update"])?;
        apt(&[&["install", "-y", "--no-install-recommends"], packages].concat())
    })
}

/// A program of that name in `PATH`.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let folders: OsString = env::var_os("PATH")?;
    env::split_paths(&folders)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}
