//! What of a draft is where: on the server, on its way there, on this device alone. Pure; `draft` makes the calls.

use super::kept::with_typed;
use super::meeting::mark;
use super::{MessageBody, SaveDraft};

/// Whether the server's copy is to be read anew, and when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Look {
    /// Not that anybody knows.
    #[default]
    Needless,
    /// When a timer ends that runs already.
    Soon,
    /// As soon as it can be asked for and shown: there is a connection, no message waits, nobody is in the box.
    Owed,
}

/// What this device knows of the server's copy of a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Saving {
    /// What the server has, as far as this device knows.
    pub(super) saved: String,
    /// What is on its way to the server.
    pub(super) in_flight: Option<String>,
    /// What the server may still have: it was sent as a message, with which the server removes it.
    pub(super) sent: Option<String>,
    /// What is on its way to the server, when it has gone as a message meanwhile.
    pub(super) gone: Option<String>,
    /// What another tab of this browser has in its box.
    pub(super) told: Option<String>,
    /// The marks of what was on its way to the server when it was last heard of, the latest last: it may have come.
    pub(super) lost: Vec<u32>,
    /// Whether the server may have something else: a message has come that could have taken its copy away, or the answer of a
    /// save was lost.
    pub(super) is_unsure: bool,
    /// Whether the server's copy is to be read anew.
    pub(super) look: Look,
    /// Counts the readings and the saves: the last one begun has its number.
    pub(super) n_begun: u32,
    /// How many readings have failed since one did not.
    pub(super) n_unread: u32,
    /// Counts the keys pressed.
    pub(super) turn: u32,
    /// When this device last saved.
    pub(super) saved_at_ms: i64,
    /// What is typed is being put to rest on this device.
    #[cfg(feature = "hydrate")]
    pub(super) is_jotting: bool,
}

/// What is kept with words that the server lacks, as [`super::kept::KeptDraft`] explains.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unsaved {
    pub(super) base: String,
    pub(super) tried: Vec<String>,
    pub(super) lost: Vec<u32>,
}

impl Saving {
    /// What must be saved now, if anything: nothing while a save is on its way, for it is looked at again afterwards.
    pub(super) fn next(&mut self, typed: &str) -> Option<String> {
        let is_too_long = typed.chars().count() > MessageBody::MAX_CHARS;
        let is_saved = typed == self.saved && !self.is_unsure;
        if self.in_flight.is_some() || is_saved || is_too_long {
            return None;
        }
        self.is_unsure = false;
        self.n_begun = self.n_begun.wrapping_add(1);
        self.in_flight = Some(typed.to_owned());
        self.in_flight.clone()
    }

    /// The save has been answered.
    pub(super) fn answered(&mut self, is_saved: bool) {
        let Some(text) = self.in_flight.take() else { return };
        self.gone = None;
        if is_saved {
            self.saved = text;
            self.sent = None;
            self.lost.clear();
        } else {
            self.note_lost(&text);
        }
    }

    /// Nobody will hear whether these words have come to the server: what the box holds then is saved anew.
    pub(super) fn note_lost(&mut self, words: &str) {
        self.is_unsure = true;
        let mark = mark(words);
        self.lost.retain(|lost| *lost != mark);
        self.lost.push(mark);
    }

    /// The marks of what a save may write over: all that the server can have from this device, whatever of it has come.
    /// Anything else there is another device's.
    pub(super) fn over(&self) -> Vec<u32> {
        let known = [
            Some(&self.saved),
            self.in_flight.as_ref(),
            self.sent.as_ref(),
            self.told.as_ref(),
        ];
        let known = known.into_iter().flatten().map(|words| mark(words));
        let lost = self.lost.iter().rev().copied();
        known.chain(lost).take(SaveDraft::MAX_OVER).collect()
    }

    /// The server had words of another device when `text` came, and has `met`: both. What stands in the box then, which holds
    /// `typed` by now; words that went as a message while they were on their way stay away.
    pub(super) fn note_met(&mut self, met: &str, text: &str, is_gone: bool, typed: &str) -> String {
        met.clone_into(&mut self.saved);
        if is_gone {
            let others = met.strip_suffix(text).and_then(|met| met.strip_suffix("\n\n"));
            let others = others.unwrap_or(met);
            with_typed(others, "", typed)
        } else {
            with_typed(met, text, typed)
        }
    }

    /// What rests on the device while the box holds `typed`; nothing when the server has it. While messages wait, the server
    /// has nothing for sure: each takes its copy of the draft away.
    pub(super) fn unsaved(&self, typed: &str, do_messages_wait: bool) -> Option<Unsaved> {
        let taken_away = String::new();
        let tried: Vec<String> = [&self.in_flight, &self.sent]
            .into_iter()
            .flatten()
            .chain((do_messages_wait && !typed.is_empty()).then_some(&taken_away))
            .cloned()
            .collect();
        let is_unsure = self.is_unsure && !typed.is_empty() || !self.lost.is_empty();
        (typed != self.saved || !tried.is_empty() || is_unsure).then(|| Unsaved {
            base: self.saved.clone(),
            tried,
            lost: self.lost.clone(),
        })
    }

    /// What rested on the device was written on a page that is gone, which tried this and heard no answer: it is saved anew.
    pub(super) fn note_tried(&mut self, tried: &[String], lost: &[u32]) {
        self.sent = tried.last().cloned();
        self.lost = lost
            .iter()
            .copied()
            .chain(tried.iter().map(|tried| mark(tried)))
            .collect();
        self.is_unsure |= !self.lost.is_empty();
    }

    /// A message that was written before these words has come to the server, or was refused. It may have taken the server's
    /// copy of the draft away, before or after a save that is under way; a refused one has left it there.
    pub(super) fn note_arrived(&mut self, is_refused: bool) {
        let is_left = is_refused && self.sent.is_some();
        self.is_unsure |= !self.saved.is_empty() || self.in_flight.is_some() || is_left;
        if self.in_flight.is_none() && !is_left {
            self.sent = None;
        }
    }

    /// The words have gone as a message, with which the server removes a draft that says no more than they do.
    pub(super) fn note_sent(&mut self, body: &str) {
        self.turn = self.turn.wrapping_add(1);
        self.sent = Some(self.saved.clone())
            .filter(|saved| !saved.is_empty())
            .or(self.sent.take());
        self.gone.clone_from(&self.in_flight);
        // A save that is under way may come after the message: then the empty box is saved once more.
        if self.in_flight.is_none() && body.contains(self.saved.trim()) {
            self.saved.clear();
        }
    }

    /// The server is asked what it has; answers the reading's number.
    pub(super) fn begin_read(&mut self) -> u32 {
        self.n_begun = self.n_begun.wrapping_add(1);
        self.n_begun
    }

    /// The server could not be asked.
    pub(super) fn note_unread(&mut self) {
        self.n_unread = self.n_unread.saturating_add(1);
    }

    /// The server was asked, and has this.
    pub(super) fn note_servers(&mut self, text: &str) {
        if self.in_flight.is_none() {
            text.clone_into(&mut self.saved);
        }
    }

    /// Whether the server has all that is `typed`, and surely so.
    #[cfg(feature = "hydrate")]
    pub(super) fn is_settled(&self, typed: &str) -> bool {
        self.in_flight.is_none() && !self.is_unsure && self.saved == typed
    }

    /// Whether somebody has written in this box what nobody else knows.
    pub(super) fn is_busy(&self, typed: &str) -> bool {
        self.in_flight.is_some() || self.saved != typed && self.told.as_deref() != Some(typed)
    }
}

#[cfg(test)]
#[path = "saving_tests.rs"]
mod tests;
