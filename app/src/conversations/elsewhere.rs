//! What the person's other devices write into a draft: it is shown here, unless somebody is writing in this box.

use leptos::prelude::*;

use super::GetConversation;
use super::draft::DraftKeeper;
#[cfg(feature = "hydrate")]
use super::draft::now_ms;
use super::saving::{Look, Saving};
use crate::api::{ApiError, Event, EventKind};

/// When word of another device's draft is looked into that came like word of an own save (`Saving::is_own_word`), or could not
/// be looked into.
const READ_AFTER: std::time::Duration = std::time::Duration::from_millis(3_100);
/// How often that is doubled when it fails again and again: to some 50 seconds.
const MAX_DOUBLINGS: u32 = 4;

impl DraftKeeper {
    /// Follows the person's other devices, and looks at what has come since the conversation was read.
    pub(super) fn follow(self) {
        let live = self.opened.live();
        live.listen(move |event: &Event| match &event.kind {
            EventKind::DraftSaved { conversation } if *conversation == self.opened.id => self.read(),
            _ => {}
        });
        if self.opened.was_overtaken {
            self.read();
        }
    }

    /// Reads the server's copy, which may say something that stands nowhere here.
    pub(super) fn read(self) {
        if self.is_own_word() {
            self.read_later();
            return;
        }
        let session = self.opened.session();
        let can_ask = self.opened.live().is_live() && !session.has_ended.get_untracked();
        // A message that is on its way takes the server's copy with it.
        if !can_ask || self.do_messages_wait() {
            self.change_look(Look::Owed);
            return;
        }
        let number = self.state.try_update_value(Saving::begin_read);
        let call = self.opened.client().call(GetConversation {
            conversation: self.opened.id,
        });
        leptos::task::spawn_local(async move {
            match call.await {
                Ok(answer) => {
                    let text = answer.conversation.draft.map(|draft| draft.0).unwrap_or_default();
                    self.show(number, text);
                }
                Err(ApiError::SignedOut) => {
                    self.change_look(Look::Owed);
                }
                Err(error) if error.is_transient() => {
                    self.state.try_update_value(Saving::note_unread);
                    self.read_later();
                }
                Err(_) => {}
            }
        });
    }

    /// Shows what the server has, if nobody writes here; else it is looked at again. `number` is the reading's.
    fn show(self, number: Option<u32>, text: String) {
        let Some(typed) = self.opened.typed.try_get_untracked() else {
            return;
        };
        self.state.update_value(|state| state.n_unread = 0);
        // Another reading or a save has begun since: it may have been before this, or after.
        let is_overtaken = self.state.with_value(|state| Some(state.n_begun) != number);
        if is_overtaken || self.is_own_word() {
            self.read_later();
            return;
        }
        // Also what this device wrote itself and carried while its page went away.
        let is_here = typed == text;
        let (words, is_crowded) = self
            .state
            .with_value(|state| (state.words_with(&text, &typed), state.is_crowded));
        let is_shown = is_here || is_crowded || self.may_be_replaced(&typed, &text);
        if self.do_messages_wait() || !is_shown {
            self.change_look(Look::Owed);
            return;
        }
        self.state.update_value(|state| state.note_servers(&text));
        if words != typed {
            self.put(words);
        }
        // What was in doubt is saved anew.
        self.save();
    }

    /// Reads what could not be read, or not be shown: now that the connection is back, a message has arrived, the box is left.
    pub(super) fn read_what_is_owed(self) {
        let is_owed = self.state.try_with_value(|state| {
            state.look == Look::Owed || state.look == Look::Soon && state.n_unread > 0
        });
        if is_owed == Some(true) {
            self.change_look(Look::Needless);
            self.read();
        }
    }

    /// Answers how it was; nothing once the screen is gone.
    fn change_look(self, look: Look) -> Option<Look> {
        self.state
            .try_update_value(|state| std::mem::replace(&mut state.look, look))
    }

    /// Looks once the own words are surely heard of, and after each reading that failed a little later than after the last.
    fn read_later(self) {
        if matches!(self.change_look(Look::Soon), None | Some(Look::Soon)) {
            return;
        }
        let read = move || {
            if self.change_look(Look::Needless).is_some() {
                self.read();
            }
        };
        let n_unread = self.state.with_value(|state| state.n_unread);
        set_timeout(read, READ_AFTER * 2_u32.pow(n_unread.min(MAX_DOUBLINGS)));
    }

    /// Word of a draft that comes now is likely word of this device's own save.
    #[cfg(feature = "hydrate")]
    fn is_own_word(self) -> bool {
        let is_own = self.state.try_with_value(|state| state.is_own_word(now_ms()));
        is_own.unwrap_or(true)
    }

    #[cfg(not(feature = "hydrate"))]
    #[expect(clippy::unused_self, reason = "nobody writes on the server")]
    fn is_own_word(self) -> bool {
        true
    }

    /// Nobody writes here: all that is typed is on the server, and the box is left alone, or loses nothing.
    #[cfg(feature = "hydrate")]
    fn may_be_replaced(self, typed: &str, text: &str) -> bool {
        let is_saved = self
            .state
            .with_value(|state| state.in_flight.is_none() && state.saved == typed);
        is_saved && (text.contains(typed) || !has_focus())
    }

    #[cfg(not(feature = "hydrate"))]
    #[expect(clippy::unused_self, reason = "nobody writes on the server")]
    fn may_be_replaced(self, _typed: &str, _text: &str) -> bool {
        false
    }
}

/// Whether somebody's fingers are in the compose box of this page, which is in front.
pub(super) fn has_focus() -> bool {
    let front = Some(document()).filter(|document| document.has_focus().unwrap_or(true));
    front
        .and_then(|document| document.active_element())
        .is_some_and(|active| active.class_name() == "compose__text")
}
