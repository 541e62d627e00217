//! An attempt: what a browser takes to the provider and has to bring back.
//!
//! The browser holds one key, in a cookie; `state`, `nonce` and the verifier of PKCE all follow from it. Whoever has not
//! the cookie can finish nothing, whatever they have seen or stolen on the way; nor can the database, which has hashes alone.
//!
//! Source: OpenID Connect Core 1.0, §3.1.2.1; RFC 7636.

use app::accounts::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::Purpose;
use crate::accounts::sql::provider::{Attempt, AttemptToInsert, insert_attempt};
use crate::accounts::tokens::{hash_token, new_token};
use crate::context::{Caller, Context, SessionChange, SessionSlot};
use crate::error::Result;
use crate::openid::Provider;
use crate::store::Tx;

/// How long a person may take on their way.
const ATTEMPT_MS: i64 = 10 * 60_000;
/// The most attempts that wait, over the whole instance: anybody may begin one, and whoever begins many makes room by the
/// oldest.
const N_ATTEMPTS: u64 = 20_000;
/// The most characters of the path that an attempt leads to.
const NEXT_MAX_CHARS: usize = 200;

/// What goes with the browser.
pub(super) struct Drawn {
    pub(super) state: String,
    pub(super) nonce: String,
    verifier: String,
}

impl Drawn {
    /// What follows from a key.
    pub(super) fn from(key: &Secret) -> Self {
        let derive = |purpose: &[u8]| {
            let mut mac =
                Hmac::<Sha256>::new_from_slice(key.0.as_bytes()).expect("HMAC takes keys of any length");
            mac.update(purpose);
            URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
        };
        Self {
            state: derive(b"state"),
            nonce: derive(b"nonce"),
            verifier: derive(b"verifier"),
        }
    }

    /// What a code is exchanged with.
    pub(super) fn verifier(&self) -> &str {
        &self.verifier
    }

    /// What of it the provider is told beforehand.
    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.as_bytes()))
    }
}

/// An attempt to come: drawn before the transaction, stored in it, handed over after it.
#[derive(Clone)]
pub(super) struct NewAttempt {
    key: Secret,
    row: AttemptToInsert,
}

impl NewAttempt {
    /// Draws its key. It leads home, and the provider may know the person from before.
    pub(super) fn draw(context: &Context, provider: &Provider, purpose: Purpose) -> Self {
        let key = new_token(context.clock.as_ref());
        let drawn = Drawn::from(&key);
        let now = context.now();
        let row = AttemptToInsert {
            key_hash: hash_token(&key.0),
            state_hash: hash_token(&drawn.state),
            attempt: Attempt {
                purpose,
                issuer: provider.issuer().to_owned(),
                by: None,
                link_hash: None,
                next: "/accueil".to_owned(),
                is_fresh: false,
                begun_at: now,
            },
            expires_at: now.plus_ms(ATTEMPT_MS),
        };
        Self { key, row }
    }

    /// The same, of somebody who is signed in.
    pub(super) fn by(mut self, caller: &Caller) -> Self {
        self.row.attempt.by = Some((caller.account, caller.device));
        self
    }

    /// The same, to another page of ours.
    pub(super) fn leading_to(mut self, next: &str) -> Self {
        if is_plain_path(next) {
            next.clone_into(&mut self.row.attempt.next);
        }
        self
    }

    /// The same, for which the provider must ask anew who is there.
    pub(super) fn fresh(mut self) -> Self {
        self.row.attempt.is_fresh = true;
        self
    }

    /// The same, with an invitation.
    pub(super) fn with_link(mut self, link_hash: Vec<u8>) -> Self {
        self.row.attempt.link_hash = Some(link_hash);
        self
    }

    pub(super) fn store(&self, tx: &mut Tx<'_>) -> Result<()> {
        insert_attempt(tx, &self.row, self.row.attempt.begun_at, N_ATTEMPTS)
    }

    /// Gives the key to the door, which makes a cookie of it.
    pub(super) fn hand_over(self, session: &SessionSlot) {
        session.set(SessionChange::Departed { attempt: self.key });
    }
}

/// Whether a path is one of ours and nothing else.
fn is_plain_path(path: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
    path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= NEXT_MAX_CHARS
        && path.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auth_08_what_goes_with_the_browser_follows_from_its_key_alone() {
        let of = |key: &str| Drawn::from(&Secret(key.to_owned()));
        let (one, same, other) = (of("a"), of("a"), of("b"));

        assert_eq!(
            (&one.state, &one.nonce, &one.verifier),
            (&same.state, &same.nonce, &same.verifier)
        );
        let all = [
            &one.state,
            &one.nonce,
            &one.verifier,
            &other.state,
            &other.nonce,
            &other.verifier,
        ];
        let distinct: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
        // RFC 7636, §4.1: 43 to 128 characters.
        assert_eq!((one.verifier.len(), one.challenge().len()), (43, 43));
        assert_ne!(one.challenge(), one.verifier);
    }

    #[test]
    fn auth_08_an_attempt_leads_to_a_page_of_ours() {
        assert!(is_plain_path("/messages/0198f2a4-7c1e-7b3a-9d5f-112233445566"));
        for elsewhere in [
            "",
            "accueil",
            "//example.org",
            "/\\example.org",
            "https://example.org",
            "/a?b",
            &"/a".repeat(101),
        ] {
            assert!(!is_plain_path(elsewhere), "{elsewhere:?}");
        }
    }
}
