//! What was typed into a search field: its terms, and the ways in which a text may answer them.
//!
//! A term is what stands between blanks. What is tied together inside it is one word, and so is, in a text, what is one word
//! here: "follow-up", "followup" and "follow up" ask the same. What is elided before a word need not be there, nor bare
//! function words, as long as anything else is asked for.

use std::fmt;

use unicode_normalization::char::is_combining_mark;

use super::fold::{Joint, is_elided, tokens};

/// Words that say nothing by themselves, folded, some of them as typed without their apostrophe. Negations are none of them.
const FUNCTION_WORDS: &[&str] = &[
    "a", "ai", "am", "an", "and", "are", "as", "at", "au", "aux", "avec", "be", "by", "ce", "ces", "cest",
    "cet", "cette", "chez", "dans", "de", "des", "du", "dun", "dune", "elle", "elles", "en", "est", "et",
    "for", "from", "he", "her", "his", "i", "il", "ils", "in", "is", "it", "its", "jai", "je", "la", "le",
    "les", "leur", "leurs", "lui", "ma", "me", "mes", "mon", "my", "nest", "nos", "notre", "nous", "of",
    "on", "ont", "or", "ou", "our", "par", "pour", "qu", "que", "qui", "quil", "quils", "quon", "sa", "se",
    "ses", "sest", "she", "son", "sont", "sur", "that", "the", "their", "them", "these", "they", "this",
    "to", "tu", "un", "une", "us", "vos", "votre", "vous", "was", "we", "were", "with", "y", "you", "your",
];

/// After an elision without its apostrophe a word has so many letters, or it is another word.
pub(super) const MIN_AFTER_ELISION: usize = 3;

/// At most so many terms are looked for as one word.
const MAX_RUN: usize = 6;

/// At most so many terms are looked for: each costs a look at all that is searched.
const MAX_TERMS: usize = 24;

/// What is looked for.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Query {
    pub(super) terms: Vec<Term>,
    pub(super) runs: Vec<Run>,
    /// What was typed behind the last term that is looked for.
    left: Vec<String>,
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Query(… of {} terms)", self.terms.len())
    }
}

/// One word, or several that were tied together.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Term {
    /// As it was typed.
    shown: String,
    pieces: Vec<String>,
    /// What was elided before it.
    lead: String,
    /// Whether its pieces may be one word.
    is_joined: bool,
    /// Whether a text without it is no answer.
    pub(super) is_needed: bool,
    /// Whether it is over, whatever is typed next.
    is_over: bool,
}

/// Terms next to each other, and how a text has them.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Run {
    /// The first of its terms.
    pub(super) first: usize,
    /// The first term after it.
    pub(super) end: usize,
    pub(super) way: Way,
}

/// How words stand in a text.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Way {
    /// As one word, or as neighbours that make it up.
    Made(Word),
    /// As one word.
    Single(Word),
    /// As these neighbours.
    Beside(Vec<Word>),
}

/// Folded letters.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Word {
    pub(super) raw: String,
    /// Whether it may go on: it is being typed.
    pub(super) is_open: bool,
}

impl Query {
    /// Reads what was typed. Its last word may be the beginning of one, unless something stands behind it. Of a long text the
    /// first terms count.
    pub fn parse(text: &str) -> Self {
        let mut terms = terms(text);
        let left = terms.split_off(terms.len().min(MAX_TERMS));
        let left: Vec<String> = left.into_iter().map(|term| term.shown).collect();
        if !terms.iter().any(|term| term.is_needed) {
            for term in &mut terms {
                term.is_needed = true;
            }
        }
        let is_letter = |c: char| c.is_alphanumeric() || is_combining_mark(c);
        let is_open = left.is_empty() && text.chars().next_back().is_some_and(is_letter);
        let runs = runs(&terms, is_open);
        Self { terms, runs, left }
    }

    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// How many letters a term has.
    pub(super) fn length_of(&self, index: usize) -> usize {
        self.terms
            .get(index)
            .map_or(0, |term| term.pieces.iter().map(String::len).sum())
    }

