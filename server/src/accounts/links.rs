//! One-time links: opening the instance, joining it, choosing a new password.
//!
//! The key of a link stands in the fragment of its address, which browsers send to nobody; the page reads it and posts
//! it. It opens one thing, once, for a limited time.

use app::accounts::{
    AcceptInvitation, AccountState, ClientKind, Link, LinkPurpose, NoticeKind, OneTimeLink, ReadLink,
    ResetPassword, Secret, SetUp, SignedIn,
};
use app::api::{AccountId, ApiError, Done, Timestamp};

use super::identity::{Email, Identity};
use super::notices::NewNotice;
use super::passwords::check_new;
use super::profile::require_me;
use super::sessions::{NewSession, end_sessions_but};
use super::sql;
use super::sql::accounts::{AccountRecord, AccountToInsert};
use super::sql::links::StoredPurpose;
use super::tokens::{hash_token, new_token};
use super::tries::Tried;
use crate::audit::{self, Act};
use crate::context::{Context, Visitor};
use crate::error::Result;
use crate::store::Tx;

/// How long the link that opens the instance is good: it is printed to whoever stands at the machine.
const SET_UP_MS: i64 = 30 * 60_000;
/// How long a person has to accept an invitation.
const INVITATION_MS: i64 = 7 * Timestamp::DAY_MS;
/// How long a forgotten password can be replaced.
const RESET_MS: i64 = Timestamp::DAY_MS;

/// Makes the link that opens the instance, good once within 30 minutes, and makes earlier ones void: path and fragment.
///
/// # Errors
/// `NotOpen` when there is an account already.
pub async fn create_setup_link(context: &Context) -> Result<Secret> {
    let key = new_token(context.clock.as_ref());
    let key_hash = hash_token(&key.0);
    let now = context.now();
    context
        .db
        .write(move |tx| {
            if sql::accounts::has_account(tx)? {
                return Err(ApiError::NotOpen.into());
            }
            sql::links::void_setup_links(tx, now)?;
            sql::links::insert_link(
                tx,
                key_hash,
                StoredPurpose::SetUp,
                None,
                now,
                now.plus_ms(SET_UP_MS),
            )
        })
        .await?;
    Ok(Secret(format!("/installation#k={}", key.0)))
}

/// Opens the instance: the first account, an administrator, signed in.
///
/// # Errors
/// `NotOpen` when there is an account already; `LinkExpired` when the key is not good; `Invalid` naming the field.
pub async fn set_up(context: Context, visitor: Visitor, wish: SetUp) -> Result<SignedIn> {
    let key_hash = hash_token(&wish.key.0);
    let looked_up = key_hash.clone();
    let now = context.now();
    context
        .db
        .read(move |tx| {
            if sql::accounts::has_account(tx)? {
                return Err(ApiError::NotOpen.into());
            }
            let link = sql::links::find_link(tx, looked_up, now)?;
            link.filter(|link| link.purpose == StoredPurpose::SetUp)
                .ok_or_else(expired)
        })
        .await?;
    let email = Email::parse(&wish.email)?;
    let identity = Identity::parse(&wish.title, &wish.name, &wish.profession, &wish.workplace)?;
    check_new("password", &wish.password, &[email.as_str(), &identity.name])?;
    let password_hash = context
        .passwords
        .hash(context.clock.as_ref(), &wish.password)
        .await?;
    let session = NewSession::prepare(&context, &visitor, ClientKind::Browser);
    let opening = session.clone();
    let account = AccountId(context.new_id());
    let language = visitor.language;
    let me = context
        .db
        .write(move |tx| {
            if sql::accounts::has_account(tx)? {
                return Err(ApiError::NotOpen.into());
            }
            if !sql::links::use_link(tx, key_hash, now)? {
                return Err(expired());
            }
            let new = AccountToInsert {
                id: account,
                email: &email,
                identity: &identity,
                language,
                state: AccountState::Active,
                is_admin: true,
                password_hash: Some(&password_hash),
                at: now,
            };
            sql::accounts::insert_account(tx, &new)?;
            opening.store(tx, account)?;
            require_me(tx, account, opening.device)
        })
        .await?;
    tracing::info!(account.id = %account, "opened the instance");
    Ok(session.hand_over(&visitor, me))
}

