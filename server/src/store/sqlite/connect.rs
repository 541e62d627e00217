//! A connection to the database file, with what durability needs, read back from SQLite itself.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::mounts;
use crate::error::{Error, Result};

/// How SQLite writes. A server takes the default; only a proof that wants to see a loss asks for anything else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SqliteOptions {
    /// The name of the registered layer between SQLite and the files; none for that of the system.
    pub vfs: Option<String>,
    /// What a commit waits for.
    pub synchronous: Synchronous,
    /// Pages in the log that are worth a checkpoint; none for the server's own measure. A proof that wants to see many
    /// checkpoints in a short record asks for few.
    pub checkpoint_pages: Option<i64>,
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

impl Synchronous {
    /// As `pragma synchronous` says it.
    const fn number(self) -> i64 {
        match self {
            Self::Normal => 1,
            Self::Full => 2,
        }
    }
}

/// How long one writer waits for another process that writes.
const WAIT_FOR_WRITER: Duration = Duration::from_secs(10);
/// Statements that stay prepared on a connection; more than the rules have.
const N_PREPARED: usize = 128;

/// The size of a new database's pages. A message lands on three pages of its own (its conversation's end, and that of each
/// log), so what a commit writes is pages, not rows: these halve it, and neither reading nor the processor is worse off.
///
/// Source: `docs/performance.md`; 17 kB written per message instead of 24, and 14 with pages of 1 kB, which are slower.
const PAGE_BYTES: i64 = 2_048;
/// What the writer may keep of the database, in kilobytes. The ends of all conversations and logs that are being written
/// fit; with SQLite's own 2 MB a larger group reads them again, and writes some of them twice.
const WRITER_CACHE_KB: i64 = 16 * 1024;

const DOING: &str = "opening the database";

/// Opens the file and checks that a commit will mean what it should.
pub(super) fn connect(path: &Path, options: &SqliteOptions) -> Result<Connection> {
    let failed = |error: rusqlite::Error| Error::failed(DOING, error);
    let connection = match options.vfs.as_deref() {
        None => Connection::open(path),
        Some(vfs) => Connection::open_with_flags_and_vfs(path, OpenFlags::default(), vfs),
    };
    let connection = connection.map_err(failed)?;
    let found = set_up(&connection, options.synchronous).map_err(failed)?;
    found.check(options.synchronous)?;
    Ok(connection)
}

/// Opens a file that is there, to read it.
pub(super) fn connect_to_look(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags).map_err(|error| Error::failed(DOING, error))
}

/// Lets the writer keep what it works on. Readers need no more than the usual: what they keep is worth nothing once
/// anybody has written.
pub(super) fn widen_cache(writer: &Connection) -> Result<()> {
    writer
        .pragma_update(None, "cache_size", -WRITER_CACHE_KB)
        .map_err(|error| Error::failed(DOING, error))
}

/// What SQLite says it will do.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    journal_mode: String,
    synchronous: i64,
    mmap_size: i64,
}

impl Found {
    /// Refuses what could lose a commit that was acknowledged.
    fn check(&self, wanted: Synchronous) -> Result<()> {
        if self.journal_mode != "wal" {
            return Err(Error::failed(
                DOING,
                format!(
                    "`journal_mode` is `{}` instead of `wal`: the file system does not let processes share memory",
                    self.journal_mode
                ),
            ));
        }
        if self.synchronous != wanted.number() {
            return Err(Error::failed(
                DOING,
                format!(
                    "`synchronous` is {} instead of {}: a power cut could take back what was acknowledged",
                    self.synchronous,
                    wanted.number()
                ),
            ));
        }
        if self.mmap_size != 0 {
            return Err(Error::failed(
                DOING,
                "`mmap_size` is not 0: an error of the disk would end the program",
            ));
        }
        Ok(())
    }
}

/// Runs to its end: the mode is answered first and written into the file after that, where a disk may refuse it.
fn set_wal(connection: &Connection) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("pragma journal_mode = wal")?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

fn set_up(connection: &Connection, synchronous: Synchronous) -> rusqlite::Result<Found> {
    connection.set_prepared_statement_cache_capacity(N_PREPARED);
    connection.busy_timeout(WAIT_FOR_WRITER)?;
    // A plan is for a statement, not for its values: without this, one that compares a column with a value is prepared
    // anew each time that it runs.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // Before the first table there is; a file that has pages already keeps their size.
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    set_wal(connection)?;
    connection.pragma_update(None, "synchronous", synchronous.number())?;
    connection.pragma_update(None, "foreign_keys", "on")?;
    connection.pragma_update(None, "temp_store", "memory")?;
    // What is deleted is overwritten: a key that was destroyed is in no free page.
    connection.pragma_update_and_check(None, "secure_delete", "on", |_| Ok(()))?;
    // Checkpoints have a connection of their own.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    Ok(Found {
        journal_mode: connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?,
        synchronous: connection.pragma_query_value(None, "synchronous", |row| row.get(0))?,
        // A layer that cannot map files answers no row.
        mmap_size: connection
            .pragma_query_value(None, "mmap_size", |row| row.get(0))
            .optional()?
            .unwrap_or(0),
    })
}

