//! The page's hold on the vault: what rests in this browser, whether this tab leads, and what is safe nowhere yet.
//!
//! Without a vault (a private window, a browser that refuses storage, the other side of the demonstration) everything works
//! from the page's memory, each tab for itself; then leaving asks first.

use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;

use super::kept::{KeptDraft, KeptMessage, Word};
use crate::api::{AccountId, ConversationId, MessageKey};

/// How the page stands to its vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The page has just begun: whether words wait in the vault is not known yet.
    Awaited,
    /// The vault is open.
    Open,
    /// The key is gone from memory, because the server was out of reach for too long.
    Sealed,
    /// There is none, or none yet.
    Apart,
}

/// The page's vault. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Vault {
    standing: RwSignal<Standing>,
    /// Whether this tab sends what the vault holds.
    leads: StoredValue<bool>,
    /// What the vault holds of drafts.
    drafts: RwSignal<BTreeMap<ConversationId, KeptDraft>>,
    /// What another tab says of a draft.
    told: RwSignal<Option<KeptDraft>>,
    /// What is safe neither here nor on the server, by its name in the vault.
    at_risk: StoredValue<BTreeSet<String>>,
    /// What the leader has taken over.
    taken: StoredValue<BTreeSet<MessageKey>>,
    /// Where somebody may be writing in this tab.
    tended: StoredValue<BTreeSet<ConversationId>>,
    #[cfg(feature = "hydrate")]
    device: StoredValue<Option<crate::browser::Device>, LocalStorage>,
}

impl Vault {
    /// A vault that stands as told: `Awaited` for the page, `Apart` where there is none.
    pub fn new(standing: Standing) -> Self {
        Self {
            standing: RwSignal::new(standing),
            leads: StoredValue::new(false),
            drafts: RwSignal::new(BTreeMap::new()),
            told: RwSignal::new(None),
            at_risk: StoredValue::new(BTreeSet::new()),
            taken: StoredValue::new(BTreeSet::new()),
            tended: StoredValue::new(BTreeSet::new()),
            #[cfg(feature = "hydrate")]
            device: StoredValue::new_local(None),
        }
    }

    /// The key leaves the page's memory; what rests here opens again with the next sign-in.
    #[cfg(feature = "hydrate")]
    pub fn seal(self) {
        if self.standing.get_untracked() == Standing::Open
            && let Some(device) = self.device()
        {
            device.tell("seal", "");
            self.standing.set(Standing::Sealed);
        }
    }

    /// How the page stands to it.
    pub fn standing(self) -> Signal<Standing> {
        self.standing.into()
    }

    /// How the page stands to it at this moment. `Apart` once the page is gone.
    pub(super) fn standing_now(self) -> Standing {
        self.standing.try_get_untracked().unwrap_or(Standing::Apart)
    }

    /// Whether this tab sends: it leads, or there is nobody to follow.
    pub fn may_send(self) -> bool {
        match self.standing_now() {
            Standing::Awaited => false,
            Standing::Apart => true,
            Standing::Open | Standing::Sealed => self.leads.try_get_value().unwrap_or(false),
        }
    }

    /// What is kept of a draft. Nothing once the page is gone.
    pub fn draft(self, conversation: ConversationId) -> Option<KeptDraft> {
        self.drafts
            .try_with_untracked(|drafts| drafts.get(&conversation).cloned())
            .flatten()
    }

    /// All drafts with words that the server does not have.
    pub fn drafts(self) -> Vec<KeptDraft> {
        self.drafts.with(|drafts| {
            drafts
                .values()
                .filter(|draft| !draft.text.is_empty())
                .cloned()
                .collect()
        })
    }

    /// All that is kept of drafts.
    #[cfg(feature = "hydrate")]
    pub(super) fn held_drafts(self) -> BTreeMap<ConversationId, KeptDraft> {
        self.drafts.with_untracked(Clone::clone)
    }

    /// What another tab says of a draft, as it comes.
    pub(super) fn told(self) -> RwSignal<Option<KeptDraft>> {
        self.told
    }

    /// Something was written and is safe nowhere yet.
    pub(super) fn risk(self, id: String) {
        let is_first = self
            .at_risk
            .try_update_value(|at_risk| at_risk.insert(id) && at_risk.len() == 1);
        if is_first == Some(true) {
            ask_before_leaving(true);
        }
    }

