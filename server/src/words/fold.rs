//! Folding: a text as the words that are compared, so that "L’ŒDÈME", "l'oedème" and "oedeme" meet.

use std::fmt;
use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use crate::contacts::fold_into;

/// A word of a text.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// Its letters and digits in lower case, without accents and ligatures; at most 64 bytes of them count.
    pub raw: String,
    /// Where it stands in the text, in bytes.
    pub at: Range<usize>,
    /// What ties it to the word before it.
    pub joint: Joint,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token(… {:?})", self.at)
    }
}

/// What stands between two words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joint {
    /// A blank, or more than one mark: two words.
    Apart,
    /// One mark between digits, as in "2,4" and "120/80": they belong together, and "24" is something else.
    Beside,
    /// A hyphen, or a dot between letters, as in "follow-up" and "C.H.U.": often written as one word.
    Hyphen,
    /// An apostrophe inside a word, as in "aujourd’hui" and "O'Brien".
    Apostrophe,
    /// The apostrophe after what French elides, as in "l’INR".
    Elided,
}

/// What French elides in front of a vowel.
const ELIDED: &[&str] = &[
    "c", "d", "j", "jusqu", "l", "lorsqu", "m", "n", "puisqu", "qu", "quoiqu", "s", "t",
];

/// Longer words are compared by their beginning.
const MAX_BYTES: usize = 64;

/// Whether French elides this, once it is followed by an apostrophe.
pub(super) fn is_elided(raw: &str) -> bool {
    ELIDED.binary_search(&raw).is_ok()
}

/// The words of a text, in their order. Whatever is neither letter nor digit separates. A telephone number that is written
/// without any mark is two or three words, as it is with them.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut reader = Reader::default();
    for (at, c) in text.char_indices() {
        reader.read(at, c);
    }
    reader.end_word();
    reader.tokens
}

#[derive(Default)]
struct Reader {
    tokens: Vec<Token>,
    raw: String,
    at: Range<usize>,
    /// Something in the word is not what it is compared as, letter for letter: "½" is one and two.
    is_folded: bool,
    gap: Gap,
}

/// What came since the last word.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Gap {
    #[default]
    Nothing,
    One(char),
    More,
}

impl Reader {
    fn read(&mut self, at: usize, c: char) {
        if is_ignored(c) {
            return;
        }
        // One of the apostrophes counts as a letter elsewhere.
        if !is_apostrophe(c) && (c.is_alphanumeric() || is_combining_mark(c)) {
            if self.raw.is_empty() {
                self.at.start = at;
            }
            self.at.end = at + c.len_utf8();
            if self.raw.len() < MAX_BYTES {
                if c.is_ascii() {
                    self.raw.push(c.to_ascii_lowercase());
                } else {
                    fold_into(&mut self.raw, c);
                    self.is_folded = true;
                }
            }
            return;
        }
        self.end_word();
        self.gap = match self.gap {
            Gap::Nothing => Gap::One(c),
            _ => Gap::More,
        };
    }

    fn end_word(&mut self) {
        if self.raw.is_empty() {
            return;
        }
        let raw = std::mem::take(&mut self.raw);
        let is_folded = std::mem::take(&mut self.is_folded);
        let joint = match self.tokens.last() {
            None => Joint::Apart,
            Some(before) => joint(before, self.gap, &raw),
        };
        self.gap = Gap::Nothing;
        let at = self.at.clone();
        let mut rest = 0..raw.len();
        let mut joint = joint;
        // With marks left out of it or other signs than digits in it nobody can say where the parts of a number stand.
        let stands_as_compared = !is_folded && at.len() == raw.len();
        let parts = if stands_as_compared {
            phone_parts(&raw)
        } else {
            &[]
        };
        for n_digits in parts {
            let end = rest.start + n_digits;
            self.tokens.push(Token {
                raw: raw[rest.start..end].to_owned(),
                at: at.start + rest.start..at.start + end,
                joint,
            });
            rest.start = end;
            joint = Joint::Hyphen;
        }
        self.tokens.push(Token {
            raw: raw[rest.clone()].to_owned(),
            at: at.start + rest.start..at.end,
            joint,
        });
    }
}

