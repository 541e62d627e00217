//! Moves what was committed from the log into the database file, on a thread and a connection of its own: no sender waits
//! for it.
//!
//! The log file stays as large as it once was, because writing over old bytes is cheaper for a disk than growing a file.
//! The writer starts over at its beginning as soon as everything in it was moved and nobody reads it. Under a load that
//! never rests that moment does not come by itself, so beyond [`TOO_MANY`] pages the writer is held for a moment.
//!
//! A disk that refuses a checkpoint is believed no more, and neither is the next checkpoint: SQLite counts a page as moved
//! before its sync when others are still to come, and would not move it again, although the refused sync may have lost it.
//! The log still has it, and a start after all processes have ended moves all that the log holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::hooks::Wal;

use super::session::{distrust, leave_log};
use crate::error::{Error, Result};
use crate::store::engine::{Health, spawn};

/// Pages in the log that are worth a checkpoint, about 16 MB. A page that many commits have written moves once; SQLite
/// by itself does so at 1,000 pages.
const ENOUGH_PAGES: i64 = 8_000;
/// So many times enough is too much, about 64 MB: from here on, and at each further so many, the writer is held.
const TOO_MANY: i64 = 4;
/// How long the writer may be held while readers finish with the log.
const HOLD_WRITER: Duration = Duration::from_millis(100);

/// Starts the thread; it ends, with a last checkpoint, when the writer's connection is closed. `enough_pages` in the log
/// are worth a checkpoint, [`ENOUGH_PAGES`] unless told.
pub(super) fn start(
    writer: &mut Connection,
    own: Connection,
    health: Arc<Health>,
    enough_pages: Option<i64>,
) -> Result<()> {
    let mut plan = Plan::new(enough_pages.unwrap_or(ENOUGH_PAGES));
    let failed = |error| Error::failed("preparing checkpoints", error);
    own.busy_timeout(HOLD_WRITER).map_err(failed)?;
    let n_new = Arc::new(AtomicI64::new(0));
    let (wake, woken) = sync_channel(1);
    writer
        .wal_hook(Some(hook(Arc::clone(&n_new), wake, plan.enough)))
        .map_err(failed)?;
    spawn("store-checkpoints", move || {
        while woken.recv().is_ok() {
            if !health.has_given_up() {
                plan.work(&own, &n_new, &health);
            }
        }
        if !health.has_given_up() {
            plan.work(&own, &n_new, &health);
        }
        if health.has_given_up() {
            leave_log(&own);
        }
    })
}

/// Called by SQLite after each commit with the number of pages in the log. It must not keep the writer.
fn hook(
    n_new: Arc<AtomicI64>,
    wake: SyncSender<()>,
    enough: i64,
) -> impl FnMut(&mut Wal, i32) -> rusqlite::Result<()> + Send {
    let mut n_before = 0;
    move |_, n_pages| {
        let n_pages = i64::from(n_pages);
        // Fewer than before: the log was begun anew.
        let n_added = if n_pages < n_before {
            n_pages
        } else {
            n_pages - n_before
        };
        n_before = n_pages;
        if n_new.fetch_add(n_added, Ordering::Relaxed) + n_added >= enough {
            // Full: the thread is told already.
            let _ = wake.try_send(());
        }
        Ok(())
    }
}

/// How hard a checkpoint tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Moves what it can, beside readers and the writer.
    Passive,
    /// Holds the writer until everything is moved and nobody reads the log, so that the next commit begins it anew.
    Restart,
}

/// What a checkpoint found.
struct Found {
    in_log: i64,
    moved: i64,
}

fn checkpoint(connection: &Connection, mode: Mode) -> rusqlite::Result<Found> {
    let sql = match mode {
        Mode::Passive => "pragma wal_checkpoint(passive)",
        Mode::Restart => "pragma wal_checkpoint(restart)",
    };
    connection.query_row(sql, [], |row| {
        Ok(Found {
            in_log: row.get(1)?,
            moved: row.get(2)?,
        })
    })
}

/// When to try harder.
struct Plan {
    /// Pages in the log that are worth a checkpoint.
    enough: i64,
    /// Pages in the log when the writer was last held, or would have been.
    held_at: i64,
}

