//! What makes a part of a picture unreadable, for ever: on pixels, without a browser.
//!
//! A blur alone can be undone: it spreads each pixel over its neighbours by a rule that is known, and the rule can be turned
//! around. A mosaic of small tiles can be guessed: whoever tries all names, tiled the same way, finds the one that looks
//! alike. So the area is cut into few large blocks, of each of which the mean alone is kept, and that coarsely; then it is
//! drawn anew from these means, smoothly. What was thrown away is nowhere, and drawing adds nothing.
//!
//! Of words and numbers even a few means could tell something to who knows what they might be: for those there is the bar,
//! which keeps nothing at all.

use super::geometry::Size;

/// The most blocks along the longer side of an area.
const N_BLOCKS: u32 = 6;
/// How coarsely a mean is kept: sixteen steps for each colour.
const STEP: u64 = 16;

/// The bar: black, whatever was there. `pixels` are those of the area, each red, green, blue and opacity.
pub(super) fn cover(pixels: &mut [u8]) {
    for pixel in pixels.chunks_exact_mut(4) {
        pixel.copy_from_slice(&[0, 0, 0, 255]);
    }
}

/// The blur: few means, and nothing else. `pixels` are those of the area, row by row; `picture` is what it lies in. The area is
/// as large as a block at least: acts see to it.
pub(super) fn blur(pixels: &mut [u8], area: Size, picture: Size) {
    let grid = Grid::of(area, picture);
    let means = grid.means(pixels);
    grid.draw(&means, pixels);
}

/// An area cut into blocks.
#[derive(Clone, Copy)]
struct Grid {
    area: Size,
    columns: u64,
    rows: u64,
}

impl Grid {
    /// Blocks of one size, give or take a pixel: one that is cut off at an edge would be a small one.
    fn of(area: Size, picture: Size) -> Self {
        let of_area = area.longer().div_ceil(N_BLOCKS);
        let side = of_area.max(picture.least_block());
        let count = |extent: u32| u64::from((extent / side).max(1));
        Self {
            area,
            columns: count(area.width),
            rows: count(area.height),
        }
    }

    /// The places of the pixels, row by row.
    fn places(self) -> impl Iterator<Item = (u64, u64)> {
        let (width, height) = (u64::from(self.area.width), u64::from(self.area.height));
        (0..height).flat_map(move |y| (0..width).map(move |x| (x, y)))
    }

    /// The block that a pixel is in.
    fn block(self, x: u64, y: u64) -> usize {
        self.index(
            x * self.columns / u64::from(self.area.width),
            y * self.rows / u64::from(self.area.height),
        )
    }

    fn index(self, column: u64, row: u64) -> usize {
        usize::try_from(row * self.columns + column).expect("there are few blocks")
    }

    fn means(self, pixels: &[u8]) -> Vec<[u64; 3]> {
        let mut sums = vec![([0_u64; 3], 0_u64); self.index(0, self.rows)];
        for ((x, y), pixel) in self.places().zip(pixels.chunks_exact(4)) {
            let (sum, count) = &mut sums[self.block(x, y)];
            *count += 1;
            // What shows through is taken as white.
            let opacity = u64::from(pixel[3]);
            for (sum, part) in sum.iter_mut().zip(pixel) {
                *sum += (u64::from(*part) * opacity + 255 * (255 - opacity)) / 255;
            }
        }
        let coarse = |mean: u64| mean / STEP * 255 / (255 / STEP);
        sums.into_iter()
            .map(|(sum, count)| sum.map(|part| coarse(part / count.max(1))))
            .collect()
    }

    /// From the middle of one block to that of the next, the colour changes evenly.
    fn draw(self, means: &[[u64; 3]], pixels: &mut [u8]) {
        let (width, height) = (2 * u64::from(self.area.width), 2 * u64::from(self.area.height));
        for ((x, y), pixel) in self.places().zip(pixels.chunks_exact_mut(4)) {
            let (left, right, across) = between(x, self.columns, width);
            let (top, bottom, down) = between(y, self.rows, height);
            let mean = |column: u64, row: u64| means[self.index(column, row)];
            let (a, b) = (mean(left, top), mean(right, top));
            let (c, d) = (mean(left, bottom), mean(right, bottom));
            for part in 0..3 {
                let above = a[part] * (width - across) + b[part] * across;
                let below = c[part] * (width - across) + d[part] * across;
                let mixed = (above * (height - down) + below * down) / (width * height);
                pixel[part] = u8::try_from(mixed).unwrap_or(u8::MAX);
            }
            pixel[3] = u8::MAX;
        }
    }
}

