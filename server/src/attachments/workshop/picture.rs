//! A still picture made anew from its pixels: upright, in the colours that every screen knows, and nothing else of the file:
//! no place, no date, no camera, no small copy, no hidden bytes.

use std::io::Cursor;

use app::attachments::{FileProblem, FileType};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageEncoder, ImageError, ImageFormat, ImageReader, Limits};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use moxcms::{ColorProfile, Layout, TransformOptions};

use super::Taken;

/// The most pixels of a picture: today's telephones make 48 million.
const N_MOST_PIXELS: u64 = 50_000_000;
/// The longest side: what is longer is a line, and no picture.
const MOST_SIDE: u32 = 20_000;
/// The most memory that the decoded picture may take.
const N_MOST_BYTES: u64 = 200 * 1024 * 1024;
/// The most frames of a picture that moves.
const N_MOST_FRAMES: u32 = 1_000;
/// The longest side that is handed out: sharper than any screen, and half a wall of print.
const SIDE: u32 = 4_096;
/// The longest side of the small picture: 320 CSS pixels on a screen of double density.
const THUMBNAIL_SIDE: u32 = 640;
/// The quality of JPEG and WebP, of 100: no loss that is seen.
const QUALITY: u8 = 90;
/// That of the small picture.
const THUMBNAIL_QUALITY: f32 = 70.0;

/// Makes a JPEG, PNG or WebP anew.
pub(super) fn remake(known: &FileType, bytes: &[u8]) -> Result<Taken, FileProblem> {
    let format = match known.media_type {
        "image/jpeg" => ImageFormat::Jpeg,
        "image/png" => ImageFormat::Png,
        _ => ImageFormat::WebP,
    };
    if format == ImageFormat::Jpeg && !is_whole(bytes) {
        return Err(FileProblem::Unreadable);
    }
    if format == ImageFormat::Png && n_frames(bytes) > N_MOST_FRAMES {
        return Err(FileProblem::TooComplex);
    }
    let picture = decode(format, bytes)?;
    let content = match format {
        ImageFormat::Jpeg => jpeg(&picture),
        ImageFormat::Png => png(&picture),
        _ => webp(&picture, f32::from(QUALITY)),
    };
    Ok(Taken {
        size: Some((picture.width(), picture.height())),
        content: Some(content?),
        thumbnail: Some(thumbnail(&picture)?),
        ..Taken::as_it_is(known)
    })
}

/// Whether a JPEG has its end: the decoder would make up what is missing.
fn is_whole(jpeg: &[u8]) -> bool {
    let mut at = 2;
    // From one part to the next, to where the pixels begin: a small copy in a note has an end of its own.
    while let Some(&[0xff, kind, high, low]) = jpeg.get(at..at + 4) {
        let length = usize::from(u16::from_be_bytes([high, low]));
        at += 2 + length;
        if kind == 0xda {
            let pixels = jpeg.get(at..).unwrap_or_default();
            return pixels.windows(2).any(|two| two == [0xff, 0xd9]);
        }
    }
    false
}

/// How many frames a PNG says that it has. Of one that moves the first picture is kept.
fn n_frames(png: &[u8]) -> u32 {
    let mut at = 8;
    while let Some(head) = png.get(at..at + 12) {
        let (length, kind, begin) = (&head[..4], &head[4..8], &head[8..12]);
        match kind {
            b"acTL" => return begin.try_into().map_or(u32::MAX, u32::from_be_bytes),
            b"IDAT" => return 1,
            _ => {
                at += 12
                    + length
                        .try_into()
                        .map_or(usize::MAX / 2, |length| u32::from_be_bytes(length) as usize);
            }
        }
    }
    1
}

/// Whether a picture of this size is one that may be decoded.
pub(super) fn check_size(width: u32, height: u32) -> Result<(), FileProblem> {
    let is_fine = (1..=MOST_SIDE).contains(&width)
        && (1..=MOST_SIDE).contains(&height)
        && u64::from(width) * u64::from(height) <= N_MOST_PIXELS;
    is_fine.then_some(()).ok_or(FileProblem::TooComplex)
}

fn decode(format: ImageFormat, bytes: &[u8]) -> Result<DynamicImage, FileProblem> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(N_MOST_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| problem(&error))?;
    let (width, height) = decoder.dimensions();
    check_size(width, height)?;
    if decoder.total_bytes() > N_MOST_BYTES {
        return Err(FileProblem::TooComplex);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten();
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| problem(&error))?;
    if width.max(height) > SIDE {
        // The mean of the pixels that fall together: without the memory that a finer filter takes.
        picture = picture.thumbnail(SIDE, SIDE);
    }
    let mut picture = in_eight_bits(picture);
    if let Some(profile) = profile {
        bring_colours(&mut picture, &profile);
    }
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn problem(error: &ImageError) -> FileProblem {
    match error {
        ImageError::Limits(_) => FileProblem::TooComplex,
        _ => FileProblem::Unreadable,
    }
}

