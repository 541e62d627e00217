//! A secret key in memory: wiped when it is let go, and never printed.

use std::fmt;

use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::clock::Clock;

/// 256 secret bits. They rest in one place of the heap, and are overwritten when the key is dropped.
pub struct Key(Box<Zeroizing<[u8; Key::LEN]>>);

impl Key {
    /// How many bytes a key has.
    pub const LEN: usize = 32;

    /// A new one, which nobody can guess.
    pub fn random(clock: &dyn Clock) -> Self {
        let mut key = Self::zero();
        clock.fill_random(&mut key.0[..]);
        key
    }

    /// The key with these bytes; `None` when they are too many or too few.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        let mut key = Self::zero();
        if bytes.len() != Self::LEN {
            return None;
        }
        key.0.copy_from_slice(bytes);
        Some(key)
    }

    fn zero() -> Self {
        Self(Box::new(Zeroizing::new([0; Self::LEN])))
    }

    /// The secret itself, for those who use it.
    pub(crate) fn expose(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// A name that follows from the key and tells nothing of it: the same key is always called the same.
    pub(super) fn name(&self) -> Uuid {
        let digest = self.digest(b"pli: the name of a wrapping key, 1");
        let mut name = [0; 16];
        name.copy_from_slice(&digest[..16]);
        uuid::Builder::from_custom_bytes(name).into_uuid()
    }

    /// What only somebody who has the key can put under the statement that all words are sealed.
    pub(super) fn vouch_all_sealed(&self) -> [u8; 32] {
        self.digest(b"pli: all that this key opens is sealed, 1")
    }

    fn digest(&self, purpose: &[u8]) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(purpose);
        hasher.update(self.expose());
        hasher.finalize().into()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Assurance ENC-06.
    #[test]
    fn enc_06_a_key_prints_nothing_of_itself() {
        let key = Key::from_slice(&[0x41; Key::LEN]).unwrap();

        assert_eq!(format!("{key:?} {key:#?}"), "Key(…) Key(…)");
        assert!(!key.name().to_string().contains("4141"));
    }

    /// Assurance ENC-06: the type of the bytes is the one that overwrites them when it is dropped.
    #[test]
    fn enc_06_a_key_is_wiped_when_it_is_let_go() {
        fn require_wiped<T: zeroize::ZeroizeOnDrop>(_: &T) {}
        let key = Key::from_slice(&[1; Key::LEN]).unwrap();

        require_wiped(&*key.0);
    }

    #[test]
    fn a_key_of_another_length_is_none() {
        assert!(Key::from_slice(&[1; 31]).is_none());
        assert!(Key::from_slice(&[1; 33]).is_none());
    }
}
