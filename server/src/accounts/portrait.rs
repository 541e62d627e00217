//! From any picture to a portrait: an upright square of 512 × 512 pixels, encoded anew, so that nothing else of the
//! file survives: no place, no date, no camera, no thumbnail, no hidden bytes.

use std::io::Cursor;

use app::api::{ApiError, InvalidReason, PhotoForm};
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder, EncodingError, SamplingFactor};

use crate::error::Error;

/// The side of a portrait, in pixels: sharp at 256 CSS pixels on a screen of double density.
pub(super) const SIDE: u32 = 512;
/// The quality of its encoding, of 100: about 15 kB.
const QUALITY: u8 = 85;
/// The most pixels of a picture: today's telephones make 48 million.
const N_MOST_PIXELS: u64 = 50_000_000;
/// The most memory that the decoded picture may take: those pixels in colour, with a margin.
const N_MOST_BYTES: u64 = 256 * 1024 * 1024;

/// A lighter form's side in pixels and the quality of its encoding, of 100. The denser the pixels are shown, the less a
/// coarser one is seen.
const fn measures(form: PhotoForm) -> (u32, f32) {
    match form {
        PhotoForm::Small => (128, 75.0),
        PhotoForm::Card => (352, 62.0),
    }
}

/// The square to cut out of the upright picture, in thousandths: of its width, its height, its shorter side.
#[derive(Clone, Copy)]
pub(super) struct Square {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) side: u32,
}

/// Makes a portrait of a JPEG, PNG or WebP, known by its content.
///
/// # Errors
/// `Invalid` naming `picture` when it cannot be read, or the field of the square that lies outside; `TooLarge` when it
/// has more than 50 million pixels or would take too much memory.
pub(super) fn make_portrait(picture: &[u8], square: Square) -> Result<Vec<u8>, ApiError> {
    let unreadable = || ApiError::invalid("picture", InvalidReason::Unreadable);
    square.check()?;
    let mut reader = ImageReader::new(Cursor::new(picture))
        .with_guessed_format()
        .map_err(|_| unreadable())?;
    if !matches!(
        reader.format(),
        Some(ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP)
    ) {
        return Err(unreadable());
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(N_MOST_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| match error {
        image::ImageError::Limits(_) => ApiError::TooLarge,
        _ => unreadable(),
    })?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > N_MOST_PIXELS || decoder.total_bytes() > N_MOST_BYTES {
        return Err(ApiError::TooLarge);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|_| unreadable())?;
    let (left, top, side) = square.place(width, height, orientation);
    let cut = picture.crop_imm(left, top, side, side);
    // The large picture goes before the small one is made.
    drop(picture);
    let mut portrait = cut.resize_exact(SIDE, SIDE, FilterType::Lanczos3);
    portrait.apply_orientation(orientation);
    encode(&on_white(&portrait), QUALITY).map_err(|_| unreadable())
}

/// Makes a lighter form of a portrait: a WebP, half as heavy as a JPEG that looks the same.
///
/// # Errors
/// It is no JPEG that [`make_portrait`] could have made.
pub(super) fn make_lighter(portrait: &[u8], form: PhotoForm) -> Result<Vec<u8>, Error> {
    let doing = "making a lighter portrait";
    let portrait = image::load_from_memory_with_format(portrait, ImageFormat::Jpeg)
        .map_err(|error| Error::failed(doing, error))?;
    let (side, quality) = measures(form);
    let lighter = portrait.resize_exact(side, side, FilterType::Lanczos3).to_rgb8();
    let encoded = webp::Encoder::from_rgb(lighter.as_raw(), side, side)
        .encode_simple(false, quality)
        .map_err(|error| Error::failed(doing, format!("{error:?}")))?;
    Ok(encoded.to_vec())
}

/// A JPEG whose colours are half as fine as its light, which is a quarter lighter. With the standard Huffman tables: those
/// made for a picture of few colours are read wrongly by some decoders.
fn encode(picture: &RgbImage, quality: u8) -> Result<Vec<u8>, EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    let side = |pixels: u32| u16::try_from(pixels).unwrap_or(u16::MAX);
    let (width, height) = (side(picture.width()), side(picture.height()));
    encoder.encode(picture.as_raw(), width, height, ColorType::Rgb)?;
    Ok(bytes)
}

