//! `known_browsers`: where an account was signed in before.

use app::api::{AccountId, Timestamp};

use crate::error::Result;
use crate::store::Tx;
use crate::values;

/// The most browsers remembered for one account; beyond it the one seen longest ago is forgotten.
const N_REMEMBERED: i64 = 50;

/// When the account was first signed in in this browser; `None` when it never was.
pub(in crate::accounts) fn find_first_seen(
    tx: &mut Tx<'_>,
    account: AccountId,
    browser_hash: &[u8],
) -> Result<Option<Timestamp>> {
    tx.find(
        "select first_seen_at
         from known_browsers
         where account_id = $1
            and browser_hash = $2",
        values![account, browser_hash.to_vec()],
        |row| row.get(0),
    )
}

/// Remembers that the account signs in here.
pub(in crate::accounts) fn put_browser(
    tx: &mut Tx<'_>,
    account: AccountId,
    browser_hash: &[u8],
    at: Timestamp,
) -> Result<()> {
    tx.execute(
        "insert into known_browsers (account_id, browser_hash, first_seen_at, seen_at)
         values ($1, $2, $3, $4)
         on conflict (account_id, browser_hash) do update set seen_at = excluded.seen_at",
        values![account, browser_hash.to_vec(), at, at],
    )?;
    tx.execute(
        "delete from known_browsers
         where account_id = $1
            and browser_hash not in (
                select browser_hash
                from known_browsers
                where account_id = $2
                order by seen_at desc, browser_hash
                limit $3
            )",
        values![account, account, N_REMEMBERED],
    )
    .map(|_| ())
}

/// Forgets a browser: who lost it, or does not know it, wants it to be a stranger again.
pub(in crate::accounts) fn delete_of_device(
    tx: &mut Tx<'_>,
    account: AccountId,
    device: app::api::DeviceId,
) -> Result<()> {
    tx.execute(
        "delete from known_browsers
         where account_id = $1
            and browser_hash in (select browser_hash from devices where id = $2)",
        values![account, device],
    )
    .map(|_| ())
}

/// Forgets all browsers but that of one device.
pub(in crate::accounts) fn delete_but(tx: &mut Tx<'_>, account: AccountId, kept: Vec<u8>) -> Result<()> {
    tx.execute(
        "delete from known_browsers
         where account_id = $1
            and not exists (
                select 1
                from devices
                where devices.id = $2
                    and devices.browser_hash = known_browsers.browser_hash
            )",
        values![account, kept],
    )
    .map(|_| ())
}
