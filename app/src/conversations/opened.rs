//! One open conversation: what its pieces share, and how it follows what happens.

use leptos::prelude::*;

use super::acting::Acting;
use super::heard::channel_after;
use super::outbox::{Outbox, use_outbox};
use super::rows::Rows;
use super::sending::Parcel;
use super::timeline::{Keep, Taken, Timeline};
use super::vault::Vault;
use super::{
    Channel, Conversation, GetConversation, Message, MessageBody, ReadTimeline, SendMessage, TimelinePage,
};
use crate::api::{AccountId, Client, ConversationId, Event, EventKind, MessageKey, Operation, Timestamp};
use crate::attachments::{FilesText, joined};
use crate::boot::use_boot;
use crate::chunk::is_whole_here;
use crate::friendships::Change;
use crate::live::{Connection, Live, Mark, N_TRIES, use_live};
use crate::now::use_now;
use crate::session::{Session, use_client, use_session};

/// How many messages a page has.
///
/// Source: ux R9.
pub(super) const PAGE: u32 = 50;

/// What is missing at the end is asked for again after this pause, when it could not be had.
const READ_AGAIN_AFTER: std::time::Duration = std::time::Duration::from_secs(3);

/// What the pieces of an open conversation share. Cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Opened {
    /// Which.
    pub(crate) id: ConversationId,
    /// The other person, whether the two may write.
    pub(super) conversation: RwSignal<Conversation>,
    /// The messages held.
    pub(crate) timeline: RwSignal<Timeline>,
    /// What is drawn.
    pub(crate) rows: Memo<Rows>,
    /// What stands in the compose box.
    pub(super) typed: RwSignal<String>,
    /// Words to put into the compose box: a failed message to change, a beginning to choose.
    pub(super) fill: RwSignal<Option<String>>,
    /// Words to put into the compose box instead of what stands there: a draft from another device.
    pub(super) replace: RwSignal<Option<String>>,
    /// What is said of words in the box that belong in a patient's record, until the person has chosen.
    pub(super) unfiled: RwSignal<Option<String>>,
    /// The words that the person has chosen to send all the same.
    pub(super) let_through: RwSignal<Option<String>>,
    /// The organisation does not want messages to be looked through.
    pub(super) is_unguarded: RwSignal<bool>,
    /// The friend is writing.
    pub(super) is_typing: RwSignal<bool>,
    /// The last message of the friend that came while the conversation was open.
    pub(super) arrival: RwSignal<Option<Message>>,
    /// Counts the messages sent from here: the history goes to its end.
    pub(super) n_sent: RwSignal<u32>,
    /// A page is being read.
    pub(super) is_reading: RwSignal<bool>,
    /// The message whose times are shown.
    pub(super) timed: RwSignal<Option<u128>>,
    /// What the person is about to do with a message.
    pub(super) acting: RwSignal<Acting>,
    /// The page is whole: what only a live page does is drawn.
    pub(super) is_whole: RwSignal<bool>,
    /// The files in the compose box, as `attachments::KeptFile` writes them; empty without any.
    pub(crate) chosen: RwSignal<String>,
    /// Files are in the box, or on their way into it: what shows them is wanted.
    pub(crate) wants_files: RwSignal<bool>,
    /// The picture that is looked at, by its attachment's id; empty for none.
    pub(crate) viewed: RwSignal<String>,
    /// Something has happened since the conversation was read.
    pub(super) was_overtaken: bool,
    me: AccountId,
    outbox: Outbox,
    session: Session,
    client: StoredValue<Client>,
    live: Live,
    typing_turn: StoredValue<u32>,
}

