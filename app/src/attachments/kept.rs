//! A file that a message is to carry, as this device keeps it: in a line of text, which the first moment of a page need not
//! understand. Its bytes rest beside it, in the vault.

use serde::{Deserialize, Serialize};

use super::{AttachmentKind, FileName, MAX_FILES};
use crate::api::{MessageKey, json};

/// Files as one line of text. `Debug` hides it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FilesText(pub String);

impl FilesText {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Debug for FilesText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FilesText(…)")
    }
}

/// A file in the compose box, or on its way with a message. `Debug` hides what it is called and shows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptFile {
    /// Under which it is uploaded, each time.
    pub key: MessageKey,
    /// What it is called.
    pub name: FileName,
    /// How many bytes it has.
    pub size: u64,
    /// What it is.
    pub kind: AttachmentKind,
    /// Whether it stays on this device until its message is sent: a picture that may be changed before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_held: bool,
    /// What a picture shows, if somebody has said so.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

impl std::fmt::Debug for KeptFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeptFile({:?}, …)", self.key)
    }
}

impl KeptFile {
    /// Reads files; none from text of another version.
    pub fn list(text: &str) -> Vec<Self> {
        if text.is_empty() {
            return Vec::new();
        }
        json::read(text).unwrap_or_default()
    }

    /// Files as text; empty without any.
    pub fn text(files: &[Self]) -> String {
        if files.is_empty() {
            return String::new();
        }
        json::write(&files).unwrap_or_default()
    }
}

/// Two lists of files as one, as many as a message takes; each file once.
pub fn joined(one: &str, other: &str) -> String {
    let mut files = KeptFile::list(one);
    for file in KeptFile::list(other) {
        if files.len() < MAX_FILES && files.iter().all(|known| known.key != file.key) {
            files.push(file);
        }
    }
    KeptFile::text(&files)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn file(n: u128) -> KeptFile {
        KeptFile {
            key: MessageKey(Uuid::from_u128(n)),
            name: FileName::from_store(format!("{n}.pdf")),
            size: 5,
            kind: AttachmentKind::Pdf,
            is_held: n.is_multiple_of(2),
            description: String::new(),
        }
    }

    #[test]
    fn files_survive_as_text() {
        let files = [file(1), file(2)];

        assert_eq!(KeptFile::list(&KeptFile::text(&files)), files);
        assert_eq!(KeptFile::text(&[]), "");
        assert_eq!(KeptFile::list("what a later version wrote"), []);
    }

    #[test]
    fn joining_keeps_each_file_once_and_no_more_than_fit() {
        let text = |numbers: std::ops::Range<u128>| KeptFile::text(&numbers.map(file).collect::<Vec<_>>());

        assert_eq!(joined(&text(1..3), &text(2..4)), text(1..4));
        assert_eq!(joined("", &text(1..3)), text(1..3));
        assert_eq!(
            KeptFile::list(&joined(&text(1..9), &text(9..20))).len(),
            MAX_FILES
        );
    }
}
