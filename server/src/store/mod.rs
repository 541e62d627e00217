//! The store: one SQL text, whatever engine runs it.
//!
//! A rule hands [`Db::read`] or [`Db::write`] a closure over a [`Tx`]; it runs on a thread of the store, sees one
//! consistent state, and its writes are on disk when the call returns. Writers that arrive together share one commit,
//! each behind its own savepoint: a refusal undoes its own work alone. No two writers are at work at the same time, in
//! whatever process: what a rule has read still holds when it writes.
//!
//! Words rest sealed: [`Tx::seal`] and [`Tx::open`] are the one place through which they pass (`keyring`).
//!
//! The store names no feature, except where it seals what earlier versions left in the clear (`keyring/plain.rs`). What is pushed after a commit goes through [`Tx::ring`].

mod asked;
mod engine;
mod envelope;
mod keyring;
mod look;
mod migrate;
mod postgres;
mod sqlite;
mod value;
mod watch;

use std::path::Path;
use std::sync::Arc;

use app::api::AccountId;

use crate::error::{Error, Result};
use asked::Count;
use engine::{Queues, Session};

pub use asked::Asked;
pub use envelope::Envelope;
pub(crate) use keyring::create_private_folder;
pub use keyring::{
    AtRest, Content, FileKeeper, FileKind, Key, KeyKeeper, Keyring, LentKey, MemoryKeeper, Owner, Place,
    Unlock, WrappedKey, find_or_make_key, rotate,
};
pub use look::{Form, Keys, Look};
pub use migrate::{MIGRATIONS, Migration};
pub use postgres::{OnGap, PostgresUrl, UrlError};
pub use sqlite::{MIN_SQLITE_VERSION, SqliteOptions, Synchronous};
pub use value::{Cell, Column, Row, Value};

/// Told after each commit which accounts have news.
pub type OnCommit = Arc<dyn Fn(&[AccountId]) + Send + Sync>;

/// The way to the data. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    queues: Arc<Queues>,
    asked: Arc<Count>,
}

impl Db {
    /// Opens the SQLite database at `path`, creating and migrating it as needed.
    ///
    /// # Errors
    /// `Failed` when the file cannot be used, when the engine is older than [`MIN_SQLITE_VERSION`], when an
    /// acknowledgement would not mean "on disk", or when the wrapping key is not there.
    pub fn open_sqlite(path: &Path, unlock: &Unlock, on_commit: OnCommit) -> Result<Self> {
        Self::open_sqlite_with(path, unlock, on_commit, &SqliteOptions::default())
    }

    /// Opens the SQLite database with other ways of writing: for proofs, which plant the loss that they must catch.
    ///
    /// # Errors
    /// As [`Db::open_sqlite`].
    pub fn open_sqlite_with(
        path: &Path,
        unlock: &Unlock,
        on_commit: OnCommit,
        options: &SqliteOptions,
    ) -> Result<Self> {
        let queues = sqlite::open(path, unlock, on_commit, None, options)?;
        Ok(Self::over(queues))
    }

    /// Opens the SQLite database of a server, beside which commands may write: `on_others` is called within a second when
    /// another process has written.
    ///
    /// # Errors
    /// As [`Db::open_sqlite`].
    pub fn open_sqlite_beside_others(
        path: &Path,
        unlock: &Unlock,
        on_commit: OnCommit,
        on_others: OnGap,
    ) -> Result<Self> {
        let options = SqliteOptions::default();
        let queues = sqlite::open(path, unlock, on_commit, Some(on_others), &options)?;
        Ok(Self::over(queues))
    }

    /// Opens a PostgreSQL database, migrating it as needed.
    ///
    /// `on_gap` is called when news of other processes may have been missed.
    ///
    /// # Errors
    /// `Failed` when the server cannot be reached, is too old, would acknowledge before the bytes are on disk, or when the
    /// wrapping key is not there.
    pub fn open_postgres(
        url: &PostgresUrl,
        unlock: &Unlock,
        on_commit: OnCommit,
        on_gap: OnGap,
    ) -> Result<Self> {
        let queues = postgres::open(url, unlock, on_commit, on_gap)?;
        Ok(Self::over(queues))
    }

    fn over(queues: Queues) -> Self {
        Self {
            queues: Arc::new(queues),
            asked: Arc::default(),
        }
    }

    /// Checks that the store answers, and that what it was last given to write is on disk. After a write that was not, it
    /// tries one of its own, which changes nothing: a server whose disk has room again is found ready, although nobody
    /// may have written to it meanwhile.
    ///
    /// # Errors
    /// As [`Db::read`] and [`Db::write`].
    pub async fn require_ready(&self) -> Result<()> {
        self.read(|tx| tx.find("select 1", &[], |row| row.get::<i64>(0)))
            .await?;
        if self.queues.health.has_failed() {
            self.write(|tx| tx.execute("update migrations set name = name", &[]))
                .await?;
        }
        Ok(())
    }

