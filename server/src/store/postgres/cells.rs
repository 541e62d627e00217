//! Values on their way to PostgreSQL and back.

use std::error::Error as StdError;
use std::fmt;

use bytes::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::store::value::Cells;
use crate::store::{Cell, Value};

/// A value of a statement. It shows nothing of itself, because the driver would show it in its log.
pub(super) struct Parameter<'v>(pub(super) &'v Value);

impl fmt::Debug for Parameter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl ToSql for Parameter<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match (self.0, kind) {
            (Value::Null, _) => return Ok(IsNull::Yes),
            (Value::Int(number), &Type::INT8) => out.extend_from_slice(&number.to_be_bytes()),
            (Value::Int(number), &Type::INT4) => {
                out.extend_from_slice(&i32::try_from(*number)?.to_be_bytes());
            }
            (Value::Text(text), &Type::TEXT | &Type::VARCHAR) => {
                // PostgreSQL holds no NUL, and no text that the rules let through has one: who asks for it finds nothing.
                out.extend_from_slice(text.replace('\0', "\u{fffd}").as_bytes());
            }
            (Value::Bytes(bytes), &Type::BYTEA) => out.extend_from_slice(bytes),
            _ => return Err(format!("a value does not fit into `{kind}`").into()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A field of a row.
struct Field<'r>(Cell<'r>);

impl<'r> FromSql<'r> for Field<'r> {
    fn from_sql(kind: &Type, raw: &'r [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(match *kind {
            Type::INT8 => Cell::Int(i64::from_be_bytes(raw.try_into()?)),
            Type::INT4 => Cell::Int(i64::from(i32::from_be_bytes(raw.try_into()?))),
            Type::TEXT | Type::VARCHAR => Cell::Text(std::str::from_utf8(raw)?),
            Type::BYTEA => Cell::Bytes(raw),
            _ => Cell::Other("that no statement answers"),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(Cell::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

impl Cells for tokio_postgres::Row {
    fn cell(&self, index: usize) -> Option<Cell<'_>> {
        self.try_get::<_, Field<'_>>(index).ok().map(|field| field.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(value: &Value, kind: &Type) -> Option<Vec<u8>> {
        let mut out = BytesMut::new();
        Parameter(value).to_sql(kind, &mut out).ok().map(|_| out.to_vec())
    }

    #[test]
    fn a_value_comes_back_as_it_was_sent() {
        let number = sent(&Value::Int(-7), &Type::INT8).unwrap();
        let text = sent(&Value::Text("é".to_owned()), &Type::TEXT).unwrap();
        let bytes = sent(&Value::Bytes(vec![0, 255]), &Type::BYTEA).unwrap();

        assert!(matches!(
            Field::from_sql(&Type::INT8, &number).unwrap().0,
            Cell::Int(-7)
        ));
        assert!(matches!(
            Field::from_sql(&Type::TEXT, &text).unwrap().0,
            Cell::Text("é")
        ));
        assert!(matches!(
            Field::from_sql(&Type::BYTEA, &bytes).unwrap().0,
            Cell::Bytes([0, 255])
        ));
        assert!(matches!(Field::from_sql_null(&Type::TEXT).unwrap().0, Cell::Null));
    }

    #[test]
    fn a_value_of_another_type_is_refused_and_never_shown() {
        let words = Value::Text("des mots".to_owned());

        assert_eq!(sent(&words, &Type::BYTEA), None);
        assert_eq!(sent(&Value::Int(1 << 40), &Type::INT4), None);
        assert_eq!(format!("{:?}", Parameter(&words)), "…");
    }
}
