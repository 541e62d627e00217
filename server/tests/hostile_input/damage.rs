//! Bytes that were damaged on the way, or were never meant well.

use crate::chance::Chance;

/// Some bytes changed, doubled, left out, or the end cut off.
pub(crate) fn bytes(whole: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for _ in 0..=chance.below(4) {
        if bytes.is_empty() {
            bytes.push(any_byte(chance));
        }
        let at = chance.index(bytes.len());
        match chance.below(6) {
            0 => bytes[at] = any_byte(chance),
            1 => bytes.insert(at, any_byte(chance)),
            2 => drop(bytes.remove(at)),
            3 => bytes.truncate(at),
            4 => {
                let piece = bytes[at..].to_vec();
                bytes.extend_from_slice(&piece);
            }
            _ => bytes[at] ^= 1 << chance.below(8),
        }
    }
    bytes
}

/// The same for what may stand in an address.
pub(crate) fn text(whole: &str, chance: &mut Chance) -> String {
    let damaged = bytes(whole.as_bytes(), chance);
    damaged
        .into_iter()
        .map(|byte| match byte {
            b'!' | b'$' | b'%'..=b';' | b'=' | b'?'..=b'Z' | b'_' | b'a'..=b'z' | b'~' => char::from(byte),
            _ => '%',
        })
        .collect()
}

/// A cookie of whatever name.
pub(crate) fn cookie(chance: &mut Chance) -> String {
    const COOKIES: [&str; 10] = [
        "",
        "pli=",
        "lang=fr",
        "lang=zz; zone=Europe/Nowhere",
        "zone=America/Toronto",
        "zone=../../../etc/localtime",
        "=;;=; ; pli",
        "pli=00000000",
        "lang=en; lang=fr; lang=de",
        "zone=\"a;b\"",
    ];
    COOKIES[chance.index(COOKIES.len())].to_owned()
}

/// Any byte at all.
fn any_byte(chance: &mut Chance) -> u8 {
    u8::try_from(chance.below(256)).unwrap_or(0)
}
