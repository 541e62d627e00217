//! What ties an identity to an account and unties it, and what the tie proves besides signing in.

use app::accounts::{
    AccountState, ClientKind, LinkPurpose, NoticeKind, ProviderRefusal, ProviderStanding, RemoveProviderLink,
};
use app::api::{AccountId, ApiError, Done, Timestamp};

use super::arrival::{Arrived, Outcome};
use super::entering::note_proof;
use super::require;
use crate::accounts::confirm::require_recent;
use crate::accounts::idle::{Standing, find_standing};
use crate::accounts::links::find_account_link;
use crate::accounts::notices::NewNotice;
use crate::accounts::profile::require_me;
use crate::accounts::sessions::NewSession;
use crate::accounts::sign_in::has_first_factor;
use crate::accounts::sql;
use crate::accounts::sql::provider::Attempt;
use crate::audit::{self, Act};
use crate::context::{Caller, Context, Visitor};
use crate::error::{Error, Result};
use crate::openid::{Person, Provider};
use crate::store::Tx;

/// How the account stands to the provider, for the page of security.
pub(in crate::accounts) fn find_link_standing(
    tx: &mut Tx<'_>,
    provider: Option<&Provider>,
    account: AccountId,
) -> Result<Option<ProviderStanding>> {
    let Some(provider) = provider else {
        return Ok(None);
    };
    Ok(Some(ProviderStanding {
        label: provider.label().to_owned(),
        vouches: provider.vouches(),
        link: sql::provider::find_link(tx, account, provider.issuer())?,
    }))
}

/// Whether the provider opens this account.
pub(in crate::accounts) fn is_linked(
    tx: &mut Tx<'_>,
    provider: Option<&Provider>,
    account: AccountId,
) -> Result<bool> {
    let Some(provider) = provider else {
        return Ok(false);
    };
    Ok(sql::provider::find_link(tx, account, provider.issuer())?.is_some())
}

/// Whether it lets the account in by two factors: then a password alone is too little where two are asked for.
pub(in crate::accounts) fn is_vouched_for(
    tx: &mut Tx<'_>,
    provider: Option<&Provider>,
    account: AccountId,
) -> Result<bool> {
    is_linked(tx, provider.filter(|provider| provider.vouches()), account)
}

/// Uses an invitation: the account opens by the identity from now on, and has no password.
pub(super) async fn join(
    context: &Context,
    visitor: &Visitor,
    attempt: &Attempt,
    person: Person,
) -> Result<Outcome> {
    let Some(link_hash) = attempt.link_hash.clone() else {
        return Ok(Err(ProviderRefusal::Expired));
    };
    let session = NewSession::prepare(context, visitor, ClientKind::Browser);
    let (opening, issuer, now) = (session.clone(), attempt.issuer.clone(), context.now());
    let language = visitor.language;
    let joined = context
        .db
        .write(move |tx| {
            let found = find_account_link(tx, link_hash.clone(), now)?;
            let Some((LinkPurpose::Invitation, mut record)) = found else {
                return Ok(Err(ProviderRefusal::Expired));
            };
            let (account, proven_at) = (record.id, person.proven_at);
            if !sql::provider::insert_link(tx, account, &issuer, &person.subject, proven_at, now)? {
                return Ok(Err(ProviderRefusal::Taken));
            }
            if !sql::links::use_link(tx, link_hash, now)? {
                // It was open a moment ago, in this very transaction: the tie goes with it.
                return Err(Error::failed("using an invitation", "it is used up"));
            }
            sql::accounts::update_state(tx, account, AccountState::Active)?;
            record.language = language;
            sql::accounts::update_settings(tx, &record)?;
            audit::append(tx, now, Some(account), Act::Joined, account.0)?;
            audit::append(tx, now, Some(account), Act::ProviderLinked, account.0)?;
            let opening = opening.by_provider(person.is_vouched, proven_at);
            opening.store(tx, account)?;
            Ok(Ok(require_me(tx, account, opening.device)?))
        })
        .await?;
    Ok(joined.map(|me| {
        tracing::info!(account.id = %me.id, "accepted an invitation by the provider");
        session.hand_over(visitor, me);
        Arrived::Done(attempt.next.clone())
    }))
}

/// Who has begun, if it is still they who are signed in on that device.
fn same_person<'c>(caller: Option<&'c Caller>, attempt: &Attempt) -> Option<&'c Caller> {
    caller.filter(|caller| attempt.by == Some((caller.account, caller.device)))
}

