//! A key that is lent for the parts of one file. They rest beside the tables, and are sealed and opened outside any
//! transaction: half a megabyte would keep everybody else waiting.

use std::sync::Arc;

use uuid::Uuid;

use super::{AtRest, Content, Found, Key, Place, suite};
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::store::Tx;

/// A key of the keyring, for as long as one file is written or read. Cheap to clone.
#[derive(Clone)]
pub struct LentKey {
    id: Uuid,
    /// None where words rest in the clear.
    key: Option<Arc<Key>>,
    clock: Arc<dyn Clock>,
}

impl Tx<'_> {
    /// Lends a key of the keyring.
    ///
    /// # Errors
    /// `Failed` when the wrapping key cannot be asked. A key that is gone is an answer, not a failure.
    pub fn lend_key(&mut self, id: Uuid) -> Result<Content<LentKey>> {
        let keyring = self.keyring()?;
        let lent = |key| LentKey {
            id,
            key,
            clock: Arc::clone(&keyring.clock),
        };
        if keyring.at_rest == AtRest::Plain {
            return Ok(Content::Here(lent(None)));
        }
        Ok(match self.find_key(&keyring, id)? {
            Found::Here(key) => Content::Here(lent(Some(key))),
            Found::Destroyed => Content::Erased,
            Found::Damaged => Content::Damaged,
        })
    }
}

impl LentKey {
    /// Which key it is.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Seals a part for its place, in place.
    ///
    /// # Errors
    /// `Failed` when it is longer than the suite allows.
    pub fn seal(&self, place: Place, mut bytes: Vec<u8>) -> Result<Vec<u8>> {
        if let Some(key) = &self.key {
            let around = place.to_bytes(suite::SEALED, self.id);
            suite::seal_in_place(key, self.clock.as_ref(), &around, &mut bytes)
                .ok_or_else(|| Error::failed("sealing a part of a file", "it is too long"))?;
        }
        Ok(bytes)
    }

    /// Opens a part, if this is the place that it was sealed for.
    pub fn open(&self, place: Place, mut bytes: Vec<u8>) -> Option<Vec<u8>> {
        if let Some(key) = &self.key {
            let around = place.to_bytes(suite::SEALED, self.id);
            suite::open_in_place(key, &around, &mut bytes)?;
        }
        Some(bytes)
    }
}
