//! What a camera wrote into a picture, taken out on the device: the place, the date, the camera, small copies, and whatever
//! stands behind the end. The pixels stay as they are; how the picture was held stays too, because it would lie on its side
//! without.
//!
//! The server makes the picture anew all the same: this is for what must not even travel.
//!
//! Source: assurance ATT-02, "EXIF/GPS/XMP/IPTC/thumbnail/comment".

/// The picture without its notes; `None` for what is no JPEG, PNG or WebP, or is broken: the server decides about that.
pub fn without_notes(picture: &[u8]) -> Option<Vec<u8>> {
    match picture {
        [0xff, 0xd8, 0xff, ..] => jpeg(picture),
        [0x89, b'P', b'N', b'G', ..] => png(picture),
        [b'R', b'I', b'F', b'F', ..] => webp(picture),
        _ => None,
    }
}

/// A note of this one thing: how the picture was held.
fn held(orientation: u8) -> [u8; 26] {
    let mut note = *b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\0\0\0\0\0\0\0\0";
    note[18] = orientation;
    note
}

/// How the picture was held, as a note of a camera says it: 1 is upright.
fn orientation(tiff: &[u8]) -> Option<u8> {
    let is_little = tiff.starts_with(b"II");
    let number = |at: usize, n_bytes: usize| {
        let bytes = tiff.get(at..at.checked_add(n_bytes)?)?;
        let add = |number: usize, byte: &u8| number << 8 | usize::from(*byte);
        Some(if is_little {
            bytes.iter().rev().fold(0, add)
        } else {
            bytes.iter().fold(0, add)
        })
    };
    let list = number(4, 4)?;
    for index in 0..number(list, 2)? {
        let entry = list.checked_add(2 + index.checked_mul(12)?)?;
        if number(entry, 2)? == 0x0112 {
            let value = number(entry + 8, 2)?;
            return u8::try_from(value).ok().filter(|value| (2..=8).contains(value));
        }
    }
    None
}

fn jpeg(picture: &[u8]) -> Option<Vec<u8>> {
    let mut clean = vec![0xff, 0xd8];
    let mut at = 2;
    loop {
        // Any number of fill bytes may stand before a marker.
        while picture.get(at..at + 2)? == [0xff, 0xff] {
            at += 1;
        }
        let [0xff, marker] = *picture.get(at..at + 2)? else {
            return None;
        };
        let length = usize::from(u16::from_be_bytes(picture.get(at + 2..at + 4)?.try_into().ok()?));
        let segment = picture.get(at..at + 2 + length)?;
        let inside = segment.get(4..)?;
        match marker {
            0xe1 => {
                let held = inside.strip_prefix(b"Exif\0\0").and_then(orientation).map(held);
                if let Some(held) = held {
                    let length = u16::try_from(held.len() + 8).ok()?.to_be_bytes();
                    clean.extend([0xff, 0xe1, length[0], length[1]]);
                    clean.extend(b"Exif\0\0");
                    clean.extend(held);
                }
            }
            // Colours: a profile, and what Adobe says of their order. Of the other segments of programs none stays.
            0xe2 if inside.starts_with(b"ICC_PROFILE\0") => clean.extend(segment),
            0xe0 | 0xee => clean.extend(segment),
            0xe2..=0xef | 0xfe => {}
            0xda => {
                let rest = picture.get(at..)?;
                clean.extend(rest.get(..end_of_scans(rest)?)?);
                return Some(clean);
            }
            _ => clean.extend(segment),
        }
        at += segment.len();
    }
}

/// Where a JPEG ends, from its first scan on. What follows is another picture, or a film.
fn end_of_scans(rest: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += rest.get(at..)?.iter().position(|byte| *byte == 0xff)?;
        match *rest.get(at + 1)? {
            0xd9 => return Some(at + 2),
            // A byte of the picture itself, a restart, or filling.
            0 | 0xd0..=0xd7 => at += 2,
            0xff => at += 1,
            _ => {
                let length = u16::from_be_bytes(rest.get(at + 2..at + 4)?.try_into().ok()?);
                at += 2 + usize::from(length);
            }
        }
    }
}

