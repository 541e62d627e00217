//! `devices`: one row for each time somebody signed in.

use app::accounts::{ClientKind, Device, Language};
use app::api::{AccountId, DeviceId, Timestamp};

use super::{known_browsers, vaults};
use crate::accounts::idle::{Standing, Use};
use crate::error::Result;
use crate::store::{Row, Tx};
use crate::values;

/// A device that is signed in, found by its token.
pub(in crate::accounts) struct SignedInDevice {
    pub(in crate::accounts) account: AccountId,
    pub(in crate::accounts) device: DeviceId,
    pub(in crate::accounts) is_admin: bool,
    pub(in crate::accounts) language: Language,
    pub(in crate::accounts) seen_at: Timestamp,
    /// The organisation asks for a second factor, and the account has none.
    pub(in crate::accounts) lacks_factor: bool,
    pub(in crate::accounts) used: Use,
}

/// A row to come.
pub(in crate::accounts) struct DeviceToInsert<'a> {
    pub(in crate::accounts) id: DeviceId,
    pub(in crate::accounts) account: AccountId,
    pub(in crate::accounts) token_hash: Vec<u8>,
    pub(in crate::accounts) kind: ClientKind,
    pub(in crate::accounts) name: &'a str,
    /// In which browser; none for programs.
    pub(in crate::accounts) browser_hash: Option<Vec<u8>>,
    /// When somebody signed in.
    pub(in crate::accounts) at: Timestamp,
    /// Since when it is proven who they are, with all that their account asks for; the beginning of time if it is not.
    pub(in crate::accounts) confirmed_at: Timestamp,
    /// Whether the provider has vouched for two factors.
    pub(in crate::accounts) is_vouched: bool,
}

/// The most devices of a list. A person has a handful; a program that never signs out may leave thousands.
const N_LISTED: i64 = 200;

pub(in crate::accounts) fn insert_device(tx: &mut Tx<'_>, new: DeviceToInsert<'_>) -> Result<()> {
    let kind = match new.kind {
        ClientKind::Browser => "browser",
        ClientKind::Api => "api",
    };
    tx.execute(
        "insert into devices (id, account_id, token_hash, kind, name, signed_in_at, seen_at, confirmed_at, active_at,
            browser_hash, is_shared, is_vouched, revoked_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
            (select count(*) from shared_browsers where browser_hash = $10), $11, null)",
        values![
            new.id,
            new.account,
            new.token_hash,
            kind,
            new.name,
            new.at,
            new.at,
            new.confirmed_at,
            new.at,
            new.browser_hash,
            new.is_vouched,
        ],
    )
    .map(|_| ())
}

/// The device that holds this token, unless it is revoked or its account may not sign in.
pub(in crate::accounts) fn find_by_token(
    tx: &mut Tx<'_>,
    token_hash: Vec<u8>,
) -> Result<Option<SignedInDevice>> {
    tx.find(
        "select devices.account_id, devices.id, accounts.is_admin, accounts.language, devices.seen_at,
            case when accounts.has_second_factor = 0 and devices.is_vouched = 0 and exists (
                select 1 from instance_settings where name = 'second_factor' and value = 'on'
            ) and not exists (
                select 1 from passkeys where passkeys.account_id = accounts.id
            ) then 1 else 0 end,
            devices.kind, devices.is_shared, devices.signed_in_at, devices.active_at
         from devices
         join accounts on accounts.id = devices.account_id
         where devices.token_hash = $1
            and devices.revoked_at is null
            and accounts.state = 'active'",
        values![token_hash],
        |row| {
            Ok(SignedInDevice {
                account: row.get(0)?,
                device: row.get(1)?,
                is_admin: row.get(2)?,
                language: Language::from_tag(&row.get::<String>(3)?),
                seen_at: row.get(4)?,
                lacks_factor: row.get(5)?,
                used: read_use(row, 6)?,
            })
        },
    )
}

