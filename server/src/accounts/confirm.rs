//! Proving once more who is there, before something that changes who can sign in.
//!
//! A device that was left open signs in nobody: what changes a factor, lets people in or keeps them out asks for a proof
//! that is at most five minutes old. Signing in is one; [`confirm_identity`] is another.
//!
//! Source: assurance AUTH-13; OWASP ASVS 5.0, 7.5.1.

use app::accounts::ConfirmIdentity;
use app::api::{ApiError, Done, InvalidReason, Timestamp};

use super::second_factor::{check_code, use_code};
use super::sql;
use super::tries::Tried;
use crate::context::{Caller, Context};
use crate::error::{Error, Result};
use crate::store::Tx;

/// How long a proof is good.
const GOOD_MS: i64 = 5 * 60_000;

/// Requires that the person at the caller's device has proven who they are a moment ago.
///
/// # Errors
/// `ConfirmIdentity` when that was more than five minutes ago.
pub fn require_recent(tx: &mut Tx<'_>, caller: &Caller, now: Timestamp) -> Result<()> {
    let confirmed_at = sql::devices::find_confirmed_at(tx, caller.device)?;
    match confirmed_at {
        // A clock that was set back makes nothing younger than it is.
        Some(at) if (0..=GOOD_MS).contains(&now.ms_since(at)) => Ok(()),
        _ => Err(ApiError::ConfirmIdentity.into()),
    }
}

/// Takes the password, and the code where the account has an authenticator app, as a proof good for five minutes.
///
/// # Errors
/// `WrongCredentials` for a wrong password, `Invalid` naming `code` when it is missing, `WrongCode` for a wrong one;
/// `TooMany` after many of either.
pub async fn confirm_identity(context: Context, caller: Caller, wish: ConfirmIdentity) -> Result<Done> {
    let (account, device) = (caller.account, caller.device);
    let tried = Tried::Proof(account);
    context.passwords.tries().check(&tried, context.now())?;
    let (credentials, has_authenticator) = context
        .db
        .read(move |tx| {
            let credentials = sql::accounts::find_credentials_by_id(tx, account)?;
            let authenticator = sql::factors::find_authenticator(tx, account)?;
            Ok((credentials, authenticator.is_some_and(|known| known.is_confirmed)))
        })
        .await?;
    let verified = credentials.and_then(|known| known.password_hash);
    let is_right = context
        .passwords
        .verify(&wish.password, verified.as_deref())
        .await?;
    if !is_right {
        context.passwords.tries().note_failure(&tried, context.now());
        return Err(ApiError::WrongCredentials.into());
    }
    let code = match (has_authenticator, wish.code) {
        (false, _) => None,
        (true, Some(code)) if !code.0.trim().is_empty() => Some(check_code(&context, account, &code).await?),
        (true, _) => return Err(Error::invalid("code", InvalidReason::Empty)),
    };
    let now = context.now();
    let used = code.clone();
    let is_taken = context
        .db
        .write(move |tx| {
            let present = sql::accounts::find_credentials_by_id(tx, account)?;
            if present.and_then(|known| known.password_hash) != verified {
                return Err(ApiError::WrongCredentials.into());
            }
            if let Some(code) = &used
                && !use_code(tx, account, code, now)?
            {
                return Ok(false);
            }
            sql::devices::update_confirmed_at(tx, device, now)?;
            Ok(true)
        })
        .await?;
    if !is_taken {
        super::second_factor::note_wrong_code(&context, account);
        return Err(ApiError::WrongCode.into());
    }
    context.passwords.tries().forgive(&tried);
    tracing::info!(account.id = %account, device.id = %device, "confirmed who is there");
    Ok(Done {})
}
