//! `notices`: what the owner of an account is told.

use app::accounts::{Notice, NoticeKind};
use app::api::{AccountId, Timestamp};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::store::{Row, Tx};
use crate::values;

/// The most notices of one account; the oldest go.
const N_KEPT: i64 = 50;

pub(in crate::accounts) fn insert_notice(
    tx: &mut Tx<'_>,
    id: Uuid,
    account: AccountId,
    kind: NoticeKind,
    device_name: &str,
    at: Timestamp,
) -> Result<()> {
    tx.execute(
        "insert into notices (id, account_id, kind, device_name, at, seen_at)
         values ($1, $2, $3, $4, $5, null)",
        values![id, account, kind_text(kind), device_name, at],
    )?;
    tx.execute(
        "delete from notices
         where account_id = $1
            and id not in (
                select id
                from notices
                where account_id = $2
                order by at desc, id desc
                limit $3
            )",
        values![account, account, N_KEPT],
    )
    .map(|_| ())
}

/// Newest first.
pub(in crate::accounts) fn list_notices(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<Notice>> {
    tx.list(
        "select kind, device_name, at, seen_at
         from notices
         where account_id = $1
         order by at desc, id desc
         limit $2",
        values![account, N_KEPT],
        |row| {
            Ok(Notice {
                kind: kind(row, 0)?,
                device: row.get(1)?,
                at: row.get(2)?,
                is_seen: row.get::<Option<Timestamp>>(3)?.is_some(),
            })
        },
    )
}

pub(in crate::accounts) fn count_unseen(tx: &mut Tx<'_>, account: AccountId) -> Result<u32> {
    let n_unseen = tx.find(
        "select count(*)
         from notices
         where account_id = $1
            and seen_at is null",
        values![account],
        |row| row.get(0),
    )?;
    Ok(n_unseen.unwrap_or_default())
}

/// Notes that the owner knows of all up to a moment.
pub(in crate::accounts) fn update_seen(
    tx: &mut Tx<'_>,
    account: AccountId,
    until: Timestamp,
    at: Timestamp,
) -> Result<()> {
    tx.execute(
        "update notices
         set seen_at = $1
         where account_id = $2
            and at <= $3
            and seen_at is null",
        values![at, account, until],
    )
    .map(|_| ())
}

const KINDS: &[(NoticeKind, &str)] = &[
    (NoticeKind::NewDevice, "new_device"),
    (NoticeKind::PasswordChanged, "password_changed"),
    (NoticeKind::AuthenticatorAdded, "authenticator_added"),
    (NoticeKind::AuthenticatorRemoved, "authenticator_removed"),
    (NoticeKind::RecoveryCodesMade, "recovery_codes_made"),
    (NoticeKind::RecoveryCodeUsed, "recovery_code_used"),
    (NoticeKind::PasskeyAdded, "passkey_added"),
    (NoticeKind::PasskeyRemoved, "passkey_removed"),
    (NoticeKind::ProviderLinked, "provider_linked"),
    (NoticeKind::ProviderUnlinked, "provider_unlinked"),
    (NoticeKind::FactorsReset, "factors_reset"),
];

fn kind_text(kind: NoticeKind) -> &'static str {
    let found = KINDS.iter().find(|(known, _)| *known == kind);
    found.map_or("", |(_, text)| text)
}

fn kind(row: &Row<'_>, index: usize) -> Result<NoticeKind> {
    let text: String = row.get(index)?;
    KINDS
        .iter()
        .find(|(_, known)| *known == text)
        .map(|(kind, _)| *kind)
        .ok_or_else(|| Error::failed("reading a notice", "a kind unknown to this version"))
}
