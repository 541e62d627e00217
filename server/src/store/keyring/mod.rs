//! The keyring: how words rest sealed, and the only way to them.
//!
//! Each conversation has a random key of its own, and so have the notes between two people and the secrets of an account.
//! These keys rest in the table `keyring`, each wrapped by a key that a [`KeyKeeper`] holds outside the database. To erase
//! a conversation is to destroy its row there; to change the wrapping key is to wrap the rows anew, without a look at the
//! words.
//!
//! - [`Key`]: a secret in memory.
//! - [`suite`]: how bytes are sealed.
//! - [`Place`]: where they stand, which is authenticated with them.
//! - [`mod@keeper`], [`mod@file`] and [`mod@key_file`]: who holds the wrapping key.
//! - [`cache`]: keys that were unwrapped lately.
//! - [`content`]: `Tx::seal` and `Tx::open`, which all words pass through.
//! - [`mod@lent`]: a key that is lent for the parts of a file, which are sealed beside the tables.
//! - [`mod@unlock`]: what happens at the start, and why it may be refused.
//! - [`plain`]: seals what earlier versions stored in the clear.
//! - [`mod@rotate`]: changes the wrapping key while a server runs.

mod key;

mod cache;
mod content;
mod file;
mod keeper;
mod key_file;
mod lent;
mod place;
mod plain;
mod rotate;
mod sql;
pub(in crate::store) mod suite;
mod unlock;

use std::sync::Arc;

use app::api::Timestamp;
use uuid::Uuid;

use self::cache::Cache;
use crate::clock::Clock;
use crate::error::Error;

pub(crate) use key_file::create_private_folder;
pub(super) use plain::seal_what_is_plain;
pub(super) use sql::list_names;
pub(super) use unlock::unlock;

pub use content::Content;
pub use file::FileKeeper;
pub use keeper::{KeyKeeper, MemoryKeeper, WrappedKey};
pub use key::Key;
pub use key_file::{FileKind, find_or_make_key};
pub use lent::LentKey;
pub use place::{Owner, Place};
pub use rotate::rotate;

/// Keys that stay unwrapped: those of more conversations than are active in ten minutes, in about 3 MB.
const N_CACHED: usize = 16_384;

/// What opening a database needs besides its place.
#[derive(Clone)]
pub struct Unlock {
    /// Who holds the wrapping key.
    pub keeper: Arc<dyn KeyKeeper>,
    /// Time and randomness.
    pub clock: Arc<dyn Clock>,
    /// How words rest.
    pub at_rest: AtRest,
}

impl Unlock {
    /// With the wrapping key that `keeper` holds.
    pub fn with(keeper: Arc<dyn KeyKeeper>, clock: Arc<dyn Clock>) -> Self {
        Self {
            keeper,
            clock,
            at_rest: AtRest::Sealed,
        }
    }
}

/// How words rest. A server always seals them: no setting says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtRest {
    /// Sealed.
    Sealed,
    /// In the clear: what a benchmark compares with, and the bug that a proof plants.
    Plain,
}

/// The keys of an open database. Cheap to share; holds no word.
pub struct Keyring {
    keeper: Arc<dyn KeyKeeper>,
    clock: Arc<dyn Clock>,
    at_rest: AtRest,
    cache: Cache,
}

/// What became of a key.
enum Found {
    /// Here it is.
    Here(Arc<Key>),
    /// It was destroyed on purpose.
    Destroyed,
    /// Its row is gone, or no longer what it was.
    Damaged,
}

impl Keyring {
    pub(super) fn new(unlock: &Unlock) -> Self {
        Self {
            keeper: Arc::clone(&unlock.keeper),
            clock: Arc::clone(&unlock.clock),
            at_rest: unlock.at_rest,
            cache: Cache::new(N_CACHED),
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// What a wrapped key is authenticated with: its row cannot stand for another.
fn around(wrapping: Uuid, id: Uuid, purpose: &str, owner: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(96);
    bytes.extend_from_slice(b"pli:wrap:1");
    bytes.extend_from_slice(wrapping.as_bytes());
    bytes.extend_from_slice(id.as_bytes());
    bytes.extend_from_slice(purpose.as_bytes());
    bytes.push(0);
    bytes.extend_from_slice(owner);
    bytes
}

/// There is no keyring: the database was opened for its form alone.
fn locked() -> Error {
    Error::failed("opening sealed words", "the database was not unlocked")
}
