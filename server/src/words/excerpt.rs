//! What is shown of a text in which something was found: the words around it, on one line, with the found ones marked.

use std::fmt;
use std::ops::Range;

use super::find::spans;
use super::{Query, SegmentBuilder, tokens};

/// The most characters of an excerpt, without its dots.
const LENGTH: usize = 160;
/// How many of them stand before the first found word, at most.
const BEFORE: usize = 48;
/// So many found words are tried as the first one that is shown.
const MAX_TRIED: usize = 256;

/// A part of an excerpt.
#[derive(Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its letters.
    pub text: String,
    /// Whether it is what was looked for.
    pub is_match: bool,
}

impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Piece(…)")
    }
}

/// The part of a text in which most of what was looked for stands. A text that does not answer the query has no excerpt.
pub fn excerpt(text: &str, query: &Query) -> Option<Vec<Piece>> {
    let mut builder = SegmentBuilder::default();
    builder.push(0, 0, 0, text);
    let segment = builder.finish();
    if super::find(&segment, query).is_empty() {
        return None;
    }
    let words = tokens(text);
    let mut marks: Vec<Range<usize>> = Vec::new();
    for span in spans(&segment, query) {
        let at = |number: u32| usize::try_from(number).ok().and_then(|index| words.get(index));
        let (Some(first), Some(last)) = (at(span.start), at(span.end.saturating_sub(1))) else {
            continue;
        };
        match marks.last_mut().filter(|mark| first.at.start <= mark.end) {
            Some(mark) => mark.end = mark.end.max(last.at.end),
            None => marks.push(first.at.start..last.at.end),
        }
    }
    Some(cut(text, window(text, &marks), &marks))
}

/// The part to show: from the mark on from which most marks are near, a little before it.
fn window(text: &str, marks: &[Range<usize>]) -> Range<usize> {
    if text.chars().nth(LENGTH).is_none() {
        return 0..text.len();
    }
    let from = |mark: &Range<usize>| {
        let start = before(text, mark.start, BEFORE);
        start..after(text, start, LENGTH)
    };
    let n_shown = |window: &Range<usize>| {
        // They are in order, and none lies in another.
        let before = marks.partition_point(|mark| mark.start < window.start);
        let until = marks.partition_point(|mark| mark.end <= window.end);
        until.saturating_sub(before)
    };
    let windows = marks.iter().take(MAX_TRIED).map(from);
    // Of several that show as many, the first.
    let best = windows.rev().max_by_key(n_shown);
    best.unwrap_or_else(|| 0..after(text, 0, LENGTH))
}

/// The beginning of the word that stands `n_chars` before a place, or of the next one.
fn before(text: &str, at: usize, n_chars: usize) -> usize {
    let head = text.get(..at).unwrap_or_default();
    let Some((start, _)) = head
        .char_indices()
        .rev()
        .nth(n_chars.saturating_sub(1))
        .filter(|(start, _)| *start > 0)
    else {
        return 0;
    };
    let blank = head[start..].char_indices().find(|(_, c)| c.is_whitespace());
    blank.map_or(start, |(blank, c)| start + blank + c.len_utf8())
}

/// The end of the last whole word within `n_chars` of a place.
fn after(text: &str, at: usize, n_chars: usize) -> usize {
    let tail = text.get(at..).unwrap_or_default();
    let Some((end, _)) = tail.char_indices().nth(n_chars) else {
        return text.len();
    };
    let blank = tail[..end].char_indices().rev().find(|(_, c)| c.is_whitespace());
    at + blank.map_or(end, |(blank, _)| blank)
}

fn cut(text: &str, window: Range<usize>, marks: &[Range<usize>]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut push = |part: &str, is_match: bool| {
        let text = on_one_line(part);
        match pieces.last_mut().filter(|last| last.is_match == is_match) {
            Some(last) => last.text.push_str(&text),
            None if text.is_empty() => {}
            None => pieces.push(Piece { text, is_match }),
        }
    };
    if window.start > 0 {
        push("… ", false);
    }
    let mut at = window.start;
    for mark in marks {
        // A word longer than the window is shown as far as it goes.
        let (start, end) = (mark.start.max(at), mark.end.min(window.end));
        if start >= end {
            continue;
        }
        // No cut fails: what fails prints what it failed on.
        push(text.get(at..start).unwrap_or_default(), false);
        push(text.get(start..end).unwrap_or_default(), true);
        at = end;
    }
    push(text.get(at..window.end.max(at)).unwrap_or_default(), false);
    if window.end < text.len() {
        push(" …", false);
    }
    pieces
}

