//! Who holds the wrapping key: the one secret that the database does not contain.
//!
//! The store asks a [`KeyKeeper`] to wrap and to unwrap, never for the key itself, so that a key service or a security
//! module can stand where the file stands now.

use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

use super::{Key, suite};
use crate::clock::Clock;
use crate::error::{Error, Result};

/// A key as it rests in the database: sealed under a wrapping key.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// Which suite sealed it.
    pub suite: i64,
    /// The nonce.
    pub nonce: Vec<u8>,
    /// What was sealed.
    pub bytes: Vec<u8>,
}

/// Holds wrapping keys, outside the database. A wrapping key is known by a name that follows from it.
pub trait KeyKeeper: Send + Sync {
    /// Where the keys are, as an operator knows the place: a path, or the address of a service.
    fn place(&self) -> String;

    /// The names of the keys that it holds now, the newest first; none when no key was ever made here.
    ///
    /// # Errors
    /// `Failed` when it cannot be asked, or holds something that is no key.
    fn names(&self) -> Result<Vec<Uuid>>;

    /// Makes a new key, in front of those that it holds; it is safely kept when this returns.
    ///
    /// # Errors
    /// `Failed` when it cannot be kept.
    fn make(&self, clock: &dyn Clock) -> Result<Uuid>;

    /// Forgets every key but this one.
    ///
    /// # Errors
    /// `Failed` when it cannot, or does not hold this one.
    fn keep_only(&self, name: Uuid) -> Result<()>;

    /// Wraps a key with what stands around it.
    ///
    /// # Errors
    /// `Failed` when it does not hold the wrapping key.
    fn wrap(&self, name: Uuid, key: &Key, around: &[u8], clock: &dyn Clock) -> Result<WrappedKey>;

    /// Unwraps a key; `None` when what was wrapped, or what stands around it, is not what it was.
    ///
    /// # Errors
    /// `Failed` when it does not hold the wrapping key.
    fn unwrap(&self, name: Uuid, wrapped: &WrappedKey, around: &[u8]) -> Result<Option<Key>>;

    /// Whether all words of the database are known to be sealed. This stands here because whoever may write to the
    /// database could take it away there, and have words of their own sealed.
    ///
    /// # Errors
    /// `Failed` when it cannot be asked.
    fn is_all_sealed(&self) -> Result<bool>;

    /// Keeps that all words of the database are sealed, also beyond a change of the wrapping key.
    ///
    /// # Errors
    /// `Failed` when it cannot be kept.
    fn note_all_sealed(&self) -> Result<()>;
}

/// Wrapping keys in memory, with their names.
pub(super) struct Held {
    keys: Vec<(Uuid, Key)>,
    /// As [`KeyKeeper::is_all_sealed`].
    pub(super) is_all_sealed: bool,
}

impl Held {
    pub(super) fn new(keys: Vec<Key>) -> Self {
        Self {
            keys: keys.into_iter().map(|key| (key.name(), key)).collect(),
            is_all_sealed: false,
        }
    }

    pub(super) fn names(&self) -> Vec<Uuid> {
        self.keys.iter().map(|(name, _)| *name).collect()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter().map(|(_, key)| key)
    }

    pub(super) fn find(&self, name: Uuid) -> Option<&Key> {
        self.keys
            .iter()
            .find(|(held, _)| *held == name)
            .map(|(_, key)| key)
    }

    pub(super) fn into_first(self) -> Option<Key> {
        self.keys.into_iter().next().map(|(_, key)| key)
    }

    pub(super) fn put_first(&mut self, key: Key) -> Uuid {
        let name = key.name();
        self.keys.insert(0, (name, key));
        name
    }

    pub(super) fn keep_only(&mut self, name: Uuid) {
        self.keys.retain(|(held, _)| *held == name);
    }
}

pub(super) fn wrap(wrapping: &Key, key: &Key, around: &[u8], clock: &dyn Clock) -> Result<WrappedKey> {
    let (nonce, bytes) = suite::seal(wrapping, clock, around, key.expose())
        .ok_or_else(|| Error::failed("wrapping a key", "it could not be sealed"))?;
    Ok(WrappedKey {
        suite: suite::SEALED,
        nonce,
        bytes,
    })
}

pub(super) fn unwrap(wrapping: &Key, wrapped: &WrappedKey, around: &[u8]) -> Option<Key> {
    if wrapped.suite != suite::SEALED {
        return None;
    }
    let bytes = zeroize::Zeroizing::new(suite::open(wrapping, &wrapped.nonce, around, &wrapped.bytes)?);
    Key::from_slice(&bytes)
}

pub(super) fn not_held(place: &str) -> Error {
    Error::failed(
        "using a wrapping key",
        format!("`{place}` does not hold the key that the database names"),
    )
}

/// Keys that are gone with the process: for the demonstration, and for tests.
pub struct MemoryKeeper(Mutex<Held>);

impl MemoryKeeper {
    /// Holds nothing yet.
    pub fn empty() -> Self {
        Self(Mutex::new(Held::new(Vec::new())))
    }

    /// Holds one key.
    pub fn holding(key: Key) -> Self {
        Self(Mutex::new(Held::new(vec![key])))
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyKeeper for MemoryKeeper {
    fn place(&self) -> String {
        "the memory of this process".to_owned()
    }

    fn names(&self) -> Result<Vec<Uuid>> {
        Ok(self.held().names())
    }

    fn make(&self, clock: &dyn Clock) -> Result<Uuid> {
        Ok(self.held().put_first(Key::random(clock)))
    }

    fn keep_only(&self, name: Uuid) -> Result<()> {
        self.held().keep_only(name);
        Ok(())
    }

    fn wrap(&self, name: Uuid, key: &Key, around: &[u8], clock: &dyn Clock) -> Result<WrappedKey> {
        let held = self.held();
        let wrapping = held.find(name).ok_or_else(|| not_held(&self.place()))?;
        wrap(wrapping, key, around, clock)
    }

    fn unwrap(&self, name: Uuid, wrapped: &WrappedKey, around: &[u8]) -> Result<Option<Key>> {
        let held = self.held();
        let wrapping = held.find(name).ok_or_else(|| not_held(&self.place()))?;
        Ok(unwrap(wrapping, wrapped, around))
    }

    fn is_all_sealed(&self) -> Result<bool> {
        Ok(self.held().is_all_sealed)
    }

    fn note_all_sealed(&self) -> Result<()> {
        self.held().is_all_sealed = true;
        Ok(())
    }
}