fn in_eight_bits(picture: DynamicImage) -> DynamicImage {
    use DynamicImage::{ImageLuma8, ImageLumaA8, ImageRgb8, ImageRgba8};
    match picture {
        ImageLuma8(_) | ImageRgb8(_) | ImageRgba8(_) => picture,
        ImageLumaA8(_) => ImageRgba8(picture.into_rgba8()),
        other if other.color().has_alpha() => ImageRgba8(other.into_rgba8()),
        other if other.color().has_color() => ImageRgb8(other.into_rgb8()),
        other => ImageLuma8(other.into_luma8()),
    }
}

/// A profile of the camera's own would go with the rest of the file: the colours of a wound are those that were seen. One that
/// cannot be followed is left out, as screens that know no profiles do.
fn bring_colours(picture: &mut DynamicImage, profile: &[u8]) {
    let Ok(profile) = ColorProfile::new_from_slice(profile) else {
        return;
    };
    let (layout, n_channels) = match picture {
        DynamicImage::ImageRgb8(_) => (Layout::Rgb, 3),
        DynamicImage::ImageRgba8(_) => (Layout::Rgba, 4),
        _ => return,
    };
    let srgb = ColorProfile::new_srgb();
    let Ok(transform) = profile.create_transform_8bit(layout, &srgb, layout, TransformOptions::default())
    else {
        return;
    };
    let length = picture.width() as usize * n_channels;
    let mut seen = vec![0; length];
    let pixels: &mut [u8] = match picture {
        DynamicImage::ImageRgb8(pixels) => pixels,
        DynamicImage::ImageRgba8(pixels) => pixels,
        _ => return,
    };
    for row in pixels.chunks_exact_mut(length) {
        if transform.transform(row, &mut seen).is_ok() {
            row.copy_from_slice(&seen);
        }
    }
}

fn jpeg(picture: &DynamicImage) -> Result<Vec<u8>, FileProblem> {
    let side = |pixels: u32| u16::try_from(pixels).map_err(|_| FileProblem::TooComplex);
    let (width, height) = (side(picture.width())?, side(picture.height())?);
    let (bytes, kind) = match picture {
        DynamicImage::ImageLuma8(pixels) => (pixels.as_raw().as_slice(), ColorType::Luma),
        DynamicImage::ImageRgb8(pixels) => (pixels.as_raw().as_slice(), ColorType::Rgb),
        // No JPEG is transparent.
        _ => return Err(FileProblem::Unreadable),
    };
    let mut made = Vec::new();
    let mut encoder = Encoder::new(&mut made, QUALITY);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder
        .encode(bytes, width, height, kind)
        .map_err(|_| FileProblem::Unreadable)?;
    Ok(made)
}

fn png(picture: &DynamicImage) -> Result<Vec<u8>, FileProblem> {
    let mut made = Vec::new();
    PngEncoder::new_with_quality(&mut made, CompressionType::Default, FilterType::Adaptive)
        .write_image(
            picture.as_bytes(),
            picture.width(),
            picture.height(),
            picture.color().into(),
        )
        .map_err(|_| FileProblem::Unreadable)?;
    Ok(made)
}

fn webp(picture: &DynamicImage, quality: f32) -> Result<Vec<u8>, FileProblem> {
    let (width, height) = (picture.width(), picture.height());
    let encode = |encoder: webp::Encoder<'_>| encoder.encode_simple(false, quality).map(|made| made.to_vec());
    let made = match picture {
        DynamicImage::ImageRgba8(pixels) => encode(webp::Encoder::from_rgba(pixels, width, height)),
        DynamicImage::ImageRgb8(pixels) => encode(webp::Encoder::from_rgb(pixels, width, height)),
        other => {
            let pixels = other.to_rgb8();
            encode(webp::Encoder::from_rgb(&pixels, width, height))
        }
    };
    made.map_err(|_| FileProblem::Unreadable)
}

/// A small picture, to be shown in place.
pub(super) fn thumbnail(picture: &DynamicImage) -> Result<Vec<u8>, FileProblem> {
    let longest = picture.width().max(picture.height());
    if longest <= THUMBNAIL_SIDE {
        return webp(picture, THUMBNAIL_QUALITY);
    }
    webp(
        &picture.thumbnail(THUMBNAIL_SIDE, THUMBNAIL_SIDE),
        THUMBNAIL_QUALITY,
    )
}
