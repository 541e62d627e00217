//! Archives, read back by the list at their end.

use app::i18n::Civil;

use super::*;
use unzip::{number, unzip};

#[path = "../../../tests/export/unzip.rs"]
mod unzip;

const NOON: Civil = Civil {
    year: 2026,
    month: 11,
    day: 22,
    hour: 12,
    minute: 30,
    weekday: 6,
    day_number: 20_779,
};

fn measured(bytes: &[u8]) -> Measured {
    let mut measure = Measure::new();
    measure.add(bytes);
    measure.end()
}

#[test]
fn what_was_put_in_comes_out() {
    let mut archive = Archive::new();
    let (first, second) = (b"\0\xffBytes".to_vec(), "Œdème\n".repeat(10_000));
    let mut bytes = Vec::new();

    archive
        .begin_file("fichiers/été.pdf".to_owned(), NOON, measured(&first))
        .unwrap();
    archive.add(&first[..3]).unwrap();
    bytes.extend(archive.take());
    archive.add(&first[3..]).unwrap();
    archive.end_entry().unwrap();
    archive.begin_text("texte".to_owned(), NOON);
    for piece in second.as_bytes().chunks(999) {
        archive.add(piece).unwrap();
        bytes.extend(archive.take());
    }
    archive.end_entry().unwrap();
    archive.end().unwrap();
    bytes.extend(archive.take());

    let expected = [
        ("fichiers/été.pdf".to_owned(), first),
        ("texte".to_owned(), second.into_bytes()),
    ];
    assert_eq!(unzip(&bytes, 0), expected);
    assert!(bytes.len() < 5_000, "{}", bytes.len());
    assert_eq!(number(&bytes, 12, 2), 46 * 512 + 11 * 32 + 22, "the date");
    assert_eq!(number(&bytes, 10, 2), 12 << 11 | 30 << 5, "the hour");
}

#[test]
fn places_beyond_four_gibibytes_are_found() {
    let mut archive = Archive::new();
    let begin = u64::from(u32::MAX) - 40;
    archive.n_taken = begin;
    for name in ["a", "b"] {
        archive
            .begin_file(name.to_owned(), NOON, measured(name.as_bytes()))
            .unwrap();
        archive.add(name.as_bytes()).unwrap();
        archive.end_entry().unwrap();
    }

    archive.end().unwrap();

    let found = unzip(&archive.take(), begin);
    assert_eq!(
        found,
        [("a", "a"), ("b", "b")].map(|(name, text)| (name.to_owned(), text.into()))
    );
}

#[test]
fn more_entries_than_the_end_can_count_are_found() {
    let mut archive = Archive::new();
    let n_entries = 70_000;
    for n in 0..n_entries {
        archive.begin_file(n.to_string(), NOON, measured(b"")).unwrap();
        archive.end_entry().unwrap();
    }

    archive.end().unwrap();

    let found = unzip(&archive.take(), 0);
    assert_eq!(found.len(), n_entries);
    assert_eq!(found.last().unwrap().0, "69999");
}

#[test]
fn a_file_that_is_another_one_by_now_ends_the_archive() {
    let mut archive = Archive::new();
    archive
        .begin_file("a".to_owned(), NOON, measured(b"abc"))
        .unwrap();
    archive.add(b"abd").unwrap();

    assert!(archive.end_entry().is_err());
}
