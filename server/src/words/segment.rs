//! A segment: the words of many messages, laid out to be looked up without being unpacked.
//!
//! Every word of every message has a number, in the order of the messages, with one number left out between two of them: so
//! neighbours are found by their numbers, and none across the end of a message. A segment holds for each message when it was
//! sent and its marks, and for each word, in its singular, the numbers at which it stands.
//!
//! The bytes, all numbers as `bytes` has them unless it says otherwise:
//! ```text
//! version 1 · number of messages · numbers given out · bytes of the messages · number of blocks
//! messages: position, less the one before · time sent, less the one before · marks · number of words
//! blocks:   where each begins, four bytes each, the lowest first
//! words:    in order, sixteen to a block: letters shared with the word before · other letters · bytes of its places · places
//! ```

use std::collections::BTreeMap;
use std::fmt;

use super::bytes::{Reader, put, put_signed};
use super::{singular, tokens};

const VERSION: u64 = 1;
/// Words of a block: looking one up reads this many at most.
const BLOCK: usize = 16;

/// What a segment knows of a message, beside its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the conversation.
    pub position: u64,
    /// When it was stored, in milliseconds since the Unix epoch.
    pub sent_at: i64,
    /// What else may be asked of it, as the caller of [`SegmentBuilder::push`] has it.
    pub marks: u64,
    /// The number of its first word.
    pub(super) first: u32,
}

/// Puts messages together to a segment.
#[derive(Default)]
pub struct SegmentBuilder {
    messages: Vec<Entry>,
    words: BTreeMap<String, Vec<u32>>,
    next: u32,
}

impl SegmentBuilder {
    /// Puts the next message behind the others.
    pub fn push(&mut self, position: u64, sent_at: i64, marks: u64, text: &str) {
        self.messages.push(Entry {
            position,
            sent_at,
            marks,
            first: self.next,
        });
        for token in tokens(text) {
            let word = singular(&token.raw);
            match self.words.get_mut(word.as_ref()) {
                Some(places) => places.push(self.next),
                None => drop(self.words.insert(word.into_owned(), vec![self.next])),
            }
            self.next += 1;
        }
        self.next += 1;
    }

    /// Puts all messages of a segment behind the others.
    fn append(&mut self, segment: &Segment) {
        for entry in segment.messages() {
            self.messages.push(Entry {
                first: self.next + entry.first,
                ..entry
            });
        }
        let mut words = segment.words(0);
        while let Some(word) = words.next() {
            let places = segment.places(word.places).map(|place| place + self.next);
            match self.words.get_mut(words.letters()) {
                Some(known) => known.extend(places),
                None => drop(self.words.insert(words.letters().to_owned(), places.collect())),
            }
        }
        self.next += segment.n_numbers;
    }

    /// How many words it holds, with one more for each message.
    pub fn n_numbers(&self) -> u32 {
        self.next
    }

    /// The segment.
    pub fn finish(self) -> Segment {
        let mut messages = Vec::with_capacity(self.messages.len() * 8);
        let (mut position, mut sent_at) = (0, 0);
        let ends = self.messages.iter().skip(1).map(|entry| entry.first);
        for (entry, end) in self.messages.iter().zip(ends.chain([self.next])) {
            put(&mut messages, entry.position.wrapping_sub(position));
            put_signed(&mut messages, entry.sent_at.wrapping_sub(sent_at));
            put(&mut messages, entry.marks);
            put(&mut messages, u64::from(end - entry.first - 1));
            (position, sent_at) = (entry.position, entry.sent_at);
        }
        let (blocks, words) = lay_out(&self.words);
        let mut bytes = Vec::with_capacity(messages.len() + 4 * blocks.len() + words.len() + 16);
        put(&mut bytes, VERSION);
        put(&mut bytes, self.messages.len() as u64);
        put(&mut bytes, u64::from(self.next));
        put(&mut bytes, messages.len() as u64);
        put(&mut bytes, blocks.len() as u64);
        bytes.extend_from_slice(&messages);
        bytes.extend(blocks.iter().flat_map(|begin| begin.to_le_bytes()));
        bytes.extend_from_slice(&words);
        // What was just written can be read.
        Segment::read(bytes).unwrap_or_default()
    }
}

