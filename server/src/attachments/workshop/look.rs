//! What a file is, by its content: the ending of its name chooses the entry of the list, the content must agree.

use app::attachments::{AttachmentKind, FileNote, FileProblem, FileType, file_type};

use super::{Taken, archive, boxes, gif, pdf, picture, text, webm};

/// Looks at a file of that ending.
pub(super) fn look(extension: &str, bytes: Vec<u8>) -> Result<Taken, FileProblem> {
    let known = file_type(extension).ok_or(FileProblem::Unsupported)?;
    if bytes.is_empty() {
        return Err(FileProblem::Empty);
    }
    if !agrees(known, &bytes) {
        return Err(FileProblem::Misnamed);
    }
    let taken = Taken::as_it_is(known);
    match known.media_type {
        "image/jpeg" | "image/png" | "image/webp" => picture::remake(known, &bytes),
        "image/gif" => gif::remake(known, &bytes),
        "image/heic" => Ok(Taken {
            note: Some(FileNote::KeptAsFile),
            content: Some(boxes::without_notes(bytes)?),
            ..taken
        }),
        "audio/mp4" | "video/mp4" | "video/quicktime" => Ok(Taken {
            content: Some(boxes::without_notes(bytes)?),
            ..taken
        }),
        "video/webm" if webm::is_sound_alone(&bytes) => Ok(Taken {
            kind: AttachmentKind::Audio,
            media_type: "audio/webm",
            ..taken
        }),
        "application/pdf" => Ok(Taken {
            note: pdf::has_scripts(&bytes).then_some(FileNote::HasScripts),
            ..taken
        }),
        "text/plain" | "text/csv" | "application/rtf" => text::check(&bytes).map(|()| taken),
        _ if known.kind == AttachmentKind::Document => {
            archive::check(known.media_type, &bytes).map(|()| taken)
        }
        _ => Ok(taken),
    }
}

/// Whether the first bytes are those of such a file.
fn agrees(known: &FileType, bytes: &[u8]) -> bool {
    let begins = |with: &[u8]| bytes.starts_with(with);
    let at = |offset: usize, with: &[u8]| bytes.get(offset..).is_some_and(|rest| rest.starts_with(with));
    let brand = || bytes.get(8..12).filter(|_| at(4, b"ftyp"));
    match known.media_type {
        "image/jpeg" => begins(&[0xff, 0xd8, 0xff]),
        "image/png" => begins(b"\x89PNG\r\n\x1a\n"),
        "image/gif" => begins(b"GIF87a") || begins(b"GIF89a"),
        "image/webp" => begins(b"RIFF") && at(8, b"WEBP"),
        "image/heic" => brand().is_some_and(|brand| HEIC.contains(&brand)),
        "application/pdf" => begins(b"%PDF-"),
        "audio/mpeg" => begins(b"ID3") || is_mpeg_frame(bytes),
        "audio/ogg" => begins(b"OggS"),
        "audio/wav" => begins(b"RIFF") && at(8, b"WAVE"),
        "audio/webm" | "video/webm" => {
            begins(&[0x1a, 0x45, 0xdf, 0xa3])
                && bytes
                    .get(..64)
                    .is_some_and(|head| head.windows(4).any(|four| four == b"webm"))
        }
        "audio/mp4" | "video/mp4" => brand().is_some_and(|brand| !HEIC.contains(&brand) && brand != b"qt  "),
        "video/quicktime" => {
            brand() == Some(b"qt  ")
                || [b"moov", b"mdat", b"wide", b"free"]
                    .iter()
                    .any(|kind| at(4, *kind))
        }
        "application/rtf" => begins(b"{\\rtf"),
        _ if known.kind == AttachmentKind::Document && !known.media_type.starts_with("text/") => {
            begins(b"PK\x03\x04")
        }
        _ => true,
    }
}

/// The brands of HEIC and HEIF pictures.
const HEIC: [&[u8]; 8] = [
    b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1",
];

/// The head of a frame of layer 3, of a version, a rate and a frequency that exist.
fn is_mpeg_frame(bytes: &[u8]) -> bool {
    let [0xff, second, third, ..] = bytes else {
        return false;
    };
    second & 0xe6 == 0xe2 && second & 0x18 != 0x08 && third & 0xf0 != 0xf0 && third & 0x0c != 0x0c
}
