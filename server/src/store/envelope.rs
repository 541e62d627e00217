//! The opaque envelope in which words rest: message bodies, notes, drafts.
//!
//! The store and the rules of order and delivery never look inside. Suite 0 is plain text; suites with keys come
//! beside it, record by record, without a change of tables.

use uuid::Uuid;

use super::{Row, Value};
use crate::error::{Error, Result};

/// Words as they rest: which suite sealed them, under which key, and the bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    suite: i64,
    key_ref: Option<Uuid>,
    nonce: Option<Vec<u8>>,
    bytes: Vec<u8>,
}

/// Suite 0: plain UTF-8.
const PLAIN: i64 = 0;

impl Envelope {
    /// How many columns an envelope takes in a table: suite, key reference, nonce, bytes, in this order.
    pub const COLUMNS: usize = 4;

    /// Puts words into an envelope.
    pub fn seal(text: &str) -> Self {
        Self {
            suite: PLAIN,
            key_ref: None,
            nonce: None,
            bytes: text.as_bytes().to_vec(),
        }
    }

    /// Takes the words out.
    ///
    /// # Errors
    /// `Failed` when the suite is unknown to this version or the bytes are damaged.
    pub fn open(&self) -> Result<String> {
        if self.suite != PLAIN {
            return Err(Error::failed(
                "opening an envelope",
                format!("unknown suite {}", self.suite),
            ));
        }
        String::from_utf8(self.bytes.clone())
            .map_err(|_| Error::failed("opening an envelope", "its bytes are not text"))
    }

    /// Its four columns, for a statement.
    pub fn columns(&self) -> [Value; Self::COLUMNS] {
        [
            self.suite.into(),
            self.key_ref.into(),
            self.nonce.clone().into(),
            self.bytes.clone().into(),
        ]
    }

    /// Four empty columns.
    pub fn no_columns() -> [Value; Self::COLUMNS] {
        [Value::Null, Value::Null, Value::Null, Value::Null]
    }

    /// Reads the four columns that start at `first`; `None` when they are empty.
    ///
    /// # Errors
    /// `Failed` when a column is not of its type.
    pub fn from_row(row: &Row<'_>, first: usize) -> Result<Option<Self>> {
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
