//! Passkeys: signing in with what a device or a key holds, unlocked by a finger, a face or a PIN.
//!
//! The state of a ceremony stays here; the browser gets a key to it that the first answer uses up, whatever comes of it. A
//! passkey proves two things at once, so it needs no second step; whoever uses one has verified themselves to it.
//!
//! Source: `WebAuthn` level 3, by the library `webauthn-rs`; assurance AUTH-06.

use app::accounts::{
    AccountState, AddPasskey, ClientKind, NoticeKind, PasskeyCeremony, RemovePasskey, Secret,
    SignInByPasskey, SignedIn, StartPasskey, StartPasskeySignIn,
};
use app::api::{AccountId, ApiError, Done, InvalidReason, PasskeyId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Url, Webauthn, WebauthnBuilder,
};
use webauthn_rs_proto::ResidentKeyRequirement;

use super::confirm::require_recent;
use super::notices::NewNotice;
use super::profile::require_me;
use super::sessions::NewSession;
use super::sign_in::has_first_factor;
use super::sql;
use super::sql::passkeys::PasskeyToInsert;
use super::tokens::{hash_token, new_token};
use crate::audit::{self, Act};
use crate::context::{Caller, Context, Door, Visitor};
use crate::error::{Error, Result};

/// How long a ceremony may take.
const CEREMONY_MS: i64 = 5 * 60_000;
/// The most ceremonies that wait, over the whole instance: anybody may begin one, and whoever begins many makes room by the
/// oldest.
const N_CEREMONIES: u64 = 20_000;
/// The most passkeys of an account.
const N_PASSKEYS: usize = 20;

/// Begins to add a passkey.
///
/// # Errors
/// `ConfirmIdentity` when who is there was not proven lately; `NoPasskeys` where the address of the service allows none;
/// `Invalid` naming `passkey` when there are too many.
pub async fn start_passkey(context: Context, caller: Caller, _wish: StartPasskey) -> Result<PasskeyCeremony> {
    let site = site(caller.session.door())?;
    let (account, now) = (caller.account, context.now());
    let asking = caller.clone();
    let (me, known) = context
        .db
        .read(move |tx| {
            require_recent(tx, &asking, now)?;
            let known = sql::passkeys::list_credential_ids(tx, account)?;
            Ok((require_me(tx, account, asking.device)?, known))
        })
        .await?;
    if known.len() >= N_PASSKEYS {
        return Err(Error::invalid("passkey", InvalidReason::TooLong));
    }
    let (mut challenge, state) = site
        .start_passkey_registration(account.0, &me.email, &me.name, Some(known))
        .map_err(|error| Error::failed("beginning to add a passkey", error))?;
    // So that the passkey is found without an address being typed.
    if let Some(selection) = &mut challenge.public_key.authenticator_selection {
        selection.require_resident_key = true;
        selection.resident_key = Some(ResidentKeyRequirement::Required);
    }
    keep(&context, Some(account), &state, &challenge.public_key).await
}

/// Adds the passkey that the browser has made.
///
/// # Errors
/// `PasskeyRefused` when the answer does not belong to a ceremony of this account or does not hold; `ConfirmIdentity`.
pub async fn add_passkey(context: Context, caller: Caller, wish: AddPasskey) -> Result<Done> {
    let site = site(caller.session.door())?;
    let (account, now) = (caller.account, context.now());
    let state: PasskeyRegistration = take(&context, Some(account), &wish.ceremony).await?;
    let answer: RegisterPublicKeyCredential = parse(&wish.credential)?;
    let passkey = site
        .finish_passkey_registration(&answer, &state)
        .map_err(|error| refused("adding", &error))?;
    let credential = write(&passkey)?;
    let id = PasskeyId(context.new_id());
    let door = caller.session.door();
    let name = door.device_name.clone();
    let notice = NewNotice::prepare(&context, door, NoticeKind::PasskeyAdded);
    context
        .db
        .write(move |tx| {
            require_recent(tx, &caller, now)?;
            let new = PasskeyToInsert {
                id,
                account,
                credential_id: passkey.cred_id().as_ref(),
                credential: &credential,
                name: &name,
                at: now,
            };
            if !sql::passkeys::insert_passkey(tx, &new)? {
                return Err(ApiError::PasskeyRefused.into());
            }
            audit::append(tx, now, Some(account), Act::PasskeyAdded, id.0)?;
            notice.tell(tx, account)
        })
        .await?;
    tracing::info!(account.id = %account, passkey.id = %id, "added a passkey");
    Ok(Done {})
}

/// Removes one of the caller's passkeys.
///
/// # Errors
/// `NotFound` when it is not one; `ConfirmIdentity`; `FactorNeeded` when it is the only way in, or the last factor where
/// the organisation asks for one.
pub async fn remove_passkey(context: Context, caller: Caller, wish: RemovePasskey) -> Result<Done> {
    let (account, now) = (caller.account, context.now());
    let notice = NewNotice::prepare(&context, caller.session.door(), NoticeKind::PasskeyRemoved);
    let provider = context.provider.clone();
    context
        .db
        .write(move |tx| {
            require_recent(tx, &caller, now)?;
            if !sql::passkeys::delete_passkey(tx, account, wish.passkey)? {
                return Err(ApiError::NotFound.into());
            }
            if !has_first_factor(tx, provider.as_deref(), account)? {
                return Err(ApiError::FactorNeeded.into());
            }
            if sql::settings::is_factor_required(tx)? && !sql::factors::has_any_factor(tx, account)? {
                return Err(ApiError::FactorNeeded.into());
            }
            audit::append(tx, now, Some(account), Act::PasskeyRemoved, wish.passkey.0)?;
            notice.tell(tx, account)
        })
        .await?;
    tracing::info!(account.id = %account, passkey.id = %wish.passkey, "removed a passkey");
    Ok(Done {})
}

