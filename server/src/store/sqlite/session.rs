//! How a connection to SQLite runs statements.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use app::api::AccountId;
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ErrorCode};

use super::scrub;
use crate::error::{Error, Result};
use crate::store::engine::{Health, Session, failed, unavailable};
use crate::store::value::Cells;
use crate::store::{Cell, Row, Value};

/// A connection, used by one thread.
pub(super) struct SqliteSession {
    connection: Connection,
    /// What SQLite counts up when another connection has committed; none before the first look.
    others_version: Option<i64>,
    health: Arc<Health>,
    /// The last commit found no room on the disk: nothing is tried until there is some again. A small write might still fit
    /// where a larger one has failed, and would make a server look sound that takes no message.
    is_full: bool,
}

/// The room that a disk must have before it is written to again.
const ENOUGH_ROOM: usize = 1024 * 1024;

impl SqliteSession {
    /// The connections to one database share its health.
    pub(super) fn new(connection: Connection, health: Arc<Health>) -> Self {
        Self {
            connection,
            others_version: None,
            health,
            is_full: false,
        }
    }

    /// # Errors
    /// `Failed` after the disk has refused something that it was to keep.
    fn require_trust(&self) -> Result<()> {
        if self.health.has_given_up() {
            return Err(Error::failed(
                "writing to the store",
                "the disk has refused what it was to keep: start again once it is in order",
            ));
        }
        Ok(())
    }

    /// Runs one statement of the engine's own; kept prepared, because each group and each job needs the same few.
    fn run(&self, sql: &'static str) -> Result<()> {
        let run = || self.connection.prepare_cached(sql)?.raw_execute();
        run()
            .map(drop)
            .map_err(|error| Error::failed(format!("running `{sql}`"), error))
    }
}

impl SqliteSession {
    /// Makes what was destroyed leave the log.
    ///
    /// # Errors
    /// `Failed` when somebody keeps reading, or after the disk has refused something.
    pub(super) fn truncate_log(&self) -> Result<()> {
        self.require_trust()?;
        scrub::truncate_log(&self.connection, &self.health)
    }

    /// Whether a file of some size fits beside the database.
    fn has_room(&self) -> bool {
        let Some(path) = self.connection.path() else {
            return true;
        };
        let scratch = Path::new(path).with_extension("room");
        let written = File::create(&scratch).and_then(|mut file| {
            file.write_all(&vec![0; ENOUGH_ROOM])?;
            file.sync_all()
        });
        let _ = std::fs::remove_file(&scratch);
        written.is_ok()
    }
}

impl Session for SqliteSession {
    fn begin_read(&mut self) -> Result<()> {
        self.run("begin")
    }

    fn end_read(&mut self) {
        let _ = self.run("commit");
    }

    fn begin_write(&mut self) -> Result<()> {
        self.require_trust()?;
        if self.is_full && !self.has_room() {
            return Err(unavailable());
        }
        self.run("begin immediate")
    }

    fn begin_job(&mut self) -> Result<()> {
        self.run("savepoint job")
    }

    fn keep_job(&mut self) -> Result<()> {
        self.run("release job")
    }

    fn undo_job(&mut self) -> Result<()> {
        self.run("rollback to job")?;
        self.run("release job")
    }

    fn commit(&mut self, _bells: &[AccountId]) -> Result<()> {
        let commit = || self.connection.prepare_cached("commit")?.raw_execute();
        let Err(error) = commit() else {
            self.is_full = false;
            return Ok(());
        };
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => {
                tracing::error!("the disk is full: nothing can be stored until there is room again");
                self.is_full = true;
                return Err(unavailable());
            }
            _ => distrust(&self.health, &error),
        }
        Err(Error::failed("running `commit`", error))
    }

    /// Other connections of this process never commit anything, so what changed was written by another one.
    fn others_have_written(&mut self) -> bool {
        let version = self
            .connection
            .prepare_cached("pragma data_version")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)));
        match version {
            Ok(version) => self
                .others_version
                .replace(version)
                .is_some_and(|earlier| earlier != version),
            Err(error) => {
                tracing::warn!(cause = %error, "could not look for other writers");
                false
            }
        }
    }

    fn rollback(&mut self) {
        let _ = self.connection.execute_batch("rollback");
    }

    fn execute(&mut self, sql: &'static str, values: &[Value]) -> Result<usize> {
        let run = || bound(&self.connection, sql, values)?.raw_execute();
        run().map_err(|error| failed(sql, error))
    }

    fn query(
        &mut self,
        sql: &'static str,
        values: &[Value],
        each: &mut dyn FnMut(&Row<'_>) -> Result<bool>,
    ) -> Result<()> {
        let mut statement = bound(&self.connection, sql, values).map_err(|error| failed(sql, error))?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(|error| failed(sql, error))? {
            if !each(&Row::new(row))? {
                break;
            }
        }
        Ok(())
    }

    fn batch(&mut self, sql: &str) -> Result<()> {
        self.connection
            .execute_batch(sql)
            .map_err(|error| Error::failed("running statements", error))
    }

    fn rewrite(&mut self) -> Result<()> {
        self.require_trust()?;
        // A copy of the whole database would not fit into memory.
        self.connection
            .execute_batch("pragma temp_store = file; vacuum; pragma temp_store = memory")
            .map_err(|error| {
                distrust(&self.health, &error);
                Error::failed("writing the files anew", error)
            })?;
        self.truncate_log()
    }
}

impl Drop for SqliteSession {
    fn drop(&mut self) {
        if self.health.has_given_up() {
            leave_log(&self.connection);
        }
    }
}

/// Gives up after an error of the disk.
pub(super) fn distrust(health: &Health, error: &rusqlite::Error) {
    if error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure) {
        health.give_up();
    }
}

/// Whoever closes a database last would move its log into it and remove the log. What a broken disk has lost of the database
/// is in the log alone: the next start needs it.
pub(super) fn leave_log(connection: &Connection) {
    let _ = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl Cells for rusqlite::Row<'_> {
    fn cell(&self, index: usize) -> Option<Cell<'_>> {
        Some(match self.get_ref(index).ok()? {
            ValueRef::Null => Cell::Null,
            ValueRef::Integer(number) => Cell::Int(number),
            ValueRef::Real(_) => Cell::Other("real"),
            ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Cell::Text(text),
                Err(_) => Cell::Other("damaged text"),
            },
            ValueRef::Blob(bytes) => Cell::Bytes(bytes),
        })
    }
}

/// The names of a statement's places; none has more.
const PLACES: [&str; 16] = [
    "$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15", "$16",
];

/// A statement with its values: the first one wherever the text says `$1`. SQLite by itself takes these for mere names and
/// counts them by where they stand first.
fn bound<'c>(
    connection: &'c Connection,
    sql: &str,
    values: &[Value],
) -> rusqlite::Result<CachedStatement<'c>> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Tx;
    use crate::values;

    #[test]
    fn a_value_goes_where_its_number_stands_and_none_is_left_over() {
        let mut session = SqliteSession::new(Connection::open_in_memory().unwrap(), Arc::default());
        let mut tx = Tx::new(&mut session, None);
        let read = |row: &Row<'_>| Ok((row.get::<u64>(0)?, row.get::<u64>(1)?, row.get::<u64>(2)?));

        let found = tx.find("select $2, $1, $2", values![7_u64, 8_u64], read);

        assert_eq!(found.unwrap(), Some((8, 7, 8)));
        assert!(tx.find("select $1", values![7_u64, 8_u64], |_| Ok(())).is_err());
        assert!(tx.find("select $3", values![7_u64], |_| Ok(())).is_err());
    }
}
