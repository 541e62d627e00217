//! Signing in and out, and changing the password.
//!
//! An unknown address, a wrong password, an account that was never used and a suspended one answer alike, after the
//! same work.

use app::accounts::{AccountState, ChangePassword, FinishSignIn, NoticeKind, SignIn, SignOut, SignedIn};
use app::api::{AccountId, ApiError, DeviceId, Done, Timestamp};

use super::identity::Email;
use super::idle::{Standing, find_standing};
use super::notices::NewNotice;
use super::passwords::check_new;
use super::profile::require_me;
use super::provider::{is_linked, is_vouched_for};
use super::second_factor::{check_code, forgive_codes, note_wrong_code, use_code};
use super::sessions::{NewSession, end_sessions_but};
use super::sql;
use super::sql::accounts::Credentials;
use super::tokens::{hash_token, new_token};
use super::tries::Tried;
use crate::audit::{self, Act};
use crate::context::{Caller, Context, SessionChange, Visitor};
use crate::error::Result;
use crate::events::{self, NewEvent};
use crate::openid::Provider;
use crate::store::Tx;

/// How long a sign-in waits for its code.
pub(super) const TICKET_MS: i64 = 5 * 60_000;
/// How many codes one sign-in may try.
const N_TRIES: u32 = 5;

/// Opens a session for the right e-mail and password.
///
/// # Errors
/// `WrongCredentials`; `SecondFactor` when both are right and a code is needed as well, `PasskeyNeeded` when a passkey is; `TooMany` after many wrong passwords; `Busy` when too many sign in at once; `NotOpen` as long as
/// there is no account at all.
pub async fn sign_in(context: Context, visitor: Visitor, wish: SignIn) -> Result<SignedIn> {
    let email = Email::fold(&wish.email);
    let looked_up = email.clone();
    let browser_hash = visitor
        .session
        .door()
        .browser
        .as_ref()
        .map(|key| hash_token(&key.0));
    let browser = browser_hash.clone();
    let (known, is_known_browser) = context
        .db
        .read(move |tx| {
            let known = sql::accounts::find_credentials(tx, &looked_up)?;
            if known.is_none() && !sql::accounts::has_account(tx)? {
                return Err(ApiError::NotOpen.into());
            }
            let is_known_browser = match (&known, &browser) {
                (Some(known), Some(hash)) => {
                    sql::known_browsers::find_first_seen(tx, known.account, hash)?.is_some()
                }
                _ => false,
            };
            Ok((known, is_known_browser))
        })
        .await?;
    // Strangers share one count; a browser in which this account was signed in before has its own.
    let tried = match browser_hash.filter(|_| is_known_browser) {
        Some(hash) => Tried::FromKnownBrowser(email.clone(), hash),
        None => Tried::Password(email.clone()),
    };
    context.passwords.tries().check(&tried, context.now())?;
    let usable = known.filter(|known| known.state == AccountState::Active);
    let stored = usable.as_ref().and_then(|known| known.password_hash.as_deref());
    let is_right = context.passwords.verify(&wish.password, stored).await?;
    let (
        Some(Credentials {
            account,
            password_hash: Some(verified),
            ..
        }),
        true,
    ) = (usable, is_right)
    else {
        context.passwords.tries().note_failure(&tried, context.now());
        return Err(ApiError::WrongCredentials.into());
    };
    context.passwords.tries().forgive(&tried);
    let stronger = stronger_hash(&context, &wish, &verified).await;
    let locked = visitor.session.door().locked;
    let session = NewSession::prepare(&context, &visitor, wish.client);
    let opening = session.clone();
    let ticket = new_token(context.clock.as_ref());
    let ticket_hash = hash_token(&ticket.0);
    let provider = context.provider.clone();
    let now = context.now();
    let opened = context
        .db
        .write(move |tx| {
            // While the password was being checked it may have been changed, or the account suspended.
            let is_unchanged = sql::accounts::find_credentials_by_id(tx, account)?.is_some_and(|now| {
                now.state == AccountState::Active && now.password_hash.as_ref() == Some(&verified)
            });
            if !is_unchanged {
                return Err(ApiError::WrongCredentials.into());
            }
            if let Some(stronger) = stronger {
                sql::accounts::replace_password_hash(tx, account, &verified, &stronger)?;
            }
            // Who unlocks a device has taken the second step there already.
            let is_unlocking = is_unlocking(tx, locked, account, now)?;
            if sql::factors::has_factor(tx, account)? && !is_unlocking {
                let until = now.plus_ms(TICKET_MS);
                sql::tickets::insert_ticket(tx, ticket_hash, account, now, until, Some(now))?;
                return Ok(None);
            }
            if is_password_too_little(tx, provider.as_deref(), account, is_unlocking)? {
                return Err(ApiError::PasskeyNeeded.into());
            }
            let opening = if is_unlocking {
                opening.without_proof()
            } else {
                opening
            };
            opening.store(tx, account)?;
            require_me(tx, account, opening.device).map(Some)
        })
        .await?;
    let Some(me) = opened else {
        return Err(ApiError::SecondFactor { ticket }.into());
    };
    tracing::info!(account.id = %account, device.id = %session.device, "signed in");
    Ok(session.hand_over(&visitor, me))
}

