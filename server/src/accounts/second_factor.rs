//! The second step: an authenticator app (TOTP), and recovery codes for when it is out of reach.
//!
//! The key of an app follows from a seed, sealed in the database, and the pepper beside it. A code counts once, for its own half
//! minute and the ones beside it, by the server's clock. A recovery code is 80 random bits and rests as a hash that takes the
//! pepper: whoever has the database alone has nothing to guess against.
//!
//! Source: RFC 6238; assurance AUTH-07; OWASP ASVS 5.0, 6.5.1 to 6.5.5.

use app::accounts::{
    AuthenticatorKey, FinishAuthenticator, MakeRecoveryCodes, N_RECOVERY_CODES, NoticeKind, RecoveryCodes,
    RemoveAuthenticator, Secret, StartAuthenticator,
};
use app::api::{AccountId, ApiError, Done, InvalidReason, Timestamp};
use totp_rs::{Builder, Totp};

use super::confirm::require_recent;
use super::notices::NewNotice;
use super::qr;
use super::sql;
use super::tokens::new_recovery_code;
use super::tries::Tried;
use crate::audit::{self, Act};
use crate::context::{Caller, Context};
use crate::error::{Error, Result};
use crate::store::Tx;

/// The authenticator's name in an app.
const ISSUER: &str = "Pli";
/// What the pepper's derived key is for.
const PURPOSE: &str = "authenticator";
/// The same, for what of a recovery code is stored.
const RECOVERY_PURPOSE: &str = "recovery code";

/// A code that fits: which one it is, and what using it up means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FittingCode {
    /// Of the app, for this step of time.
    Step(u64),
    /// One of the recovery codes, by its hash.
    Recovery(Vec<u8>),
}

/// Draws the key of a new authenticator app.
///
/// # Errors
/// `ConfirmIdentity` when who is there was not proven lately; `Invalid` naming `authenticator` when one is set up.
pub async fn start_authenticator(
    context: Context,
    caller: Caller,
    _wish: StartAuthenticator,
) -> Result<AuthenticatorKey> {
    let mut seed = [0; 32];
    context.clock.fill_random(&mut seed);
    let (account, now) = (caller.account, context.now());
    let email = context
        .db
        .write(move |tx| {
            require_recent(tx, &caller, now)?;
            if !sql::factors::put_unfinished(tx, account, &seed, now)? {
                return Err(Error::invalid("authenticator", InvalidReason::Taken));
            }
            let record = sql::accounts::find_account(tx, account)?.ok_or(ApiError::SignedOut)?;
            Ok(record.email)
        })
        .await?;
    let key = derive_key(&context, account, &seed)?;
    let key = totp_rs::Secret::from(key).to_base32();
    let label: String = form_urlencoded::byte_serialize(format!("{ISSUER}:{email}").as_bytes())
        .collect::<String>()
        .replace('+', "%20");
    let address =
        format!("otpauth://totp/{label}?secret={key}&issuer={ISSUER}&algorithm=SHA1&digits=6&period=30");
    let picture = qr::draw(&address)?;
    Ok(AuthenticatorKey {
        key: Secret(key),
        address: Secret(address),
        picture: Secret(picture.path),
        picture_side: picture.side,
    })
}

