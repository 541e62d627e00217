//! The name of a file as it may be shown and given back: no path, nothing invisible, not endless.

use serde::{Deserialize, Serialize};

use super::{FileProblem, FileType, file_type};
use crate::api::{ApiError, InvalidReason};

/// The most characters of a description.
pub const MAX_DESCRIPTION_CHARS: usize = 1_000;

/// A file's name. `Debug` hides it: names say as much as words.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct FileName(String);

impl FileName {
    /// The most characters of a name; of a longer one the middle goes, so that the ending stays.
    pub const MAX_CHARS: usize = 120;

    /// Takes what a person's device calls the file. A path before the name goes, and so does what cannot be seen: marks that
    /// turn the direction of writing could make `gpj.exe` read as `exe.jpg`.
    ///
    /// # Errors
    /// `Invalid` naming `name` when nothing is left.
    pub fn parse(text: &str) -> Result<Self, ApiError> {
        let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
        let seen: String = last.chars().filter(|c| !is_unseen(*c)).collect();
        // A name that begins with a point is hidden on many systems.
        let name = seen.trim().trim_start_matches('.').trim_end_matches(['.', ' ']);
        if name.is_empty() {
            return Err(ApiError::invalid("name", InvalidReason::Empty));
        }
        Ok(Self(shortened(name)))
    }

    /// What the store holds, which was checked when it came in.
    pub fn from_store(text: String) -> Self {
        Self(text)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What follows its last point; empty without one.
    pub fn extension(&self) -> &str {
        self.0.rsplit_once('.').map_or("", |(_, ending)| ending)
    }

    /// Named after the type of file that it has become; an ending that stands for that type stays.
    #[must_use]
    pub fn ending_in(&self, ending: &str) -> Self {
        if file_type(self.extension()) == file_type(ending) {
            return self.clone();
        }
        let stem = self.0.rsplit_once('.').map_or(self.as_str(), |(stem, _)| stem);
        Self(shortened(&format!("{stem}.{ending}")))
    }

    /// The type of file that its ending stands for.
    ///
    /// # Errors
    /// `File` for an ending that is not on the list.
    pub fn file_type(&self) -> Result<&'static FileType, ApiError> {
        file_type(self.extension()).ok_or(ApiError::File(FileProblem::Unsupported))
    }
}

impl std::fmt::Debug for FileName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileName(…)")
    }
}

/// Checks the description of a picture: white space around it goes; nothing left means none.
///
/// # Errors
/// `Invalid` naming `description` beyond 1,000 characters.
pub fn parse_description(text: &str) -> Result<Option<String>, ApiError> {
    let text: String = text
        .trim()
        .chars()
        .filter(|c| *c == '\n' || !is_unseen(*c))
        .collect();
    if text.chars().count() > MAX_DESCRIPTION_CHARS {
        return Err(ApiError::invalid("description", InvalidReason::TooLong));
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// Control characters, what looks like nothing, and marks that change how what stands beside them is read. The mark that makes a
/// picture of a letter (U+FE0F) stays: it belongs to emoji.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180e}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0e}' | '\u{ffa0}' | '\u{e0100}'..='\u{e01ef}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

fn shortened(name: &str) -> String {
    const N_LAST: usize = 20;
    let n_chars = name.chars().count();
    if n_chars <= FileName::MAX_CHARS {
        return name.to_owned();
    }
    let head: String = name.chars().take(FileName::MAX_CHARS - N_LAST - 1).collect();
    let tail: String = name.chars().skip(n_chars - N_LAST).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> String {
        FileName::parse(text).map_or_else(|_| String::new(), |name| name.0)
    }

    #[test]
    fn a_name_loses_its_path_and_what_cannot_be_seen() {
        assert_eq!(name("C:\\Users\\anne\\Plaie talon.jpg"), "Plaie talon.jpg");
        assert_eq!(name("../../etc/passwd"), "passwd");
        assert_eq!(name("photo\u{202e}gpj.exe"), "photogpj.exe");
        assert_eq!(name("a\0b\n.pdf"), "ab.pdf");
        assert_eq!(name("ECG d’été n° 2.pdf "), "ECG d’été n° 2.pdf");
        assert_eq!(name(".htaccess"), "htaccess");
        for nothing in ["", " ", "…/", "\u{202e}", "...", "/"] {
            let left = name(nothing);
            assert!(left.is_empty() || left == "…", "{nothing:?}: {left:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let long = name(&format!("{}.pdf", "é".repeat(500)));

        assert_eq!(long.chars().count(), FileName::MAX_CHARS);
        assert_eq!(long.rsplit_once('.').map(|(_, ending)| ending), Some("pdf"));
    }

    #[test]
    fn a_file_that_became_another_is_named_after_it() {
        for (before, ending, after) in [
            ("plaie.webp", "jpg", "plaie.jpg"),
            ("plaie.JPEG", "jpg", "plaie.JPEG"),
            ("a.b.png", "jpg", "a.b.jpg"),
            ("plaie.png", "png", "plaie.png"),
        ] {
            assert_eq!(FileName(before.to_owned()).ending_in(ending).as_str(), after);
        }
    }

    #[test]
    fn the_last_ending_counts() {
        let type_of = |text: &str| {
            FileName::parse(text).and_then(|name| name.file_type().map(|known| known.media_type))
        };

        assert_eq!(type_of("a.html.JPG"), Ok("image/jpeg"));
        for refused in ["a.jpg.html", "a", "jpg", "a.jpg\u{202e}lmth.", "a.exe", "a.jpg "] {
            let found = type_of(refused);
            assert!(
                found == Err(ApiError::File(FileProblem::Unsupported)) || refused == "a.jpg ",
                "{refused:?}: {found:?}"
            );
        }
    }

    #[test]
    fn debug_output_holds_no_name() {
        assert!(!format!("{:?}", FileName("canari.pdf".to_owned())).contains("canari"));
    }

    #[test]
    fn a_description_is_bounded() {
        assert_eq!(parse_description("  "), Ok(None));
        assert_eq!(
            parse_description(" Plaie,\nvue de face "),
            Ok(Some("Plaie,\nvue de face".to_owned()))
        );
        assert!(parse_description(&"é".repeat(MAX_DESCRIPTION_CHARS + 1)).is_err());
    }
}
