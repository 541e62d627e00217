//! Signing in by the organisation's OpenID provider, and what else it proves: who joins, whose identity is linked to an
//! account, who is there.
//!
//! Issuer and subject are the one tie between an identity and an account. Two things make it: an invitation, used by whoever
//! the administrator gave it to, and the act of somebody who is signed in and has proven lately who they are. Nothing that a
//! provider says of a person's address does.
//! The provider stands for two factors where it is asked to vouch for them, and for a password elsewhere.
//!
//! - here: how a way there begins.
//! - `attempt`: what the browser takes along.
//! - `arrival`: what it comes back with.
//! - `entering`: whom that lets in.
//! - `tying`: how a tie is made and ended, and what it proves besides.
//!
//! Source: assurance AUTH-08; OWASP ASVS 5.0, 6.8 and 10.5.

mod arrival;
mod attempt;
mod entering;
mod tying;

use std::future::{Ready, ready};
use std::sync::Arc;

use app::accounts::{
    GetProvider, LinkPurpose, ProviderOffer, ProviderRefusal, StartProviderJoin, StartProviderLink,
    StartProviderProof, StartProviderSignIn,
};
use app::api::{ApiError, Done, InvalidReason};

use super::confirm::require_recent;
use super::identity::Identity;
use super::links::find_account_link;
use super::second_factor::{check_code, note_wrong_code, use_code};
use super::sql;
use super::tokens::hash_token;
use crate::context::{Caller, Context, Door, Visitor};
use crate::error::{Error, Result};
use crate::openid::{Provider, Question};
pub use arrival::{Arrived, Returned, arrive};
use attempt::{Drawn, NewAttempt};
pub use tying::remove_provider_link;
pub(super) use tying::{find_link_standing, is_linked, is_vouched_for};

/// What somebody is on their way for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To sign in.
    SignIn,
    /// To use an invitation.
    Join,
    /// To link their account.
    Link,
    /// To prove who is there.
    Proof,
}

impl Purpose {
    /// As the table names it.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Join => "join",
            Self::Link => "link",
            Self::Proof => "proof",
        }
    }

    /// # Errors
    /// `Failed` for a word that this version does not know.
    pub(super) fn from_text(text: &str) -> Result<Self> {
        [Self::SignIn, Self::Join, Self::Link, Self::Proof]
            .into_iter()
            .find(|purpose| purpose.text() == text)
            .ok_or_else(|| Error::failed("reading an attempt", "unknown purpose"))
    }
}

/// Where people are sent back to, below the address of the service.
pub const RETURN: &str = "/organisation/retour";

/// The provider.
///
/// # Errors
/// `NotFound` where the organisation has none.
fn require(context: &Context) -> Result<Arc<Provider>> {
    context.provider.clone().ok_or_else(|| ApiError::NotFound.into())
}

/// Reads what the provider is called.
///
/// # Errors
/// None.
pub fn get_provider(context: Context, _visitor: Visitor, _wish: GetProvider) -> Ready<Result<ProviderOffer>> {
    ready(Ok(ProviderOffer {
        label: context.provider.map(|provider| provider.label().to_owned()),
    }))
}

/// Begins to sign in. In a browser that nobody knows or that others use, and in one that holds a locked session, the provider
/// must ask anew who is there: it may still know the one before. So it must when what it knew has just led nowhere. Where it
/// need not, the one who comes back is looked at again (`entering`).
///
/// # Errors
/// `NotFound` where the organisation has no provider.
pub async fn start_provider_sign_in(
    context: Context,
    visitor: Visitor,
    wish: StartProviderSignIn,
) -> Result<Done> {
    let provider = require(&context)?;
    let new = NewAttempt::draw(&context, &provider, Purpose::SignIn).leading_to(&wish.page);
    let door = visitor.session.door();
    let is_locked = door.locked.is_some();
    let browser_hash = door.browser.as_ref().map(|key| hash_token(&key.0));
    let attempt = context
        .db
        .write(move |tx| {
            let is_strange_or_shared = match browser_hash {
                Some(hash) => sql::browsers::is_shared_browser(tx, &hash)?,
                None => true,
            };
            let new = if wish.is_anew || is_locked || is_strange_or_shared {
                new.fresh()
            } else {
                new
            };
            new.store(tx)?;
            Ok(new)
        })
        .await?;
    attempt.hand_over(&visitor.session);
    Ok(Done {})
}