/// Sets the app up with its first code, and makes the recovery codes.
///
/// # Errors
/// `ConfirmIdentity`; `Invalid` naming `code` when it is wrong, `NotFound` when no app is being set up.
pub async fn finish_authenticator(
    context: Context,
    caller: Caller,
    wish: FinishAuthenticator,
) -> Result<RecoveryCodes> {
    let (account, now) = (caller.account, context.now());
    let (stored, seed) = context
        .db
        .read(move |tx| {
            let stored = sql::factors::find_authenticator(tx, account)?
                .filter(|stored| !stored.is_confirmed)
                .ok_or(ApiError::NotFound)?;
            let seed = sql::factors::open_seed(tx, account, &stored)?;
            Ok((stored, seed))
        })
        .await?;
    let step = fitting_step(&context, account, &seed, &wish.code)?
        .ok_or_else(|| Error::invalid("code", InvalidReason::Format))?;
    let (codes, hashes) = draw_codes(&context, account)?;
    let notice = NewNotice::prepare(&context, caller.session.door(), NoticeKind::AuthenticatorAdded);
    context
        .db
        .write(move |tx| {
            require_recent(tx, &caller, now)?;
            let present = sql::factors::find_authenticator(tx, account)?;
            // Meanwhile another tab may have drawn another key, or finished.
            if present.is_none_or(|present| present.is_confirmed || present.sealed_seed != stored.sealed_seed)
            {
                return Err(ApiError::NotFound.into());
            }
            sql::factors::use_step(tx, account, step)?;
            sql::factors::confirm_authenticator(tx, account, now)?;
            sql::factors::replace_codes(tx, account, &hashes, now)?;
            audit::append(tx, now, Some(account), Act::AuthenticatorAdded, account.0)?;
            notice.tell(tx, account)
        })
        .await?;
    tracing::info!(account.id = %account, "set an authenticator app up");
    Ok(codes)
}

/// Removes the app and the recovery codes.
///
/// # Errors
/// `ConfirmIdentity` when who is there was not proven lately; `FactorNeeded` when the organisation asks for one.
pub async fn remove_authenticator(
    context: Context,
    caller: Caller,
    _wish: RemoveAuthenticator,
) -> Result<Done> {
    let (account, now) = (caller.account, context.now());
    let notice = NewNotice::prepare(&context, caller.session.door(), NoticeKind::AuthenticatorRemoved);
    context
        .db
        .write(move |tx| {
            require_recent(tx, &caller, now)?;
            let Some(stored) = sql::factors::find_authenticator(tx, account)? else {
                return Ok(());
            };
            sql::factors::delete_factors(tx, account)?;
            if !stored.is_confirmed {
                // One that was being set up protected nothing yet.
                return Ok(());
            }
            if sql::settings::is_factor_required(tx)? && !sql::factors::has_any_factor(tx, account)? {
                return Err(ApiError::FactorNeeded.into());
            }
            audit::append(tx, now, Some(account), Act::AuthenticatorRemoved, account.0)?;
            notice.tell(tx, account)
        })
        .await?;
    tracing::info!(account.id = %account, "removed an authenticator app");
    Ok(Done {})
}

/// Makes new recovery codes; the old ones are void.
///
/// # Errors
/// `ConfirmIdentity`; `NotFound` when no app is set up.
pub async fn make_recovery_codes(
    context: Context,
    caller: Caller,
    _wish: MakeRecoveryCodes,
) -> Result<RecoveryCodes> {
    let (account, now) = (caller.account, context.now());
    let (codes, hashes) = draw_codes(&context, account)?;
    let notice = NewNotice::prepare(&context, caller.session.door(), NoticeKind::RecoveryCodesMade);
    context
        .db
        .write(move |tx| {
            require_recent(tx, &caller, now)?;
            let authenticator = sql::factors::find_authenticator(tx, account)?;
            if !authenticator.is_some_and(|stored| stored.is_confirmed) {
                return Err(ApiError::NotFound.into());
            }
            sql::factors::replace_codes(tx, account, &hashes, now)?;
            audit::append(tx, now, Some(account), Act::RecoveryCodesMade, account.0)?;
            notice.tell(tx, account)
        })
        .await?;
    tracing::info!(account.id = %account, "made recovery codes");
    Ok(codes)
}