    /// It is safe: here or on the server.
    pub(super) fn is_safe(self, id: &str) {
        let is_last = self
            .at_risk
            .try_update_value(|at_risk| at_risk.remove(id) && at_risk.is_empty());
        if is_last == Some(true) {
            ask_before_leaving(false);
        }
    }

    /// Keeps a message.
    pub(super) fn keep_message(self, message: &KeptMessage) {
        let id = KeptMessage::id(message.key);
        if let Ok(text) = crate::api::json::write(message) {
            self.put("put", id, text);
        }
    }

    /// The message is on the server, or was taken out.
    pub(super) fn drop_message(self, key: MessageKey) {
        self.remove(KeptMessage::id(key));
    }

    /// The leader has taken the message over.
    pub fn note_taken(self, key: MessageKey) {
        self.taken.update_value(|taken| {
            taken.insert(key);
        });
    }

    /// Whether the leader has taken the message over.
    pub fn is_taken(self, key: MessageKey) -> bool {
        self.taken.with_value(|taken| taken.contains(&key))
    }

    /// Whichever tab leads tries at once what waits.
    pub fn ask_to_flush(self) {
        self.say(&Word::Flush);
    }

    /// Destroys what rests in this browser for the account; `is_later` when its session still has to be ended.
    pub fn destroy(self, account: AccountId, is_later: bool) -> impl Future<Output = ()> {
        self.at_risk.update_value(BTreeSet::clear);
        ask_before_leaving(false);
        async move {
            #[cfg(feature = "hydrate")]
            if let Some(device) = self.device_anyway().await {
                let when = if is_later { "later" } else { "" };
                // What cannot be deleted is unreadable as soon as the server hears of it.
                let _ = device.ask("leave", &account.to_string(), when).await;
            }
            #[cfg(not(feature = "hydrate"))]
            let _ = (account, is_later);
        }
    }

    /// A compose box of this tab sees to the conversation's draft, from now on or no more.
    pub(super) fn tend(self, conversation: ConversationId, is_tended: bool) {
        self.tended.try_update_value(|tended| {
            if is_tended {
                tended.insert(conversation);
            } else {
                tended.remove(&conversation);
            }
        });
    }

    /// Keeps a draft.
    pub(super) fn keep_draft(self, draft: KeptDraft) {
        let id = KeptDraft::id(draft.conversation);
        self.say(&Word::Draft(draft.clone()));
        if let Ok(text) = crate::api::json::write(&draft) {
            let how = if draft.text.is_empty() { "putBlank" } else { "put" };
            self.put(how, id, text);
        }
        self.hold_draft(draft);
    }

    /// Holds what the vault, or another tab, keeps of a draft.
    pub(super) fn hold_draft(self, draft: KeptDraft) {
        let _ = self
            .drafts
            .try_update(|drafts| drafts.insert(draft.conversation, draft));
    }

    /// The server has the draft, as `servers`.
    pub(super) fn drop_draft(self, conversation: ConversationId, servers: &str) {
        if let Some(draft) = self.forget_draft(conversation) {
            self.remove(KeptDraft::id(conversation));
            self.say(&Word::Draft(KeptDraft {
                text: servers.to_owned(),
                base: servers.to_owned(),
                tried: Vec::new(),
                lost: Vec::new(),
                ..draft
            }));
        }
        self.is_safe(&KeptDraft::id(conversation));
    }

    fn forget_draft(self, conversation: ConversationId) -> Option<KeptDraft> {
        let is_held = self.draft(conversation).is_some();
        is_held.then(|| {
            self.drafts
                .try_update(|drafts| drafts.remove(&conversation))
                .flatten()
        })?
    }
}

#[cfg(feature = "hydrate")]
impl Vault {
    /// The way to what rests here, once it is open.
    pub(crate) fn device(self) -> Option<crate::browser::Device> {
        self.device.try_get_value().flatten()
    }

    /// The way, also before the vault was opened.
    async fn device_anyway(self) -> Option<crate::browser::Device> {
        match self.device() {
            None => crate::browser::Device::load().await,
            known => known,
        }
    }

