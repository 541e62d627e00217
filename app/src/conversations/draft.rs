//! Keeps what stands in the compose box: on this device at once, on the server 300 ms after the last key, when the page is
//! hidden, when the screen goes away. The server's copy serves all the person's devices; what it does not have rests in this
//! device's vault until it does. What of it is where, `saving` knows.

use leptos::prelude::*;

#[cfg(feature = "hydrate")]
use super::MessageBody;
use super::kept::{KeptDraft, with_typed};
use super::opened::Opened;
use super::saving::Saving;
use super::vault::Standing;
use super::{Draft, GetConversation, SaveDraft};
#[cfg(feature = "hydrate")]
use crate::api::json;
use crate::api::{Event, EventKind};
use crate::boot::use_boot;
use crate::chunk::when_whole_here;
use crate::live::{Connection, use_live};

/// The wait after the last key.
///
/// Source: ux C1.
const SAVE_AFTER: std::time::Duration = std::time::Duration::from_millis(300);
/// Word of a saved draft that comes so soon after a save of this device, in milliseconds, is word of that save.
#[cfg(feature = "hydrate")]
const OWN_WORD_MS: i64 = 3_000;

/// Saves a draft: one call at a time, the latest words last. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct DraftKeeper {
    opened: Opened,
    state: StoredValue<Saving>,
    /// Whether the browser's own session is the page's, so that it may save while the page goes away.
    has_cookie: bool,
}

impl DraftKeeper {
    /// A keeper that begins with the server's copy, and follows the person's other devices.
    pub(super) fn new(opened: Opened) -> Self {
        let saved = opened
            .conversation
            .with_untracked(|conversation| conversation.draft.as_ref().map(|draft| draft.0.clone()))
            .unwrap_or_default();
        let me = opened
            .session()
            .me
            .with_untracked(|me| me.as_ref().map(|me| me.id));
        let own = use_boot().with_value(|boot| boot.me.as_ref().map(|me| me.id));
        let state = StoredValue::new(Saving {
            saved,
            ..Saving::default()
        });
        let keeper = Self {
            opened,
            state,
            has_cookie: me == own,
        };
        keeper.follow();
        let shown = opened.typed.get_untracked();
        when_whole_here(move || {
            keeper.meet_vault(shown);
            // Words that a refused form brought back are kept from now on.
            keeper.save();
        });
        // On the server a page goes away as soon as it is drawn, and nobody has typed.
        #[cfg(feature = "hydrate")]
        on_cleanup(move || keeper.save());
        keeper
    }

    /// A key was pressed.
    pub(super) fn touched(self) {
        let Some(turn) = self.state.try_update_value(|state| {
            state.turn = state.turn.wrapping_add(1);
            state.turn
        }) else {
            return;
        };
        let save = move || {
            if self.state.try_with_value(|state| state.turn) == Some(turn) {
                self.save();
            }
        };
        set_timeout(save, SAVE_AFTER);
        #[cfg(feature = "hydrate")]
        self.jot();
    }

    /// Lets the words rest on the device as fast as it takes them: a tab that dies takes the last keys at most with it.
    /// What is typed meanwhile goes with the next.
    #[cfg(feature = "hydrate")]
    fn jot(self) {
        let vault = self.opened.vault();
        let was_jotting = self
            .state
            .try_update_value(|state| std::mem::replace(&mut state.is_jotting, true));
        if was_jotting != Some(false) {
            return;
        }
        leptos::task::spawn_local(async move {
            let mut jotted = None;
            while let Some(typed) = self.opened.typed.try_get_untracked()
                && jotted.as_ref() != Some(&typed)
                && let Some(draft) = self.unsaved(&typed)
            {
                vault.jot_draft(draft).await;
                jotted = Some(typed);
            }
            self.state.try_update_value(|state| state.is_jotting = false);
        });
    }

    /// The words were sent; the server removes the draft with them.
    pub(super) fn sent(self) {
        self.state.try_update_value(|state| {
            state.note_sent();
            state.saved_at_ms = now_ms();
        });
        self.keep("");
    }

