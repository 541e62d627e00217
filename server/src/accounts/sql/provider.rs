//! `provider_links` and `provider_attempts`.

use app::accounts::ProviderLink;
use app::api::{AccountId, DeviceId, Timestamp};

use crate::accounts::provider::Purpose;
use crate::error::Result;
use crate::store::{Row, Tx};
use crate::values;

/// A row to come.
#[derive(Clone)]
pub(in crate::accounts) struct AttemptToInsert {
    pub(in crate::accounts) key_hash: Vec<u8>,
    pub(in crate::accounts) state_hash: Vec<u8>,
    pub(in crate::accounts) attempt: Attempt,
    pub(in crate::accounts) expires_at: Timestamp,
}

/// A way to the provider that was begun.
#[derive(Clone)]
pub(in crate::accounts) struct Attempt {
    pub(in crate::accounts) purpose: Purpose,
    pub(in crate::accounts) issuer: String,
    /// Who was signed in, and where.
    pub(in crate::accounts) by: Option<(AccountId, DeviceId)>,
    /// The invitation that is used.
    pub(in crate::accounts) link_hash: Option<Vec<u8>>,
    /// A path of ours.
    pub(in crate::accounts) next: String,
    pub(in crate::accounts) is_fresh: bool,
    pub(in crate::accounts) begun_at: Timestamp,
}

/// Keeps an attempt; those that have run out go, and beyond `n_most` those that end soonest: of nobody known first, for
/// anybody may begin those, as many as they like.
pub(in crate::accounts) fn insert_attempt(
    tx: &mut Tx<'_>,
    new: &AttemptToInsert,
    now: Timestamp,
    n_most: u64,
) -> Result<()> {
    tx.execute(
        "delete from provider_attempts where expires_at <= $1",
        values![now],
    )?;
    let n_open: Option<u64> = tx.find("select count(*) from provider_attempts", &[], |row| row.get(0))?;
    let n_over = n_open
        .unwrap_or_default()
        .saturating_add(1)
        .saturating_sub(n_most);
    if n_over > 0 {
        make_room(tx, n_over)?;
    }
    let attempt = &new.attempt;
    let (account, device) = attempt.by.unzip();
    tx.execute(
        "insert into provider_attempts (key_hash, state_hash, purpose, issuer, account_id, device_id,
            link_hash, next, is_fresh, begun_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        values![
            new.key_hash.clone(),
            new.state_hash.clone(),
            attempt.purpose.text(),
            attempt.issuer.as_str(),
            account,
            device,
            attempt.link_hash.clone(),
            attempt.next.as_str(),
            attempt.is_fresh,
            attempt.begun_at,
            new.expires_at
        ],
    )
    .map(|_| ())
}

/// Removes this many attempts.
fn make_room(tx: &mut Tx<'_>, n_over: u64) -> Result<()> {
    let n_gone = tx.execute(
        "delete from provider_attempts
         where key_hash in (
            select key_hash
            from provider_attempts
            where account_id is null
                and link_hash is null
            order by expires_at, key_hash
            limit $1
         )",
        values![n_over],
    )?;
    let n_left = n_over.saturating_sub(n_gone as u64);
    if n_left > 0 {
        tx.execute(
            "delete from provider_attempts
             where key_hash in (select key_hash from provider_attempts order by expires_at, key_hash limit $1)",
            values![n_left],
        )?;
    }
    Ok(())
}

fn read_attempt(row: &Row<'_>) -> Result<Attempt> {
    let account: Option<AccountId> = row.get(2)?;
    Ok(Attempt {
        purpose: Purpose::from_text(&row.get::<String>(0)?)?,
        issuer: row.get(1)?,
        by: account.zip(row.get(3)?),
        link_hash: row.get(4)?,
        next: row.get(5)?,
        is_fresh: row.get(6)?,
        begun_at: row.get(7)?,
    })
}

