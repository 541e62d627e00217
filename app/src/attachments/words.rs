//! What is said of files: sizes, kinds, a line in the list of conversations, a part of a bubble's name.

use super::{Attachment, AttachmentKind, Attachments, FileName, KeptFile};
use crate::accounts::Language;
use crate::api::MessageKey;
use crate::conversations::{MessageRow, Opened};
use crate::i18n::words;

const NBSP: char = '\u{a0}';

/// A size: "212 ko", "1,2 Mo"; "212 kB", "1.2 MB".
pub(super) fn size(language: Language, bytes: u64) -> String {
    let (byte, point) = match language {
        Language::French => ('o', ','),
        Language::English => ('B', '.'),
    };
    if bytes < 1_000 {
        return format!("{bytes}{NBSP}{byte}");
    }
    if bytes < 999_500 {
        return format!("{}{NBSP}k{byte}", (bytes + 500) / 1_000);
    }
    if bytes >= 9_950_000 {
        return format!("{}{NBSP}M{byte}", (bytes + 500_000) / 1_000_000);
    }
    let tenths = (bytes + 50_000) / 100_000;
    format!("{}{point}{}{NBSP}M{byte}", tenths / 10, tenths % 10)
}

/// What a file is, in a word.
pub(super) fn kind(language: Language, kind: AttachmentKind) -> &'static str {
    use words::attachments::kind as t;
    match kind {
        AttachmentKind::Image => t::image(language),
        AttachmentKind::Pdf => t::pdf(language),
        AttachmentKind::Audio => t::audio(language),
        AttachmentKind::Video => t::video(language),
        AttachmentKind::Document => t::document(language),
    }
}

/// The name of a file as shown; of one that cannot be shown, that.
pub(super) fn name(language: Language, name: &FileName) -> String {
    if name.as_str().is_empty() {
        words::attachments::withheld(language).to_owned()
    } else {
        name.as_str().to_owned()
    }
}

/// A message's words in a line; of one that has none, its files.
pub(crate) fn in_a_line(language: Language, text: &str, attachments: &Attachments) -> String {
    use words::attachments::line as t;
    if !text.is_empty() {
        return text.to_owned();
    }
    let files = attachments.list();
    let count = files.len() as u64;
    let is_picture = |file: &Attachment| file.kind == AttachmentKind::Image;
    match &files[..] {
        [file] if is_picture(file) => t::picture(language).to_owned(),
        [file] => name(language, &file.name),
        files if files.iter().all(is_picture) => t::pictures(language, count),
        _ => t::files(language, count),
    }
}

/// A message's words, and what it carries: as the name of its row says them.
pub(crate) fn with_files(
    language: Language,
    text: &str,
    opened: Opened,
    id: u128,
    row: &MessageRow,
) -> String {
    use words::attachments::row as t;
    let mut parts: Vec<String> = Vec::new();
    if !text.is_empty() {
        parts.push(text.to_owned());
    }
    let stored = row
        .attachments
        .as_ref()
        .map(Attachments::list)
        .unwrap_or_default();
    if stored.is_empty() {
        let key = MessageKey(uuid::Uuid::from_u128(id));
        let going = KeptFile::list(&opened.outbox().files_of(opened.id, key));
        parts.extend(
            going
                .iter()
                .map(|file| t::file(language, &name(language, &file.name))),
        );
    }
    parts.extend(stored.iter().map(|file| match &file.description {
        Some(description) => t::described(language, description),
        None if file.width.is_some() => t::picture(language).to_owned(),
        None => t::file(language, &name(language, &file.name)),
    }));
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_as_each_language_says_them() {
        for (bytes, french, english) in [
            (0, "0\u{a0}o", "0\u{a0}B"),
            (999, "999\u{a0}o", "999\u{a0}B"),
            (1_000, "1\u{a0}ko", "1\u{a0}kB"),
            (212_400, "212\u{a0}ko", "212\u{a0}kB"),
            (999_499, "999\u{a0}ko", "999\u{a0}kB"),
            (999_500, "1,0\u{a0}Mo", "1.0\u{a0}MB"),
            (1_249_999, "1,2\u{a0}Mo", "1.2\u{a0}MB"),
            (9_949_999, "9,9\u{a0}Mo", "9.9\u{a0}MB"),
            (9_950_000, "10\u{a0}Mo", "10\u{a0}MB"),
            (25_000_000, "25\u{a0}Mo", "25\u{a0}MB"),
        ] {
            assert_eq!(size(Language::French, bytes), french);
            assert_eq!(size(Language::English, bytes), english);
        }
    }
}