/// Refuses a file that lies on another machine: WAL needs memory that all processes share, and locks that hold.
///
/// Source: SQLite, "Write-Ahead Logging", disadvantages; assurance REL-20.
pub(super) fn refuse_network(path: &Path) -> Result<()> {
    let Ok(mounts) = std::fs::read_to_string("/proc/self/mountinfo") else {
        // Nothing is known on such a system.
        return Ok(());
    };
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let Ok(folder) = folder.canonicalize() else {
        // Opening the file will say why.
        return Ok(());
    };
    // The file itself may be a link to elsewhere.
    let file = path.canonicalize();
    for place in std::iter::once(folder).chain(file) {
        if let Some(kind) = mounts::network_file_system(&mounts, &place) {
            return Err(Error::failed(
                DOING,
                format!(
                    "`{}` lies on a network file system (`{kind}`), where SQLite can lose or damage data: use a local \
                     disk, or PostgreSQL",
                    place.display()
                ),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    fn found(journal_mode: &str, synchronous: i64, mmap_size: i64) -> Found {
        Found {
            journal_mode: journal_mode.to_owned(),
            synchronous,
            mmap_size,
        }
    }

    /// Assurance REL-20.
    #[test]
    fn a_connection_that_could_lose_a_commit_is_refused() {
        let check = |found: Found| found.check(Synchronous::Full).map_err(|error| error.chain());

        assert_eq!(check(found("wal", 2, 0)), Ok(()));
        for (weak, reason) in [
            (found("delete", 2, 0), "`journal_mode` is `delete`"),
            (found("wal", 1, 0), "`synchronous` is 1 instead of 2"),
            (found("wal", 0, 0), "`synchronous` is 0 instead of 2"),
            (found("wal", 2, 1 << 20), "`mmap_size`"),
        ] {
            let refusal = check(weak).unwrap_err();
            assert!(refusal.contains(reason), "{refusal}");
        }
    }

    /// Assurance REL-20: what is checked is what SQLite says, not what it was asked for.
    #[test]
    fn a_database_without_a_log_is_refused() {
        let refusal = connect(Path::new(":memory:"), &SqliteOptions::default());

        assert!(
            refusal.is_err_and(|error| error.chain().contains("`journal_mode` is `memory`")),
            "memory cannot be written ahead"
        );
    }

    /// Assurance REL-20.
    #[test]
    fn every_connection_is_found_to_wait_for_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pli.db");
        let full = connect(&path, &SqliteOptions::default()).unwrap();
        let planted = SqliteOptions {
            synchronous: Synchronous::Normal,
            ..SqliteOptions::default()
        };
        let normal = connect(&path, &planted).unwrap();
        let synchronous = |connection: &Connection| -> i64 {
            connection
                .pragma_query_value(None, "synchronous", |row| row.get(0))
                .unwrap()
        };

        assert_eq!(synchronous(&full), 2);
        assert_eq!(synchronous(&normal), 1, "the proof's planted bug");
    }

    /// With statistics for ranges compiled in, SQLite else plans each statement that compares a column with a value anew.
    #[test]
    fn a_statement_is_prepared_once_for_all_its_values() {
        let folder = tempfile::tempdir().unwrap();
        let connection = connect(&folder.path().join("pli.db"), &SqliteOptions::default()).unwrap();
        connection
            .execute_batch("create table t (a integer, b integer, primary key (a, b)) without rowid")
            .unwrap();
        let mut statement = connection
            .prepare("select b from t where a = $1 and b > $2 order by b limit $3")
            .unwrap();

        for value in 0..10_i64 {
            let found: Vec<i64> = statement
                .query_map((value, value, 1_i64), |row| row.get(0))
                .unwrap()
                .map(|number| number.unwrap())
                .collect();
            assert_eq!(found, [0; 0]);
        }

        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }

    #[test]
    fn a_new_database_has_small_pages_and_an_older_one_keeps_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let (new, old) = (folder.path().join("new.db"), folder.path().join("old.db"));
        let before = Connection::open(&old).unwrap();
        before
            .execute_batch("pragma page_size = 4096; create table t (a)")
            .unwrap();
        drop(before);

        let page_bytes = |path: &Path| -> i64 {
            let connection = connect(path, &SqliteOptions::default()).unwrap();
            connection.execute_batch("create table u (a)").unwrap();
            connection
                .pragma_query_value(None, "page_size", |row| row.get(0))
                .unwrap()
        };

        assert_eq!((page_bytes(&new), page_bytes(&old)), (PAGE_BYTES, 4_096));
    }
}
