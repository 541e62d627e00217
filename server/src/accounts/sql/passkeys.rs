//! `passkeys` and `ceremonies`.

use app::accounts::Passkey;
use app::api::{AccountId, PasskeyId, Timestamp};

use crate::error::Result;
use crate::store::Tx;
use crate::values;

/// A passkey as it is stored.
pub(in crate::accounts) struct StoredPasskey {
    pub(in crate::accounts) id: PasskeyId,
    pub(in crate::accounts) account: AccountId,
    pub(in crate::accounts) credential: String,
}

/// A row to come.
pub(in crate::accounts) struct PasskeyToInsert<'a> {
    pub(in crate::accounts) id: PasskeyId,
    pub(in crate::accounts) account: AccountId,
    pub(in crate::accounts) credential_id: &'a [u8],
    pub(in crate::accounts) credential: &'a str,
    pub(in crate::accounts) name: &'a str,
    pub(in crate::accounts) at: Timestamp,
}

/// Stores a passkey; `false` when its credential is somebody's already.
pub(in crate::accounts) fn insert_passkey(tx: &mut Tx<'_>, new: &PasskeyToInsert<'_>) -> Result<bool> {
    let n_rows = tx.execute(
        "insert into passkeys (id, account_id, credential_id, credential, name, created_at, used_at)
         values ($1, $2, $3, $4, $5, $6, null)
         on conflict (credential_id) do nothing",
        values![
            new.id,
            new.account,
            new.credential_id.to_vec(),
            new.credential,
            new.name,
            new.at
        ],
    )?;
    Ok(n_rows == 1)
}

/// The account's passkeys, oldest first.
pub(in crate::accounts) fn list_passkeys(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<Passkey>> {
    tx.list(
        "select id, name, created_at, used_at
         from passkeys
         where account_id = $1
         order by created_at, id",
        values![account],
        |row| {
            Ok(Passkey {
                id: row.get(0)?,
                name: row.get(1)?,
                created_at: row.get(2)?,
                used_at: row.get(3)?,
            })
        },
    )
}

pub(in crate::accounts) fn list_credential_ids(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<Vec<u8>>> {
    tx.list(
        "select credential_id from passkeys where account_id = $1",
        values![account],
        |row| row.get(0),
    )
}

pub(in crate::accounts) fn find_by_credential(
    tx: &mut Tx<'_>,
    credential_id: &[u8],
) -> Result<Option<StoredPasskey>> {
    tx.find(
        "select id, account_id, credential
         from passkeys
         where credential_id = $1",
        values![credential_id.to_vec()],
        |row| {
            Ok(StoredPasskey {
                id: row.get(0)?,
                account: row.get(1)?,
                credential: row.get(2)?,
            })
        },
    )
}

/// Notes a use, and what was learnt by it, unless another use came in between.
pub(in crate::accounts) fn update_used(
    tx: &mut Tx<'_>,
    passkey: &StoredPasskey,
    credential: &str,
    at: Timestamp,
) -> Result<bool> {
    let n_rows = tx.execute(
        "update passkeys
         set credential = $1, used_at = $2
         where id = $3
            and credential = $4",
        values![credential, at, passkey.id, passkey.credential.as_str()],
    )?;
    Ok(n_rows == 1)
}

/// Deletes one of the account's passkeys; `false` when it is not one.
pub(in crate::accounts) fn delete_passkey(
    tx: &mut Tx<'_>,
    account: AccountId,
    passkey: PasskeyId,
) -> Result<bool> {
    let n_rows = tx.execute(
        "delete from passkeys where id = $1 and account_id = $2",
        values![passkey, account],
    )?;
    Ok(n_rows == 1)
}

/// Keeps the state of a ceremony; those that have run out go, and beyond `n_most` those that end soonest.
pub(in crate::accounts) fn insert_ceremony(
    tx: &mut Tx<'_>,
    key_hash: Vec<u8>,
    account: Option<AccountId>,
    state: &str,
    now: Timestamp,
    expires_at: Timestamp,
    n_most: u64,
) -> Result<()> {
    tx.execute("delete from ceremonies where expires_at <= $1", values![now])?;
    let n_open: Option<u64> = tx.find("select count(*) from ceremonies", &[], |row| row.get(0))?;
    let n_over = n_open
        .unwrap_or_default()
        .saturating_add(1)
        .saturating_sub(n_most);
    if n_over > 0 {
        tx.execute(
            "delete from ceremonies
             where key_hash in (select key_hash from ceremonies order by expires_at, key_hash limit $1)",
            values![n_over],
        )?;
    }
    let purpose = if account.is_some() { "add" } else { "sign_in" };
    tx.execute(
        "insert into ceremonies (key_hash, purpose, account_id, state, expires_at)
         values ($1, $2, $3, $4, $5)",
        values![key_hash, purpose, account, state, expires_at],
    )
    .map(|_| ())
}

/// Uses a ceremony up and answers its state; `None` when it is unknown, used, has run out, or is not this account's.
pub(in crate::accounts) fn take_ceremony(
    tx: &mut Tx<'_>,
    key_hash: Vec<u8>,
    account: Option<AccountId>,
    now: Timestamp,
) -> Result<Option<String>> {
    let found = tx.list(
        "delete from ceremonies
         where key_hash = $1
            and expires_at > $2
         returning account_id, state",
        values![key_hash, now],
        |row| Ok((row.get::<Option<AccountId>>(0)?, row.get::<String>(1)?)),
    )?;
    let found = found.into_iter().next();
    Ok(found.filter(|(of, _)| *of == account).map(|(_, state)| state))
}

pub(in crate::accounts) fn delete_all(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    tx.execute("delete from passkeys where account_id = $1", values![account])
        .map(|_| ())
}