fn png(picture: &[u8]) -> Option<Vec<u8>> {
    /// What pixels need to look right.
    const KEPT: [&[u8]; 15] = [
        b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD",
        b"pHYs", b"acTL", b"fcTL", b"fdAT",
    ];
    let mut clean = picture.get(..8)?.to_vec();
    let mut at = 8;
    loop {
        let length = usize::try_from(u32::from_be_bytes(picture.get(at..at + 4)?.try_into().ok()?)).ok()?;
        let chunk = picture.get(at..at.checked_add(length)?.checked_add(12)?)?;
        let (kind, inside) = (chunk.get(4..8)?, chunk.get(8..8 + length)?);
        if kind == b"eXIf"
            && let Some(held) = orientation(inside).map(held)
        {
            clean.extend(u32::try_from(held.len()).ok()?.to_be_bytes());
            let named = [b"eXIf".as_slice(), &held].concat();
            clean.extend(&named);
            clean.extend(crc(&named).to_be_bytes());
        } else if KEPT.contains(&kind) {
            clean.extend(chunk);
        }
        if kind == b"IEND" {
            return Some(clean);
        }
        at += chunk.len();
    }
}

/// The sum that ends a chunk of a PNG.
///
/// Source: PNG specification, third edition, section 5.5 and annex D.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ if sum & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    })
}