pub(super) fn read_use(row: &Row<'_>, first: usize) -> Result<Use> {
    Ok(Use {
        is_program: row.get::<String>(first)? == "api",
        is_shared: row.get(first + 1)?,
        signed_in_at: row.get(first + 2)?,
        active_at: row.get(first + 3)?,
    })
}

/// How a signed-in device was used.
pub(in crate::accounts) fn find_use(tx: &mut Tx<'_>, device: DeviceId) -> Result<Option<Use>> {
    tx.find(
        "select kind, is_shared, signed_in_at, active_at
         from devices
         where id = $1
            and revoked_at is null",
        values![device],
        |row| read_use(row, 0),
    )
}

/// Notes when a person was last at the device.
pub(in crate::accounts) fn update_active_at(tx: &mut Tx<'_>, device: DeviceId, at: Timestamp) -> Result<()> {
    tx.execute(
        "update devices set active_at = $1 where id = $2",
        values![at, device],
    )
    .map(|_| ())
}

/// Forgets what the provider has vouched for in the account's sessions: it is asked no longer.
pub(in crate::accounts) fn delete_vouched(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    tx.execute(
        "update devices set is_vouched = 0 where account_id = $1",
        values![account],
    )
    .map(|_| ())
}

/// Whether the provider has vouched for two factors when the person at this device signed in.
pub(in crate::accounts) fn is_vouched(tx: &mut Tx<'_>, device: DeviceId) -> Result<bool> {
    let found = tx.find(
        "select is_vouched from devices where id = $1",
        values![device],
        |row| row.get::<bool>(0),
    )?;
    Ok(found == Some(true))
}

/// Ends a session that has run out, without destroying what its vault is opened by.
pub(in crate::accounts) fn end_quietly(tx: &mut Tx<'_>, device: DeviceId, at: Timestamp) -> Result<()> {
    tx.execute(
        "update devices set revoked_at = $1 where id = $2 and revoked_at is null",
        values![at, device],
    )
    .map(|_| ())
}

/// How the device stands; `None` when it is signed out, or something holds it.
pub(in crate::accounts) fn find_unheld(
    tx: &mut Tx<'_>,
    device: DeviceId,
    now: Timestamp,
) -> Result<Option<Standing>> {
    let found = tx.find(
        "select kind, is_shared, signed_in_at, active_at
         from devices
         join accounts on accounts.id = devices.account_id
         where devices.id = $1
            and devices.revoked_at is null
            and accounts.state = 'active'
            and (
                accounts.has_second_factor = 1
                or devices.is_vouched = 1
                or not exists (
                    select 1 from instance_settings where name = 'second_factor' and value = 'on'
                )
                or exists (select 1 from passkeys where passkeys.account_id = accounts.id)
            )",
        values![device],
        |row| read_use(row, 0),
    )?;
    Ok(found.map(|used| used.standing(now)))
}

/// Whether the account was ever signed in anywhere.
pub(in crate::accounts) fn has_device(tx: &mut Tx<'_>, account: AccountId) -> Result<bool> {
    let found = tx.find(
        "select 1 from devices where account_id = $1 limit 1",
        values![account],
        |row| row.get::<i64>(0),
    )?;
    Ok(found.is_some())
}

/// Whether a program has signed in to the account since.
pub(in crate::accounts) fn has_program_since(
    tx: &mut Tx<'_>,
    account: AccountId,
    since: Timestamp,
) -> Result<bool> {
    let found = tx.find(
        "select 1
         from devices
         where account_id = $1
            and kind = 'api'
            and seen_at >= $2
         limit 1",
        values![account, since],
        |row| row.get::<i64>(0),
    )?;
    Ok(found.is_some())
}

/// When the person at a signed-in device has last proven who they are.
pub(in crate::accounts) fn find_confirmed_at(tx: &mut Tx<'_>, device: DeviceId) -> Result<Option<Timestamp>> {
    tx.find(
        "select confirmed_at
         from devices
         where id = $1
            and revoked_at is null",
        values![device],
        |row| row.get(0),
    )
}

