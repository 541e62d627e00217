//! Wrong passwords and codes, counted per account: each leaves the next guesser less room.
//!
//! Only failures count, so a person who knows the password never notices, however many devices sign in at once. A browser
//! in which the account was signed in before has a count of its own: while strangers guess, its owner gets in there.
//! Guessers share one count wherever they come from, so a thousand addresses gain nothing.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use app::api::{AccountId, ApiError, Timestamp};
use sha2::{Digest, Sha256};

/// Failures that are free.
const BURST: i64 = 10;
/// One more failure is forgiven after this long: 10,000 guesses take more than three days.
const FORGIVE_MS: i64 = 30_000;
/// The most accounts remembered; beyond it those with nothing left to forgive go first.
const N_REMEMBERED: usize = 10_000;

/// What is tried. Each kind counts for itself: no address that somebody types is another kind's.
#[derive(Clone, Debug)]
pub(super) enum Tried {
    /// The password for this address, as typed, from a browser that the account does not know.
    Password(String),
    /// The same, from a browser in which the account was signed in before; by the hash of the browser's key.
    FromKnownBrowser(String, Vec<u8>),
    /// A code of this account's authenticator, or one of its recovery codes.
    Code(AccountId),
    /// The password of this account, by somebody who is signed in.
    Proof(AccountId),
}

impl Tried {
    fn hash(&self) -> Vec<u8> {
        let hash = Sha256::new();
        match self {
            Self::Password(email) => hash.chain_update([0]).chain_update(email),
            Self::FromKnownBrowser(email, browser) => {
                // The hash of a key has one length, so that what follows begins where it ends.
                hash.chain_update([1]).chain_update(browser).chain_update(email)
            }
            Self::Code(account) => hash.chain_update([2]).chain_update(account.0.as_bytes()),
            Self::Proof(account) => hash.chain_update([3]).chain_update(account.0.as_bytes()),
        }
        .finalize()
        .to_vec()
    }
}

/// The counted failures of all accounts. In memory: a restart forgives.
#[derive(Default)]
pub(super) struct Tries {
    is_off: bool,
    /// By the hash of what was tried, to the moment at which all is forgiven.
    forgiven_at: Mutex<HashMap<Vec<u8>, Timestamp>>,
}

impl Tries {
    /// Counts nothing: for load tests.
    pub(super) fn off() -> Self {
        Self {
            is_off: true,
            ..Self::default()
        }
    }

    /// Whether nothing is counted.
    pub(super) fn is_off(&self) -> bool {
        self.is_off
    }

    /// Lets a try through, or says how long to wait.
    ///
    /// # Errors
    /// `TooMany` when too many have failed lately.
    pub(super) fn check(&self, tried: &Tried, now: Timestamp) -> Result<(), ApiError> {
        let forgiven_at = self.forgiven_at.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(moment) = forgiven_at.get(&tried.hash()) else {
            return Ok(());
        };
        let over_ms = moment.ms_since(now) - (BURST - 1) * FORGIVE_MS;
        if self.is_off || over_ms <= 0 {
            return Ok(());
        }
        let retry_after_s = u32::try_from((over_ms + 999) / 1000).unwrap_or(u32::MAX);
        Err(ApiError::TooMany { retry_after_s })
    }

    /// Counts a failure.
    pub(super) fn note_failure(&self, tried: &Tried, now: Timestamp) {
        if self.is_off {
            return;
        }
        let mut forgiven_at = self.forgiven_at.lock().unwrap_or_else(PoisonError::into_inner);
        if forgiven_at.len() >= N_REMEMBERED {
            forgiven_at.retain(|_, moment| *moment > now);
        }
        if forgiven_at.len() >= N_REMEMBERED {
            // A flood of invented names: those with the least to forgive make room.
            let soon = now.plus_ms(FORGIVE_MS);
            forgiven_at.retain(|_, moment| *moment > soon);
        }
        if forgiven_at.len() < N_REMEMBERED {
            let moment = forgiven_at.entry(tried.hash()).or_insert(now);
            *moment = (*moment).max(now).plus_ms(FORGIVE_MS);
        }
    }

    /// Forgives all: the right password was given.
    pub(super) fn forgive(&self, tried: &Tried) {
        self.forgiven_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&tried.hash());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp(1_800_000_000_000);

