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
//! - [`ahead`]: what is sent without waiting.
//! - [`cells`]: values on the wire.
//! - [`bells`]: news of other processes.

mod ahead;
mod bells;
mod cells;
mod durability;
mod link;
mod session;
mod url;

use std::sync::Arc;
use std::sync::atomic::AtomicI32;
use std::sync::mpsc::{channel, sync_channel};

use tokio::sync::watch;

use super::OnCommit;
use super::engine::{Health, Queues, Session, read_loop, read_queue, spawn, write_loop};
use super::keyring::{self, Keyring, Unlock};
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
pub(super) fn open(url: &PostgresUrl, unlock: &Unlock, on_commit: OnCommit, on_gap: OnGap) -> Result<Queues> {
    // The driver waits on a runtime of its own, which no thread of another runtime may do: so each thread makes its own.
    let writer_pid = Arc::new(AtomicI32::new(0));
    let (alive, until_gone) = watch::channel(());
    let (started, is_started) = sync_channel(1);
    let (write_queue, write_jobs) = channel();
    let health = Arc::new(Health::default());
    let writer = Writer {
        url: url.clone(),
        health: Arc::clone(&health),
        unlock: unlock.clone(),
        pid: Arc::clone(&writer_pid),
        on_commit: Arc::clone(&on_commit),
        _alive: alive,
    };
    spawn("store-writer", move || match writer.start() {
        Err(error) => {
            let _ = started.send(Err(error));
        }
        Ok((mut session, keyring)) => {
            let _ = started.send(Ok(Arc::clone(&keyring)));
            write_loop(
                &mut session,
                &write_jobs,
                &writer.on_commit,
                &writer.health,
                &keyring,
                MAX_GROUP,
                None,
            );
        }
    })?;
    let keyring = is_started
        .recv()
        .map_err(|error| Error::failed("opening the database", error))??;
    bells::start(url.clone(), writer_pid, until_gone, on_commit, on_gap)?;
    // One at a time: a statement that PostgreSQL refuses would spoil the reads that come after it.
    let (queue, waiting) = read_queue(N_READERS, 1);
    for _ in 0..N_READERS {
        let (url, waiting, keyring) = (url.clone(), waiting.clone(), Arc::clone(&keyring));
        spawn("store-reader", move || match Link::new(url) {
            Ok(link) => read_loop(&mut PostgresSession::new(link), &waiting, &keyring),
            Err(error) => tracing::error!(cause = %error.chain(), "a reader could not start"),
        })?;
    }
    let url = url.clone();
    Ok(Queues {
        reads: queue,
        writes: write_queue,
        health,
        scrub: Box::new(move || scrub(&url)),
        keyring,
    })
}

/// Connects to look at the database: nothing is made and nothing changed.
pub(super) fn open_to_look(url: &PostgresUrl) -> Result<Box<dyn Session>> {
    let mut session = PostgresSession::new(Link::new(url.clone())?);
    session.connect()?;
    Ok(Box::new(session))
}

/// Writes the keyring anew: what was destroyed is in its file no longer. The server's own log holds it until it has been
/// used again; how long that is kept is the server's affair.
fn scrub(url: &PostgresUrl) -> Result<()> {
    let mut session = PostgresSession::new(Link::new(url.clone())?);
    session.connect()?;
    session.batch("vacuum full keyring")
}

/// What the writer's thread holds.
struct Writer {
    url: PostgresUrl,
    unlock: Unlock,
    pid: Arc<AtomicI32>,
    on_commit: OnCommit,
    health: Arc<Health>,
    /// Gone when the thread ends: then the listener ends too.
    _alive: watch::Sender<()>,
}

impl Writer {
    fn start(&self) -> Result<(PostgresSession, Arc<Keyring>)> {
        let link = Link::new(self.url.clone())?.telling(Arc::clone(&self.pid));
        let mut session = PostgresSession::new(link);
        session.connect()?;
        let n_run = migrate(&mut session, |migration| migration.postgres)?;
        if n_run > 0 {
            tracing::info!(n_run, "migrated the database");
        }
        let keyring = keyring::unlock(&mut session, &self.unlock)?;
        keyring::seal_what_is_plain(&mut session, &keyring)?;
        Ok((session, keyring))
    }
}