pub(in crate::accounts) fn update_confirmed_at(
    tx: &mut Tx<'_>,
    device: DeviceId,
    at: Timestamp,
) -> Result<()> {
    tx.execute(
        "update devices set confirmed_at = $1 where id = $2",
        values![at, device],
    )
    .map(|_| ())
}

/// Notes that the device asked for something. Never moves back.
pub(in crate::accounts) fn update_seen_at(tx: &mut Tx<'_>, device: DeviceId, at: Timestamp) -> Result<()> {
    tx.execute(
        "update devices
         set seen_at = $1
         where id = $2
            and seen_at < $3",
        values![at, device, at],
    )
    .map(|_| ())
}

/// Moves the device's cursor forward; `false` when it is there already or the device is signed out.
pub(in crate::accounts) fn update_acknowledged_cursor(
    tx: &mut Tx<'_>,
    device: DeviceId,
    cursor: u64,
) -> Result<bool> {
    let n_rows = tx.execute(
        "update devices
         set acknowledged_cursor = $1
         where id = $2
            and acknowledged_cursor < $1
            and revoked_at is null",
        values![cursor, device],
    )?;
    Ok(n_rows == 1)
}

/// The account's signed-in devices, last seen first.
pub(in crate::accounts) fn list_devices(
    tx: &mut Tx<'_>,
    account: AccountId,
    current: DeviceId,
) -> Result<Vec<Device>> {
    tx.list(
        "select devices.id, name, kind, signed_in_at, devices.seen_at,
            coalesce(known_browsers.first_seen_at, signed_in_at)
         from devices
         left join known_browsers
            on known_browsers.account_id = devices.account_id
            and known_browsers.browser_hash = devices.browser_hash
         where devices.account_id = $1
            and revoked_at is null
         order by devices.seen_at desc, devices.id desc
         limit $2",
        values![account, N_LISTED],
        |row| {
            let id: DeviceId = row.get(0)?;
            Ok(Device {
                id,
                name: row.get(1)?,
                kind: if row.get::<String>(2)? == "api" {
                    ClientKind::Api
                } else {
                    ClientKind::Browser
                },
                signed_in_at: row.get(3)?,
                seen_at: row.get(4)?,
                first_seen_at: row.get(5)?,
                is_current: id == current,
            })
        },
    )
}

/// Whether the device is one of the account's, signed in or not.
pub(in crate::accounts) fn is_device_of(
    tx: &mut Tx<'_>,
    device: DeviceId,
    account: AccountId,
) -> Result<bool> {
    let found = tx.find(
        "select 1 from devices where id = $1 and account_id = $2",
        values![device, account],
        |row| row.get::<i64>(0),
    )?;
    Ok(found.is_some())
}

/// Ends the device's session, and with it what opens its vault; `false` when it had ended already.
pub(in crate::accounts) fn revoke_device(tx: &mut Tx<'_>, device: DeviceId, at: Timestamp) -> Result<bool> {
    let n_rows = tx.execute(
        "update devices
         set revoked_at = $1
         where id = $2
            and revoked_at is null",
        values![at, device],
    )?;
    vaults::delete_of_device(tx, device)?;
    Ok(n_rows == 1)
}

/// Ends all sessions of the account but the one to keep, and what opens their vaults; answers which.
pub(in crate::accounts) fn revoke_devices_but(
    tx: &mut Tx<'_>,
    account: AccountId,
    kept: Option<DeviceId>,
    at: Timestamp,
) -> Result<Vec<DeviceId>> {
    // No device has an empty id: without one to keep, all go.
    let kept = kept.map_or(Vec::new(), |device| device.0.as_bytes().to_vec());
    vaults::delete_but(tx, account, kept.clone())?;
    known_browsers::delete_but(tx, account, kept.clone())?;
    tx.list(
        "update devices
         set revoked_at = $1
         where account_id = $2
            and id <> $3
            and revoked_at is null
         returning id",
        values![at, account, kept],
        |row| row.get(0),
    )
}
