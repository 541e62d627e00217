//! `accounts`: one row each, whatever its state.

use app::accounts::{AccountRow, AccountState, EnterKey, Language};
use app::api::{AccountId, Timestamp};
use app::friendships::WhoMayAsk;

use crate::accounts::identity::{Email, Identity};
use crate::accounts::names::shown_name;
use crate::error::{Error, Result};
use crate::store::{Row, Tx};
use crate::values;

/// An account without its secrets.
pub(in crate::accounts) struct AccountRecord {
    pub(in crate::accounts) id: AccountId,
    pub(in crate::accounts) email: String,
    pub(in crate::accounts) identity: Identity,
    pub(in crate::accounts) phone: String,
    pub(in crate::accounts) language: Language,
    pub(in crate::accounts) enter_key: EnterKey,
    pub(in crate::accounts) guide_step: u8,
    pub(in crate::accounts) shares_read_receipts: bool,
    pub(in crate::accounts) state: AccountState,
    pub(in crate::accounts) is_admin: bool,
    pub(in crate::accounts) photo_version: Option<u32>,
}

/// What signing in needs to know.
pub(in crate::accounts) struct Credentials {
    pub(in crate::accounts) account: AccountId,
    pub(in crate::accounts) state: AccountState,
    pub(in crate::accounts) password_hash: Option<String>,
}

/// A row to come.
pub(in crate::accounts) struct AccountToInsert<'a> {
    pub(in crate::accounts) id: AccountId,
    pub(in crate::accounts) email: &'a Email,
    pub(in crate::accounts) identity: &'a Identity,
    pub(in crate::accounts) language: Language,
    pub(in crate::accounts) state: AccountState,
    pub(in crate::accounts) is_admin: bool,
    pub(in crate::accounts) password_hash: Option<&'a str>,
    pub(in crate::accounts) at: Timestamp,
}

pub(in crate::accounts) fn has_account(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(tx
        .find("select 1 from accounts limit 1", &[], |row| row.get::<i64>(0))?
        .is_some())
}

pub(in crate::accounts) fn find_account(
    tx: &mut Tx<'_>,
    account: AccountId,
) -> Result<Option<AccountRecord>> {
    tx.find(
        "select id, email, title, name, profession, workplace, phone, language, enter_key, guide_step, state,
            is_admin, photo_version, shares_read_receipts
         from accounts
         where id = $1",
        values![account],
        |row| {
            Ok(AccountRecord {
                id: row.get(0)?,
                email: row.get(1)?,
                identity: Identity {
                    title: row.get(2)?,
                    name: row.get(3)?,
                    profession: row.get(4)?,
                    workplace: row.get(5)?,
                },
                phone: row.get(6)?,
                language: Language::from_tag(&row.get::<String>(7)?),
                enter_key: enter_key(row, 8)?,
                guide_step: u8::try_from(row.get::<i64>(9)?).unwrap_or_default(),
                state: state(row, 10)?,
                is_admin: row.get(11)?,
                photo_version: row.get(12)?,
                shares_read_receipts: row.get(13)?,
            })
        },
    )
}

pub(in crate::accounts) fn find_credentials(tx: &mut Tx<'_>, email: &str) -> Result<Option<Credentials>> {
    tx.find(
        "select id, state, password_hash
         from accounts
         where email = $1",
        values![email],
        credentials,
    )
}

pub(in crate::accounts) fn find_credentials_by_id(
    tx: &mut Tx<'_>,
    account: AccountId,
) -> Result<Option<Credentials>> {
    tx.find(
        "select id, state, password_hash
         from accounts
         where id = $1",
        values![account],
        credentials,
    )
}

fn credentials(row: &Row<'_>) -> Result<Credentials> {
    Ok(Credentials {
        account: row.get(0)?,
        state: state(row, 1)?,
        password_hash: row.get(2)?,
    })
}

/// Every account and open invitation, by name.
pub(in crate::accounts) fn list_accounts(tx: &mut Tx<'_>) -> Result<Vec<AccountRow>> {
    tx.list(
        "select id, title, name, email, profession, workplace, state, is_admin,
            (select max(seen_at) from devices where account_id = accounts.id)
         from accounts
         order by sort_name, id",
        &[],
        |row| {
            Ok(AccountRow {
                id: row.get(0)?,
                name: shown_name(&row.get::<String>(1)?, &row.get::<String>(2)?),
                email: row.get(3)?,
                profession: row.get(4)?,
                workplace: row.get(5)?,
                state: state(row, 6)?,
                is_admin: row.get(7)?,
                seen_at: row.get(8)?,
            })
        },
    )
}

/// Whether somebody who administers the instance is in use, besides this account.
pub(in crate::accounts) fn has_administrator_but(tx: &mut Tx<'_>, account: AccountId) -> Result<bool> {
    let found = tx.find(
        "select count(*)
         from accounts
         where id <> $1
            and is_admin = 1
            and state = $2",
        values![account, state_text(AccountState::Active)],
        |row| row.get::<i64>(0),
    )?;
    Ok(found.is_some_and(|n_others| n_others > 0))
}

/// Inserts an account; `false` when its address is taken.
pub(in crate::accounts) fn insert_account(tx: &mut Tx<'_>, new: &AccountToInsert<'_>) -> Result<bool> {
    let n_rows = tx.execute(
        "insert into accounts (id, email, title, name, profession, workplace, phone, language, enter_key, guide_step,
            state, is_admin, password_hash, photo_version, search_text, sort_name, created_at)
         values ($1, $2, $3, $4, $5, $6, '', $7, 'auto', 0, $8, $9, $10, null, $11, $12, $13)
         on conflict (email) do nothing",
        values![
            new.id,
            new.email.as_str(),
            new.identity.title.as_str(),
            new.identity.name.as_str(),
            new.identity.profession.as_str(),
            new.identity.workplace.as_str(),
            new.language.tag(),
            state_text(new.state),
            new.is_admin,
            new.password_hash.map(ToOwned::to_owned),
            new.identity.search_text(),
            new.identity.sort_name(),
            new.at,
        ],
    )?;
    Ok(n_rows == 1)
}