impl Opened {
    /// The conversation as it was read after `mark`; `expected` is the newest position that an event has told of since.
    pub(super) fn new(conversation: Conversation, page: TimelinePage, expected: u64, mark: Mark) -> Self {
        let session = use_session();
        let outbox = use_outbox();
        let now = use_now();
        let me = session
            .me
            .with_untracked(|me| me.as_ref().map(|me| me.id))
            .unwrap_or(AccountId(uuid::Uuid::nil()));
        let id = conversation.id;
        outbox.settle_sent(id);
        let typed = posted_words(id)
            .or_else(|| conversation.draft.as_ref().map(|draft| draft.0.clone()))
            .unwrap_or_default();
        let mut timeline = Timeline::open(me, &conversation, page);
        timeline.expect(expected);
        let timeline = RwSignal::new(timeline);
        let rows = Memo::new(move |_| {
            let outgoing = outbox.entries(id);
            timeline.with(|timeline| Rows::new(timeline, &outgoing, |at| now.civil(at)))
        });
        let opened = Self {
            id,
            conversation: RwSignal::new(conversation),
            timeline,
            rows,
            typed: RwSignal::new(typed),
            fill: RwSignal::new(None),
            replace: RwSignal::new(None),
            unfiled: RwSignal::new(None),
            let_through: RwSignal::new(None),
            is_unguarded: RwSignal::new(false),
            is_typing: RwSignal::new(false),
            arrival: RwSignal::new(None),
            n_sent: RwSignal::new(0),
            is_reading: RwSignal::new(false),
            timed: RwSignal::new(None),
            acting: RwSignal::new(Acting::default()),
            is_whole: is_whole_here(),
            chosen: RwSignal::new(String::new()),
            wants_files: RwSignal::new(false),
            viewed: RwSignal::new(String::new()),
            was_overtaken: use_live().has_moved(mark),
            me,
            outbox,
            session,
            client: StoredValue::new(use_client()),
            live: use_live(),
            typing_turn: StoredValue::new(0),
        };
        let live = opened.live;
        // What the page brought is on its way no more.
        opened.settle_held();
        live.listen(move |event| opened.hear(event));
        // Now, and whenever the connection is back: what is missing at the end.
        Effect::new(move |_| {
            if live.connection().get() == Connection::Live {
                opened.catch_up();
            }
        });
        if opened.was_overtaken {
            opened.read_header(N_TRIES);
            opened.read_again();
        }
        opened
    }

    /// Whether the two may write.
    pub(crate) fn is_open(self) -> bool {
        self.conversation
            .with(|conversation| matches!(conversation.channel, Channel::Open { .. }))
    }

    /// The friend's name as shown.
    pub(crate) fn friend_name(self) -> String {
        self.conversation
            .with_untracked(|conversation| conversation.friend.name.clone())
    }

    /// Whose screen it is.
    pub(crate) fn me(self) -> AccountId {
        self.me
    }

    /// The way to the rules.
    pub(crate) fn client(self) -> Client {
        self.client.get_value()
    }

    /// What is on its way.
    pub(crate) fn outbox(self) -> Outbox {
        self.outbox
    }

    /// Where what is unsent rests.
    pub(crate) fn vault(self) -> Vault {
        self.outbox.vault()
    }

    /// What happens while the page is open.
    pub(super) fn live(self) -> Live {
        self.live
    }

    /// The page's session.
    pub(crate) fn session(self) -> Session {
        self.session
    }

    /// Puts a message on its way, with the files in the box; the line « Nouveaux messages » goes.
    pub(super) fn send(self, key: MessageKey, body: MessageBody, at: Timestamp) {
        let files = self.chosen.get_untracked();
        if !files.is_empty() {
            self.chosen.set(String::new());
        }
        self.timeline.update(|timeline| {
            timeline.drop_new_line();
            // Who answers has read.
            timeline.take_up();
        });
        let has_files = !files.is_empty();
        let parcel = Parcel {
            body,
            reply_to: self.take_reply(),
            files: FilesText(files),
        };
        self.outbox
            .send(&self.client(), self.id, self.friend_name(), key, parcel, at);
        self.offer_undo(key, has_files);
        if self.timeline.with_untracked(Timeline::has_newer) {
            self.read_newest();
        }
        self.n_sent.update(|count| *count += 1);
    }

    /// Tries a failed message again.
    pub(super) fn retry(self, key: MessageKey) {
        self.outbox.retry(&self.client(), self.id, key);
    }

    /// Takes a failed message out.
    pub(super) fn remove_failed(self, key: MessageKey) -> Option<Parcel> {
        self.outbox.remove_failed(self.id, key)
    }

