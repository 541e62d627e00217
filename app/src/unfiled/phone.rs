//! Telephone numbers, whoever's they are.

use super::Kind;
use super::scan::{DOT, END, SEPARATOR, Sign, is_over};

/// Ten digits of North America, or ten in pairs as in France.
pub(super) fn phone_number(signs: &[Sign], at: usize) -> Option<(Kind, usize)> {
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
            SEPARATOR | DOT | b'(' | b')' => n_separators < 2,
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
