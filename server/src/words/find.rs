//! Which messages of a segment answer a query: for each way in which terms may stand in a text the places where they do,
//! then the messages that have all that is needed.

use std::collections::HashMap;
use std::ops::Range;

use super::query::{MIN_AFTER_ELISION, Query, Way, Word, is_number};
use super::segment::{Entry, Places, Segment};
use super::{fold, singular};

/// At most so many words of a text make up one that is looked for.
const MAX_PIECES: u32 = 6;
/// Longer words are not taken apart: nobody writes such a one in pieces.
const MAX_TAKEN_APART: usize = 24;

/// Neighbouring words, by the number of the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    first: u32,
    n_words: u32,
}

/// The messages that answer, in their order. An empty query is answered by none.
pub fn find(segment: &Segment, query: &Query) -> Vec<Entry> {
    let entries: Vec<Entry> = segment.messages().collect();
    // Of many places of a word in a message one is enough: what is held does not grow with them.
    let Some(by_way) = look_up(segment, query, |places| messages_of(&entries, &places)) else {
        return Vec::new();
    };
    // The messages that answer the terms before this one; `None` for all of them.
    let mut reached: Vec<Option<Vec<usize>>> = vec![None];
    for (index, term) in query.terms.iter().enumerate() {
        let mut here = if term.is_needed {
            Some(Vec::new())
        } else {
            reached.last().cloned().flatten()
        };
        for run in &query.runs {
            let Some(found) = here.as_mut().filter(|_| run.end == index + 1) else {
                continue;
            };
            let mut messages = by_way.get(&run.way).cloned().unwrap_or_default();
            if let Some(Some(before)) = reached.get(run.first) {
                messages.retain(|message| before.binary_search(message).is_ok());
            }
            found.append(&mut messages);
            found.sort_unstable();
            found.dedup();
        }
        reached.push(here);
    }
    match reached.pop().flatten() {
        Some(found) => found
            .into_iter()
            .filter_map(|message| entries.get(message).copied())
            .collect(),
        None => entries,
    }
}

/// Where the words of an answer stand in a segment, by their numbers; what need not be there is left out.
pub(super) fn spans(segment: &Segment, query: &Query) -> Vec<Range<u32>> {
    let by_way = look_up(segment, query, |places| places).unwrap_or_default();
    let mut spans = Vec::new();
    for run in &query.runs {
        let places = by_way.get(&run.way).map(Vec::as_slice).unwrap_or_default();
        let terms = query.terms.get(run.first..run.end).unwrap_or_default();
        if terms.iter().any(|term| term.is_needed) {
            spans.extend(
                places
                    .iter()
                    .map(|place| place.first..place.first + place.n_words),
            );
        }
    }
    spans.sort_unstable_by_key(|span| (span.start, span.end));
    spans
}

/// What is kept of the places of each way, each way looked up once; `None` when something that is needed is nowhere.
fn look_up<'q, T>(
    segment: &Segment,
    query: &'q Query,
    keep: impl Fn(Vec<Place>) -> Vec<T>,
) -> Option<HashMap<&'q Way, Vec<T>>> {
    if query.is_empty() || segment.n_messages() == 0 {
        return None;
    }
    let look = |way: &Way| keep(Look { segment }.way(way));
    let mut by_way: HashMap<&Way, Vec<T>> = HashMap::new();
    let mut needed: Vec<usize> = (0..query.terms.len())
        .filter(|index| query.terms[*index].is_needed)
        .collect();
    // A long word is rarely there: most segments are done with it.
    needed.sort_by_key(|index| std::cmp::Reverse(query.length_of(*index)));
    for index in needed {
        let mut is_there = false;
        for run in query
            .runs
            .iter()
            .filter(|run| (run.first..run.end).contains(&index))
        {
            is_there |= !by_way
                .entry(&run.way)
                .or_insert_with(|| look(&run.way))
                .is_empty();
        }
        if !is_there {
            return None;
        }
    }
    for run in &query.runs {
        by_way.entry(&run.way).or_insert_with(|| look(&run.way));
    }
    Some(by_way)
}

/// The messages in which these places lie.
fn messages_of(entries: &[Entry], places: &[Place]) -> Vec<usize> {
    let mut messages = Vec::new();
    let mut message = 0;
    for place in places {
        while entries
            .get(message + 1)
            .is_some_and(|next| next.first <= place.first)
        {
            message += 1;
        }
        if messages.last() != Some(&message) {
            messages.push(message);
        }
    }
    messages
}

/// Looks words up.
#[derive(Clone, Copy)]
struct Look<'s> {
    segment: &'s Segment,
}

