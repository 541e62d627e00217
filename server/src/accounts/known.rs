//! Passwords that are known: those of a list of the million commonest leaked ones that are long enough to be chosen here.
//!
//! The list is in the program, as sorted marks (`folding`): nothing is asked of anybody, and nobody learns a password from it.
//! `docs/decisions/0022-leaked-passwords.md` says where it is from, and `cargo xtask passwords` makes it anew, byte for byte.

use super::folding::{ENTRY_MIN_CHARS, MARK_BYTES, mark};

/// How many characters people add to a known password, before it and behind it together: a year.
const ADDED_MAX_CHARS: usize = 4;

/// The marks, each [`MARK_BYTES`] long, in ascending order.
static LIST: &[u8] = include_bytes!("known-passwords.bin");

/// Whether a folded password is on the list, alone or with up to [`ADDED_MAX_CHARS`] characters around it.
pub(super) fn is_known(folded: &str) -> bool {
    is_in(LIST, folded)
}

/// The same for any list.
pub(super) fn is_in(list: &[u8], folded: &str) -> bool {
    let (marks, _) = list.as_chunks::<MARK_BYTES>();
    let has = |text: &str| marks.binary_search(&mark(text)).is_ok();
    if has(folded) {
        return true;
    }
    let characters: Vec<char> = folded.chars().collect();
    (0..=ADDED_MAX_CHARS).any(|n_before| {
        (0..=ADDED_MAX_CHARS - n_before).any(|n_behind| {
            let n_left = characters.len().saturating_sub(n_before + n_behind);
            n_left >= ENTRY_MIN_CHARS
                && has(&characters[n_before..n_before + n_left].iter().collect::<String>())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::folding::fold;
    use super::*;

    /// Some of the list, from its beginning to its end, as people wrote them.
    const SOME: [&str; 13] = [
        "1qaz2wsx3edc4rfv",
        "stairwaytoheaven",
        "qazwsxedcrfvtgb",
        "123456789qwerty",
        "q1w2e3r4t5y6u7i8",
        "1234qwerasdfzxcv",
        "dontworrybehappy",
        "allyouneedislove",
        "12345678987654321",
        "qwerty123456789",
        "11111111111111111111",
        "1qazxsw23edcvfr4",
        "12345678900987654321",
    ];

    #[test]
    fn auth_03_leaked_passwords_are_known_however_they_are_dressed() {
        for password in SOME {
            for dressed in [
                password.to_owned(),
                password.to_uppercase(),
                format!("{password}!"),
                format!("{password}2026"),
                format!("01-{password}-99"),
            ] {
                assert!(is_known(&fold(&dressed)), "{dressed:?}");
            }
        }
    }

    #[test]
    fn auth_03_a_password_of_ones_own_is_not_known() {
        for password in [
            "le chat roux dort sous la galerie",
            "correct horse battery staple",
            "trois-canots-verts-au-quai",
            "四つの赤い小舟が川を静かに下る",
            "j9#Qz!v2Lm@8Tx%p",
        ] {
            assert!(!is_known(&fold(password)), "{password:?}");
        }
    }

    /// Without its entry a list knows nothing: what is found is found by the list.
    #[test]
    fn auth_03_a_list_without_the_entry_does_not_know_it() {
        let mut marks = ["un mot de passe connu", "un autre mot connu"].map(|text| mark(&fold(text)));
        marks.sort_unstable();
        let list = marks.concat();
        let without = mark(&fold("un autre mot connu"));

        assert!(is_in(&list, &fold("Un mot de passe connu 26")));
        assert!(!is_in(&list, &fold("Un mot de passe connu 2026!x5")));
        assert!(!is_in(&without, &fold("Un mot de passe connu 26")));
    }

    #[test]
    fn auth_03_the_list_is_whole_sorted_and_longer_than_the_standard_asks() {
        let (marks, rest) = LIST.as_chunks::<MARK_BYTES>();

        assert!(rest.is_empty());
        assert!(marks.is_sorted_by(|one, next| one < next));
        assert!(marks.len() > 3_000, "{} marks", marks.len());
    }
}