/// The two blocks between whose middles a pixel lies, and how far along, in parts of `whole`: twice the extent, so that the
/// middle of a pixel is a whole number.
fn between(place: u64, count: u64, whole: u64) -> (u64, u64, u64) {
    let from_first = ((2 * place + 1) * count).saturating_sub(whole / 2);
    let first = (from_first / whole).min(count - 1);
    (first, (first + 1).min(count - 1), from_first % whole)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::acts::{Act, Pick, Tool};
    use super::super::geometry::{Point, Span};
    use super::*;

    const PICTURE: Size = Size {
        width: 320,
        height: 240,
    };

    fn areas() -> impl Strategy<Value = Size> {
        (16_u32..90, 16_u32..90).prop_map(|(width, height)| Size { width, height })
    }

    /// Pixels without any order, each colour black or full: nothing that a mean could be taken for.
    fn noise(area: Size, seed: u64) -> Vec<u8> {
        let mut state = seed | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            if state & 8 == 0 { 0 } else { 255 }
        };
        Grid::of(area, PICTURE)
            .places()
            .flat_map(|_| [next(), next(), next(), 255])
            .collect()
    }

    /// The same pixels in each block, in another order.
    fn shuffled(pixels: &[u8], area: Size) -> Vec<u8> {
        let grid = Grid::of(area, PICTURE);
        let mut blocks = std::collections::BTreeMap::<usize, Vec<[u8; 4]>>::new();
        for ((x, y), pixel) in grid.places().zip(pixels.chunks_exact(4)) {
            let block = blocks.entry(grid.block(x, y)).or_default();
            block.push(pixel.try_into().unwrap());
        }
        for block in blocks.values_mut() {
            block.sort_unstable();
        }
        grid.places()
            .flat_map(|(x, y)| blocks.get_mut(&grid.block(x, y)).unwrap().pop().unwrap())
            .collect()
    }

    proptest! {
        #[test]
        fn however_it_is_drawn_no_block_is_small(
            (width, height) in (1_u32..5_000, 1_u32..5_000),
            (left, top) in (0.0..5_000.0, 0.0..5_000.0),
            (across, down) in (-600.0..600.0, -600.0..600.0),
        ) {
            let picture = Size { width, height };
            let span = Span {
                from: Point { x: left, y: top },
                to: Point { x: left + across, y: top + down },
            };
            let drawn = Pick { span, ..Pick::new(Tool::Blur, picture) };
            let Some(Act::Blur(area)) = drawn.act(picture) else {
                panic!("a blur blurs");
            };
            let grid = Grid::of(area.size, picture);

            let least = picture.longer().div_ceil(48).max(16);
            prop_assert!(u64::from(area.size.width) / grid.columns >= u64::from(least.min(width)));
            prop_assert!(u64::from(area.size.height) / grid.rows >= u64::from(least.min(height)));
        }

        #[test]
        fn a_blur_knows_the_means_of_large_blocks_and_nothing_else(area in areas(), seed: u64) {
            let mut one = noise(area, seed);
            let mut other = shuffled(&one, area);
            blur(&mut one, area, PICTURE);
            blur(&mut other, area, PICTURE);

            prop_assert!(one == other, "the order of pixels in a block still shows");
        }

        #[test]
        fn no_pixel_of_what_was_blurred_is_left(area in areas(), seed: u64) {
            let before = noise(area, seed);
            let mut after = before.clone();
            blur(&mut after, area, PICTURE);

            // Each original colour is 0 or 255; means of 256 such pixels and more are neither, and far from both.
            for (before, after) in before.chunks_exact(4).zip(after.chunks_exact(4)) {
                for part in 0..3 {
                    prop_assert!(before[part].abs_diff(after[part]) > 32, "{before:?} {after:?}");
                }
                prop_assert_eq!(after[3], 255);
            }
        }

        #[test]
        fn a_bar_is_black_whatever_was_there(area in areas(), seed: u64) {
            let mut covered = noise(area, seed);
            cover(&mut covered);

            prop_assert!(covered.chunks_exact(4).all(|pixel| pixel == [0, 0, 0, 255]));
        }
    }

    #[test]
    fn blocks_are_few_and_never_small() {
        let size = |width, height| Size { width, height };
        let n_blocks = |area, picture| {
            let grid = Grid::of(area, picture);
            (grid.columns, grid.rows)
        };

        assert_eq!(
            n_blocks(size(600, 60), size(1_000, 1_000)),
            (6, 1),
            "a line of words"
        );
        assert_eq!(
            n_blocks(size(170, 170), size(4_096, 3_072)),
            (1, 1),
            "a small part of a large picture"
        );
        for (width, height) in [(86, 86), (86, 140), (95, 97), (600, 90), (4_096, 4_096)] {
            let (columns, rows) = n_blocks(size(width, height), size(4_096, 4_096));
            assert!(columns <= 6 && rows <= 6);
            assert!(u64::from(width) / columns >= 86 && u64::from(height) / rows >= 86);
        }
    }

    #[test]
    fn what_shows_through_is_white_and_nothing_shows_through_afterwards() {
        let area = Size {
            width: 16,
            height: 16,
        };
        let mut pixels = [9, 9, 9, 0].repeat(256);

        blur(&mut pixels, area, PICTURE);

        assert!(pixels.chunks_exact(4).all(|pixel| pixel == [255; 4]));
    }
}
