//! The page's outbox: runs the lane of each conversation against the network, whichever screen is open.
//!
//! It stands above the router, so that a message goes on its way while the person looks elsewhere. What it holds rests in
//! the vault until the server has it (`vault`, `keeping`), so it outlives the page. Of several tabs one sends; the others
//! hand their messages over and follow.

use std::collections::BTreeMap;
#[cfg(feature = "hydrate")]
use std::collections::BTreeSet;

use leptos::prelude::*;

use super::kept::{KeptMessage, Word};
use super::sending::{Lane, Outgoing, Parcel, Progress, Then};
use super::taken_back::TakenBack;
use super::vault::{Standing, Vault};
use super::{Message, MessageBody, SendMessage};
use crate::api::{ApiError, AttachmentId, Client, ConversationId, EventKind, MessageKey, Timestamp};
use crate::chunk::when_whole_here;
use crate::live::{Connection, Live, use_live};
use crate::session::{Session, use_session};

/// The outgoing messages of all conversations. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Outbox {
    lanes: RwSignal<BTreeMap<ConversationId, Lane>>,
    taken_back: TakenBack,
    /// The message with files that is held, because it can be taken back still.
    held: StoredValue<Option<MessageKey>>,
    /// The messages whose files were sent anew, because the server knew them no more.
    #[cfg(feature = "hydrate")]
    doubted: StoredValue<BTreeSet<MessageKey>>,
    session: Session,
    vault: Vault,
}

/// Makes an outbox and gives it to the screens below, once, after their client and session. `standing` says whether this
/// page's words may rest in a vault.
pub fn provide_outbox(standing: Standing) -> Outbox {
    let session = use_session();
    let outbox = Outbox {
        lanes: RwSignal::new(BTreeMap::new()),
        taken_back: TakenBack::new(session),
        held: StoredValue::new(None),
        #[cfg(feature = "hydrate")]
        doubted: StoredValue::new(BTreeSet::new()),
        session,
        vault: Vault::new(standing),
    };
    outbox.follow();
    provide_context(outbox);
    outbox
}

/// The page's outbox.
pub fn use_outbox() -> Outbox {
    use_context::<Outbox>().unwrap_or_else(|| provide_outbox(Standing::Apart))
}

impl Outbox {
    /// Where what is unsent rests.
    pub fn vault(self) -> Vault {
        self.vault
    }

    /// What is on its way or failed in a conversation, oldest first; a view that reads it follows.
    pub fn entries(self, conversation: ConversationId) -> Vec<Outgoing> {
        self.lanes.with(|lanes| {
            lanes
                .get(&conversation)
                .map(|lane| lane.entries().to_vec())
                .unwrap_or_default()
        })
    }

    /// Whether nothing of a conversation is on its way, failed, or just sent.
    pub fn holds_nothing(self, conversation: ConversationId) -> bool {
        self.lanes
            .with_untracked(|lanes| lanes.get(&conversation).is_none_or(Lane::is_empty))
    }

    /// The words of the last message that failed in a conversation.
    pub fn last_failed(self, conversation: ConversationId) -> Option<MessageBody> {
        self.lanes.with(|lanes| {
            lanes
                .get(&conversation)?
                .last_failed()
                .map(|entry| entry.body.clone())
        })
    }

    /// How many messages wait to be sent; a view that reads it follows.
    pub fn n_waiting(self) -> usize {
        self.lanes.with(|lanes| lanes.values().map(Lane::n_waiting).sum())
    }

    /// How many messages of a conversation wait to be sent; a view that reads it follows.
    pub fn n_waiting_in(self, conversation: ConversationId) -> usize {
        self.lanes
            .with(|lanes| lanes.get(&conversation).map_or(0, Lane::n_waiting))
    }

    /// What the server does not have: to whom, and how many each, waiting or refused.
    pub fn unsent(self) -> BTreeMap<String, usize> {
        let mut unsent = BTreeMap::new();
        self.lanes.with(|lanes| {
            for entry in lanes.values().flat_map(Lane::entries) {
                if !matches!(entry.progress, Progress::Sent(_)) {
                    *unsent.entry(entry.to.clone()).or_default() += 1;
                }
            }
        });
        unsent
    }

    /// The files of a message that is on its way or failed, as they are kept; a view that reads it follows.
    pub fn files_of(self, conversation: ConversationId, key: MessageKey) -> String {
        // None once the page is gone.
        let files = self.lanes.try_with(|lanes| {
            let entry = lanes.get(&conversation).and_then(|lane| lane.entry(key));
            entry.map(|entry| entry.files.0.clone())
        });
        files.flatten().unwrap_or_default()
    }

