//! The embedded engine: one writer thread that commits groups, a few reader threads, SQLite in WAL mode.
//!
//! `synchronous=FULL`: a commit returns when its bytes are on disk. Everything that waits while one commit runs
//! shares the next one, so durability costs one disk sync for a whole group, not for each message.
//!
//! - [`mod@connect`]: a connection, and the refusal to use one that could lose what was acknowledged.
//! - [`session`]: how a connection runs statements.
//! - [`mod@checkpoint`]: moves what was committed from the log into the database, beside the writer.
//! - [`mounts`]: which folders lie on another machine.

mod checkpoint;
mod connect;
mod mounts;
mod session;

use std::path::Path;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use super::engine::{Queues, read_loop, spawn, write_loop};
use super::migrate::migrate;
use super::{OnCommit, OnGap};
use crate::error::{Error, Result};
use connect::{connect, refuse_network};
use session::SqliteSession;

pub use connect::{SqliteOptions, Synchronous};

/// The oldest SQLite that may open a database: earlier ones can corrupt a WAL file when it is reset.
///
/// Source: SQLite release notes, 3.51.3; assurance REL-20.
pub const MIN_SQLITE_VERSION: i32 = 3_051_003;

/// Reader threads: enough that a long list does not delay a short one on two cores.
const N_READERS: usize = 3;
/// The most writes that share a commit, so that no one waits for an endless group.
const MAX_GROUP: usize = 512;

/// Opens or creates the database file and starts the threads. They end when the last handle is gone.
pub(super) fn open(
    path: &Path,
    on_commit: OnCommit,
    on_others: Option<OnGap>,
    options: &SqliteOptions,
) -> Result<Queues> {
    refuse_old(rusqlite::version_number())?;
    refuse_network(path)?;
    let mut connection = connect(path, options)?;
    checkpoint::start(&mut connection, connect(path, options)?)?;
    let mut writer = SqliteSession::new(connection);
    let n_run = migrate(&mut writer, |migration| migration.sqlite)?;
    if n_run > 0 {
        tracing::info!(n_run, "migrated the database");
    }
    let (read_queue, read_jobs) = channel();
    let read_jobs = Arc::new(Mutex::new(read_jobs));
    for _ in 0..N_READERS {
        let mut reader = SqliteSession::new(connect(path, options)?);
        let read_jobs = Arc::clone(&read_jobs);
        spawn("store-reader", move || read_loop(&mut reader, &read_jobs))?;
    }
    let (write_queue, write_jobs) = channel();
    spawn("store-writer", move || {
        write_loop(
            &mut writer,
            &write_jobs,
            &on_commit,
            MAX_GROUP,
            on_others.as_ref(),
        );
    })?;
    Ok(Queues {
        reads: read_queue,
        writes: write_queue,
    })
}

fn refuse_old(version: i32) -> Result<()> {
    if version < MIN_SQLITE_VERSION {
        return Err(Error::failed(
            "opening the database",
            "SQLite older than 3.51.3 can corrupt a database",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Assurance REL-20.
    #[test]
    fn an_sqlite_that_can_corrupt_its_log_is_refused() {
        assert!(refuse_old(3_051_002).is_err());
        assert!(refuse_old(3_051_003).is_ok());
        assert!(
            refuse_old(rusqlite::version_number()).is_ok(),
            "the one inside this program"
        );
    }
}
