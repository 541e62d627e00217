//! The embedded engine: one writer thread that commits groups, a few reader threads, SQLite in WAL mode.
//!
//! `synchronous=FULL`: a commit returns when its bytes are on disk. Everything that waits while one commit runs
//! shares the next one, so durability costs one disk sync for a whole group, not for each message.
//!
//! - [`mod@connect`]: a connection, and the refusal to use one that could lose what was acknowledged.
//! - [`session`]: how a connection runs statements.
//! - [`mod@checkpoint`]: moves what was committed from the log into the database, beside the writer.
//! - [`scrub`]: what makes destroyed bytes leave the files.
//! - [`mounts`]: which folders lie on another machine.

mod checkpoint;
mod connect;
mod mounts;
mod scrub;
mod session;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;

use super::engine::{Health, Queues, Session, read_loop, read_queue, spawn, write_loop};
use super::keyring::{self, Unlock};
use super::migrate::migrate;
use super::{OnCommit, OnGap};
use crate::error::{Error, Result};
use connect::{connect, connect_to_look, refuse_network, widen_cache};
use session::SqliteSession;

pub use connect::{SqliteOptions, Synchronous};

/// The oldest SQLite that may open a database: earlier ones can corrupt a WAL file when it is reset.
///
/// Source: SQLite release notes, 3.51.3; assurance REL-20.
pub const MIN_SQLITE_VERSION: i32 = 3_051_003;

/// Reader threads: enough that a long list does not delay a short one on two cores.
const N_READERS: usize = 3;
/// The most reads that share a state of the data: a short one waits for no more than so many others.
const MAX_READS: usize = 16;
/// The most writes that share a commit, so that no one waits for an endless group.
const MAX_GROUP: usize = 512;

/// Opens or creates the database file and starts the threads. They end when the last handle is gone.
pub(super) fn open(
    path: &Path,
    unlock: &Unlock,
    on_commit: OnCommit,
    on_others: Option<OnGap>,
    options: &SqliteOptions,
) -> Result<Queues> {
    refuse_old(rusqlite::version_number())?;
    refuse_network(path)?;
    let mut connection = connect(path, options)?;
    widen_cache(&connection)?;
    let health = Arc::new(Health::default());
    checkpoint::start(
        &mut connection,
        connect(path, options)?,
        Arc::clone(&health),
        options.checkpoint_pages,
    )?;
    let mut writer = SqliteSession::new(connection, Arc::clone(&health));
    let n_run = migrate(&mut writer, |migration| migration.sqlite)?;
    if n_run > 0 {
        tracing::info!(n_run, "migrated the database");
    }
    let keyring = keyring::unlock(&mut writer, unlock)?;
    keyring::seal_what_is_plain(&mut writer, &keyring)?;
    // The first look: whatever another process writes from here on is seen by the next one.
    writer.others_have_written();
    let (reads, waiting) = read_queue(N_READERS, MAX_READS);
    for _ in 0..N_READERS {
        let mut reader = SqliteSession::new(connect(path, options)?, Arc::clone(&health));
        let (waiting, keyring) = (waiting.clone(), Arc::clone(&keyring));
        spawn("store-reader", move || read_loop(&mut reader, &waiting, &keyring))?;
    }
    let (write_queue, write_jobs) = channel();
    let (noted, of_writer) = (Arc::clone(&health), Arc::clone(&keyring));
    spawn("store-writer", move || {
        write_loop(
            &mut writer,
            &write_jobs,
            &on_commit,
            &noted,
            &of_writer,
            MAX_GROUP,
            on_others.as_ref(),
        );
    })?;
    let (path, options, scrubbed) = (path.to_owned(), options.clone(), Arc::clone(&health));
    Ok(Queues {
        reads,
        writes: write_queue,
        health,
        scrub: Box::new(move || {
            SqliteSession::new(connect(&path, &options)?, Arc::clone(&scrubbed)).truncate_log()
        }),
        keyring,
    })
}

/// Opens the database file to look at it: nothing is made and nothing changed.
pub(super) fn open_to_look(path: &Path) -> Result<Box<dyn Session>> {
    refuse_network(path)?;
    let session = SqliteSession::new(connect_to_look(path)?, Arc::default());
    Ok(Box::new(session))
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
