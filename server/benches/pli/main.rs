//! The benchmarks: what Pli takes and gives on this machine, each figure beside the limit it can be held to, measured in
//! the same run. `cargo xtask bench` starts them on the release build.
//!
//! Two kinds of limit: the disk and SQLite alone, and the *floor*, the least that a server of messages can do. Server and
//! load share the machine, so ratios carry over to other machines, absolute figures do not.

#![expect(clippy::print_stdout, reason = "a benchmark speaks on standard output")]
#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark measures time and has no Context"
)]
#![expect(clippy::cast_precision_loss, reason = "figures are shown with three digits")]

mod figures;

mod client;
mod people;
mod program;
mod subject;

mod disk;
mod floor;

mod age;
mod crowd;
mod files;
mod memory;
mod messages;
mod pages;
mod postgres;
mod sealing;
mod search;
mod silence;
mod start;
mod texts;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use figures::Report;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["floor", folder] => runtime.block_on(floor::serve(Path::new(folder))),
        [program, folder, parts @ ..] => {
            runtime.block_on(measure(Path::new(program), Path::new(folder), &Parts(parts)))
        }
        _ => anyhow::bail!("usage: PROGRAM FOLDER [PART…]; `cargo xtask bench` knows the first two"),
    }
}

/// Which parts to measure: all, unless some are named.
struct Parts<'w>(&'w [&'w str]);

impl Parts<'_> {
    fn has(&self, part: &str) -> bool {
        let is_in = self.0.is_empty() || self.0.contains(&part);
        if is_in {
            println!("{part}");
        }
        is_in
    }
}

/// Measures, with the program and an empty folder on the disk that is to be measured.
async fn measure(program: &Path, folder: &Path, parts: &Parts<'_>) -> Result<()> {
    ensure!(program.is_file(), "no program at {}", program.display());
    let mut report = Report::default();
    if parts.has("disk") {
        disk::measure(folder, &mut report)?;
    }
    if parts.has("start") {
        start::measure(program, &fresh(folder, "start")?, &mut report).await?;
    }
    let mut floor = None;
    if parts.has("floor") {
        let subject = subject::Subject::floor(&fresh(folder, "floor")?).await?;
        floor = Some(messages::measure(subject, "floor", None, &mut report).await?);
    }
    if parts.has("pages") {
        let subject = subject::Subject::pli(program, &fresh(folder, "pages")?).await?;
        pages::measure(&subject, &mut report).await?;
    }
    if parts.has("messages") {
        let subject = subject::Subject::pli(program, &fresh(folder, "messages")?).await?;
        messages::measure(subject, "pli", floor, &mut report).await?;
    }
    if parts.has("postgres") {
        postgres::measure(program, &fresh(folder, "postgres")?, &mut report).await?;
    }
    if parts.has("age") {
        age::measure(program, &fresh(folder, "age")?, &mut report).await?;
    }
    if parts.has("sealing") {
        sealing::measure(&fresh(folder, "sealing")?, &mut report).await?;
    }
    if parts.has("search") {
        search::measure(&fresh(folder, "search")?, &mut report).await?;
    }
    if parts.has("files") {
        files::measure(program, &fresh(folder, "files")?, &mut report).await?;
    }
    if parts.has("silence") {
        silence::measure(program, &fresh(folder, "silence")?, &mut report).await?;
    }
    if parts.has("crowd") {
        crowd::measure(program, &fresh(folder, "crowd")?, &mut report).await?;
    }
    report.print();
    report.write(&folder.join("server.json"))
}

/// An empty folder of that name.
fn fresh(folder: &Path, name: &str) -> Result<PathBuf> {
    let folder = folder.join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}
