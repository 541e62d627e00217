//! How passwords are compared with those that everybody knows: folded, and by a mark. The list in `known-passwords.bin` is made
//! by `cargo xtask passwords`, which reads this very file.

use sha2::{Digest, Sha256};

/// Lower case, without the accents of French, without white space and ASCII punctuation.
pub(super) fn fold(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .filter(|c| !c.is_whitespace() && (!c.is_ascii_punctuation() || matches!(c, '@' | '$')))
        .map(|c| match c {
            'à' | 'â' | 'ä' => 'a',
            'é' | 'è' | 'ê' | 'ë' => 'e',
            'î' | 'ï' => 'i',
            'ô' | 'ö' => 'o',
            'ù' | 'û' | 'ü' => 'u',
            'ç' => 'c',
            other => other,
        })
        .collect()
}

/// Of how many bytes a mark is. Among the list's some 60,000 marks of 40 bits, a password that is not on it is taken for one
/// that is once in 18 million looks.
pub(super) const MARK_BYTES: usize = 5;

/// What stands in the list for a folded password: the beginning of its SHA-256. The list itself shows nobody a password.
pub(super) fn mark(folded: &str) -> [u8; MARK_BYTES] {
    let digest = Sha256::digest(folded.as_bytes());
    let mut mark = [0; MARK_BYTES];
    mark.copy_from_slice(&digest[..MARK_BYTES]);
    mark
}

/// How many characters an entry has at least: with what people add to it, it is long enough to be chosen.
pub(super) const ENTRY_MIN_CHARS: usize = 11;
