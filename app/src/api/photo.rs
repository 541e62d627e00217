//! The forms in which a person's photo is shown; each has its own address.

use std::str::FromStr;

use super::ApiError;

/// The lighter forms of a photo: a page shows a dozen before it is alive, and they travel together with its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhotoForm {
    /// 128 pixels, about 1.4 kB: for avatars of up to 48 CSS pixels.
    Small,
    /// 352 pixels, about 3.5 kB: for the cards of a directory, 176 CSS pixels on a screen of double density, and for larger
    /// avatars.
    Card,
}

impl PhotoForm {
    const fn word(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Card => "card",
        }
    }

    /// The address of this form of the photo at `url`.
    pub fn of(self, url: &str) -> String {
        [url, "/", self.word()].concat()
    }
}

impl FromStr for PhotoForm {
    type Err = ApiError;

    /// The last part of the form's address.
    ///
    /// # Errors
    /// `NotFound` for any other word.
    fn from_str(word: &str) -> Result<Self, ApiError> {
        [Self::Small, Self::Card]
            .into_iter()
            .find(|form| form.word() == word)
            .ok_or(ApiError::NotFound)
    }
}
