//! What of a draft is where: on the server, on its way there, on this device alone. Pure; `draft` makes the calls.

use super::kept::{KeptDraft, with_typed};
use super::meeting::{mark, meet};
use super::{MessageBody, SaveDraft};

/// Of the saves whose answers were lost: as many marks as a save can name beside the four that it names first.
const MAX_LOST: usize = SaveDraft::MAX_OVER - 4;
/// Word of a saved draft that comes so soon after a save of this device, in milliseconds, is word of that save.
#[cfg(any(feature = "hydrate", test))]
const OWN_WORD_MS: i64 = 3_000;

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
    /// The marks of what was on its way to the server when it was last heard of, the latest last: it may have come. Of very
    /// many the first and the latest.
    pub(super) lost: Vec<u32>,
    /// The mark of the words that this box last let rest on the device.
    pub(super) rests: u32,
    /// The server has no room for what stands here beside what another device has written: it is read and shown with it.
    pub(super) is_crowded: bool,
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
        if self.in_flight.is_some() || self.is_crowded || is_saved || is_too_long {
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
            // What another tab had is written over by now, or stands in what was saved.
            self.told = None;
            self.lost.clear();
        } else {
            self.note_lost(&text);
        }
    }

    /// The server has kept what it had, which is another device's, because both together would be too long.
    pub(super) fn note_crowded(&mut self) {
        self.in_flight = None;
        self.gone = None;
        self.is_unsure = !self.lost.is_empty();
        self.is_crowded = true;
        // No word of this save will come.
        self.saved_at_ms = 0;
    }

    /// Nobody will hear whether these words have come to the server: what the box holds then is saved anew.
    pub(super) fn note_lost(&mut self, words: &str) {
        self.note_mark(mark(words));
    }

    /// The first that was lost may have come as well as the last: where there is no room for all, one between them goes.
    fn note_mark(&mut self, mark: u32) {
        const MIDDLE: usize = MAX_LOST / 2;
        self.is_unsure = true;
        match self.lost.iter().position(|lost| *lost == mark) {
            Some(0..MIDDLE) => return,
            Some(at) => {
                self.lost.remove(at);
            }
            None if self.lost.len() == MAX_LOST => {
                self.lost.remove(MIDDLE);
            }
            None => {}
        }
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
        words_met(met, text, is_gone, typed)
    }

    /// What rests on the device while the box holds `typed`; nothing when the server has it. While messages wait, the server
    /// has nothing for sure: each takes its copy of the draft away.
    pub(super) fn unsaved(&mut self, typed: &str, do_messages_wait: bool) -> Option<Unsaved> {
        let taken_away = String::new();
        let tried: Vec<String> = [&self.in_flight, &self.sent]
            .into_iter()
            .flatten()
            .chain((do_messages_wait && !typed.is_empty()).then_some(&taken_away))
            .cloned()
            .collect();
        let is_unsure = self.is_unsure && !typed.is_empty() || !self.lost.is_empty();
        (typed != self.saved || !tried.is_empty() || is_unsure).then(|| {
            self.rests = mark(typed);
            Unsaved {
                base: self.saved.clone(),
                tried,
                lost: self.lost.clone(),
            }
        })
    }

    /// What stands in the box, which holds `typed`, when `kept` rests on the device. The page was drawn with `shown` in the box
    /// while the server had `servers`: that is what a record meets that nobody here has read.
    pub(super) fn take_up(&mut self, kept: &KeptDraft, servers: &str, shown: &str, typed: &str) -> String {
        self.note_tried(&kept.tried, &kept.lost);
        // Of words of this box that met others on the device, the others stand before it.
        let others = kept.text.strip_suffix(typed);
        let others = others.and_then(|others| others.strip_suffix("\n\n"));
        let others = others.unwrap_or(&kept.text);
        let is_drawn = typed != shown && !others.is_empty() && shown.contains(others);
        // This box has written it, or it says besides no more than was drawn there: what stands here by now is newer.
        if is_drawn || self.rests == mark(&kept.text) || kept.text == meet(typed, shown) {
            return typed.to_owned();
        }
        if kept.knows(&self.saved) || kept.knows(servers) {
            with_typed(&kept.text, shown, typed)
        } else if typed == shown {
            kept.meet(servers)
        } else {
            // What was drawn is what this box no longer says.
            meet(typed, &kept.text)
        }
    }

    /// With what rested on the device, this was tried by whoever wrote it, and no answer was heard: it is saved anew.
    fn note_tried(&mut self, tried: &[String], lost: &[u32]) {
        if self.sent.is_none() {
            self.sent = tried.last().cloned();
        }
        let tried = tried.iter().map(|tried| mark(tried));
        for mark in lost.iter().copied().chain(tried) {
            self.note_mark(mark);
        }
    }

    /// A message that was written before these words waits no more. Come to the server, it may have taken the server's copy of
    /// the draft away, before or after a save that is under way; one that was refused or taken back (`may_be_left`) has left
    /// it there.
    pub(super) fn note_arrived(&mut self, may_be_left: bool) {
        let is_left = may_be_left && self.sent.is_some();
        self.is_unsure |= !self.saved.is_empty() || self.in_flight.is_some() || is_left;
        if self.in_flight.is_none() && !is_left {
            self.sent = None;
        }
    }

    /// A message that was taken back has come to the server all the same, and may have taken along what was saved there since:
    /// what stands here is not the server's any more, and is saved anew.
    pub(super) fn note_taken_along(&mut self) {
        let saved = std::mem::take(&mut self.saved);
        if !saved.is_empty() {
            self.note_lost(&saved);
        }
        self.is_unsure = true;
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
            self.is_crowded = false;
        }
    }

    /// What stands in the box, which holds `typed`, when the server's copy is shown there: both, where it has no room for both,
    /// so that somebody shortens them.
    pub(super) fn words_with(&self, text: &str, typed: &str) -> String {
        if self.is_crowded {
            meet(typed, text)
        } else {
            text.to_owned()
        }
    }

    /// Whether word of a saved draft that comes at `now_ms` is likely word of this device's own save. A clock that was set back
    /// since then tells nothing.
    #[cfg(any(feature = "hydrate", test))]
    pub(super) fn is_own_word(&self, now_ms: i64) -> bool {
        (0..OWN_WORD_MS).contains(&(now_ms - self.saved_at_ms))
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

/// What stands where `typed` stood when the server, to which `text` came, has `met` of it and of another device's words. Where
/// both stand below one another, what was typed since takes the place of `text`.
pub(super) fn words_met(met: &str, text: &str, is_gone: bool, typed: &str) -> String {
    let others = met.strip_suffix(text).and_then(|met| met.strip_suffix("\n\n"));
    match others {
        Some(others) => with_typed(others, "", typed),
        None if is_gone => with_typed(met, "", typed),
        None => with_typed(met, text, typed),
    }
}

#[cfg(test)]
#[path = "saving_tests.rs"]
mod tests;
