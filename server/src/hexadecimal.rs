//! Bytes as hexadecimal digits: sums, ids of keys, names of fresh files.

/// Two small digits for each byte.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    let text = String::with_capacity(2 * bytes.len());
    bytes.iter().fold(text, |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::hexadecimal;

    #[test]
    fn each_byte_has_two_small_digits() {
        assert_eq!(hexadecimal(&[0x00, 0x0a, 0xb1, 0xff]), "000ab1ff");
        assert_eq!(hexadecimal(&[]), "");
    }
}
