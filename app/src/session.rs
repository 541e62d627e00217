//! Who is signed in on this page, and what becomes of it.

use leptos::prelude::*;

use crate::accounts::{GetMe, Me};
use crate::api::{ApiError, Client, Operation};
use crate::notifications::{Badges, GetBadges};

/// The page's session, shared by all screens. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Session {
    /// Who is signed in; `None` on the public pages.
    pub me: RwSignal<Option<Me>>,
    /// The counts on the tabs.
    pub badges: RwSignal<Badges>,
    /// The server said that the session has ended: the sign-in stands over the page until it is back.
    pub has_ended: RwSignal<bool>,
    /// Something was refused for want of a fresh proof of who is there: it is asked for over the page.
    pub must_confirm: RwSignal<bool>,
    /// The server runs a newer build than this page.
    pub is_outdated: RwSignal<bool>,
    /// Counts the readings of the counts and of the own account: the last one asked is the one that is shown.
    n_asked: StoredValue<[u32; 2]>,
}

impl Session {
    /// A session as the page starts with it.
    pub fn new(me: Option<Me>, badges: Badges) -> Self {
        Self {
            me: RwSignal::new(me),
            badges: RwSignal::new(badges),
            has_ended: RwSignal::new(false),
            must_confirm: RwSignal::new(false),
            is_outdated: RwSignal::new(false),
            n_asked: StoredValue::new([0; 2]),
        }
    }

    /// Reads the counts anew.
    pub fn refresh_badges(self, client: &Client) {
        let call = client.call(GetBadges {});
        let number = self.number(0);
        leptos::task::spawn_local(async move {
            if let Ok(badges) = call.await
                && self.is_last(0, number)
            {
                let _ = self.badges.try_set(badges);
            }
        });
    }

    fn number(self, what: usize) -> u32 {
        let _ = self
            .n_asked
            .try_update_value(|counts| counts[what] = counts[what].wrapping_add(1));
        self.n_asked.try_get_value().map_or(0, |counts| counts[what])
    }

    fn is_last(self, what: usize, number: u32) -> bool {
        self.n_asked
            .try_get_value()
            .is_some_and(|counts| counts[what] == number)
    }

    /// Reads the own account anew.
    pub fn refresh_me(self, client: &Client) {
        let call = client.call(GetMe {});
        let number = self.number(1);
        leptos::task::spawn_local(async move {
            if let Ok(me) = call.await
                && self.is_last(1, number)
            {
                let _ = self.me.try_set(Some(me));
            }
        });
    }

    /// Notes what a refusal says about the session itself.
    pub fn notice(self, error: &ApiError) {
        if *error == ApiError::SignedOut {
            let _ = self.has_ended.try_set(true);
        }
        if *error == ApiError::ConfirmIdentity {
            let _ = self.must_confirm.try_set(true);
        }
    }
}

/// The page's session.
pub fn use_session() -> Session {
    expect_context::<Session>()
}

/// The way to the rules, for the screens.
pub fn use_client() -> Client {
    expect_context::<Client>()
}

/// Who is signed in. Screens behind the sign-in always have somebody.
pub fn use_me() -> Memo<Option<Me>> {
    let session = use_session();
    Memo::new(move |_| session.me.get())
}

/// Calls an operation from an event handler and gives the outcome to `then`, on this page's session.
///
/// Without a script the same control is a plain form; see `ui::form`.
pub fn call_then<O: Operation>(operation: O, then: impl FnOnce(Result<O::Answer, ApiError>) + 'static) {
    let session = use_session();
    let call = use_client().call(operation);
    leptos::task::spawn_local(async move {
        let outcome = call.await;
        if let Err(error) = &outcome {
            session.notice(error);
        }
        then(outcome);
    });
}
