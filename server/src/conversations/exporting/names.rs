//! What things are called in an archive: a name that every system takes, and that stands for one file alone.

use std::fmt::Write as _;

/// Where files lie.
const FOLDER: &str = "fichiers";
/// The most bytes of a path: many systems take no name of more than 255, and a character may have four.
const MAX_BYTES: usize = 254;
/// A name that cannot be shown, or has nothing left.
const NAMELESS: &str = "fichier";

/// The path of the `nth` file, from 1, of the message at a position: `fichiers/000012-1 ECG.pdf`. What some system
/// would not take, or would take for a path, is left out, and of a long name what stands before its ending; the number before
/// it tells files of one name apart.
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
    let mut path = format!("{FOLDER}/{position:06}-{nth} ");
    path.push_str(&shortened(plain, MAX_BYTES.saturating_sub(path.len())));
    path
}

/// A name of at most so many bytes, with its ending if that leaves room for a beginning.
fn shortened(name: &str, n_bytes: usize) -> String {
    if name.len() <= n_bytes {
        return name.to_owned();
    }
    let dot = name.rfind('.').unwrap_or(name.len());
    let (stem, ending) = match name.split_at(dot) {
        (stem, ending) if ending.len() < n_bytes / 2 => (stem, ending),
        _ => (name, ""),
    };
    let stem = &stem[..stem.floor_char_boundary(n_bytes - ending.len())];
    format!("{}{ending}", stem.trim_end_matches(['.', ' ']))
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
    fn a_long_name_keeps_its_ending_and_no_half_of_a_character() {
        let room = MAX_BYTES - "fichiers/000012-1 ".len();
        for wide in ['é', '漢', '𝒜'] {
            let name = format!("{}.pdf", wide.to_string().repeat(116));
            let path = path_of(12, 1, &name);

            assert!(path.len() <= MAX_BYTES, "{path}");
            let n_kept = (name.len().min(room) - 4) / wide.len_utf8();
            let kept = wide.to_string().repeat(n_kept);
            assert_eq!(path, format!("fichiers/000012-1 {kept}.pdf"));
        }
        // What stands after the last point is no ending when it is nearly all of the name.
        let path = path_of(12, 1, &format!("a.{}", "漢".repeat(110)));
        assert!(
            path.starts_with("fichiers/000012-1 a.漢") && path.ends_with('漢'),
            "{path}"
        );
        assert!(path.len() <= MAX_BYTES);
        // Nor is there a point or a space before an ending, or at the end.
        assert_eq!(shortened("abcd. efgh.pdf", 10), "abcd.pdf");
        assert_eq!(shortened("abcd. efgh", 5), "abcd");
    }

    #[test]
    fn a_link_holds_nothing_that_ends_it() {
        let link = link_to("fichiers/000001-1 é\"><x>#?%.pdf");

        assert_eq!(link, "fichiers/000001-1%20%C3%A9%22%3E%3Cx%3E%23%3F%25.pdf");
    }
}