impl Look<'_> {
    /// In order, each once.
    fn way(self, way: &Way) -> Vec<Place> {
        let mut places = match way {
            Way::Single(word) => self.single(&word.raw, word.is_open),
            Way::Made(word) => self.made(word),
            Way::Beside(words) => self.beside(words),
        };
        places.sort_unstable();
        places.dedup();
        places
    }

    /// One word of a text, or its beginning.
    fn single(self, raw: &str, is_open: bool) -> Vec<Place> {
        let word = singular(raw);
        let mut found = if is_open {
            self.segment.starting_with(raw)
        } else {
            Vec::new()
        };
        if !is_open || !word.starts_with(raw) {
            found.extend(self.segment.find(&word));
        }
        let n_words = 1;
        let places = found.into_iter().flat_map(|places| self.segment.places(places));
        places.map(|first| Place { first, n_words }).collect()
    }

    /// One word of a text, or several that make it up.
    fn made(self, word: &Word) -> Vec<Place> {
        let mut places = self.single(&word.raw, word.is_open);
        if word.raw.len() <= MAX_TAKEN_APART {
            let mut known = vec![None; word.raw.len()];
            self.take_apart(word, 0, &mut known);
            places.extend(known.into_iter().next().flatten().unwrap_or_default());
        }
        places
    }

    /// Two words or more that make up a word from `at` on; `known` keeps what was found, by `at`.
    fn take_apart(self, word: &Word, at: usize, known: &mut [Option<Vec<Place>>]) {
        let Some(rest) = word.raw.get(at..).filter(|rest| !rest.is_empty()) else {
            return;
        };
        let mut found = Vec::new();
        for (length, heads) in self.segment.beginnings(rest) {
            for length in [Some(length), plural_length(rest, length)].into_iter().flatten() {
                let (head, tail) = rest.split_at(length);
                let parting = parting(word, head, tail);
                if parting == Parting::No {
                    continue;
                }
                let end = at + length;
                if known.get(end).is_some_and(Option::is_none) {
                    self.take_apart(word, end, known);
                }
                let mut tails: Vec<Place> = known.get(end).into_iter().flatten().flatten().copied().collect();
                match parting {
                    Parting::Yes => tails.extend(self.single(tail, word.is_open)),
                    Parting::Closed => tails.extend(self.single(tail, false)),
                    Parting::Further | Parting::No => {}
                }
                tails.sort_unstable();
                self.tie(heads, &tails, &mut found);
            }
        }
        if let Some(known) = known.get_mut(at) {
            *known = Some(found);
        }
    }

    /// The places of heads that stand right before one of the tails.
    fn tie(self, heads: Places, tails: &[Place], found: &mut Vec<Place>) {
        if tails.is_empty() {
            return;
        }
        for first in self.segment.places(heads) {
            let after = first.saturating_add(1);
            let begin = tails.partition_point(|tail| tail.first < after);
            let behind = tails.iter().skip(begin).take_while(|tail| tail.first == after);
            found.extend(behind.filter(|tail| tail.n_words < MAX_PIECES).map(|tail| Place {
                first,
                n_words: tail.n_words + 1,
            }));
        }
    }

    /// These words one behind the other.
    fn beside(self, words: &[Word]) -> Vec<Place> {
        let mut words = words.iter();
        let Some(word) = words.next() else {
            return Vec::new();
        };
        let mut places = self.single(&word.raw, word.is_open);
        for word in words {
            let mut next = self.single(&word.raw, word.is_open);
            next.sort_unstable();
            for place in &mut places {
                let behind = Place {
                    first: place.first + place.n_words,
                    n_words: 1,
                };
                place.n_words = if next.binary_search(&behind).is_ok() {
                    place.n_words + 1
                } else {
                    0
                };
            }
            places.retain(|place| place.n_words > 0);
        }
        places
    }
}

/// The length of a beginning with the plural letter behind it, if that is one.
fn plural_length(rest: &str, length: usize) -> Option<usize> {
    let is_letter = matches!(rest.as_bytes().get(length), Some(b's' | b'x'));
    let plural = rest.get(..=length).filter(|_| is_letter)?;
    (singular(plural) == rest[..length]).then_some(length + 1)
}

/// Whether a word may stand in a text in two parts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parting {
    No,
    /// If the second part is in several parts itself.
    Further,
    /// If the second part is a whole word, although it may be unfinished.
    Closed,
    Yes,
}

fn parting(word: &Word, head: &str, tail: &str) -> Parting {
    let yes_if = |is_so: bool| if is_so { Parting::Yes } else { Parting::No };
    if tail.is_empty() {
        return Parting::No;
    }
    if is_number(&word.raw) {
        // "24" is not "2,4". In the groups of a telephone number stand two digits or more, but for a leading 1.
        let n_wanted = match word.raw.len() {
            0..5 => usize::MAX,
            5..7 => 2,
            _ => 1,
        };
        return yes_if(head.len() >= n_wanted && tail.len() >= n_wanted);
    }
    if fold::is_elided(head) && tail.len() < MIN_AFTER_ELISION {
        // "dos" is not "d'os"; "ecg" may be "e.c.g.".
        let is_last_letter = tail.len() == 1 && word.raw.len() > 2;
        return if is_last_letter {
            Parting::Closed
        } else {
            Parting::Further
        };
    }
    if word.is_open && tail.len() == 1 && head.len() < 3 {
        // What is being typed has hardly begun: "as" is not "a sent".
        return Parting::Closed;
    }
    Parting::Yes
}

#[cfg(test)]
#[path = "find_tests.rs"]
mod tests;
