//! Passwords that are long enough and still among the first that anybody tries.
//!
//! Patterns, a short list of words (the first of well-known lists in the two languages, of this trade and of this product,
//! plus the person's own), and the long list of leaked passwords in `known`.

use super::folding::fold;
use super::known::is_known;

/// Words that give no strength to a password that contains them.
const WORDS: &str = "\
    password passphrase motdepasse passe secret bonjour bonsoir bienvenue welcome hello soleil sunshine \
    princess princesse dragon monkey football hockey canadiens iloveyou jetaime jtaime chouchou doudou \
    loulou letmein changeme changezmoi administrateur administrator admin utilisateur user root test \
    demonstration demo temporaire temporary nouveau default computer ordinateur internet login connexion \
    compte account messagerie message messages courriel pli avion papier hopital hospital clinique \
    clinic clsc ciusss cisss chum urgence emergency sante health patient medecin docteur doctor \
    infirmiere infirmier nurse pharmacie pharmacien pharmacist pharmacy cardiologue medical quebec \
    montreal laval canada january janvier february fevrier march mars april avril mai june juin july \
    juillet august aout september septembre october octobre november novembre december decembre winter \
    hiver spring printemps summer automne autumn";

/// Rows of a keyboard and runs, in both directions.
const RUNS: &str = "\
    abcdefghijklmnopqrstuvwxyz 01234567890 azertyuiop qsdfghjklm wxcvbn qwertyuiop asdfghjkl zxcvbnm \
    1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p";
/// Shorter pieces of a run happen in ordinary words.
const RUN_MIN_CHARS: usize = 4;

/// What must be left of a password without the obvious parts: the least that the standard accepts beside another factor.
///
/// Source: NIST SP 800-63B-4 §3.1.1.2 (8 characters).
const LEFT_MIN_CHARS: usize = 8;
/// Fewer different characters than this are a pattern, not a password.
const DISTINCT_MIN_CHARS: usize = 5;

/// Whether anybody would try this early: repetition, keyboard rows, leaked passwords, well-known words, the person's own words.
pub(super) fn is_obvious(password: &str, own_words: &[&str]) -> bool {
    let plain = fold(password);
    let distinct: std::collections::BTreeSet<char> = plain.chars().collect();
    if distinct.len() < DISTINCT_MIN_CHARS || is_repetition(&plain) {
        return true;
    }
    let own_words: Vec<String> = own_words
        .iter()
        .flat_map(|words| words.split(|c: char| !c.is_alphanumeric()))
        .map(fold)
        .filter(|word| word.chars().count() >= 3)
        .collect();
    [unleet(&plain), plain]
        .into_iter()
        .any(|text| is_known(&text) || n_left(text, &own_words) < LEFT_MIN_CHARS)
}

/// How many characters stand beside the obvious parts.
fn n_left(mut text: String, own_words: &[String]) -> usize {
    let mut words: Vec<&str> = WORDS
        .split_whitespace()
        .chain(own_words.iter().map(String::as_str))
        .collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for word in words {
        // What is taken out leaves a mark, so that the two sides do not make a new word.
        text = text.replace(word, "\u{0}");
    }
    text.split('\u{0}').map(n_outside_runs).sum()
}

/// How many characters do not belong to a run.
fn n_outside_runs(text: &str) -> usize {
    let characters: Vec<char> = text.chars().collect();
    let follows = |a: char, b: char| {
        RUNS.split_whitespace().any(|run| {
            let pair = |x: char, y: char| run.contains(&format!("{x}{y}"));
            pair(a, b) || pair(b, a)
        }) || a == b
    };
    let mut n_outside = 0;
    let mut start = 0;
    for end in 1..=characters.len() {
        let goes_on = end < characters.len() && follows(characters[end - 1], characters[end]);
        if !goes_on {
            let length = end - start;
            n_outside += if length >= RUN_MIN_CHARS { 0 } else { length };
            start = end;
        }
    }
    n_outside
}

/// Whether the text is one short piece over and over.
fn is_repetition(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    (1..=LEFT_MIN_CHARS.min(characters.len() / 2)).any(|length| {
        characters
            .iter()
            .enumerate()
            .all(|(index, c)| *c == characters[index % length])
    })
}

/// The letters for which people write look-alikes.
fn unleet(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '0' => 'o',
            '1' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' => 't',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::is_obvious;

    #[test]
    fn what_everybody_tries_is_obvious() {
        for password in [
            "aaaaaaaaaaaaaaa",
            "abababababababab",
            "passwordpassword",
            "P@ssw0rd-P@ssw0rd",
            "motdepasse123456",
            "Mot de passe 2026!",
            "azertyuiop123456",
            "123456789012345",
            "demonstration-pli",
            "Pli-Hôpital-2026!",
            "correctcorrectcorrect",
        ] {
            assert!(is_obvious(password, &[]), "{password:?}");
        }
    }

    #[test]
    fn a_phrase_of_ones_own_is_not() {
        for password in [
            "le chat roux dort sous la galerie",
            "correct horse battery staple",
            "trois-canots-verts-au-quai",
            "žlutý kůň pěl óda",
            "四つの赤い小舟が川を静かに下る",
            "🦊🌲🛶🌙⭐🍁🔥🎣🪵🐟🦉🌊🏔🧭🥾",
            "j9#Qz!v2Lm@8Tx%p",
        ] {
            assert!(!is_obvious(password, &[]), "{password:?}");
        }
    }

    #[test]
    fn ones_own_name_is_no_secret() {
        let own = ["camille.tremblay@demo.example", "Camille Tremblay"];

        assert!(is_obvious("camille-tremblay-26", &own));
        assert!(!is_obvious("camille-tremblay-26", &[]));
    }
}
