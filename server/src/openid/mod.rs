//! An OpenID provider, as an organisation runs it: where people go to prove who they are, and what its answer is worth.
//!
//! Promises: nothing is believed that the provider's own keys have not signed, for this service, this attempt and this moment;
//! a provider that is slow, large, away or hostile costs whoever waits for it some seconds, and nobody else anything; it is
//! asked when somebody wants to sign in, never at the start.
//! Leaves to others: whose account an identity opens (`accounts`), the browser's way there and back (`http`).
//!
//! - here: the provider, and the two steps of an attempt.
//! - `settings`: how the operator names it.
//! - `fetch`: requests to it.
//! - `metadata`: what it says of itself.
//! - `keys`: what it signs with.
//! - `known`: both, for as long as they are believed.
//! - `id_token`: what must hold before a token is believed.
//!
//! Source: OpenID Connect Core 1.0, §3.1; RFC 7636 (PKCE); RFC 9207 (`iss`); assurance AUTH-08.

mod fetch;
mod id_token;
mod keys;
mod known;
mod metadata;
mod settings;

use std::sync::Arc;
use std::time::Duration;

use app::api::Timestamp;
use axum::http::{HeaderValue, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;

use fetch::Fetch;
use id_token::{Doubt, Expected};
use known::{KEYS_AGAIN_MS, KNOWN_MS, Known};
use metadata::Metadata;
pub use settings::{Settings, SettingsError};

/// The most characters of a code, and of a token.
const MAX_CHARS: usize = 32 * 1024;

/// Why the provider opens nothing just now. Holds nothing of a person's: it goes into the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// It does not answer, or not in a form that could be followed.
    #[error("the provider cannot be reached: {0}")]
    Unreachable(String),
    /// What it answers does not hold.
    #[error("the provider is not believed: {0}")]
    Untrusted(String),
    /// The person has shown it less than is asked for.
    #[error("the provider vouches for too little")]
    TooWeak,
    /// The person has shown it nothing lately, which was asked for.
    #[error("the provider has not asked anew who is there")]
    Stale,
}

/// What a person is sent to the provider with.
pub struct Question<'q> {
    /// Where they come back to.
    pub redirect: &'q str,
    /// What they come back with.
    pub state: &'q str,
    /// What the token comes back with.
    pub nonce: &'q str,
    /// The SHA-256 of what the code is exchanged with, base64url.
    pub challenge: &'q str,
    /// Whether they must prove anew who they are, though the provider may still know them.
    pub is_fresh: bool,
    /// The language of their screens.
    pub language: &'q str,
}

/// What they have come back with.
pub struct Answer<'a> {
    /// What is exchanged for a token, once.
    pub code: &'a str,
    /// Where they have come back to.
    pub redirect: &'a str,
    /// What proves that the exchange is by whoever sent them.
    pub verifier: &'a str,
    /// The SHA-256 of what the token must come back with.
    pub nonce_hash: &'a [u8],
    /// Since when they must have proven who they are.
    pub since: Option<Timestamp>,
}

/// Whom the provider has recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The provider's name for them: with the issuer, the one thing that they are known by.
    pub subject: String,
    /// It vouches for a class of authentication that stands for two factors.
    pub is_vouched: bool,
    /// When they have proven to it who they are, if it says so.
    pub proven_at: Option<Timestamp>,
}

/// The provider.
pub struct Provider {
    settings: Settings,
    fetch: Fetch,
    known: Known,
}

/// What the provider says of itself, for the operator.
pub struct Description {
    /// Whether it says that it knows PKCE with SHA-256.
    pub says_pkce: bool,
    /// Whether one of its keys could sign a token that is believed.
    pub can_sign: bool,
    /// Of the classes that are asked for, those it does not say it knows; none if it says nothing of classes.
    pub unknown_acr: Vec<String>,
}

