//! Brings the outbox and the vault together in a live page: opens the vault when somebody is signed in, takes in what waits
//! there, and lets one of several tabs send it.
//!
//! Everything here runs after the page has come to life.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;

use super::guarding::resting::waits;
use super::kept::{KeptDraft, KeptMessage, Word};
use super::meeting::mark;
use super::outbox::Outbox;
use super::saving::words_met;
use super::vault::{Standing, Vault};
use super::{Draft, GetConversation, MessageBody, SaveDraft, SavedDraft};
use crate::accounts::OpenVault;
use crate::api::{AccountId, ApiError, Client, ConversationId, MessageKey, Timestamp, VaultId, json};
use crate::attachments::KeptFile;
use crate::browser::voice::let_go;
use crate::browser::{Device, now_ms};
use crate::live::{Connection, use_live};
use crate::session::{Session, use_session};

/// A message waits this long at most for word of the vault, then goes without it.
const AWAITED_MS: u32 = 3_000;
/// A leader that has not answered by then is replaced.
const LEADER_ANSWERS_MS: u32 = 2_000;
/// After so long without the server the key leaves the memory.
///
/// Source: assurance WEB-09.
const SEALED_AFTER_MS: i64 = 12 * 3_600_000;
/// How often the page looks at that.
const LOOK_EVERY: std::time::Duration = std::time::Duration::from_mins(1);
/// The first and the longest pause between two tries to open the vault, in milliseconds.
const PAUSES_MS: (u32, u32) = (1_000, 30_000);

/// What the work needs. Cheap to clone.
#[derive(Clone)]
struct Keeping {
    outbox: Outbox,
    vault: Vault,
    session: Session,
    client: Client,
    connection: Signal<Connection>,
    is_opening: StoredValue<bool>,
    /// When the server was last there.
    reached_at: StoredValue<Timestamp>,
}

/// What this needs of a conversation: reading all of it here would make every page carry what reads it.
#[derive(serde::Deserialize)]
struct Header {
    conversation: OnlyDraft,
}

#[derive(serde::Deserialize)]
struct OnlyDraft {
    draft: Option<Draft>,
}

/// Keeps the page's unsent words on this device. Called once the page is whole.
pub fn keep(outbox: Outbox, client: Client) {
    let keeping = Keeping {
        outbox,
        vault: outbox.vault(),
        session: use_session(),
        client,
        connection: use_live().connection(),
        is_opening: StoredValue::new(false),
        reached_at: StoredValue::new(now_ms()),
    };
    let vault = outbox.vault();
    set_timeout(
        move || {
            if vault.standing_now() == Standing::Awaited {
                vault.stand(Standing::Apart);
            }
        },
        std::time::Duration::from_millis(AWAITED_MS.into()),
    );
    keeping.begin();
}

/// If a message is handed over and no leader takes it, this tab takes the lead.
pub(super) fn see_to_it(outbox: Outbox, conversation: ConversationId, key: MessageKey) {
    let vault = outbox.vault();
    if vault.may_send() || vault.standing_now() == Standing::Awaited {
        return;
    }
    leptos::task::spawn_local(async move {
        TimeoutFuture::new(LEADER_ANSWERS_MS).await;
        let is_idle = outbox.is_waiting(conversation, key) && !vault.is_taken(key) && !vault.may_send();
        if is_idle && let Some(device) = vault.device() {
            device.tell("lead", "steal");
        }
    });
}

/// A save of `text` was answered when its screen had gone: the server has it, or `met`, and what was typed after it rests here.
pub(super) async fn bring_left(
    outbox: Outbox,
    client: Client,
    conversation: ConversationId,
    text: String,
    met: Option<String>,
) {
    let vault = outbox.vault();
    let left = vault.idle_drafts();
    let left = left.into_iter().find(|draft| draft.conversation == conversation);
    // A message that waits goes first, and then all drafts.
    if let Some(draft) = left.filter(|_| untrack(|| outbox.n_waiting_in(conversation)) == 0) {
        let words = met.as_ref().map_or_else(
            || draft.meet(&text),
            |met| words_met(met, &text, false, &draft.text),
        );
        bring(vault, &client, &draft, met.unwrap_or(text), words).await;
    }
}

