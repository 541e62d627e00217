//! Hashing and checking passwords: Argon2id, two at a time.
//!
//! A hash takes tens of megabytes and a good part of a core, on purpose. So at most two run at once, a bounded number
//! waits, and the rest is told to come back: signing in never takes the machine from those who are writing.

use std::sync::Arc;

use app::accounts::Secret;
use app::api::ApiError;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;

use super::obvious;
use super::tries::Tries;
use crate::clock::Clock;
use crate::error::{Error, Result};

/// How much work one hash is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    memory_kib: u32,
    n_passes: u32,
}

impl Cost {
    /// For real passwords: 46 MiB, two passes, one lane.
    ///
    /// Source: OWASP Password Storage Cheat Sheet (47,104 KiB with one pass, or 19,456 KiB with two: this is above both).
    pub const STANDARD: Self = Self {
        memory_kib: 47_104,
        n_passes: 2,
    };
    /// For tests, which sign in thousands of times: protects nothing.
    pub const FOR_TESTS: Self = Self {
        memory_kib: 16,
        n_passes: 1,
    };
}

/// Hashes that run at once. Two cores are the machine this is made for.
const N_RUNNING: usize = 2;
/// Hashes that may wait: about five seconds of work on that machine.
const N_WAITING: usize = 64;

/// Hashes and checks passwords, and counts the wrong ones. Cheap to clone.
#[derive(Clone)]
pub struct Passwords {
    inner: Arc<Inner>,
}

struct Inner {
    cost: Cost,
    decoy: String,
    queue: Arc<Semaphore>,
    running: Arc<Semaphore>,
    tries: Tries,
}

impl Passwords {
    /// Hashes at this cost; wrong passwords are counted.
    pub fn new(cost: Cost) -> Self {
        Self::with_tries(cost, Tries::default())
    }

    /// The same without counting wrong passwords: for load tests.
    pub fn without_limits(cost: Cost) -> Self {
        Self::with_tries(cost, Tries::off())
    }

    fn with_tries(cost: Cost, tries: Tries) -> Self {
        // Of the same cost as a real one, and no password has it as its hash but by a chance of one in 2^256.
        let decoy = format!(
            "$argon2id$v=19$m={},t={},p=1$cGxpIGRlY295IHNhbHQ${}",
            cost.memory_kib,
            cost.n_passes,
            "A".repeat(43)
        );
        Self {
            inner: Arc::new(Inner {
                cost,
                decoy,
                queue: Arc::new(Semaphore::new(N_RUNNING + N_WAITING)),
                running: Arc::new(Semaphore::new(N_RUNNING)),
                tries,
            }),
        }
    }

    /// Hashes a password, with a fresh salt, into the text that is stored.
    ///
    /// # Errors
    /// `Busy` when too many wait already.
    pub async fn hash(&self, clock: &dyn Clock, password: &Secret) -> Result<String> {
        let mut salt = [0; 16];
        clock.fill_random(&mut salt);
        let hasher = self.hasher()?;
        let password = password.clone();
        self.run(move || {
            hasher
                .hash_password_with_salt(password.0.as_bytes(), &salt)
                .map(|hash: PasswordHash| hash.to_string())
                .map_err(|error| Error::failed("hashing a password", error))
        })
        .await
    }

    /// Whether the password belongs to the stored hash. Without one the same work is done in vain, so that the time taken
    /// does not tell whether an account exists.
    ///
    /// # Errors
    /// `Busy` when too many wait already; `Failed` when the stored text is not a hash.
    pub async fn verify(&self, password: &Secret, stored: Option<&str>) -> Result<bool> {
        let is_real = stored.is_some();
        let text = stored.unwrap_or(&self.inner.decoy).to_owned();
        let password = password.clone();
        let is_right = self
            .run(move || {
                let hash = PasswordHash::new(&text)
                    .map_err(|error| Error::failed("reading a stored password hash", error))?;
                // The cost is the stored one's, not the present one.
                Ok(Argon2::default()
                    .verify_password(password.0.as_bytes(), &hash)
                    .is_ok())
            })
            .await?;
        Ok(is_right && is_real)
    }

