//! A GIF made anew: its frames and their times, in their own colours, and nothing that stood between them.

use std::num::NonZeroU64;

use app::attachments::{FileProblem, FileType};
use gif::{ColorOutput, DecodeOptions, DecodingError, Encoder, Frame, MemoryLimit};
use image::{DynamicImage, Rgba, RgbaImage};

use super::Taken;
use super::picture::{check_size, thumbnail};

/// The most frames: a minute at sixteen a second.
const N_MOST_FRAMES: usize = 1_000;
/// The most pixels of all frames.
const N_MOST_PIXELS: u64 = 200_000_000;
/// The most memory for one frame.
const N_MOST_BYTES: NonZeroU64 = NonZeroU64::new(64 * 1024 * 1024).expect("it is more than nothing");

/// Makes a GIF anew.
pub(super) fn remake(known: &FileType, bytes: &[u8]) -> Result<Taken, FileProblem> {
    let broken = |_| FileProblem::Unreadable;
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.set_memory_limit(MemoryLimit::Bytes(N_MOST_BYTES));
    options.check_frame_consistency(true);
    let mut decoder = options.read_info(bytes).map_err(|error| problem(&error))?;
    let (width, height) = (decoder.width(), decoder.height());
    check_size(width.into(), height.into())?;
    let palette = decoder.global_palette().unwrap_or_default().to_vec();
    let mut encoder = Encoder::new(Vec::new(), width, height, &palette).map_err(broken)?;
    let (mut n_frames, mut n_pixels, mut first) = (0, 0, None);
    while let Some(frame) = decoder.read_next_frame().map_err(|error| problem(&error))? {
        n_frames += 1;
        n_pixels += u64::from(frame.width) * u64::from(frame.height);
        if n_frames > N_MOST_FRAMES || n_pixels > N_MOST_PIXELS {
            return Err(FileProblem::TooComplex);
        }
        let mut frame = frame.clone();
        // Its lines are in order by now.
        frame.interlaced = false;
        if first.is_none() {
            encoder.set_repeat(decoder.repeat()).map_err(broken)?;
            first = Some(draw(&frame, &palette, (width.into(), height.into())));
        }
        encoder.write_frame(&frame).map_err(broken)?;
    }
    let first = first.ok_or(FileProblem::Unreadable)?;
    Ok(Taken {
        size: Some((width.into(), height.into())),
        content: Some(encoder.into_inner().map_err(|_| FileProblem::Unreadable)?),
        thumbnail: Some(thumbnail(&DynamicImage::ImageRgba8(first))?),
        ..Taken::as_it_is(known)
    })
}

fn problem(error: &DecodingError) -> FileProblem {
    match error {
        DecodingError::MemoryLimit | DecodingError::OutOfMemory => FileProblem::TooComplex,
        _ => FileProblem::Unreadable,
    }
}

/// A frame where it stands in the picture.
fn draw(frame: &Frame<'_>, palette: &[u8], (width, height): (u32, u32)) -> RgbaImage {
    let palette = frame.palette.as_deref().unwrap_or(palette);
    let mut picture = RgbaImage::new(width, height);
    let (left, top) = (u32::from(frame.left), u32::from(frame.top));
    let pixels = frame.buffer.chunks(usize::from(frame.width).max(1));
    for (y, row) in (top..height).zip(pixels) {
        for (x, index) in (left..width).zip(row) {
            let colour = palette
                .get(usize::from(*index) * 3..)
                .and_then(|rest| rest.first_chunk());
            if let Some([red, green, blue]) = colour
                && frame.transparent != Some(*index)
            {
                picture.put_pixel(x, y, Rgba([*red, *green, *blue, 255]));
            }
        }
    }
    picture
}
