//! `sign_in_tickets`: sign-ins whose first step was right and that wait for a code.

use app::api::{AccountId, Timestamp};

use crate::error::Result;
use crate::store::Tx;
use crate::values;

/// The most sign-ins of one account that wait; the oldest go.
const N_OPEN: i64 = 20;

/// Keeps a ticket; `proven_at` is since when the first step proves who is there, if that is known.
pub(in crate::accounts) fn insert_ticket(
    tx: &mut Tx<'_>,
    key_hash: Vec<u8>,
    account: AccountId,
    now: Timestamp,
    expires_at: Timestamp,
    proven_at: Option<Timestamp>,
) -> Result<()> {
    tx.execute("delete from sign_in_tickets where expires_at <= $1", values![now])?;
    tx.execute(
        "insert into sign_in_tickets (key_hash, account_id, expires_at, n_tries, proven_at)
         values ($1, $2, $3, 0, $4)",
        values![key_hash.clone(), account, expires_at, proven_at],
    )?;
    tx.execute(
        "delete from sign_in_tickets
         where account_id = $1
            and key_hash <> $2
            and key_hash not in (
                select key_hash
                from sign_in_tickets
                where account_id = $3
                order by expires_at desc, key_hash
                limit $4
            )",
        values![account, key_hash, account, N_OPEN],
    )
    .map(|_| ())
}

/// Counts one more try with this ticket and answers whose it is, and since when that is proven; `None` when it is used,
/// expired, or tried out.
pub(in crate::accounts) fn try_ticket(
    tx: &mut Tx<'_>,
    key_hash: Vec<u8>,
    now: Timestamp,
    n_tries: u32,
) -> Result<Option<(AccountId, Option<Timestamp>)>> {
    let found = tx.list(
        "update sign_in_tickets
         set n_tries = n_tries + 1
         where key_hash = $1
            and expires_at > $2
            and n_tries < $3
         returning account_id, proven_at",
        values![key_hash, now, n_tries],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(found.into_iter().next())
}

pub(in crate::accounts) fn delete_ticket(tx: &mut Tx<'_>, key_hash: Vec<u8>) -> Result<()> {
    tx.execute(
        "delete from sign_in_tickets where key_hash = $1",
        values![key_hash],
    )
    .map(|_| ())
}

/// Makes all waiting sign-ins of the account void: its password or state has changed.
pub(in crate::accounts) fn delete_of_account(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    tx.execute(
        "delete from sign_in_tickets where account_id = $1",
        values![account],
    )
    .map(|_| ())
}

/// Whether the ticket still waits.
pub(in crate::accounts) fn is_open(tx: &mut Tx<'_>, key_hash: &[u8]) -> Result<bool> {
    let found = tx.find(
        "select 1 from sign_in_tickets where key_hash = $1",
        values![key_hash.to_vec()],
        |row| row.get::<i64>(0),
    )?;
    Ok(found.is_some())
}