    /// Whether the stored hash was made at another cost than today's.
    pub fn is_outdated(&self, stored: &str) -> bool {
        let made_with = PasswordHash::new(stored)
            .ok()
            .and_then(|hash| Params::try_from(&hash).ok());
        made_with.is_none_or(|params| {
            params.m_cost() != self.inner.cost.memory_kib || params.t_cost() != self.inner.cost.n_passes
        })
    }

    /// The counted failures.
    pub(super) fn tries(&self) -> &Tries {
        &self.inner.tries
    }

    fn hasher(&self) -> Result<Argon2<'static>> {
        let Cost { memory_kib, n_passes } = self.inner.cost;
        let params = Params::new(memory_kib, n_passes, 1, None)
            .map_err(|error| Error::failed("preparing the password hash", error))?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let doing = "waiting for a password hash";
        let place = Arc::clone(&self.inner.queue)
            .try_acquire_owned()
            .map_err(|_| ApiError::Busy { retry_after_s: 5 })?;
        let turn = Arc::clone(&self.inner.running)
            .acquire_owned()
            .await
            .map_err(|error| Error::failed(doing, error))?;
        // The permits go with the work: it counts until it is done, even when nobody waits for it any more.
        tokio::task::spawn_blocking(move || {
            let _held = (place, turn);
            work()
        })
        .await
        .map_err(|error| Error::failed(doing, error))?
    }
}

/// Checks a new password: its length, and that nobody would try it early. `own_words` are the person's own.
///
/// # Errors
/// `Invalid` naming `field`.
pub(super) fn check_new(
    field: &str,
    password: &Secret,
    own_words: &[&str],
) -> std::result::Result<(), ApiError> {
    app::accounts::check_password(field, password)?;
    if obvious::is_obvious(&password.0, own_words) {
        return Err(ApiError::invalid(field, app::api::InvalidReason::TooCommon));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    fn secret(text: &str) -> Secret {
        Secret(text.to_owned())
    }

    #[test]
    fn the_standard_cost_is_above_the_floor() {
        const { assert!(Cost::STANDARD.memory_kib >= 47_104 && Cost::STANDARD.n_passes >= 2) };
    }

    #[tokio::test]
    async fn a_password_belongs_to_its_own_hash_alone() {
        let passwords = Passwords::new(Cost::FOR_TESTS);

        let hash = passwords
            .hash(&SystemClock, &secret("trois canots verts"))
            .await
            .unwrap();

        assert!(hash.starts_with("$argon2id$v=19$m=16,t=1,p=1$"));
        assert!(
            passwords
                .verify(&secret("trois canots verts"), Some(&hash))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify(&secret("trois canots bleus"), Some(&hash))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify(&secret("trois canots verts"), None)
                .await
                .unwrap()
        );
    }

    #[tokio::test]
    async fn a_hash_of_another_cost_is_outdated_and_still_good() {
        let old = Passwords::new(Cost::FOR_TESTS);
        let new = Passwords::new(Cost {
            memory_kib: 32,
            n_passes: 1,
        });

        let hash = old
            .hash(&SystemClock, &secret("trois canots verts"))
            .await
            .unwrap();

        assert!(!old.is_outdated(&hash));
        assert!(new.is_outdated(&hash));
        assert!(
            new.verify(&secret("trois canots verts"), Some(&hash))
                .await
                .unwrap()
        );
    }

    #[tokio::test]
    async fn more_than_the_queue_holds_is_told_to_come_back() {
        let passwords = Passwords::new(Cost::FOR_TESTS);
        let _taken = Arc::clone(&passwords.inner.queue)
            .acquire_many_owned(66)
            .await
            .unwrap();

        let outcome = passwords.verify(&secret("trois canots verts"), None).await;

        assert!(matches!(outcome, Err(Error::Refused(ApiError::Busy { .. }))));
    }
}