/// Finds out whether a code fits the account; it counts only once [`use_code`] has used it up.
///
/// # Errors
/// `WrongCode`; `TooMany` after many wrong ones, `NotFound` when no app is set up.
pub(super) async fn check_code(context: &Context, account: AccountId, code: &Secret) -> Result<FittingCode> {
    let tries = context.passwords.tries();
    tries.check(&Tried::Code(account), context.now())?;
    let recovery = recovery_hash(context, account, code)?;
    let is_of_app = recovery.is_none();
    let (last_step, seed) = context
        .db
        .read(move |tx| {
            let stored = sql::factors::find_authenticator(tx, account)?
                .filter(|stored| stored.is_confirmed)
                .ok_or(ApiError::NotFound)?;
            // A recovery code is for when there is no app: whatever has become of its seed.
            let seed = is_of_app.then(|| sql::factors::open_seed(tx, account, &stored));
            Ok((stored.last_step, seed.transpose()?.unwrap_or_default()))
        })
        .await?;
    if let Some(hash) = recovery {
        return Ok(FittingCode::Recovery(hash));
    }
    match fitting_step(context, account, &seed, code)? {
        Some(step) if step > last_step => Ok(FittingCode::Step(step)),
        _ => {
            note_wrong_code(context, account);
            Err(ApiError::WrongCode.into())
        }
    }
}

/// Uses a code up; `false` when somebody was faster, or a recovery code is unknown.
pub(super) fn use_code(
    tx: &mut Tx<'_>,
    account: AccountId,
    code: &FittingCode,
    now: Timestamp,
) -> Result<bool> {
    match code {
        FittingCode::Step(step) => sql::factors::use_step(tx, account, *step),
        FittingCode::Recovery(hash) => {
            let is_used = sql::factors::use_code(tx, account, hash.clone(), now)?;
            if is_used {
                audit::append(tx, now, Some(account), Act::RecoveryCodeUsed, account.0)?;
            }
            Ok(is_used)
        }
    }
}

/// Counts a wrong code. Whoever gets here knows the password, so this locks nobody out whose password is their own.
pub(super) fn note_wrong_code(context: &Context, account: AccountId) {
    context
        .passwords
        .tries()
        .note_failure(&Tried::Code(account), context.now());
}

/// A right code was given: earlier wrong ones are forgiven.
pub(super) fn forgive_codes(context: &Context, account: AccountId) {
    context.passwords.tries().forgive(&Tried::Code(account));
}

fn derive_key(context: &Context, account: AccountId, seed: &[u8]) -> Result<[u8; 20]> {
    Ok(context.passwords.pepper()?.derive(PURPOSE, account, seed))
}

/// The step of time that the code belongs to: the present half minute, the one before or the one after.
fn fitting_step(context: &Context, account: AccountId, seed: &[u8], code: &Secret) -> Result<Option<u64>> {
    let app = authenticator(derive_key(context, account, seed)?)?;
    let digits: String = code.0.chars().filter(|c| !c.is_whitespace()).collect();
    let now_s = u64::try_from(context.now().0 / 1000).unwrap_or_default();
    Ok(app.check(&digits, now_s))
}

fn authenticator(key: [u8; 20]) -> Result<Totp> {
    // What every app understands: SHA-1, six digits, thirty seconds; one step of skew to either side.
    Builder::new()
        .with_secret(key)
        .with_skew(1)
        .build()
        .map_err(|error| Error::failed("preparing an authenticator", error.to_string()))
}

/// Fresh recovery codes, and what of them is stored.
fn draw_codes(context: &Context, account: AccountId) -> Result<(RecoveryCodes, Vec<Vec<u8>>)> {
    let codes: Vec<Secret> = (0..N_RECOVERY_CODES)
        .map(|_| new_recovery_code(context.clock.as_ref()))
        .collect();
    let mut hashes = Vec::new();
    for code in &codes {
        hashes.extend(recovery_hash(context, account, code)?);
    }
    Ok((RecoveryCodes { codes }, hashes))
}

/// What of a recovery code is stored; `None` when the text is not of its form. Case, spaces and hyphens do not count.
fn recovery_hash(context: &Context, account: AccountId, code: &Secret) -> Result<Option<Vec<u8>>> {
    let plain: String = code
        .0
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let is_one =
        plain.len() == super::tokens::RECOVERY_CHARS && plain.chars().all(|c| c.is_ascii_alphanumeric());
    if !is_one {
        return Ok(None);
    }
    let pepper = context.passwords.pepper()?;
    Ok(Some(
        pepper
            .derive(RECOVERY_PURPOSE, account, plain.as_bytes())
            .to_vec(),
    ))
}
