//! A look at a database without changing it: for `pli doctor`, also while a server runs on it.

use std::path::Path;

use uuid::Uuid;

use super::engine::Session;
use super::keyring::KeyKeeper;
use super::{MIGRATIONS, PostgresUrl, Tx, keyring, postgres, sqlite};
use crate::error::Result;

/// A database that is being looked at.
pub struct Look {
    session: Box<dyn Session>,
    /// SQLite alone has its files beside us.
    has_files: bool,
}

/// How the database's form stands to what this version needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Steps that the next start does.
    pub n_missing: usize,
    /// Steps that this version does not know: a newer one has done them.
    pub unknown: Vec<String>,
}

/// How the keys that the database names stand to those that are held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// Named and held.
    pub n_held: usize,
    /// Named and not held: what they wrapped cannot be read.
    pub n_missing: usize,
}

impl Look {
    /// Opens the SQLite database at `path` for reading.
    ///
    /// # Errors
    /// `Failed` when there is none, or it cannot be read.
    pub fn at_sqlite(path: &Path) -> Result<Self> {
        Ok(Self {
            session: sqlite::open_to_look(path)?,
            has_files: true,
        })
    }

    /// Connects to a PostgreSQL database.
    ///
    /// # Errors
    /// `Failed` when it cannot be reached, or could lose what was acknowledged.
    pub fn at_postgres(url: &PostgresUrl) -> Result<Self> {
        Ok(Self {
            session: postgres::open_to_look(url)?,
            has_files: false,
        })
    }

    /// Reads in one state of the data.
    ///
    /// # Errors
    /// What `work` returns.
    pub fn read<T>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        self.session.begin_read()?;
        let outcome = work(&mut Tx::new(self.session.as_mut(), None));
        self.session.end_read();
        outcome
    }

    /// Which steps of the form were done; nothing done yet counts as all missing.
    ///
    /// # Errors
    /// `Failed` when it cannot be read, or was never Pli's.
    pub fn form(&mut self) -> Result<Form> {
        let done = self.read(|tx| tx.list("select name from migrations", &[], |row| row.get::<String>(0)))?;
        let is_known = |name: &String| MIGRATIONS.iter().any(|migration| migration.name == *name);
        let (known, unknown): (Vec<String>, Vec<String>) = done.into_iter().partition(is_known);
        Ok(Form {
            n_missing: MIGRATIONS.len() - known.len(),
            unknown,
        })
    }

    /// Holds the wrapping keys that the database names against those of the keeper.
    ///
    /// # Errors
    /// `Failed` when either cannot be read.
    pub fn keys(&mut self, keeper: &dyn KeyKeeper) -> Result<Keys> {
        let held: Vec<Uuid> = keeper.names()?;
        let named = self.read(keyring::list_names)?;
        let n_held = named.iter().filter(|name| held.contains(name)).count();
        Ok(Keys {
            n_held,
            n_missing: named.len() - n_held,
        })
    }

    /// What SQLite finds broken in the file, in its own words; of PostgreSQL nothing is asked.
    ///
    /// # Errors
    /// `Failed` when the file cannot be read at all.
    pub fn damage(&mut self) -> Result<Vec<String>> {
        if !self.has_files {
            return Ok(Vec::new());
        }
        let mut said = self.read(|tx| tx.list("pragma quick_check(20)", &[], |row| row.get::<String>(0)))?;
        said.retain(|line| line != "ok");
        Ok(said)
    }
}