/// Where each block begins, and the words.
fn lay_out(all: &BTreeMap<String, Vec<u32>>) -> (Vec<u32>, Vec<u8>) {
    let (mut blocks, mut words) = (Vec::new(), Vec::new());
    let (mut before, mut of_word): (&str, Vec<u8>) = ("", Vec::new());
    for (index, (word, places)) in all.iter().enumerate() {
        if index % BLOCK == 0 {
            blocks.push(u32::try_from(words.len()).unwrap_or(u32::MAX));
            before = "";
        }
        let n_shared = n_alike(before.as_bytes(), word.as_bytes());
        put(&mut words, n_shared as u64);
        put(&mut words, (word.len() - n_shared) as u64);
        words.extend_from_slice(&word.as_bytes()[n_shared..]);
        of_word.clear();
        let mut last = 0;
        for place in places {
            put(&mut of_word, u64::from(place - last));
            last = *place;
        }
        put(&mut words, of_word.len() as u64);
        words.extend_from_slice(&of_word);
        before = word;
    }
    (blocks, words)
}

fn n_alike(one: &[u8], other: &[u8]) -> usize {
    one.iter()
        .zip(other)
        .take_while(|(one, other)| one == other)
        .count()
}

/// The words of many messages.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Segment {
    bytes: Vec<u8>,
    n_messages: usize,
    n_numbers: u32,
    /// Where the messages begin, the blocks' beginnings, and the words.
    begins: [usize; 3],
}

impl fmt::Debug for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Segment(… of {} messages)", self.n_messages)
    }
}

/// Where the numbers of a word stand in the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Places {
    begin: usize,
    end: usize,
}

impl Segment {
    /// What [`Segment::bytes`] once gave; `None` for anything else.
    pub fn read(bytes: Vec<u8>) -> Option<Self> {
        let mut reader = Reader(&bytes);
        if reader.number()? != VERSION {
            return None;
        }
        let n_messages = reader.size()?;
        let n_numbers = u32::try_from(reader.number()?).ok()?;
        let n_bytes_of_messages = reader.size()?;
        let n_blocks = reader.size()?;
        let messages = bytes.len() - reader.0.len();
        reader.take(n_bytes_of_messages)?;
        let blocks = bytes.len() - reader.0.len();
        reader.take(n_blocks.checked_mul(4)?)?;
        let words = bytes.len() - reader.0.len();
        Some(Self {
            n_messages,
            n_numbers,
            begins: [messages, blocks, words],
            bytes,
        })
    }

