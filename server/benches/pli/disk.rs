//! What the disk and SQLite can do alone: no durable server can be faster.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use rusqlite::Connection;

use crate::figures::{Limit, Report, Samples};

const SPAN: Duration = Duration::from_secs(2);
const PAGE: [u8; 4096] = [7; 4096];

/// Measures synchronised writes, and commits of SQLite.
///
/// # Errors
/// The folder cannot be written.
pub(crate) fn measure(folder: &Path, report: &mut Report) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let path = folder.join("disk");
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .open(&path)?;
    let (rate, mut samples) = synced_writes(&mut file, |_| Ok(()))?;
    report.add("disk: append 4 KiB, fdatasync", rate, "/s", Limit::None);
    report.add(
        "disk: append 4 KiB, fdatasync, p99",
        samples.percentile_ms(0.99),
        "ms",
        Limit::None,
    );
    let (rate, _) = synced_writes(&mut file, |file| file.seek(SeekFrom::Start(0)).map(drop))?;
    report.add("disk: overwrite 4 KiB, fdatasync", rate, "/s", Limit::None);
    for n_rows in [1, 100] {
        let rate = commits(folder, n_rows)?;
        report.add(
            format!("SQLite WAL FULL, {n_rows} rows a commit"),
            rate,
            "rows/s",
            Limit::None,
        );
    }
    Ok(std::fs::remove_file(path)?)
}

fn synced_writes(
    file: &mut File,
    mut before: impl FnMut(&mut File) -> std::io::Result<()>,
) -> Result<(f64, Samples)> {
    let mut samples = Samples::default();
    let (start, mut n_writes) = (Instant::now(), 0_u32);
    while start.elapsed() < SPAN {
        before(file)?;
        let written = Instant::now();
        file.write_all(&PAGE)?;
        file.sync_data()?;
        samples.push(written.elapsed());
        n_writes += 1;
    }
    Ok((f64::from(n_writes) / start.elapsed().as_secs_f64(), samples))
}

fn commits(folder: &Path, n_rows: u32) -> Result<f64> {
    let path = folder.join(format!("limit-{n_rows}.db"));
    let mut db = Connection::open(&path)?;
    db.execute_batch(
        "pragma journal_mode = wal; pragma synchronous = full;
         drop table if exists message;
         create table message (conversation integer, position integer, author integer, body text, sent_at integer,
             primary key (conversation, position)) without rowid;",
    )?;
    let body = "x".repeat(120);
    let (start, mut n_done) = (Instant::now(), 0_u32);
    while start.elapsed() < SPAN {
        let tx = db.transaction()?;
        {
            let mut insert = tx.prepare_cached("insert into message values ($1, $2, $3, $4, $5)")?;
            for _ in 0..n_rows {
                insert.execute((n_done % 200, n_done, n_done % 2, &body, 1))?;
                n_done += 1;
            }
        }
        tx.commit()?;
    }
    Ok(f64::from(n_done) / start.elapsed().as_secs_f64())
}