/// Saves words that the server has lost with a message that was taken back and arrived all the same. What another device has
/// written there since stays.
pub(super) async fn restore(
    client: &Client,
    conversation: ConversationId,
    words: String,
) -> Result<(), ApiError> {
    let text = client.ask(&GetConversation { conversation }).await?;
    let header: Header = json::read(&text)?;
    if header.conversation.draft.is_none() {
        let wish = SaveDraft {
            conversation,
            draft: Draft(words),
            over: Some(vec![mark("")]),
        };
        client.call(wish).await?;
    }
    Ok(())
}

/// Brings `words` to the server, which has `servers`; `draft`, of which they are, rests here no longer once it has them. What
/// belongs in a patient's record stays, whichever way it came here.
async fn bring(vault: Vault, client: &Client, draft: &KeptDraft, servers: String, words: String) {
    let conversation = draft.conversation;
    let has_now = if words == servers {
        Some(servers)
    } else if words.chars().count() > MessageBody::MAX_CHARS {
        // It waits for somebody to shorten it.
        None
    } else if waits(client, conversation, &words).await {
        None
    } else {
        let wish = SaveDraft {
            conversation,
            draft: Draft(words.clone()),
            // What was saved there since is met there.
            over: Some(vec![mark(&servers)]),
        };
        let saved = client.call(wish).await.ok();
        saved.map(|SavedDraft { met }| met.map_or(words, |met| met.0))
    };
    if vault.draft(conversation).as_ref() != Some(draft) {
        return;
    }
    match has_now {
        Some(servers) => vault.drop_draft(conversation, &servers),
        None if !draft.text.is_empty() && vault.standing_now() != Standing::Open => {
            vault.risk(KeptDraft::id(conversation));
        }
        None => {}
    }
}

impl Keeping {
    fn begin(self) {
        // Signed in: at once, or later over the page.
        {
            let this = self.clone();
            Effect::new(move |was: Option<bool>| {
                let is_in = this.session.me.with(Option::is_some) && !this.session.has_ended.get();
                if is_in && was != Some(true) {
                    this.open();
                    if was.is_some() {
                        this.vault.say(&Word::SignedIn);
                    }
                }
                is_in
            });
        }
        {
            let this = self.clone();
            Effect::new(move |_| {
                if this.connection.get() != Connection::Live {
                    return;
                }
                this.reached_at.set_value(now_ms());
                if this.vault.standing_now() == Standing::Sealed {
                    this.open();
                }
            });
        }
        {
            let this = self.clone();
            Effect::new(move |_| {
                if this.connection.get() == Connection::Live && this.outbox.n_waiting() == 0 {
                    this.flush_drafts();
                }
            });
        }
        set_interval(move || self.look(), LOOK_EVERY);
    }

    /// The key does not stay in the memory of a tablet that has left the building.
    fn look(&self) {
        if self.connection.get_untracked() == Connection::Live {
            self.reached_at.set_value(now_ms());
            return;
        }
        let is_long_ago = now_ms().ms_since(self.reached_at.get_value()) >= SEALED_AFTER_MS;
        if is_long_ago
            && self.vault.standing_now() == Standing::Open
            && let Some(device) = self.vault.device()
        {
            device.tell("seal", "");
            self.vault.stand(Standing::Sealed);
        }
    }

    fn open(&self) {
        let me = self.session.me.with_untracked(|me| me.as_ref().map(|me| me.id));
        let Some(me) = me else { return };
        if self.is_opening.get_value() {
            return;
        }
        self.is_opening.set_value(true);
        let this = self.clone();
        leptos::task::spawn_local(async move {
            let is_open = this.try_open(me).await.is_some();
            this.is_opening.set_value(false);
            if !is_open {
                this.vault.stand(Standing::Apart);
            }
        });
    }

