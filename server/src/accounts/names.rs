//! Names of people: the title apart, the name as shown, the name to sort and to search by.

use crate::contacts::fold_words;

/// The titles that people write in front of their own name, with the form in which they are kept.
const TITLES: &[(&str, &str)] = &[
    ("Dr", "Dr"),
    ("Dr.", "Dr"),
    ("Dre", "Dre"),
    ("Dre.", "Dre"),
    ("Pr", "Pr"),
    ("Pr.", "Pr"),
    ("Pre", "Pre"),
    ("Pre.", "Pre"),
    ("Mme", "Mme"),
    ("Mme.", "Mme"),
    ("M.", "M."),
    ("Me", "Me"),
];

/// The name as shown: the title, a space, the name.
pub fn shown_name(title: &str, name: &str) -> String {
    if title.is_empty() {
        name.to_owned()
    } else {
        format!("{title} {name}")
    }
}

/// The first word of a name without title: what a sentence calls the person.
pub fn given_name(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or(name)
}

/// Splits a title off the front of a name: "Dre Anne Roy" is "Dre" and "Anne Roy". A title alone is a name.
pub(super) fn split_title(name: &str) -> (&'static str, &str) {
    let name = name.trim();
    let Some((first, rest)) = name.split_once(char::is_whitespace) else {
        return ("", name);
    };
    match TITLES.iter().find(|(typed, _)| *typed == first) {
        Some((_, kept)) => (kept, rest.trim_start()),
        None => ("", name),
    }
}

/// What a name sorts by: the family name, folded, then the given name.
///
/// Everything behind the first word is the family name: compound given names are hyphenated in Québec, family names
/// with a particle ("de la Cruz") are not.
pub(super) fn sort_name(name: &str) -> String {
    let given = given_name(name);
    let family = name.trim().strip_prefix(given).unwrap_or_default();
    let mut words = fold_words(family);
    words.extend(fold_words(given));
    words.join(" ")
}

/// The folded words that a person is found by, each behind a space, so that `like '% word%'` finds a word's beginning.
pub(super) fn search_text(title: &str, name: &str, profession: &str, workplace: &str) -> String {
    [title, name, profession, workplace]
        .into_iter()
        .flat_map(fold_words)
        .fold(String::new(), |text, word| text + " " + &word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_split_off_a_name() {
        assert_eq!(split_title("Dre Anne Roy"), ("Dre", "Anne Roy"));
        assert_eq!(split_title("Dr.  Minh Nguyen"), ("Dr", "Minh Nguyen"));
        assert_eq!(split_title("M. Luc Gagné"), ("M.", "Luc Gagné"));
        assert_eq!(split_title("Drew Barry"), ("", "Drew Barry"));
        assert_eq!(split_title("Dre"), ("", "Dre"));
    }

    #[test]
    fn a_name_is_shown_with_its_title_in_front() {
        assert_eq!(shown_name("Dre", "Anne Roy"), "Dre Anne Roy");
        assert_eq!(shown_name("", "Luc Gagné"), "Luc Gagné");
        assert_eq!(given_name("Marie-Josée Paquin-Desrosiers"), "Marie-Josée");
    }

    #[test]
    fn names_sort_by_family_name_without_accents() {
        assert_eq!(sort_name("Étienne Lavoie"), "lavoie etienne");
        assert_eq!(sort_name("María de la Cruz"), "de la cruz maria");
        assert_eq!(sort_name("Zoé"), "zoe");
    }

    #[test]
    fn every_searched_word_stands_behind_a_space() {
        assert_eq!(
            search_text("Dre", "Anne Roy", "cardiologue", "Hôpital du Parc"),
            " dre anne roy cardiologue hopital du parc"
        );
    }
}
