//! Files for the tests: whole ones, and such with everything that a camera or a hostile hand puts into them.

use std::io::{Cursor, Write as _};

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

/// What stands in every note that must not survive.
pub(crate) const NOTE: &[u8] = b"canari-45.5017N-73.5673W";

pub(crate) const DOCX_TYPE: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// A picture whose left half is red, its right half blue, with some noise that no encoder leaves as it is.
pub(crate) fn picture(width: u32, height: u32) -> DynamicImage {
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| {
        let noise = u8::try_from((x * 7 + y * 13) % 16).unwrap();
        if x < width / 2 {
            Rgb([230 + noise, noise, noise])
        } else {
            Rgb([noise, noise, 230 + noise])
        }
    }))
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
    bytes
}

pub(crate) fn jpeg(width: u32, height: u32) -> Vec<u8> {
    encoded(&picture(width, height), ImageFormat::Jpeg)
}

pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    encoded(&picture(width, height), ImageFormat::Png)
}

pub(crate) fn webp(width: u32, height: u32) -> Vec<u8> {
    encoded(&picture(width, height), ImageFormat::WebP)
}

/// A GIF of two frames, with what is given between them.
pub(crate) fn gif(between: &[u8]) -> Vec<u8> {
    let palette = [255, 0, 0, 0, 0, 255];
    let mut encoder = gif::Encoder::new(Vec::new(), 4, 4, &palette).unwrap();
    encoder.set_repeat(gif::Repeat::Infinite).unwrap();
    for colour in [0_u8, 1] {
        if !between.is_empty() {
            let comment = gif::AnyExtension(0xfe);
            encoder.write_raw_extension(comment, &[between]).unwrap();
        }
        let mut frame = gif::Frame::from_indexed_pixels(4, 4, vec![colour; 16], None);
        frame.delay = 7;
        encoder.write_frame(&frame).unwrap();
    }
    encoder.into_inner().unwrap()
}

/// What a camera writes: how it was held, where, with what, and a small copy of the picture.
pub(crate) fn exif(orientation: u16) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        [
            tag.to_le_bytes().as_slice(),
            &kind.to_le_bytes(),
            &count.to_le_bytes(),
            &value.to_le_bytes(),
        ]
        .concat()
    };
    let note = u32::try_from(NOTE.len()).unwrap();
    tiff.extend(3_u16.to_le_bytes());
    tiff.extend(entry(0x010f, 2, note, 50));
    tiff.extend(entry(0x0112, 3, 1, orientation.into()));
    tiff.extend(entry(0x8825, 4, 1, 50 + note));
    tiff.extend(0_u32.to_le_bytes());
    assert_eq!(tiff.len(), 50);
    tiff.extend(NOTE);
    tiff.extend(1_u16.to_le_bytes());
    tiff.extend(entry(0x001b, 7, note, 50 + note + 18));
    tiff.extend(0_u32.to_le_bytes());
    tiff.extend(NOTE);
    // A small copy would follow in a second directory; here its bytes alone.
    tiff.extend([0xff, 0xd8, 0xff, 0xd9]);
    tiff.extend(NOTE);
    tiff
}

/// A JPEG with every kind of note.
pub(crate) fn jpeg_with_notes(width: u32, height: u32, orientation: u16) -> Vec<u8> {
    let plain = jpeg(width, height);
    let segment = |marker: u8, inside: &[u8]| {
        let length = u16::try_from(inside.len() + 2).unwrap();
        [&[0xff, marker], length.to_be_bytes().as_slice(), inside].concat()
    };
    let xmp = [b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>".as_slice(), NOTE].concat();
    let iptc = [b"Photoshop 3.0\08BIM\x04\x04\0\0".as_slice(), NOTE].concat();
    [
        &plain[..2],
        &segment(0xe1, &[b"Exif\0\0".as_slice(), &exif(orientation)].concat()),
        &segment(0xe1, &xmp),
        &segment(0xed, &iptc),
        &segment(0xfe, NOTE),
        &plain[2..],
        NOTE,
    ]
    .concat()
}

fn chunk(kind: &[u8], inside: &[u8]) -> Vec<u8> {
    let mut sum = flate2::Crc::new();
    sum.update(kind);
    sum.update(inside);
    let length = u32::try_from(inside.len()).unwrap();
    [
        length.to_be_bytes().as_slice(),
        kind,
        inside,
        &sum.sum().to_be_bytes(),
    ]
    .concat()
}

/// A PNG with every kind of note.
pub(crate) fn png_with_notes(width: u32, height: u32, orientation: u16) -> Vec<u8> {
    let plain = png(width, height);
    // The signature and the head take 33 bytes.
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::none());
    packed.write_all(NOTE).unwrap();
    let packed = packed.finish().unwrap();
    [
        &plain[..33],
        &chunk(b"eXIf", &exif(orientation)),
        &chunk(b"tEXt", &[b"Comment\0".as_slice(), NOTE].concat()),
        &chunk(b"zTXt", &[b"Comment\0\0".as_slice(), &packed].concat()),
        &chunk(
            b"iTXt",
            &[b"XML:com.adobe.xmp\0\0\0\0\0".as_slice(), NOTE].concat(),
        ),
        &plain[33..],
        NOTE,
    ]
    .concat()
}

