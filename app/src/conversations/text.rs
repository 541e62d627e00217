//! What stands inside a bubble: links are found, a few emoji alone are shown large. The words themselves are never
//! rewritten.

use leptos::prelude::*;

use super::{Message, MessageBody};
use crate::accounts::Language;
use crate::apart::is_taking_over;
use crate::attachments::{Attachments, in_a_line};
use crate::i18n::words;

/// The words of a message, or what stands for words that were deleted or cannot be shown.
pub(super) fn shown_words(language: Language, body: &MessageBody, is_deleted: bool) -> String {
    if is_deleted {
        words::conversations::deleted(language).to_owned()
    } else if body.is_withheld() {
        words::conversations::withheld(language).to_owned()
    } else {
        body.as_str().to_owned()
    }
}

/// The words of a message in a line: of one that has none, its files.
pub(super) fn message_words(language: Language, message: &Message) -> String {
    let is_deleted = message.deleted_at.is_some();
    words_or_files(language, &message.body, is_deleted, &message.attachments)
}

/// What a message says or has said, or quotes, in a line: where there are no words, the files that stand in their place.
pub(super) fn words_or_files(
    language: Language,
    body: &MessageBody,
    is_deleted: bool,
    attachments: &Attachments,
) -> String {
    if attachments.is_empty() {
        return shown_words(language, body, is_deleted);
    }
    let words = body.as_str();
    // What the server has drawn is on the screen, and the words for files come later.
    if is_taking_over() {
        return words.to_owned();
    }
    in_a_line(language, words, attachments)
}

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece<'a> {
    Words(&'a str),
    Link(&'a str),
}

/// What begins a link. No other scheme is followed.
const SCHEMES: [&str; 4] = ["https://", "http://", "mailto:", "tel:"];

/// The text of a message. A link opens apart from this page and tells nobody where it came from.
pub(super) fn message_text(text: &str) -> AnyView {
    let pieces = pieces(text);
    if let [Piece::Words(words)] = pieces[..] {
        return words.to_owned().into_any();
    }
    pieces
        .into_iter()
        .map(|piece| match piece {
            Piece::Words(words) => words.to_owned().into_any(),
            Piece::Link(link) => view! {
                <a href=link.to_owned() target="_blank" rel="noopener noreferrer">
                    {link.to_owned()}
                </a>
            }
            .into_any(),
        })
        .collect_view()
        .into_any()
}

/// Whether the text is one to three emoji and nothing else.
pub(super) fn is_big(text: &str) -> bool {
    let mut n_emoji = 0;
    let mut is_joined = false;
    for c in text.chars() {
        match c {
            '\u{200d}' => is_joined = true,
            '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' | ' ' => {}
            // Two letters make a flag.
            '\u{1f1e6}'..='\u{1f1ff}' => n_emoji += usize::from(!is_joined),
            '\u{1f300}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' | '\u{2b50}' => {
                n_emoji += usize::from(!is_joined) * 2;
                is_joined = false;
            }
            _ => return false,
        }
    }
    (2..=6).contains(&n_emoji)
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut begin = 0;
    let mut here = 0;
    while let Some(rest) = text.get(here..).filter(|rest| !rest.is_empty()) {
        let is_at_word = here == 0
            || text
                .get(..here)
                .and_then(|before| before.chars().next_back())
                .is_none_or(|c| !c.is_alphanumeric());
        match link_length(rest).filter(|_| is_at_word) {
            Some(length) => {
                if begin < here {
                    pieces.push(Piece::Words(text.get(begin..here).unwrap_or_default()));
                }
                pieces.push(Piece::Link(text.get(here..here + length).unwrap_or_default()));
                here += length;
                begin = here;
            }
            None => here += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    if begin < text.len() || pieces.is_empty() {
        pieces.push(Piece::Words(text.get(begin..).unwrap_or_default()));
    }
    pieces
}

/// How many bytes of the beginning are a link. Punctuation at its end belongs to the sentence.
fn link_length(text: &str) -> Option<usize> {
    let scheme = SCHEMES.iter().find(|scheme| text.starts_with(**scheme))?;
    let end = text
        .find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '«' | '»'))
        .unwrap_or(text.len());
    let mut link = text
        .get(..end)?
        .trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '’']);
    // A closing bracket belongs to the link only with an opening one.
    while link.ends_with(')') && link.matches('(').count() < link.matches(')').count() {
        link = link
            .strip_suffix(')')?
            .trim_end_matches(['.', ',', ';', ':', '!', '?']);
    }
    (link.len() > scheme.len()).then_some(link.len())
}

#[cfg(test)]
mod tests {
    use super::{Piece, is_big, pieces};

    #[test]
    fn links_are_found_and_punctuation_stays_in_the_sentence() {
        assert_eq!(
            pieces("Voir https://exemple.org/a_(b), puis tel:+15145550142."),
            [
                Piece::Words("Voir "),
                Piece::Link("https://exemple.org/a_(b)"),
                Piece::Words(", puis "),
                Piece::Link("tel:+15145550142"),
                Piece::Words("."),
            ]
        );
        assert_eq!(
            pieces("(https://a.org)"),
            [Piece::Words("("), Piece::Link("https://a.org"), Piece::Words(")")]
        );
    }

    #[test]
    fn nothing_else_is_a_link() {
        for text in [
            "javascript:alert(1)",
            "INR à 2,4",
            "xhttps://a.org",
            "https://",
            "",
            "data:text/html,é",
        ] {
            assert_eq!(pieces(text), [Piece::Words(text)], "{text}");
        }
    }

    #[test]
    fn the_pieces_put_together_are_the_text() {
        for text in [
            "é https://é.org é",
            "https://a.org https://b.org",
            "tel:1\nmailto:a@b.org\n",
        ] {
            let whole: String = pieces(text)
                .into_iter()
                .map(|piece| match piece {
                    Piece::Words(text) | Piece::Link(text) => text,
                })
                .collect();
            assert_eq!(whole, text);
        }
    }

    #[test]
    fn one_to_three_emoji_alone_are_big() {
        for text in ["👍", "👍🏽 🎉", "👩‍⚕️", "❤️❤️❤️", "🇨🇦"] {
            assert!(is_big(text), "{text}");
        }
        for text in ["👍👍👍👍", "ok 👍", "", " ", "12"] {
            assert!(!is_big(text), "{text}");
        }
    }
}
