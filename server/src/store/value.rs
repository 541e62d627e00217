//! What goes into a statement and comes out of a row, as both engines understand it.

use app::api::{AccountId, ConversationId, DeviceId, MessageId, MessageKey, Timestamp};
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use uuid::Uuid;

use crate::error::{Error, Result};

/// One value of a statement.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A number, a time, or a bool as 0 or 1.
    Int(i64),
    /// Text.
    Text(String),
    /// An id or other bytes.
    Bytes(Vec<u8>),
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

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Int(i64::from(number))
    }
}

impl From<u64> for Value {
    /// Beyond 2^63 − 1 it stays there: no position or cursor gets that far.
    fn from(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Int(i64::from(flag))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<Timestamp> for Value {
    fn from(moment: Timestamp) -> Self {
        Self::Int(moment.0)
    }
}

impl From<Uuid> for Value {
    fn from(id: Uuid) -> Self {
        Self::Bytes(id.as_bytes().to_vec())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One row of an answer.
pub struct Row<'r> {
    row: &'r rusqlite::Row<'r>,
}

impl<'r> Row<'r> {
    pub(super) fn new(row: &'r rusqlite::Row<'r>) -> Self {
        Self { row }
    }

    /// The column at `index`, counted from 0.
    ///
    /// # Errors
    /// `Failed` when it is not there or not of that type.
    pub fn get<T: Column>(&self, index: usize) -> Result<T> {
        let value = self
            .row
            .get_ref(index)
            .map_err(|error| Error::failed(format!("reading column {index}"), error))?;
        T::from_value(value).ok_or_else(|| {
            Error::failed(
                format!("reading column {index}"),
                format!("unexpected type {}", value.data_type()),
            )
        })
    }
}

/// A type that a column can be read as.
pub trait Column: Sized {
    /// The value, or `None` when it is of another type.
    fn from_value(value: ValueRef<'_>) -> Option<Self>;
}

impl Column for i64 {
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        value.as_i64().ok()
    }
}

impl Column for u64 {
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        Self::try_from(value.as_i64().ok()?).ok()
    }
}

impl Column for u32 {
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        Self::try_from(value.as_i64().ok()?).ok()
    }
}

impl Column for bool {
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        Some(value.as_i64().ok()? != 0)
    }
}

impl Column for String {
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        value.as_str().ok().map(ToOwned::to_owned)
    }
}

impl Column for Vec<u8> {
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        value.as_blob().ok().map(<[u8]>::to_vec)
    }
}

impl Column for Uuid {
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        Self::from_slice(value.as_blob().ok()?).ok()
    }
}

impl Column for Timestamp {
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        value.as_i64().ok().map(Self)
    }
}

impl<T: Column> Column for Option<T> {
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Null => Some(None),
            other => T::from_value(other).map(Some),
        }
    }
}

macro_rules! id_column {
    ($($id:ident),*) => { $(
        impl From<$id> for Value {
            fn from(id: $id) -> Self {
                id.0.into()
            }
        }
        impl Column for $id {
            fn from_value(value: ValueRef<'_>) -> Option<Self> {
                Uuid::from_value(value).map(Self)
            }
        }
    )* };
}

id_column!(AccountId, ConversationId, DeviceId, MessageId, MessageKey);
