//! The store: one SQL text, whatever engine runs it.
//!
//! A rule hands [`Db::read`] or [`Db::write`] a closure over a [`Tx`]; it runs on a thread of the store, sees one
//! consistent state, and its writes are on disk when the call returns. Writers that arrive together share one commit,
//! each behind its own savepoint: a refusal undoes its own work alone. No two writers are at work at the same time, in
//! whatever process: what a rule has read still holds when it writes.
//!
//! The store names no feature. What is pushed after a commit goes through [`Tx::ring`].

mod engine;
mod envelope;
mod migrate;
mod postgres;
mod sqlite;
mod value;

use std::path::Path;
use std::sync::Arc;

use app::api::AccountId;

use crate::error::{Error, Result};
use engine::{Queues, Session};

pub use envelope::Envelope;
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
}

impl Db {
    /// Opens the SQLite database at `path`, creating and migrating it as needed.
    ///
    /// # Errors
    /// `Failed` when the file cannot be used, when the engine is older than [`MIN_SQLITE_VERSION`], or when an
    /// acknowledgement would not mean "on disk".
    pub fn open_sqlite(path: &Path, on_commit: OnCommit) -> Result<Self> {
        Self::open_sqlite_with(path, on_commit, &SqliteOptions::default())
    }

    /// Opens the SQLite database with other ways of writing: for proofs, which plant the loss that they must catch.
    ///
    /// # Errors
    /// As [`Db::open_sqlite`].
    pub fn open_sqlite_with(path: &Path, on_commit: OnCommit, options: &SqliteOptions) -> Result<Self> {
        let queues = Arc::new(sqlite::open(path, on_commit, None, options)?);
        Ok(Self { queues })
    }

    /// Opens the SQLite database of a server, beside which commands may write: `on_others` is called within a second when
    /// another process has written.
    ///
    /// # Errors
    /// As [`Db::open_sqlite`].
    pub fn open_sqlite_beside_others(path: &Path, on_commit: OnCommit, on_others: OnGap) -> Result<Self> {
        let options = SqliteOptions::default();
        let queues = Arc::new(sqlite::open(path, on_commit, Some(on_others), &options)?);
        Ok(Self { queues })
    }

    /// Opens a PostgreSQL database, migrating it as needed.
    ///
    /// `on_gap` is called when news of other processes may have been missed.
    ///
    /// # Errors
    /// `Failed` when the server cannot be reached, is too old, or would acknowledge before the bytes are on disk.
    pub fn open_postgres(url: &PostgresUrl, on_commit: OnCommit, on_gap: OnGap) -> Result<Self> {
        let queues = Arc::new(postgres::open(url, on_commit, on_gap)?);
        Ok(Self { queues })
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
        self.queues.queue_read(Box::new(move |tx| {
            // The asker may have gone away; then nobody wants the answer.
            let _ = reply.send(tx.and_then(work));
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
        self.queues.queue_write(Box::new(move |tx| {
            let outcome = tx.and_then(work);
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
}

/// An open transaction.
pub struct Tx<'c> {
    session: &'c mut dyn Session,
    bells: Vec<AccountId>,
}

impl<'c> Tx<'c> {
    fn new(session: &'c mut dyn Session) -> Self {
        Self {
            session,
            bells: Vec::new(),
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
        self.session.execute(sql, values)
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
        let mut found = None;
        self.session.query(sql, values, &mut |row| {
            found = Some(read(row)?);
            Ok(false)
        })?;
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
        let mut found = Vec::new();
        self.session.query(sql, values, &mut |row| {
            found.push(read(row)?);
            Ok(true)
        })?;
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
