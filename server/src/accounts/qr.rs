//! A QR code as the path of an SVG, drawn here: the key in it goes to nobody else.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

use crate::error::{Error, Result};

/// The light frame that a reader needs, in modules.
///
/// Source: ISO/IEC 18004, 9.1.
const FRAME: i32 = 4;

/// A picture of square modules.
pub(super) struct Picture {
    /// The path: one unit square for each dark module.
    pub(super) path: String,
    /// How many units wide and high it is, frame included.
    pub(super) side: u32,
}

/// Draws a text.
///
/// # Errors
/// `Failed` when it is longer than a QR code holds.
pub(super) fn draw(text: &str) -> Result<Picture> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium)
        .map_err(|error| Error::failed("drawing a QR code", error))?;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let start = x;
            while x < code.size() && code.get_module(x, y) {
                x += 1;
            }
            if x > start {
                let width = x - start;
                let _ = write!(path, "M{} {}h{width}v1h-{width}z", start + FRAME, y + FRAME);
            }
            x += 1;
        }
    }
    Ok(Picture {
        path,
        side: u32::try_from(code.size() + 2 * FRAME).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws the path back onto a grid: each module stands where the library has put it, and nowhere else.
    #[test]
    fn the_path_holds_the_dark_modules_and_no_others() {
        let text = "otpauth://totp/Pli:anne?secret=ABCDEFGHIJKLMNOP";
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).unwrap();

        let picture = draw(text).unwrap();

        let side = usize::try_from(picture.side).unwrap();
        let mut drawn = vec![vec![false; side]; side];
        for bar in picture.path.split('M').skip(1) {
            let (place, rest) = bar.split_once('h').unwrap();
            let (x, y) = place.split_once(' ').unwrap();
            let width = rest.split_once('v').unwrap().0.parse::<usize>().unwrap();
            let (x, y) = (x.parse::<usize>().unwrap(), y.parse::<usize>().unwrap());
            drawn[y][x..x + width].fill(true);
        }
        for (y, row) in drawn.iter().enumerate() {
            for (x, is_dark) in row.iter().enumerate() {
                let at = |n: usize| i32::try_from(n).unwrap() - FRAME;
                assert_eq!(*is_dark, code.get_module(at(x), at(y)), "{x} {y}");
            }
        }
    }
}
