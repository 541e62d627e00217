//! Hashing and checking passwords: Argon2id, two at a time.
//!
//! A hash takes tens of megabytes and a good part of a core, on purpose. So at most two run at once, a bounded number
//! waits, and the rest is told to come back: signing in never takes the machine from those who are writing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use app::accounts::Secret;
use app::api::ApiError;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, KeyId, Params, ParamsBuilder, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;

use super::obvious;
use super::pepper::Pepper;
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
    pepper: Option<Pepper>,
    decoy: String,
    queue: Arc<Semaphore>,
    running: Arc<Semaphore>,
    checked_kib: AtomicU64,
    tries: Tries,
}

impl Passwords {
    /// Hashes at this cost; wrong passwords are counted.
    pub fn new(cost: Cost) -> Self {
        Self::with_tries(cost, None, Tries::default())
    }

    /// The same without counting wrong passwords: for load tests.
    pub fn without_limits(cost: Cost) -> Self {
        Self::with_tries(cost, None, Tries::off())
    }

    /// The same with the instance's pepper: hashes made from now on need it.
    #[must_use]
    pub fn with_pepper(self, pepper: Pepper) -> Self {
        let tries = if self.inner.tries.is_off() {
            Tries::off()
        } else {
            Tries::default()
        };
        Self::with_tries(self.inner.cost, Some(pepper), tries)
    }

    fn with_tries(cost: Cost, pepper: Option<Pepper>, tries: Tries) -> Self {
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
                pepper,
                decoy,
                queue: Arc::new(Semaphore::new(N_RUNNING + N_WAITING)),
                running: Arc::new(Semaphore::new(N_RUNNING)),
                checked_kib: AtomicU64::new(0),
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
        let params = self.params()?;
        let pepper = self.inner.pepper.clone();
        let password = password.clone();
        self.run(move || {
            hasher(params, pepper.as_ref())?
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
        let pepper = self.inner.pepper.clone();
        let inner = Arc::clone(&self.inner);
        let is_right = self
            .run(move || {
                let doing = "reading a stored password hash";
                let hash = PasswordHash::new(&text).map_err(|error| Error::failed(doing, error))?;
                // The cost is the stored one's, not the present one; likewise whether it needs the pepper.
                let params = Params::try_from(&hash).map_err(|error| Error::failed(doing, error))?;
                let pepper = match (params.keyid(), &pepper) {
                    ([], _) => None,
                    (id, Some(pepper)) if id == pepper.id() => Some(pepper),
                    _ => return Err(Error::failed(doing, "it was made with another pepper")),
                };
                let work_kib = u64::from(params.m_cost()) * u64::from(params.t_cost());
                let is_right = hasher(params, pepper)?
                    .verify_password(password.0.as_bytes(), &hash)
                    .is_ok();
                inner.checked_kib.fetch_add(work_kib, Ordering::Relaxed);
                Ok(is_right)
            })
            .await?;
        Ok(is_right && is_real)
    }

    /// The memory that all checks so far have gone over, in KiB, each pass by itself: two sign-ins that add as much took the
    /// same work.
    pub fn checked_kib(&self) -> u64 {
        self.inner.checked_kib.load(Ordering::Relaxed)
    }

    /// Whether the stored hash was made at another cost than today's, or with another pepper.
    pub fn is_outdated(&self, stored: &str) -> bool {
        let made_with = PasswordHash::new(stored)
            .ok()
            .and_then(|hash| Params::try_from(&hash).ok());
        made_with.is_none_or(|params| {
            let pepper = self.inner.pepper.as_ref().map(Pepper::id);
            params.m_cost() != self.inner.cost.memory_kib
                || params.t_cost() != self.inner.cost.n_passes
                || params.keyid() != pepper.as_ref().map_or(&[][..], |id| id.as_slice())
        })
    }

    /// The counted failures.
    pub(super) fn tries(&self) -> &Tries {
        &self.inner.tries
    }

    /// The instance's pepper.
    ///
    /// # Errors
    /// `Failed` when it has none, as in a test that gives it none.
    pub(super) fn pepper(&self) -> Result<&Pepper> {
        let pepper = self.inner.pepper.as_ref();
        pepper.ok_or_else(|| Error::failed("looking for the pepper", "this instance has none"))
    }

    /// The parameters of a fresh hash.
    fn params(&self) -> Result<Params> {
        let failed = |error| Error::failed("preparing the password hash", error);
        let mut builder = ParamsBuilder::new();
        builder
            .m_cost(self.inner.cost.memory_kib)
            .t_cost(self.inner.cost.n_passes)
            .p_cost(1);
        if let Some(pepper) = &self.inner.pepper {
            builder.keyid(KeyId::new(&pepper.id()).map_err(failed)?);
        }
        builder.build().map_err(failed)
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

fn hasher(params: Params, pepper: Option<&Pepper>) -> Result<Argon2<'_>> {
    let (algorithm, version) = (Algorithm::Argon2id, Version::V0x13);
    match pepper {
        Some(pepper) => Argon2::new_with_secret(pepper.secret(), algorithm, version, params)
            .map_err(|error| Error::failed("preparing the password hash", error)),
        None => Ok(Argon2::new(algorithm, version, params)),
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

    /// AUTH-01: a stolen database alone gives nothing to guess at.
    #[tokio::test]
    async fn auth_01_a_hash_needs_the_pepper_that_it_was_made_with() {
        let peppered = |byte| Passwords::new(Cost::FOR_TESTS).with_pepper(Pepper::of([byte; 32]));
        let (ours, without) = (peppered(7), Passwords::new(Cost::FOR_TESTS));
        let password = secret("trois canots verts");

        let hash = ours.hash(&SystemClock, &password).await.unwrap();
        let old = without.hash(&SystemClock, &password).await.unwrap();

        assert!(ours.verify(&password, Some(&hash)).await.unwrap());
        assert!(
            !ours
                .verify(&secret("trois canots bleus"), Some(&hash))
                .await
                .unwrap()
        );
        for elsewhere in [peppered(8), without] {
            assert!(
                elsewhere.verify(&password, Some(&hash)).await.is_err(),
                "told from a wrong password"
            );
        }
        // The same parameters and salt without the pepper: what a thief of the database can compute.
        let (head, tail) = hash.split_once(",keyid=").unwrap();
        let bare = format!("{head}${}", tail.split_once('$').unwrap().1);
        assert!(!ours.verify(&password, Some(&bare)).await.unwrap());
        // Hashes from before the pepper are still good, and due to be renewed.
        assert!(ours.verify(&password, Some(&old)).await.unwrap() && ours.is_outdated(&old));
        assert!(!ours.is_outdated(&hash));
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