pub(in crate::accounts) fn update_identity(
    tx: &mut Tx<'_>,
    account: AccountId,
    identity: &Identity,
) -> Result<()> {
    tx.execute(
        "update accounts
         set title = $1, name = $2, profession = $3, workplace = $4, search_text = $5, sort_name = $6
         where id = $7",
        values![
            identity.title.as_str(),
            identity.name.as_str(),
            identity.profession.as_str(),
            identity.workplace.as_str(),
            identity.search_text(),
            identity.sort_name(),
            account,
        ],
    )
    .map(|_| ())
}

pub(in crate::accounts) fn update_phone(tx: &mut Tx<'_>, account: AccountId, phone: &str) -> Result<()> {
    tx.execute(
        "update accounts set phone = $1 where id = $2",
        values![phone, account],
    )
    .map(|_| ())
}

/// Stores the settings of the record.
pub(in crate::accounts) fn update_settings(tx: &mut Tx<'_>, account: &AccountRecord) -> Result<()> {
    tx.execute(
        "update accounts
         set language = $1, enter_key = $2, guide_step = $3, shares_read_receipts = $4
         where id = $5",
        values![
            account.language.tag(),
            enter_key_text(account.enter_key),
            i64::from(account.guide_step),
            account.shares_read_receipts,
            account.id
        ],
    )
    .map(|_| ())
}

pub(in crate::accounts) fn update_who_may_ask(
    tx: &mut Tx<'_>,
    account: AccountId,
    who_may_ask: WhoMayAsk,
) -> Result<()> {
    let text = match who_may_ask {
        WhoMayAsk::Everybody => "everybody",
        WhoMayAsk::Workplace => "workplace",
        WhoMayAsk::Nobody => "nobody",
    };
    tx.execute(
        "update accounts set who_may_ask = $1 where id = $2",
        values![text, account],
    )
    .map(|_| ())
}

/// What this version does not know lets nobody in.
pub(in crate::accounts) fn who_may_ask(row: &Row<'_>, index: usize) -> Result<WhoMayAsk> {
    Ok(match row.get::<String>(index)?.as_str() {
        "everybody" => WhoMayAsk::Everybody,
        "workplace" => WhoMayAsk::Workplace,
        _ => WhoMayAsk::Nobody,
    })
}

/// Whether both accounts share their read receipts.
pub(in crate::accounts) fn share_read_receipts(
    tx: &mut Tx<'_>,
    one: AccountId,
    other: AccountId,
) -> Result<bool> {
    let found = tx.find(
        "select count(*)
         from accounts
         where id in ($1, $2)
            and shares_read_receipts = 1",
        values![one, other],
        |row| row.get::<i64>(0),
    )?;
    Ok(found == Some(2))
}

pub(in crate::accounts) fn update_password(tx: &mut Tx<'_>, account: AccountId, hash: &str) -> Result<()> {
    tx.execute(
        "update accounts set password_hash = $1 where id = $2",
        values![hash, account],
    )
    .map(|_| ())
}

/// Puts a stronger hash of the same password in place, unless the password has changed meanwhile.
pub(in crate::accounts) fn replace_password_hash(
    tx: &mut Tx<'_>,
    account: AccountId,
    old: &str,
    new: &str,
) -> Result<()> {
    tx.execute(
        "update accounts
         set password_hash = $1
         where id = $2
            and password_hash = $3",
        values![new, account, old],
    )
    .map(|_| ())
}

pub(in crate::accounts) fn update_state(
    tx: &mut Tx<'_>,
    account: AccountId,
    state: AccountState,
) -> Result<()> {
    tx.execute(
        "update accounts set state = $1 where id = $2",
        values![state_text(state), account],
    )
    .map(|_| ())
}

pub(in crate::accounts) fn update_photo_version(
    tx: &mut Tx<'_>,
    account: AccountId,
    version: Option<u32>,
) -> Result<()> {
    tx.execute(
        "update accounts set photo_version = $1 where id = $2",
        values![version, account],
    )
    .map(|_| ())
}

fn state_text(state: AccountState) -> &'static str {
    match state {
        AccountState::Invited => "invited",
        AccountState::Active => "active",
        AccountState::Suspended => "suspended",
    }
}

fn state(row: &Row<'_>, index: usize) -> Result<AccountState> {
    match row.get::<String>(index)?.as_str() {
        "invited" => Ok(AccountState::Invited),
        "active" => Ok(AccountState::Active),
        "suspended" => Ok(AccountState::Suspended),
        _ => Err(Error::failed(
            "reading the state of an account",
            "unknown to this version",
        )),
    }
}

fn enter_key_text(enter_key: EnterKey) -> &'static str {
    match enter_key {
        EnterKey::Auto => "auto",
        EnterKey::Sends => "sends",
        EnterKey::NewLine => "new_line",
    }
}

fn enter_key(row: &Row<'_>, index: usize) -> Result<EnterKey> {
    Ok(match row.get::<String>(index)?.as_str() {
        "sends" => EnterKey::Sends,
        "new_line" => EnterKey::NewLine,
        _ => EnterKey::Auto,
    })
}