/// Whether their session is open still: while the provider was being asked it may have been ended, or locked.
fn is_open_still(tx: &mut Tx<'_>, caller: &Caller, now: Timestamp) -> Result<bool> {
    Ok(find_standing(tx, caller.device, now)? == Some(Standing::Open))
}

/// Links the account of whoever has begun.
pub(super) async fn link(
    context: &Context,
    caller: Option<&Caller>,
    attempt: &Attempt,
    person: Person,
) -> Result<Outcome> {
    let Some(caller) = same_person(caller, attempt).cloned() else {
        return Ok(Err(ProviderRefusal::Expired));
    };
    let (account, issuer, now) = (caller.account, attempt.issuer.clone(), context.now());
    let notice = NewNotice::prepare(context, caller.session.door(), NoticeKind::ProviderLinked);
    let linked = context
        .db
        .write(move |tx| {
            if !is_open_still(tx, &caller, now)? {
                return Ok(Err(ProviderRefusal::Expired));
            }
            let proven_at = person.proven_at;
            if !sql::provider::insert_link(tx, account, &issuer, &person.subject, proven_at, now)? {
                let is_ours = sql::provider::find_account(tx, &issuer, &person.subject)? == Some(account);
                return Ok(if is_ours {
                    Ok(())
                } else {
                    Err(ProviderRefusal::Taken)
                });
            }
            audit::append(tx, now, Some(account), Act::ProviderLinked, account.0)?;
            notice.tell(tx, account).map(Ok)
        })
        .await?;
    Ok(linked.map(|()| {
        tracing::info!(account.id = %account, "linked an account to the provider");
        Arrived::Done(attempt.next.clone())
    }))
}

/// Takes it as a proof of whoever has begun, from when the provider has had one.
pub(super) async fn prove(
    context: &Context,
    caller: Option<&Caller>,
    attempt: &Attempt,
    person: Person,
) -> Result<Outcome> {
    let Some(caller) = same_person(caller, attempt).cloned() else {
        return Ok(Err(ProviderRefusal::Expired));
    };
    let (account, device) = (caller.account, caller.device);
    let (issuer, now) = (attempt.issuer.clone(), context.now());
    let proven = context
        .db
        .write(move |tx| {
            if !is_open_still(tx, &caller, now)? {
                return Ok(Err(ProviderRefusal::Expired));
            }
            if sql::provider::find_account(tx, &issuer, &person.subject)? != Some(account) {
                return Ok(Err(ProviderRefusal::Taken));
            }
            if !note_proof(tx, &issuer, &person)? {
                return Ok(Err(ProviderRefusal::Stale));
            }
            let at = person.proven_at.map_or(Timestamp(0), |at| at.min(now));
            sql::devices::update_confirmed_at(tx, device, at)?;
            Ok(Ok(()))
        })
        .await?;
    Ok(proven.map(|()| {
        tracing::info!(account.id = %account, device.id = %device, "confirmed who is there by the provider");
        Arrived::Done(attempt.next.clone())
    }))
}

/// Removes the link of the caller's account, and what it has opened: sessions are worth no more than what else their account
/// has, and a sign-in that waits for a code begins anew.
///
/// # Errors
/// `NotFound` when there is none; `ConfirmIdentity`; `FactorNeeded` when it is the only way in: another has to be set up first.
pub async fn remove_provider_link(
    context: Context,
    caller: Caller,
    _wish: RemoveProviderLink,
) -> Result<Done> {
    let provider = require(&context)?;
    let (account, now) = (caller.account, context.now());
    let notice = NewNotice::prepare(&context, caller.session.door(), NoticeKind::ProviderUnlinked);
    context
        .db
        .write(move |tx| {
            require_recent(tx, &caller, now)?;
            if !sql::provider::delete_link(tx, account, provider.issuer())? {
                return Err(ApiError::NotFound.into());
            }
            if !has_first_factor(tx, Some(&provider), account)? {
                return Err(ApiError::FactorNeeded.into());
            }
            sql::devices::delete_vouched(tx, account)?;
            sql::tickets::delete_of_account(tx, account)?;
            audit::append(tx, now, Some(account), Act::ProviderUnlinked, account.0)?;
            notice.tell(tx, account)?;
            // Streams of sessions that are held from now on find out.
            tx.ring(account);
            Ok(())
        })
        .await?;
    tracing::info!(account.id = %account, "unlinked an account from the provider");
    Ok(Done {})
}
