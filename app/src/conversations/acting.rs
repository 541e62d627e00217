//! What a person is about to do with a message of an open conversation, and doing it.
//!
//! Nothing here is queued: an act that the server does not answer may not be done, says so, and is not tried again by itself.
//! What was typed stays.

use leptos::prelude::*;

use super::opened::Opened;
use super::reading::Reading;
use super::rows::unknown_quote;
use super::sending::Parcel;
use super::{
    ChangedMessage, DeleteMessage, EDIT_WITHIN_MS, MarkUnread, Message, PinMessage, Quote, ReactToMessage,
    Reaction, ReadTimeline, StarMessage,
};
use crate::accounts::Language;
use crate::api::{ApiError, MessageId, MessageKey, Operation, Timestamp};
use crate::attachments::FilesText;
use crate::i18n::{error_words, words};
use crate::ui::Toasts;

/// How long a message that was sent can be taken back with one press. Afterwards it can be deleted.
///
/// Source: ux S8.
const UNDO_WITHIN: std::time::Duration = std::time::Duration::from_secs(5);
/// The same with files, which are looked at once more before they are let go.
///
/// Source: product, C6.
const UNDO_FILES_WITHIN: std::time::Duration = std::time::Duration::from_secs(10);

/// What a person is about to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Acting {
    /// The row that shows its button: under the pointer, with the focus, or pressed.
    pub(super) pointed: Option<u128>,
    /// The row whose menu was opened last.
    pub(super) menu: Option<u128>,
    /// What the next message answers.
    pub(super) replying: Option<Quote>,
    /// The question that stands over the page.
    pub(super) asked: Option<Asked>,
    /// Counts the questions: one that is asked again is looked into again.
    pub(super) n_asked: u32,
    /// The message that was just sent and can be taken back.
    pub(super) undo: Option<MessageKey>,
    /// The position that the history goes to.
    pub(super) jump: Option<u64>,
}

/// A question about a message, or a list of messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Other words for it.
    Edit(Message),
    /// Whether to delete it.
    Delete(Message),
    /// To whom it goes.
    Forward(Message),
    /// What it said before.
    Versions(Message),
    /// The pinned and starred ones.
    Marked,
}

/// Who is told what came of an act.
#[derive(Clone, Copy)]
pub(super) struct Teller {
    /// In which language.
    pub(super) language: Language,
    /// Where.
    pub(super) toasts: Toasts,
}

impl Teller {
    /// What a refusal means for an act.
    pub(super) fn refusal(self, error: &ApiError) -> String {
        match error {
            ApiError::Unreachable => words::conversations::actions::offline(self.language).to_owned(),
            error => act_refusal(self.language, error),
        }
    }
}

impl Opened {
    /// The stored message of a row.
    pub(super) fn message_of(self, row: u128) -> Option<Message> {
        let id = self.rows.with_untracked(|rows| rows.messages.get(&row)?.id)?;
        self.timeline.with_untracked(|timeline| {
            let held = timeline.messages().iter().find(|message| message.id == id);
            held.cloned()
        })
    }

    /// The row of a stored message.
    pub(super) fn row_of(self, position: u64) -> Option<u128> {
        self.rows.with_untracked(|rows| {
            let found = rows
                .messages
                .iter()
                .find(|(_, row)| row.position == Some(position));
            found.map(|(row, _)| *row)
        })
    }

    /// Asks something about a message.
    pub(super) fn ask(self, asked: Asked) {
        self.acting.update(|acting| {
            acting.asked = Some(asked);
            acting.n_asked = acting.n_asked.wrapping_add(1);
        });
    }

    /// Nothing is asked any more.
    pub(super) fn stop_asking(self) {
        let _ = self.acting.try_update(|acting| acting.asked = None);
    }

    /// The next message answers this one.
    pub(super) fn reply_to(self, message: &Message) {
        let quote = Quote::of(message);
        self.acting.update(|acting| acting.replying = Some(quote));
        focus_on("#ecrire");
    }

    /// The next message answers nothing.
    pub(super) fn stop_replying(self) {
        self.acting.update(|acting| acting.replying = None);
        focus_on("#ecrire");
    }

    /// What the message that leaves now answers; the next one answers nothing.
    pub(super) fn take_reply(self) -> Option<MessageId> {
        let replying = self.acting.with_untracked(|acting| acting.replying.clone());
        if replying.is_some() {
            self.acting.update(|acting| acting.replying = None);
        }
        replying.map(|quote| quote.id)
    }

