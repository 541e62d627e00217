//! The walk through a text, once, from front to back.

use std::ops::Range;

use super::health_number::is_begun as is_health_number_begun;
use super::near::{is_near, is_of_a_patient, is_right_after};
use super::phone::phone_number;
use super::{Finding, Kind, is_health_number};

/// A letter or digit in capitals, or `SEPARATOR` for what may stand inside a number, or `OTHER`.
#[derive(Clone, Copy)]
pub(super) struct Sign {
    at: usize,
    pub(super) kind: u8,
}

/// A blank, a hyphen, a slash and the like.
pub(super) const SEPARATOR: u8 = b' ';
/// A dot: it stands inside numbers, and at the end of a sentence.
pub(super) const DOT: u8 = b'.';
/// A mark that is in no number: a number does not go on across it, a sentence may.
pub(super) const MARK: u8 = b',';
/// The end of a line or of a sentence: nothing goes on across it.
pub(super) const END: u8 = b'\n';
/// A letter that is in no number.
pub(super) const LETTER: u8 = b'*';

/// How many signs a number may have with what stands between its parts.
const LONGEST: usize = 48;
/// How far from another finding a telephone number is taken to be of the same person, in signs.
const BESIDE: usize = 80;

/// Words before a health-insurance number, whose check digit then need not be right.
const HEALTH_WORDS: &[&str] = &[
    "NAM",
    "RAMQ",
    "ASSURANCE MALADIE",
    "CARTE SOLEIL",
    "HEALTH CARD",
    "HEALTH INSURANCE",
];
/// Words before the number of a record.
const RECORD_WORDS: &[&str] = &["DOSSIER", "MRN", "CHART", "RECORD"];
/// Words before a date of birth.
const BIRTH_WORDS: &[&str] = &[
    "DDN",
    "DOB",
    "NE LE",
    "NEE LE",
    "NE(E) LE",
    "NAISSANCE",
    "BORN",
    "BIRTH",
];

/// What stands in a text, in its order; nothing overlaps.
pub fn find(text: &str) -> Vec<Finding> {
    let signs = signs(text);
    // Of all numbers; telephone numbers are looked at again, for most of them are no patient's.
    let mut found: Vec<(Kind, Range<usize>)> = Vec::new();
    let mut next = 0;
    while next < signs.len() {
        let number = if is_start(&signs, next) {
            number_at(&signs, next)
        } else {
            None
        };
        if let Some((kind, end)) = number {
            found.push((kind, next..end));
            next = end;
        } else {
            next += 1;
        }
    }
    let others: Vec<Range<usize>> = found
        .iter()
        .filter(|(kind, _)| *kind != Kind::PhoneNumber)
        .map(|(_, at)| at.clone())
        .collect();
    let is_patients = |at: &Range<usize>| {
        let is_beside = |other: &Range<usize>| {
            let between = other.end.min(at.end)..other.start.max(at.start);
            between.len() <= BESIDE
        };
        others.iter().any(is_beside) || is_of_a_patient(&signs, at)
    };
    found
        .into_iter()
        .filter(|(kind, at)| *kind != Kind::PhoneNumber || is_patients(at))
        .map(|(kind, at)| Finding {
            kind,
            at: signs[at.start].at..after(&signs, at.end, text),
        })
        .collect()
}

/// Whether a text ends in what the next keys may make a number of a patient's: most of a health-insurance number, the first
/// digits of a record number or of a date of birth.
pub fn may_become(text: &str) -> bool {
    let signs = signs(text);
    let from = signs.len().saturating_sub(LONGEST);
    (from..signs.len())
        .filter(|at| is_start(&signs, *at))
        .any(|at| is_begun(&signs, at))
}

/// Whether all from here to the end is the beginning of a number.
fn is_begun(signs: &[Sign], at: usize) -> bool {
    let mut typed = Vec::new();
    let mut n_separators = 0;
    for sign in signs.iter().skip(at) {
        if sign.kind.is_ascii_alphanumeric() {
            typed.push(sign.kind);
            n_separators = 0;
        } else if is_separator(sign.kind) && n_separators < 3 {
            n_separators += 1;
        } else {
            return false;
        }
    }
    let n_letters = typed.iter().take_while(|sign| sign.is_ascii_uppercase()).count();
    let n_digits = typed.iter().filter(|sign| sign.is_ascii_digit()).count();
    let is_number = n_letters <= 2 && n_letters + n_digits == typed.len() && n_digits >= 3;
    is_one_word(signs, at) && is_health_number_begun(&typed)
        || is_number && is_right_after(signs, at, RECORD_WORDS)
        || is_number && n_letters == 0 && is_near(signs, at, BIRTH_WORDS)
}