    /// How many messages and drafts of the account rest here that this page has not opened.
    pub async fn count_sealed(self, account: AccountId) -> (usize, usize) {
        if self.standing.get_untracked() == Standing::Open {
            return (0, 0);
        }
        let Some(device) = self.device_anyway().await else {
            return (0, 0);
        };
        let counts = device.count_sealed(&account.to_string()).await;
        counts.unwrap_or_default()
    }

    /// Notes the way.
    pub(super) fn set_device(self, device: crate::browser::Device) {
        self.device.set_value(Some(device));
    }

    /// Notes how the page stands to it.
    pub(super) fn stand(self, standing: Standing) {
        if self.standing.get_untracked() != standing {
            self.standing.set(standing);
        }
    }

    /// Notes whether this tab leads.
    pub(super) fn set_leads(self, leads: bool) {
        self.leads.set_value(leads);
    }

    /// Whether this tab leads.
    pub(super) fn leads(self) -> bool {
        self.leads.get_value()
    }

    /// Keeps a draft while it is being typed: without waiting for the disk, and without a word to other tabs.
    pub(super) async fn jot_draft(self, draft: KeptDraft) {
        self.hold_draft(draft.clone());
        let (Standing::Open, Some(device)) = (self.standing_now(), self.device()) else {
            return;
        };
        let id = KeptDraft::id(draft.conversation);
        // An emptied box may wait for the fingers to rest.
        if draft.text.is_empty() {
            return;
        }
        if let Ok(text) = crate::api::json::write(&draft) {
            // What is refused here is kept, or warned of, when the fingers rest.
            let _ = device.ask("jot", &id, &text).await;
        }
    }

    /// Notes what another tab says of a draft.
    pub(super) fn hear_draft(self, draft: KeptDraft) {
        if draft.is_saved() {
            self.forget_draft(draft.conversation);
        } else {
            self.hold_draft(draft.clone());
        }
        self.told.set(Some(draft));
    }

    /// The drafts that no compose box of this tab sees to. None once the page is gone.
    pub(super) fn idle_drafts(self) -> Vec<KeptDraft> {
        let tended = self.tended.try_get_value().unwrap_or_default();
        let idle = self.drafts.try_with_untracked(|drafts| {
            let idle = drafts
                .values()
                .filter(|draft| !tended.contains(&draft.conversation));
            idle.cloned().collect()
        });
        idle.unwrap_or_default()
    }

    /// Says something to the other tabs.
    pub fn say(self, word: &Word) {
        if let Some(device) = self.device() {
            device.tell("say", &word.text());
        }
    }

    fn put(self, how: &'static str, id: String, text: String) {
        if self.standing.get_untracked() != Standing::Open {
            return;
        }
        let Some(device) = self.device() else { return };
        leptos::task::spawn_local(async move {
            if device.ask(how, &id, &text).await.is_ok() {
                self.is_safe(&id);
            }
        });
    }

    fn remove(self, id: String) {
        self.is_safe(&id);
        if let Some(device) = self.device() {
            device.tell("remove", &id);
        }
    }
}

#[cfg(not(feature = "hydrate"))]
impl Vault {
    /// Nobody hears on the server.
    pub fn say(self, word: &Word) {
        let _ = word.text();
    }

    #[expect(clippy::unused_self, reason = "what rests is a browser's")]
    fn put(self, how: &'static str, id: String, text: String) {
        let _ = how;
        drop((id, text));
    }

    fn remove(self, id: String) {
        self.is_safe(&id);
    }
}

/// Lets the browser ask the person before the page goes, or not any more.
fn ask_before_leaving(does_ask: bool) {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast;
        use wasm_bindgen::closure::Closure;

        let window = window();
        if !does_ask {
            window.set_onbeforeunload(None);
            return;
        }
        let ask = Closure::<dyn Fn(web_sys::Event)>::new(|event: web_sys::Event| {
            event.prevent_default();
            // Browsers of before 2024 look at this. Where it is refused, the line above has said it.
            let _ = js_sys::Reflect::set(&event, &"returnValue".into(), &true.into());
        });
        window.set_onbeforeunload(Some(ask.as_ref().unchecked_ref()));
        // Rare, and small.
        ask.forget();
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = does_ask;
}
