//! Words: how texts are searched, whatever language and spelling they were typed in. Knows texts alone, no table and no
//! person.
//!
//! Promises: case, accents, ligatures, elisions, kinds of apostrophe and simple plurals do not matter, in French and English;
//! what is hyphenated, joined or written apart is one; all words that say something must be there, in whatever order.
//!
//! - [`tokens`]: a text as its words, folded.
//! - [`singular`]: a word without what a plural adds.
//! - [`Query`]: what was typed into a search field, and how a text may answer it.
//! - [`Segment`]: the words of many messages, laid out to be looked up; the one form of an index, in memory and at rest.
//! - `find`: which messages of a segment answer a query, and where.
//! - `excerpt`: what is shown of a text around the words that were found.
//!
//! Source: product requirement C8.

mod fold;

mod plural;

mod query;

mod bytes;
mod segment;

mod find;

mod excerpt;

pub use excerpt::{Piece, excerpt};
pub use find::find;
pub use fold::{Joint, Token, tokens};
pub use plural::singular;
pub use query::Query;
pub use segment::{Entry, Segment, SegmentBuilder};