/// Begins to sign in with a passkey: the same for everybody, for nobody has said yet who they are.
///
/// # Errors
/// `NoPasskeys` where the address of the service allows none.
pub async fn start_passkey_sign_in(
    context: Context,
    visitor: Visitor,
    _wish: StartPasskeySignIn,
) -> Result<PasskeyCeremony> {
    let site = site(visitor.session.door())?;
    let (challenge, state) = site
        .start_discoverable_authentication()
        .map_err(|error| Error::failed("beginning to sign in with a passkey", error))?;
    keep(&context, None, &state, &challenge.public_key).await
}

/// Signs in with the passkey's answer.
///
/// # Errors
/// `PasskeyRefused`, whatever is wrong: the ceremony, the passkey, its owner.
pub async fn sign_in_by_passkey(
    context: Context,
    visitor: Visitor,
    wish: SignInByPasskey,
) -> Result<SignedIn> {
    let site = site(visitor.session.door())?;
    let state: DiscoverableAuthentication = take(&context, None, &wish.ceremony).await?;
    let answer: PublicKeyCredential = parse(&wish.credential)?;
    let (owner, credential_id) = site
        .identify_discoverable_authentication(&answer)
        .map_err(|error| refused("identifying", &error))?;
    let looked_up = credential_id.to_vec();
    let stored = context
        .db
        .read(move |tx| sql::passkeys::find_by_credential(tx, &looked_up))
        .await?
        .filter(|stored| stored.account == AccountId(owner))
        .ok_or(ApiError::PasskeyRefused)?;
    let mut passkey: Passkey = read(&stored.credential)?;
    let proof = site
        .finish_discoverable_authentication_v2(&answer, state, &passkey)
        .map_err(|error| refused("signing in with", &error))?;
    passkey.update_credential(&proof);
    let credential = write(&passkey)?;
    let account = stored.account;
    let session = NewSession::prepare(&context, &visitor, ClientKind::Browser);
    let (opening, now) = (session.clone(), context.now());
    let me = context
        .db
        .write(move |tx| {
            let known = sql::accounts::find_credentials_by_id(tx, account)?;
            if known.is_none_or(|known| known.state != AccountState::Active) {
                return Err(ApiError::PasskeyRefused.into());
            }
            // Of two uses at once, one counts: a copied key shows itself by its counter.
            if !sql::passkeys::update_used(tx, &stored, &credential, now)? {
                return Err(ApiError::PasskeyRefused.into());
            }
            opening.store(tx, account)?;
            require_me(tx, account, opening.device)
        })
        .await?;
    tracing::info!(account.id = %account, device.id = %session.device, "signed in with a passkey");
    Ok(session.hand_over(&visitor, me))
}

/// The service as passkeys know it: by the name in its address.
fn site(door: &Door) -> Result<Webauthn> {
    let origin = door.origin.as_deref().and_then(|origin| Url::parse(origin).ok());
    let origin = origin.ok_or(ApiError::NoPasskeys)?;
    // An address of numbers has no name that a passkey could belong to.
    let name = origin.domain().ok_or(ApiError::NoPasskeys)?.to_owned();
    let builder = WebauthnBuilder::new(&name, &origin).map_err(|_| ApiError::NoPasskeys)?;
    builder
        .rp_name("Pli")
        .build()
        .map_err(|error| Error::failed("preparing passkeys", error))
}

async fn keep(
    context: &Context,
    account: Option<AccountId>,
    state: &impl Serialize,
    options: &impl Serialize,
) -> Result<PasskeyCeremony> {
    let ceremony = new_token(context.clock.as_ref());
    let key_hash = hash_token(&ceremony.0);
    let (state, options) = (write(state)?, write(options)?);
    let now = context.now();
    context
        .db
        .write(move |tx| {
            let expires_at = now.plus_ms(CEREMONY_MS);
            sql::passkeys::insert_ceremony(tx, key_hash, account, &state, now, expires_at, N_CEREMONIES)
        })
        .await?;
    Ok(PasskeyCeremony { ceremony, options })
}

async fn take<T: DeserializeOwned>(
    context: &Context,
    account: Option<AccountId>,
    ceremony: &Secret,
) -> Result<T> {
    let (key_hash, now) = (hash_token(&ceremony.0), context.now());
    let state = context
        .db
        .write(move |tx| sql::passkeys::take_ceremony(tx, key_hash, account, now))
        .await?;
    read(&state.ok_or(ApiError::PasskeyRefused)?)
}

/// What a browser has answered.
fn parse<T: DeserializeOwned>(credential: &Secret) -> Result<T> {
    serde_json::from_str(&credential.0).map_err(|_| ApiError::Malformed.into())
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| Error::failed("reading what is stored of a passkey", error))
}

fn write(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::failed("writing what is stored of a passkey", error))
}

/// Why is for the log; whoever tries something learns nothing from it.
fn refused(doing: &str, error: &webauthn_rs::prelude::WebauthnError) -> Error {
    tracing::warn!(cause = ?error, doing, "refused a passkey");
    ApiError::PasskeyRefused.into()
}
