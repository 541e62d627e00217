//! Which files may be sent. The list is short on purpose: what a browser could run, or what holds programs, is not on it.
//!
//! The ending of the name chooses the entry; the server looks whether the content agrees.

use serde::{Deserialize, Serialize};

/// What a file is, roughly: how it is shown, and what a search for files may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AttachmentKind {
    /// A picture.
    Image,
    /// A PDF.
    Pdf,
    /// Sound.
    Audio,
    /// Moving pictures.
    Video,
    /// A text, a table, a presentation.
    Document,
}

impl AttachmentKind {
    /// As it stands in tables and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Pdf => "pdf",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Document => "document",
        }
    }
}

/// A type of file that may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileType {
    /// The endings of its names, the usual one first.
    pub extensions: &'static [&'static str],
    /// Its media type.
    pub media_type: &'static str,
    /// What it is.
    pub kind: AttachmentKind,
}

const fn of(extensions: &'static [&'static str], media_type: &'static str, kind: AttachmentKind) -> FileType {
    FileType {
        extensions,
        media_type,
        kind,
    }
}

use AttachmentKind::{Audio, Document, Image, Pdf, Video};

/// Every type that may be sent.
///
/// Source: product requirement, "images, PDF, voice, video, camera"; assurance ATT-01.
pub const FILE_TYPES: &[FileType] = &[
    of(&["jpg", "jpeg"], "image/jpeg", Image),
    of(&["png"], "image/png", Image),
    of(&["webp"], "image/webp", Image),
    of(&["gif"], "image/gif", Image),
    // Nothing here can decode it: it is kept as it came, without its notes of place and camera, and said so.
    of(&["heic", "heif"], "image/heic", Image),
    of(&["pdf"], "application/pdf", Pdf),
    of(&["mp3"], "audio/mpeg", Audio),
    of(&["m4a"], "audio/mp4", Audio),
    of(&["ogg", "oga", "opus"], "audio/ogg", Audio),
    of(&["wav"], "audio/wav", Audio),
    of(&["weba"], "audio/webm", Audio),
    of(&["mp4", "m4v"], "video/mp4", Video),
    of(&["mov"], "video/quicktime", Video),
    of(&["webm"], "video/webm", Video),
    of(&["txt"], "text/plain", Document),
    of(&["csv"], "text/csv", Document),
    of(&["rtf"], "application/rtf", Document),
    of(
        &["docx"],
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        Document,
    ),
    of(
        &["xlsx"],
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Document,
    ),
    of(
        &["pptx"],
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        Document,
    ),
    of(&["odt"], "application/vnd.oasis.opendocument.text", Document),
    of(
        &["ods"],
        "application/vnd.oasis.opendocument.spreadsheet",
        Document,
    ),
    of(
        &["odp"],
        "application/vnd.oasis.opendocument.presentation",
        Document,
    ),
];

/// What a picker offers: everything on the list but HEIC, so that a device that can hands a JPEG over instead.
pub const ACCEPTED: &str = "image/jpeg,image/png,image/webp,image/gif,.pdf,.mp3,.m4a,.ogg,.oga,.opus,.wav,.weba,.mp4,.m4v,.mov,.webm,.txt,.csv,.rtf,.docx,.xlsx,.pptx,.odt,.ods,.odp";

/// The type of files with this ending, whatever its capitals.
pub fn file_type(extension: &str) -> Option<&'static FileType> {
    FILE_TYPES.iter().find(|known| {
        known
            .extensions
            .iter()
            .any(|ending| ending.eq_ignore_ascii_case(extension))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_ending_stands_for_two_types() {
        let endings: Vec<&str> = FILE_TYPES
            .iter()
            .flat_map(|known| known.extensions)
            .copied()
            .collect();

        assert_eq!(endings.iter().collect::<HashSet<_>>().len(), endings.len());
        assert!(
            endings
                .iter()
                .all(|ending| ending.chars().all(|c| c.is_ascii_alphanumeric()))
        );
    }

    #[test]
    fn a_picker_offers_what_is_on_the_list() {
        for known in FILE_TYPES.iter().filter(|known| known.media_type != "image/heic") {
            let is_offered = |ending: &&str| {
                ACCEPTED
                    .split(',')
                    .any(|one| one == known.media_type || one.strip_prefix('.') == Some(ending))
            };
            assert!(known.extensions.iter().all(is_offered), "{known:?}");
        }
        for one in ACCEPTED.split(',') {
            let is_known = FILE_TYPES.iter().any(|known| {
                known.media_type == one
                    || known
                        .extensions
                        .iter()
                        .any(|ending| one.strip_prefix('.') == Some(ending))
            });
            assert!(is_known, "{one}");
        }
    }

    #[test]
    fn what_a_browser_could_run_is_not_among_them() {
        for ending in [
            "html", "htm", "svg", "xml", "js", "xhtml", "exe", "zip", "docm", "swf", "",
        ] {
            assert!(file_type(ending).is_none(), "{ending}");
        }
        assert_eq!(file_type("JPG").map(|known| known.media_type), Some("image/jpeg"));
    }
}
