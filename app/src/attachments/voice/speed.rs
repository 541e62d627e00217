//! How fast a sound is played.

use crate::accounts::Language;

/// A speed; each person has one for everything they hear at a device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Speed {
    /// As it was said.
    #[default]
    Normal,
    /// A quarter faster.
    Brisk,
    /// Half faster.
    Fast,
    /// Twice as fast.
    Double,
}

impl Speed {
    /// All of them, the slowest first.
    pub const ALL: [Self; 4] = [Self::Normal, Self::Brisk, Self::Fast, Self::Double];

    /// As a browser takes it.
    pub fn factor(self) -> f64 {
        match self {
            Self::Normal => 1.0,
            Self::Brisk => 1.25,
            Self::Fast => 1.5,
            Self::Double => 2.0,
        }
    }

    /// The next faster one; after the fastest, the slowest.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Normal => Self::Brisk,
            Self::Brisk => Self::Fast,
            Self::Fast => Self::Double,
            Self::Double => Self::Normal,
        }
    }

    /// "1,25×".
    pub fn words(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Normal, _) => "1×",
            (Self::Brisk, Language::French) => "1,25×",
            (Self::Brisk, Language::English) => "1.25×",
            (Self::Fast, Language::French) => "1,5×",
            (Self::Fast, Language::English) => "1.5×",
            (Self::Double, _) => "2×",
        }
    }

    /// As a device keeps it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Normal => "100",
            Self::Brisk => "125",
            Self::Fast => "150",
            Self::Double => "200",
        }
    }

    /// The one that a device has kept; the normal one for what nobody knows.
    pub fn of_code(code: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|speed| speed.code() == code)
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pressing_leads_through_all_speeds_and_back() {
        let mut speed = Speed::Normal;
        for expected in [Speed::Brisk, Speed::Fast, Speed::Double, Speed::Normal] {
            assert!(expected == Speed::Normal || expected.factor() > speed.factor());
            speed = speed.next();
            assert_eq!(speed, expected);
        }
    }

    #[test]
    fn a_speed_is_kept_and_nonsense_is_the_normal_one() {
        for speed in Speed::ALL {
            assert_eq!(Speed::of_code(speed.code()), speed);
        }
        assert_eq!(Speed::of_code("17"), Speed::Normal);
        assert_eq!(Speed::Brisk.words(Language::French), "1,25×");
        assert_eq!(Speed::Brisk.words(Language::English), "1.25×");
    }
}