    /// Puts a message on its way.
    pub fn send(
        self,
        client: &Client,
        conversation: ConversationId,
        to: String,
        key: MessageKey,
        parcel: Parcel,
        at: Timestamp,
    ) {
        self.change(conversation, |lane| lane.push(key, to, parcel, at));
        self.vault.risk(KeptMessage::id(key));
        self.hand_over(client, conversation, key);
    }

    /// Tries a failed message again.
    pub fn retry(self, client: &Client, conversation: ConversationId, key: MessageKey) {
        self.change(conversation, |lane| lane.retry(key));
        self.hand_over(client, conversation, key);
    }

    /// Takes a failed message out.
    pub fn remove_failed(self, conversation: ConversationId, key: MessageKey) -> Option<Parcel> {
        let parcel = self.change(conversation, |lane| lane.remove_failed(key));
        if parcel.is_some() {
            self.vault.drop_message(key);
            self.vault.say(&Word::Gone(conversation, key));
        }
        parcel
    }

    /// Whether a message that waits may be at the server all the same: it was tried, or whoever tries it is another tab. What
    /// is held is not.
    pub(super) fn may_have_left(self, conversation: ConversationId, key: MessageKey) -> bool {
        let has_left = |lane: &Lane| lane.has_left(key);
        !self.vault.may_send()
            || self.held.get_value() != Some(key)
                && self
                    .lanes
                    .with_untracked(|lanes| lanes.get(&conversation).is_some_and(has_left))
    }

    /// What becomes of messages that are taken back.
    pub(super) fn taken_back(self) -> TakenBack {
        self.taken_back
    }

    /// The person takes a message back that the server has not answered for. What becomes of it if it has arrived all the
    /// same, `TakenBack` says.
    pub fn take_back(self, conversation: ConversationId, key: MessageKey) -> Option<Parcel> {
        let parcel = self.change(conversation, |lane| lane.take_back(key))?;
        self.taken_back.insert(conversation, key);
        self.vault.drop_message(key);
        self.vault.say(&Word::Gone(conversation, key));
        Some(parcel)
    }

    /// Holds a message with files until it is released; the one before goes.
    pub(super) fn hold(self, key: Option<MessageKey>) {
        self.held.set_value(key);
    }

    /// The message of this key may go.
    pub(super) fn release(self, key: MessageKey) {
        self.held
            .try_update_value(|held| *held = held.filter(|held| *held != key));
    }

    /// The stored message that was sent under this key, until a screen shows it among the stored ones.
    pub fn sent(self, conversation: ConversationId, key: MessageKey) -> Option<Message> {
        self.lanes
            .with_untracked(|lanes| match &lanes.get(&conversation)?.entry(key)?.progress {
                Progress::Sent(message) => Some(message.clone()),
                Progress::Pending | Progress::Failed(_) => None,
            })
    }

    /// The message is among the stored ones that a screen shows.
    pub fn settle(self, client: &Client, conversation: ConversationId, message: &Message) {
        let Some(key) = message.key else { return };
        let is_known = self.lanes.with_untracked(|lanes| {
            lanes
                .get(&conversation)
                .is_some_and(|lane| lane.entry(key).is_some())
        });
        if is_known {
            self.change(conversation, |lane| lane.settle(key));
            self.vault.drop_message(key);
            // The answer may be lost: then no other word of it reaches the tabs that follow.
            if self.vault.may_send() {
                self.vault.say(&Word::Sent(conversation, message.clone()));
            }
            self.run(client, conversation);
        }
    }

    /// A screen opens and reads what is on disk.
    pub fn settle_sent(self, conversation: ConversationId) {
        let has_any = self
            .lanes
            .with_untracked(|lanes| lanes.contains_key(&conversation));
        if has_any {
            self.change(conversation, Lane::settle_sent);
        }
    }

    /// Takes over a message that was kept, or that another tab tells of.
    pub fn restore(self, message: KeptMessage) {
        let conversation = message.conversation;
        self.change(conversation, |lane| lane.restore(message.into_outgoing()));
    }

    /// Another tab has sent the message.
    pub fn told_sent(self, conversation: ConversationId, key: MessageKey, message: Message) {
        self.vault.is_safe(&KeptMessage::id(key));
        self.change(conversation, |lane| lane.sent(key, message));
    }

    /// Another tab has taken the message out.
    pub fn told_gone(self, conversation: ConversationId, key: MessageKey) {
        self.vault.is_safe(&KeptMessage::id(key));
        self.change(conversation, |lane| lane.remove(key));
    }

    /// Everything that the server does not have, as it is kept.
    pub fn unsent_messages(self) -> Vec<KeptMessage> {
        self.lanes.with_untracked(|lanes| {
            let all = lanes.iter().flat_map(|(conversation, lane)| {
                lane.entries().iter().map(move |entry| (*conversation, entry))
            });
            all.filter_map(|(conversation, entry)| KeptMessage::of(conversation, entry))
                .collect()
        })
    }

