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