    /// Answers a message with one word, or takes it away.
    pub(super) fn react(self, message: MessageId, reaction: Option<Reaction>, teller: Teller) {
        if let Some(key) = fresh_key() {
            self.perform(
                ReactToMessage {
                    message,
                    key,
                    reaction,
                },
                teller,
            );
        }
    }

    /// Pins a message or takes the pin away.
    pub(super) fn pin(self, message: MessageId, pinned: bool, teller: Teller) {
        if let Some(key) = fresh_key() {
            self.perform(PinMessage { message, key, pinned }, teller);
        }
    }

    /// Stars a message or takes the star away.
    pub(super) fn star(self, message: MessageId, starred: bool, teller: Teller) {
        if let Some(key) = fresh_key() {
            self.perform(
                StarMessage {
                    message,
                    key,
                    starred,
                },
                teller,
            );
        }
    }

    /// Makes a message of the friend unread again, and what came after it.
    pub(super) fn put_off(self, position: u64, teller: Teller) {
        let call = self.client().call(MarkUnread {
            conversation: self.id,
            position,
        });
        leptos::task::spawn_local(async move {
            // The event changes the page, here as on the other devices.
            if let Err(error) = call.await {
                self.session().notice(&error);
                teller.toasts.alert(teller.refusal(&error));
            }
        });
    }

    fn perform<O: Operation<Answer = ChangedMessage>>(self, act: O, teller: Teller) {
        let call = self.client().call(act);
        leptos::task::spawn_local(async move {
            match call.await {
                Ok(ChangedMessage { message }) => self.take_changed(&message),
                Err(error) => {
                    self.session().notice(&error);
                    teller.toasts.alert(teller.refusal(&error));
                }
            }
        });
    }

    /// A message is as it was answered; the event says the same.
    pub(super) fn take_changed(self, message: &Message) {
        let _ = self.timeline.try_update(|timeline| timeline.change(message));
    }

    /// Opens the person's last message for other words, if its time is not over.
    ///
    /// Source: ux §3.2, the arrow up in an empty box.
    pub(super) fn edit_last(self, now: Timestamp) -> bool {
        let me = self.me();
        let last = self.timeline.with_untracked(|timeline| {
            let mine = |message: &&Message| message.author == me && message.deleted_at.is_none();
            timeline.messages().iter().rev().find(mine).cloned()
        });
        let last = last.filter(|message| now.ms_since(message.sent_at) <= EDIT_WITHIN_MS);
        let Some(message) = last.filter(|_| self.is_open()) else {
            return false;
        };
        self.ask(Asked::Edit(message));
        true
    }

    /// For five seconds, or ten with files, the message that has just left can be taken back.
    pub(super) fn offer_undo(self, key: MessageKey, has_files: bool) {
        self.acting.update(|acting| acting.undo = Some(key));
        // With files it is held here as long: whoever takes it back has sent nothing.
        self.outbox().hold(has_files.then_some(key));
        let within = if has_files { UNDO_FILES_WITHIN } else { UNDO_WITHIN };
        set_timeout(move || self.withdraw_undo(key), within);
    }

    fn withdraw_undo(self, key: MessageKey) {
        self.outbox().release(key);
        let is_offered = self.acting.try_with_untracked(|acting| acting.undo == Some(key));
        if is_offered == Some(true) {
            let _ = self.acting.try_update(|acting| acting.undo = None);
        }
    }

    /// Takes the message back that was sent under this key: out of the outbox if the server has not answered, else it is
    /// deleted for both. Its words are in the box again.
    pub(super) fn take_back(self, key: MessageKey, teller: Teller) {
        use words::conversations::undo as t;
        self.acting.update(|acting| acting.undo = None);
        let outbox = self.outbox();
        if !untrack(move || self.is_open()) {
            // There is no box to write in: the words stay where they are.
            teller.toasts.alert(teller.refusal(&ApiError::ChannelClosed));
            return;
        }
        let may_have_left = outbox.may_have_left(self.id, key);
        outbox.release(key);
        if let Some(parcel) = outbox.take_back(self.id, key) {
            self.write_again(parcel);
            let said = if may_have_left {
                t::interrupted(teller.language)
            } else {
                t::cancelled(teller.language)
            };
            teller.toasts.say(said);
            return;
        }
        if let Some(parcel) = self.remove_failed(key) {
            self.write_again(parcel);
            teller.toasts.say(t::cancelled(teller.language));
            return;
        }
        let sent = self.sent_under(key);
        let Some(message) = sent.filter(|message| message.deleted_at.is_none()) else {
            return;
        };
        let name = self.friend_name();
        let call = self.client().call(DeleteMessage { message: message.id });
        // Nobody else holds the words once the server has deleted them, and its answer may be lost, or come when the screen has
        // gone. At worst they stand here as well as in the message.
        self.write_again(Parcel {
            reply_to: message.marks.read().reply_to.map(|quote| quote.id),
            body: message.body,
            // This device does not have them any more.
            files: FilesText::default(),
        });
        leptos::task::spawn_local(async move {
            match call.await {
                Ok(ChangedMessage { message }) => {
                    self.take_changed(&message);
                    teller.toasts.say(t::deleted(teller.language, &name));
                }
                Err(error) => {
                    self.session().notice(&error);
                    teller.toasts.alert(teller.refusal(&error));
                }
            }
        });
    }

