//! The shape of a sound: how loud each stretch of it is, and the drawing of that.

use std::fmt::Write as _;

/// How many bars a drawing has.
pub const N_BARS: usize = 64;

/// The box that bars are drawn in: three across for each, so many high.
pub const WIDTH: usize = 3 * N_BARS;
/// See [`WIDTH`].
pub const HEIGHT: u32 = 48;

/// A larger file is not drawn, nor brought before it is played.
pub const MOST_DRAWN_BYTES: u64 = 2_500_000;

/// A longer sound is not drawn: hours of silence take few bytes, and decoded all of a device's memory.
///
/// Source: ten minutes are twice the longest recording; decoded for hearing, 48,000 times a second for two ears, 230 MB.
pub const MOST_DRAWN_S: f64 = 600.0;

/// Below this a sound is silence, and is not drawn as if it were loud.
const SILENCE: f32 = 0.02;

/// Whether a sound of so many bytes and seconds may be decoded whole.
pub fn may_be_decoded(bytes: u64, seconds: f64) -> bool {
    bytes <= MOST_DRAWN_BYTES && (0.0..=MOST_DRAWN_S).contains(&seconds)
}

/// How loud what the microphone hears is, between 0 and 1: the farthest that the wave goes from its middle, which is 128.
pub fn level(wave: &[u8]) -> f32 {
    let farthest = wave.iter().map(|byte| byte.abs_diff(128)).max().unwrap_or(0);
    (f32::from(farthest) / 127.0).min(1.0)
}

/// How loud each stretch of a sound is, against its loudest: [`N_BARS`] numbers between 0 and 1, none of no sound.
/// `samples` holds fractions of 4 bytes each, the lowest byte first, as browsers on every known machine keep them.
pub fn peaks(samples: &[u8]) -> Vec<f32> {
    let n_samples = samples.len() / 4;
    if n_samples == 0 {
        return Vec::new();
    }
    let mut bars = vec![0.0_f32; N_BARS];
    for (index, bytes) in samples.chunks_exact(4).enumerate() {
        let bar = &mut bars[index * N_BARS / n_samples];
        let sample = bytes.try_into().map_or(0.0, f32::from_le_bytes).abs();
        // What is no number counts for nothing.
        *bar = bar.max(sample);
    }
    let loudest = bars.iter().copied().fold(SILENCE, f32::max);
    for bar in &mut bars {
        *bar = (*bar / loudest).min(1.0);
    }
    bars
}

/// Bars as the path of a drawing of [`WIDTH`] by [`HEIGHT`]; silence is a dot, so that one sees where it is.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 1 and half of the height"
)]
pub fn path(bars: &[f32]) -> String {
    let middle = HEIGHT / 2;
    let mut path = String::new();
    for (index, bar) in bars.iter().enumerate() {
        let half = ((bar.clamp(0.0, 1.0) * 24.0) as u32).clamp(1, middle - 1);
        // Text takes all that is written to it.
        let _ = write!(path, "M{} {}V{}", 3 * index + 1, middle - half, middle + half);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(samples: &[f32]) -> Vec<u8> {
        samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
    }

    fn is_near(one: f32, other: f32) -> bool {
        (one - other).abs() < 0.01
    }

    #[test]
    fn only_what_is_small_and_short_is_decoded() {
        assert!(may_be_decoded(1_800_000, 300.0));
        assert!(may_be_decoded(MOST_DRAWN_BYTES, MOST_DRAWN_S));
        assert!(!may_be_decoded(MOST_DRAWN_BYTES + 1, 20.0));
        // Hours of silence, a length that nobody knows, and nonsense.
        for seconds in [600.5, 9_000.0, f64::INFINITY, f64::NAN, -1.0] {
            assert!(!may_be_decoded(100_000, seconds), "{seconds}");
        }
    }

    #[test]
    fn a_level_is_how_far_the_wave_goes() {
        assert!(is_near(level(&[]), 0.0));
        assert!(is_near(level(&[128; 1024]), 0.0));
        assert!(is_near(level(&[128, 192, 128]), 0.5));
        assert!(is_near(level(&[128, 0]), 1.0));
    }

    #[test]
    fn a_sound_that_grows_is_drawn_growing_up_to_the_full_height() {
        let samples: Vec<f32> = (0..64_000_u16).map(|n| f32::from(n) / 128_000.0).collect();

        let bars = peaks(&bytes(&samples));

        assert_eq!(bars.len(), N_BARS);
        assert!(bars.is_sorted());
        // Each bar is as high as the loudest of its stretch, which is its end.
        let half = bars[N_BARS / 2 - 1];
        assert!(is_near(bars[0], 1.0 / 64.0) && is_near(half, 0.5) && is_near(bars[N_BARS - 1], 1.0));
    }

    #[test]
    fn silence_is_not_made_loud_and_nonsense_harms_nothing() {
        assert!(peaks(&bytes(&[0.001; 1_000])).iter().all(|bar| *bar < 0.1));
        assert!(peaks(&[]).is_empty());
        assert_eq!(peaks(&bytes(&[0.5])).len(), N_BARS);
        let bars = peaks(&bytes(&[f32::NAN, f32::INFINITY, -0.5, 0.25]));
        assert!(bars.iter().all(|bar| (0.0..=1.0).contains(bar)), "{bars:?}");
    }

    #[test]
    fn bars_stay_within_the_drawing_and_silence_is_seen() {
        assert_eq!(path(&[0.0, 1.0, 0.5]), "M1 23V25M4 1V47M7 12V36");
        assert_eq!(path(&[]), "");
    }
}
