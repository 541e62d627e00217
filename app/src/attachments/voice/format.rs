//! In which format a browser records, and what the file is called.

use crate::accounts::Language;
use crate::i18n::{Civil, words::attachments::voice as t};

/// The formats, the best first. AAC in MP4 plays everywhere, iPads of every age included; where it cannot be written, Opus
/// does with the least. The shorter names are for browsers that do not know the longer ones.
const FORMATS: [&str; 5] = [
    "audio/mp4;codecs=mp4a.40.2",
    "audio/webm;codecs=opus",
    "audio/mp4",
    "audio/webm",
    "audio/ogg;codecs=opus",
];

/// The first format that the browser writes.
pub fn chosen(writes: impl Fn(&str) -> bool) -> Option<&'static str> {
    FORMATS.into_iter().find(|format| writes(format))
}

/// The ending of a file of this media type.
pub fn ending(media_type: &str) -> &'static str {
    match media_type.split(';').next().unwrap_or_default().trim() {
        "audio/mp4" => "m4a",
        "audio/ogg" => "ogg",
        _ => "webm",
    }
}

/// "Message vocal 2026-11-27 14 h 05.m4a": no sign that a system refuses in names.
pub fn file_name(language: Language, civil: Civil, media_type: &str) -> String {
    let (hour, minute) = (civil.hour, civil.minute);
    let time = match language {
        Language::French => format!("{hour:02} h {minute:02}"),
        Language::English => format!("{hour:02}.{minute:02}"),
    };
    let when = format!("{:04}-{:02}-{:02} {time}", civil.year, civil.month, civil.day);
    format!("{}.{}", t::file_name(language, &when), ending(media_type))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attachments::{AttachmentKind, FileName, file_type};

    #[test]
    fn an_ipad_writes_mp4_and_others_what_they_can() {
        let safari = |format: &str| format.starts_with("audio/mp4");
        let old_safari = |format: &str| format == "audio/mp4";
        let chromium = |format: &str| format.ends_with("opus") || format == "audio/mp4";
        let firefox = |format: &str| format.ends_with("opus") && !format.contains("mp4");

        assert_eq!(chosen(safari), Some("audio/mp4;codecs=mp4a.40.2"));
        assert_eq!(chosen(old_safari), Some("audio/mp4"));
        assert_eq!(chosen(chromium), Some("audio/webm;codecs=opus"));
        assert_eq!(chosen(firefox), Some("audio/webm;codecs=opus"));
        assert_eq!(chosen(|_| false), None);
    }

    #[test]
    fn a_recording_is_called_by_its_moment_and_may_be_sent() {
        let civil = Civil {
            year: 2026,
            month: 11,
            day: 27,
            hour: 14,
            minute: 5,
            weekday: 4,
            day_number: 0,
        };

        let french = file_name(Language::French, civil, "audio/mp4");
        let english = file_name(Language::English, civil, "audio/webm;codecs=opus");

        assert_eq!(french, "Message vocal 2026-11-27 14 h 05.m4a");
        assert_eq!(english, "Voice message 2026-11-27 14.05.webm");
        for name in [french, english] {
            assert_eq!(
                FileName::parse(&name).map(|parsed| parsed.as_str().to_owned()),
                Ok(name)
            );
        }
    }

    #[test]
    fn what_is_recorded_is_on_the_list_of_what_may_be_sent() {
        for format in FORMATS {
            let known = file_type(ending(format)).map(|known| known.kind);
            assert!(
                matches!(known, Some(AttachmentKind::Audio | AttachmentKind::Video)),
                "{format}"
            );
        }
    }
}
