//! `one_time_links`: what opens an account without a password, once.

use app::api::{AccountId, Timestamp};

use crate::error::{Error, Result};
use crate::store::Tx;
use crate::values;

/// What a link is for, as stored. The one that opens the instance belongs to no account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::accounts) enum StoredPurpose {
    SetUp,
    Invitation,
    Reset,
    /// The same, and the factors are lost as well.
    ResetWithFactors,
}

impl StoredPurpose {
    const fn text(self) -> &'static str {
        match self {
            Self::SetUp => "set_up",
            Self::Invitation => "invitation",
            Self::Reset => "reset",
            Self::ResetWithFactors => "reset_with_factors",
        }
    }

    fn from_text(text: &str) -> Result<Self> {
        [Self::SetUp, Self::Invitation, Self::Reset, Self::ResetWithFactors]
            .into_iter()
            .find(|purpose| purpose.text() == text)
            .ok_or_else(|| Error::failed("reading a one-time link", "unknown purpose"))
    }
}

/// A link that can still be used.
pub(in crate::accounts) struct StoredLink {
    pub(in crate::accounts) purpose: StoredPurpose,
    pub(in crate::accounts) account: Option<AccountId>,
}

pub(in crate::accounts) fn insert_link(
    tx: &mut Tx<'_>,
    key_hash: Vec<u8>,
    purpose: StoredPurpose,
    account: Option<AccountId>,
    at: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    tx.execute(
        "insert into one_time_links (key_hash, purpose, account_id, created_at, expires_at, used_at)
         values ($1, $2, $3, $4, $5, null)",
        values![key_hash, purpose.text(), account, at, expires_at],
    )
    .map(|_| ())
}

/// The link of this key, unless it is used or expired.
pub(in crate::accounts) fn find_link(
    tx: &mut Tx<'_>,
    key_hash: Vec<u8>,
    now: Timestamp,
) -> Result<Option<StoredLink>> {
    tx.find(
        "select purpose, account_id
         from one_time_links
         where key_hash = $1
            and used_at is null
            and expires_at > $2",
        values![key_hash, now],
        |row| {
            Ok(StoredLink {
                purpose: StoredPurpose::from_text(&row.get::<String>(0)?)?,
                account: row.get(1)?,
            })
        },
    )
}

/// Uses the link up; `false` when it was used or expired before.
pub(in crate::accounts) fn use_link(tx: &mut Tx<'_>, key_hash: Vec<u8>, now: Timestamp) -> Result<bool> {
    let n_rows = tx.execute(
        "update one_time_links
         set used_at = $1
         where key_hash = $2
            and used_at is null
            and expires_at > $3",
        values![now, key_hash, now],
    )?;
    Ok(n_rows == 1)
}

/// Makes all open links of the account void: a newer one, or a suspension, takes their place.
pub(in crate::accounts) fn void_links(tx: &mut Tx<'_>, account: AccountId, now: Timestamp) -> Result<()> {
    tx.execute(
        "update one_time_links
         set used_at = $1
         where account_id = $2
            and used_at is null",
        values![now, account],
    )
    .map(|_| ())
}

/// Makes all open links that would open the instance void.
pub(in crate::accounts) fn void_setup_links(tx: &mut Tx<'_>, now: Timestamp) -> Result<()> {
    tx.execute(
        "update one_time_links
         set used_at = $1
         where account_id is null
            and used_at is null",
        values![now],
    )
    .map(|_| ())
}
