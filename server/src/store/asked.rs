//! What rules ask of the store, counted: two refusals that ask the same and are given as much are the same work, and the time
//! that one of them takes does not tell what it kept back.

use std::sync::atomic::{AtomicU64, Ordering};

/// How much was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Statements.
    pub n_statements: u64,
    /// Rows that queries gave.
    pub n_rows: u64,
}

impl Asked {
    /// What was asked after an earlier count.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            n_statements: self.n_statements - earlier.n_statements,
            n_rows: self.n_rows - earlier.n_rows,
        }
    }
}

/// The count of a store, from all its threads.
#[derive(Debug, Default)]
pub(super) struct Count {
    n_statements: AtomicU64,
    n_rows: AtomicU64,
}

impl Count {
    /// Adds what one transaction has asked.
    pub(super) fn add(&self, asked: Asked) {
        self.n_statements.fetch_add(asked.n_statements, Ordering::Relaxed);
        self.n_rows.fetch_add(asked.n_rows, Ordering::Relaxed);
    }

    /// The count so far.
    pub(super) fn read(&self) -> Asked {
        Asked {
            n_statements: self.n_statements.load(Ordering::Relaxed),
            n_rows: self.n_rows.load(Ordering::Relaxed),
        }
    }
}