    /// What was typed and need not be there.
    pub fn ignored(&self) -> Vec<String> {
        let ignored = self.terms.iter().filter(|term| !term.is_needed);
        let ignored = ignored.map(|term| &term.shown).chain(&self.left);
        ignored.cloned().collect()
    }
}

impl Term {
    fn ways(&self, is_open: bool) -> Vec<Way> {
        let mut ways = Vec::new();
        if self.is_joined {
            ways.push(Way::Made(Word::new(self.joined(), is_open)));
        }
        if !self.is_joined || self.pieces.len() > 1 {
            let last = self.pieces.len().saturating_sub(1);
            let word = |(index, raw): (usize, &String)| Word::new(raw.clone(), is_open && index == last);
            ways.push(Way::Beside(self.pieces.iter().enumerate().map(word).collect()));
        }
        // "lhopital", but not "mai" for "m'ai".
        if self.is_joined && !self.lead.is_empty() && self.joined().len() >= MIN_AFTER_ELISION {
            ways.push(Way::Made(Word::new(self.lead.clone() + &self.joined(), is_open)));
        }
        ways
    }

    /// Whether its pieces, with one mark between them, are taken for one word: "555.0199", but not "2,4".
    fn is_long_number(&self) -> bool {
        self.is_number() && self.joined().len() >= 7
    }

    fn joined(&self) -> String {
        self.pieces.concat()
    }

    fn is_number(&self) -> bool {
        self.pieces.iter().all(|piece| is_number(piece))
    }

    fn is_letter(&self) -> bool {
        matches!(self.pieces.as_slice(), [piece] if piece.chars().count() == 1)
    }
}

pub(super) fn is_number(raw: &str) -> bool {
    raw.bytes().all(|byte| byte.is_ascii_digit())
}

fn terms(text: &str) -> Vec<Term> {
    let mut terms: Vec<Term> = Vec::new();
    let mut begin = 0;
    // What was elided and waits for its word, and where it stands.
    let mut lead: Option<(String, usize)> = None;
    let mut tokens = tokens(text).into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_tied = token.joint != Joint::Apart && lead.is_none();
        let precedes = tokens.peek().is_some_and(|next| next.joint == Joint::Elided);
        if !is_tied && lead.is_none() && precedes {
            lead = Some((token.raw, token.at.start));
            continue;
        }
        let Some(term) = terms.last_mut().filter(|_| is_tied) else {
            let (lead, start) = lead.take().unwrap_or((String::new(), token.at.start));
            begin = start;
            terms.push(Term {
                shown: shown(text, begin, token.at.end),
                is_needed: !is_function_word(&token.raw),
                pieces: vec![token.raw],
                lead,
                is_joined: true,
                is_over: false,
            });
            continue;
        };
        if token.joint == Joint::Apostrophe && token.raw == "s" {
            // "patient's" asks for the patient.
            term.is_over = true;
            continue;
        }
        term.is_joined &= token.joint != Joint::Beside;
        term.is_needed |= !is_function_word(&token.raw) && !is_elided(&token.raw);
        term.shown = shown(text, begin, token.at.end);
        term.pieces.push(token.raw);
    }
    for term in &mut terms {
        term.is_joined |= term.is_long_number();
    }
    terms
}

fn is_function_word(raw: &str) -> bool {
    FUNCTION_WORDS.binary_search(&raw).is_ok()
}

fn shown(text: &str, begin: usize, end: usize) -> String {
    text.get(begin..end).unwrap_or_default().to_owned()
}