    /// As it may rest, once it is sealed.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The messages of these segments, in this order, in one.
    pub fn merged<'s>(segments: impl IntoIterator<Item = &'s Self>) -> Self {
        let mut builder = SegmentBuilder::default();
        for segment in segments {
            builder.append(segment);
        }
        builder.finish()
    }

    /// How many words it holds, with one more for each message.
    pub fn n_numbers(&self) -> u32 {
        self.n_numbers
    }

    /// How many messages it holds.
    pub fn n_messages(&self) -> usize {
        self.n_messages
    }

    /// The messages, in their order.
    pub fn messages(&self) -> impl Iterator<Item = Entry> {
        let [begin, end, _] = self.begins;
        let mut reader = Reader(self.bytes.get(begin..end).unwrap_or_default());
        let (mut position, mut sent_at, mut first) = (0_u64, 0_i64, 0_u32);
        std::iter::from_fn(move || {
            position = position.wrapping_add(reader.number()?);
            sent_at = sent_at.wrapping_add(reader.signed()?);
            let marks = reader.number()?;
            let n_words = u32::try_from(reader.number()?).ok()?;
            let entry = Entry {
                position,
                sent_at,
                marks,
                first,
            };
            first = first.checked_add(n_words)?.checked_add(1)?;
            Some(entry)
        })
    }

    /// The places of a word, if it stands anywhere.
    pub(super) fn find(&self, word: &str) -> Option<Places> {
        let (found, n_alike) = self.floor(word.as_bytes())?;
        (n_alike == word.len() && found.length == word.len()).then_some(found.places)
    }

    /// All words with which `whole` begins, itself among them, the longest first: their lengths and their places.
    pub(super) fn beginnings(&self, whole: &str) -> Vec<(usize, Places)> {
        let mut found = Vec::new();
        let mut rest = whole.as_bytes();
        while !rest.is_empty()
            && let Some((word, n_alike)) = self.floor(rest)
        {
            if n_alike == word.length {
                found.push((word.length, word.places));
                rest = &rest[..n_alike.saturating_sub(1)];
            } else {
                // Every other beginning comes before this word, and shares what it shares.
                rest = &rest[..n_alike];
            }
        }
        found
    }

    /// The places of all words that begin with `prefix`.
    pub(super) fn starting_with(&self, prefix: &str) -> Vec<Places> {
        let mut found = Vec::new();
        let mut words = self.words(self.block_of(prefix.as_bytes()));
        while let Some(word) = words.next() {
            let letters = words.letters.as_slice();
            if letters.starts_with(prefix.as_bytes()) {
                found.push(word.places);
            } else if letters > prefix.as_bytes() {
                break;
            }
        }
        found
    }

    /// The numbers at which a word stands, in their order.
    pub(super) fn places(&self, places: Places) -> impl Iterator<Item = u32> + use<'_> {
        let mut reader = Reader(self.bytes.get(places.begin..places.end).unwrap_or_default());
        let mut last = 0_u32;
        std::iter::from_fn(move || {
            last = last.wrapping_add(u32::try_from(reader.number()?).ok()?);
            Some(last)
        })
    }

    /// The last word that is not after `wanted`, and how many letters the two begin with alike.
    fn floor(&self, wanted: &[u8]) -> Option<(Word, usize)> {
        let mut words = self.words(self.block_of(wanted));
        let mut found = None;
        while let Some(word) = words.next() {
            if words.letters.as_slice() > wanted {
                break;
            }
            found = Some((word, n_alike(&words.letters, wanted)));
        }
        found
    }

    /// The last block that begins with `wanted` or before it; the first one when none does.
    fn block_of(&self, wanted: &[u8]) -> usize {
        let [_, begin, end] = self.begins;
        let (mut low, mut high) = (0, (end - begin) / 4);
        while low + 1 < high {
            let middle = low + (high - low) / 2;
            let is_after = self.first_of(middle).is_some_and(|first| first > wanted);
            if is_after { high = middle } else { low = middle }
        }
        low
    }

    /// The first word of a block.
    fn first_of(&self, block: usize) -> Option<&[u8]> {
        let mut reader = self.reader_at(block)?;
        reader.number()?;
        let length = reader.size()?;
        reader.take(length)
    }

    fn reader_at(&self, block: usize) -> Option<Reader<'_>> {
        let [_, blocks, words] = self.begins;
        let at = blocks + block * 4;
        let begin: [u8; 4] = self.bytes.get(at..at + 4)?.try_into().ok()?;
        let begin = words.checked_add(usize::try_from(u32::from_le_bytes(begin)).ok()?)?;
        self.bytes.get(begin..).filter(|_| at < words).map(Reader)
    }

    /// The words from a block on, to the end of all.
    fn words(&self, block: usize) -> Words<'_> {
        Words {
            reader: self.reader_at(block).unwrap_or(Reader(&[])),
            length: self.bytes.len(),
            letters: Vec::new(),
        }
    }
}

/// Words one after the other.
struct Words<'s> {
    reader: Reader<'s>,
    length: usize,
    letters: Vec<u8>,
}

/// A word, whose letters are in [`Words::letters`].
struct Word {
    length: usize,
    places: Places,
}

impl Words<'_> {
    fn next(&mut self) -> Option<Word> {
        let n_shared = self.reader.size()?;
        let n_own = self.reader.size()?;
        let own = self.reader.take(n_own)?;
        let n_bytes = self.reader.size()?;
        let begin = self.length - self.reader.0.len();
        self.reader.take(n_bytes)?;
        self.letters.truncate(n_shared);
        self.letters.extend_from_slice(own);
        Some(Word {
            length: self.letters.len(),
            places: Places {
                begin,
                end: begin + n_bytes,
            },
        })
    }

    fn letters(&self) -> &str {
        std::str::from_utf8(&self.letters).unwrap_or_default()
    }
}

#[cfg(test)]
#[path = "segment_tests.rs"]
mod tests;
