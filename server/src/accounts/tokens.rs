//! Keys that open something: sessions and one-time links. 256 random bits; only their SHA-256 is ever stored.

use app::accounts::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::clock::Clock;

/// A fresh key, base64url.
pub(super) fn new_token(clock: &dyn Clock) -> Secret {
    let mut random = [0; 32];
    clock.fill_random(&mut random);
    Secret(URL_SAFE_NO_PAD.encode(random))
}

/// What of a key is stored.
pub(super) fn hash_token(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// The characters of a recovery code, hyphens left out: 80 bits.
pub(super) const RECOVERY_CHARS: usize = 16;
/// Letters and digits that nobody mistakes for one another: no I, L, O, U.
///
/// Source: Crockford's base 32.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A fresh recovery code: `7K2M-…`, four groups of four.
pub(super) fn new_recovery_code(clock: &dyn Clock) -> Secret {
    let mut random = [0; RECOVERY_CHARS];
    clock.fill_random(&mut random);
    let mut text = String::new();
    for (index, byte) in random.iter().enumerate() {
        if index > 0 && index % 4 == 0 {
            text.push('-');
        }
        text.push(char::from(LETTERS[usize::from(byte % 32)]));
    }
    Secret(text)
}
