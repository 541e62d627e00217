//! `authenticators` and `recovery_codes`: what stands beside the password.

use app::api::{AccountId, Timestamp};

use crate::error::{Error, Result};
use crate::store::{Content, Envelope, Owner, Place, Tx};
use crate::values;

/// An authenticator app as it is stored. Its key follows from the seed, which rests sealed, and the pepper.
pub(in crate::accounts) struct StoredAuthenticator {
    pub(in crate::accounts) sealed_seed: Envelope,
    pub(in crate::accounts) is_confirmed: bool,
    /// The step of the last code that was taken.
    pub(in crate::accounts) last_step: u64,
}

pub(in crate::accounts) fn find_authenticator(
    tx: &mut Tx<'_>,
    account: AccountId,
) -> Result<Option<StoredAuthenticator>> {
    let found = tx.find(
        "select seed_suite, seed_key_ref, seed_nonce, seed, confirmed_at, last_step
         from authenticators
         where account_id = $1",
        values![account],
        |row| {
            Ok(Envelope::from_row(row, 0)?.map(|sealed_seed| {
                Ok(StoredAuthenticator {
                    sealed_seed,
                    is_confirmed: row.get::<Option<Timestamp>>(4)?.is_some(),
                    last_step: row.get(5)?,
                })
            }))
        },
    )?;
    found.flatten().transpose()
}

/// Opens the seed of an account's authenticator app.
pub(in crate::accounts) fn open_seed(
    tx: &mut Tx<'_>,
    account: AccountId,
    stored: &StoredAuthenticator,
) -> Result<Vec<u8>> {
    match tx.open_bytes(&stored.sealed_seed, Place::Authenticator { account })? {
        Content::Here(seed) => Ok(seed),
        // No code can be checked: neither a right one nor a wrong one. Recovery codes and links go on.
        Content::Erased | Content::Damaged => Err(Error::failed(
            "opening an authenticator",
            "its seed cannot be read",
        )),
    }
}

/// Keeps the seed of an app that is being set up, in the place of another unfinished one. A finished one stays: `false`.
pub(in crate::accounts) fn put_unfinished(
    tx: &mut Tx<'_>,
    account: AccountId,
    seed: &[u8],
    at: Timestamp,
) -> Result<bool> {
    let key = tx.require_key(Owner::Account(account))?;
    let sealed = tx.seal_bytes(key, Place::Authenticator { account }, seed)?;
    let mut values = values![account, at].to_vec();
    values.extend(sealed.into_columns());
    let n_rows = tx.execute(
        "insert into authenticators (account_id, created_at, seed_suite, seed_key_ref, seed_nonce, seed, confirmed_at,
            last_step)
         values ($1, $2, $3, $4, $5, $6, null, 0)
         on conflict (account_id) do update
         set seed_suite = excluded.seed_suite, seed_key_ref = excluded.seed_key_ref,
            seed_nonce = excluded.seed_nonce, seed = excluded.seed, created_at = excluded.created_at
         where authenticators.confirmed_at is null",
        &values,
    )?;
    Ok(n_rows == 1)
}

/// The app has shown that it has the key.
pub(in crate::accounts) fn confirm_authenticator(
    tx: &mut Tx<'_>,
    account: AccountId,
    at: Timestamp,
) -> Result<()> {
    tx.execute(
        "update authenticators set confirmed_at = $1 where account_id = $2",
        values![at, account],
    )?;
    put_has_factor(tx, account, true)
}

/// Uses a step of time up, and all before it; `false` when it was used up already.
pub(in crate::accounts) fn use_step(tx: &mut Tx<'_>, account: AccountId, step: u64) -> Result<bool> {
    let n_rows = tx.execute(
        "update authenticators
         set last_step = $1
         where account_id = $2
            and last_step < $3",
        values![step, account, step],
    )?;
    Ok(n_rows == 1)
}

pub(in crate::accounts) fn delete_factors(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    tx.execute(
        "delete from authenticators where account_id = $1",
        values![account],
    )?;
    tx.execute(
        "delete from recovery_codes where account_id = $1",
        values![account],
    )?;
    put_has_factor(tx, account, false)
}

fn put_has_factor(tx: &mut Tx<'_>, account: AccountId, has_factor: bool) -> Result<()> {
    tx.execute(
        "update accounts set has_second_factor = $1 where id = $2",
        values![has_factor, account],
    )
    .map(|_| ())
}

/// Puts new recovery codes in the place of the old ones.
pub(in crate::accounts) fn replace_codes(
    tx: &mut Tx<'_>,
    account: AccountId,
    hashes: &[Vec<u8>],
    at: Timestamp,
) -> Result<()> {
    tx.execute(
        "delete from recovery_codes where account_id = $1",
        values![account],
    )?;
    for hash in hashes {
        tx.execute(
            "insert into recovery_codes (account_id, code_hash, created_at, used_at)
             values ($1, $2, $3, null)",
            values![account, hash.clone(), at],
        )?;
    }
    Ok(())
}

pub(in crate::accounts) fn count_codes(tx: &mut Tx<'_>, account: AccountId) -> Result<u32> {
    let n_left = tx.find(
        "select count(*)
         from recovery_codes
         where account_id = $1
            and used_at is null",
        values![account],
        |row| row.get(0),
    )?;
    Ok(n_left.unwrap_or_default())
}

/// Uses a recovery code up; `false` when it is unknown or was used before.
pub(in crate::accounts) fn use_code(
    tx: &mut Tx<'_>,
    account: AccountId,
    hash: Vec<u8>,
    at: Timestamp,
) -> Result<bool> {
    let n_rows = tx.execute(
        "update recovery_codes
         set used_at = $1
         where account_id = $2
            and code_hash = $3
            and used_at is null",
        values![at, account, hash],
    )?;
    Ok(n_rows == 1)
}

/// Whether an authenticator app protects the account.
pub(in crate::accounts) fn has_factor(tx: &mut Tx<'_>, account: AccountId) -> Result<bool> {
    let found = tx.find(
        "select has_second_factor from accounts where id = $1",
        values![account],
        |row| row.get::<bool>(0),
    )?;
    Ok(found == Some(true))
}

/// Whether anything beside the password protects the account: an authenticator app, or a passkey.
pub(in crate::accounts) fn has_any_factor(tx: &mut Tx<'_>, account: AccountId) -> Result<bool> {
    let found = tx.find(
        "select 1
         from accounts
         where id = $1
            and (has_second_factor = 1 or exists (select 1 from passkeys where account_id = accounts.id))",
        values![account],
        |row| row.get::<i64>(0),
    )?;
    Ok(found.is_some())
}
