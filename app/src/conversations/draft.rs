//! Keeps what stands in the compose box: on this device at once; on the server 300 ms after the last key, when the screen goes
//! away and when the page is hidden, or as soon as there is a connection. The server's copy serves all the person's devices;
//! what it does not have rests in this device's vault until it does. What belongs in a patient's record, or is about to, rests
//! there until the person has chosen (`guarding`). What of it is where, `saving` knows; what the person's other devices write, `elsewhere` sees to.

use leptos::prelude::*;

use super::MessageBody;
use super::elsewhere::has_focus;
use super::kept::KeptDraft;
use super::opened::Opened;
use super::saving::Saving;
use super::vault::Standing;
use super::{Draft, SaveDraft, SavedDraft};
use crate::api::ApiError;
use crate::chunk::when_whole_here;
use crate::live::Connection;

/// The wait after the last key.
///
/// Source: ux C1.
const SAVE_AFTER: std::time::Duration = std::time::Duration::from_millis(300);

/// Saves a draft: one call at a time, the latest words last. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct DraftKeeper {
    pub(super) opened: Opened,
    pub(super) state: StoredValue<Saving>,
    /// How the page stood to its vault when this box last took up what rests there.
    taken_up: StoredValue<Option<Standing>>,
}

impl DraftKeeper {
    /// A keeper that begins with the server's copy, and follows the person's other devices.
    pub(super) fn new(opened: Opened) -> Self {
        let saved = opened
            .conversation
            .with_untracked(|conversation| conversation.draft.as_ref().map(|draft| draft.0.clone()))
            .unwrap_or_default();
        let state = StoredValue::new(Saving {
            saved: saved.clone(),
            ..Saving::default()
        });
        let keeper = Self {
            opened,
            state,
            taken_up: StoredValue::new(None),
        };
        keeper.follow();
        #[cfg(feature = "hydrate")]
        keeper.listen_to_leaving();
        let shown = opened.typed.get_untracked();
        when_whole_here(move || {
            keeper.meet_vault(saved, shown);
            // Words that a refused form brought back are kept from now on.
            keeper.save();
        });
        // On the server a page goes away as soon as it is drawn, and nobody has typed.
        #[cfg(feature = "hydrate")]
        on_cleanup(move || {
            keeper.save();
            keeper.leave();
        });
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
        if !self.has_taken_up() {
            return;
        }
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

    /// The words were sent; the server removes the draft with them, if it says no more than they do.
    pub(super) fn sent(self, body: &MessageBody) {
        self.state.try_update_value(|state| {
            state.note_sent(body.as_str());
            state.saved_at_ms = now_ms();
        });
        self.keep("");
    }

    /// Whether the box has taken up what rests in the open vault, or in the page where there is none. Until then nothing takes
    /// the place of that.
    fn has_taken_up(self) -> bool {
        let standing = self.opened.vault().standing_now();
        let is_known = self.taken_up.try_get_value() == Some(Some(standing));
        is_known || !matches!(standing, Standing::Open | Standing::Apart)
    }

    /// Lets what the server does not have rest on the device.
    fn keep(self, typed: &str) {
        let vault = self.opened.vault();
        if !self.has_taken_up() {
            return;
        }
        match self.unsaved(typed) {
            None => vault.drop_draft(self.opened.id, typed),
            Some(draft) => vault.keep_draft(draft),
        }
    }

    fn unsaved(self, typed: &str) -> Option<KeptDraft> {
        let do_messages_wait = self.do_messages_wait();
        let unsaved = self
            .state
            .try_update_value(|state| state.unsaved(typed, do_messages_wait));
        let unsaved = unsaved.flatten()?;
        Some(KeptDraft {
            conversation: self.opened.id,
            to: self.opened.friend_name(),
            text: typed.to_owned(),
            base: unsaved.base,
            tried: unsaved.tried,
            lost: unsaved.lost,
        })
    }

    /// Whether messages of this conversation are on their way. Each takes the server's draft away when it arrives, so what was
    /// written behind them is saved after them, and rests here until then.
    pub(super) fn do_messages_wait(self) -> bool {
        untrack(move || self.opened.outbox().n_waiting_in(self.opened.id) > 0)
    }

    /// Saves at once what is not saved yet.
    pub(super) fn save(self) {
        let Some(typed) = self.opened.typed.try_get_untracked() else {
            return;
        };
        self.keep(&typed);
        let (vault, conversation) = (self.opened.vault(), self.opened.id);
        // Of a save without a connection nobody would hear whether it has come; some words wait for the person's choice.
        let can_save =
            self.opened.live().is_live() && !self.do_messages_wait() && !self.opened.holds_draft_back(&typed);
        let next = self.state.try_update_value(|state| {
            if !can_save {
                return None;
            }
            let over = state.over();
            let text = state.next(&typed)?;
            state.saved_at_ms = now_ms();
            Some((text, over))
        });
        let Some(Some((text, over))) = next else {
            // The screen may go before they are saved, and then the page.
            let is_kept = vault.draft(conversation).is_some() && !typed.is_empty();
            if is_kept && matches!(vault.standing_now(), Standing::Apart | Standing::Sealed) {
                vault.risk(KeptDraft::id(conversation));
            }
            return;
        };
        let client = self.opened.client();
        let call = client.call(SaveDraft {
            conversation,
            draft: Draft(text.clone()),
            over: Some(over),
        });
        leptos::task::spawn_local(async move {
            let outcome = call.await;
            let is_crowded = matches!(outcome, Err(ApiError::Invalid { .. }));
            let is_gone = self.state.try_update_value(|state| {
                let is_gone = state.gone.is_some();
                if is_crowded {
                    state.note_crowded();
                } else {
                    state.answered(outcome.is_ok());
                }
                is_gone
            });
            if outcome.is_err() && vault.standing_now() != Standing::Open {
                vault.risk(KeptDraft::id(conversation));
            }
            match (outcome, is_gone) {
                (Ok(SavedDraft { met }), Some(is_gone)) => {
                    if let Some(met) = met {
                        self.meet(&met.0, &text, is_gone);
                    }
                    self.save();
                    self.read_what_is_owed();
                }
                (Ok(SavedDraft { met }), None) => {
                    let met = met.map(|met| met.0);
                    #[cfg(feature = "hydrate")]
                    super::keeping::bring_left(self.opened.outbox(), client, conversation, text, met).await;
                    #[cfg(not(feature = "hydrate"))]
                    drop((client, met));
                }
                (Err(_), Some(_)) if is_crowded => self.read(),
                (Err(_), Some(_)) => {
                    if let Some(typed) = self.opened.typed.try_get_untracked() {
                        self.keep(&typed);
                    }
                }
                (Err(_), None) => {}
            }
        });
    }

    /// Another device had written as well: the box shows what the server has `met` of both, with what was typed since `text`
    /// was on its way.
    fn meet(self, met: &str, text: &str, is_gone: bool) {
        let Some(typed) = self.opened.typed.try_get_untracked() else {
            return;
        };
        let words = self
            .state
            .try_update_value(|state| state.note_met(met, text, is_gone, &typed));
        if let Some(words) = words.filter(|words| *words != typed) {
            self.put(words);
        }
    }

    /// Puts words into the box instead of what stands there. What the box holds is known from this moment on, not from when it
    /// is drawn: a save in between would take it for emptied.
    pub(super) fn put(self, words: String) {
        self.opened.typed.set(words.clone());
        self.opened.replace.set(Some(words));
    }

    /// What waits in the vault, or in the page where there is none, meets what the server had when the page was drawn
    /// (`servers`) and what was drawn into the box (`shown`), each time the vault opens. What this box has written itself meets
    /// nothing.
    fn meet_vault(self, servers: String, shown: String) {
        let (vault, id) = (self.opened.vault(), self.opened.id);
        vault.tend(id, true);
        on_cleanup(move || vault.tend(id, false));
        let standing = vault.standing();
        Effect::new(move |_| {
            let standing = standing.get();
            let was = self.taken_up.get_value();
            self.taken_up.set_value(Some(standing));
            let is_due = match standing {
                Standing::Open => was != Some(Standing::Open),
                // Without a vault the page remembers what was typed here before.
                Standing::Apart => matches!(was, None | Some(Standing::Awaited)),
                Standing::Awaited | Standing::Sealed => return,
            };
            if let Some(kept) = vault.draft(id).filter(|_| is_due) {
                let typed = self.opened.typed.get_untracked();
                let words = self
                    .state
                    .try_update_value(|state| state.take_up(&kept, &servers, &shown, &typed));
                if let Some(words) = words.filter(|words| *words != typed) {
                    self.put(words);
                }
            }
            // What was typed before rests here from now on.
            self.touched();
        });
        // What another tab of this browser has in its box stands in this one too, unless somebody writes here.
        let told = vault.told();
        Effect::new(move |was: Option<()>| {
            let draft = told.get().filter(|draft| draft.conversation == id);
            // What was told before this box stood here may be old.
            let Some(draft) = draft.filter(|_| was.is_some()) else {
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
                    self.put(draft.text);
                }
            }
        });
        // What was written behind a message is saved as soon as that has arrived.
        let outbox = self.opened.outbox();
        let taken_back = outbox.taken_back();
        Effect::new(move |was: Option<(usize, u32)>| {
            let (n_waiting, n_taken) = (outbox.n_waiting_in(id), taken_back.n_taken(id));
            if let Some((waited, had_taken)) = was
                && n_waiting < waited
            {
                let is_refused = untrack(|| outbox.last_failed(id).is_some());
                let may_be_left = is_refused || n_taken != had_taken;
                self.state.update_value(|state| state.note_arrived(may_be_left));
                self.save();
                self.read_what_is_owed();
            }
            (n_waiting, n_taken)
        });
        taken_back.come(id);
        Effect::new(move |had: Option<u32>| {
            let n_late = taken_back.n_late(id);
            if had.is_some_and(|had| n_late != had) {
                self.state.update_value(Saving::note_taken_along);
                self.save();
            }
            n_late
        });
        // A save that failed is made again when the server is there, and what could not be read then.
        let connection = self.opened.live().connection();
        Effect::new(move |_| {
            if connection.get() == Connection::Live {
                self.save();
                self.read_what_is_owed();
            }
        });
    }

