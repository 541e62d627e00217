//! The walk through a text, once, from front to back.

use std::ops::Range;

use super::{Finding, Kind, is_health_number};

/// A letter or digit in capitals, or `SEPARATOR` for what may stand inside a number, or `OTHER`.
#[derive(Clone, Copy)]
struct Sign {
    at: usize,
    kind: u8,
}

/// A blank, a hyphen, a dot and the like.
const SEPARATOR: u8 = b' ';
/// A line end or any other mark: nothing goes on across it.
const END: u8 = b'\n';
/// A letter that is in no number.
const LETTER: u8 = b'*';

/// How far before a number the word stands that says what it is, in signs.
const NEAR: usize = 24;

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
    let mut findings = Vec::new();
    let mut next = 0;
    while next < signs.len() {
        let found = if is_start(&signs, next) {
            number_at(&signs, next)
        } else {
            None
        };
        if let Some((kind, end)) = found {
            let at = signs[next].at..after(&signs, end, text);
            findings.push(Finding { kind, at });
            next = end;
        } else {
            next += 1;
        }
    }
    findings
}

fn signs(text: &str) -> Vec<Sign> {
    text.char_indices()
        .map(|(at, c)| Sign { at, kind: kind(c) })
        .collect()
}

fn kind(c: char) -> u8 {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' => u8::try_from(c).unwrap_or(LETTER).to_ascii_uppercase(),
        'é' | 'É' | 'è' | 'È' | 'ê' | 'Ê' => b'E',
        ' ' | '-' | '.' | '/' | '_' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '‐' | '‑' | '–' => SEPARATOR,
        '(' => b'(',
        ')' => b')',
        '+' => b'+',
        '#' | '°' | 'º' => b'#',
        ':' => b':',
        '«' | '»' | '’' | '…' | '•' => END,
        _ if c.is_ascii() => END,
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
fn is_over(signs: &[Sign], end: usize) -> bool {
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
        .or_else(|| phone_number(signs, at))
        .or_else(|| record_number(signs, at))
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
        } else if sign.kind == SEPARATOR && n_separators < 3 {
            n_separators += 1;
        } else {
            return None;
        }
    }
    None
}