    async fn try_open(&self, me: AccountId) -> Option<()> {
        let me = me.to_string();
        let known = self.vault.device();
        let is_first = known.is_none();
        let device = match known {
            Some(device) => device,
            None => Device::load().await?,
        };
        let vault = device.ask("begin", &me, "").await.ok()?.parse().ok()?;
        let secret = self.fetch_secret(vault).await?;
        let records = device.ask("open", &secret, "").await.ok()?;
        let written = self.vault.held_drafts();
        let kept = self.take_in(&records);
        device.tell("sweepFiles", &wanted_files(&records));
        // What is held besides was written in this page alone.
        let mut resting = self.vault.held_drafts();
        resting.retain(|conversation, _| kept.contains(&KeptDraft::id(*conversation)));
        self.vault.set_device(device.clone());
        self.vault.stand(Standing::Open);
        for draft in written.into_values() {
            let resting = resting.get(&draft.conversation);
            // What rests here at first nobody has read yet; later the page has, and its words are newer.
            let draft = match resting {
                Some(resting) if is_first => draft.joined(resting),
                _ => draft,
            };
            if resting != Some(&draft) {
                self.vault.keep_draft(draft);
            }
        }
        // What was written before, or under a secret that is no more, rests here from now on.
        for message in self.outbox.unsent_messages() {
            if !kept.contains(&KeptMessage::id(message.key)) {
                self.vault.keep_message(&message);
            }
        }
        if is_first {
            let this = self.clone();
            device.hear(move |what, text| this.hear(what, text));
            device.tell("listen", &me);
            device.tell("lead", "");
        }
        self.hand_over_all();
        Some(())
    }

    /// Another tab may lead by now, and has not heard of what was written here before.
    fn hand_over_all(&self) {
        for message in self.outbox.unsent_messages() {
            if message.refusal.is_none() {
                let (conversation, key) = (message.conversation, message.key);
                self.vault.say(&Word::Message(message));
                see_to_it(self.outbox, conversation, key);
            }
        }
    }

    /// Asks the server until it answers; `None` when nobody is signed in.
    async fn fetch_secret(&self, vault: VaultId) -> Option<String> {
        let (mut pause_ms, longest_ms) = PAUSES_MS;
        loop {
            match self.client.call(OpenVault { vault }).await {
                Ok(opening) => return Some(opening.secret.0),
                Err(ApiError::SignedOut) => {
                    self.session.notice(&ApiError::SignedOut);
                    return None;
                }
                Err(error) if error.is_transient() => {
                    if self.vault.standing_now() == Standing::Awaited {
                        self.vault.stand(Standing::Apart);
                    }
                    TimeoutFuture::new(pause_ms).await;
                    pause_ms = (2 * pause_ms).min(longest_ms);
                }
                Err(_) => return None,
            }
        }
    }

    /// Takes what the vault holds into the page; answers its names. What cannot be read stays where it is.
    fn take_in(&self, records: &str) -> Vec<String> {
        let records: Vec<(String, String)> = json::read(records).unwrap_or_default();
        for (id, text) in &records {
            if id.starts_with("message/")
                && let Ok(message) = json::read::<KeptMessage>(text)
            {
                self.outbox.restore(message);
            } else if id.starts_with("draft/")
                && let Ok(draft) = json::read::<KeptDraft>(text)
            {
                self.vault.hold_draft(draft);
            }
        }
        records.into_iter().map(|(id, _)| id).collect()
    }

