//! The store: one SQL text, whatever engine runs it.
//!
//! A rule hands [`Db::read`] or [`Db::write`] a closure over a [`Tx`]; it runs on a thread of the store, sees one
//! consistent state, and its writes are on disk when the call returns. Writers that arrive together share one commit,
//! each behind its own savepoint: a refusal undoes its own work alone.
//!
//! The store names no feature. What is pushed after a commit goes through [`Tx::ring`].

mod envelope;
mod migrate;
mod sqlite;
mod value;

use std::path::Path;
use std::sync::Arc;

use app::api::AccountId;

use crate::error::{Error, Result};

pub use envelope::Envelope;
pub use migrate::MIGRATIONS;
pub use sqlite::{MIN_SQLITE_VERSION, SqliteOptions, Synchronous};
pub use value::{Column, Row, Value};

/// Told after each commit which accounts have news.
pub type OnCommit = Arc<dyn Fn(&[AccountId]) + Send + Sync>;

/// The way to the data. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    engine: Arc<sqlite::Sqlite>,
}

impl Db {
    /// Opens the SQLite database at `path`, creating and migrating it as needed.
    ///
    /// # Errors
    /// `Failed` when the file cannot be used, or when the engine is older than [`MIN_SQLITE_VERSION`].
    pub fn open_sqlite(path: &Path, on_commit: OnCommit) -> Result<Self> {
        Self::open_sqlite_with(path, on_commit, &SqliteOptions::default())
    }

    /// Opens the SQLite database with other ways of writing: for proofs, which plant the loss that they must catch.
    ///
    /// # Errors
    /// As [`Db::open_sqlite`].
    pub fn open_sqlite_with(path: &Path, on_commit: OnCommit, options: &SqliteOptions) -> Result<Self> {
        Ok(Self {
            engine: Arc::new(sqlite::Sqlite::open(path, on_commit, options)?),
        })
    }

    /// Runs `work` on a consistent state, without writing.
    ///
    /// # Errors
    /// What `work` returns, or `Failed` when the store does not answer.
    pub async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = tokio::sync::oneshot::channel();
        self.engine.queue_read(Box::new(move |tx| {
            // The asker may have gone away; then nobody wants the answer.
            let _ = reply.send(work(tx));
        }))?;
        answer
            .await
            .map_err(|error| Error::failed("waiting for the store", error))?
    }

    /// Runs `work` and commits it: when this returns an answer, the answer's writes are on disk.
    ///
    /// # Errors
    /// What `work` returns (and then nothing of it is stored), or `Failed` when the commit did not succeed.
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = tokio::sync::oneshot::channel();
        self.engine.queue_write(Box::new(move |tx| {
            let outcome = work(tx);
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

/// Work that reads.
pub(crate) type ReadJob = Box<dyn FnOnce(&mut Tx<'_>) + Send>;
/// Told whether the group was committed.
pub(crate) type Settle = Box<dyn FnOnce(Result<()>) + Send>;
/// Work that writes: says whether to keep its writes, and what to do once the group is on disk.
pub(crate) type WriteJob = Box<dyn FnOnce(&mut Tx<'_>) -> (bool, Settle) + Send>;

/// An open transaction.
pub struct Tx<'c> {
    connection: &'c rusqlite::Connection,
    bells: Vec<AccountId>,
}

impl<'c> Tx<'c> {
    fn new(connection: &'c rusqlite::Connection) -> Self {
        Self {
            connection,
            bells: Vec::new(),
        }
    }

    /// Runs a statement; answers how many rows it touched.
    ///
    /// # Errors
    /// `Failed` when the engine refuses it.
    pub fn execute(&mut self, sql: &'static str, values: &[Value]) -> Result<usize> {
        let run = || bound(self.connection, sql, values)?.raw_execute();
        run().map_err(|error| failed(sql, error))
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    /// `Failed` when the engine refuses the query or a column is not of its type.
    pub fn find<T>(
        &mut self,
        sql: &'static str,
        values: &[Value],
        read: impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut statement = bound(self.connection, sql, values).map_err(|error| failed(sql, error))?;
        let mut rows = statement.raw_query();
        match rows.next().map_err(|error| failed(sql, error))? {
            Some(row) => read(&Row::new(row)).map(Some),
            None => Ok(None),
        }
    }

    /// All rows, in the query's order.
    ///
    /// # Errors
    /// `Failed` when the engine refuses the query or a column is not of its type.
    pub fn list<T>(
        &mut self,
        sql: &'static str,
        values: &[Value],
        read: impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut statement = bound(self.connection, sql, values).map_err(|error| failed(sql, error))?;
        let mut rows = statement.raw_query();
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(|error| failed(sql, error))? {
            found.push(read(&Row::new(row))?);
        }
        Ok(found)
    }

    /// Remembers that this account has news, told once the transaction is on disk.
    pub fn ring(&mut self, account: AccountId) {
        if !self.bells.contains(&account) {
            self.bells.push(account);
        }
    }
}

/// The names of a statement's places; none has more.
const PLACES: [&str; 16] = [
    "$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15", "$16",
];

/// A statement with its values: the first one wherever the text says `$1`. SQLite by itself takes these for mere names and
/// counts them by where they stand first.
fn bound<'c>(
    connection: &'c rusqlite::Connection,
    sql: &str,
    values: &[Value],
) -> rusqlite::Result<rusqlite::CachedStatement<'c>> {
    let mut statement = connection.prepare_cached(sql)?;
    let n_places = statement.parameter_count();
    if n_places != values.len() || n_places > PLACES.len() {
        return Err(rusqlite::Error::InvalidParameterCount(values.len(), n_places));
    }
    for (place, value) in PLACES.iter().zip(values) {
        let index = statement
            .parameter_index(place)?
            .ok_or_else(|| rusqlite::Error::InvalidParameterName((*place).to_owned()))?;
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(statement)
}

/// A failure of the engine. The statement's text is ours and holds no value, so it may be logged.
fn failed(sql: &str, error: rusqlite::Error) -> Error {
    let head = sql.split_whitespace().take(6).collect::<Vec<_>>().join(" ");
    Error::failed(format!("running `{head} …`"), error)
}

/// Makes the list of a statement's values: `values![id, now]`.
#[macro_export]
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::store::Value::from($value)),*] };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_goes_where_its_number_stands_and_none_is_left_over() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let mut tx = Tx::new(&connection);
        let read = |row: &Row<'_>| Ok((row.get::<u64>(0)?, row.get::<u64>(1)?, row.get::<u64>(2)?));

        let found = tx.find("select $2, $1, $2", values![7_u64, 8_u64], read);

        assert_eq!(found.unwrap(), Some((8, 7, 8)));
        assert!(tx.find("select $1", values![7_u64, 8_u64], |_| Ok(())).is_err());
        assert!(tx.find("select $3", values![7_u64], |_| Ok(())).is_err());
    }
}