impl Plan {
    fn new(enough: i64) -> Self {
        Self { enough, held_at: 0 }
    }

    /// Moves what has come into the log.
    fn work(&mut self, connection: &Connection, n_new: &AtomicI64, health: &Health) {
        n_new.store(0, Ordering::Relaxed);
        let _alone = health.hold_log();
        let outcome = checkpoint(connection, Mode::Passive).and_then(|found| {
            if self.wants_restart(&found) {
                checkpoint(connection, Mode::Restart)?;
            }
            Ok(())
        });
        if let Err(error) = outcome {
            distrust(health, &error);
            if health.has_given_up() {
                // Whoever reads keeps the log from being begun anew, by any process, as long as this one runs.
                let _ = connection.execute_batch("begin; select count(*) from sqlite_master");
                tracing::error!(cause = %error, "the disk has refused a checkpoint: nothing is written until a new start");
                return;
            }
            tracing::warn!(cause = %error, "a checkpoint failed; the log keeps what it holds");
        }
    }

    /// Whether the log is so large that the writer has to wait for a moment.
    fn wants_restart(&mut self, found: &Found) -> bool {
        if found.in_log < self.held_at {
            self.held_at = 0;
        }
        if found.in_log - self.held_at < self.enough * TOO_MANY {
            return false;
        }
        self.held_at = found.in_log;
        // Held only when little is left to move: a moment, not the whole copy.
        let is_nearly_done = found.in_log - found.moved < self.enough;
        if !is_nearly_done {
            let (in_log, moved) = (found.in_log, found.moved);
            tracing::warn!(in_log, moved, "a slow reader keeps the log from being begun anew");
        }
        is_nearly_done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::connect::{SqliteOptions, connect};

    const MAX_PAGES: i64 = ENOUGH_PAGES * TOO_MANY;

    fn found(in_log: i64, moved: i64) -> Found {
        Found { in_log, moved }
    }

    #[test]
    fn a_log_that_is_too_large_holds_the_writer_once_and_only_for_the_rest() {
        let mut plan = Plan::new(ENOUGH_PAGES);

        assert!(!plan.wants_restart(&found(MAX_PAGES - 1, 0)));
        assert!(
            !plan.wants_restart(&found(MAX_PAGES, MAX_PAGES / 8)),
            "a reader holds the log: the writer is spared"
        );
        assert!(
            !plan.wants_restart(&found(MAX_PAGES + 1_000, MAX_PAGES)),
            "not at every turn"
        );
        assert!(plan.wants_restart(&found(2 * MAX_PAGES, 2 * MAX_PAGES - 10)));
        assert!(!plan.wants_restart(&found(1_000, 1_000)), "begun anew");
        assert!(
            plan.wants_restart(&found(MAX_PAGES, MAX_PAGES)),
            "and too large again"
        );
    }

    /// One connection, and nobody else reads: each checkpoint lets the log begin anew.
    #[test]
    fn the_log_stays_small_under_a_steady_load() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pli.db");
        let options = SqliteOptions::default();
        let mut writer = connect(&path, &options).unwrap();
        let own = connect(&path, &options).unwrap();
        let n_new = Arc::new(AtomicI64::new(0));
        let (wake, woken) = sync_channel(1);
        writer
            .wal_hook(Some(hook(Arc::clone(&n_new), wake, ENOUGH_PAGES)))
            .unwrap();
        writer.execute_batch("create table t (b blob)").unwrap();
        let mut plan = Plan::new(ENOUGH_PAGES);

        for _ in 0..2_400 {
            writer
                .execute("insert into t values (zeroblob(20000))", [])
                .unwrap();
            if woken.try_recv().is_ok() {
                plan.work(&own, &n_new, &Health::default());
            }
        }
        let log = std::fs::metadata(folder.path().join("pli.db-wal")).unwrap().len();
        // Each page behind a head of 24 bytes.
        let most = i64::try_from(log).unwrap() / (2_048 + 24);

        assert!(most < ENOUGH_PAGES + 100, "{most} pages at most");
    }
}