pub(super) fn is_separator(kind: u8) -> bool {
    matches!(kind, SEPARATOR | DOT)
}

fn signs(text: &str) -> Vec<Sign> {
    text.char_indices()
        .map(|(at, c)| Sign { at, kind: kind(c) })
        .collect()
}

pub(super) fn kind(c: char) -> u8 {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' => u8::try_from(c).unwrap_or(LETTER).to_ascii_uppercase(),
        'é' | 'É' | 'è' | 'È' | 'ê' | 'Ê' | 'ë' | 'Ë' => b'E',
        'à' | 'À' | 'â' | 'Â' => b'A',
        'î' | 'Î' | 'ï' | 'Ï' => b'I',
        'ô' | 'Ô' => b'O',
        'ù' | 'Ù' | 'û' | 'Û' | 'ü' | 'Ü' => b'U',
        'ç' | 'Ç' => b'C',
        // A table that is pasted has tabs between its columns.
        ' ' | '\t' | '-' | '/' | '_' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '‐' | '‑' | '–' => {
            SEPARATOR
        }
        '.' => DOT,
        '(' => b'(',
        ')' => b')',
        '+' => b'+',
        '#' | '°' | 'º' => b'#',
        ':' => b':',
        '\n' | '\r' | '!' | '?' | ';' | '…' => END,
        '«' | '»' | '’' | '•' | '—' => MARK,
        _ if c.is_ascii() => MARK,
        _ => LETTER,
    }
}

fn is_sign(kind: u8) -> bool {
    kind.is_ascii_alphanumeric() || kind == LETTER
}

/// Whether a number may begin here: what stands before it is no letter and no digit.
fn is_start(signs: &[Sign], at: usize) -> bool {
    let is_after_word = at > 0 && is_sign(signs[at - 1].kind);
    !is_after_word
        && (signs[at].kind.is_ascii_alphanumeric() || signs[at].kind == b'+' || signs[at].kind == b'(')
}

/// Whether a number that ends before `end` is over there.
pub(super) fn is_over(signs: &[Sign], end: usize) -> bool {
    signs.get(end).is_none_or(|sign| !is_sign(sign.kind))
}

/// The place in the text behind the sign before `end`.
fn after(signs: &[Sign], end: usize, text: &str) -> usize {
    signs.get(end).map_or(text.len(), |sign| sign.at)
}

/// What begins here, and the first sign after it.
fn number_at(signs: &[Sign], at: usize) -> Option<(Kind, usize)> {
    health_number(signs, at)
        .or_else(|| birth_date(signs, at))
        .or_else(|| record_number(signs, at))
        .or_else(|| phone_number(signs, at))
}

/// Letters and digits from here on, with at most three separators in a row between them, until there are `n_wanted`.
fn gather(signs: &[Sign], at: usize, n_wanted: usize) -> Option<(Vec<u8>, usize)> {
    let mut gathered = Vec::with_capacity(n_wanted);
    let mut n_separators = 0;
    for (index, sign) in signs.iter().enumerate().skip(at) {
        if sign.kind.is_ascii_alphanumeric() {
            gathered.push(sign.kind);
            n_separators = 0;
            if gathered.len() == n_wanted {
                return is_over(signs, index + 1).then_some((gathered, index + 1));
            }
        } else if is_separator(sign.kind) && n_separators < 3 {
            n_separators += 1;
        } else {
            return None;
        }
    }
    None
}

/// Whether the next four signs are letters without anything between them.
fn is_one_word(signs: &[Sign], at: usize) -> bool {
    let word = signs.get(at..at + 4);
    word.is_some_and(|word| word.iter().all(|sign| sign.kind.is_ascii_uppercase()))
}

/// Whether a whole date stands behind the word that begins here, as in "fait 2010-05-12".
fn is_word_and_date(signs: &[Sign], at: usize) -> bool {
    let is_parted = signs.get(at + 4).is_some_and(|sign| is_separator(sign.kind));
    is_parted && date(signs, at + 5).is_some_and(|date| date.is_full)
}

