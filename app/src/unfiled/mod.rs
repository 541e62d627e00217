//! What belongs in a patient's record and not in a direct message: health-insurance numbers, record numbers, birth dates,
//! a patient's telephone numbers. Found on the device, while a person writes and before anything leaves; nothing of it is told
//! to anybody.
//!
//! - [`find`]: where they stand in a text, or in the name of a file.
//! - [`may_become`]: whether a text ends in the beginning of one.
//! - [`must_wait`]: one or the other, which keeps a draft on the device.
//! - [`masked`]: the text without them.
//! - `health_number`: the number of the Régie de l'assurance maladie du Québec, and its check digit.
//!
//! A message that holds one by oversight is the harm; a bar that comes up for nothing is soon pressed away unread. So a
//! health-insurance number counts with its check digit, a record number and a date with the word that says so, and a telephone
//! number beside one of them or a word that makes it a patient's: that of a clinic is in half of all messages.
//!
//! Source: product requirement C5.

mod health_number;
mod near;
mod phone;
mod scan;

use std::ops::Range;

pub use health_number::is_health_number;
pub use scan::{find, may_become};

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The number on a health-insurance card.
    HealthNumber,
    /// The number of a patient's record.
    RecordNumber,
    /// The day on which somebody was born.
    BirthDate,
    /// A patient's telephone number.
    PhoneNumber,
}

/// Something that was found, and where, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub kind: Kind,
    /// Where.
    pub at: Range<usize>,
}

/// Whether a draft with these words stays on the device until the person has chosen, or typed on.
pub fn must_wait(text: &str) -> bool {
    may_become(text) || !find(text).is_empty()
}

/// The text with a dot for each letter and digit of what was found.
pub fn masked(text: &str, findings: &[Finding]) -> String {
    let mut masked = String::with_capacity(text.len());
    let is_found = |at: usize| findings.iter().any(|finding| finding.at.contains(&at));
    for (at, c) in text.char_indices() {
        masked.push(if scan::kind(c).is_ascii_alphanumeric() && is_found(at) {
            '•'
        } else {
            c
        });
    }
    masked
}

#[cfg(test)]
mod measured;
#[cfg(test)]
mod tests;
