//! Everything that is stored, read past the store: to prove that a refusal has left nothing behind.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};

/// The rows of each table, as text, in the order of their text. When a device was last seen does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    tables: BTreeMap<String, Vec<String>>,
}

impl Snapshot {
    /// Keeps the rows of each table.
    pub(super) fn new(tables: impl IntoIterator<Item = (String, Vec<String>)>) -> Self {
        let sorted = tables.into_iter().map(|(name, mut rows)| {
            rows.sort_unstable();
            (name, rows)
        });
        Self {
            tables: sorted.collect(),
        }
    }

    /// Reads the SQLite database at `path`.
    pub(super) fn of_sqlite(path: &Path) -> Self {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let names = list(
            &connection,
            "select name from sqlite_master where type = 'table'",
            |row| row.get(0),
        );
        Self::new(names.into_iter().map(|name: String| {
            let rows = rows_of(&connection, &name);
            (name, rows)
        }))
    }

    /// Each table as bytes: its rows, one after the other.
    pub(crate) fn into_bytes(self) -> Vec<(String, Vec<u8>)> {
        self.tables
            .into_iter()
            .map(|(name, rows)| (name, rows.join("\n").into_bytes()))
            .collect()
    }

    /// How many rows a table holds.
    pub(crate) fn n_rows(&self, table: &str) -> usize {
        self.tables[table].len()
    }

    /// Whether any row of a table holds this text.
    pub(crate) fn table_holds(&self, table: &str, text: &str) -> bool {
        self.tables[table].iter().any(|row| row.contains(text))
    }

    /// Whether any row of any table holds this text.
    pub(crate) fn holds(&self, text: &str) -> bool {
        self.tables.values().flatten().any(|row| row.contains(text))
    }
}

fn rows_of(connection: &Connection, table: &str) -> Vec<String> {
    let columns: Vec<String> = list(
        connection,
        &format!("select name from pragma_table_info('{table}')"),
        |row| row.get(0),
    );
    list(connection, &format!("select * from {table}"), |row| {
        let mut fields = Vec::new();
        for (index, column) in columns.iter().enumerate() {
            if column == "seen_at" {
                continue;
            }
            fields.push(match row.get::<_, Value>(index)? {
                // Words rest as bytes: both as text, to be found, and as they are, to be compared.
                Value::Blob(bytes) => format!("{column}={} {bytes:?}", String::from_utf8_lossy(&bytes)),
                other => format!("{column}={other:?}"),
            });
        }
        Ok(fields.join(";"))
    })
}

fn list<T>(
    connection: &Connection,
    sql: &str,
    read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Vec<T> {
    let mut statement = connection.prepare(sql).unwrap();
    statement
        .query_map([], read)
        .unwrap()
        .map(Result::unwrap)
        .collect()
}