    /// Lets what the server does not have rest on the device.
    fn keep(self, typed: &str) {
        let vault = self.opened.vault();
        match self.unsaved(typed) {
            None => vault.drop_draft(self.opened.id),
            Some(draft) => vault.keep_draft(draft),
        }
    }

    fn unsaved(self, typed: &str) -> Option<KeptDraft> {
        let do_messages_wait = self.do_messages_wait();
        let unsaved = self
            .state
            .try_with_value(|state| state.unsaved(typed, do_messages_wait));
        let (base, tried) = unsaved.flatten()?;
        Some(KeptDraft {
            conversation: self.opened.id,
            to: self.opened.friend_name(),
            text: typed.to_owned(),
            base,
            tried,
        })
    }

    /// Whether messages of this conversation are on their way. Each takes the server's draft away when it arrives, so what was
    /// written behind them is saved after them, and rests here until then.
    fn do_messages_wait(self) -> bool {
        untrack(move || self.opened.outbox().n_waiting_in(self.opened.id) > 0)
    }

    /// Saves at once what is not saved yet.
    pub(super) fn save(self) {
        let Some(typed) = self.opened.typed.try_get_untracked() else {
            return;
        };
        self.keep(&typed);
        let (vault, conversation) = (self.opened.vault(), self.opened.id);
        if self.do_messages_wait() {
            if !typed.is_empty() && vault.standing().get_untracked() != Standing::Open {
                vault.risk(KeptDraft::id(conversation));
            }
            return;
        }
        let next = self.state.try_update_value(|state| {
            let next = state.next(&typed);
            if next.is_some() {
                state.saved_at_ms = now_ms();
            }
            next
        });
        let Some(Some(text)) = next else { return };
        let call = self.opened.client().call(SaveDraft {
            conversation,
            draft: Draft(text),
        });
        leptos::task::spawn_local(async move {
            let outcome = call.await;
            let is_current = self
                .state
                .try_update_value(|state| state.answered(outcome.is_ok()))
                .is_some();
            if outcome.is_err() && vault.standing().get_untracked() != Standing::Open {
                vault.risk(KeptDraft::id(conversation));
            }
            if is_current && outcome.is_ok() {
                self.save();
            }
        });
    }

    /// What waits in the vault meets what the server has drawn (`shown`), once, as soon as the vault is open.
    fn meet_vault(self, shown: String) {
        let (vault, id) = (self.opened.vault(), self.opened.id);
        vault.tend(id, true);
        on_cleanup(move || vault.tend(id, false));
        let standing = vault.standing();
        Effect::new(move |has_met: Option<bool>| {
            if has_met == Some(true) || standing.get() != Standing::Open {
                return has_met == Some(true);
            }
            if let Some(kept) = vault.draft(id) {
                let met = self.state.with_value(|state| kept.meet(&state.saved));
                let typed = self.opened.typed.get_untracked();
                let words = with_typed(&met, &shown, &typed);
                self.state
                    .update_value(|state| state.sent = kept.tried.last().cloned());
                if words != typed {
                    self.opened.typed.set(words.clone());
                    self.opened.replace.set(Some(words));
                }
            }
            // Words that were typed before the vault was open rest in it from now on.
            self.touched();
            true
        });
        // What another tab of this browser has in its box stands in this one too, unless somebody writes here.
        let told = vault.told();
        Effect::new(move |_| {
            let Some(draft) = told.get().filter(|draft| draft.conversation == id) else {
                return;
            };
            let typed = self.opened.typed.get_untracked();
            let is_left_alone = typed.is_empty() || !has_focus();
            if is_left_alone && !self.state.with_value(|state| state.is_busy(&typed)) {
                self.state.update_value(|state| {
                    if draft.is_saved() {
                        state.saved.clone_from(&draft.text);
                    }
                    state.told = Some(draft.text.clone());
                });
                if typed != draft.text {
                    self.opened.replace.set(Some(draft.text));
                }
            }
        });
        // What was written behind a message is saved as soon as that has arrived.
        let outbox = self.opened.outbox();
        Effect::new(move |was: Option<usize>| {
            let n_waiting = outbox.n_waiting_in(id);
            if was.is_some_and(|was| n_waiting < was) {
                self.state.update_value(Saving::note_arrived);
                self.save();
            }
            n_waiting
        });
        // A save that failed is made again when the server is there.
        let connection = use_live().connection();
        Effect::new(move |_| {
            if connection.get() == Connection::Live {
                self.save();
            }
        });
    }