    /// Whether the message still waits.
    pub fn is_waiting(self, conversation: ConversationId, key: MessageKey) -> bool {
        // Nothing waits once the page is gone.
        let is_waiting = self.lanes.try_with_untracked(|lanes| {
            lanes
                .get(&conversation)
                .and_then(|lane| lane.entry(key))
                .is_some_and(|entry| entry.progress == Progress::Pending)
        });
        is_waiting.unwrap_or(false)
    }

    /// Tries everything that waits, now.
    pub fn flush(self, client: &Client) {
        self.resume_all(client, |lane| {
            lane.reconnected();
            true
        });
    }

    /// Keeps a message that was written or is tried again, and sees to it that somebody sends it.
    fn hand_over(self, client: &Client, conversation: ConversationId, key: MessageKey) {
        let message = self.message(conversation, key);
        if let Some(message) = message {
            self.vault.keep_message(&message);
            self.vault.say(&Word::Message(message));
        }
        self.run(client, conversation);
        #[cfg(feature = "hydrate")]
        super::keeping::see_to_it(self, conversation, key);
    }

    fn message(self, conversation: ConversationId, key: MessageKey) -> Option<KeptMessage> {
        self.lanes
            .with_untracked(|lanes| KeptMessage::of(conversation, lanes.get(&conversation)?.entry(key)?))
    }

    fn change<T>(self, conversation: ConversationId, work: impl FnOnce(&mut Lane) -> T) -> T {
        let mut result = None;
        self.lanes
            .update(|lanes| result = Some(work(lanes.entry(conversation).or_default())));
        result.expect("`update` runs its closure")
    }

    /// Files that nobody sent in time are gone from the server, and still here: they go anew, once for each message.
    #[cfg(feature = "hydrate")]
    fn with_doubt(
        self,
        key: MessageKey,
        files: &str,
        outcome: Result<Message, ApiError>,
    ) -> Result<Message, ApiError> {
        if outcome.as_ref().err() != Some(&ApiError::NotFound) || files.is_empty() {
            return outcome;
        }
        crate::attachments::uploads::doubt(files);
        let is_first = self.doubted.try_update_value(|doubted| doubted.insert(key));
        if is_first == Some(true) {
            Err(ApiError::Unreachable)
        } else {
            outcome
        }
    }

    /// Sends what is next, if it is the moment, and goes on until nothing is left to do.
    pub(super) fn run(self, client: &Client, conversation: ConversationId) {
        if !self.vault.may_send() {
            return;
        }
        // What is in flight is nothing that a view shows.
        let next = self
            .lanes
            .try_update_untracked(|lanes| lanes.get_mut(&conversation)?.next())
            .flatten();
        let Some((key, parcel)) = next else { return };
        let Parcel {
            body,
            reply_to,
            files,
        } = parcel;
        let client = client.clone();
        leptos::task::spawn_local(async move {
            // Until it can be taken back no more, nothing of it leaves that has not left from the box.
            #[cfg(feature = "hydrate")]
            if !files.is_empty() {
                let is_held = move || self.held.try_get_value() == Some(Some(key));
                crate::attachments::uploads::wait_while(is_held).await;
                // A page that went out of sight waits no longer.
                self.release(key);
            }
            let has_files = !files.is_empty();
            let is_wanted = move || !has_files || self.is_waiting(conversation, key);
            // Its files first; what was written behind it waits meanwhile.
            let brought = if is_wanted() {
                bring(self.vault, &client, conversation, &files.0).await
            } else {
                Ok(Vec::new())
            };
            if !is_wanted() {
                // Taken back before anything of it was sent.
                self.lanes
                    .try_update(|lanes| lanes.entry(conversation).or_default().skip(key));
                return self.run(&client, conversation);
            }
            let outcome = match brought {
                Ok(attachments) => {
                    let call = client.call(SendMessage {
                        conversation,
                        key,
                        reply_to,
                        body,
                        clears_draft: false,
                        attachments,
                    });
                    call.await.map(|sent| sent.message)
                }
                Err(refusal) => Err(refusal),
            };
            if outcome.as_ref().is_err_and(|error| *error == ApiError::SignedOut) {
                self.session.notice(&ApiError::SignedOut);
            }
            #[cfg(feature = "hydrate")]
            let outcome = self.with_doubt(key, &files.0, outcome);
            if let Ok(message) = &outcome {
                self.taken_back.hear(&client, conversation, message);
            }
            // An event may have told of it before the answer: then nothing here knows its files any more.
            #[cfg(feature = "hydrate")]
            if outcome.is_ok() {
                crate::attachments::uploads::forget(self.vault, &files.0);
            }
            self.tell(conversation, key, &outcome);
            let then = self.lanes.try_update(|lanes| {
                lanes
                    .entry(conversation)
                    .or_default()
                    .answered(key, outcome, random())
            });
            match then {
                Some(Then::Continue) => self.run(&client, conversation),
                Some(Then::Wait { ms, turn }) => {
                    let duration = std::time::Duration::from_millis(u64::from(ms));
                    set_timeout(
                        move || self.resume_if(&client, conversation, |lane| lane.wake(turn)),
                        duration,
                    );
                }
                Some(Then::AwaitSignIn) | None => {}
            }
        });
    }

