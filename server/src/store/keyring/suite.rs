//! How bytes are sealed: authenticated, under a key, in their place.
//!
//! Suite 1 is XChaCha20-Poly1305 with a random nonce of 192 bits. What stands around the bytes (which conversation, which
//! message, at which position, by whom, under which key and suite) is authenticated with them: in any other place they do
//! not open.

use chacha20poly1305::aead::{Aead, AeadInOut, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use super::Key;
use crate::clock::Clock;

/// Suite 0: plain UTF-8, as earlier versions stored words. It is read only while these are sealed.
pub(in crate::store) const PLAIN: i64 = 0;
/// No suite: what stands there was never an envelope.
pub(in crate::store) const NONE: i64 = -1;
/// Suite 1: XChaCha20-Poly1305.
pub(in crate::store) const SEALED: i64 = 1;

/// Bytes of a nonce: random ones do not meet in the life of any key.
///
/// Source: `draft-irtf-cfrg-xchacha`, section 3.1; assurance ENC-04.
pub(in crate::store) const NONCE_LEN: usize = 24;

/// Seals bytes under a fresh nonce; answers the nonce and what was sealed.
pub(super) fn seal(key: &Key, clock: &dyn Clock, around: &[u8], bytes: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut nonce = [0; NONCE_LEN];
    clock.fill_random(&mut nonce);
    let payload = Payload {
        msg: bytes,
        aad: around,
    };
    let sealed = cipher(key).encrypt(&XNonce::from(nonce), payload).ok()?;
    Some((nonce.to_vec(), sealed))
}

/// Opens what was sealed; `None` when anything of it, or around it, is another.
pub(super) fn open(key: &Key, nonce: &[u8], around: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let nonce: [u8; NONCE_LEN] = nonce.try_into().ok()?;
    let payload = Payload {
        msg: sealed,
        aad: around,
    };
    cipher(key).decrypt(&XNonce::from(nonce), payload).ok()
}

/// As [`seal`], in place: many bytes are not copied. What was sealed is followed by its nonce.
pub(super) fn seal_in_place(key: &Key, clock: &dyn Clock, around: &[u8], bytes: &mut Vec<u8>) -> Option<()> {
    let mut nonce = [0; NONCE_LEN];
    clock.fill_random(&mut nonce);
    cipher(key)
        .encrypt_in_place(&XNonce::from(nonce), around, bytes)
        .ok()?;
    bytes.extend_from_slice(&nonce);
    Some(())
}

/// Opens what [`seal_in_place`] sealed; when anything of it, or around it, is another, what is left is not to be used.
pub(super) fn open_in_place(key: &Key, around: &[u8], bytes: &mut Vec<u8>) -> Option<()> {
    let nonce: [u8; NONCE_LEN] = bytes.last_chunk().copied()?;
    bytes.truncate(bytes.len() - NONCE_LEN);
    cipher(key)
        .decrypt_in_place(&XNonce::from(nonce), around, bytes)
        .ok()
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.expose().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    /// Source: `draft-irtf-cfrg-xchacha-03`, appendix A.3.1.
    #[test]
    fn enc_04_the_suite_is_the_one_that_the_draft_describes() {
        let key: Vec<u8> = (0x80..=0x9f).collect();
        let nonce: Vec<u8> = (0x40..=0x57).collect();
        let around = [
            0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7,
        ];
        let text = "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, \
            sunscreen would be it.";
        let key = Key::from_slice(&key).unwrap();
        let sealed = cipher(&key)
            .encrypt(
                &XNonce::try_from(&nonce[..]).unwrap(),
                Payload {
                    msg: text.as_bytes(),
                    aad: &around,
                },
            )
            .unwrap();

        assert_eq!(sealed[..8], [0xbd, 0x6d, 0x17, 0x9d, 0x3e, 0x83, 0xd4, 0x3b]);
        assert_eq!(
            sealed[sealed.len() - 16..],
            [
                0xc0, 0x87, 0x59, 0x24, 0xc1, 0xc7, 0x98, 0x79, 0x47, 0xde, 0xaf, 0xd8, 0x78, 0x0a, 0xcf,
                0x49
            ]
        );
        assert_eq!(open(&key, &nonce, &around, &sealed).unwrap(), text.as_bytes());
    }

    /// Assurance ENC-04, the short version: nonces are drawn, never counted or derived.
    #[test]
    fn enc_04_a_hundred_thousand_nonces_are_all_different() {
        let key = Key::random(&SystemClock);
        let mut seen = std::collections::HashSet::new();

        for _ in 0..100_000 {
            let (nonce, sealed) = seal(&key, &SystemClock, b"", b"").unwrap();
            assert_eq!((nonce.len(), sealed.len()), (NONCE_LEN, 16));
            assert!(seen.insert(nonce), "a nonce came twice");
        }
    }

    #[test]
    fn a_flipped_bit_anywhere_opens_nothing() {
        let key = Key::random(&SystemClock);
        let (nonce, sealed) = seal(&key, &SystemClock, b"here", b"words").unwrap();

        assert_eq!(open(&key, &nonce, b"here", &sealed).unwrap(), b"words");
        for bit in 0..sealed.len() * 8 {
            let mut other = sealed.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&key, &nonce, b"here", &other).is_none());
        }
        assert!(open(&key, &nonce, b"there", &sealed).is_none());
        assert!(open(&Key::random(&SystemClock), &nonce, b"here", &sealed).is_none());
    }
}
