//! `photos`: the one square picture of an account.

use app::api::{AccountId, PhotoForm};

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
         set version = excluded.version, bytes = excluded.bytes, small = null, card = null",
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

/// A lighter form; none when it was not made yet.
pub(in crate::accounts) fn find_lighter(
    tx: &mut Tx<'_>,
    account: AccountId,
    version: u32,
    form: PhotoForm,
) -> Result<Option<Vec<u8>>> {
    let query = match form {
        PhotoForm::Small => {
            "select small
             from photos
             where account_id = $1
                and version = $2
                and small is not null"
        }
        PhotoForm::Card => {
            "select card
             from photos
             where account_id = $1
                and version = $2
                and card is not null"
        }
    };
    tx.find(query, values![account, version], |row| row.get(0))
}

/// Keeps a lighter form of a version; nothing when the account has another by now.
pub(in crate::accounts) fn put_lighter(
    tx: &mut Tx<'_>,
    account: AccountId,
    version: u32,
    form: PhotoForm,
    webp: Vec<u8>,
) -> Result<()> {
    let statement = match form {
        PhotoForm::Small => {
            "update photos
             set small = $3
             where account_id = $1
                and version = $2"
        }
        PhotoForm::Card => {
            "update photos
             set card = $3
             where account_id = $1
                and version = $2"
        }
    };
    tx.execute(statement, values![account, version, webp]).map(|_| ())
}

pub(in crate::accounts) fn delete_photo(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    tx.execute("delete from photos where account_id = $1", values![account])
        .map(|_| ())
}
