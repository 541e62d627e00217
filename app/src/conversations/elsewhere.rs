//! What the person's other devices write into a draft: it is shown here, unless somebody is writing in this box.

use leptos::prelude::*;

use super::GetConversation;
use super::draft::DraftKeeper;
#[cfg(feature = "hydrate")]
use super::draft::now_ms;
use super::saving::Look;
use crate::api::{Event, EventKind};
use crate::live::Connection;

/// Word of a saved draft that comes so soon after a save of this device, in milliseconds, is word of that save.
#[cfg(feature = "hydrate")]
const OWN_WORD_MS: i64 = 3_000;
/// When word of another device's draft is looked into that came in that time.
const READ_AFTER: std::time::Duration = std::time::Duration::from_millis(3_100);

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
    fn read(self) {
        if self.is_own_word() {
            self.read_later();
            return;
        }
        // None once the screen is gone.
        let Some(connection) = self.opened.live().connection().try_get_untracked() else {
            return;
        };
        if connection != Connection::Live {
            self.change_look(Look::OnceConnected);
            return;
        }
        let call = self.opened.client().call(GetConversation {
            conversation: self.opened.id,
        });
        leptos::task::spawn_local(async move {
            let answer = match call.await {
                Ok(answer) => answer,
                Err(error) => {
                    if error.is_transient() {
                        self.read_later();
                    }
                    return;
                }
            };
            let text = answer.conversation.draft.map(|draft| draft.0).unwrap_or_default();
            let Some(typed) = self.opened.typed.try_get_untracked() else {
                return;
            };
            // Also what this device wrote itself and carried while its page went away.
            let is_here = typed == text;
            if !is_here && !self.may_be_replaced(&text) {
                // The next save meets it on the server; of one that is just made, or on its way, nobody knows what it met.
                if self.is_own_word() || self.state.with_value(|state| state.in_flight.is_some()) {
                    self.read_later();
                }
                return;
            }
            self.state.update_value(|state| state.note_servers(&text));
            if !is_here {
                self.put(text.clone());
            }
            self.keep(&text);
        });
    }

    /// Reads what could not be read without a connection.
    pub(super) fn read_what_is_owed(self) {
        if self.state.with_value(|state| state.look) == Look::OnceConnected {
            self.change_look(Look::Needless);
            self.read();
        }
    }

    /// Answers how it was; nothing once the screen is gone.
    fn change_look(self, look: Look) -> Option<Look> {
        self.state
            .try_update_value(|state| std::mem::replace(&mut state.look, look))
    }

    /// Another device may have written as well: looks once the own words are surely heard of.
    fn read_later(self) {
        if matches!(self.change_look(Look::Soon), None | Some(Look::Soon)) {
            return;
        }
        let read = move || {
            if self.change_look(Look::Needless).is_some() {
                self.read();
            }
        };
        set_timeout(read, READ_AFTER);
    }

    /// Word of a draft that comes now is likely word of this device's own save.
    #[cfg(feature = "hydrate")]
    fn is_own_word(self) -> bool {
        let saved_at_ms = self.state.try_with_value(|state| state.saved_at_ms);
        saved_at_ms.is_none_or(|saved_at_ms| now_ms() - saved_at_ms < OWN_WORD_MS)
    }

    #[cfg(not(feature = "hydrate"))]
    #[expect(clippy::unused_self, reason = "nobody writes on the server")]
    fn is_own_word(self) -> bool {
        true
    }

    /// Nobody writes here: everything typed is saved, it was not this device, and the box is left alone, or loses nothing.
    #[cfg(feature = "hydrate")]
    fn may_be_replaced(self, text: &str) -> bool {
        let is_busy = self
            .opened
            .typed
            .with_untracked(|typed| self.state.with_value(|state| state.is_busy(typed)));
        let is_grown = self.opened.typed.with_untracked(|typed| text.contains(typed));
        !self.is_own_word() && !is_busy && (is_grown || !has_focus())
    }

    #[cfg(not(feature = "hydrate"))]
    #[expect(clippy::unused_self, reason = "nobody writes on the server")]
    fn may_be_replaced(self, _text: &str) -> bool {
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