    /// Notes an answer in the vault, and tells the other tabs.
    fn tell(self, conversation: ConversationId, key: MessageKey, outcome: &Result<Message, ApiError>) {
        match outcome {
            Ok(message) => {
                self.vault.drop_message(key);
                // The server has removed its draft with the message.
                if self
                    .vault
                    .draft(conversation)
                    .is_some_and(|draft| draft.text.is_empty())
                {
                    self.vault.drop_draft(conversation, "");
                }
                self.vault.say(&Word::Sent(
                    conversation,
                    Message {
                        key: Some(key),
                        ..message.clone()
                    },
                ));
            }
            Err(error) if error.is_transient() => {}
            Err(error) => {
                if let Some(mut message) = self.message(conversation, key) {
                    message.refusal = Some(crate::api::Problem::new(error, String::new()));
                    self.vault.keep_message(&message);
                    self.vault.say(&Word::Message(message));
                }
            }
        }
    }

    fn resume_if(
        self,
        client: &Client,
        conversation: ConversationId,
        is_time: impl FnOnce(&mut Lane) -> bool,
    ) {
        let is_due = self
            .lanes
            .try_update_untracked(|lanes| lanes.get_mut(&conversation).is_some_and(is_time));
        if is_due == Some(true) {
            self.run(client, conversation);
        }
    }

    fn resume_all(self, client: &Client, is_time: fn(&mut Lane) -> bool) {
        let conversations: Vec<ConversationId> = self
            .lanes
            .try_with_untracked(|lanes| lanes.keys().copied().collect())
            .unwrap_or_default();
        for conversation in conversations {
            self.resume_if(client, conversation, is_time);
        }
    }

    /// Goes on when the connection or the person is back.
    fn follow(self) {
        let Some(client) = use_context::<Client>() else {
            return;
        };
        let live = use_live();
        when_whole_here(move || self.follow_whole(client, live));
    }

    fn follow_whole(self, client: Client, live: Live) {
        let connection = live.connection();
        {
            let client = client.clone();
            Effect::new(move |_| {
                if connection.get() == Connection::Live {
                    self.resume_all(&client, Lane::reconnected);
                }
            });
        }
        #[cfg(feature = "hydrate")]
        {
            let client = client.clone();
            crate::browser::run_on_return(move || self.resume_all(&client, Lane::reconnected));
        }
        {
            let client = client.clone();
            let standing = self.vault.standing();
            // What was written before it was known who sends.
            Effect::new(move |was: Option<Standing>| {
                let standing = standing.get();
                if was == Some(Standing::Awaited) && standing != Standing::Awaited {
                    self.flush(&client);
                }
                standing
            });
        }
        {
            let client = client.clone();
            // What was taken back may arrive when nobody waits for its answer any more, and its screen is gone.
            live.listen(move |event| {
                if let EventKind::MessageSent {
                    conversation,
                    message,
                } = &event.kind
                {
                    self.taken_back.hear(&client, *conversation, message);
                }
            });
        }
        Effect::new(move |_| {
            if !self.session.has_ended.get() {
                self.resume_all(&client, Lane::signed_in);
                self.taken_back.resume(&client);
            }
        });
    }
}

/// Sees to it that the server has the files of a message.
#[cfg_attr(
    not(feature = "hydrate"),
    expect(clippy::unused_async, reason = "files are a browser's")
)]
async fn bring(
    vault: Vault,
    client: &Client,
    conversation: ConversationId,
    files: &str,
) -> Result<Vec<AttachmentId>, ApiError> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    #[cfg(feature = "hydrate")]
    {
        crate::attachments::uploads::bring(vault, client, conversation, files).await
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (vault, client, conversation);
        Err(ApiError::Unreachable)
    }
}

/// From 0 to 1.
fn random() -> f64 {
    #[cfg(feature = "hydrate")]
    let value = js_sys::Math::random();
    #[cfg(not(feature = "hydrate"))]
    let value = 0.5;
    value
}
