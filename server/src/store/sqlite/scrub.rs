//! Makes bytes that were destroyed leave the files.
//!
//! `secure_delete` writes zeros over what a statement deletes or moves, in the pages of the database; the log still holds
//! these pages as they were before. Moved into the database and cut to nothing, it holds them no longer.

use std::time::Duration;

use rusqlite::Connection;

use super::session::distrust;
use crate::error::{Error, Result};
use crate::store::engine::Health;

const DOING: &str = "overwriting what was destroyed";
/// How long to leave a log alone that somebody else is moving, before the next try.
const PAUSE: Duration = Duration::from_millis(20);
/// Tries after which whoever moves the log is taken to be stuck: ten seconds of pauses.
const MAX_TRIES: u32 = 500;

/// Moves the log into the database and cuts it to nothing; waits as long as the connection waits for others, and as long
/// for another process, or an earlier opening of this database, that is moving the log: SQLite refuses the second at once.
pub(super) fn truncate_log(connection: &Connection, health: &Health) -> Result<()> {
    truncate(connection, health, || std::thread::sleep(PAUSE))
}

/// Why the log is as long as before.
enum Held {
    /// Somebody else was moving it.
    Moving,
    /// Somebody reads what is in it.
    Reading,
}

fn truncate(connection: &Connection, health: &Health, mut pause: impl FnMut()) -> Result<()> {
    let _alone = health.hold_log();
    for _ in 0..MAX_TRIES {
        match try_truncate(connection, health)? {
            None => return Ok(()),
            Some(Held::Moving) => pause(),
            Some(Held::Reading) => {
                return Err(Error::failed(
                    DOING,
                    "somebody keeps reading the database: it is destroyed, and its traces leave the files once this is run again",
                ));
            }
        }
    }
    Err(Error::failed(
        DOING,
        "somebody keeps moving the log: it is destroyed, and its traces leave the files once this is run again",
    ))
}

fn try_truncate(connection: &Connection, health: &Health) -> Result<Option<Held>> {
    let (is_held, n_pages): (bool, i64) = connection
        .query_row("pragma wal_checkpoint(truncate)", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .map_err(|error| {
            distrust(health, &error);
            Error::failed(DOING, error)
        })?;
    // Whoever was not let near the log cannot say how long it is.
    Ok(is_held.then_some(if n_pages < 0 { Held::Moving } else { Held::Reading }))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::store::sqlite::connect::{SqliteOptions, connect};

    static IS_MOVING: AtomicBool = AtomicBool::new(false);

    /// Called when whoever moves the log has to wait for a reader.
    fn note_moving(_: i32) -> bool {
        IS_MOVING.store(true, Ordering::SeqCst);
        std::thread::yield_now();
        true
    }

    #[test]
    fn a_log_that_another_process_is_moving_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pli.db");
        let open = || connect(&path, &SqliteOptions::default()).unwrap();
        let (own, reader, mut other) = (open(), open(), open());
        own.execute_batch("create table t (n); insert into t values (1)")
            .unwrap();
        reader.execute_batch("begin; select * from t").unwrap();
        other.busy_handler(Some(note_moving)).unwrap();
        let mut moving = Some(std::thread::spawn(move || {
            other.execute_batch("pragma wal_checkpoint(truncate)")
        }));
        while !IS_MOVING.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }

        let mut n_pauses = 0;
        let outcome = truncate(&own, &Health::default(), || {
            n_pauses += 1;
            if let Some(moving) = moving.take() {
                reader.execute_batch("commit").unwrap();
                moving.join().unwrap().unwrap();
            }
        });

        assert!(outcome.is_ok());
        assert_eq!(n_pauses, 1, "the first try was refused");
        let log = std::fs::metadata(folder.path().join("pli.db-wal")).unwrap().len();
        assert_eq!(log, 0);
    }

    #[test]
    fn whoever_reads_is_waited_for_and_then_told_of() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pli.db");
        let open = || connect(&path, &SqliteOptions::default()).unwrap();
        let (own, reader) = (open(), open());
        own.execute_batch("create table t (n); insert into t values (1)")
            .unwrap();
        reader.execute_batch("begin; select * from t").unwrap();
        own.busy_timeout(Duration::ZERO).unwrap();

        let outcome = truncate(&own, &Health::default(), || unreachable!("nobody moves the log"));

        assert!(outcome.unwrap_err().chain().contains("somebody keeps reading"));
    }
}
