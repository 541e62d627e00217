//! The benchmarks: the server's, then the browser's, each figure beside its limit, in `target/bench.json`.
//!
//! A missed limit is shown, not an error: how fast a machine is proves nothing about the change that is being tested.

use std::fs;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::postgres::Cluster;
use crate::workspace::{Variant, cargo, run, step, target};
use crate::{node, places, server, table};

/// What Lighthouse must say, in points of 100.
const LIGHTHOUSE: [(&str, f64); 3] = [
    ("performance", 95.0),
    ("accessibility", 100.0),
    ("best-practices", 100.0),
];

/// What a slow tablet on a slow line may take, in milliseconds.
const SLOW: [(&str, f64); 2] = [("fcp_ms", 1_000.0), ("hydrated_ms", 2_500.0)];

/// What looking through the longest message may take at each pause in writing, in milliseconds.
const GUARD: [(&str, f64); 1] = [("pause_ms", 5.0)];

/// Builds the release, measures it, prints and keeps the figures.
///
/// # Errors
/// Something cannot be built, started or measured.
pub(crate) fn measure() -> Result<()> {
    let program = server::build_release()?;
    let folder = target().join("bench");
    let cluster = step("a throwaway PostgreSQL", Cluster::start)?;
    if cluster.is_none() {
        println!(
            "  PostgreSQL: NOT MEASURED, its programs were not found (Debian: apt-get install postgresql)"
        );
    }
    step("bench: server", || {
        let mut command = cargo();
        command.args(["bench", "--package", "server", "--bench", "pli"]);
        // As the program was compiled, or all of it would be once more.
        places::hide(&mut command, "build")?;
        command.arg("--").arg(&program).arg(&folder);
        if let Some(cluster) = &cluster {
            command.env("BENCH_POSTGRES", cluster.url());
        }
        run(&mut command)
    })?;
    drop(cluster);
    let figures = folder.join("browser.json");
    step("bench: browser", || {
        let mut command = node::playwright(&["test", "--project=figures", "--reporter=line"])?;
        command
            .env("PLI_PROGRAM", Variant::Release.program())
            .env("PLI_FIGURES", &figures);
        run(&mut command)
    })?;
    let read = |name: &str| -> Result<Value> {
        let path = folder.join(name);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(serde_json::from_str(&text)?)
    };
    let browser = read("browser.json")?;
    show(
        &browser["lighthouse"],
        "Lighthouse",
        |value, limit| value >= limit,
        &LIGHTHOUSE,
    );
    show(
        &browser["slow"],
        "1.6 Mbit/s, 150 ms, CPU ÷ 4",
        |value, limit| value <= limit,
        &SLOW,
    );
    show(
        &browser["guard"],
        "guard against words of a record",
        |value, limit| value <= limit,
        &GUARD,
    );
    let all = json!({ "machine": machine(), "server": read("server.json")?, "browser": browser });
    let path = target().join("bench.json");
    fs::write(&path, serde_json::to_string_pretty(&all)?)?;
    println!("  {}", path.display());
    table::write(&all)
}

/// Prints the figures of each page, judged where there is a limit.
fn show(pages: &Value, title: &str, is_good: impl Fn(f64, f64) -> bool, limits: &[(&str, f64)]) {
    for (page, figures) in pages.as_object().into_iter().flatten() {
        for (name, value) in figures.as_object().into_iter().flatten() {
            let value = value.as_f64().unwrap_or(f64::NAN);
            let limit = limits
                .iter()
                .find(|(limited, _)| limited == name)
                .map(|(_, limit)| *limit);
            let verdict = match limit {
                Some(limit) if is_good(value, limit) => format!("({limit}) ok"),
                Some(limit) => format!("({limit}) MISSED"),
                None => String::new(),
            };
            println!(
                "  {:<58} {value:>12} {verdict}",
                format!("{title}, {page}: {name}")
            );
        }
    }
}

/// What the figures were measured on.
fn machine() -> Value {
    let line = |path: &str, name: &str| {
        let text = fs::read_to_string(path).unwrap_or_default();
        let found = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.split_once(':'))
            .map(|(_, value)| value.trim().to_owned());
        found.unwrap_or_default()
    };
    json!({
        "processor": line("/proc/cpuinfo", "model name"),
        "cores": std::thread::available_parallelism().map_or(0, usize::from),
        "memory": line("/proc/meminfo", "MemTotal"),
    })
}