    fn hear(&self, what: &str, text: &str) {
        match what {
            "leads" => self.take_the_lead(),
            "follows" => self.vault.set_leads(false),
            "lost" => {
                self.vault.stand(Standing::Apart);
                for message in self.outbox.unsent_messages() {
                    self.vault.risk(KeptMessage::id(message.key));
                }
            }
            _ => {
                if let Ok(word) = Word::read(text) {
                    self.obey(word);
                }
            }
        }
    }

    /// The tab that led before may have left messages that only the vault knows.
    fn take_the_lead(&self) {
        self.vault.set_leads(true);
        let this = self.clone();
        leptos::task::spawn_local(async move {
            if let Some(device) = this.vault.device()
                && let Ok(records) = device.ask("all", "", "").await
            {
                this.take_in(&records);
            }
            this.outbox.flush(&this.client);
            this.flush_drafts();
        });
    }

    fn obey(&self, word: Word) {
        match word {
            Word::Message(message) => {
                let (conversation, key) = (message.conversation, message.key);
                let is_to_send = message.refusal.is_none();
                self.outbox.restore(message);
                if is_to_send && self.vault.leads() {
                    self.vault.say(&Word::Taken(key));
                    self.outbox.run(&self.client, conversation);
                }
            }
            Word::Taken(key) => self.vault.note_taken(key),
            Word::Sent(conversation, message) => {
                if let Some(key) = message.key {
                    self.outbox.told_sent(conversation, key, message);
                }
            }
            Word::Gone(conversation, key) => self.outbox.told_gone(conversation, key),
            Word::Draft(draft) => self.vault.hear_draft(draft),
            Word::Flush => {
                if self.vault.leads() {
                    self.outbox.flush(&self.client);
                }
            }
            Word::SignedIn => self.look_who_is_in(),
            Word::SignedOut => {
                let_go();
                let _ = window().location().replace("/connexion");
            }
        }
    }

    /// Somebody has signed in again in another tab.
    fn look_who_is_in(&self) {
        if !self.session.has_ended.get_untracked() {
            return;
        }
        let session = self.session;
        let call = self.client.call(crate::accounts::GetMe {});
        leptos::task::spawn_local(async move {
            let was = session.me.with_untracked(|me| me.as_ref().map(|me| me.id));
            if let Ok(me) = call.await
                && Some(me.id) == was
            {
                session.has_ended.set(false);
            }
        });
    }

    /// Brings drafts that nobody writes at just now to the server, so that they follow the person to other devices; not before
    /// the messages that were written before them, with which the server removes its draft.
    fn flush_drafts(&self) {
        let has_words = matches!(self.vault.standing_now(), Standing::Open | Standing::Apart);
        if !has_words || !self.vault.may_send() {
            return;
        }
        let is_next = |draft: &KeptDraft| untrack(|| self.outbox.n_waiting_in(draft.conversation)) == 0;
        for draft in self.vault.idle_drafts().into_iter().filter(is_next) {
            let this = self.clone();
            leptos::task::spawn_local(async move {
                let conversation = draft.conversation;
                let Ok(text) = this.client.ask(&GetConversation { conversation }).await else {
                    return;
                };
                let Ok(answer) = json::read::<Header>(&text) else {
                    return;
                };
                let servers = answer.conversation.draft.map(|draft| draft.0).unwrap_or_default();
                let met = draft.meet(&servers);
                bring(this.vault, &this.client, &draft, servers, met).await;
            });
        }
    }
}

/// The files that records name, as a list in JSON.
fn wanted_files(records: &str) -> String {
    let records: Vec<(String, String)> = json::read(records).unwrap_or_default();
    let keys = records.iter().flat_map(|(id, text)| {
        let files = if id.starts_with("tray/") {
            text.clone()
        } else {
            json::read::<KeptMessage>(text)
                .map(|message| message.files.0)
                .unwrap_or_default()
        };
        KeptFile::list(&files)
            .into_iter()
            .map(|file| file.key.to_string())
    });
    json::write(&keys.collect::<Vec<_>>()).unwrap_or_default()
}
