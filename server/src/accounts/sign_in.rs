//! Signing in and out, and changing the password.
//!
//! An unknown address, a wrong password, an account that was never used and a suspended one answer alike, after the
//! same work.

use app::accounts::{AccountState, ChangePassword, SignIn, SignOut, SignedIn};
use app::api::{ApiError, Done};

use super::identity::Email;
use super::passwords::check_new;
use super::profile::require_me;
use super::sessions::{NewSession, end_sessions_but};
use super::sql;
use super::sql::accounts::Credentials;
use crate::audit::{self, Act};
use crate::context::{Caller, Context, SessionChange, Visitor};
use crate::error::Result;
use crate::events::{self, NewEvent};

/// Opens a session for the right e-mail and password.
///
/// # Errors
/// `WrongCredentials`; `TooMany` after many wrong passwords; `Busy` when too many sign in at once; `NotOpen` as long as
/// there is no account at all.
pub async fn sign_in(context: Context, visitor: Visitor, wish: SignIn) -> Result<SignedIn> {
    let email = Email::fold(&wish.email);
    context.passwords.tries().check(&email, context.now())?;
    let looked_up = email.clone();
    let known = context
        .db
        .read(move |tx| {
            let known = sql::accounts::find_credentials(tx, &looked_up)?;
            if known.is_none() && !sql::accounts::has_account(tx)? {
                return Err(ApiError::NotOpen.into());
            }
            Ok(known)
        })
        .await?;
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
        context.passwords.tries().note_failure(&email, context.now());
        return Err(ApiError::WrongCredentials.into());
    };
    context.passwords.tries().forgive(&email);
    let stronger = stronger_hash(&context, &wish, &verified).await;
    let session = NewSession::prepare(&context, &visitor, wish.client);
    let opening = session.clone();
    let me = context
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
            opening.store(tx, account)?;
            require_me(tx, account, opening.device)
        })
        .await?;
    tracing::info!(account.id = %account, device.id = %session.device, "signed in");
    Ok(session.hand_over(&visitor, me))
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
    let tried = account.to_string();
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
            end_sessions_but(tx, account, Some(caller.device), now)
        })
        .await?;
    tracing::info!(account.id = %account, "changed the password");
    Ok(Done {})
}