/// A WebP with every kind of note.
pub(crate) fn webp_with_notes(width: u32, height: u32, orientation: u16) -> Vec<u8> {
    let plain = webp(width, height);
    let riff = |kind: &[u8; 4], inside: &[u8]| {
        let length = u32::try_from(inside.len()).unwrap();
        let padding = &[0][..inside.len() % 2];
        [kind.as_slice(), &length.to_le_bytes(), inside, padding].concat()
    };
    let side = |pixels: u32| (pixels - 1).to_le_bytes()[..3].to_vec();
    let head = [vec![0b0000_1100, 0, 0, 0], side(width), side(height)].concat();
    let inside = [
        b"WEBP".to_vec(),
        riff(b"VP8X", &head),
        plain[12..].to_vec(),
        riff(b"EXIF", &exif(orientation)),
        riff(b"XMP ", NOTE),
    ]
    .concat();
    riff(b"RIFF", &inside)
}

/// A PNG that says how large it is, and is not.
pub(crate) fn png_of_size(width: u32, height: u32) -> Vec<u8> {
    let head = [
        width.to_be_bytes().as_slice(),
        &height.to_be_bytes(),
        &[8, 2, 0, 0, 0],
    ]
    .concat();
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&vec![0; 100_000]).unwrap();
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &head),
        chunk(b"IDAT", &packed.finish().unwrap()),
        chunk(b"IEND", b""),
    ]
    .concat()
}

/// A PNG that moves, so it says, as often as is told.
pub(crate) fn moving_png(n_frames: u32) -> Vec<u8> {
    let plain = png(4, 4);
    let control = [n_frames.to_be_bytes(), [0; 4]].concat();
    [&plain[..33], &chunk(b"acTL", &control), &plain[33..]].concat()
}

/// An archive of entries that are not compressed, each with what its list says of its length.
pub(crate) fn archive(entries: &[(&str, &[u8], u32)]) -> Vec<u8> {
    let (mut bytes, mut list) = (Vec::new(), Vec::new());
    for (name, inside, told) in entries {
        let mut sum = flate2::Crc::new();
        sum.update(inside);
        let at = u32::try_from(bytes.len()).unwrap();
        let length = u32::try_from(inside.len()).unwrap();
        let name_length = u16::try_from(name.len()).unwrap();
        let common = [
            [20, 0, 0, 0, 0, 0, 0, 0, 0, 0].as_slice(),
            &sum.sum().to_le_bytes(),
            &length.to_le_bytes(),
            &told.to_le_bytes(),
            &name_length.to_le_bytes(),
            &[0, 0],
        ]
        .concat();
        bytes.extend([b"PK\x03\x04".as_slice(), &common, name.as_bytes(), inside].concat());
        let rest = [&[0; 10], at.to_le_bytes().as_slice(), name.as_bytes()].concat();
        list.extend([b"PK\x01\x02\x14\0".as_slice(), &common, &rest].concat());
    }
    let n_entries = u16::try_from(entries.len()).unwrap().to_le_bytes();
    let (at, length) = (
        u32::try_from(bytes.len()).unwrap(),
        u32::try_from(list.len()).unwrap(),
    );
    let end = [
        b"PK\x05\x06\0\0\0\0".as_slice(),
        &n_entries,
        &n_entries,
        &length.to_le_bytes(),
        &at.to_le_bytes(),
        &[0, 0],
    ]
    .concat();
    [bytes, list, end].concat()
}

pub(crate) fn docx() -> Vec<u8> {
    archive(&[
        ("[Content_Types].xml", b"<Types/>", 8),
        ("word/document.xml", b"<w:document/>", 13),
    ])
}