/// Every way in which terms next to each other may stand in a text.
fn runs(terms: &[Term], is_open: bool) -> Vec<Run> {
    let mut runs = Vec::new();
    for (first, term) in terms.iter().enumerate() {
        for end in first + 1..=terms.len().min(first + MAX_RUN) {
            let Some(together) = terms.get(first..end) else {
                break;
            };
            let is_open = is_open && end == terms.len() && !together.iter().any(|term| term.is_over);
            let mut push = |way| runs.push(Run { first, end, way });
            if end == first + 1 {
                term.ways(is_open).into_iter().for_each(push);
                continue;
            }
            if !together.iter().all(|term| term.is_joined) {
                break;
            }
            let word = Word::new(together.iter().map(Term::joined).collect(), is_open);
            let n_not_numbers = together.iter().filter(|term| !term.is_number()).count();
            if n_not_numbers == 0 {
                push(Way::Made(word));
            } else if n_not_numbers == 1 || end == first + 2 || together.iter().all(Term::is_letter) {
                push(Way::Single(word));
            }
        }
    }
    runs
}

impl Word {
    fn new(raw: String, is_open: bool) -> Self {
        Self { raw, is_open }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is needed, and what is not.
    fn read(text: &str) -> (Vec<String>, Vec<String>) {
        let query = Query::parse(text);
        let needed = query.terms.iter().filter(|term| term.is_needed);
        (
            needed.map(|term| term.pieces.join("+")).collect(),
            query.ignored(),
        )
    }

    fn needs(text: &str, needed: &[&str], ignored: &[&str]) {
        let (found, left) = read(text);
        assert_eq!(
            (found.as_slice(), left.as_slice()),
            (owned(needed).as_slice(), owned(ignored).as_slice()),
            "{text}"
        );
    }

    fn owned(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn words_that_say_nothing_are_not_needed() {
        needs("l'INR de mardi", &["inr", "mardi"], &["de"]);
        needs("jusqu’à demain", &["demain"], &["jusqu’à"]);
        needs("results of the biopsy", &["results", "biopsy"], &["of", "the"]);
        needs("y a-t-il une fracture", &["fracture"], &["y", "a-t-il", "une"]);
        needs("est-ce que c'est", &["est+ce", "que", "est"], &[]);
        needs("vitamine D", &["vitamine", "d"], &[]);
        needs("pas de fièvre", &["pas", "fievre"], &["de"]);
    }

    #[test]
    fn what_is_tied_together_is_one_term() {
        needs("follow-up 555-0199", &["follow+up", "555+0199"], &[]);
        needs("patient's chart", &["patient", "chart"], &[]);
        needs("aujourd'hui", &["aujourd+hui"], &[]);
        needs("coup d'œil", &["coup", "oeil"], &[]);
        needs("coup-d’œil", &["coup+d+oeil"], &[]);
        needs("2,4", &["2+4"], &[]);
        needs(" … ", &[], &[]);
    }

    #[test]
    fn the_last_word_is_open_until_something_stands_behind_it() {
        let is_open = |text: &str| {
            Query::parse(text).runs.iter().any(|run| match &run.way {
                Way::Made(word) | Way::Single(word) => word.is_open,
                Way::Beside(words) => words.iter().any(|word| word.is_open),
            })
        };

        assert!(is_open("inr mar") && is_open("e\u{301}te\u{301}"));
        assert!(!is_open("inr mardi ") && !is_open("inr mardi."));
    }

    #[test]
    fn of_a_long_text_the_first_terms_are_looked_for_and_the_others_are_named() {
        let typed: Vec<String> = (100..130).map(|number| number.to_string()).collect();

        let (needed, ignored) = read(&typed.join(" "));

        assert_eq!((needed.as_slice(), ignored.as_slice()), typed.split_at(MAX_TERMS));
    }

    /// What was typed stands in no log, whoever writes a query there.
    #[test]
    fn prv_02_nothing_shows_what_was_typed() {
        let typed = "canariquizulu";
        let query = Query::parse(typed);

        for shown in [
            format!("{query:?}"),
            format!("{:?}", tokens(typed)),
            format!("{:?}", crate::words::excerpt(typed, &query)),
        ] {
            assert!(!shown.contains("canari"), "{shown}");
        }
    }

    #[test]
    fn function_words_are_in_order() {
        assert!(FUNCTION_WORDS.is_sorted());
    }
}
