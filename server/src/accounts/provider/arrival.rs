//! Coming back from the provider: the attempt is used up, the answer is believed or not, and what was wished is done.

use std::sync::Arc;

use app::accounts::{ProviderRefusal, Secret};
use app::api::Timestamp;

use super::attempt::Drawn;
use super::entering::sign_in;
use super::tying::{join, link, prove};
use super::{Purpose, RETURN};
use crate::accounts::sql;
use crate::accounts::sql::provider::Attempt;
use crate::accounts::tokens::hash_token;
use crate::context::{Caller, Context, Visitor};
use crate::error::Result;
use crate::openid::{Answer, Person, Provider, Trouble};

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
pub(super) type Outcome = std::result::Result<Arrived, ProviderRefusal>;

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
) -> Result<Option<(Arc<Provider>, Secret, Attempt)>> {
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