/// Whether the browser's locked session is this account's, and is locked still: meanwhile it may have been ended from afar.
pub(super) fn is_unlocking(
    tx: &mut Tx<'_>,
    locked: Option<(AccountId, DeviceId)>,
    account: AccountId,
    now: Timestamp,
) -> Result<bool> {
    match locked {
        Some((owner, device)) if owner == account => {
            Ok(find_standing(tx, device, now)? == Some(Standing::Locked))
        }
        _ => Ok(false),
    }
}

/// Whether two factors are asked for, and the account has a way in that shows them: then its password alone opens nothing.
fn is_password_too_little(
    tx: &mut Tx<'_>,
    provider: Option<&Provider>,
    account: AccountId,
    is_unlocking: bool,
) -> Result<bool> {
    if !sql::settings::is_factor_required(tx)? {
        return Ok(false);
    }
    // A passkey is no second step: it is another first one. Where the account has none, a session that the provider has vouched
    // for would be worth less after a password: it is unlocked as it was opened.
    if sql::factors::has_any_factor(tx, account)? {
        return Ok(!is_unlocking);
    }
    is_vouched_for(tx, provider, account)
}

/// Whether anything is left that a sign-in of the account may begin with: a password, a passkey, the organisation's provider.
pub(super) fn has_first_factor(
    tx: &mut Tx<'_>,
    provider: Option<&Provider>,
    account: AccountId,
) -> Result<bool> {
    let known = sql::accounts::find_credentials_by_id(tx, account)?;
    let has_password = known.is_some_and(|known| known.password_hash.is_some());
    Ok(has_password
        || !sql::passkeys::list_credential_ids(tx, account)?.is_empty()
        || is_linked(tx, provider, account)?)
}

/// Finishes a sign-in with a code of the authenticator app, or a recovery code.
///
/// # Errors
/// `WrongCode`; `TooMany` after many; `LinkExpired` when the sign-in is too old, used, or was tried too often: it begins
/// anew with the password.
pub async fn finish_sign_in(context: Context, visitor: Visitor, wish: FinishSignIn) -> Result<SignedIn> {
    // After the provider has recognised somebody, the browser holds the ticket in a cookie.
    let ticket = match (wish.ticket.0.is_empty(), &visitor.session.door().attempt) {
        (true, Some(held)) => held.clone(),
        _ => wish.ticket,
    };
    let ticket_hash = hash_token(&ticket.0);
    let (tried, now) = (ticket_hash.clone(), context.now());
    let (account, proven_at) = context
        .db
        .write(move |tx| sql::tickets::try_ticket(tx, tried, now, N_TRIES))
        .await?
        .ok_or(ApiError::SignInExpired)?;
    let code = check_code(&context, account, &wish.code).await?;
    // A code adds to the first step and makes it no younger.
    let session = NewSession::prepare(&context, &visitor, wish.client).proven_since(proven_at);
    let opening = session.clone();
    let is_recovery = matches!(code, super::second_factor::FittingCode::Recovery(_));
    let notice = NewNotice::prepare(&context, visitor.session.door(), NoticeKind::RecoveryCodeUsed);
    let opened = context
        .db
        .write(move |tx| {
            require_ticket(tx, account, &ticket_hash)?;
            if !use_code(tx, account, &code, now)? {
                return Ok(None);
            }
            sql::tickets::delete_ticket(tx, ticket_hash)?;
            if is_recovery {
                notice.tell(tx, account)?;
            }
            opening.store(tx, account)?;
            require_me(tx, account, opening.device).map(Some)
        })
        .await?;
    let Some(me) = opened else {
        note_wrong_code(&context, account);
        return Err(ApiError::WrongCode.into());
    };
    forgive_codes(&context, account);
    tracing::info!(account.id = %account, device.id = %session.device, "signed in with a second factor");
    Ok(session.hand_over(&visitor, me))
}

