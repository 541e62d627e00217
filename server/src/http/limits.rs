//! How much one account may ask in a while. It bounds what a stolen session, a script gone wild or somebody who asks
//! everybody for friendship can do; nobody who works with both hands comes near it. Guessing has its own, stricter counts
//! (`accounts::tries`).
//!
//! Each kind fills up by itself and may be used up in a burst. In memory, per process: a restart forgives.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use app::accounts::{
    ChangePassword, ConfirmIdentity, LockDevice, NoteActivity, RevokeDevice, SavePhoto, SignOut,
    SuspendAccount,
};
use app::api::{AccountId, AcknowledgeEvents, ApiError, Operation, Timestamp};
use app::conversations::{ExportConversation, SearchMessages};
use app::friendships::{BlockAccount, CloseChannel, SendFriendRequest};

use super::operations::Asker;

/// The most accounts remembered; beyond it those who have used nothing up go first.
const N_REMEMBERED: usize = 20_000;

/// What takes something away from whoever has got too far.
const ENDING: [&str; 8] = [
    SignOut::NAME,
    LockDevice::NAME,
    RevokeDevice::NAME,
    ChangePassword::NAME,
    ConfirmIdentity::NAME,
    CloseChannel::NAME,
    BlockAccount::NAME,
    SuspendAccount::NAME,
];

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    /// Requests for friendship: each lands before another person.
    Request,
    /// Photos: each is decoded and made anew in three forms.
    Photo,
    /// Searches of messages: each reads what is laid out of all of an account's conversations.
    Search,
    /// Exports: each reads a whole conversation, and all of its files twice.
    Export,
    /// Parts of files: a message of ten files is some hundred of them. Their bytes have a bound of their own, each person's
    /// room.
    Part,
    /// Everything else that changes something, and searches of people.
    Other,
}

/// How often something may be done.
struct Rate {
    /// So many at once.
    burst: i64,
    /// After that, one each so many milliseconds.
    every_ms: i64,
}

impl Kind {
    /// `None` for what a page does by itself and nobody else feels.
    fn of(operation: &str) -> Option<Self> {
        match operation {
            name if name == AcknowledgeEvents::NAME || name == NoteActivity::NAME => None,
            // What ends or closes something is never refused: whoever has stolen a session could keep its owner from it.
            name if ENDING.contains(&name) => None,
            name if name == SendFriendRequest::NAME => Some(Self::Request),
            name if name == SavePhoto::NAME => Some(Self::Photo),
            name if name == SearchMessages::NAME => Some(Self::Search),
            ExportConversation::NAME => Some(Self::Export),
            super::uploads::PART => Some(Self::Part),
            _ => Some(Self::Other),
        }
    }

    const fn rate(self) -> Rate {
        match self {
            Self::Request => Rate {
                burst: 40,
                every_ms: 3 * 60_000,
            },
            Self::Photo => Rate {
                burst: 10,
                every_ms: 30_000,
            },
            // A page asks whenever the keys rest.
            Self::Search => Rate {
                burst: 60,
                every_ms: 500,
            },
            Self::Export => Rate {
                burst: 6,
                every_ms: 10 * 60_000,
            },
            Self::Part => Rate {
                burst: 3_000,
                every_ms: 20,
            },
            Self::Other => Rate {
                burst: 300,
                every_ms: 100,
            },
        }
    }
}

/// What the accounts have used up.
#[derive(Default)]
pub struct Limits {
    is_off: bool,
    /// To the moment at which all may be done again.
    full_at: Mutex<HashMap<(AccountId, Kind), Timestamp>>,
}

impl Limits {
    /// Counts nothing: for load tests.
    pub fn off() -> Self {
        Self {
            is_off: true,
            ..Self::default()
        }
    }

    /// Counts what somebody asks, and lets it through or says how long to wait. Who is not signed in is not counted here.
    ///
    /// # Errors
    /// `TooMany`.
    pub(super) fn count(&self, asker: &Asker, operation: &str, now: Timestamp) -> Result<(), ApiError> {
        let account = match asker {
            Asker::Caller(caller) | Asker::Held(caller, _) => caller.account,
            Asker::Visitor(_) => return Ok(()),
        };
        match Kind::of(operation) {
            Some(kind) if !self.is_off => self.take(account, kind, now),
            _ => Ok(()),
        }
    }

    fn take(&self, account: AccountId, kind: Kind, now: Timestamp) -> Result<(), ApiError> {
        let Rate { burst, every_ms } = kind.rate();
        let mut all = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= N_REMEMBERED {
            all.retain(|_, full_at| *full_at > now);
        }
        let full_at = all.entry((account, kind)).or_insert(now);
        let then = (*full_at).max(now).plus_ms(every_ms);
        let over_ms = then.ms_since(now) - burst * every_ms;
        if over_ms > 0 {
            let retry_after_s = u32::try_from((over_ms + 999) / 1_000).unwrap_or(u32::MAX);
            return Err(ApiError::TooMany { retry_after_s });
        }
        *full_at = then;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NOON: Timestamp = Timestamp(1_800_000_000_000);

    fn somebody(n: u128) -> AccountId {
        AccountId(Uuid::from_u128(n))
    }

    #[test]
    fn a_burst_is_free_then_it_fills_up_by_and_by() {
        let limits = Limits::default();
        for _ in 0..40 {
            assert_eq!(limits.take(somebody(1), Kind::Request, NOON), Ok(()));
        }

        let refused = limits.take(somebody(1), Kind::Request, NOON);

        assert_eq!(refused, Err(ApiError::TooMany { retry_after_s: 180 }));
        let later = NOON.plus_ms(3 * 60_000);
        assert_eq!(limits.take(somebody(1), Kind::Request, later), Ok(()));
        assert!(limits.take(somebody(1), Kind::Request, later).is_err());
    }

    #[test]
    fn what_one_has_used_up_is_nobody_elses_and_of_no_other_kind() {
        let limits = Limits::default();
        while limits.take(somebody(1), Kind::Other, NOON).is_ok() {}

        assert_eq!(limits.take(somebody(2), Kind::Other, NOON), Ok(()));
        assert_eq!(limits.take(somebody(1), Kind::Photo, NOON), Ok(()));
    }

    #[test]
    fn what_a_page_does_by_itself_is_not_counted() {
        assert_eq!(Kind::of(AcknowledgeEvents::NAME), None);
        assert_eq!(Kind::of(NoteActivity::NAME), None);
        assert_eq!(Kind::of("accounts.revoke_device"), None);
        assert_eq!(Kind::of("friendships.close_channel"), None);
        assert_eq!(Kind::of("conversations.send_message"), Some(Kind::Other));
        assert_eq!(Kind::of("conversations.search_messages"), Some(Kind::Search));
        assert_eq!(Kind::of("conversations.export_conversation"), Some(Kind::Export));
    }

    #[test]
    fn invented_accounts_do_not_fill_the_memory() {
        let limits = Limits::default();
        for n in 0..2 * N_REMEMBERED as u128 {
            let now = NOON.plus_ms(i64::try_from(n).unwrap());
            assert_eq!(limits.take(somebody(n), Kind::Other, now), Ok(()));
        }

        assert!(limits.full_at.lock().unwrap().len() <= N_REMEMBERED + 1);
    }
}
