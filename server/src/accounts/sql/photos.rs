//! `photos`: the one square picture of an account.

use app::api::AccountId;

use crate::error::Result;
use crate::store::Tx;
use crate::values;

pub(in crate::accounts) fn put_photo(
    tx: &mut Tx<'_>,
    account: AccountId,
    version: u32,
    bytes: Vec<u8>,
) -> Result<()> {
    tx.execute(
        "insert into photos (account_id, version, bytes)
         values ($1, $2, $3)
         on conflict (account_id) do update
         set version = excluded.version, bytes = excluded.bytes, small = null",
        values![account, version, bytes],
    )
    .map(|_| ())
}

pub(in crate::accounts) fn find_photo(
    tx: &mut Tx<'_>,
    account: AccountId,
    version: u32,
) -> Result<Option<Vec<u8>>> {
    tx.find(
        "select bytes
         from photos
         where account_id = $1
            and version = $2",
        values![account, version],
        |row| row.get(0),
    )
}

/// The small form; none when it was not made yet.
pub(in crate::accounts) fn find_small_photo(
    tx: &mut Tx<'_>,
    account: AccountId,
    version: u32,
) -> Result<Option<Vec<u8>>> {
    tx.find(
        "select small
         from photos
         where account_id = $1
            and version = $2
            and small is not null",
        values![account, version],
        |row| row.get(0),
    )
}

/// Keeps the small form of a version; nothing when the account has another by now.
pub(in crate::accounts) fn put_small_photo(
    tx: &mut Tx<'_>,
    account: AccountId,
    version: u32,
    small: Vec<u8>,
) -> Result<()> {
    tx.execute(
        "update photos
         set small = $3
         where account_id = $1
            and version = $2",
        values![account, version, small],
    )
    .map(|_| ())
}

pub(in crate::accounts) fn delete_photo(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    tx.execute("delete from photos where account_id = $1", values![account])
        .map(|_| ())
}
