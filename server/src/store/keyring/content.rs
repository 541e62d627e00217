//! The one place through which words pass on their way into the tables and out of them.
//!
//! Everything that needs text asks [`Tx::open`], and must be ready for [`Content::Erased`] and [`Content::Damaged`]: a
//! suite that the server cannot open would be another such answer.

use std::sync::Arc;

use uuid::Uuid;

use super::place::{Owner, Place};
use super::sql::{KeyRest, KeyRow};
use super::{AtRest, Found, Key, Keyring, around, locked, sql, suite};
use crate::clock::new_uuid;
use crate::error::{Error, Result};
use crate::store::{Envelope, Tx};

/// What a sealed place answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<T> {
    /// What was put there.
    Here(T),
    /// It was erased on purpose, with its key.
    Erased,
    /// It is not what was put there: nothing of it is shown.
    Damaged,
}

impl<T> Content<T> {
    /// What was put there, if it can be shown.
    pub fn here(self) -> Option<T> {
        match self {
            Self::Here(content) => Some(content),
            Self::Erased | Self::Damaged => None,
        }
    }
}

impl Tx<'_> {
    /// The key of an owner, made if there is none that seals.
    ///
    /// # Errors
    /// Only failures.
    pub fn require_key(&mut self, owner: Owner) -> Result<Uuid> {
        let known = sql::find_of_owner(self, owner)?;
        self.require_sealing_key(known, owner)
    }

    /// The key that is known to be the owner's, or a new one if none is known, or that one is damaged: what it sealed
    /// cannot be read, but nobody is kept from writing on.
    ///
    /// # Errors
    /// Only failures.
    pub fn require_sealing_key(&mut self, known: Option<Uuid>, owner: Owner) -> Result<Uuid> {
        let keyring = self.keyring()?;
        match known {
            Some(id) if matches!(self.find_key(&keyring, id)?, Found::Here(_)) => Ok(id),
            _ => self.make_key(owner),
        }
    }

    /// Makes a key for an owner.
    ///
    /// # Errors
    /// `Failed` when the wrapping key cannot be used.
    pub fn make_key(&mut self, owner: Owner) -> Result<Uuid> {
        let keyring = self.keyring()?;
        let wrapping = sql::find_current(self)?
            .ok_or_else(|| Error::failed("making a key", "the database names no wrapping key"))?;
        let id = new_uuid(keyring.clock.as_ref());
        let key = Key::random(keyring.clock.as_ref());
        let around = around(wrapping, id, owner.purpose(), &owner.to_bytes());
        let wrapped = keyring
            .keeper
            .wrap(wrapping, &key, &around, keyring.clock.as_ref())?;
        let now = keyring.now();
        sql::insert_key(self, id, owner, (wrapping, wrapped), now)?;
        // Not kept in the cache: should this transaction be undone, the key never was.
        Ok(id)
    }

    /// Destroys the keys of an owner: what they sealed is unreadable from here on, also in copies of the other tables.
    /// Answers how many there were.
    ///
    /// # Errors
    /// Only failures.
    pub fn destroy_keys(&mut self, owner: Owner) -> Result<usize> {
        let keyring = self.keyring()?;
        let now = keyring.now();
        let destroyed = sql::destroy(self, owner, now)?;
        for id in &destroyed {
            keyring.cache.forget(*id);
        }
        Ok(destroyed.len())
    }

    /// Seals words for their place, under a key of the keyring.
    ///
    /// # Errors
    /// `Failed` when there is no such key.
    pub fn seal(&mut self, key: Uuid, place: Place, words: &str) -> Result<Envelope> {
        self.seal_bytes(key, place, words.as_bytes())
    }

    /// As [`Tx::seal`], for what is no text.
    ///
    /// # Errors
    /// As [`Tx::seal`].
    pub fn seal_bytes(&mut self, key: Uuid, place: Place, bytes: &[u8]) -> Result<Envelope> {
        let keyring = self.keyring()?;
        if keyring.at_rest == AtRest::Plain {
            return Ok(Envelope::plain(bytes));
        }
        let doing = "sealing words";
        let Found::Here(secret) = self.find_key(&keyring, key)? else {
            return Err(Error::failed(doing, "their key is gone"));
        };
        let around = place.to_bytes(suite::SEALED, key);
        let (nonce, bytes) = suite::seal(&secret, keyring.clock.as_ref(), &around, bytes)
            .ok_or_else(|| Error::failed(doing, "they are too long"))?;
        Ok(Envelope::sealed(key, nonce, bytes))
    }

    /// Takes words out of their envelope, if this is the place that they were sealed for.
    ///
    /// # Errors
    /// `Failed` when the wrapping key cannot be asked. What is damaged or erased is an answer, not a failure.
    pub fn open(&mut self, envelope: &Envelope, place: Place) -> Result<Content<String>> {
        Ok(match self.open_bytes(envelope, place)? {
            Content::Here(bytes) => String::from_utf8(bytes).map_or(Content::Damaged, Content::Here),
            Content::Erased => Content::Erased,
            Content::Damaged => Content::Damaged,
        })
    }

    /// As [`Tx::open`], for what is no text.
    ///
    /// # Errors
    /// As [`Tx::open`].
    pub fn open_bytes(&mut self, envelope: &Envelope, place: Place) -> Result<Content<Vec<u8>>> {
        let keyring = self.keyring()?;
        if keyring.at_rest == AtRest::Plain && envelope.suite() == suite::PLAIN {
            return Ok(Content::Here(envelope.bytes().to_vec()));
        }
        let Some(id) = envelope.key_ref().filter(|_| envelope.suite() == suite::SEALED) else {
            log_damage(place, "no suite of this version sealed it");
            return Ok(Content::Damaged);
        };
        if envelope.bytes().is_empty() {
            // Not even the mark of what was sealed is left: an erasure, if the key was destroyed with it.
            return self.open_emptied(id, place);
        }
        let key = match self.find_key(&keyring, id)? {
            Found::Here(key) => key,
            Found::Destroyed => return Ok(Content::Erased),
            Found::Damaged => {
                log_damage(place, "its key is gone or damaged");
                return Ok(Content::Damaged);
            }
        };
        let around = place.to_bytes(suite::SEALED, id);
        let nonce = envelope.nonce().unwrap_or_default();
        let opened = suite::open(&key, nonce, &around, envelope.bytes());
        if opened.is_none() {
            log_damage(place, "it is not what was sealed here");
        }
        Ok(opened.map_or(Content::Damaged, Content::Here))
    }

    /// The row of the key is asked for, whatever the cache holds: another process may have destroyed it.
    fn open_emptied<T>(&mut self, id: Uuid, place: Place) -> Result<Content<T>> {
        let row = sql::find_key(self, id)?;
        if row.is_some_and(|row| row.is_destroyed_of(place.owner())) {
            return Ok(Content::Erased);
        }
        log_damage(place, "it was emptied, and its key was not destroyed");
        Ok(Content::Damaged)
    }

    /// Unwraps many keys with few questions, ahead of the envelopes that need them.
    ///
    /// # Errors
    /// As [`Tx::open`].
    pub fn load_keys<'e>(&mut self, envelopes: impl Iterator<Item = &'e Envelope>) -> Result<()> {
        let keyring = self.keyring()?;
        let now = keyring.now();
        let mut wanted: Vec<Uuid> = envelopes.filter_map(Envelope::key_ref).collect();
        wanted.sort_unstable();
        wanted.dedup();
        wanted.retain(|id| keyring.cache.find(*id, now).is_none());
        if wanted.len() < 2 {
            // One is asked for when it is needed.
            return Ok(());
        }
        for ids in wanted.chunks(sql::N_TOGETHER) {
            for row in sql::list_keys(self, ids)? {
                self.unwrap(&keyring, &row)?;
            }
        }
        Ok(())
    }

    pub(super) fn find_key(&mut self, keyring: &Keyring, id: Uuid) -> Result<Found> {
        if let Some(key) = keyring.cache.find(id, keyring.now()) {
            return Ok(Found::Here(key));
        }
        match sql::find_key(self, id)? {
            Some(row) => self.unwrap(keyring, &row),
            None => Ok(Found::Damaged),
        }
    }

    /// Unwraps a key that was read, and keeps it for a while. A row that is not what it was is damage of what it sealed
    /// alone; the keeper fails when it lacks a key that the database still names.
    pub(super) fn unwrap(&mut self, keyring: &Keyring, row: &KeyRow) -> Result<Found> {
        let key = match &row.rest {
            KeyRest::Destroyed { .. } => return Ok(Found::Destroyed),
            KeyRest::Broken => None,
            KeyRest::Wrapped {
                purpose,
                owner,
                wrapping,
                wrapped,
            } => {
                let around = around(*wrapping, row.id, purpose, owner);
                match keyring.keeper.unwrap(*wrapping, wrapped, &around) {
                    Ok(key) => key,
                    Err(_) if !sql::list_names(self)?.contains(wrapping) => None,
                    Err(error) => return Err(error),
                }
            }
        };
        let Some(key) = key else {
            tracing::error!(key.id = %row.id, "a key of the keyring is damaged: what it sealed cannot be read");
            return Ok(Found::Damaged);
        };
        let key = Arc::new(key);
        keyring.cache.keep(row.id, Arc::clone(&key), keyring.now());
        Ok(Found::Here(key))
    }

    pub(super) fn keyring(&self) -> Result<Arc<Keyring>> {
        self.keyring.clone().ok_or_else(locked)
    }
}

/// The log is told where, by ids; never what.
fn log_damage(place: Place, why: &str) {
    tracing::error!(?place, why, "something sealed cannot be shown");
}