/// Reads what an invitation or a reset link is for.
///
/// # Errors
/// `LinkExpired` when it is used, expired or unknown.
pub async fn read_link(context: Context, _visitor: Visitor, wish: ReadLink) -> Result<Link> {
    let (purpose, record) = read_account_link(&context, &wish.key).await?;
    Ok(Link {
        purpose,
        email: record.email,
        name: record.identity.shown_name(),
        profession: record.identity.profession,
        workplace: record.identity.workplace,
    })
}

/// Uses an invitation: the person chooses a password, completes the profile and is signed in.
///
/// # Errors
/// `LinkExpired` when the key is not good; `Invalid` naming the field.
pub async fn accept_invitation(
    context: Context,
    visitor: Visitor,
    wish: AcceptInvitation,
) -> Result<SignedIn> {
    let (purpose, record) = read_account_link(&context, &wish.key).await?;
    if purpose != LinkPurpose::Invitation {
        return Err(expired());
    }
    let identity = Identity::parse(&wish.title, &wish.name, &wish.profession, &wish.workplace)?;
    check_new("password", &wish.password, &[&record.email, &identity.name])?;
    let password_hash = context
        .passwords
        .hash(context.clock.as_ref(), &wish.password)
        .await?;
    let session = NewSession::prepare(&context, &visitor, ClientKind::Browser);
    let opening = session.clone();
    let (account, language, now) = (record.id, visitor.language, context.now());
    let me = context
        .db
        .write(move |tx| {
            let mut before = use_account_link(tx, &wish.key, now)?;
            sql::accounts::update_identity(tx, account, &identity)?;
            sql::accounts::update_password(tx, account, &password_hash)?;
            sql::accounts::update_state(tx, account, AccountState::Active)?;
            before.language = language;
            sql::accounts::update_settings(tx, &before)?;
            audit::append(tx, now, Some(account), Act::Joined, account.0)?;
            opening.store(tx, account)?;
            require_me(tx, account, opening.device)
        })
        .await?;
    tracing::info!(account.id = %account, "accepted an invitation");
    Ok(session.hand_over(&visitor, me))
}

/// Uses a reset link: a new password, and every device is signed out. A link for lost factors removes them too.
///
/// # Errors
/// `LinkExpired` when the key is not good; `Invalid` naming the field.
pub async fn reset_password(context: Context, visitor: Visitor, wish: ResetPassword) -> Result<Done> {
    let (purpose, record) = read_account_link(&context, &wish.key).await?;
    if purpose != LinkPurpose::Reset {
        return Err(expired());
    }
    check_new(
        "password",
        &wish.password,
        &[&record.email, &record.identity.name],
    )?;
    let password_hash = context
        .passwords
        .hash(context.clock.as_ref(), &wish.password)
        .await?;
    let (account, now) = (record.id, context.now());
    let notice = NewNotice::prepare(&context, visitor.session.door(), NoticeKind::PasswordChanged);
    let lost = NewNotice::prepare(&context, visitor.session.door(), NoticeKind::FactorsReset);
    context
        .db
        .write(move |tx| {
            let key_hash = hash_token(&wish.key.0);
            let is_with_factors = sql::links::find_link(tx, key_hash, now)?
                .is_some_and(|link| link.purpose == StoredPurpose::ResetWithFactors);
            use_account_link(tx, &wish.key, now)?;
            sql::accounts::update_password(tx, account, &password_hash)?;
            audit::append(tx, now, Some(account), Act::PasswordReset, account.0)?;
            sql::links::void_links(tx, account, now)?;
            notice.tell(tx, account)?;
            if is_with_factors {
                sql::factors::delete_factors(tx, account)?;
                sql::passkeys::delete_all(tx, account)?;
                sql::provider::delete_all(tx, account)?;
                audit::append(tx, now, Some(account), Act::FactorsReset, account.0)?;
                lost.tell(tx, account)?;
            }
            end_sessions_but(tx, account, None, now)
        })
        .await?;
    // Whoever guessed before, the owner starts anew.
    context.passwords.tries().forgive(&Tried::Password(record.email));
    tracing::info!(account.id = %account, "reset a password");
    Ok(Done {})
}