fn webp(picture: &[u8]) -> Option<Vec<u8>> {
    if picture.get(8..12)? != b"WEBP" {
        return None;
    }
    let told = usize::try_from(u32::from_le_bytes(picture.get(4..8)?.try_into().ok()?)).ok()?;
    let end = told.checked_add(8)?.min(picture.len());
    let mut clean = picture.get(..12)?.to_vec();
    let mut at = 12;
    while let Some(head) = picture.get(at..at + 8).filter(|_| at + 8 <= end) {
        let length = usize::try_from(u32::from_le_bytes(head.get(4..8)?.try_into().ok()?)).ok()?;
        let whole = length.checked_add(8 + length % 2)?;
        let chunk = picture.get(at..at.checked_add(whole)?.min(picture.len()))?;
        match head.get(..4)? {
            b"XMP " => {}
            b"EXIF" => {
                let inside = chunk.get(8..)?;
                let tiff = inside.strip_prefix(b"Exif\0\0").unwrap_or(inside);
                if let Some(held) = orientation(tiff).map(held) {
                    clean.extend(b"EXIF");
                    clean.extend(u32::try_from(held.len()).ok()?.to_le_bytes());
                    clean.extend(held);
                }
            }
            _ => clean.extend(chunk),
        }
        at += whole;
    }
    // The head says which notes follow.
    if clean.get(12..16)? == b"VP8X" {
        let has_held = clean.windows(4).any(|four| four == b"EXIF");
        let flags = clean.get_mut(20)?;
        *flags = *flags & !0b0000_1100 | if has_held { 0b0000_1000 } else { 0 };
    }
    let length = u32::try_from(clean.len() - 8).ok()?.to_le_bytes();
    clean.get_mut(4..8)?.copy_from_slice(&length);
    Some(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &[u8] = b"canari-45.5017N";

    fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
        bytes.windows(wanted.len()).any(|window| window == wanted)
    }

    fn exif(orientation: u8) -> Vec<u8> {
        let mut tiff = b"MM\0*\0\0\0\x08\0\x02".to_vec();
        tiff.extend(b"\x01\x0f\0\x02\0\0\0\x0f\0\0\0\x26");
        tiff.extend([1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
        tiff.extend([0; 4]);
        tiff.extend(NOTE);
        tiff
    }

    fn segment(marker: u8, inside: &[u8]) -> Vec<u8> {
        let length = u16::try_from(inside.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker], length.as_slice(), inside].concat()
    }

    fn sample_jpeg(orientation: u8) -> Vec<u8> {
        [
            vec![0xff, 0xd8],
            segment(0xe0, b"JFIF\0"),
            segment(0xe1, &[b"Exif\0\0".as_slice(), &exif(orientation)].concat()),
            segment(
                0xe1,
                &[b"http://ns.adobe.com/xap/1.0/\0".as_slice(), NOTE].concat(),
            ),
            segment(0xe2, b"ICC_PROFILE\0\x01\x01colours"),
            segment(0xe2, &[b"MPF\0".as_slice(), NOTE].concat()),
            segment(0xed, NOTE),
            segment(0xfe, NOTE),
            segment(0xdb, b"a table"),
            segment(0xda, b"\x01"),
            vec![1, 2, 0xff, 0, 0xff, 0xd0, 3],
            segment(0xda, b"\x02"),
            vec![4, 5, 0xff, 0xd9],
            [b"a film ".as_slice(), NOTE].concat(),
        ]
        .concat()
    }

    #[test]
    fn a_jpeg_keeps_its_pixels_its_colours_and_how_it_was_held() {
        let clean = without_notes(&sample_jpeg(6)).unwrap();

        assert!(!contains(&clean, NOTE) && !contains(&clean, b"a film") && !contains(&clean, b"xap"));
        for kept in [
            b"JFIF".as_slice(),
            b"colours",
            b"a table",
            &[1, 2, 0xff, 0, 0xff, 0xd0, 3],
        ] {
            assert!(contains(&clean, kept), "{kept:?}");
        }
        assert!(clean.ends_with(&[4, 5, 0xff, 0xd9]));
        let held = clean.windows(6).position(|window| window == b"Exif\0\0").unwrap();
        assert_eq!(orientation(&clean[held + 6..]), Some(6));
        assert_eq!(
            without_notes(&clean),
            Some(clean.clone()),
            "nothing is left to take"
        );
        assert!(!contains(&without_notes(&sample_jpeg(1)).unwrap(), b"Exif"));
    }

    #[test]
    fn a_png_keeps_what_pixels_need() {
        let chunk = |kind: &[u8], inside: &[u8]| {
            let named = [kind, inside].concat();
            let length = u32::try_from(inside.len()).unwrap().to_be_bytes();
            [length.as_slice(), &named, &crc(&named).to_be_bytes()].concat()
        };
        let picture = [
            b"\x89PNG\r\n\x1a\n".to_vec(),
            chunk(b"IHDR", b"head"),
            chunk(b"eXIf", &exif(8)),
            chunk(b"tEXt", NOTE),
            chunk(b"tIME", NOTE),
            chunk(b"IDAT", b"pixels"),
            chunk(b"IEND", b""),
            NOTE.to_vec(),
        ]
        .concat();

        let clean = without_notes(&picture).unwrap();

        assert!(!contains(&clean, NOTE) && contains(&clean, b"pixels"));
        assert!(contains(&clean, &chunk(b"eXIf", &held(8))));
        assert_eq!(crc(b"IEND"), 0xae42_6082);
    }

    #[test]
    fn a_webp_keeps_its_pixels() {
        let chunk = |kind: &[u8], inside: &[u8]| {
            let length = u32::try_from(inside.len()).unwrap().to_le_bytes();
            [kind, &length, inside, &[0][..inside.len() % 2]].concat()
        };
        let inside = [
            b"WEBP".to_vec(),
            chunk(b"VP8X", &[0b0000_1100, 0, 0, 0, 1, 0, 0, 1, 0, 0]),
            chunk(b"VP8 ", b"pixels!"),
            chunk(b"EXIF", &exif(3)),
            chunk(b"XMP ", NOTE),
        ]
        .concat();
        let picture = [chunk(b"RIFF", &inside), NOTE.to_vec()].concat();

        let clean = without_notes(&picture).unwrap();

        assert!(!contains(&clean, NOTE) && contains(&clean, b"pixels!"));
        assert_eq!(clean[20], 0b0000_1000);
        assert_eq!(
            usize::try_from(u32::from_le_bytes(clean[4..8].try_into().unwrap())).unwrap(),
            clean.len() - 8
        );
    }

    #[test]
    fn what_is_broken_is_left_to_the_server() {
        let whole = sample_jpeg(6);
        for length in 0..whole.len() - b"a film ".len() - NOTE.len() {
            assert_eq!(without_notes(&whole[..length]), None, "{length}");
        }
        for other in [
            b"%PDF-1.7".as_slice(),
            b"RIFF\0\0\0\0WAVE",
            b"\x89PNG\r\n\x1a\n\xff\xff\xff\xff",
            b"",
        ] {
            assert_eq!(without_notes(other), None);
        }
    }
}
