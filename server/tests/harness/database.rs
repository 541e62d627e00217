//! The database of one test: a file of its own, or a PostgreSQL database of its own when `PLI_TEST_POSTGRES` names a server
//! (`postgres://postgres@/postgres?host=/tmp/sockets`). The same tests run on both.

use std::path::PathBuf;
use std::sync::Arc;

use server::store::{Db, OnCommit, OnGap, PostgresUrl, Unlock};

use super::cluster;
use super::snapshot::Snapshot;

/// A database that nobody else uses, gone with its test.
pub(crate) struct TestDatabase {
    folder: tempfile::TempDir,
    postgres: Option<cluster::Lent>,
}

impl TestDatabase {
    /// One that a Pli may have used before; nothing is in it.
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            postgres: cluster::is_wanted().then(cluster::lend),
        }
    }

    /// A file, whatever engine the other tests run on.
    pub(crate) fn of_sqlite() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            postgres: None,
        }
    }

    /// One without a table.
    pub(crate) fn without_tables() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            postgres: cluster::is_wanted().then(cluster::lend_new),
        }
    }

    /// Opens it as a server does.
    pub(crate) fn open(&self, on_commit: OnCommit) -> Db {
        self.try_open(on_commit)
            .unwrap_or_else(|error| panic!("{}", error.chain()))
    }

    /// Opens it as a server does, or not.
    pub(crate) fn try_open(&self, on_commit: OnCommit) -> server::error::Result<Db> {
        self.open_with(&super::unlock(), on_commit)
    }

    /// Opens it with another wrapping key, or not.
    pub(crate) fn open_with(&self, unlock: &Unlock, on_commit: OnCommit) -> server::error::Result<Db> {
        match self.url() {
            None => Db::open_sqlite(&self.file(), unlock, on_commit),
            Some(url) => {
                let url = PostgresUrl::parse(&url).unwrap();
                Db::open_postgres(&url, unlock, on_commit, Arc::new(|| ()))
            }
        }
    }

    /// Opens it as a server does beside which other processes write.
    pub(crate) fn open_beside_others(&self, on_commit: OnCommit, on_others: OnGap) -> Db {
        let unlock = super::unlock();
        let opened = match self.url() {
            None => Db::open_sqlite_beside_others(&self.file(), &unlock, on_commit, on_others),
            Some(url) => {
                let url = PostgresUrl::parse(&url).unwrap();
                Db::open_postgres(&url, &unlock, on_commit, on_others)
            }
        };
        opened.unwrap_or_else(|error| panic!("{}", error.chain()))
    }

    /// Everything that is stored.
    pub(crate) fn snapshot(&self) -> Snapshot {
        match &self.postgres {
            None => Snapshot::of_sqlite(&self.file()),
            Some(lent) => Snapshot::new(lent.tables()),
        }
    }

    /// The bytes of everything that is stored: each file of the data folder, or each table; and each object.
    pub(crate) fn bytes(&self) -> Vec<(String, Vec<u8>)> {
        let mut objects = Vec::new();
        read_below(&self.folder().join("files"), &mut objects);
        if self.postgres.is_some() {
            objects.extend(self.snapshot().into_bytes());
            return objects;
        }
        objects.extend(self.files());
        objects
    }

    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let files = std::fs::read_dir(self.folder()).unwrap().map(Result::unwrap);
        files
            .filter(|file| file.path().is_file())
            .map(|file| {
                let name = file.file_name().into_string().unwrap();
                (name, std::fs::read(file.path()).unwrap())
            })
            .collect()
    }

    /// A folder that is gone with the test.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The file, when it is SQLite.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("pli.db")
    }

    /// Its address, when it is PostgreSQL.
    pub(crate) fn url(&self) -> Option<String> {
        self.postgres.as_ref().map(cluster::Lent::url)
    }

    /// The PostgreSQL database, when it is one.
    pub(crate) fn postgres(&self) -> Option<&cluster::Lent> {
        self.postgres.as_ref()
    }
}

/// The files below a folder, at whatever depth.
fn read_below(folder: &std::path::Path, found: &mut Vec<(String, Vec<u8>)>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            read_below(&path, found);
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
}
