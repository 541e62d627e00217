//! The words around a number that say what it is.

use std::ops::Range;

use super::scan::{DOT, END, MARK, Sign, is_separator};

/// How far before a number the word stands that says what it is, in signs.
const NEAR: usize = 24;
/// How far from a telephone number the word stands that says whose it is, in signs.
const NEAR_PHONE: usize = 48;

/// Words that make a telephone number a patient's, alone or with the one before them.
const PATIENT: &str = "AIDANT AIDANTE MANDATAIRE PATIENT PATIENTE PT PTE";
/// Whose somebody is, or something.
const POSSESSIVES: &str = "HER HIS LEUR SA SES SON THEIR";
/// With one of those before it.
const OWNED: &str = "\
    CELL CELLPHONE CELLULAIRE COLOC CONJOINT CONJOINTE COUSIN COUSINE DAUGHTER EPOUSE EPOUX FATHER FEMME \
    FILLE FILS FRERE HUSBAND MARI MERE MOBILE MOTHER NEVEU NIECE PARTNER PERE PORTABLE SISTER SOEUR SON \
    SPOUSE VOISIN VOISINE WIFE";
/// Words that make it that of somebody at work, wherever a patient is spoken of.
const OTHERS: &str = "\
    ACCUEIL ADMISSION AND ARCHIVES BUREAU BUT CABINET CENTRE CHSLD CHU CISSS CIUSSS CLINIC CLINIQUE CLSC \
    DOCTOR DR DRE EQUIPE ET ETAGE EXTERNE EXTERNES FAX GARDE GMF GROUPE HOPITAL HOSPITAL INFIRMIER \
    INFIRMIERE INFO LAB LABO LABORATOIRE LIGNE LINE MA MAIS ME MEDECIN MOI MON MY NOTRE NOUS NURSE \
    OFFICE OR OU PAGETTE PHARMACIE PHARMACIEN PHARMACIENNE PHARMACY POSTE PUIS RADIOLOGIE RECEPTION \
    RESIDENCE SALLE SANTE SECRETAIRE SECRETARIAT SERVICE TEAM TELECOPIEUR UNIT UNITE URGENCE US WARD";
/// Words that stand between a telephone number and, behind it, whose it is.
const LINKS: &str = "\
    C CELL CELLULAIRE D DE DU EST IS L LA LE MOBILE NUMBER NUMERO OF TEL TELEPHONE THE";

/// The signs before a place, of the same part of a sentence, in capitals.
fn before(signs: &[Sign], at: usize) -> String {
    let from = at.saturating_sub(NEAR);
    let mut words = String::with_capacity(NEAR);
    for sign in signs.get(from..at).unwrap_or_default() {
        match sign.kind {
            END | MARK => words.clear(),
            DOT => words.push(' '),
            kind => words.push(char::from(kind)),
        }
    }
    words
}

pub(super) fn is_near(signs: &[Sign], at: usize, words: &[&str]) -> bool {
    let before = before(signs, at);
    words.iter().any(|word| whole_word(&before, word).is_some())
}

/// Whether one of the words stands before this place with nothing between but marks, "no", "numéro", "#".
pub(super) fn is_right_after(signs: &[Sign], at: usize, words: &[&str]) -> bool {
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

/// Whether the words around a telephone number say that it is a patient's, or of somebody of theirs.
pub(super) fn is_of_a_patient(signs: &[Sign], at: &Range<usize>) -> bool {
    let before = sentence_before(signs, at.start);
    // From the number on outwards: whoever stands nearest, it is theirs.
    let mut words = before.iter().rev().peekable();
    while let Some(word) = words.next() {
        if is_one_of(word, OTHERS) {
            return false;
        }
        let whose = words.peek().filter(|_| is_one_of(word, OWNED));
        if is_one_of(word, PATIENT) || whose.is_some_and(|whose| is_one_of(whose, POSSESSIVES)) {
            return true;
        }
    }
    let after = sentence_after(signs, at.end);
    let mut words = after.iter().peekable();
    let mut is_of = false;
    while let Some(word) = words.next() {
        if is_one_of(word, PATIENT) {
            // "cell de la patiente", but not "patients externes", and not "la patiente attend".
            return is_of && words.peek().is_none_or(|next| !is_one_of(next, OTHERS)) || after.len() == 1;
        }
        let owned = words.peek().filter(|_| is_one_of(word, POSSESSIVES));
        if owned.is_some_and(|owned| is_one_of(owned, OWNED)) {
            return true;
        }
        if !is_one_of(word, LINKS) {
            return false;
        }
        is_of |= matches!(word.as_str(), "DE" | "DU" | "OF");
    }
    false
}

fn is_one_of(word: &str, words: &str) -> bool {
    words.split(' ').any(|known| known == word)
}

/// The words of the sentence before a place, in their order; a word that is cut off at the front is none.
fn sentence_before(signs: &[Sign], at: usize) -> Vec<String> {
    let is_inside_word = |from: usize| {
        let is_letter = |at: usize| {
            signs
                .get(at)
                .is_some_and(|sign| sign.kind.is_ascii_alphanumeric())
        };
        from > 0 && is_letter(from - 1) && is_letter(from)
    };
    let mut from = at.saturating_sub(NEAR_PHONE);
    while from < at && is_inside_word(from) {
        from += 1;
    }
    let end = (from..at).rev().find(|index| is_sentence_end(signs, *index));
    let begin = end.map_or(from, |end| end + 1);
    // Behind a second comma something else is told.
    let mut marks = (begin..at)
        .rev()
        .filter(|index| signs.get(*index).is_some_and(|sign| sign.kind == MARK));
    let begin = marks.nth(1).map_or(begin, |mark| mark + 1);
    words(signs.get(begin..at).unwrap_or_default())
}

/// The words of the sentence behind a place.
fn sentence_after(signs: &[Sign], at: usize) -> Vec<String> {
    let until = signs.len().min(at + NEAR_PHONE);
    let end = (at..until).find(|index| is_sentence_end(signs, *index));
    words(signs.get(at..end.unwrap_or(until)).unwrap_or_default())
}

/// Whether a sentence ends here: a dot counts before a blank, but not behind an abbreviation.
fn is_sentence_end(signs: &[Sign], at: usize) -> bool {
    let kind = |index: Option<usize>| index.and_then(|index| signs.get(index)).map(|sign| sign.kind);
    match kind(Some(at)) {
        Some(END) => true,
        Some(DOT) => {
            let is_long = (1..=4)
                .all(|back| kind(at.checked_sub(back)).is_some_and(|kind| kind.is_ascii_alphanumeric()));
            is_long && kind(at.checked_add(1)).is_some_and(is_separator)
        }
        _ => false,
    }
}

fn words(signs: &[Sign]) -> Vec<String> {
    let mut words = vec![String::new()];
    for sign in signs {
        if sign.kind.is_ascii_alphanumeric() {
            if let Some(word) = words.last_mut() {
                word.push(char::from(sign.kind));
            }
        } else if words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
