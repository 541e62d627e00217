//! The tables `wrapping_keys` and `keyring`.

use app::api::Timestamp;
use uuid::Uuid;

use super::around;
use super::keeper::WrappedKey;
use super::place::Owner;
use crate::error::Result;
use crate::store::{Row, Tx};
use crate::values;

/// A key as it rests.
pub(super) struct KeyRow {
    pub(super) id: Uuid,
    pub(super) rest: KeyRest,
}

impl KeyRow {
    /// Whether it was this owner's before it was destroyed.
    pub(super) fn is_destroyed_of(&self, of: Owner) -> bool {
        matches!(&self.rest, KeyRest::Destroyed { purpose, owner }
            if purpose == of.purpose() && *owner == of.to_bytes())
    }

    /// What the key is authenticated with when this wrapping key wraps it; `None` when none does.
    pub(super) fn around(&self, wrapping: Uuid) -> Option<Vec<u8>> {
        match &self.rest {
            KeyRest::Wrapped { purpose, owner, .. } => Some(around(wrapping, self.id, purpose, owner)),
            KeyRest::Destroyed { .. } | KeyRest::Broken => None,
        }
    }
}

/// What a row of the keyring says.
pub(super) enum KeyRest {
    /// Whose key it is, the wrapping key's name, and what that wrapped.
    Wrapped {
        purpose: String,
        owner: Vec<u8>,
        wrapping: Uuid,
        wrapped: WrappedKey,
    },
    /// Whose key it was, before it was destroyed.
    Destroyed { purpose: String, owner: Vec<u8> },
    /// Nothing that was ever written there.
    Broken,
}

/// The rows for which a condition holds, with the columns that [`read_key`] expects.
macro_rules! keys_where {
    ($condition:literal) => {
        concat!(
            "select id, purpose, owner, wrapping_key, wrap_suite, wrap_nonce, wrapped, destroyed_at from keyring where ",
            $condition
        )
    };
}

/// The name of the wrapping key that is used now.
pub(super) fn find_current(tx: &mut Tx<'_>) -> Result<Option<Uuid>> {
    tx.find(
        "select name from wrapping_keys where is_current = 1",
        &[],
        |row| row.get(0),
    )
}

/// The names of all wrapping keys that rows may refer to.
pub(in crate::store) fn list_names(tx: &mut Tx<'_>) -> Result<Vec<Uuid>> {
    tx.list("select name from wrapping_keys", &[], |row| row.get(0))
}

/// Wraps with this one from now on.
pub(super) fn make_current(tx: &mut Tx<'_>, name: Uuid, now: Timestamp) -> Result<()> {
    tx.execute(
        "update wrapping_keys set is_current = 0 where is_current = 1",
        &[],
    )?;
    tx.execute(
        "insert into wrapping_keys (name, made_at, is_current)
        values ($1, $2, 1)
        on conflict (name) do update set is_current = 1",
        values![name, now],
    )?;
    Ok(())
}

/// Forgets the wrapping keys that are no longer used; answers how many.
pub(super) fn delete_retired(tx: &mut Tx<'_>) -> Result<usize> {
    tx.execute(
        "delete from wrapping_keys
        where is_current = 0 and not exists (select 1 from keyring k where k.wrapping_key = wrapping_keys.name)",
        &[],
    )
}

pub(super) fn insert_key(
    tx: &mut Tx<'_>,
    id: Uuid,
    owner: Owner,
    (wrapping, wrapped): (Uuid, WrappedKey),
    now: Timestamp,
) -> Result<()> {
    tx.execute(
        "insert into keyring (id, purpose, owner, made_at, wrapping_key, wrap_suite, wrap_nonce, wrapped)
        values ($1, $2, $3, $4, $5, $6, $7, $8)",
        values![
            id,
            owner.purpose(),
            owner.to_bytes(),
            now,
            wrapping,
            wrapped.suite,
            wrapped.nonce,
            wrapped.bytes
        ],
    )?;
    Ok(())
}

