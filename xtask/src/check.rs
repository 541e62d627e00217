//! What CI runs, in CI's order: format, the table of assurances, the libraries, lints, unit and integration tests,
//! documentation, the artefact and its weight, then the journeys in a real browser.

use std::fs;
use std::thread;

use anyhow::{Result, anyhow, bail};

use crate::postgres::Cluster;
use crate::tally::{self, Tally};
use crate::workspace::{Variant, cargo, run, step, target};
use crate::{assurance, front, node, one_file, server, site, supply};

/// Tells the integration tests on which PostgreSQL to run.
const TEST_POSTGRES: &str = "PLI_TEST_POSTGRES";

/// Runs everything; `is_fast` leaves out the release builds and the browser.
///
/// # Errors
/// A step fails. Tests that fail let the others run first.
pub(crate) fn test(is_fast: bool) -> Result<()> {
    let mut tally = Tally::default();
    step("lock file is up to date", || {
        run(cargo().args(["fetch", "--locked", "--quiet"]))
    })?;
    step("format", || run(cargo().args(["fmt", "--all", "--check"])))?;
    step("assurance table is up to date", assurance::check)?;
    if !is_fast {
        supply::check()?;
    }
    lint()?;
    // The tests leave a processor idle as often as the linker of the front end does.
    let ahead = (!is_fast).then(|| thread::spawn(front::compile_ahead));
    tally += rust_tests()?;
    step("documentation", || {
        let mut command = cargo();
        command.args([
            "doc",
            "--workspace",
            "--no-deps",
            "--document-private-items",
            "--quiet",
        ]);
        run(command.env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    if let Some(ahead) = ahead {
        step("front end: what is left to compile", || {
            ahead
                .join()
                .map_err(|_| anyhow!("the thread that compiles ended badly"))
        })?;
        let program = server::build_release()?;
        step("the artefact alone in an empty folder", || {
            one_file::check(&program)
        })?;
        step("browser tests: types", node::check_types)?;
        tally += journeys(Variant::Release, &[])?;
    }
    tally.close()
}

/// Runs journeys alone. On the debug build, what differs when a page comes alive is named; on the release it is only seen.
///
/// # Errors
/// A build fails, or a journey does.
pub(crate) fn end_to_end(variant: Variant, filter: &[String]) -> Result<()> {
    match variant {
        Variant::Release => {
            server::build_release()?;
        }
        Variant::Debug => {
            site::build(variant)?;
            step("server: compile (debug)", || server::compile(variant))?;
        }
    }
    let mut filter: Vec<&str> = filter.iter().map(String::as_str).collect();
    if variant == Variant::Debug {
        filter.extend(["--grep-invert", "@release-only"]);
    }
    let tally = journeys(variant, &filter)?;
    tally.close()
}

/// Both halves are linted: the server's with the tests, the browser's as it is compiled for it.
fn lint() -> Result<()> {
    step("lints: native", || {
        run(cargo().args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ]))
    })?;
    front::require_target()?;
    step("lints: browser", || {
        let mut command = cargo();
        command
            .args([
                "clippy",
                "--package",
                "app",
                "--no-default-features",
                "--features",
                "hydrate",
                "--quiet",
            ])
            .args(["--target", front::TRIPLE, "--target-dir"])
            .arg(target().join("front"))
            .args(["--", "-D", "warnings"]);
        run(&mut command)
    })
}

fn rust_tests() -> Result<Tally> {
    let tests = |kinds: &[&str], server: Option<&str>| {
        let mut command = cargo();
        command
            .args(["test", "--workspace", "--no-fail-fast", "--quiet"])
            .args(kinds);
        // A server of the developer's own is never touched.
        command.env_remove(TEST_POSTGRES);
        if let Some(url) = server {
            command.env(TEST_POSTGRES, url);
        }
        tally::of_cargo(&mut command)
    };
    let integration = ["--test", "*"];
    let mut tally = step("unit tests", || tests(&["--lib", "--bins"], None))?;
    tally += step("examples in the documentation", || tests(&["--doc"], None))?;
    let on_sqlite = step("integration tests on SQLite", || tests(&integration, None))?;
    let n_on_sqlite = on_sqlite.total();
    tally += on_sqlite;
    let Some(cluster) = step("a throwaway PostgreSQL", Cluster::start)? else {
        println!("  ==================================================================================");
        println!("  PostgreSQL: SKIPPED, its programs were not found (Debian: apt-get install postgresql)");
        println!("  ==================================================================================");
        return Ok(tally);
    };
    let on_postgres = step("integration tests on PostgreSQL", || {
        tests(&integration, Some(&cluster.url()))
    })?;
    let n_on_postgres = on_postgres.total();
    tally += on_postgres;
    println!("  integration tests: {n_on_sqlite} on SQLite, {n_on_postgres} on PostgreSQL");
    if n_on_sqlite != n_on_postgres {
        bail!("the two engines do not run the same number of tests");
    }
    Ok(tally)
}

fn journeys(variant: Variant, filter: &[&str]) -> Result<Tally> {
    let name = format!("journeys ({variant:?})").to_lowercase();
    let report = target().join(format!("e2e-{variant:?}.json").to_lowercase());
    step(&name, || {
        // A report of an earlier run would be counted again.
        let _ = fs::remove_file(&report);
        let mut command = node::playwright(&["test", "--project=journeys"])?;
        command
            .args(filter)
            .env("PLI_PROGRAM", variant.program())
            .env("PLI_E2E_REPORT", &report);
        // Its own status says less than its report.
        command.status()?;
        tally::of_playwright(&fs::read_to_string(&report).unwrap_or_default())
    })
}