/// Blanks of all kinds, and ends of lines, as one blank; those that hold words together stay.
fn on_one_line(part: &str) -> String {
    let mut line = String::with_capacity(part.len());
    for c in part.chars() {
        let is_blank = c.is_whitespace() && !matches!(c, '\u{a0}' | '\u{202f}');
        if !is_blank {
            line.push(c);
        } else if !line.ends_with(' ') {
            line.push(' ');
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Found words in brackets.
    fn shown(text: &str, query: &str) -> String {
        let pieces = excerpt(text, &Query::parse(query)).unwrap();
        let show = |piece: Piece| {
            if piece.is_match {
                format!("[{}]", piece.text)
            } else {
                piece.text
            }
        };
        pieces.into_iter().map(show).collect()
    }

    #[test]
    fn found_words_are_marked_and_the_others_are_not() {
        assert_eq!(
            shown("L’INR de mardi est à 2,4.", "inr de mardi"),
            "L’[INR] de [mardi] est à 2,4."
        );
        assert_eq!(
            shown("Un suivi, des suivis.\n\nSuivi?", "suivi"),
            "Un [suivi], des [suivis]. [Suivi]?"
        );
        assert_eq!(
            shown("Appelez le 514 555-0199.", "5550199"),
            "Appelez le 514 [555-0199]."
        );
        assert_eq!(shown("Œdème : oui", "oedème"), "[Œdème] : oui");
    }

    #[test]
    fn of_a_long_text_the_part_is_shown_where_most_was_found() {
        let filling = "lorem ipsum dolor ".repeat(40);
        let text = format!("Le bilan {filling} voici le bilan et la radio de ce matin {filling}");

        let found = shown(&text, "bilan radio");

        assert!(found.starts_with("… "), "{found}");
        assert!(found.ends_with(" …"), "{found}");
        assert!(
            found.contains("voici le [bilan] et la [radio] de ce matin"),
            "{found}"
        );
        assert!(found.chars().count() <= LENGTH + 4 + 4, "{found}");
    }

    #[test]
    fn a_word_without_end_is_shown_as_far_as_it_goes() {
        let found = shown(&"a".repeat(5_000), "aaaa");

        assert!(
            found.starts_with("[aaa") && found.chars().count() <= LENGTH + 4,
            "{found}"
        );
    }

    /// Compared with each other, so many found words would take minutes.
    #[test]
    fn many_found_words_do_not_take_long_to_be_shown() {
        let text = "a ".repeat(300_000);

        let pieces = excerpt(&text, &Query::parse("a")).unwrap();

        assert!(pieces.iter().filter(|piece| piece.is_match).count() > 50);
    }

    #[test]
    fn a_number_with_other_signs_than_digits_is_shown_whole() {
        assert_eq!(shown("inr 51½555019", "inr 5"), "[inr] [51½555019]");
        assert_eq!(shown("inr 51½555019", "51"), "inr [51½555019]");
    }

    #[test]
    fn what_does_not_answer_has_no_excerpt() {
        assert_eq!(excerpt("Le bilan est prêt", &Query::parse("radio")), None);
        assert_eq!(excerpt("Le bilan est prêt", &Query::parse("")), None);
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(
            text in "(\\PC{0,30}|[aé œ'’-]{0,200}|[0-9½¼²é]{8,12} ){0,3}",
            query in "\\PC{0,8}|[aéo '-]{0,6}|[0-9]{1,3}",
        ) {
            let query = Query::parse(&query);
            if let Some(pieces) = excerpt(&text, &query) {
                prop_assert!(pieces.iter().any(|piece| piece.is_match));
                prop_assert!(pieces.iter().all(|piece| !piece.text.is_empty()));
            }
        }
    }
}