    /// Runs `work` on a consistent state, without writing.
    ///
    /// # Errors
    /// What `work` returns, `Busy` when the database cannot be used at this moment, or `Failed` when the store does not
    /// answer.
    pub async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = tokio::sync::oneshot::channel();
        let count = Arc::clone(&self.asked);
        self.queues.queue_read(Box::new(move |tx| {
            let outcome = tx.and_then(|tx| {
                let outcome = work(tx);
                count.add(tx.asked);
                outcome
            });
            // The asker may have gone away; then nobody wants the answer.
            let _ = reply.send(outcome);
        }))?;
        answer
            .await
            .map_err(|error| Error::failed("waiting for the store", error))?
    }

    /// Runs `work` and commits it: when this returns an answer, the answer's writes are on disk.
    ///
    /// # Errors
    /// What `work` returns, or `Busy` when the database cannot be used at this moment: then nothing of it is stored.
    /// `Failed` when the commit did not succeed or nobody knows whether it did.
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = tokio::sync::oneshot::channel();
        let count = Arc::clone(&self.asked);
        self.queues.queue_write(Box::new(move |tx| {
            let outcome = tx.and_then(|tx| {
                let outcome = work(tx);
                count.add(tx.asked);
                outcome
            });
            let keep = outcome.is_ok();
            let settle = Box::new(move |committed: Result<()>| {
                let _ = reply.send(committed.and(outcome));
            });
            (keep, settle)
        }))?;
        answer
            .await
            .map_err(|error| Error::failed("waiting for the store", error))?
    }

    /// Makes bytes that were destroyed leave the files: what is left of them in logs and free places is overwritten.
    ///
    /// # Errors
    /// `Failed` when somebody was in the way for too long; then it may be tried again.
    pub async fn scrub(&self) -> Result<()> {
        let queues = Arc::clone(&self.queues);
        tokio::task::spawn_blocking(move || (queues.scrub)())
            .await
            .map_err(|error| Error::failed("overwriting what was destroyed", error))?
    }

    /// What words are sealed with.
    pub fn keyring(&self) -> &Keyring {
        &self.queues.keyring
    }

    /// What was asked of it since it was opened, by transactions whose caller has an answer.
    pub fn asked(&self) -> Asked {
        self.asked.read()
    }
}

/// An open transaction.
pub struct Tx<'c> {
    session: &'c mut dyn Session,
    keyring: Option<Arc<Keyring>>,
    bells: Vec<AccountId>,
    asked: Asked,
}

impl<'c> Tx<'c> {
    fn new(session: &'c mut dyn Session, keyring: Option<Arc<Keyring>>) -> Self {
        Self {
            session,
            keyring,
            bells: Vec::new(),
            asked: Asked::default(),
        }
    }

    fn into_bells(self) -> Vec<AccountId> {
        self.bells
    }

    /// Runs a statement; answers how many rows it touched.
    ///
    /// # Errors
    /// `Failed` when the engine refuses it, `Busy` when the engine has gone away.
    pub fn execute(&mut self, sql: &'static str, values: &[Value]) -> Result<usize> {
        self.asked.n_statements += 1;
        self.session.execute(sql, values)
    }

    /// Runs a statement that only a failure can refuse, and whose outcome decides nothing. An engine behind a line sends it
    /// with the next one, so it costs no waiting; if it fails, so does what comes after it, or the commit.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn put(&mut self, sql: &'static str, values: &[Value]) -> Result<()> {
        self.asked.n_statements += 1;
        self.session.put(sql, values)
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    /// As [`Tx::execute`], and `Failed` when a column is not of its type.
    pub fn find<T>(
        &mut self,
        sql: &'static str,
        values: &[Value],
        read: impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        self.asked.n_statements += 1;
        let mut found = None;
        self.session.query(sql, values, &mut |row| {
            found = Some(read(row)?);
            Ok(false)
        })?;
        self.asked.n_rows += u64::from(found.is_some());
        Ok(found)
    }

    /// All rows, in the query's order.
    ///
    /// # Errors
    /// As [`Tx::find`].
    pub fn list<T>(
        &mut self,
        sql: &'static str,
        values: &[Value],
        read: impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.asked.n_statements += 1;
        let mut found = Vec::new();
        self.session.query(sql, values, &mut |row| {
            found.push(read(row)?);
            Ok(true)
        })?;
        self.asked.n_rows += found.len() as u64;
        Ok(found)
    }

    /// Remembers that this account has news, told once the transaction is on disk.
    pub fn ring(&mut self, account: AccountId) {
        if !self.bells.contains(&account) {
            self.bells.push(account);
        }
    }
}

/// Makes the list of a statement's values: `values![id, now]`.
#[macro_export]
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::store::Value::from($value)),*] };
}
