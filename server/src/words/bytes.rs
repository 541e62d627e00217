//! Numbers of any size as few bytes: seven bits in each, the lowest first, the eighth says whether more come.

/// Puts a number behind the bytes.
pub(super) fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        #[expect(clippy::cast_possible_truncation, reason = "the lowest seven bits are meant")]
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    #[expect(clippy::cast_possible_truncation, reason = "seven bits are left")]
    bytes.push(number as u8);
}

/// Puts a number that may be negative; small ones of either sign stay small.
pub(super) fn put_signed(bytes: &mut Vec<u8>, number: i64) {
    #[expect(clippy::cast_sign_loss, reason = "the sign becomes the lowest bit")]
    put(bytes, ((number << 1) ^ (number >> 63)) as u64);
}

/// Reads bytes from front to back; nothing is read beyond their end.
#[derive(Clone, Copy)]
pub(super) struct Reader<'b>(pub(super) &'b [u8]);

impl<'b> Reader<'b> {
    /// The next number.
    pub(super) fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// The next number, where it must be small enough for a length or an index.
    pub(super) fn size(&mut self) -> Option<usize> {
        self.number().and_then(|number| usize::try_from(number).ok())
    }

    /// The next number, where it may be negative.
    pub(super) fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        #[expect(clippy::cast_possible_wrap, reason = "as it was put")]
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// The next bytes.
    pub(super) fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_come_back(numbers in proptest::collection::vec((any::<u64>(), any::<i64>()), 0..50)) {
            let mut bytes = Vec::new();
            for (number, signed) in &numbers {
                put(&mut bytes, *number);
                put_signed(&mut bytes, *signed);
            }

            let mut reader = Reader(&bytes);
            for (number, signed) in numbers {
                prop_assert_eq!(reader.number(), Some(number));
                prop_assert_eq!(reader.signed(), Some(signed));
            }
            prop_assert_eq!(reader.number(), None);
        }

        #[test]
        fn no_bytes_are_too_odd(bytes in any::<Vec<u8>>()) {
            let mut reader = Reader(&bytes);
            while reader.number().is_some() {}
        }
    }
}