fn health_number(signs: &[Sign], at: usize) -> Option<(Kind, usize)> {
    if !signs[at].kind.is_ascii_uppercase() {
        return None;
    }
    let (number, end) = gather(signs, at, 12)?;
    let (letters, digits) = number.split_at(4);
    // The four letters are one word.
    let is_one_word = signs
        .get(at..at + 4)
        .is_some_and(|word| word.iter().all(|sign| sign.kind.is_ascii_uppercase()));
    let is_shaped = is_one_word
        && letters.iter().all(u8::is_ascii_uppercase)
        && digits
            .iter()
            .enumerate()
            .all(|(index, digit)| index == 6 || digit.is_ascii_digit());
    let is_named = || is_shaped && is_near(signs, at, HEALTH_WORDS);
    (is_shaped && is_health_number(&number) || is_named()).then_some((Kind::HealthNumber, end))
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
        if signs.get(next).is_some_and(|sign| sign.kind == SEPARATOR) {
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

/// A whole date in numbers: after a word that says so, or of the last century.
fn birth_date(signs: &[Sign], at: usize) -> Option<(Kind, usize)> {
    let groups = groups(signs, at, 3);
    let [(one, _), (two, _), (three, end)] = groups.as_slice() else {
        return None;
    };
    let lengths = (one.len(), two.len(), three.len());
    let (one, two, three) = (value(one), value(two), value(three));
    let (year, months) = match lengths {
        (4, 1 | 2, 1 | 2) => (one, [two, three]),
        (1 | 2, 1 | 2, 4) => (three, [one, two]),
        (2, 2, 2) => (1_900 + one, [two, three]),
        _ => return None,
    };
    let is_day = months.iter().all(|part| (1..=31).contains(part)) && months.iter().any(|part| *part <= 12);
    let is_date = is_day && (1_900..2_100).contains(&year) && is_over(signs, *end);
    // Two digits for a year are as good as any number: the word must say it.
    let is_old = lengths.0.max(lengths.2) == 4 && year < 2_000;
    (is_date && (is_old || is_near(signs, at, BIRTH_WORDS))).then_some((Kind::BirthDate, *end))
}

/// Ten digits of North America, or ten in pairs as in France.
fn phone_number(signs: &[Sign], at: usize) -> Option<(Kind, usize)> {
    let mut digits = Vec::new();
    let mut lengths = Vec::new();
    let mut in_group = 0;
    let mut n_separators = 0;
    let ends = signs
        .iter()
        .map(|sign| sign.kind)
        .chain([END])
        .enumerate()
        .skip(at);
    for (index, kind) in ends {
        if kind.is_ascii_digit() {
            digits.push(kind);
            in_group += 1;
            n_separators = 0;
            continue;
        }
        if in_group > 0 {
            lengths.push(in_group);
            in_group = 0;
            let is_phone = is_north_american(&digits, &lengths) || is_french(&digits, &lengths);
            if is_phone && is_over(signs, index) {
                return Some((Kind::PhoneNumber, index));
            }
        }
        let goes_on = match kind {
            SEPARATOR | b'(' | b')' => n_separators < 2,
            b'+' => index == at,
            _ => false,
        };
        if !goes_on || digits.len() > 11 {
            return None;
        }
        n_separators += 1;
    }
    None
}

fn is_north_american(digits: &[u8], lengths: &[usize]) -> bool {
    let (digits, lengths) = match (digits, lengths) {
        ([b'1', rest @ ..], [1, lengths @ ..]) if rest.len() == 10 => (rest, lengths),
        ([b'1', rest @ ..], [11]) => (rest, &[10][..]),
        (digits, lengths) => (digits, lengths),
    };
    let is_grouped = matches!(lengths, [10] | [3, 7] | [3, 3, 4] | [6, 4]);
    // Neither area nor exchange begins with 0 or 1.
    let begins = |index: usize| digits.get(index).is_some_and(|digit| *digit >= b'2');
    digits.len() == 10 && is_grouped && begins(0) && begins(3)
}

fn is_french(digits: &[u8], lengths: &[usize]) -> bool {
    let is_in_pairs = matches!(lengths, [2, 2, 2, 2, 2] | [10]);
    digits.len() == 10 && is_in_pairs && matches!(digits, [b'0', b'1'..=b'9', ..])
}

/// Five digits or more right after a word that says so.
fn record_number(signs: &[Sign], at: usize) -> Option<(Kind, usize)> {
    let mut n_digits = 0;
    let mut end = at;
    for (index, sign) in signs.iter().enumerate().skip(at).take(16) {
        match sign.kind {
            b'0'..=b'9' => {
                n_digits += 1;
                end = index + 1;
            }
            SEPARATOR if n_digits > 0 => {}
            // A letter or two before the digits: "D123456", "HN-12345".
            b'A'..=b'Z' if n_digits == 0 && index < at + 2 => {}
            _ => break,
        }
    }
    let is_number = (5..=12).contains(&n_digits) && is_over(signs, end);
    (is_number && is_right_after(signs, at, RECORD_WORDS)).then_some((Kind::RecordNumber, end))
}

/// The signs before a place, of the same sentence, in capitals.
fn before(signs: &[Sign], at: usize) -> String {
    let from = at.saturating_sub(NEAR);
    let near: Range<usize> = from..at;
    let mut words = String::with_capacity(NEAR);
    for sign in signs.get(near).unwrap_or_default() {
        match sign.kind {
            END => words.clear(),
            kind if kind < 0x80 => words.push(char::from(kind)),
            _ => words.push(' '),
        }
    }
    words
}

fn is_near(signs: &[Sign], at: usize, words: &[&str]) -> bool {
    let before = before(signs, at);
    words.iter().any(|word| whole_word(&before, word).is_some())
}

/// Whether one of the words stands before this place with nothing between but marks, "no", "numéro", "#".
fn is_right_after(signs: &[Sign], at: usize, words: &[&str]) -> bool {
    let before = before(signs, at);
    words
        .iter()
        .filter_map(|word| whole_word(&before, word))
        .any(|rest| {
            rest.split(|c: char| !c.is_ascii_alphanumeric()).all(|word| {
                matches!(
                    word,
                    "" | "NO" | "N" | "NUMERO" | "NUMBER" | "DU" | "DE" | "PATIENT" | "IS" | "EST"
                )
            })
        })
}

/// What stands behind the last place of a word that is whole there.
fn whole_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let at = text.rfind(word)?;
    let (head, tail) = (&text[..at], &text[at + word.len()..]);
    let ends = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
    // "dossiers" as well.
    let tail_ends = ends(tail.chars().next()) || tail.starts_with('S') && ends(tail.chars().nth(1));
    (ends(head.chars().next_back()) && tail_ends).then_some(tail)
}