    /// Puts words and files into the box again, and what they answered, unless another message is being answered by now.
    pub(super) fn write_again(self, parcel: Parcel) {
        let answered = parcel.reply_to.map(|id| self.quote(id));
        self.acting.update(|acting| {
            acting.replying = acting.replying.take().or(answered);
        });
        // Files may have been all of it.
        if !parcel.body.is_withheld() {
            self.fill.set(Some(parcel.body.as_str().to_owned()));
        }
        self.put_files(parcel.files.0);
    }

    /// What is known here of a message that is answered.
    fn quote(self, id: MessageId) -> Quote {
        self.timeline.with_untracked(|timeline| {
            let held = timeline.messages().iter().find(|message| message.id == id);
            held.map_or_else(|| unknown_quote(id), Quote::of)
        })
    }

    /// The stored message that was sent under this key.
    fn sent_under(self, key: MessageKey) -> Option<Message> {
        let held = self.timeline.with_untracked(|timeline| {
            let mut newest_first = timeline.messages().iter().rev();
            newest_first.find(|message| message.key == Some(key)).cloned()
        });
        held.or_else(|| self.outbox().sent(self.id, key))
    }

    /// Shows the message at this position, wherever it is, and gives it the focus.
    pub(super) fn jump_to(self, reading: Reading, position: u64, teller: Teller) {
        let is_held = self.timeline.with_untracked(|timeline| {
            let first = timeline.first_position();
            first.is_some_and(|first| (first..=timeline.end()).contains(&position))
        });
        if is_held {
            reading.show(position);
            return;
        }
        let call = self.client().call(ReadTimeline {
            conversation: self.id,
            before: None,
            after: None,
            around: Some(position),
            limit: Some(super::opened::PAGE),
        });
        leptos::task::spawn_local(async move {
            match call.await {
                Ok(page) => {
                    let _ = self.timeline.try_update(|timeline| timeline.replace(page));
                    reading.show(position);
                }
                Err(error) => {
                    self.session().notice(&error);
                    teller.toasts.alert(teller.refusal(&error));
                }
            }
        });
    }
}

/// Why an act was refused. Nothing was to be sent: what is said of messages would say the contrary of what is.
pub(super) fn act_refusal(language: Language, error: &ApiError) -> String {
    use words::conversations::act_refused as t;
    let words = match error {
        ApiError::ChannelClosed => t::closed(language),
        ApiError::NotFriends => t::not_friends(language),
        ApiError::NotFound => t::not_found(language),
        ApiError::KeyReused => t::done_otherwise(language),
        error => return error_words(language, error),
    };
    words.to_owned()
}

/// A key for one act; none on the server, where nobody acts.
pub(super) fn fresh_key() -> Option<MessageKey> {
    #[cfg(feature = "hydrate")]
    let key = Some(crate::browser::random_key());
    #[cfg(not(feature = "hydrate"))]
    let key = None;
    key
}

/// Gives something on the page the focus.
pub(super) fn focus_on(selector: &str) {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast;
        let found = document().query_selector(selector).ok().flatten();
        if let Some(found) = found.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()) {
            // Only an element that has left the page refuses the focus.
            let _ = found.focus();
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = selector;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who presses *Supprimer* and reads that the message has not left would believe that nobody has it.
    #[test]
    fn a_refused_act_is_not_told_in_the_words_of_sending() {
        for language in [Language::French, Language::English] {
            for error in [
                ApiError::ChannelClosed,
                ApiError::NotFriends,
                ApiError::NotFound,
                ApiError::KeyReused,
            ] {
                assert_ne!(
                    act_refusal(language, &error),
                    error_words(language, &error),
                    "{error:?}"
                );
            }
            let error = ApiError::TooLate;
            assert_eq!(act_refusal(language, &error), error_words(language, &error));
        }
    }
}