/// Makes an invitation for an account; earlier links of the account are void.
pub(super) fn insert_invitation(
    tx: &mut Tx<'_>,
    account: AccountId,
    key: &Secret,
    now: Timestamp,
) -> Result<OneTimeLink> {
    insert_account_link(
        tx,
        account,
        StoredPurpose::Invitation,
        key,
        now,
        now.plus_ms(INVITATION_MS),
    )
}

/// Makes a reset link for an account; earlier links of the account are void.
pub(super) fn insert_reset(
    tx: &mut Tx<'_>,
    account: AccountId,
    with_factors: bool,
    key: &Secret,
    now: Timestamp,
) -> Result<OneTimeLink> {
    let purpose = if with_factors {
        StoredPurpose::ResetWithFactors
    } else {
        StoredPurpose::Reset
    };
    insert_account_link(tx, account, purpose, key, now, now.plus_ms(RESET_MS))
}

fn insert_account_link(
    tx: &mut Tx<'_>,
    account: AccountId,
    purpose: StoredPurpose,
    key: &Secret,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<OneTimeLink> {
    sql::links::void_links(tx, account, now)?;
    sql::links::insert_link(tx, hash_token(&key.0), purpose, Some(account), now, expires_at)?;
    Ok(OneTimeLink {
        account,
        path: Secret(format!("/invitation#k={}", key.0)),
        expires_at,
    })
}

/// What an account's link is for, and whose it is, while it is good.
async fn read_account_link(context: &Context, key: &Secret) -> Result<(LinkPurpose, AccountRecord)> {
    let key_hash = hash_token(&key.0);
    let now = context.now();
    context
        .db
        .read(move |tx| find_account_link(tx, key_hash, now)?.ok_or_else(expired))
        .await
}

/// Uses an account's link up and answers whose it is, if it is still good.
fn use_account_link(tx: &mut Tx<'_>, key: &Secret, now: Timestamp) -> Result<AccountRecord> {
    let key_hash = hash_token(&key.0);
    let (_, record) = find_account_link(tx, key_hash.clone(), now)?.ok_or_else(expired)?;
    if sql::links::use_link(tx, key_hash, now)? {
        Ok(record)
    } else {
        Err(expired())
    }
}

/// A link fits the state of its account: an invitation one that is invited, a reset one that is in use.
pub(super) fn find_account_link(
    tx: &mut Tx<'_>,
    key_hash: Vec<u8>,
    now: Timestamp,
) -> Result<Option<(LinkPurpose, AccountRecord)>> {
    let Some(link) = sql::links::find_link(tx, key_hash, now)? else {
        return Ok(None);
    };
    let Some(account) = link.account else {
        return Ok(None);
    };
    let Some(record) = sql::accounts::find_account(tx, account)? else {
        return Ok(None);
    };
    Ok(match (link.purpose, record.state) {
        (StoredPurpose::Invitation, AccountState::Invited) => Some((LinkPurpose::Invitation, record)),
        (StoredPurpose::Reset | StoredPurpose::ResetWithFactors, AccountState::Active) => {
            Some((LinkPurpose::Reset, record))
        }
        _ => None,
    })
}

fn expired() -> crate::error::Error {
    ApiError::LinkExpired.into()
}
