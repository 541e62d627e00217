//! What goes into a statement and comes out of a row, as both engines understand it.

use app::api::{
    AccountId, AttachmentId, ConversationId, DeviceId, MessageId, MessageKey, PasskeyId, ReportId, ReportKey,
    Timestamp, VaultId,
};
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

/// One field of a row as the engine holds it.
#[derive(Clone, Copy)]
pub enum Cell<'r> {
    /// Nothing.
    Null,
    /// A whole number.
    Int(i64),
    /// Text.
    Text(&'r str),
    /// Bytes.
    Bytes(&'r [u8]),
    /// Something that no statement of ours answers, by its type.
    Other(&'static str),
}

impl Cell<'_> {
    fn kind(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Int(_) => "integer",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::Other(kind) => kind,
        }
    }

    fn as_int(self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(number),
            _ => None,
        }
    }
}

/// How an engine gives out the fields of a row.
pub(super) trait Cells {
    /// The field at `index`; `None` when there is none.
    fn cell(&self, index: usize) -> Option<Cell<'_>>;
}

/// One row of an answer.
pub struct Row<'r> {
    cells: &'r dyn Cells,
}

impl<'r> Row<'r> {
    pub(super) fn new(cells: &'r dyn Cells) -> Self {
        Self { cells }
    }

    /// The column at `index`, counted from 0.
    ///
    /// # Errors
    /// `Failed` when it is not there or not of that type.
    pub fn get<T: Column>(&self, index: usize) -> Result<T> {
        let cell = self.cell(index)?;
        T::from_cell(cell).ok_or_else(|| wrong(index, format!("unexpected type {}", cell.kind())))
    }

    /// Checks that the query answers a column here, whatever is in it.
    pub(super) fn require_column(&self, index: usize) -> Result<()> {
        self.cell(index).map(drop)
    }

    fn cell(&self, index: usize) -> Result<Cell<'_>> {
        self.cells
            .cell(index)
            .ok_or_else(|| wrong(index, "there is none".to_owned()))
    }
}

fn wrong(index: usize, why: String) -> Error {
    Error::failed(format!("reading column {index}"), why)
}

/// A type that a column can be read as.
pub trait Column: Sized {
    /// The value, or `None` when it is of another type.
    fn from_cell(cell: Cell<'_>) -> Option<Self>;
}

impl Column for i64 {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        cell.as_int()
    }
}

impl Column for u64 {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        Self::try_from(cell.as_int()?).ok()
    }
}

impl Column for u32 {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        Self::try_from(cell.as_int()?).ok()
    }
}

impl Column for bool {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        Some(cell.as_int()? != 0)
    }
}

impl Column for String {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Text(text) => Some(text.to_owned()),
            _ => None,
        }
    }
}

impl Column for Vec<u8> {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Bytes(bytes) => Some(bytes.to_vec()),
            _ => None,
        }
    }
}

impl Column for Uuid {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Bytes(bytes) => Self::from_slice(bytes).ok(),
            _ => None,
        }
    }
}

impl Column for Timestamp {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        cell.as_int().map(Self)
    }
}

impl<T: Column> Column for Option<T> {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Null => Some(None),
            other => T::from_cell(other).map(Some),
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
            fn from_cell(cell: Cell<'_>) -> Option<Self> {
                Uuid::from_cell(cell).map(Self)
            }
        }
    )* };
}

id_column!(
    AccountId,
    AttachmentId,
    ConversationId,
    DeviceId,
    MessageId,
    MessageKey,
    PasskeyId,
    ReportId,
    ReportKey,
    VaultId
);
