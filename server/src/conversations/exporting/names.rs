//! What things are called in an archive: a name that every system takes, and that stands for one file alone.

use std::fmt::Write as _;

/// Where files lie.
const FOLDER: &str = "fichiers";
/// A name that cannot be shown, or has nothing left.
const NAMELESS: &str = "fichier";

/// The path of the `nth` file, from 1, of the message at a position: `fichiers/000012-1 ECG.pdf`. What some system
/// would not take, or would take for a path, is left out; the number before it tells files of one name apart.
pub(super) fn path_of(position: u64, nth: usize, name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| match c {
            '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*' => '_',
            c if c.is_control() => '_',
            c => c,
        })
        .collect();
    let plain = plain.trim_end_matches(['.', ' ']);
    let plain = if plain.is_empty() { NAMELESS } else { plain };
    format!("{FOLDER}/{position:06}-{nth} {plain}")
}

/// A path as a link from beside the folder.
pub(super) fn link_to(path: &str) -> String {
    let mut link = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            link.push(char::from(byte));
        } else {
            let _ = write!(link, "%{byte:02X}");
        }
    }
    link
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_else_and_every_system_takes_it() {
        for (name, path) in [
            ("ECG d’été.pdf", "fichiers/000012-1 ECG d’été.pdf"),
            ("../../etc/passwd", "fichiers/000012-1 .._.._etc_passwd"),
            ("C:\\a?*.txt", "fichiers/000012-1 C__a__.txt"),
            ("CON. . ", "fichiers/000012-1 CON"),
            ("", "fichiers/000012-1 fichier"),
            ("a\nb", "fichiers/000012-1 a_b"),
        ] {
            assert_eq!(path_of(12, 1, name), path);
        }
        assert_eq!(path_of(1_234_567, 10, "a"), "fichiers/1234567-10 a");
    }

    #[test]
    fn a_link_holds_nothing_that_ends_it() {
        let link = link_to("fichiers/000001-1 é\"><x>#?%.pdf");

        assert_eq!(link, "fichiers/000001-1%20%C3%A9%22%3E%3Cx%3E%23%3F%25.pdf");
    }
}
