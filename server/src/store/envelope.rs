//! The opaque envelope in which words rest: message bodies, notes, drafts, secrets.
//!
//! The rules of order and delivery never look inside. What seals and opens one is [`super::keyring`]; suites come beside
//! each other, record by record, without a change of tables.

use uuid::Uuid;

use super::keyring::suite;
use super::{Row, Value};
use crate::error::Result;

/// Words as they rest: which suite sealed them, under which key, and the bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    suite: i64,
    key_ref: Option<Uuid>,
    nonce: Option<Vec<u8>>,
    bytes: Vec<u8>,
}

impl Envelope {
    /// How many columns an envelope takes in a table: suite, key reference, nonce, bytes, in this order.
    pub const COLUMNS: usize = 4;

    /// Sealed bytes.
    pub(super) fn sealed(key: Uuid, nonce: Vec<u8>, bytes: Vec<u8>) -> Self {
        Self {
            suite: suite::SEALED,
            key_ref: Some(key),
            nonce: Some(nonce),
            bytes,
        }
    }

    /// Bytes in the clear.
    pub(super) fn plain(bytes: &[u8]) -> Self {
        Self {
            suite: suite::PLAIN,
            key_ref: None,
            nonce: None,
            bytes: bytes.to_vec(),
        }
    }

    /// Whether nothing is left in it, as after an erasure.
    pub fn is_emptied(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) fn suite(&self) -> i64 {
        self.suite
    }

    /// The key that sealed it.
    pub(super) fn key_ref(&self) -> Option<Uuid> {
        self.key_ref
    }

    pub(super) fn nonce(&self) -> Option<&[u8]> {
        self.nonce.as_deref()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its four columns, for a statement.
    pub fn into_columns(self) -> [Value; Self::COLUMNS] {
        [
            self.suite.into(),
            self.key_ref.into(),
            self.nonce.into(),
            self.bytes.into(),
        ]
    }

    /// Four empty columns.
    pub fn no_columns() -> [Value; Self::COLUMNS] {
        [Value::Null, Value::Null, Value::Null, Value::Null]
    }

    /// Reads the four columns that start at `first`; `None` when they are empty. Half empty ones, or such of another type,
    /// are an envelope that opens as damaged, so that what stands around it is read all the same.
    ///
    /// # Errors
    /// `Failed` when the query has no such columns.
    pub fn from_row(row: &Row<'_>, first: usize) -> Result<Option<Self>> {
        row.require_column(first + Self::COLUMNS - 1)?;
        Ok(Self::read(row, first).unwrap_or(Some(Self {
            suite: suite::NONE,
            key_ref: None,
            nonce: None,
            bytes: Vec::new(),
        })))
    }

    fn read(row: &Row<'_>, first: usize) -> Result<Option<Self>> {
        let Some(suite) = row.get::<Option<i64>>(first)? else {
            return Ok(None);
        };
        Ok(Some(Self {
            suite,
            key_ref: row.get(first + 1)?,
            nonce: row.get(first + 2)?,
            bytes: row.get(first + 3)?,
        }))
    }
}
