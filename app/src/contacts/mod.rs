//! The Network: the directory, friends, requests, a person's page.
//!
//! - `api`: the operations, what a card shows.
//! - `people`: everybody the page knows, each once; `live_people` keeps them true while the page is open.
//! - `network`: the page; its sections in `sections`, the directory and its search in `directory` and `query`.
//! - `card`: a person's card, with the one action that their relation allows.
//! - `person`: a person's own page; what one may do there in `person_actions`.

pub mod api;

mod card;
mod directory;
mod live_people;
mod network;
mod people;
mod person;
mod person_actions;
mod query;
mod sections;

pub use api::*;
pub use network::NetworkPage;
pub use person::PersonPage;

use crate::api::AccountId;

/// Where a person's photo is, if they have one.
pub fn photo_url(account: AccountId, photo: Option<u32>) -> Option<String> {
    photo.map(|version| format!("/photos/{account}/{version}"))
}

/// The text with a capital first letter: a profession at the beginning of a line.
pub fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// The text with a small first letter, unless it begins with an abbreviation: a profession inside a line.
fn uncapitalized(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), text.chars().nth(1)) {
        (Some(first), second) if !second.is_some_and(char::is_uppercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{capitalized, uncapitalized};

    #[test]
    fn a_profession_begins_as_its_place_in_the_line_asks() {
        assert_eq!(capitalized("ergothérapeute"), "Ergothérapeute");
        assert_eq!(capitalized("école"), "École");
        assert_eq!(uncapitalized("Médecin de famille"), "médecin de famille");
        assert_eq!(uncapitalized("IPS"), "IPS");
        assert_eq!(capitalized(""), "");
        assert_eq!(uncapitalized(""), "");
    }
}