/// While the code was being checked the sign-in may have been used, or the account suspended.
fn require_ticket(tx: &mut Tx<'_>, account: AccountId, ticket_hash: &[u8]) -> Result<()> {
    let state = sql::accounts::find_credentials_by_id(tx, account)?.map(|known| known.state);
    if state == Some(AccountState::Active) && sql::tickets::is_open(tx, ticket_hash)? {
        Ok(())
    } else {
        Err(ApiError::SignInExpired.into())
    }
}

/// The password hashed at today's cost, when the stored hash was made at another. Signing in does not depend on it.
async fn stronger_hash(context: &Context, wish: &SignIn, verified: &str) -> Option<String> {
    if !context.passwords.is_outdated(verified) {
        return None;
    }
    match context
        .passwords
        .hash(context.clock.as_ref(), &wish.password)
        .await
    {
        Ok(hash) => Some(hash),
        Err(error) => {
            tracing::warn!(cause = %error.chain(), "could not renew an old password hash");
            None
        }
    }
}

/// Ends the session of the device that asks.
///
/// # Errors
/// `Failed` when the store does not answer.
pub async fn sign_out(context: Context, caller: Caller, _wish: SignOut) -> Result<Done> {
    let now = context.now();
    let (account, device) = (caller.account, caller.device);
    context
        .db
        .write(move |tx| {
            if sql::devices::revoke_device(tx, device, now)? {
                events::append(tx, account, now, NewEvent::DeviceRevoked { device })?;
                audit::append(tx, now, Some(account), Act::SignedOut, device.0)?;
            }
            tx.ring(account);
            Ok(())
        })
        .await?;
    caller.session.set(SessionChange::Ended);
    tracing::info!(account.id = %account, device.id = %device, "signed out");
    Ok(Done {})
}

/// Changes the caller's password. The other devices are signed out; the one that asks stays.
///
/// # Errors
/// `WrongCredentials` when the present password is wrong, `TooMany` after many such; `Invalid` naming `new_password`.
pub async fn change_password(context: Context, caller: Caller, wish: ChangePassword) -> Result<Done> {
    let account = caller.account;
    let tried = Tried::Proof(account);
    context.passwords.tries().check(&tried, context.now())?;
    let (me, credentials) = context
        .db
        .read(move |tx| {
            let me = require_me(tx, account, caller.device)?;
            Ok((me, sql::accounts::find_credentials_by_id(tx, account)?))
        })
        .await?;
    check_new("new_password", &wish.new_password, &[&me.email, &me.bare_name])?;
    let verified = credentials.and_then(|known| known.password_hash);
    if !context
        .passwords
        .verify(&wish.password, verified.as_deref())
        .await?
    {
        context.passwords.tries().note_failure(&tried, context.now());
        return Err(ApiError::WrongCredentials.into());
    }
    context.passwords.tries().forgive(&tried);
    let hash = context
        .passwords
        .hash(context.clock.as_ref(), &wish.new_password)
        .await?;
    let now = context.now();
    let notice = NewNotice::prepare(&context, caller.session.door(), NoticeKind::PasswordChanged);
    context
        .db
        .write(move |tx| {
            // Two changes at once: the second was checked against a password that is no more.
            let present =
                sql::accounts::find_credentials_by_id(tx, account)?.and_then(|known| known.password_hash);
            if present != verified {
                return Err(ApiError::WrongCredentials.into());
            }
            sql::accounts::update_password(tx, account, &hash)?;
            audit::append(tx, now, Some(account), Act::PasswordChanged, account.0)?;
            sql::links::void_links(tx, account, now)?;
            notice.tell(tx, account)?;
            end_sessions_but(tx, account, Some(caller.device), now)
        })
        .await?;
    tracing::info!(account.id = %account, "changed the password");
    Ok(Done {})
}
