//! Folding: how words are compared when people search, so that "Étienne", "etienne" and "d’Étienne" are one.
//!
//! The same function folds what is stored and what is typed; a change here needs the stored text folded anew.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What French elides in front of a vowel. A word before an apostrophe that is none of these stays: "O'Brien".
///
/// Source: product requirement C8 (elisions do not matter).
const ELIDED: &[&str] = &[
    "l", "d", "qu", "n", "s", "c", "j", "m", "t", "jusqu", "lorsqu", "puisqu", "quoiqu",
];

/// Every mark that keyboards and word processors put for an apostrophe.
const APOSTROPHES: &[char] = &['\'', '’', '‘', 'ʼ', '′', '＇', '`', '´'];

/// The words of a text, in lower case, without accents, ligatures and elided words, in their order.
///
/// Whatever is neither letter nor digit separates: "CLSC-des-Rapides" is three words.
pub fn fold_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() || is_combining_mark(c) {
            fold_into(&mut word, c);
            continue;
        }
        let is_elided = APOSTROPHES.contains(&c) && ELIDED.contains(&word.as_str());
        if is_elided {
            word.clear();
        }
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Puts a letter or digit behind a word, folded.
pub(crate) fn fold_into(word: &mut String, c: char) {
    for c in std::iter::once(c).nfkd().flat_map(char::to_lowercase).nfkd() {
        match c {
            'œ' => word.push_str("oe"),
            'æ' => word.push_str("ae"),
            'ß' => word.push_str("ss"),
            // Letters whose stroke is not a mark that could be taken off.
            'ø' => word.push('o'),
            'ł' => word.push('l'),
            'đ' | 'ð' => word.push('d'),
            'ı' => word.push('i'),
            c if is_combining_mark(c) || !c.is_alphanumeric() => {}
            c => word.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn folds(text: &str, words: &[&str]) {
        assert_eq!(fold_words(text), words, "{text:?}");
    }

    #[test]
    fn accents_case_and_ligatures_do_not_matter() {
        folds("Étienne", &["etienne"]);
        folds("E\u{301}tienne", &["etienne"]);
        folds("ÇA COÛTE", &["ca", "coute"]);
        folds(
            "Sœur Cœlia Lætitia Weiß",
            &["soeur", "coelia", "laetitia", "weiss"],
        );
        folds("ŒUVRE", &["oeuvre"]);
        folds("Łukasz Bjørn Đặng", &["lukasz", "bjorn", "dang"]);
        folds("ﬁèvre ２", &["fievre", "2"]);
    }

    #[test]
    fn elided_words_are_split_off_whatever_the_apostrophe() {
        folds("d’Étienne", &["etienne"]);
        folds("l'hôpital", &["hopital"]);
        folds(
            "Qu’elle jusqu’ici lorsqu'Anne puisqu’il",
            &["elle", "ici", "anne", "il"],
        );
        folds("n's'c'j'm't'", &[]);
        folds("aujourd’hui", &["aujourd", "hui"]);
        folds("O'Brien", &["o", "brien"]);
        folds("D", &["d"]);
    }

    #[test]
    fn hyphens_dots_and_blanks_separate() {
        folds(
            "Marie-Josée Paquin-Desrosiers",
            &["marie", "josee", "paquin", "desrosiers"],
        );
        folds("CLSC-des-Rapides", &["clsc", "des", "rapides"]);
        folds("  C.H.U.\u{a0}Ste‑Justine ", &["c", "h", "u", "ste", "justine"]);
        folds("…?!", &[]);
    }

    proptest! {
        #[test]
        fn what_is_folded_stays_as_it_is(text in "\\PC{0,40}") {
            let words = fold_words(&text);

            prop_assert_eq!(fold_words(&words.join(" ")), words);
        }

        #[test]
        fn no_character_is_too_odd(text in any::<String>()) {
            prop_assert!(fold_words(&text).iter().all(|word| !word.is_empty()));
        }
    }
}
