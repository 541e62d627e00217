//! The page's people while the page is open: events change them at once, the server's lists confirm it.

use leptos::prelude::*;

use super::people::People;
use super::query::{Query, Wish};
use super::{GetProfile, ListFriends, Person};
use crate::api::{AccountId, ApiError, Client, EventKind};
use crate::friendships::{Change, ListFriendRequests, hold_focus};
use crate::live::{Live, Mark, use_live};
use crate::session::{Session, use_client, use_session};

/// The page's people and the way to keep them true. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct LivePeople {
    pub(super) people: RwSignal<People>,
    /// What the directory shows at this moment.
    pub(super) shown: RwSignal<Wish>,
    /// Why the last search was refused.
    pub(super) refusal: RwSignal<Option<ApiError>>,
    client: StoredValue<Client>,
    live: Live,
    session: Session,
    /// Answers of an earlier question are not news.
    n_refreshes: StoredValue<u32>,
    is_refreshing: StoredValue<bool>,
    n_searches: StoredValue<u32>,
}

impl LivePeople {
    /// People as they were read after `mark`, for the search `shown`; follows what happens from now on.
    pub(super) fn new(people: People, shown: Wish, mark: Mark) -> Self {
        let this = Self {
            people: RwSignal::new(people),
            shown: RwSignal::new(shown),
            refusal: RwSignal::new(None),
            client: StoredValue::new(use_client()),
            live: use_live(),
            session: use_session(),
            n_refreshes: StoredValue::new(0),
            is_refreshing: StoredValue::new(false),
            n_searches: StoredValue::new(0),
        };
        let me = this.session.me.with_untracked(|me| me.as_ref().map(|me| me.id));
        this.live.listen(move |event| match &event.kind {
            EventKind::RelationChanged {
                account,
                relation,
                conversation,
            } => {
                this.change(&Change {
                    account: *account,
                    relation: relation.clone(),
                    conversation: *conversation,
                });
                this.refresh();
            }
            EventKind::MessageSent { message, .. } if Some(message.author) != me => this.refresh(),
            EventKind::ConversationRead {
                conversation,
                unread_count,
                ..
            }
            | EventKind::MarkedUnread {
                conversation,
                unread_count,
                ..
            } => {
                this.people
                    .update(|people| people.count_unread(*conversation, *unread_count));
            }
            EventKind::ProfileChanged { account } => this.read(*account),
            _ => {}
        });
        if this.live.has_moved(mark) {
            this.refresh();
        }
        this
    }

    /// Whether the directory shows what was searched for.
    pub(super) fn is_search(self) -> Memo<bool> {
        Memo::new(move |_| self.shown.with(|shown| !shown.is_empty()))
    }

    /// A person of the page, followed.
    pub(super) fn follow(self, account: AccountId) -> Option<Memo<Person>> {
        let first = self
            .people
            .with_untracked(|people| people.find(account).cloned())?;
        Some(Memo::new(move |_| {
            self.people
                .with(|people| people.find(account).cloned())
                .unwrap_or_else(|| first.clone())
        }))
    }

    /// Applies a change at once; lists asked for before it are no longer news.
    pub(super) fn change(self, change: &Change) {
        self.n_refreshes.update_value(|n| *n = n.wrapping_add(1));
        hold_focus(change.account);
        self.people.update(|people| people.change(change));
    }

    /// Takes requests off the screen that were put aside together.
    pub(super) fn put_aside(self, accounts: Vec<AccountId>) {
        self.n_refreshes.update_value(|n| *n = n.wrapping_add(1));
        self.people.update(|people| people.put_aside(&accounts));
    }

    /// Reads the lists anew: their order, notes and counts are the server's. Many changes at once are read once or twice:
    /// what comes while a reading is on its way begins it again.
    fn refresh(self) {
        self.n_refreshes.update_value(|n| *n = n.wrapping_add(1));
        if self.is_refreshing.get_value() {
            return;
        }
        self.is_refreshing.set_value(true);
        leptos::task::spawn_local(async move {
            while self.read_lists().await {}
            let _ = self.is_refreshing.try_set_value(false);
        });
    }

    /// Answers whether what was read is news no longer, and is to be read again.
    async fn read_lists(self) -> bool {
        let (Some(number), Some(client)) = (self.n_refreshes.try_get_value(), self.client.try_get_value())
        else {
            return false;
        };
        let (friends, requests) = (client.call(ListFriends {}), client.call(ListFriendRequests {}));
        let (Ok(friends), Ok(requests)) = (friends.await, requests.await) else {
            return false;
        };
        match self.n_refreshes.try_get_value() {
            Some(present) if present == number => {
                let _ = self
                    .people
                    .try_update(|people| people.take_lists(friends, requests));
                false
            }
            present => present.is_some(),
        }
    }

    /// Reads one person anew, if the page shows them.
    fn read(self, account: AccountId) {
        if self
            .people
            .with_untracked(|people| people.find(account).is_none())
        {
            return;
        }
        let profile = self
            .client
            .with_value(|client| client.call(GetProfile { account }));
        leptos::task::spawn_local(async move {
            if let Ok(profile) = profile.await {
                let _ = self.people.try_update(|people| people.learn(profile.person));
            }
        });
    }

    /// Searches the directory; `then` hears that the answer is drawn.
    pub(super) fn search(self, wish: Wish, after: Option<AccountId>, then: impl FnOnce() + 'static) {
        // Whatever is still being asked is no longer wanted.
        self.n_searches.update_value(|n| *n = n.wrapping_add(1));
        let number = self.n_searches.get_value();
        if after.is_none() && self.shown.with_untracked(|shown| *shown == wish) {
            return;
        }
        let n_changes = self.people.with_untracked(|people| people.n_changes);
        let answer = self
            .client
            .with_value(|client| client.call(wish.to_operation(after)));
        leptos::task::spawn_local(async move {
            let answer = answer.await;
            if self.n_searches.try_get_value() != Some(number) {
                return;
            }
            match answer {
                Ok(page) => {
                    let _ = self.refusal.try_set(None);
                    let _ = self
                        .people
                        .try_update(|people| people.take_page(page, after.is_some()));
                    let _ = self.shown.try_set(wish);
                    then();
                    // Something happened in between: what was just read may be older than the news.
                    if self.people.try_with_untracked(|people| people.n_changes) != Some(n_changes) {
                        self.refresh();
                    }
                }
                Err(error) => {
                    self.session.notice(&error);
                    let _ = self.refusal.try_set(Some(error));
                }
            }
        });
    }

    /// Goes back to the whole directory.
    pub(super) fn clear(self, query: Query) {
        query.clear();
        self.search(Wish::default(), None, || {});
    }
}