    /// The screen goes, before it is known what becomes of a message that was taken back.
    #[cfg(feature = "hydrate")]
    fn leave(self) {
        let typed = self.opened.typed.try_get_untracked().unwrap_or_default();
        if !self.opened.holds_draft_back(&typed) {
            self.opened.outbox().taken_back().leave(self.opened.id, typed);
        }
    }

    #[cfg(feature = "hydrate")]
    fn listen_to_leaving(self) {
        let handle = window_event_listener_untyped("pagehide", move |_| self.save_while_leaving());
        on_cleanup(move || handle.remove());
        // An iPad says no more than this before it lets a page die.
        let handle = window_event_listener_untyped("visibilitychange", move |_| {
            if document().visibility_state() == web_sys::VisibilityState::Hidden {
                if self.opened.live().is_live() {
                    self.save();
                } else {
                    self.save_while_leaving();
                }
            }
        });
        on_cleanup(move || handle.remove());
    }

    /// A page that goes away hears no answer: the browser carries the words by itself, for the account that the page was
    /// drawn for. Before all code is here `xtask/src/chunks.js` has it carry them.
    #[cfg(feature = "hydrate")]
    fn save_while_leaving(self) {
        let Some(typed) = self.opened.typed.try_get_untracked() else {
            return;
        };
        self.keep(&typed);
        let (is_saved, over) = self
            .state
            .with_value(|state| (state.is_settled(&typed), state.over()));
        let has_ended = self.opened.session().has_ended.get_untracked();
        let is_held = has_ended || self.opened.holds_draft_back(&typed);
        if is_saved || is_held || typed.chars().count() > MessageBody::MAX_CHARS {
            return;
        }
        self.state.update_value(|state| state.note_lost(&typed));
        let carrying = self.opened.client().call(SaveDraft {
            conversation: self.opened.id,
            draft: Draft(typed),
            over: Some(over),
        });
        leptos::task::spawn_local(async move {
            // Nobody is there to hear; without a server the usual save, 300 ms ago, has to do.
            let _ = carrying.await;
        });
    }
}

pub(super) fn now_ms() -> i64 {
    #[cfg(feature = "hydrate")]
    let now = crate::browser::now_ms().0;
    #[cfg(not(feature = "hydrate"))]
    let now = 0;
    now
}