fn health_number(signs: &[Sign], at: usize) -> Option<(Kind, usize)> {
    if !signs[at].kind.is_ascii_uppercase() {
        return None;
    }
    let (number, end) = gather(signs, at, 12)?;
    let (letters, digits) = number.split_at(4);
    let is_shaped = is_one_word(signs, at)
        && letters.iter().all(u8::is_ascii_uppercase)
        && digits
            .iter()
            .enumerate()
            .all(|(index, digit)| index == 6 || digit.is_ascii_digit());
    let is_named = || is_near(signs, at, HEALTH_WORDS);
    let is_valid = || is_health_number(&number) && !is_word_and_date(signs, at);
    (is_shaped && (is_valid() || is_named())).then_some((Kind::HealthNumber, end))
}

/// Digits from here on: groups of them, and the first sign after each.
fn groups(signs: &[Sign], at: usize, n_groups: usize) -> Vec<(Vec<u8>, usize)> {
    let mut groups = Vec::new();
    let mut next = at;
    while groups.len() < n_groups {
        let digits: Vec<u8> = signs
            .iter()
            .skip(next)
            .map(|sign| sign.kind)
            .take_while(u8::is_ascii_digit)
            .collect();
        if digits.is_empty() {
            break;
        }
        next += digits.len();
        groups.push((digits, next));
        if signs.get(next).is_some_and(|sign| is_separator(sign.kind)) {
            next += 1;
        } else {
            break;
        }
    }
    groups
}

fn value(digits: &[u8]) -> u32 {
    digits
        .iter()
        .fold(0, |value, digit| value * 10 + u32::from(digit - b'0'))
}

/// A whole date in numbers.
struct Date {
    /// Whether its year has all four digits.
    is_full: bool,
    end: usize,
}

fn date(signs: &[Sign], at: usize) -> Option<Date> {
    let groups = groups(signs, at, 3);
    let [(one, _), (two, _), (three, end)] = groups.as_slice() else {
        return None;
    };
    // Longer digits are no part of a date, and of no number that is counted with.
    let lengths = (one.len(), two.len(), three.len());
    let (year, months) = match lengths {
        (4, 1 | 2, 1 | 2) => (value(one), [value(two), value(three)]),
        (1 | 2, 1 | 2, 4) => (value(three), [value(one), value(two)]),
        (2, 2, 2) => (1_900 + value(one), [value(two), value(three)]),
        _ => return None,
    };
    let is_day = months.iter().all(|part| (1..=31).contains(part)) && months.iter().any(|part| *part <= 12);
    let is_date = is_day && (1_900..2_100).contains(&year) && is_over(signs, *end);
    is_date.then_some(Date {
        is_full: lengths.0.max(lengths.2) == 4,
        end: *end,
    })
}

/// A date after a word that says that somebody was born then.
fn birth_date(signs: &[Sign], at: usize) -> Option<(Kind, usize)> {
    let date = date(signs, at)?;
    is_near(signs, at, BIRTH_WORDS).then_some((Kind::BirthDate, date.end))
}

/// Five digits or more right after a word that says so.
fn record_number(signs: &[Sign], at: usize) -> Option<(Kind, usize)> {
    let mut n_digits = 0;
    let mut end = at;
    for (index, sign) in signs.iter().enumerate().skip(at).take(16) {
        // The next column of a table.
        let is_over = n_digits >= 5 && index > end && phone_number(signs, index).is_some();
        match sign.kind {
            _ if is_over => break,
            b'0'..=b'9' => {
                n_digits += 1;
                end = index + 1;
            }
            SEPARATOR | DOT if n_digits > 0 => {}
            // A letter or two before the digits: "D123456", "HN-12345".
            b'A'..=b'Z' if n_digits == 0 && index < at + 2 => {}
            _ => break,
        }
    }
    // "le dossier du 12/05/2026" was written on that day.
    let is_date = || date(signs, at).is_some_and(|date| date.is_full);
    let is_number = (5..=12).contains(&n_digits) && is_over(signs, end) && !is_date();
    (is_number && is_right_after(signs, at, RECORD_WORDS)).then_some((Kind::RecordNumber, end))
}
