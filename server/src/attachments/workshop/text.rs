//! Plain texts, tables of values, RTF: bytes that a person could read, and nothing that a browser would take for a page.

use app::attachments::FileProblem;

/// What begins something else: a page, a program, a picture, an archive.
const OTHERS: [&[u8]; 12] = [
    b"<!doctype",
    b"<html",
    b"<head",
    b"<body",
    b"<script",
    b"<svg",
    b"<?xml",
    b"<iframe",
    b"<!--",
    b"%pdf-",
    b"gif8",
    b"{\"swf",
];

/// Checks that it is a text.
pub(super) fn check(bytes: &[u8]) -> Result<(), FileProblem> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // Other control characters than these are in no text.
    let is_odd = |byte: &u8| matches!(byte, 0..=8 | 11 | 14..=31 | 127);
    if bytes.iter().any(is_odd) {
        return Err(FileProblem::Misnamed);
    }
    let begin: Vec<u8> = bytes
        .iter()
        .skip_while(|byte| byte.is_ascii_whitespace())
        .take(16)
        .map(u8::to_ascii_lowercase)
        .collect();
    let is_other = OTHERS.iter().any(|other| begin.starts_with(other));
    (!is_other).then_some(()).ok_or(FileProblem::Misnamed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_a_text_and_a_page_is_not() {
        for text in ["INR à 2,4\r\n", "\u{feff}nom;valeur\n", "  <3 merci", "a\tb\u{c}"] {
            assert_eq!(check(text.as_bytes()), Ok(()), "{text}");
        }
        assert_eq!(check(b"caf\xe9 (Latin-1)"), Ok(()));
        for other in [
            b"<!DOCTYPE html>".as_slice(),
            b"\xef\xbb\xbf \n<HTML>",
            b"<svg onload=x>",
            b"MZ\0\x01",
            b"PK\x03\x04",
            b"<?xml version",
            b"%PDF-1.7",
        ] {
            assert_eq!(check(other), Err(FileProblem::Misnamed), "{other:?}");
        }
    }
}
