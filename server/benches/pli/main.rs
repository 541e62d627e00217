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
mod messages;
mod pages;
mod start;

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
        [program, folder] => runtime.block_on(measure(Path::new(program), Path::new(folder))),
        _ => anyhow::bail!("usage: PROGRAM FOLDER; `cargo xtask bench` knows both"),
    }
}

/// Measures everything, with the program and an empty folder on the disk that is to be measured.
async fn measure(program: &Path, folder: &Path) -> Result<()> {
    ensure!(program.is_file(), "no program at {}", program.display());
    let mut report = Report::default();
    println!("disk");
    disk::measure(folder, &mut report)?;
    println!("start and memory");
    start::measure(program, &fresh(folder, "start")?, &mut report).await?;
    println!("messages: floor");
    let floor = subject::Subject::floor(&fresh(folder, "floor")?).await?;
    let floor = messages::measure(floor, "floor", None, &mut report).await?;
    println!("messages: pli");
    let pli = subject::Subject::pli(program, &fresh(folder, "pli")?).await?;
    pages::measure(&pli, &mut report).await?;
    messages::measure(pli, "pli", Some(floor), &mut report).await?;
    println!("age");
    age::measure(program, &fresh(folder, "age")?, &mut report).await?;
    println!("crowd");
    crowd::measure(program, &fresh(folder, "crowd")?, &mut report).await?;
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