impl Square {
    fn check(self) -> Result<(), ApiError> {
        let outside = |field| Err(ApiError::invalid(field, InvalidReason::Format));
        match self {
            Self { left: 1000.., .. } => outside("left"),
            Self { top: 1000.., .. } => outside("top"),
            Self {
                side: 0..100 | 1001..,
                ..
            } => outside("side"),
            _ => Ok(()),
        }
    }

    /// Left edge, top edge and side in the picture as it is stored, which may lie on its side.
    ///
    /// The cut comes before the turn: turning a picture of 50 million pixels would take its memory twice.
    fn place(self, width: u32, height: u32, orientation: Orientation) -> (u32, u32, u32) {
        let lies = matches!(
            orientation,
            Orientation::Rotate90
                | Orientation::Rotate270
                | Orientation::Rotate90FlipH
                | Orientation::Rotate270FlipH
        );
        let (upright_width, upright_height) = if lies { (height, width) } else { (width, height) };
        let thousandths = |whole: u32, part: u32| {
            u32::try_from(u64::from(whole) * u64::from(part) / 1000).unwrap_or(u32::MAX)
        };
        let side = thousandths(width.min(height), self.side).max(1);
        let x = thousandths(upright_width, self.left).min(upright_width - side);
        let y = thousandths(upright_height, self.top).min(upright_height - side);
        let (left, top) = match orientation {
            Orientation::NoTransforms => (x, y),
            Orientation::FlipHorizontal => (width - side - x, y),
            Orientation::FlipVertical => (x, height - side - y),
            Orientation::Rotate180 => (width - side - x, height - side - y),
            Orientation::Rotate90 => (y, height - side - x),
            Orientation::Rotate90FlipH => (y, x),
            Orientation::Rotate270 => (width - side - y, x),
            Orientation::Rotate270FlipH => (width - side - y, height - side - x),
        };
        (left, top, side)
    }
}

/// The picture without transparency, which JPEG does not know.
fn on_white(picture: &DynamicImage) -> RgbImage {
    let picture = picture.to_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0;
        let over_white = |colour: u8| {
            let alpha = u32::from(alpha);
            let mixed = (u32::from(colour) * alpha + 255 * (255 - alpha)) / 255;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        };
        Rgb([over_white(red), over_white(green), over_white(blue)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of four colours, wider than high: red, green; blue, white.
    fn four_corners() -> DynamicImage {
        DynamicImage::ImageRgb8(RgbImage::from_fn(60, 40, |x, y| match (x < 30, y < 20) {
            (true, true) => Rgb([255, 0, 0]),
            (false, true) => Rgb([0, 255, 0]),
            (true, false) => Rgb([0, 0, 255]),
            (false, false) => Rgb([255, 255, 255]),
        }))
    }

    #[test]
    fn cutting_then_turning_is_turning_then_cutting() {
        let square = Square {
            left: 400,
            top: 250,
            side: 700,
        };
        for exif in 1..=8 {
            let orientation = Orientation::from_exif(exif).unwrap();
            let stored = four_corners();

            let (left, top, side) = square.place(stored.width(), stored.height(), orientation);
            let mut cut = stored.crop_imm(left, top, side, side);
            cut.apply_orientation(orientation);

            let mut upright = stored;
            upright.apply_orientation(orientation);
            let (left, top, side) =
                square.place(upright.width(), upright.height(), Orientation::NoTransforms);
            assert_eq!(cut, upright.crop_imm(left, top, side, side), "orientation {exif}");
        }
    }

    #[test]
    fn transparency_becomes_white() {
        let clear = DynamicImage::ImageRgba8(image::RgbaImage::from_pixel(2, 2, image::Rgba([0, 0, 0, 0])));

        assert_eq!(on_white(&clear).get_pixel(0, 0), &Rgb([255, 255, 255]));
    }

    #[test]
    fn a_square_outside_the_picture_is_refused() {
        for (square, field) in [
            (
                Square {
                    left: 1000,
                    top: 0,
                    side: 500,
                },
                "left",
            ),
            (
                Square {
                    left: 0,
                    top: 5000,
                    side: 500,
                },
                "top",
            ),
            (
                Square {
                    left: 0,
                    top: 0,
                    side: 99,
                },
                "side",
            ),
            (
                Square {
                    left: 0,
                    top: 0,
                    side: 1001,
                },
                "side",
            ),
        ] {
            assert_eq!(
                make_portrait(b"", square),
                Err(ApiError::invalid(field, InvalidReason::Format))
            );
        }
    }
}
