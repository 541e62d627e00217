//! One browser and all who sign in there: `shared_browsers`, and the rows of `devices` that belong to it.

use app::api::{AccountId, DeviceId, Timestamp};

use super::devices::read_use;
use super::vaults;
use crate::accounts::idle::Use;
use crate::error::Result;
use crate::store::Tx;
use crate::values;

/// Says of the device's browser whether others use it, for all who are or will be signed in there.
pub(in crate::accounts) fn update_shared(
    tx: &mut Tx<'_>,
    device: DeviceId,
    is_shared: bool,
    at: Timestamp,
) -> Result<()> {
    let browser: Option<Option<Vec<u8>>> = tx.find(
        "select browser_hash from devices where id = $1",
        values![device],
        |row| row.get(0),
    )?;
    let Some(browser) = browser.flatten() else {
        return Ok(());
    };
    tx.execute(
        "update devices set is_shared = $1 where browser_hash = $2",
        values![is_shared, browser.clone()],
    )?;
    tx.execute(
        "delete from shared_browsers where browser_hash = $1",
        values![browser.clone()],
    )?;
    if is_shared {
        tx.execute(
            "insert into shared_browsers (browser_hash, at) values ($1, $2)",
            values![browser, at],
        )?;
    }
    Ok(())
}

/// Whether others use this browser too.
pub(in crate::accounts) fn is_shared_browser(tx: &mut Tx<'_>, browser_hash: &[u8]) -> Result<bool> {
    let found = tx.find(
        "select 1 from shared_browsers where browser_hash = $1",
        values![browser_hash.to_vec()],
        |row| row.get::<i64>(0),
    )?;
    Ok(found.is_some())
}

/// How the account's session in this browser was used, and when it ended: one that has not, if there is one, or the last.
pub(in crate::accounts) fn find_last_in_browser(
    tx: &mut Tx<'_>,
    account: AccountId,
    browser_hash: &[u8],
) -> Result<Option<(Use, Option<Timestamp>)>> {
    tx.find(
        "select kind, is_shared, signed_in_at, active_at, revoked_at
         from devices
         where account_id = $1
            and browser_hash = $2
         order by case when revoked_at is null then 0 else 1 end, revoked_at desc, id desc
         limit 1",
        values![account, browser_hash.to_vec()],
        |row| Ok((read_use(row, 0)?, row.get(4)?)),
    )
}

/// Lets a new session take the place of the account's others in the same browser, which has lost their keys; their vaults are
/// its own from now on.
pub(in crate::accounts) fn succeed_in_browser(
    tx: &mut Tx<'_>,
    account: AccountId,
    browser_hash: &[u8],
    device: DeviceId,
    at: Timestamp,
) -> Result<()> {
    vaults::move_in_browser(tx, account, browser_hash, device)?;
    tx.execute(
        "update devices
         set revoked_at = $1
         where account_id = $2
            and browser_hash = $3
            and id <> $4
            and revoked_at is null",
        values![at, account, browser_hash.to_vec(), device],
    )
    .map(|_| ())
}
