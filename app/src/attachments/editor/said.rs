//! What a screen reader is told: each act, also the second of two equal ones; and where a thing lies, once its keys have come to
//! rest.

use std::time::Duration;

use leptos::prelude::*;

use super::acts::{Pick, Tool};
use super::geometry::{Area, Size};
use crate::accounts::Language;
use crate::i18n::words::attachments::editor as t;

/// A place is told when no key has moved it for so long: whoever holds a key down would hear nothing but numbers.
const REST: Duration = Duration::from_millis(300);
/// At the end of what was said last already: a status that stays the same is not read again.
const ANEW: char = '\u{a0}';

/// What is told. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Said {
    words: RwSignal<String>,
    /// How often something was to be told: of what waits, the last alone is.
    n_wishes: StoredValue<u32>,
}

impl Said {
    pub(super) fn new() -> Self {
        Self {
            words: RwSignal::new(String::new()),
            n_wishes: StoredValue::new(0),
        }
    }

    /// What is told now; a view that reads it follows.
    pub(super) fn get(self) -> String {
        self.words.get()
    }

    /// Whether that is these words; a view that reads it follows.
    pub(super) fn is(self, words: &str) -> bool {
        self.words.with(|said| said.trim_end_matches(ANEW) == words)
    }

    /// Tells it now.
    pub(super) fn say(self, words: &str) {
        self.wish();
        self.words.update(|said| *said = anew(said, words));
    }

    /// Tells it once nothing else was to be told for a moment. Nothing, if there is nothing to tell by then.
    pub(super) fn say_at_rest(self, words: impl FnOnce() -> Option<String> + 'static) {
        let number = self.wish();
        let say = move || {
            if self.n_wishes.try_get_value() == Some(number)
                && let Some(words) = words()
            {
                self.say(&words);
            }
        };
        set_timeout(say, REST);
    }

    /// What was told is over.
    pub(super) fn hush(self) {
        self.wish();
        self.words.update(String::clear);
    }

    fn wish(self) -> u32 {
        let number = self.n_wishes.get_value().wrapping_add(1);
        self.n_wishes.set_value(number);
        number
    }
}

/// Other words than those before, which are read the same.
fn anew(before: &str, words: &str) -> String {
    let mut anew = words.to_owned();
    if before == words {
        anew.push(ANEW);
    }
    anew
}

/// Where in the picture something is, and how large, in hundredths of it.
pub(super) fn place(language: Language, pick: &Pick, size: Size) -> String {
    let Area { left, top, size: own } = pick.area(size);
    let percent = |part: u32, whole: u32| (u64::from(part) * 100 / u64::from(whole.max(1))).to_string();
    t::place(
        language,
        name(language, pick.tool),
        &percent(own.width, size.width),
        &percent(own.height, size.height),
        &percent(left, size.width),
        &percent(top, size.height),
    )
}

/// What a tool is called.
pub(super) fn name(language: Language, tool: Tool) -> &'static str {
    match tool {
        Tool::Crop => t::crop(language),
        Tool::Blur => t::blur(language),
        Tool::Bar => t::bar(language),
        Tool::Arrow => t::arrow(language),
        Tool::Text => t::text(language),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_twice_are_told_twice() {
        let mut said = String::new();
        for _ in 0..3 {
            let next = anew(&said, "Appliqué.");

            assert_ne!(next, said, "a screen reader would be silent");
            assert_eq!(next.trim_end_matches(ANEW), "Appliqué.");
            said = next;
        }
    }

    #[test]
    fn a_place_is_told_in_hundredths_of_the_picture() {
        let size = Size {
            width: 640,
            height: 480,
        };

        let told = place(Language::English, &Pick::new(Tool::Bar, size), size);

        assert_eq!(
            told,
            "Black bar: width 50%, height 10%, 25% from the left and 45% from the top"
        );
    }
}
