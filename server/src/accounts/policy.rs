//! What the organisation asks of everybody: whether a second factor is needed, and whether messages are looked through on
//! the device for what belongs in a patient's record.
//!
//! Off in a new installation. Once it is on, who lacks a factor can sign in and set one up, and nothing else: the door holds
//! them ([`Hold`]), whatever they ask for.
//!
//! Source: assurance AUTH-14.

use app::accounts::{GetPolicy, GetSecurity, Policy, SaveGuardPolicy, SavePolicy, Security};
use app::api::ApiError;

use super::confirm::require_recent;
use super::provider::find_link_standing;
use super::sql;
use crate::audit::{self, Act};
use crate::context::{Caller, Context};
use crate::error::Result;
use crate::store::Tx;

/// Why a signed-in account can do nothing else at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The organisation asks for a second factor, and the account has none.
    LacksFactor,
}

impl Hold {
    /// What is answered to all but the operations that end the holding.
    pub fn refusal(self) -> ApiError {
        match self {
            Self::LacksFactor => ApiError::FactorNeeded,
        }
    }
}

/// Reads what the organisation asks of everybody.
///
/// # Errors
/// `Failed` when the store does not answer.
pub async fn get_policy(context: Context, _caller: Caller, _wish: GetPolicy) -> Result<Policy> {
    context.db.read(read_policy).await
}

fn read_policy(tx: &mut Tx<'_>) -> Result<Policy> {
    Ok(Policy {
        is_factor_required: sql::settings::is_factor_required(tx)?,
        is_unfiled_guarded: sql::settings::is_unfiled_guarded(tx)?,
    })
}

/// Whether messages are looked through on the device for what belongs in a patient's record.
///
/// # Errors
/// Only failures.
pub fn is_unfiled_guarded(tx: &mut Tx<'_>) -> Result<bool> {
    sql::settings::is_unfiled_guarded(tx)
}

/// Says whether they are.
///
/// # Errors
/// `ConfirmIdentity` when who is there was not proven lately.
pub async fn save_guard_policy(context: Context, caller: Caller, wish: SaveGuardPolicy) -> Result<Policy> {
    let (account, now) = (caller.account, context.now());
    let is_guarded = wish.is_unfiled_guarded;
    let policy = context
        .db
        .write(move |tx| {
            require_recent(tx, &caller, now)?;
            if sql::settings::is_unfiled_guarded(tx)? != is_guarded {
                let act = if is_guarded {
                    Act::UnfiledGuarded
                } else {
                    Act::UnfiledUnguarded
                };
                audit::append(tx, now, Some(account), act, None)?;
                sql::settings::put_unfiled_guarded(tx, is_guarded)?;
            }
            read_policy(tx)
        })
        .await?;
    tracing::info!(by.account.id = %account, is_unfiled_guarded = is_guarded, "changed the policy");
    Ok(policy)
}

/// Changes it.
///
/// # Errors
/// `ConfirmIdentity` when who is there was not proven lately; `FactorNeeded` when the administrator lacks the factor that is
/// to be asked of everybody.
pub async fn save_policy(context: Context, caller: Caller, wish: SavePolicy) -> Result<Policy> {
    let (account, now) = (caller.account, context.now());
    let is_factor_required = wish.is_factor_required;
    let policy = context
        .db
        .write(move |tx| {
            require_recent(tx, &caller, now)?;
            if is_factor_required
                && !sql::factors::has_any_factor(tx, caller.account)?
                && !sql::devices::is_vouched(tx, caller.device)?
            {
                return Err(ApiError::FactorNeeded.into());
            }
            if sql::settings::is_factor_required(tx)? != is_factor_required {
                let act = if is_factor_required {
                    Act::FactorsRequired
                } else {
                    Act::FactorsOptional
                };
                audit::append(tx, now, Some(account), act, None)?;
            }
            sql::settings::put_factor_required(tx, is_factor_required)?;
            read_policy(tx)
        })
        .await?;
    // Streams that are open now belong to people who may have to set a factor up first: they find out.
    context.live.ring_all();
    tracing::info!(by.account.id = %account, is_factor_required, "changed the policy");
    Ok(policy)
}

/// Reads how the caller's account is protected.
///
/// # Errors
/// `Failed` when the store does not answer.
pub async fn get_security(context: Context, caller: Caller, _wish: GetSecurity) -> Result<Security> {
    let account = caller.account;
    let provider = context.provider.clone();
    context
        .db
        .read(move |tx| {
            let known = sql::accounts::find_credentials_by_id(tx, account)?;
            let authenticator = sql::factors::find_authenticator(tx, account)?;
            Ok(Security {
                has_authenticator: authenticator.is_some_and(|stored| stored.is_confirmed),
                passkeys: sql::passkeys::list_passkeys(tx, account)?,
                n_recovery_codes: sql::factors::count_codes(tx, account)?,
                is_factor_required: sql::settings::is_factor_required(tx)?,
                has_password: known.is_some_and(|known| known.password_hash.is_some()),
                provider: find_link_standing(tx, provider.as_deref(), account)?,
                notices: sql::notices::list_notices(tx, account)?,
            })
        })
        .await
}
