//! People who are easily taken for each other: the same name, or nearly.
//!
//! Source: product requirement C6.

use app::api::{AccountId, Timestamp};
use app::contacts::Person;

use super::{fold_words, name_order, person};
use crate::accounts::{self, Card};
use crate::error::Result;
use crate::friendships;
use crate::store::Tx;

/// The friends of `viewer` whose names are the same as `account`'s or nearly so, by name; `account` is not among them.
///
/// # Errors
/// Only failures.
pub fn list_look_alikes(
    tx: &mut Tx<'_>,
    viewer: AccountId,
    account: AccountId,
    now: Timestamp,
) -> Result<Vec<Person>> {
    let Some(card) = accounts::find_card(tx, account)? else {
        return Ok(Vec::new());
    };
    let mut others = friendships::list_friend_ids(tx, viewer)?;
    others.retain(|other| *other != account);
    let mut alike: Vec<Card> = accounts::find_cards(tx, &others)?;
    alike.retain(|other| are_alike(&card.name, &other.name));
    alike.sort_by_cached_key(|card| (name_order(&card.name), card.id));
    alike
        .into_iter()
        .map(|card| person(tx, viewer, card, now))
        .collect()
}

/// Whether one of two names, without titles, is easily read for the other.
fn are_alike(one: &str, other: &str) -> bool {
    let ((family, given), (other_family, other_given)) = (name_order(one), name_order(other));
    let (one, other) = (fold_words(one).join(" "), fold_words(other).join(" "));
    let n_letters = one.len().min(other.len());
    // A letter or two more, less, other, or in another order; in a short name they make another one.
    let n_apart = if n_letters < 10 { 1 } else { 2 };
    let (given, other_given) = (given.concat(), other_given.concat());
    let begins = given.starts_with(&other_given) || other_given.starts_with(&given);
    let is_longer_form = family == other_family && given.len().min(other_given.len()) > 1 && begins;
    is_longer_form || distance(one.as_bytes(), other.as_bytes()) <= n_apart
}

/// How many letters must be put in, taken out, changed or swapped with their neighbours to make one word of the other.
fn distance(one: &[u8], other: &[u8]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, wanted) in other.iter().enumerate() {
            let mut n_least = (last[column] + usize::from(letter != wanted))
                .min(last[column + 1] + 1)
                .min(next[column] + 1);
            let is_swapped = row > 0 && column > 0 && one[row - 1] == *wanted && *letter == other[column - 1];
            if is_swapped {
                n_least = n_least.min(before[column - 1] + 1);
            }
            next.push(n_least);
        }
        before = std::mem::replace(&mut last, next);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_the_same_or_nearly_are_alike() {
        for (one, other) in [
            ("Étienne Lavoie", "Etienne Lavoie"),
            ("Anne Roy", "Anna Roy"),
            ("Anne Roy", "Anne Roi"),
            ("Marie Côté", "Marie-Josée Côté"),
            ("Jean Tremblay", "Jean-Paul Tremblay"),
            ("Caroline Tremblay", "Karoline Trembley"),
            ("Minh Nguyen", "Mihn Nguyen"),
            ("Luc Gagné", "Lucie Gagné"),
        ] {
            assert!(are_alike(one, other) && are_alike(other, one), "{one}, {other}");
        }
    }

    #[test]
    fn other_names_are_not() {
        for (one, other) in [
            ("Anne Roy", "Luc Roy"),
            ("Anne Roy", "Anne Côté"),
            ("Marc Roy", "Marie Roy"),
            ("Inès Haddad", "Fatou Diallo"),
            ("A Roy", "Anne Roy"),
        ] {
            assert!(!are_alike(one, other), "{one}, {other}");
        }
    }

    #[test]
    fn distances_are_those_of_letters() {
        assert_eq!(distance(b"", b""), 0);
        assert_eq!(distance(b"roy", b""), 3);
        assert_eq!(distance(b"roy", b"roi"), 1);
        assert_eq!(distance(b"minh", b"mihn"), 1);
        assert_eq!(distance(b"kitten", b"sitting"), 3);
    }
}