    /// Another of the person's devices has saved a draft: it is shown unless somebody is writing here.
    fn follow(self) {
        use_live().listen(move |event: &Event| match &event.kind {
            EventKind::DraftSaved { conversation } if *conversation == self.opened.id => self.read(),
            _ => {}
        });
        #[cfg(feature = "hydrate")]
        {
            let handle = window_event_listener_untyped("pagehide", move |_| self.save_while_leaving());
            on_cleanup(move || handle.remove());
            // An iPad says no more than this before it lets a page die.
            let handle = window_event_listener_untyped("visibilitychange", move |_| {
                if document().visibility_state() == web_sys::VisibilityState::Hidden {
                    self.save();
                }
            });
            on_cleanup(move || handle.remove());
        }
    }

    fn read(self) {
        if self.is_own_word() {
            return;
        }
        let call = self.opened.client().call(GetConversation {
            conversation: self.opened.id,
        });
        leptos::task::spawn_local(async move {
            let Ok(answer) = call.await else { return };
            let text = answer.conversation.draft.map(|draft| draft.0).unwrap_or_default();
            let Some(typed) = self.opened.typed.try_get_untracked() else {
                return;
            };
            // Also what this device wrote itself and carried while its page went away.
            let is_here = typed == text;
            if !is_here && !self.may_be_replaced() {
                return;
            }
            self.state.update_value(|state| state.note_servers(&text));
            self.keep(&text);
            if !is_here {
                self.opened.replace.set(Some(text));
            }
        });
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

    /// Nobody writes here: everything typed is saved, it was not this device, and the box is empty or left alone.
    #[cfg(feature = "hydrate")]
    fn may_be_replaced(self) -> bool {
        let is_busy = self
            .opened
            .typed
            .with_untracked(|typed| self.state.with_value(|state| state.is_busy(typed)));
        let is_empty = self.opened.typed.with_untracked(String::is_empty);
        !self.is_own_word() && !is_busy && (is_empty || !has_focus())
    }

    #[cfg(not(feature = "hydrate"))]
    #[expect(clippy::unused_self, reason = "nobody writes on the server")]
    fn may_be_replaced(self) -> bool {
        false
    }

    /// A page that goes away may not wait for an answer: the browser carries the words by itself. Before all code is here
    /// `xtask/src/chunks.js` has it carry them.
    #[cfg(feature = "hydrate")]
    fn save_while_leaving(self) {
        let Some(typed) = self.opened.typed.try_get_untracked() else {
            return;
        };
        self.keep(&typed);
        let is_saved = self.state.with_value(|state| state.saved == typed);
        if is_saved || typed.chars().count() > MessageBody::MAX_CHARS {
            return;
        }
        if !self.has_cookie {
            self.save();
            return;
        }
        let wish = SaveDraft {
            conversation: self.opened.id,
            draft: Draft(typed),
        };
        let Ok(body) = json::write(&wish) else {
            return;
        };
        let options = web_sys::BlobPropertyBag::new();
        options.set_type("application/json");
        let parts = js_sys::Array::of1(&body.into());
        if let Ok(blob) = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options) {
            // Refused when too much is under way already: then the usual save, 300 ms ago, has to do.
            let _ = window()
                .navigator()
                .send_beacon_with_opt_blob("/api/v1/conversations.save_draft", Some(&blob));
        }
    }

    #[cfg(not(feature = "hydrate"))]
    #[expect(dead_code, reason = "a page that goes away is a browser's")]
    fn save_while_leaving(self) {
        let _ = self.has_cookie;
    }
}

/// Whether somebody's fingers are in the compose box of this page.
fn has_focus() -> bool {
    document()
        .active_element()
        .is_some_and(|active| active.class_name() == "compose__text")
}

fn now_ms() -> i64 {
    #[cfg(feature = "hydrate")]
    let now = crate::browser::now_ms().0;
    #[cfg(not(feature = "hydrate"))]
    let now = 0;
    now
}
