//! Reads an archive as programs do: by the list at its end. Whatever does not fit ends the test.

use std::io::Read as _;

use flate2::Crc;
use flate2::read::DeflateDecoder;

/// A number of so many bytes, the smallest part first.
pub(crate) fn number(bytes: &[u8], at: usize, n: usize) -> u64 {
    bytes[at..at + n]
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn place(number: u64) -> usize {
    usize::try_from(number).unwrap()
}

/// Names and bytes, in the order of the list. What was sent before `begin` is not here.
pub(crate) fn unzip(bytes: &[u8], begin: u64) -> Vec<(String, Vec<u8>)> {
    let end = bytes.len() - 22;
    assert_eq!(number(bytes, end, 4), 0x0605_4b50, "the archive has no end");
    let (mut n_entries, mut list) = (number(bytes, end + 10, 2), number(bytes, end + 16, 4));
    if n_entries == 0xFFFF || list == 0xFFFF_FFFF {
        assert_eq!(number(bytes, end - 20, 4), 0x0706_4b50);
        let long = place(number(bytes, end - 12, 8) - begin);
        assert_eq!(number(bytes, long, 4), 0x0606_4b50);
        n_entries = number(bytes, long + 32, 8);
        list = number(bytes, long + 48, 8);
    }
    let mut at = place(list - begin);
    let mut found = Vec::new();
    for _ in 0..n_entries {
        assert_eq!(number(bytes, at, 4), 0x0201_4b50);
        let (method, crc) = (number(bytes, at + 10, 2), number(bytes, at + 16, 4));
        let (packed, size) = (number(bytes, at + 20, 4), number(bytes, at + 24, 4));
        let (name, extra) = (place(number(bytes, at + 28, 2)), place(number(bytes, at + 30, 2)));
        let mut offset = number(bytes, at + 42, 4);
        if offset == 0xFFFF_FFFF {
            offset = number(bytes, at + 46 + name + 4, 8);
        }
        let called = String::from_utf8(bytes[at + 46..at + 46 + name].to_vec()).unwrap();
        let head = place(offset - begin);
        assert_eq!(number(bytes, head, 4), 0x0403_4b50);
        let body = head + 30 + place(number(bytes, head + 26, 2) + number(bytes, head + 28, 2));
        let stored = &bytes[body..body + place(packed)];
        let mut content = Vec::new();
        if method == 8 {
            DeflateDecoder::new(stored).read_to_end(&mut content).unwrap();
        } else {
            // Whoever reads from the front knows all of it before the first byte.
            assert_eq!((method, number(bytes, head + 14, 4)), (0, crc));
            assert_eq!(number(bytes, head + 22, 4), size);
            content.extend_from_slice(stored);
        }
        let mut sum = Crc::new();
        sum.update(&content);
        assert_eq!(
            (content.len() as u64, u64::from(sum.sum())),
            (size, crc),
            "{called}"
        );
        found.push((called, content));
        at += 46 + name + extra;
    }
    found
}