    /// Puts files into the box, beside those that are there.
    pub(super) fn put_files(self, files: String) {
        if !files.is_empty() {
            self.chosen.update(|chosen| *chosen = joined(chosen, &files));
            self.wants_files.set(true);
        }
    }

    /// Nobody wants these files any more.
    #[cfg_attr(
        not(feature = "hydrate"),
        expect(clippy::unused_self, reason = "files are a browser's")
    )]
    pub(super) fn forget_files(self, files: &str) {
        #[cfg(feature = "hydrate")]
        crate::attachments::uploads::discard(self.vault(), &self.client(), files);
        #[cfg(not(feature = "hydrate"))]
        let _ = files;
    }

    /// Reads the page before what is held. Answers whether there is one to wait for.
    pub(super) fn read_older(self) -> bool {
        let before = self
            .timeline
            .with_untracked(|timeline| timeline.first_position().filter(|_| timeline.has_older()));
        let Some(before) = before else { return false };
        self.read(Some(before), None, Keep::Oldest)
    }

    /// Reads the page after what is held.
    pub(super) fn read_newer(self) {
        let after = self
            .timeline
            .with_untracked(|timeline| timeline.has_newer().then(|| timeline.end()));
        if let Some(after) = after {
            self.read(None, Some(after), Keep::Newest);
        }
    }

    /// Reads what is missing at the end, if the reader is there.
    fn catch_up(self) {
        if self.timeline.try_with_untracked(Timeline::is_behind) == Some(true) {
            self.read_newer();
        }
    }

    /// Reads the newest page and shows it instead of what was held.
    pub(super) fn read_newest(self) {
        let wish = ReadTimeline {
            conversation: self.id,
            before: None,
            after: None,
            around: None,
            limit: Some(PAGE),
        };
        let call = self.client().call(wish);
        leptos::task::spawn_local(async move {
            if let Ok(page) = call.await {
                let _ = self.timeline.try_update(|timeline| timeline.replace(page));
                self.settle_held();
            }
        });
    }

    /// Reads what is held once more: something in it may have changed while it was being read.
    fn read_again(self) {
        let first = self.timeline.with_untracked(Timeline::first_position);
        if let Some(first) = first {
            self.read(None, Some(first.saturating_sub(1)), Keep::Newest);
        }
    }

    fn read(self, before: Option<u64>, after: Option<u64>, keep: Keep) -> bool {
        if self.is_reading.get_untracked() {
            return false;
        }
        self.is_reading.set(true);
        let wish = ReadTimeline {
            conversation: self.id,
            before,
            after,
            around: None,
            limit: Some(PAGE),
        };
        let call = self.client().call(wish);
        leptos::task::spawn_local(async move {
            let outcome = call.await;
            if self.is_reading.try_set(false).is_some() {
                return;
            }
            match outcome {
                Ok(page) => {
                    // Beside what was asked for, the end may have moved on meanwhile.
                    let has_news = !page.messages.is_empty() || before.is_some();
                    let _ = self.timeline.try_update(|timeline| timeline.merge(page, keep));
                    self.settle_held();
                    if has_news {
                        self.catch_up();
                    }
                }
                Err(error) => {
                    self.session.notice(&error);
                    // Without a connection it is caught up with once that is back.
                    let again = move || {
                        if self.live.is_live() {
                            self.catch_up();
                        }
                    };
                    set_timeout(again, READ_AGAIN_AFTER);
                }
            }
        });
        true
    }

    /// What arrived while the page was being read is on its way no more.
    fn settle_held(self) {
        // None once the screen is gone.
        let Some(client) = self.client.try_get_value() else {
            return;
        };
        if self.outbox.holds_nothing(self.id) {
            return;
        }
        let own: Vec<Message> = self.timeline.with_untracked(|timeline| {
            let own = timeline.messages().iter().filter(|message| message.key.is_some());
            own.cloned().collect()
        });
        for message in &own {
            self.outbox.settle(&client, self.id, message);
        }
    }

    fn hear(self, event: &Event) {
        match &event.kind {
            EventKind::MessageSent {
                conversation,
                message,
            } if *conversation == self.id => self.take(message),
            EventKind::MessageChanged {
                conversation,
                message,
            } if *conversation == self.id => {
                self.timeline.update(|timeline| timeline.change(message));
            }
            EventKind::ConversationRead {
                conversation,
                reader,
                position,
                ..
            } if *conversation == self.id => {
                let is_me = *reader == self.me;
                self.timeline.update(|timeline| {
                    if is_me {
                        timeline.i_have_read(*position);
                    } else {
                        timeline.friend_has_read(*position);
                    }
                });
            }
            EventKind::MessagesDelivered {
                conversation,
                position,
            } if *conversation == self.id => {
                self.timeline
                    .update(|timeline| timeline.friend_has_received(*position));
            }
            EventKind::MarkedUnread {
                conversation,
                position,
                ..
            } if *conversation == self.id => {
                self.timeline.update(|timeline| timeline.put_off(*position));
            }
            EventKind::RelationChanged {
                account, relation, ..
            } if self.is_friend(*account) => {
                self.conversation.update(|conversation| {
                    conversation.channel = channel_after(&conversation.channel, relation, event.at);
                    conversation.friend.relation = relation.clone();
                });
                self.read_header(N_TRIES);
            }
            EventKind::ProfileChanged { account } if self.is_friend(*account) => self.read_header(N_TRIES),
            EventKind::Typing { conversation } if *conversation == self.id => self.show_typing(),
            _ => {}
        }
    }

    /// The person has changed the relation, here.
    pub(super) fn change(self, change: &Change) {
        let at = change.relation.since.unwrap_or_default();
        let _ = self.conversation.try_update(|conversation| {
            conversation.channel = channel_after(&conversation.channel, &change.relation, at);
            conversation.friend.relation = change.relation.clone();
        });
    }

    fn is_friend(self, account: AccountId) -> bool {
        self.conversation
            .with_untracked(|conversation| conversation.friend.id == account)
    }

    fn take(self, message: &Message) {
        let mut taken = Taken::Known;
        self.timeline
            .update(|timeline| taken = timeline.take(message.clone()));
        if let Some(key) = message.key {
            if matches!(taken, Taken::Shown | Taken::Known) {
                self.outbox.settle(&self.client(), self.id, message);
            } else {
                // It is stored, and not among those held yet: what was written here stands for it until then.
                self.outbox.told_sent(self.id, key, message.clone());
                self.outbox.run(&self.client(), self.id);
            }
        }
        if message.author != self.me && taken != Taken::Known {
            self.is_typing.set(false);
            self.arrival.set(Some(message.clone()));
        }
        if let Taken::Gap { .. } = taken {
            self.read_newer();
        }
    }

    /// Reads the header anew: what an event does not say.
    fn read_header(self, n_left: u32) {
        let Some(client) = self.client.try_get_value() else {
            return;
        };
        let mark = self.live.mark();
        let conversation = self.id;
        leptos::task::spawn_local(async move {
            match client.call(GetConversation { conversation }).await {
                Ok(_) if n_left > 0 && self.live.has_moved(mark) => self.read_header(n_left - 1),
                Ok(answer) => {
                    let _ = self.conversation.try_set(answer.conversation);
                }
                Err(_) => {}
            }
        });
    }

    /// « écrit… » for five seconds from the last sign.
    ///
    /// Source: ux C8.
    fn show_typing(self) {
        let turn = self.typing_turn.get_value() + 1;
        self.typing_turn.set_value(turn);
        self.is_typing.set(true);
        let end = move || {
            if self.typing_turn.try_get_value() == Some(turn) {
                let _ = self.is_typing.try_set(false);
            }
        };
        set_timeout(end, std::time::Duration::from_secs(5));
    }
}

/// The words of a plain form that was refused: they are in the box again, or kept as a draft.
fn posted_words(conversation: ConversationId) -> Option<String> {
    use_boot().with_value(|boot| {
        let posted = boot.posted_by(SendMessage::NAME)?;
        let is_here = posted.field("conversation").and_then(|id| id.parse().ok()) == Some(conversation);
        posted.error.as_ref().filter(|_| is_here)?;
        posted.field("body").map(ToOwned::to_owned)
    })
}