    fn password(email: &str) -> Tried {
        Tried::Password(email.to_owned())
    }

    #[test]
    fn ten_failures_are_free_then_one_each_half_minute() {
        let tries = Tries::default();
        for _ in 0..10 {
            assert_eq!(tries.check(&password("anne"), NOON), Ok(()));
            tries.note_failure(&password("anne"), NOON);
        }

        assert_eq!(
            tries.check(&password("anne"), NOON),
            Err(ApiError::TooMany { retry_after_s: 30 })
        );
        assert_eq!(tries.check(&password("luc"), NOON), Ok(()));
        assert_eq!(tries.check(&password("anne"), NOON.plus_ms(FORGIVE_MS)), Ok(()));
    }

    #[test]
    fn the_right_password_forgives_all() {
        let tries = Tries::default();
        for _ in 0..10 {
            tries.note_failure(&password("anne"), NOON);
        }

        tries.forgive(&password("anne"));

        assert_eq!(tries.check(&password("anne"), NOON), Ok(()));
    }

    #[test]
    fn invented_names_do_not_fill_the_memory() {
        let tries = Tries::default();
        for _ in 0..10 {
            tries.note_failure(&password("anne"), NOON);
        }
        for index in 0..2 * N_REMEMBERED {
            tries.note_failure(&password(&format!("nobody {index}")), NOON);
        }

        assert!(tries.forgiven_at.lock().unwrap().len() <= N_REMEMBERED);
        assert!(tries.check(&password("anne"), NOON).is_err());
    }

    #[test]
    fn what_is_forgiven_makes_room_before_what_is_not() {
        let tries = Tries::default();
        tries.note_failure(&password("luc"), NOON.plus_ms(FORGIVE_MS - 10_000));
        for index in 1..N_REMEMBERED {
            tries.note_failure(&password(&format!("nobody {index}")), NOON);
        }

        tries.note_failure(&password("marc"), NOON.plus_ms(FORGIVE_MS));

        let remembered = tries.forgiven_at.lock().unwrap();
        assert_eq!(remembered.len(), 2);
        assert!(remembered.contains_key(&password("luc").hash()));
    }

    #[test]
    fn a_full_memory_still_counts_whoever_comes_next() {
        let tries = Tries::default();
        for index in 0..=N_REMEMBERED {
            tries.note_failure(&password(&format!("nobody {index}")), NOON);
        }

        let last = password(&format!("nobody {N_REMEMBERED}"));
        assert!(tries.forgiven_at.lock().unwrap().contains_key(&last.hash()));
    }

    #[test]
    fn a_memory_full_of_those_who_fail_on_and_on_does_not_grow() {
        let tries = Tries::default();
        for index in 0..=N_REMEMBERED {
            for _ in 0..3 {
                tries.note_failure(&password(&format!("nobody {index}")), NOON);
            }
        }

        assert_eq!(tries.forgiven_at.lock().unwrap().len(), N_REMEMBERED);
    }

    #[test]
    fn what_is_off_counts_nothing() {
        let tries = Tries::off();
        for _ in 0..20 {
            tries.note_failure(&password("anne"), NOON);
        }

        assert!(tries.is_off() && !Tries::default().is_off());
        assert_eq!(tries.check(&password("anne"), NOON), Ok(()));
        assert!(tries.forgiven_at.lock().unwrap().is_empty());
    }

    #[test]
    fn no_typed_address_uses_up_the_tries_of_another_kind() {
        let account = AccountId(uuid::Uuid::from_u128(7));
        let browser = vec![9; 32];
        let kinds = [
            Tried::Code(account),
            Tried::Proof(account),
            Tried::FromKnownBrowser("anne".to_owned(), browser.clone()),
        ];
        let typed = [
            format!("code {account}"),
            account.to_string(),
            format!("anne {browser:02x?}"),
            String::from_utf8_lossy(account.0.as_bytes()).into_owned(),
        ];

        let tries = Tries::default();
        for email in &typed {
            for _ in 0..20 {
                tries.note_failure(&password(email), NOON);
            }
        }

        for kind in &kinds {
            assert_eq!(tries.check(kind, NOON), Ok(()), "{kind:?}");
        }
    }
}
