//! `vaults`: what opens the words that a browser keeps for one account.

use app::api::{AccountId, DeviceId, Timestamp, VaultId};

use crate::error::{Error, Result};
use crate::store::{Content, Envelope, Owner, Place, Tx};
use crate::values;

/// A vault as it is stored.
pub(in crate::accounts) struct StoredVault {
    pub(in crate::accounts) device: DeviceId,
    pub(in crate::accounts) secret: Vec<u8>,
    pub(in crate::accounts) opened_at: Timestamp,
}

/// The most vaults of one device. A browser has one; another comes when it has lost the first.
const N_OF_DEVICE: i64 = 4;

pub(in crate::accounts) fn find_vault(
    tx: &mut Tx<'_>,
    account: AccountId,
    vault: VaultId,
) -> Result<Option<StoredVault>> {
    let found = tx.find(
        "select device_id, opened_at, secret_suite, secret_key_ref, secret_nonce, secret
         from vaults
         where account_id = $1
            and vault_id = $2",
        values![account, vault],
        |row| Ok((row.get(0)?, row.get(1)?, Envelope::from_row(row, 2)?)),
    )?;
    let Some((device, opened_at, Some(envelope))) = found else {
        return Ok(None);
    };
    match tx.open_bytes(&envelope, Place::Secret { account, vault })? {
        Content::Here(secret) => Ok(Some(StoredVault {
            device,
            secret,
            opened_at,
        })),
        // Another secret would make the browser begin anew; as long as this one may be mended, it had better wait.
        Content::Erased | Content::Damaged => {
            Err(Error::failed("opening a vault", "its secret cannot be read"))
        }
    }
}

/// Keeps a new vault's secret; the device's vaults that were opened longest ago go beyond the fourth.
pub(in crate::accounts) fn insert_vault(
    tx: &mut Tx<'_>,
    account: AccountId,
    vault: VaultId,
    device: DeviceId,
    secret: &[u8],
    at: Timestamp,
) -> Result<()> {
    let key = tx.require_key(Owner::Account(account))?;
    let sealed = tx.seal_bytes(key, Place::Secret { account, vault }, secret)?;
    let mut values = values![account, vault, device, at].to_vec();
    values.extend(sealed.into_columns());
    tx.execute(
        "insert into vaults (account_id, vault_id, device_id, created_at, opened_at, secret_suite, secret_key_ref,
            secret_nonce, secret)
         values ($1, $2, $3, $4, $4, $5, $6, $7, $8)",
        &values,
    )?;
    tx.execute(
        "delete from vaults
         where device_id = $1
            and vault_id not in (
                select vault_id
                from vaults
                where device_id = $2
                order by opened_at desc, vault_id desc
                limit $3
            )",
        values![device, device, N_OF_DEVICE],
    )
    .map(|_| ())
}

/// Notes that a device has opened the vault: from now on it goes with this one.
pub(in crate::accounts) fn update_opened(
    tx: &mut Tx<'_>,
    account: AccountId,
    vault: VaultId,
    device: DeviceId,
    at: Timestamp,
) -> Result<()> {
    tx.execute(
        "update vaults
         set device_id = $1, opened_at = $2
         where account_id = $3
            and vault_id = $4",
        values![device, at, account, vault],
    )
    .map(|_| ())
}

pub(in crate::accounts) fn delete_of_device(tx: &mut Tx<'_>, device: DeviceId) -> Result<()> {
    tx.execute("delete from vaults where device_id = $1", values![device])
        .map(|_| ())
}

/// Deletes all vaults of the account but those of one device.
pub(in crate::accounts) fn delete_but(tx: &mut Tx<'_>, account: AccountId, kept: Vec<u8>) -> Result<()> {
    tx.execute(
        "delete from vaults
         where account_id = $1
            and device_id <> $2",
        values![account, kept],
    )
    .map(|_| ())
}

/// Ties the vaults of the account's other sessions in a browser, whether those have run out or not, to a new one there.
pub(in crate::accounts) fn move_in_browser(
    tx: &mut Tx<'_>,
    account: AccountId,
    browser_hash: &[u8],
    device: DeviceId,
) -> Result<()> {
    tx.execute(
        "update vaults
         set device_id = $1
         where account_id = $2
            and device_id in (
                select id
                from devices
                where account_id = $2
                    and browser_hash = $3
            )",
        values![device, account, browser_hash.to_vec()],
    )
    .map(|_| ())
}
