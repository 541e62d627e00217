//! What of a draft is where: on the server, on its way there, on this device alone. Pure; `draft` makes the calls.

use super::MessageBody;
use super::kept::meet;

/// What this device knows of the server's copy of a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Saving {
    /// What the server has, as far as this device knows.
    pub(super) saved: String,
    /// What is on its way to the server.
    pub(super) in_flight: Option<String>,
    /// What the server may still have: it was sent as a message, with which the server removes it.
    pub(super) sent: Option<String>,
    /// What another tab of this browser has in its box.
    pub(super) told: Option<String>,
    /// What another device has saved while somebody wrote here: it is met with the next save.
    pub(super) theirs: Option<String>,
    /// Whether the server may have lost what it had: a message has come that could have taken it away.
    pub(super) is_unsure: bool,
    /// A look at what the server has is due.
    pub(super) is_read_due: bool,
    /// Counts the keys pressed.
    pub(super) turn: u32,
    /// When this device last saved.
    pub(super) saved_at_ms: i64,
    /// What is typed is being put to rest on this device.
    #[cfg(feature = "hydrate")]
    pub(super) is_jotting: bool,
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
        self.in_flight = Some(typed.to_owned());
        self.in_flight.clone()
    }

    /// The save has been answered.
    pub(super) fn answered(&mut self, is_saved: bool) {
        let Some(text) = self.in_flight.take() else { return };
        if is_saved {
            self.saved = text;
            self.sent = None;
        } else {
            self.is_unsure = true;
        }
    }

    /// What rests on the device while the box holds `typed`; nothing when the server has it. While messages wait, the server
    /// has nothing for sure: each takes its copy of the draft away.
    pub(super) fn unsaved(&self, typed: &str, do_messages_wait: bool) -> Option<(String, Vec<String>)> {
        let taken_away = String::new();
        let tried: Vec<String> = [&self.in_flight, &self.sent]
            .into_iter()
            .flatten()
            .chain((do_messages_wait && !typed.is_empty()).then_some(&taken_away))
            .cloned()
            .collect();
        let is_unsure = self.is_unsure && !typed.is_empty();
        (typed != self.saved || !tried.is_empty() || is_unsure).then(|| (self.saved.clone(), tried))
    }

    /// A message that was written before these words has come to the server, or was refused. It may have taken the server's
    /// copy of the draft away, before or after a save that is under way.
    pub(super) fn note_arrived(&mut self) {
        self.is_unsure |= !self.saved.is_empty() || self.in_flight.is_some();
        if self.in_flight.is_none() {
            self.sent = None;
        }
    }

    /// The words have gone as a message, with which the server removes a draft that says no more than they do.
    pub(super) fn note_sent(&mut self, body: &str) {
        self.turn = self.turn.wrapping_add(1);
        self.sent = Some(self.saved.clone())
            .filter(|saved| !saved.is_empty())
            .or(self.sent.take());
        // A save that is under way may come after the message: then the empty box is saved once more.
        if self.in_flight.is_none() && body.contains(self.saved.trim()) {
            self.saved.clear();
        }
    }

    /// Another device has saved this while somebody wrote here.
    pub(super) fn note_theirs(&mut self, text: String) {
        let is_own = text == self.saved
            || [&self.in_flight, &self.sent]
                .into_iter()
                .flatten()
                .any(|own| *own == text);
        if !text.is_empty() && !is_own {
            self.theirs = Some(text);
        }
    }

    /// What stands in the box when `typed` meets what another device has saved meanwhile; nothing when that changes nothing.
    pub(super) fn meet_theirs(&mut self, typed: &str) -> Option<String> {
        if typed == self.saved {
            return None;
        }
        let theirs = self.theirs.take()?;
        let met = meet(typed, &theirs);
        (met != typed).then_some(met)
    }

    /// The server was asked, and has this.
    pub(super) fn note_servers(&mut self, text: &str) {
        if self.in_flight.is_none() {
            text.clone_into(&mut self.saved);
        }
    }

    /// Whether somebody has written in this box what nobody else knows.
    pub(super) fn is_busy(&self, typed: &str) -> bool {
        self.in_flight.is_some() || self.saved != typed && self.told.as_deref() != Some(typed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_save_at_a_time_and_the_latest_words_last() {
        let mut state = Saving::default();

        assert_eq!(state.next("b"), Some("b".to_owned()));
        assert_eq!(state.next("bo"), None, "the first is on its way");
        state.answered(true);
        assert_eq!(state.next("bon"), Some("bon".to_owned()));
        state.answered(true);
        assert_eq!(state.next("bon"), None, "saved already");
        assert_eq!(state.next(""), Some(String::new()));
    }

    #[test]
    fn a_save_that_failed_is_made_again() {
        let mut state = Saving::default();
        state.next("b");
        state.answered(false);

        assert_eq!(state.next("b"), Some("b".to_owned()));
    }

    #[test]
    fn what_the_server_has_does_not_rest_on_the_device() {
        let mut state = Saving::default();

        assert_eq!(state.unsaved("", false), None);
        assert_eq!(state.unsaved("bon", false), Some((String::new(), Vec::new())));
        state.next("bon");
        assert_eq!(
            state.unsaved("bonj", false),
            Some((String::new(), vec!["bon".to_owned()]))
        );
        state.answered(true);
        assert_eq!(state.unsaved("bon", false), None);
    }

    #[test]
    fn words_that_went_as_a_message_do_not_come_back_as_a_draft() {
        let mut state = Saving::default();
        state.next("bon");
        state.answered(true);

        state.note_sent("bon");

        let (base, tried) = state.unsaved("", false).expect("the server may still have them");
        assert_eq!((base.as_str(), tried), ("", vec!["bon".to_owned()]));
        state.next("autre");
        state.answered(true);
        assert_eq!(state.unsaved("autre", false), None);
    }

    #[test]
    fn words_written_behind_a_waiting_message_rest_here_until_it_has_arrived_and_are_saved_after_it() {
        let mut state = Saving {
            saved: "suite".to_owned(),
            ..Saving::default()
        };

        let (base, tried) = state
            .unsaved("suite", true)
            .expect("the message takes the draft away");
        assert_eq!((base.as_str(), tried), ("suite", vec![String::new()]));
        assert_eq!(state.unsaved("", true), Some(("suite".to_owned(), Vec::new())));

        state.note_arrived();
        assert_eq!(state.next("suite"), Some("suite".to_owned()));
        state.answered(true);
        assert_eq!(state.unsaved("suite", false), None);
    }

    #[test]
    fn words_that_came_to_the_server_while_a_page_went_away_are_known_to_be_there() {
        let mut state = Saving::default();
        assert!(state.is_busy("suite"));

        state.note_servers("suite");

        assert!(!state.is_busy("suite"));
        assert_eq!(state.unsaved("suite", false), None);
        assert_eq!(
            state.next(""),
            Some(String::new()),
            "emptied here, it is emptied there"
        );
        state.note_servers("encore");
        assert_eq!(state.saved, "suite", "an answer is on its way");
    }

    #[test]
    fn what_another_tab_writes_is_nobodys_work_here() {
        let state = Saving {
            told: Some("ailleurs".to_owned()),
            ..Saving::default()
        };

        assert!(!state.is_busy("") && !state.is_busy("ailleurs") && state.is_busy("ici"));
    }

    #[test]
    fn a_draft_that_says_more_than_the_message_is_emptied_by_hand() {
        let mut state = Saving {
            saved: "tout autre chose".to_owned(),
            ..Saving::default()
        };

        state.note_sent("bon");
        state.note_arrived();

        assert_eq!(state.next(""), Some(String::new()));
    }

    #[test]
    fn a_save_that_the_message_overtook_or_not_leaves_no_draft_of_what_was_sent() {
        for is_answered_first in [true, false] {
            let mut state = Saving::default();
            state.next("bon");
            state.note_sent("bon");
            if is_answered_first {
                state.answered(true);
                state.note_arrived();
            } else {
                state.note_arrived();
                state.answered(true);
            }

            assert_eq!(state.next(""), Some(String::new()), "{is_answered_first}");
            state.answered(true);
            assert_eq!(state.next(""), None);
        }
    }

    #[test]
    fn what_another_device_saved_meanwhile_is_not_written_over() {
        let mut state = Saving {
            saved: "Bonjour".to_owned(),
            ..Saving::default()
        };

        state.note_theirs("Bonjour".to_owned());
        assert_eq!(
            state.meet_theirs("Bonjour,"),
            None,
            "it is what this device saved"
        );
        state.note_theirs("Bonjour et la suite".to_owned());
        assert_eq!(state.meet_theirs("Bonjour"), None, "nobody writes here");
        assert_eq!(
            state.meet_theirs("Bonjour,"),
            Some("Bonjour et la suite\n\nBonjour,".to_owned())
        );
        assert_eq!(state.meet_theirs("Bonjour, "), None, "once");
    }

    #[test]
    fn words_too_long_for_the_server_are_not_sent_to_it() {
        let mut state = Saving::default();

        assert_eq!(state.next(&"é".repeat(MessageBody::MAX_CHARS + 1)), None);
    }
}
