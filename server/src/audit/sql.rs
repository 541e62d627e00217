//! The table `audit`.

use app::api::Timestamp;
use uuid::Uuid;

use super::chain::{Hash, Row};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::values;

/// Number and hash of the last row.
pub(super) fn find_last(tx: &mut Tx<'_>) -> Result<Option<(u64, Hash)>> {
    tx.find(
        "select number, hash from audit order by number desc limit 1",
        &[],
        |row| Ok((row.get(0)?, to_hash(row.get(1)?)?)),
    )
}

/// When the last row was written.
pub(crate) fn find_last_at(tx: &mut Tx<'_>) -> Result<Option<Timestamp>> {
    tx.find("select at from audit order by number desc limit 1", &[], |row| {
        row.get(0)
    })
}

/// The hash of a row.
pub(super) fn find_hash(tx: &mut Tx<'_>, number: u64) -> Result<Option<Hash>> {
    tx.find(
        "select hash from audit where number = $1",
        values![number],
        |row| to_hash(row.get(0)?),
    )
}

/// Whether this was ever done to this.
pub(super) fn has_row(tx: &mut Tx<'_>, act: &'static str, subject: Uuid) -> Result<bool> {
    let found = tx.find(
        "select 1 from audit where act = $1 and subject = $2 order by number limit 1",
        values![act, subject],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

pub(super) fn insert_row(tx: &mut Tx<'_>, row: &Row) -> Result<()> {
    tx.execute(
        "insert into audit (number, at, act, actor, subject, hash) values ($1, $2, $3, $4, $5, $6)",
        values![
            row.number,
            row.at,
            row.act.as_str(),
            row.actor,
            row.subject,
            row.hash.to_vec()
        ],
    )?;
    Ok(())
}

/// At most `limit` rows behind a number, in their order.
pub(super) fn list_after(tx: &mut Tx<'_>, after: i64, limit: u32) -> Result<Vec<Row>> {
    tx.list(
        "select number, at, act, actor, subject, hash from audit where number > $1 order by number limit $2",
        values![after, limit],
        |row| {
            Ok(Row {
                number: row.get(0)?,
                at: row.get(1)?,
                act: row.get(2)?,
                actor: row.get(3)?,
                subject: row.get(4)?,
                hash: to_hash(row.get(5)?)?,
            })
        },
    )
}

fn to_hash(bytes: Vec<u8>) -> Result<Hash> {
    bytes
        .try_into()
        .map_err(|_| Error::failed("reading the audit", "a hash is not 32 bytes long"))
}
