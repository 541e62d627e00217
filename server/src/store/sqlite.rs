//! The embedded engine: one writer thread that commits groups, a few reader threads, SQLite in WAL mode.
//!
//! `synchronous=FULL`: a commit returns when its bytes are on disk. Everything that waits while one commit runs
//! shares the next one, so durability costs one disk sync for a whole group, not for each message.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags};

use super::{OnCommit, ReadJob, Settle, Tx, WriteJob, migrate};
use crate::error::{Error, Result};

/// The oldest SQLite that may open a database: earlier ones can corrupt a WAL file when it is reset.
///
/// Source: SQLite release notes, 3.51.3.
pub const MIN_SQLITE_VERSION: i32 = 3_051_003;

/// Reader threads: enough that a long list does not delay a short one on two cores.
const N_READERS: usize = 3;
/// The most writes that share a commit, so that no one waits for an endless group.
const MAX_GROUP: usize = 512;

/// How SQLite writes. A server takes the default; only a proof that wants to see a loss asks for anything else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SqliteOptions {
    /// The name of the registered layer between SQLite and the files; none for that of the system.
    pub vfs: Option<String>,
    /// What a commit waits for.
    pub synchronous: Synchronous,
}

/// What a commit waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Synchronous {
    /// The bytes are on disk.
    #[default]
    Full,
    /// Nothing: a power cut takes back what was acknowledged.
    Normal,
}

/// The embedded engine.
pub(super) struct Sqlite {
    reads: Sender<ReadJob>,
    writes: Sender<WriteJob>,
}

impl Sqlite {
    /// Opens or creates the database file and starts the threads. They end when the last handle is gone.
    pub(super) fn open(path: &Path, on_commit: OnCommit, options: &SqliteOptions) -> Result<Self> {
        if rusqlite::version_number() < MIN_SQLITE_VERSION {
            return Err(Error::failed(
                "opening the database",
                "SQLite older than 3.51.3 can corrupt a database",
            ));
        }
        let mut writer = connect(path, options)?;
        let n_run = migrate::migrate(&mut writer)?;
        if n_run > 0 {
            tracing::info!(n_run, "migrated the database");
        }
        let (reads, read_jobs) = channel();
        let read_jobs = Arc::new(Mutex::new(read_jobs));
        for _ in 0..N_READERS {
            let reader = connect(path, options)?;
            let read_jobs = Arc::clone(&read_jobs);
            spawn("store-reader", move || read_loop(&reader, &read_jobs))?;
        }
        let (write_queue, jobs) = channel();
        spawn("store-writer", move || {
            write_loop(&writer, &jobs, &on_commit);
        })?;
        Ok(Self {
            reads,
            writes: write_queue,
        })
    }

    pub(super) fn queue_read(&self, job: ReadJob) -> Result<()> {
        self.reads
            .send(job)
            .map_err(|_| Error::failed("reading from the store", "it has stopped"))
    }

    pub(super) fn queue_write(&self, job: WriteJob) -> Result<()> {
        self.writes
            .send(job)
            .map_err(|_| Error::failed("writing to the store", "it has stopped"))
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<()> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map(|_| ())
        .map_err(|error| Error::failed("starting a thread of the store", error))
}

fn connect(path: &Path, options: &SqliteOptions) -> Result<Connection> {
    let synchronous = match options.synchronous {
        Synchronous::Full => "full",
        Synchronous::Normal => "normal",
    };
    let open = || -> rusqlite::Result<Connection> {
        let connection = match options.vfs.as_deref() {
            None => Connection::open(path)?,
            Some(vfs) => Connection::open_with_flags_and_vfs(path, OpenFlags::default(), vfs)?,
        };
        connection.set_prepared_statement_cache_capacity(128);
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", synchronous)?;
        connection.pragma_update(None, "foreign_keys", "on")?;
        connection.pragma_update(None, "temp_store", "memory")?;
        Ok(connection)
    };
    open().map_err(|error| Error::failed("opening the database", error))
}

fn read_loop(connection: &Connection, jobs: &Mutex<Receiver<ReadJob>>) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        // One snapshot for the whole job. Should `begin` fail, the job's first statement says why.
        let began = connection.execute_batch("begin").is_ok();
        if catch_unwind(AssertUnwindSafe(|| job(&mut Tx::new(connection)))).is_err() {
            tracing::error!("a read panicked; its caller was answered with a failure");
        }
        if began {
            let _ = connection.execute_batch("commit");
        }
    }
}

fn write_loop(connection: &Connection, jobs: &Receiver<WriteJob>, on_commit: &OnCommit) {
    while let Ok(first) = jobs.recv() {
        let mut group = vec![first];
        while group.len() < MAX_GROUP
            && let Ok(job) = jobs.try_recv()
        {
            group.push(job);
        }
        write_group(connection, group, on_commit);
    }
}

/// Runs a group of jobs in one transaction, each behind a savepoint, and settles them once the commit is known.
fn write_group(connection: &Connection, group: Vec<WriteJob>, on_commit: &OnCommit) {
    if let Err(error) = connection.execute_batch("begin immediate") {
        let reason = error.to_string();
        tracing::error!(%reason, "a group of writes could not begin");
        // Dropping the jobs drops their reply channels: each caller is answered with a failure.
        return;
    }
    let mut settled: Vec<Settle> = Vec::with_capacity(group.len());
    let mut bells = Vec::new();
    for job in group {
        let mut tx = Tx::new(connection);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            connection.execute_batch("savepoint job").ok()?;
            Some(job(&mut tx))
        }));
        let keep = match outcome {
            Ok(Some((keep, settle))) => {
                settled.push(settle);
                keep
            }
            Ok(None) => false,
            Err(_) => {
                tracing::error!("a write panicked; it was undone and its caller answered with a failure");
                false
            }
        };
        let end = if keep {
            "release job"
        } else {
            "rollback to job; release job"
        };
        if connection.execute_batch(end).is_err() {
            tracing::error!("a savepoint could not be ended");
        }
        if keep {
            bells.append(&mut tx.bells);
        }
    }
    match connection.execute_batch("commit") {
        Ok(()) => {
            // The bells first: when a caller has its answer, everybody concerned has been told.
            bells.sort_unstable();
            bells.dedup();
            on_commit(&bells);
            for settle in settled {
                settle(Ok(()));
            }
        }
        Err(error) => {
            let reason = error.to_string();
            tracing::error!(%reason, "a group of writes could not be committed");
            let _ = connection.execute_batch("rollback");
            for settle in settled {
                settle(Err(Error::failed("committing", reason.clone())));
            }
        }
    }
}
