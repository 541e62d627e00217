//! PostgreSQL, for what one machine's file no longer holds: the same rules, the same SQL text, the same promises.
//!
//! One writer thread commits groups over one connection, as on SQLite; a few reader threads have a connection each. Other
//! processes may write to the same database: a group begins by taking a lock that ends with its transaction, so that
//! groups of all processes come one after the other, and what a rule has read still holds when it writes.
//!
//! - [`url`]: where the database is, and which places are refused.
//! - [`durability`]: the refusal to use a server that could lose what was acknowledged.
//! - [`link`]: one connection, kept or made anew.
//! - [`session`]: how a connection runs statements.
//! - [`cells`]: values on the wire.
//! - [`bells`]: news of other processes.

mod bells;
mod cells;
mod durability;
mod link;
mod session;
mod url;

use std::sync::atomic::AtomicI32;
use std::sync::mpsc::{Receiver, channel, sync_channel};
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use super::OnCommit;
use super::engine::{Queues, WriteJob, read_loop, spawn, write_loop};
use super::migrate::migrate;
use crate::error::{Error, Result};
use link::Link;
use session::PostgresSession;

pub use bells::OnGap;
pub use url::{PostgresUrl, UrlError};

/// Reader threads: enough that a long list does not delay a short one on two cores.
const N_READERS: usize = 3;
/// The most writes that share a commit. A transaction with more than 64 savepoints makes every reader's snapshot dearer.
///
/// Source: PostgreSQL, `PGPROC_MAX_CACHED_SUBXIDS`.
const MAX_GROUP: usize = 60;

/// Connects, migrates and starts the threads. They end when the last handle is gone.
pub(super) fn open(url: &PostgresUrl, on_commit: OnCommit, on_gap: OnGap) -> Result<Queues> {
    // The driver waits on a runtime of its own, which no thread of another runtime may do: so each thread makes its own.
    let writer_pid = Arc::new(AtomicI32::new(0));
    let (alive, until_gone) = watch::channel(());
    let (ready, is_ready) = sync_channel(1);
    let (write_queue, write_jobs) = channel();
    let writer = Writer {
        url: url.clone(),
        pid: Arc::clone(&writer_pid),
        on_commit: Arc::clone(&on_commit),
        _alive: alive,
    };
    spawn("store-writer", move || match writer.start() {
        Err(error) => {
            let _ = ready.send(Err(error));
        }
        Ok(mut session) => {
            let _ = ready.send(Ok(()));
            writer.run(&mut session, &write_jobs);
        }
    })?;
    is_ready
        .recv()
        .map_err(|error| Error::failed("opening the database", error))??;
    bells::start(url.clone(), writer_pid, until_gone, on_commit, on_gap)?;
    let (read_queue, read_jobs) = channel();
    let read_jobs = Arc::new(Mutex::new(read_jobs));
    for _ in 0..N_READERS {
        let (url, read_jobs) = (url.clone(), Arc::clone(&read_jobs));
        spawn("store-reader", move || match Link::new(url) {
            Ok(link) => read_loop(&mut PostgresSession::new(link), &read_jobs),
            Err(error) => tracing::error!(cause = %error.chain(), "a reader could not start"),
        })?;
    }
    Ok(Queues {
        reads: read_queue,
        writes: write_queue,
    })
}

/// What the writer's thread holds.
struct Writer {
    url: PostgresUrl,
    pid: Arc<AtomicI32>,
    on_commit: OnCommit,
    /// Gone when the thread ends: then the listener ends too.
    _alive: watch::Sender<()>,
}

impl Writer {
    fn start(&self) -> Result<PostgresSession> {
        let link = Link::new(self.url.clone())?.telling(Arc::clone(&self.pid));
        let mut session = PostgresSession::new(link);
        session.connect()?;
        let n_run = migrate(&mut session, |migration| migration.postgres)?;
        if n_run > 0 {
            tracing::info!(n_run, "migrated the database");
        }
        Ok(session)
    }

    fn run(&self, session: &mut PostgresSession, jobs: &Receiver<WriteJob>) {
        write_loop(session, jobs, &self.on_commit, MAX_GROUP, None);
    }
}
