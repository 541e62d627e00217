//! Coming in: whose account an identity opens, whether the provider may let them in unasked, and what else they have to show.

use app::accounts::{AccountState, ClientKind, Me, ProviderRefusal};
use app::api::AccountId;

use super::arrival::{Arrived, Outcome};
use crate::accounts::idle::Standing;
use crate::accounts::profile::require_me;
use crate::accounts::sessions::NewSession;
use crate::accounts::sign_in::{TICKET_MS, is_unlocking};
use crate::accounts::sql;
use crate::accounts::sql::provider::Attempt;
use crate::accounts::tokens::{hash_token, new_token};
use crate::context::{Context, SessionChange, Visitor};
use crate::error::Result;
use crate::openid::Person;
use crate::store::Tx;

/// How far somebody has come.
enum End {
    Entered(Box<Me>),
    NeedsCode(AccountId),
}

/// Opens a session for whoever the identity is linked to. Nobody and somebody who may not sign in answer alike.
pub(super) async fn sign_in(
    context: &Context,
    visitor: &Visitor,
    attempt: &Attempt,
    person: Person,
) -> Result<Outcome> {
    let session = NewSession::prepare(context, visitor, ClientKind::Browser);
    let (opening, issuer, now) = (session.clone(), attempt.issuer.clone(), context.now());
    let (locked, is_fresh) = (visitor.session.door().locked, attempt.is_fresh);
    let browser_hash = visitor
        .session
        .door()
        .browser
        .as_ref()
        .map(|key| hash_token(&key.0));
    // What was locked meanwhile is opened by somebody who has proven just now who they are.
    if locked.is_some() && !is_fresh {
        return Ok(Err(ProviderRefusal::Stale));
    }
    let ticket = new_token(context.clock.as_ref());
    let ticket_hash = hash_token(&ticket.0);
    let end = context
        .db
        .write(move |tx| {
            let Some(account) = find_active(tx, &issuer, &person)? else {
                return Ok(Err(ProviderRefusal::Unknown));
            };
            if !is_fresh && !may_enter_unasked(tx, account, browser_hash.as_deref())? {
                return Ok(Err(ProviderRefusal::Stale));
            }
            let is_newer = note_proof(tx, &issuer, &person)?;
            if is_fresh && !is_newer {
                return Ok(Err(ProviderRefusal::Stale));
            }
            let has_factor = sql::factors::has_factor(tx, account)?;
            // Who unlocks a device has taken the second step there already.
            if !person.is_vouched && !is_unlocking(tx, locked, account, now)? {
                if has_factor {
                    let until = now.plus_ms(TICKET_MS);
                    sql::tickets::insert_ticket(tx, ticket_hash, account, now, until, person.proven_at)?;
                    return Ok(Ok(End::NeedsCode(account)));
                }
                if sql::settings::is_factor_required(tx)? && sql::factors::has_any_factor(tx, account)? {
                    return Ok(Err(ProviderRefusal::PasskeyNeeded));
                }
            }
            let is_whole = person.is_vouched || !has_factor;
            let opening = opening.by_provider(person.is_vouched, person.proven_at.filter(|_| is_whole));
            sql::provider::update_used(tx, account, &issuer, now)?;
            opening.store(tx, account)?;
            let me = require_me(tx, account, opening.device)?;
            Ok(Ok(End::Entered(Box::new(me))))
        })
        .await?;
    Ok(match end {
        Ok(End::Entered(me)) => {
            tracing::info!(account.id = %me.id, device.id = %session.device, "signed in by the provider");
            session.hand_over(visitor, *me);
            Ok(Arrived::Done(attempt.next.clone()))
        }
        Ok(End::NeedsCode(account)) => {
            tracing::info!(account.id = %account, "recognised by the provider, a code is awaited");
            visitor.session.set(SessionChange::Departed { attempt: ticket });
            Ok(Arrived::NeedsCode(attempt.next.clone()))
        }
        Err(refusal) => Err(refusal),
    })
}

/// Whose account the identity opens, if they may sign in.
fn find_active(tx: &mut Tx<'_>, issuer: &str, person: &Person) -> Result<Option<AccountId>> {
    let Some(account) = sql::provider::find_account(tx, issuer, &person.subject)? else {
        return Ok(None);
    };
    let known = sql::accounts::find_credentials_by_id(tx, account)?;
    let is_active = known.is_some_and(|known| known.state == AccountState::Active);
    Ok(is_active.then_some(account))
}

/// Notes when the person has proven to the provider who they are; `false` when that is no newer than what was believed before.
///
/// Whoever sits at the browser sees the address that asks the provider to ask anew, and can take that wish out of it: then the
/// provider answers with the proof of whoever was there before. One that has opened something already is known by its moment.
pub(super) fn note_proof(tx: &mut Tx<'_>, issuer: &str, person: &Person) -> Result<bool> {
    match person.proven_at {
        Some(at) => sql::provider::note_proven(tx, issuer, &person.subject, at),
        None => Ok(false),
    }
}

/// Whether the provider may let this person in from what it knows of before: they were in this browser and have left it
/// themselves, and it is nobody else's.
///
/// Looked at here, by the account, and not when the way begins: until then nobody has said whose it is, and whoever sits at the
/// browser can take its cookies away.
fn may_enter_unasked(tx: &mut Tx<'_>, account: AccountId, browser_hash: Option<&[u8]>) -> Result<bool> {
    let Some(browser) = browser_hash else {
        return Ok(false);
    };
    if sql::known_browsers::find_first_seen(tx, account, browser)?.is_none()
        || sql::browsers::is_shared_browser(tx, browser)?
    {
        return Ok(false);
    }
    // One that is locked, or has ended because nobody was there, was left by nobody.
    let last = sql::browsers::find_last_in_browser(tx, account, browser)?;
    Ok(last.is_some_and(|(used, ended_at)| ended_at.is_some_and(|at| used.standing(at) == Standing::Open)))
}
