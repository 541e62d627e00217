//! Words that stand nowhere else, and the search for them behind every way in which a careless copy could have written
//! them down.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// What every canary begins with.
const MARK: &str = "canari-";

/// The canary of this number.
pub(crate) fn canary(number: usize) -> String {
    format!("{MARK}{number:06}-zulu")
}

/// The canaries of this many that are found in some bytes, in whatever form.
pub(crate) fn find(bytes: &[u8], n_canaries: usize) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    look(bytes, n_canaries, &mut found);
    for (offset, start) in bytes.windows(2).enumerate() {
        let mut text = Vec::new();
        let is_packed = match start {
            [0x78, 0x01 | 0x5e | 0x9c | 0xda] => flate2::read::ZlibDecoder::new(&bytes[offset..])
                .take(1 << 20)
                .read_to_end(&mut text)
                .is_ok(),
            [0x1f, 0x8b] => flate2::read::GzDecoder::new(&bytes[offset..])
                .take(1 << 20)
                .read_to_end(&mut text)
                .is_ok(),
            _ => false,
        };
        // What came out before an error counts as well.
        if is_packed || !text.is_empty() {
            look(&text, n_canaries, &mut found);
        }
    }
    found
}

fn look(bytes: &[u8], n_canaries: usize, found: &mut BTreeSet<usize>) {
    // Every form of a canary begins with a form of the mark: bytes without one need no closer look.
    let has_mark = forms(MARK)
        .iter()
        .any(|form| contains(bytes, &form[..form.len().min(6)]));
    if !has_mark {
        return;
    }
    for number in 0..n_canaries {
        if forms(&canary(number)).iter().any(|form| contains(bytes, form)) {
            found.insert(number);
        }
    }
}

/// A text as it is, as UTF-16, in hexadecimal and in base64 at each of the three places where it can begin.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let hex = hex(text);
    let mut forms = vec![
        text.as_bytes().to_vec(),
        text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
    ];
    for skipped in 0..3 {
        // What stands before it changes the first letters, what stands behind it the last.
        let whole = &text.as_bytes()[skipped..];
        let whole = &whole[..whole.len() / 3 * 3];
        forms.push(STANDARD_NO_PAD.encode(whole).into_bytes());
        forms.push(URL_SAFE_NO_PAD.encode(whole).into_bytes());
    }
    forms
}

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// A search that finds nothing proves nothing: each form is found where it was put.
#[test]
fn the_search_finds_a_canary_in_every_form() {
    use std::io::Write;
    let text = format!("Bonjour, {} vous attend.", canary(3));
    let hex = hex(&text).to_uppercase();
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    zlib.write_all(text.as_bytes()).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(text.as_bytes()).unwrap();
    let mut forms = vec![
        text.clone().into_bytes(),
        text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        hex.to_lowercase().into_bytes(),
        hex.into_bytes(),
        zlib.finish().unwrap(),
        gzip.finish().unwrap(),
    ];
    for n_before in 0..3 {
        forms.push(STANDARD_NO_PAD.encode(&text[n_before..]).into_bytes());
    }

    for form in forms {
        let hidden = [b"\0\x01rest".as_slice(), &form, b"\xff\xfe"].concat();
        assert_eq!(find(&hidden, 5), BTreeSet::from([3]), "{form:?}");
    }
    assert!(find(text.replace("000003", "000007").as_bytes(), 5).is_empty());
}