fn joint(before: &Token, gap: Gap, raw: &str) -> Joint {
    let Gap::One(mark) = gap else {
        return Joint::Apart;
    };
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let is_between_digits = is_digit(before.raw.chars().next_back()) && is_digit(raw.chars().next());
    match mark {
        _ if is_apostrophe(mark) => {
            if is_elided(&before.raw) {
                Joint::Elided
            } else {
                Joint::Apostrophe
            }
        }
        '-' | '‐' | '‑' | '‒' | '–' | '−' | '_' => Joint::Hyphen,
        '.' if !is_between_digits => Joint::Hyphen,
        '.' | ',' | '/' | ':' | '·' | '@' | '+' | '&' | '*' | '×' => Joint::Beside,
        _ => Joint::Apart,
    }
}

/// Every mark that keyboards and word processors put for an apostrophe.
fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ' | '′' | '＇' | '`' | '´' | '‛')
}

/// Marks that only tell where a line may break, or that nothing may be put between.
fn is_ignored(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// The lengths of all parts but the last of a North American telephone number.
fn phone_parts(raw: &str) -> &'static [usize] {
    let is_number = raw.bytes().all(|byte| byte.is_ascii_digit());
    match raw.len() {
        10 if is_number => &[3],
        11 if is_number && raw.starts_with('1') => &[1, 3],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn raws(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.raw).collect()
    }

    fn joints(text: &str) -> Vec<Joint> {
        tokens(text).iter().skip(1).map(|token| token.joint).collect()
    }

    #[test]
    fn case_accents_and_ligatures_do_not_matter() {
        for text in ["L’ŒDÈME", "l'œdème", "l‘oe\u{300}de\u{300}me", "l´oedeme"] {
            assert_eq!(raws(text), ["l", "oedeme"], "{text}");
        }
        assert_eq!(raws("Æ ﬁèvre m² ２"), ["ae", "fievre", "m2", "2"]);
        assert_eq!(raws("co\u{ad}opé\u{200b}ration"), ["cooperation"]);
    }

    #[test]
    fn what_stands_between_words_says_whether_they_are_one() {
        use Joint::{Apart, Apostrophe, Beside, Elided, Hyphen};
        assert_eq!(joints("l’INR d'hier"), [Elided, Apart, Elided]);
        assert_eq!(joints("jusqu’aujourd'hui"), [Elided, Apostrophe]);
        assert_eq!(
            joints("follow-up C.H.U. rendez‑vous"),
            [Hyphen, Apart, Hyphen, Hyphen, Apart, Hyphen]
        );
        assert_eq!(joints("2,4 120/80 14:05"), [Beside, Apart, Beside, Apart, Beside]);
        assert_eq!(joints("un - deux, trois. Quatre"), [Apart; 3]);
    }

    #[test]
    fn a_telephone_number_is_the_same_words_with_and_without_marks() {
        assert_eq!(raws("5145550199"), ["514", "5550199"]);
        assert_eq!(raws("+15145550199"), ["1", "514", "5550199"]);
        assert_eq!(raws("514-5550199"), ["514", "5550199"]);
        let at: Vec<_> = tokens("le 5145550199")
            .into_iter()
            .map(|token| token.at)
            .collect();
        assert_eq!(at, [0..2, 3..6, 6..13]);
    }

    #[test]
    fn words_stand_where_they_stand() {
        let text = "Très « élevé », 👩‍⚕️ d’accord ?";
        for token in tokens(text) {
            assert!(text.get(token.at.clone()).is_some(), "{token:?}");
        }
        assert_eq!(
            tokens(text)
                .iter()
                .map(|token| &text[token.at.clone()])
                .collect::<Vec<_>>(),
            ["Très", "élevé", "d", "accord"]
        );
    }

    /// "½" takes as many bytes in a text as it has digits, but not one byte for each.
    #[test]
    fn a_number_with_other_signs_than_digits_is_not_cut_inside_one_of_them() {
        assert_eq!(raws("51½555019"), ["5112555019"]);
        assert_eq!(raws("1¼14555019"), ["11414555019"]);
        assert_eq!(
            tokens("inr 51½555019").last().map(|token| token.at.clone()),
            Some(4..14)
        );
    }

    #[test]
    fn what_is_elided_is_in_order() {
        assert!(ELIDED.is_sorted());
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in any::<String>()) {
            for token in tokens(&text) {
                prop_assert!(!token.raw.is_empty());
                prop_assert!(text.get(token.at.clone()).is_some_and(|part| !part.is_empty()));
            }
        }

        /// Signs that are other digits, as many of them as a telephone number has.
        #[test]
        fn no_number_is_too_odd(text in "[0-9½¼¾²é\u{ad}٣２]{6,13}") {
            for token in tokens(&text) {
                prop_assert!(text.get(token.at.clone()).is_some_and(|part| !part.is_empty()), "{token:?}");
            }
        }
    }
}