/// The attempt whose key the browser holds, while it is open.
pub(in crate::accounts) fn find_attempt(
    tx: &mut Tx<'_>,
    key_hash: Vec<u8>,
    now: Timestamp,
) -> Result<Option<Attempt>> {
    tx.find(
        "select purpose, issuer, account_id, device_id, link_hash, next, is_fresh, begun_at
         from provider_attempts
         where key_hash = $1
            and expires_at > $2",
        values![key_hash, now],
        read_attempt,
    )
}

/// Uses an attempt up; `None` unless it is open, the browser holds its key and has come back with its state.
pub(in crate::accounts) fn take_attempt(
    tx: &mut Tx<'_>,
    key_hash: Vec<u8>,
    state_hash: Vec<u8>,
    now: Timestamp,
) -> Result<Option<Attempt>> {
    let found = tx.list(
        "delete from provider_attempts
         where key_hash = $1
            and state_hash = $2
            and expires_at > $3
         returning purpose, issuer, account_id, device_id, link_hash, next, is_fresh, begun_at",
        values![key_hash, state_hash, now],
        read_attempt,
    )?;
    Ok(found.into_iter().next())
}

/// Links an account to an identity, which was proven then; `false` when either has a link with this issuer already.
pub(in crate::accounts) fn insert_link(
    tx: &mut Tx<'_>,
    account: AccountId,
    issuer: &str,
    subject: &str,
    proven_at: Option<Timestamp>,
    at: Timestamp,
) -> Result<bool> {
    let n_rows = tx.execute(
        "insert into provider_links (issuer, subject, account_id, created_at, used_at, proven_at)
         values ($1, $2, $3, $4, null, $5)
         on conflict do nothing",
        values![issuer, subject, account, at, proven_at],
    )?;
    Ok(n_rows == 1)
}

/// Notes a proof of who has this identity; `false` when it is no newer than one that was believed before.
pub(in crate::accounts) fn note_proven(
    tx: &mut Tx<'_>,
    issuer: &str,
    subject: &str,
    proven_at: Timestamp,
) -> Result<bool> {
    let n_rows = tx.execute(
        "update provider_links
         set proven_at = $1
         where issuer = $2
            and subject = $3
            and (proven_at is null or proven_at < $4)",
        values![proven_at, issuer, subject, proven_at],
    )?;
    Ok(n_rows == 1)
}

/// Whose account an identity opens.
pub(in crate::accounts) fn find_account(
    tx: &mut Tx<'_>,
    issuer: &str,
    subject: &str,
) -> Result<Option<AccountId>> {
    tx.find(
        "select account_id
         from provider_links
         where issuer = $1
            and subject = $2",
        values![issuer, subject],
        |row| row.get(0),
    )
}

/// The account's link with an issuer.
pub(in crate::accounts) fn find_link(
    tx: &mut Tx<'_>,
    account: AccountId,
    issuer: &str,
) -> Result<Option<ProviderLink>> {
    tx.find(
        "select created_at, used_at
         from provider_links
         where account_id = $1
            and issuer = $2",
        values![account, issuer],
        |row| {
            Ok(ProviderLink {
                created_at: row.get(0)?,
                used_at: row.get(1)?,
            })
        },
    )
}

/// Notes that the account's link has signed somebody in.
pub(in crate::accounts) fn update_used(
    tx: &mut Tx<'_>,
    account: AccountId,
    issuer: &str,
    at: Timestamp,
) -> Result<()> {
    tx.execute(
        "update provider_links
         set used_at = $1
         where account_id = $2
            and issuer = $3",
        values![at, account, issuer],
    )
    .map(|_| ())
}

/// Removes the account's link with an issuer; `false` when there is none.
pub(in crate::accounts) fn delete_link(tx: &mut Tx<'_>, account: AccountId, issuer: &str) -> Result<bool> {
    let n_rows = tx.execute(
        "delete from provider_links where account_id = $1 and issuer = $2",
        values![account, issuer],
    )?;
    Ok(n_rows == 1)
}

/// Removes all links of the account, whatever the issuer.
pub(in crate::accounts) fn delete_all(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    tx.execute(
        "delete from provider_links where account_id = $1",
        values![account],
    )
    .map(|_| ())
}
