//! Coming back from the provider: the attempt is used up, the answer is believed or not, and what was wished is done.

use app::accounts::{AccountState, ClientKind, LinkPurpose, Me, NoticeKind, ProviderRefusal, Secret};
use app::api::{AccountId, Timestamp};

use super::attempt::Drawn;
use super::{Purpose, RETURN};
use crate::accounts::links::find_account_link;
use crate::accounts::notices::NewNotice;
use crate::accounts::profile::require_me;
use crate::accounts::sessions::NewSession;
use crate::accounts::sign_in::TICKET_MS;
use crate::accounts::sql;
use crate::accounts::sql::provider::Attempt;
use crate::accounts::tokens::{hash_token, new_token};
use crate::audit::{self, Act};
use crate::context::{Caller, Context, SessionChange, Visitor};
use crate::error::Result;
use crate::openid::{Answer, Person, Provider, Trouble};
use crate::store::Tx;

/// What a browser has brought back.
#[derive(Clone, Debug, Default)]
pub struct Returned {
    /// What is exchanged for whom the provider has recognised.
    pub code: Option<Secret>,
    /// What the browser was sent with.
    pub state: Option<Secret>,
    /// Who says that they answer.
    pub issuer: Option<String>,
    /// Why the provider lets nobody in.
    pub error: Option<String>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrived {
    /// What was wished is done; the browser goes on to this page of ours.
    Done(String),
    /// The person is recognised, and a code of their authenticator app is needed as well. Then to this page.
    NeedsCode(String),
    /// Nothing was done.
    Refused(Purpose, ProviderRefusal),
}

/// What a purpose ends in: where to go on, or why not.
type Outcome = std::result::Result<Arrived, ProviderRefusal>;

/// Takes what a browser has brought back. `caller` is who is signed in there, if anybody.
///
/// # Errors
/// `Failed` when the store does not answer; what is refused is an arrival too.
pub async fn arrive(
    context: &Context,
    visitor: &Visitor,
    caller: Option<&Caller>,
    returned: Returned,
) -> Result<Arrived> {
    let now = context.now();
    let Some((provider, key, attempt)) = take(context, visitor, returned.state.as_ref(), now).await? else {
        return Ok(Arrived::Refused(Purpose::SignIn, ProviderRefusal::Expired));
    };
    let purpose = attempt.purpose;
    let person = match recognise(&provider, &key, &attempt, visitor, &returned, now).await {
        Ok(person) => person,
        Err(refusal) => return Ok(Arrived::Refused(purpose, refusal)),
    };
    let outcome = match purpose {
        Purpose::SignIn => sign_in(context, visitor, &attempt, person).await?,
        Purpose::Join => join(context, visitor, &attempt, person).await?,
        Purpose::Link => link(context, caller, &attempt, person).await?,
        Purpose::Proof => prove(context, caller, &attempt, person).await?,
    };
    Ok(outcome.unwrap_or_else(|refusal| Arrived::Refused(purpose, refusal)))
}

/// The attempt of this browser and this state, used up whatever comes of it.
async fn take(
    context: &Context,
    visitor: &Visitor,
    state: Option<&Secret>,
    now: Timestamp,
) -> Result<Option<(std::sync::Arc<Provider>, Secret, Attempt)>> {
    let (Some(provider), Some(key), Some(state)) = (
        context.provider.clone(),
        visitor.session.door().attempt.clone(),
        state,
    ) else {
        return Ok(None);
    };
    let (key_hash, state_hash) = (hash_token(&key.0), hash_token(&state.0));
    let found = context
        .db
        .write(move |tx| sql::provider::take_attempt(tx, key_hash, state_hash, now))
        .await?;
    // Begun under other settings: whose answer this is, nobody knows.
    let found = found.filter(|attempt| attempt.issuer == provider.issuer());
    Ok(found.map(|attempt| (provider, key, attempt)))
}

/// Whom the provider has recognised.
async fn recognise(
    provider: &Provider,
    key: &Secret,
    attempt: &Attempt,
    visitor: &Visitor,
    returned: &Returned,
    now: Timestamp,
) -> std::result::Result<Person, ProviderRefusal> {
    let told = |trouble: Trouble| {
        tracing::warn!(cause = %trouble, purpose = attempt.purpose.text(), "refused what the provider has answered");
        match trouble {
            Trouble::Unreachable(_) => ProviderRefusal::Unreachable,
            Trouble::Untrusted(_) => ProviderRefusal::Untrusted,
            Trouble::TooWeak => ProviderRefusal::TooWeak,
            Trouble::Stale => ProviderRefusal::Stale,
        }
    };
    provider
        .check_sender(returned.issuer.as_deref(), now)
        .await
        .map_err(told)?;
    if let Some(error) = &returned.error {
        return Err(refusal_of(error));
    }
    let (Some(code), Some(origin)) = (&returned.code, &visitor.session.door().origin) else {
        return Err(ProviderRefusal::Untrusted);
    };
    let drawn = Drawn::from(key);
    let answer = Answer {
        code: &code.0,
        redirect: &format!("{origin}{RETURN}"),
        verifier: drawn.verifier(),
        nonce_hash: &hash_token(&drawn.nonce),
        since: attempt.is_fresh.then_some(attempt.begun_at),
    };
    provider.redeem(&answer, now).await.map_err(told)
}

/// What a provider's word for an error means to a person.
///
/// Source: RFC 6749, §4.1.2.1; OpenID Connect Core 1.0, §3.1.2.6; OpenID Connect Core Error Code
/// `unmet_authentication_requirements` 1.0.
fn refusal_of(error: &str) -> ProviderRefusal {
    match error {
        "unmet_authentication_requirements" => ProviderRefusal::TooWeak,
        "server_error" | "temporarily_unavailable" => ProviderRefusal::Unreachable,
        _ => ProviderRefusal::Cancelled,
    }
}

/// Opens a session for whoever the identity is linked to. Nobody and somebody who may not sign in answer alike.
async fn sign_in(context: &Context, visitor: &Visitor, attempt: &Attempt, person: Person) -> Result<Outcome> {
    enum End {
        Entered(Box<Me>),
        NeedsCode(AccountId),
    }
    let session = NewSession::prepare(context, visitor, ClientKind::Browser);
    let (opening, issuer, now) = (session.clone(), attempt.issuer.clone(), context.now());
    let locked = visitor.session.door().locked;
    // What was locked meanwhile is opened by somebody who has proven just now who they are.
    if locked.is_some() && !attempt.is_fresh {
        return Ok(Err(ProviderRefusal::Stale));
    }
    let ticket = new_token(context.clock.as_ref());
    let ticket_hash = hash_token(&ticket.0);
    let end = context
        .db
        .write(move |tx| {
            let Some(account) = sql::provider::find_account(tx, &issuer, &person.subject)? else {
                return Ok(Err(ProviderRefusal::Unknown));
            };
            let known = sql::accounts::find_credentials_by_id(tx, account)?;
            if known.is_none_or(|known| known.state != AccountState::Active) {
                return Ok(Err(ProviderRefusal::Unknown));
            }
            let has_factor = sql::factors::has_factor(tx, account)?;
            // Who unlocks a device has taken the second step there already.
            if !person.is_vouched && locked != Some(account) {
                if has_factor {
                    let until = now.plus_ms(TICKET_MS);
                    sql::tickets::insert_ticket(tx, ticket_hash, account, now, until)?;
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
            {
                let me = require_me(tx, account, opening.device)?;
                Ok(Ok(End::Entered(Box::new(me))))
            }
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

/// Uses an invitation: the account opens by the identity from now on, and has no password.
async fn join(context: &Context, visitor: &Visitor, attempt: &Attempt, person: Person) -> Result<Outcome> {
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
            let account = record.id;
            if !sql::provider::insert_link(tx, account, &issuer, &person.subject, now)? {
                return Ok(Err(ProviderRefusal::Taken));
            }
            sql::links::use_link(tx, link_hash, now)?;
            sql::accounts::update_state(tx, account, AccountState::Active)?;
            record.language = language;
            sql::accounts::update_settings(tx, &record)?;
            audit::append(tx, now, Some(account), Act::Joined, account.0)?;
            audit::append(tx, now, Some(account), Act::ProviderLinked, account.0)?;
            let opening = opening.by_provider(person.is_vouched, person.proven_at);
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

/// Links the account of whoever has begun.
async fn link(
    context: &Context,
    caller: Option<&Caller>,
    attempt: &Attempt,
    person: Person,
) -> Result<Outcome> {
    let Some(caller) = same_person(caller, attempt) else {
        return Ok(Err(ProviderRefusal::Expired));
    };
    let (account, issuer, now) = (caller.account, attempt.issuer.clone(), context.now());
    let notice = NewNotice::prepare(context, caller.session.door(), NoticeKind::ProviderLinked);
    let linked = context
        .db
        .write(move |tx| {
            if !sql::provider::insert_link(tx, account, &issuer, &person.subject, now)? {
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
async fn prove(
    context: &Context,
    caller: Option<&Caller>,
    attempt: &Attempt,
    person: Person,
) -> Result<Outcome> {
    let Some(caller) = same_person(caller, attempt) else {
        return Ok(Err(ProviderRefusal::Expired));
    };
    let (account, device) = (caller.account, caller.device);
    let (issuer, now) = (attempt.issuer.clone(), context.now());
    let proven = context
        .db
        .write(move |tx: &mut Tx<'_>| {
            if sql::provider::find_account(tx, &issuer, &person.subject)? != Some(account) {
                return Ok(Err(ProviderRefusal::Taken));
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