/// Begins to use an invitation. What the person says of themselves is stored; the invitation stays good until the provider has
/// answered.
///
/// # Errors
/// `LinkExpired` when the key is not good; `Invalid` naming the field; `NotFound` where the organisation has no provider.
pub async fn start_provider_join(
    context: Context,
    visitor: Visitor,
    wish: StartProviderJoin,
) -> Result<Done> {
    let provider = require(&context)?;
    let identity = Identity::parse(&wish.title, &wish.name, &wish.profession, &wish.workplace)?;
    let link_hash = hash_token(&wish.key.0);
    let new = NewAttempt::draw(&context, &provider, Purpose::Join)
        .with_link(link_hash.clone())
        .fresh();
    let (storing, now) = (new.clone(), context.now());
    context
        .db
        .write(move |tx| {
            let found = find_account_link(tx, link_hash, now)?;
            let Some((LinkPurpose::Invitation, record)) = found else {
                return Err(ApiError::LinkExpired.into());
            };
            sql::accounts::update_identity(tx, record.id, &identity)?;
            storing.store(tx)
        })
        .await?;
    new.hand_over(&visitor.session);
    Ok(Done {})
}

/// Begins to link the caller's account.
///
/// # Errors
/// `ConfirmIdentity` when who is there was not proven lately; `Invalid` naming `link` when there is one; `NotFound` where the
/// organisation has no provider.
pub async fn start_provider_link(context: Context, caller: Caller, _wish: StartProviderLink) -> Result<Done> {
    let provider = require(&context)?;
    let new = NewAttempt::draw(&context, &provider, Purpose::Link)
        .by(&caller)
        .leading_to("/parametres/securite")
        .fresh();
    let (storing, asking, now) = (new.clone(), caller.clone(), context.now());
    context
        .db
        .write(move |tx| {
            require_recent(tx, &asking, now)?;
            if sql::provider::find_link(tx, asking.account, provider.issuer())?.is_some() {
                return Err(Error::invalid("link", InvalidReason::Taken));
            }
            storing.store(tx)
        })
        .await?;
    new.hand_over(&caller.session);
    Ok(Done {})
}

/// Begins to prove who is there. Where the account has an authenticator app, and the provider stands for a password alone, its
/// code belongs to the proof.
///
/// # Errors
/// `NotFound` when the account is not linked; `Invalid` naming `code` when it is missing, `WrongCode` for a wrong one,
/// `TooMany` after many.
pub async fn start_provider_proof(
    context: Context,
    caller: Caller,
    wish: StartProviderProof,
) -> Result<Done> {
    let provider = require(&context)?;
    let account = caller.account;
    let (asked, vouches) = (Arc::clone(&provider), provider.vouches());
    let wants_code = context
        .db
        .read(move |tx| {
            if sql::provider::find_link(tx, account, asked.issuer())?.is_none() {
                return Err(ApiError::NotFound.into());
            }
            Ok(!vouches && sql::factors::has_factor(tx, account)?)
        })
        .await?;
    let code = match (wants_code, wish.code) {
        (false, _) => None,
        (true, Some(code)) if !code.0.trim().is_empty() => Some(check_code(&context, account, &code).await?),
        (true, _) => return Err(Error::invalid("code", InvalidReason::Empty)),
    };
    let new = NewAttempt::draw(&context, &provider, Purpose::Proof)
        .by(&caller)
        .leading_to(&wish.page)
        .fresh();
    let (storing, now) = (new.clone(), context.now());
    let is_begun = context
        .db
        .write(move |tx| {
            if let Some(code) = &code
                && !use_code(tx, account, code, now)?
            {
                return Ok(false);
            }
            storing.store(tx)?;
            Ok(true)
        })
        .await?;
    if !is_begun {
        note_wrong_code(&context, account);
        return Err(ApiError::WrongCode.into());
    }
    new.hand_over(&caller.session);
    Ok(Done {})
}

/// Where a browser goes that has begun: the provider's address, or whence it began and why it leads no further.
///
/// # Errors
/// `Failed` when the store does not answer.
pub async fn depart(
    context: &Context,
    door: &Door,
    language: &str,
) -> Result<std::result::Result<String, (Purpose, ProviderRefusal)>> {
    let expired = Ok(Err((Purpose::SignIn, ProviderRefusal::Expired)));
    let (Some(provider), Some(key), Some(origin)) = (&context.provider, &door.attempt, &door.origin) else {
        return expired;
    };
    let (key_hash, now) = (hash_token(&key.0), context.now());
    let found = context
        .db
        .read(move |tx| sql::provider::find_attempt(tx, key_hash, now))
        .await?;
    let Some(attempt) = found.filter(|attempt| attempt.issuer == provider.issuer()) else {
        return expired;
    };
    let drawn = Drawn::from(key);
    let question = Question {
        redirect: &format!("{origin}{RETURN}"),
        state: &drawn.state,
        nonce: &drawn.nonce,
        challenge: &drawn.challenge(),
        is_fresh: attempt.is_fresh,
        language,
    };
    match provider.address(&question, now).await {
        Ok(address) => Ok(Ok(address)),
        Err(trouble) => {
            tracing::warn!(cause = %trouble, "nobody can be sent to the provider");
            Ok(Err((attempt.purpose, ProviderRefusal::Unreachable)))
        }
    }
}