impl Provider {
    /// The provider of these settings; nobody asks it anything yet.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            fetch: Fetch::new(),
            known: Known::default(),
        }
    }

    /// The same, waited for no longer than this: for tests.
    #[must_use]
    pub fn with_patience(self, within: Duration) -> Self {
        let fetch = self.fetch.within(within);
        Self { fetch, ..self }
    }

    /// What people call it.
    pub fn label(&self) -> &str {
        &self.settings.label
    }

    /// What its tokens call their issuer.
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Whether it is asked to vouch for two factors: whoever it lets in has then shown them.
    pub fn vouches(&self) -> bool {
        !self.settings.acr.is_empty()
    }

    /// The address that a person goes to.
    ///
    /// # Errors
    /// `Unreachable` when it does not say of itself where that is.
    pub async fn address(&self, question: &Question<'_>, now: Timestamp) -> Result<String, Trouble> {
        let metadata = self.metadata(now).await?;
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("scope", "openid")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", question.redirect)
            .append_pair("state", question.state)
            .append_pair("nonce", question.nonce)
            .append_pair("code_challenge", question.challenge)
            .append_pair("code_challenge_method", "S256")
            .append_pair("ui_locales", question.language);
        if question.is_fresh {
            query.append_pair("prompt", "login").append_pair("max_age", "0");
        }
        if self.vouches() {
            query.append_pair("acr_values", &self.settings.acr.join(" "));
        }
        if metadata.takes_claims {
            query.append_pair("claims", &self.wanted_claims());
        }
        let mark = if metadata.authorization.contains('?') {
            '&'
        } else {
            '?'
        };
        Ok(format!("{}{mark}{}", metadata.authorization, query.finish()))
    }

    /// What the token shall tell of the person: nothing of who they are, beyond their name to the provider.
    fn wanted_claims(&self) -> String {
        let essential = json!({ "essential": true });
        let mut wanted = json!({ "id_token": { "auth_time": essential } });
        if self.vouches() {
            wanted["id_token"]["acr"] = json!({ "essential": true, "values": self.settings.acr });
        }
        wanted.to_string()
    }

    /// Checks who an answer says it comes from, if it does: one that belongs to another provider is nothing to exchange here.
    ///
    /// # Errors
    /// `Untrusted` when it names another, or none although this one always does; `Unreachable`.
    pub async fn check_sender(&self, issuer: Option<&str>, now: Timestamp) -> Result<(), Trouble> {
        let metadata = self.metadata(now).await?;
        match issuer {
            Some(issuer) if issuer == self.settings.issuer => Ok(()),
            None if !metadata.names_itself => Ok(()),
            _ => Err(Trouble::Untrusted(
                "the answer is of another provider, or of nobody".to_owned(),
            )),
        }
    }

    /// Exchanges a code, once, for whom the provider has recognised.
    ///
    /// # Errors
    /// Any trouble.
    pub async fn redeem(&self, answer: &Answer<'_>, now: Timestamp) -> Result<Person, Trouble> {
        let metadata = self.metadata(now).await?;
        let token = self.exchange(&metadata, answer).await?;
        let expected = Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            nonce_hash: answer.nonce_hash,
            acr: &self.settings.acr,
            since: answer.since,
            now,
        };
        let keys = self.known.keys(&self.fetch, &metadata, now, KNOWN_MS).await?;
        let doubt = match id_token::check(&token, &keys, &expected) {
            Ok(person) => return Ok(person),
            Err(doubt) => doubt,
        };
        let Doubt::Final(trouble) = doubt else {
            let keys = self
                .known
                .keys(&self.fetch, &metadata, now, KEYS_AGAIN_MS)
                .await?;
            return id_token::check(&token, &keys, &expected).map_err(|doubt| match doubt {
                Doubt::Final(trouble) => trouble,
                Doubt::UnknownKey => Trouble::Untrusted("ID token: signed with none of its keys".to_owned()),
            });
        };
        Err(trouble)
    }

    /// The token that the provider gives for a code.
    async fn exchange(&self, metadata: &Metadata, answer: &Answer<'_>) -> Result<String, Trouble> {
        #[derive(Deserialize)]
        struct Tokens {
            id_token: String,
        }
        if answer.code.len() > MAX_CHARS {
            return Err(Trouble::Untrusted("a code without end".to_owned()));
        }
        let (authorization, form) = self.exchange_form(metadata, answer)?;
        let fetched = self.fetch.post(&metadata.token, authorization, form).await?;
        match fetched.status {
            StatusCode::OK => {}
            status if status.is_server_error() || status.is_redirection() => {
                return Err(Trouble::Unreachable(format!(
                    "it answers {} to a code",
                    status.as_u16()
                )));
            }
            status => {
                return Err(Trouble::Untrusted(format!(
                    "it answers {} to a code",
                    status.as_u16()
                )));
            }
        }
        let tokens: Tokens = serde_json::from_slice(&fetched.body)
            .map_err(|_| Trouble::Untrusted("its answer to a code has no ID token".to_owned()))?;
        if tokens.id_token.len() > MAX_CHARS {
            return Err(Trouble::Untrusted("ID token: without end".to_owned()));
        }
        Ok(tokens.id_token)
    }

    /// What a code is exchanged with, and the header that proves who asks.
    fn exchange_form(
        &self,
        metadata: &Metadata,
        answer: &Answer<'_>,
    ) -> Result<(Option<HeaderValue>, String), Trouble> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", answer.code)
            .append_pair("redirect_uri", answer.redirect)
            .append_pair("code_verifier", answer.verifier);
        let client_id = &self.settings.client_id;
        let authorization = match &self.settings.client_secret {
            Some(secret) if metadata.takes_basic => Some(basic(client_id, &secret.0)?),
            secret => {
                form.append_pair("client_id", client_id);
                if let Some(secret) = secret {
                    form.append_pair("client_secret", &secret.0);
                }
                None
            }
        };
        Ok((authorization, form.finish()))
    }

    /// What the provider says of itself.
    async fn metadata(&self, now: Timestamp) -> Result<Arc<Metadata>, Trouble> {
        self.known.metadata(&self.fetch, &self.settings, now).await
    }

    /// Asks the provider for all that it says of itself.
    ///
    /// # Errors
    /// `Unreachable`.
    pub async fn describe(&self, now: Timestamp) -> Result<Description, Trouble> {
        let metadata = self.metadata(now).await?;
        let keys = self.known.keys(&self.fetch, &metadata, now, KNOWN_MS).await?;
        let is_unknown = |acr: &&String| !metadata.acr.is_empty() && !metadata.acr.contains(*acr);
        Ok(Description {
            says_pkce: metadata.says_pkce,
            can_sign: keys.can_sign(),
            unknown_acr: self.settings.acr.iter().filter(is_unknown).cloned().collect(),
        })
    }
}

/// How a client proves who it is by a header.
///
/// Source: RFC 6749, §2.3.1.
fn basic(client_id: &str, secret: &str) -> Result<HeaderValue, Trouble> {
    let coded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = STANDARD.encode(format!("{}:{}", coded(client_id), coded(secret)));
    let mut value = HeaderValue::from_str(&format!("Basic {pair}"))
        .map_err(|_| Trouble::Untrusted("the client's secret cannot be sent".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}
