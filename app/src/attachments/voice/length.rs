//! How long a sound is, as it is shown and as it is said.

use crate::accounts::Language;
use crate::i18n::words::attachments::voice as t;

const NBSP: char = '\u{a0}';

/// "0:07", "12:05", "1:02:09".
pub fn clock(seconds: u32) -> String {
    let (minutes, rest) = (seconds / 60, seconds % 60);
    if minutes < 60 {
        return format!("{minutes}:{rest:02}");
    }
    format!("{}:{:02}:{rest:02}", minutes / 60, minutes % 60)
}

/// "7 s", "12 min 5 s": what a screen reader can say.
pub fn spoken(seconds: u32) -> String {
    let (minutes, rest) = (seconds / 60, seconds % 60);
    match (minutes, rest) {
        (0, rest) => format!("{rest}{NBSP}s"),
        (minutes, 0) => format!("{minutes}{NBSP}min"),
        (minutes, rest) => format!("{minutes}{NBSP}min {rest}{NBSP}s"),
    }
}

/// "7 s sur 12 min 5 s"; where the end is not known, "7 s".
pub fn place(language: Language, at: u32, length: Option<u32>) -> String {
    match length {
        Some(length) => t::place(language, &spoken(at), &spoken(length)),
        None => spoken(at),
    }
}

/// Whole seconds of a browser's clock, which may say nothing sensible.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a fraction stays within the bounds of the number"
)]
pub fn whole(seconds: f64) -> u32 {
    seconds as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_shown_as_on_a_clock() {
        for (seconds, shown) in [
            (0, "0:00"),
            (7, "0:07"),
            (60, "1:00"),
            (299, "4:59"),
            (725, "12:05"),
            (3_600, "1:00:00"),
            (3_729, "1:02:09"),
        ] {
            assert_eq!(clock(seconds), shown);
        }
    }

    #[test]
    fn a_length_is_said_in_minutes_and_seconds() {
        assert_eq!(spoken(0), "0\u{a0}s");
        assert_eq!(spoken(120), "2\u{a0}min");
        assert_eq!(spoken(725), "12\u{a0}min 5\u{a0}s");
        assert_eq!(
            place(Language::French, 7, Some(725)),
            "7\u{a0}s sur 12\u{a0}min 5\u{a0}s"
        );
        assert_eq!(place(Language::English, 7, None), "7\u{a0}s");
    }

    #[test]
    fn a_clock_without_sense_shows_zero() {
        assert_eq!(whole(2.9), 2);
        for nonsense in [-1.0, f64::NAN, f64::NEG_INFINITY] {
            assert_eq!(whole(nonsense), 0);
        }
    }
}