/// The owner's newest key, unless there is none or it was destroyed.
pub(super) fn find_of_owner(tx: &mut Tx<'_>, owner: Owner) -> Result<Option<Uuid>> {
    tx.find(
        "select id from keyring
        where owner = $1 and purpose = $2 and destroyed_at is null
        order by made_at desc, id desc
        limit 1",
        values![owner.to_bytes(), owner.purpose()],
        |row| row.get(0),
    )
}

pub(super) fn find_key(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<KeyRow>> {
    tx.find(keys_where!("id = $1"), values![id], read_key)
}

/// How many keys are asked for at once.
pub(super) const N_TOGETHER: usize = 16;

/// Up to [`N_TOGETHER`] keys.
pub(super) fn list_keys(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<Vec<KeyRow>> {
    let mut values = ids.iter().map(|id| (*id).into()).collect::<Vec<_>>();
    values.resize(N_TOGETHER, crate::store::Value::Null);
    tx.list(
        keys_where!("id in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"),
        &values,
        read_key,
    )
}

/// Keys that another wrapping key than `current` wraps, at most `limit`.
pub(super) fn list_others(tx: &mut Tx<'_>, current: Uuid, limit: u32) -> Result<Vec<KeyRow>> {
    // Two ranges of the index instead of an inequality, which would read all of it.
    tx.list(
        concat!(
            keys_where!("wrapping_key < $1"),
            " union all ",
            keys_where!("wrapping_key > $1"),
            " limit $2"
        ),
        values![current, limit],
        read_key,
    )
}

pub(super) fn update_wrapped(
    tx: &mut Tx<'_>,
    id: Uuid,
    (wrapping, wrapped): (Uuid, WrappedKey),
) -> Result<()> {
    tx.execute(
        "update keyring set wrapping_key = $1, wrap_suite = $2, wrap_nonce = $3, wrapped = $4 where id = $5",
        values![wrapping, wrapped.suite, wrapped.nonce, wrapped.bytes, id],
    )?;
    Ok(())
}

/// Destroys the owner's keys: the rows stay, to say that it was done on purpose. Answers which.
pub(super) fn destroy(tx: &mut Tx<'_>, owner: Owner, now: Timestamp) -> Result<Vec<Uuid>> {
    tx.list(
        "update keyring
        set wrapping_key = null, wrap_suite = null, wrap_nonce = null, wrapped = null, destroyed_at = $1
        where owner = $2 and purpose = $3 and destroyed_at is null
        returning id",
        values![now, owner.to_bytes(), owner.purpose()],
        |row| row.get(0),
    )
}

/// Whether a step of the sealing was done.
pub(super) fn has_step(tx: &mut Tx<'_>, step: &'static str) -> Result<bool> {
    let found = tx.find("select 1 from sealing where step = $1", values![step], |_| Ok(()))?;
    Ok(found.is_some())
}

pub(super) fn insert_step(tx: &mut Tx<'_>, step: &'static str) -> Result<()> {
    tx.execute(
        "insert into sealing (step) values ($1) on conflict (step) do nothing",
        values![step],
    )?;
    Ok(())
}

fn read_key(row: &Row<'_>) -> Result<KeyRow> {
    Ok(KeyRow {
        id: row.get(0)?,
        // A column of another type is the damage of this row, and takes no other one away.
        rest: read_rest(row).unwrap_or(KeyRest::Broken),
    })
}

fn read_rest(row: &Row<'_>) -> Result<KeyRest> {
    let columns = (row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?);
    let destroyed_at: Option<Timestamp> = row.get(7)?;
    Ok(match (columns, destroyed_at) {
        ((Some(wrapping), Some(suite), Some(nonce), Some(bytes)), None) => KeyRest::Wrapped {
            purpose: row.get(1)?,
            owner: row.get(2)?,
            wrapping,
            wrapped: WrappedKey { suite, nonce, bytes },
        },
        ((None, None, None, None), Some(_)) => KeyRest::Destroyed {
            purpose: row.get(1)?,
            owner: row.get(2)?,
        },
        _ => KeyRest::Broken,
    })
}
