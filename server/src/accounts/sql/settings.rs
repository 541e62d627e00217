//! `instance_settings`: what holds for the whole instance.

use crate::error::{Error, Result};
use crate::store::Tx;
use crate::values;

fn find(tx: &mut Tx<'_>, name: &str) -> Result<Option<String>> {
    tx.find(
        "select value from instance_settings where name = $1",
        values![name],
        |row| row.get(0),
    )
}

pub(in crate::accounts) fn find_pepper(tx: &mut Tx<'_>) -> Result<Option<String>> {
    find(tx, "pepper")
}

/// Remembers which pepper the database is filled with, unless one is known; answers the known one.
pub(in crate::accounts) fn record_pepper(tx: &mut Tx<'_>, id: &str) -> Result<String> {
    tx.execute(
        "insert into instance_settings (name, value)
         values ('pepper', $1)
         on conflict (name) do nothing",
        values![id],
    )?;
    find_pepper(tx)?.ok_or_else(|| Error::failed("remembering the pepper", "the engine kept no row"))
}

pub(in crate::accounts) fn is_factor_required(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(find(tx, "second_factor")?.as_deref() == Some("on"))
}

pub(in crate::accounts) fn put_factor_required(tx: &mut Tx<'_>, is_required: bool) -> Result<()> {
    put(tx, "second_factor", is_required)
}

pub(in crate::accounts) fn is_unfiled_guarded(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(find(tx, "unfiled_guard")?.as_deref() != Some("off"))
}

pub(in crate::accounts) fn put_unfiled_guarded(tx: &mut Tx<'_>, is_guarded: bool) -> Result<()> {
    put(tx, "unfiled_guard", is_guarded)
}

fn put(tx: &mut Tx<'_>, name: &str, is_on: bool) -> Result<()> {
    tx.execute(
        "insert into instance_settings (name, value)
         values ($1, $2)
         on conflict (name) do update set value = excluded.value",
        values![name, if is_on { "on" } else { "off" }],
    )
    .map(|_| ())
}
