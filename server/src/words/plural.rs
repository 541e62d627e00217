//! Simple plurals, French and English: "hôpitaux" meets "hôpital", "biopsies" meets "biopsie" and "biopsy".
//!
//! A word and its plural end as the same letters, which need not be a word of any language: what counts is that they meet,
//! and that few others meet them. Nothing else is taken off: a word is found by its own letters.

use std::borrow::Cow;

/// Words in "s" of which the rest is another word, or nobody's singular.
const INVARIABLE: &[&str] = &[
    "alors", "apres", "avis", "cours", "dans", "does", "fois", "hors", "jamais", "lors", "mais", "moins",
    "mois", "news", "nous", "plus", "pois", "pres", "puis", "sans", "sous", "this", "thus", "tous", "tres",
    "vers", "vous",
];

/// Plurals that no rule below leads back.
const IRREGULAR: &[(&str, &str)] = &[
    ("baux", "bail"),
    ("bonuses", "bonus"),
    ("buses", "bus"),
    ("children", "child"),
    ("cieux", "ciel"),
    ("coraux", "corail"),
    ("emaux", "email"),
    ("feet", "foot"),
    ("fetuses", "fetus"),
    ("foetuses", "foetus"),
    ("gases", "gas"),
    ("halves", "half"),
    ("lenses", "lens"),
    ("lives", "life"),
    ("men", "man"),
    ("mesdames", "madame"),
    ("messieurs", "monsieur"),
    ("mice", "mouse"),
    ("sinuses", "sinus"),
    ("teeth", "tooth"),
    ("travaux", "travail"),
    ("ups", "up"),
    ("uteruses", "uterus"),
    ("viruses", "virus"),
    ("vitraux", "vitrail"),
    ("wives", "wife"),
    ("women", "woman"),
    ("yeux", "oeil"),
];

/// A folded word without what a plural adds to it; words of three letters stay.
pub fn singular(word: &str) -> Cow<'_, str> {
    if let Ok(index) = IRREGULAR.binary_search_by_key(&word, |(plural, _)| plural) {
        let (_, singular) = IRREGULAR[index];
        return Cow::Owned(without_ending(singular).into_owned());
    }
    without_ending(word)
}

fn without_ending(word: &str) -> Cow<'_, str> {
    let is_plain = word.len() > 3 && word.is_ascii() && !word.ends_with(|c: char| c.is_ascii_digit());
    if !is_plain || INVARIABLE.binary_search(&word).is_ok() {
        return Cow::Borrowed(word);
    }
    // "eaux", "eux", "oux", but "aux" is the plural of "al": and so is what ends in "au" taken for it.
    if let Some(stem) = word.strip_suffix("eaux") {
        return Cow::Owned(format!("{stem}eau"));
    }
    if let Some(stem) = word.strip_suffix("aux") {
        return Cow::Owned(format!("{stem}al"));
    }
    if word.ends_with("eux") || word.ends_with("oux") {
        return Cow::Borrowed(&word[..word.len() - 1]);
    }
    // "analysis", "analyses" and "analyse"; "crisis" and "crise".
    if let Some(stem) = word.strip_suffix("sis").filter(|stem| stem.len() > 1) {
        return Cow::Owned(format!("{stem}se"));
    }
    let word = match word.strip_suffix('s') {
        Some(stem) if !stem.ends_with('s') => stem,
        _ => word,
    };
    without_singular_ending(word)
}

/// Where singulars differ from what is left of their plurals.
fn without_singular_ending(word: &str) -> Cow<'_, str> {
    if let Some(stem) = word
        .strip_suffix("au")
        .filter(|stem| stem.len() > 1 && !stem.ends_with('e'))
    {
        return Cow::Owned(format!("{stem}al"));
    }
    if let Some(stem) = word.strip_suffix('y')
        && stem.len() > 2
        && !stem.ends_with(['a', 'e', 'i', 'o', 'u'])
    {
        return Cow::Owned(format!("{stem}ie"));
    }
    // "boxes" and "box", "branches" and "branch", "masses" and "mass"; the French words in "e" go the same way.
    for ending in ["xe", "che", "she", "sse"] {
        if word.len() > ending.len() + 1 && word.ends_with(ending) {
            return Cow::Borrowed(&word[..word.len() - 1]);
        }
    }
    if word.len() > 5 && word.ends_with("oe") {
        return Cow::Borrowed(&word[..word.len() - 1]);
    }
    Cow::Borrowed(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All of a line meet.
    const ALIKE: &[&[&str]] = &[
        &["hopital", "hopitaux"],
        &["journal", "journaux"],
        &["vital", "vitaux", "vitals"],
        &["mal", "maux"],
        &["travail", "travaux"],
        &["niveau", "niveaux"],
        &["tuyau", "tuyaux"],
        &["genou", "genoux"],
        &["cheveu", "cheveux"],
        &["oeil", "yeux"],
        &["resultat", "resultats"],
        &["douleur", "douleurs"],
        &["tissu", "tissus"],
        &["allergie", "allergies", "allergy"],
        &["biopsie", "biopsies", "biopsy"],
        &["therapie", "therapies", "therapy"],
        &["study", "studies"],
        &["dose", "doses"],
        &["box", "boxes"],
        &["taxe", "taxes", "tax"],
        &["reflexe", "reflexes"],
        &["branche", "branches", "branch"],
        &["patch", "patches"],
        &["masse", "masses", "mass"],
        &["abscess", "abscesses"],
        &["process", "processes"],
        &["analyse", "analyses", "analysis"],
        &["diagnosis", "diagnoses"],
        &["crise", "crises", "crisis"],
        &["virus", "viruses"],
        &["child", "children"],
        &["woman", "women"],
        &["foot", "feet"],
        &["inr", "inrs"],
        &["ecg", "ecgs"],
        &["email", "emails"],
        &["up", "ups"],
        &["potato", "potatoes"],
    ];

    /// All of a line stay apart.
    const UNLIKE: &[&[&str]] = &[
        &["mai", "mais"],
        &["moi", "mois"],
        &["mal", "mail"],
        &["foi", "fois"],
        &["ver", "vers"],
        &["sou", "sous"],
        &["new", "news"],
        &["cour", "cours"],
        &["os", "o"],
        &["cas", "ca"],
        &["pas", "pa"],
        &["stress", "stres"],
        &["day", "daie"],
        &["2", "2s"],
    ];

    #[test]
    fn plurals_meet_their_singulars() {
        for line in ALIKE {
            let first = singular(line[0]);
            for word in *line {
                assert_eq!(singular(word), first, "{word}");
            }
        }
    }

    #[test]
    fn other_words_do_not_meet() {
        for line in UNLIKE {
            assert_ne!(singular(line[0]), singular(line[1]), "{line:?}");
        }
    }

    #[test]
    fn tables_are_in_order() {
        assert!(INVARIABLE.is_sorted());
        assert!(IRREGULAR.is_sorted());
    }

    #[test]
    fn other_scripts_stay_as_they_are() {
        for word in ["врачи", "γιατροί", "b12", "2026"] {
            assert_eq!(singular(word), word);
        }
    }
}
