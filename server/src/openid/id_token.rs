//! What must hold before an ID token is believed: who signed it, for whom, for which attempt, when, and how surely the person
//! was known.
//!
//! The library `jsonwebtoken` checks the signature, and nothing else is left to it: what a token claims is checked here, by the
//! clock that tests set.
//!
//! Source: OpenID Connect Core 1.0, §3.1.3.7.

use app::api::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::keys::Keys;
use super::{Person, Trouble};

/// What may have signed a token: pairs of keys, of which the provider keeps the private half. Never `none`, never a secret
/// that both sides share.
pub(super) const ALGORITHMS: &[Algorithm] = &[
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// By how much the provider's clock may differ from ours.
pub(super) const SKEW_MS: i64 = 60_000;
/// By how much a proof that was asked for may be older than the wish for it: the seconds of tokens are whole ones, and nobody
/// is asked anew and answers within less. What the clocks may differ by is no measure here: that long the provider might answer
/// with the proof of whoever was there before.
const FRESH_SLACK_MS: i64 = 5_000;
/// A token was made for the code that was just exchanged for it.
const MADE_WITHIN_MS: i64 = 10 * 60_000;
/// The most characters of a subject.
///
/// Source: OpenID Connect Core 1.0, §2.
const SUBJECT_MAX_CHARS: usize = 255;

/// What the token must say.
pub(super) struct Expected<'e> {
    pub(super) issuer: &'e str,
    pub(super) client_id: &'e str,
    /// The SHA-256 of what the attempt has drawn.
    pub(super) nonce_hash: &'e [u8],
    /// Of these classes one, where there are any.
    pub(super) acr: &'e [String],
    /// The person has proven who they are since then, where that matters.
    pub(super) since: Option<Timestamp>,
    pub(super) now: Timestamp,
}

/// Why a token is not believed.
#[derive(Debug)]
pub(super) enum Doubt {
    /// No key that is known has signed it: there may be a new one, under a new name or the old.
    UnknownKey,
    /// It does not hold, whatever else is known.
    Final(Trouble),
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: Moment,
    iat: Moment,
    nbf: Option<Moment>,
    nonce: Option<String>,
    acr: Option<String>,
    auth_time: Option<Moment>,
}

/// Seconds since the Unix epoch, as tokens count; parts of one are allowed.
///
/// Source: RFC 7519, §2, `NumericDate`.
#[derive(Clone, Copy, Deserialize)]
struct Moment(f64);

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// Believes the token, or says why not.
pub(super) fn check(token: &str, keys: &Keys, expected: &Expected<'_>) -> Result<Person, Doubt> {
    let header = jsonwebtoken::decode_header(token)
        .map_err(|_| untrusted("its head cannot be read, or has no known algorithm"))?;
    check_header(&header)?;
    let alone = signature_alone(header.alg);
    let has_signed = |key: &DecodingKey| jsonwebtoken::decode::<IgnoredAny>(token, key, &alone).is_ok();
    let fitting = keys.fitting(header.alg, header.kid.as_deref());
    let mut known = fitting
        .into_iter()
        .filter_map(|key| DecodingKey::from_jwk(key).ok());
    let key = known.find(has_signed).ok_or(Doubt::UnknownKey)?;
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &alone)
        .map_err(|_| untrusted("it lacks a claim, or has one of another kind"))?;
    believe(claims.claims, expected).map_err(Doubt::Final)
}

fn check_header(header: &Header) -> Result<(), Doubt> {
    if !ALGORITHMS.contains(&header.alg) {
        return Err(untrusted("it is not signed with a pair of keys"));
    }
    // A token of another kind by the same provider is not an ID token, though its claims may look alike.
    if header
        .typ
        .as_deref()
        .is_some_and(|kind| !kind.eq_ignore_ascii_case("jwt"))
    {
        return Err(untrusted("it is a token of another kind"));
    }
    if header.crit.is_some() || header.enc.is_some() || header.zip.is_some() {
        return Err(untrusted("it wants something that nobody here knows"));
    }
    Ok(())
}

/// What the library checks.
fn signature_alone(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation
}

/// The claims of a token whose signature holds.
fn believe(claims: Claims, expected: &Expected<'_>) -> Result<Person, Trouble> {
    let refuse = |why: &str| Err(Trouble::Untrusted(format!("ID token: {why}")));
    if claims.iss != expected.issuer {
        return refuse("another issuer");
    }
    let is_for_us = match &claims.aud {
        Audience::One(one) => one == expected.client_id,
        // With others, it must say that it was us who asked.
        Audience::Several(all) => {
            all.iter().any(|one| one == expected.client_id) && (all.len() == 1 || claims.azp.is_some())
        }
    };
    if !is_for_us || claims.azp.is_some_and(|asking| asking != expected.client_id) {
        return refuse("for another client");
    }
    let until_ms = |moment: Moment| at(moment).ms_since(expected.now);
    if until_ms(claims.exp) <= -SKEW_MS {
        return refuse("it has ended");
    }
    if claims.nbf.is_some_and(|from| until_ms(from) > SKEW_MS) || until_ms(claims.iat) > SKEW_MS {
        return refuse("of the future");
    }
    if until_ms(claims.iat) < -(MADE_WITHIN_MS + SKEW_MS) {
        return refuse("made long ago");
    }
    let nonce_hash = Sha256::digest(claims.nonce.unwrap_or_default().as_bytes());
    if !bool::from(nonce_hash.as_slice().ct_eq(expected.nonce_hash)) {
        return refuse("of another attempt");
    }
    let n_chars = claims.sub.chars().count();
    if n_chars == 0 || n_chars > SUBJECT_MAX_CHARS || claims.sub.chars().any(char::is_control) {
        return refuse("its subject cannot be one");
    }
    let is_vouched = claims.acr.is_some_and(|acr| expected.acr.contains(&acr));
    if !expected.acr.is_empty() && !is_vouched {
        return Err(Trouble::TooWeak);
    }
    let proven_at = claims.auth_time.map(at);
    if proven_at.is_some_and(|at| at.ms_since(expected.now) > SKEW_MS) {
        return refuse("proven in the future");
    }
    if let Some(since) = expected.since
        && proven_at.is_none_or(|at| at.ms_since(since) < -FRESH_SLACK_MS)
    {
        return Err(Trouble::Stale);
    }
    Ok(Person {
        subject: claims.sub,
        is_vouched,
        proven_at,
    })
}

/// The millisecond in which a moment lies; one before the epoch is the epoch, and one after the year 30 000 that.
fn at(Moment(seconds): Moment) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "a whole number that fits")]
    let ms = (seconds * 1_000.0).floor().clamp(0.0, 1e15) as i64;
    Timestamp(ms)
}

fn untrusted(why: &str) -> Doubt {
    Doubt::Final(Trouble::Untrusted(format!("ID token: {why}")))
}
