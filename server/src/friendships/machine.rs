//! The life of a friendship as one pure state machine: two people, seven acts, no clock and no table of its own.
//!
//! Everything that two people are to each other stands in one [`Pair`]; [`Pair::apply`] is the only way from one state
//! to the next, and [`Pair::view`] the only way to show a state to one of the two. Its promises:
//!
//! - the channel opens only when both have said yes since it was last closed, and each opening is a new epoch;
//! - each act may be repeated: the second time changes nothing;
//! - whoever is ignored, and whoever is blocked, sees the same as whoever waits for an answer;
//! - nobody is asked who takes no requests from the asker; whom a request reaches anyway has asked first.
//!
//! Source: help page « Échanger des messages directs », introduction; product requirements A1–A4, A7, A14, section 4.

use app::api::{AccountId, ApiError, Timestamp};
use app::conversations::Channel;
use app::friendships::{Note, Relation, Standing, WhoMayAsk};

/// How long a request waits for its answer; then it is gone without a word.
///
/// Source: product requirement A14.
pub const REQUEST_LIFE_MS: i64 = 30 * Timestamp::DAY_MS;

/// Whether a friendship was ever opened, and whether it still is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Friendship {
    /// Never opened.
    Never,
    /// Both may write.
    Open {
        /// Since when.
        since: Timestamp,
    },
    /// It was open once.
    Closed {
        /// Since when it no longer is.
        since: Timestamp,
        /// Who closed it, openly or by blocking.
        by: AccountId,
    },
}

/// A request that awaits its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who asked.
    pub from: AccountId,
    /// When.
    pub at: Timestamp,
    /// Whether the other has put it aside, or never saw it because of a block. The asker is never told.
    pub is_ignored: bool,
    /// What the asker added.
    pub note: Option<Note>,
}

/// What one of the two may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Asks for friendship; says yes, if the other has asked.
    Request {
        /// What the asker adds.
        note: Option<Note>,
        /// Whether the other takes requests from the asker: see [`is_taken`].
        is_taken: bool,
    },
    /// Takes the own request back.
    Cancel,
    /// Says yes to the other's request.
    Accept,
    /// Puts the other's request aside.
    Ignore,
    /// Takes the other's request up again: it waits for an answer as before it was put aside.
    Restore,
    /// Closes the channel.
    Close,
    /// Blocks the other.
    Block,
    /// Lifts the own block.
    Unblock,
}

/// Everything that two accounts are to each other; `low` is the smaller id, so that each pair has one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The account with the smaller id.
    pub low: AccountId,
    /// The account with the larger id.
    pub high: AccountId,
    /// How often the channel was opened.
    pub epoch: u64,
    /// Whether it is open.
    pub friendship: Friendship,
    /// The request that waits, if any; never while the channel is open.
    pub request: Option<Request>,
    /// Since when `low` blocks `high`.
    pub low_blocked_at: Option<Timestamp>,
    /// Since when `high` blocks `low`.
    pub high_blocked_at: Option<Timestamp>,
}

impl Pair {
    /// Two accounts, different ones, that have nothing to do with each other.
    pub fn new(one: AccountId, other: AccountId) -> Self {
        Self {
            low: one.min(other),
            high: one.max(other),
            epoch: 0,
            friendship: Friendship::Never,
            request: None,
            low_blocked_at: None,
            high_blocked_at: None,
        }
    }

    /// The other one of the two.
    pub fn other(&self, account: AccountId) -> AccountId {
        if account == self.low { self.high } else { self.low }
    }

    /// Whether both may write.
    pub fn is_open(&self) -> bool {
        matches!(self.friendship, Friendship::Open { .. })
    }

    /// Since when `account` blocks the other.
    pub fn blocked_at(&self, account: AccountId) -> Option<Timestamp> {
        if account == self.low {
            self.low_blocked_at
        } else {
            self.high_blocked_at
        }
    }

    /// The request that `account` may answer: from the other, not put aside.
    pub fn received_by(&self, account: AccountId) -> Option<&Request> {
        self.request
            .as_ref()
            .filter(|request| request.from != account && !request.is_ignored)
    }

    /// Drops a request that has waited too long.
    #[must_use]
    pub fn settle(mut self, now: Timestamp) -> Self {
        self.request = self
            .request
            .filter(|request| now.ms_since(request.at) < REQUEST_LIFE_MS);
        self
    }

    /// What the pair is after `act` by `me`, one of the two.
    ///
    /// # Errors
    /// `NotFound` when a request is to be accepted and none awaits the answer. `NotFriends` when a channel is to be
    /// closed that was never open. `Blocked` when somebody is asked whom the asker blocks, `TakesNoRequests` when
    /// somebody is asked who takes none from the asker.
    pub fn apply(self, me: AccountId, act: Act, now: Timestamp) -> Result<Self, ApiError> {
        let mut pair = self.settle(now);
        match act {
            Act::Request { note, is_taken } => return pair.ask(me, note, is_taken, now),
            Act::Accept => {
                if pair.received_by(me).is_some() {
                    pair.open(now);
                } else if !pair.is_open() {
                    return Err(ApiError::NotFound);
                }
            }
            Act::Cancel => pair.withdraw(me),
            Act::Ignore => pair.put_aside(me),
            Act::Restore => pair.take_up(me),
            Act::Close => match pair.friendship {
                Friendship::Open { .. } => pair.friendship = Friendship::Closed { since: now, by: me },
                Friendship::Closed { .. } => {}
                Friendship::Never => return Err(ApiError::NotFriends),
            },
            Act::Block => {
                if pair.blocked_at(me).is_none() {
                    *pair.block_of(me) = Some(now);
                }
                if pair.is_open() {
                    pair.friendship = Friendship::Closed { since: now, by: me };
                }
                pair.withdraw(me);
                pair.put_aside(me);
            }
            Act::Unblock => *pair.block_of(me) = None,
        }
        Ok(pair)
    }

    fn ask(
        mut self,
        me: AccountId,
        note: Option<Note>,
        is_taken: bool,
        now: Timestamp,
    ) -> Result<Self, ApiError> {
        if self.blocked_at(me).is_some() {
            return Err(ApiError::Blocked);
        }
        if self.is_open() {
            return Ok(self);
        }
        match &self.request {
            // Asking twice is asking once: the first words and the first moment stand, so a request cannot be renewed
            // to be seen again.
            Some(request) if request.from == me => {}
            // Asking back is accepting, even what was put aside: both have now said yes. Who has asked takes the answer.
            Some(_) => self.open(now),
            // Before the block is looked at: it would show through otherwise.
            None if !is_taken => return Err(ApiError::TakesNoRequests),
            None => {
                let is_ignored = self.blocked_at(self.other(me)).is_some();
                self.request = Some(Request {
                    from: me,
                    at: now,
                    is_ignored,
                    note,
                });
            }
        }
        Ok(self)
    }

    fn open(&mut self, now: Timestamp) {
        self.epoch += 1;
        self.friendship = Friendship::Open { since: now };
        self.request = None;
    }

    fn withdraw(&mut self, me: AccountId) {
        self.request.take_if(|request| request.from == me);
    }

    fn put_aside(&mut self, me: AccountId) {
        if let Some(request) = self.request.as_mut().filter(|request| request.from != me) {
            request.is_ignored = true;
        }
    }

    /// Behind a block nothing is taken up.
    fn take_up(&mut self, me: AccountId) {
        if self.blocked_at(me).is_some() {
            return;
        }
        if let Some(request) = self.request.as_mut().filter(|request| request.from != me) {
            request.is_ignored = false;
        }
    }

    fn block_of(&mut self, me: AccountId) -> &mut Option<Timestamp> {
        if me == self.low {
            &mut self.low_blocked_at
        } else {
            &mut self.high_blocked_at
        }
    }

    /// How `viewer` stands to the other, as far as `viewer` may know: the own block first, then the open channel, the
    /// waiting request, the closed channel.
    pub fn view(&self, viewer: AccountId) -> Relation {
        let closed_by_me = match self.friendship {
            Friendship::Closed { by, .. } => Some(by == viewer),
            Friendship::Never | Friendship::Open { .. } => None,
        };
        let relation = |relation, since| Relation {
            relation,
            since: Some(since),
            closed_by_me,
        };
        if let Some(at) = self.blocked_at(viewer) {
            return relation(Standing::Blocked, at);
        }
        if let Friendship::Open { since } = self.friendship {
            return relation(Standing::Friend, since);
        }
        match &self.request {
            Some(request) if request.from == viewer => return relation(Standing::RequestSent, request.at),
            Some(request) if !request.is_ignored => return relation(Standing::RequestReceived, request.at),
            _ => {}
        }
        match self.friendship {
            Friendship::Closed { since, .. } => relation(Standing::Closed, since),
            Friendship::Never | Friendship::Open { .. } => Relation::NONE,
        }
    }

    /// Whether a request of `viewer` is granted where none of theirs waits, as far as `viewer` may know. `is_taken` says
    /// whether the other takes requests from them; a block of the other's changes nothing of it.
    pub fn may_ask(&self, viewer: AccountId, is_taken: bool) -> bool {
        is_taken
            || self
                .request
                .as_ref()
                .is_some_and(|request| request.from != viewer)
    }

    /// Whether the two may write, as `viewer` is told; `None` when there never was a channel.
    pub fn channel(&self, viewer: AccountId) -> Option<Channel> {
        match self.friendship {
            Friendship::Never => None,
            Friendship::Open { since } => Some(Channel::Open { since }),
            Friendship::Closed { since, by } => Some(Channel::Closed {
                since,
                by_me: by == viewer,
            }),
        }
    }
}

/// Whether somebody with this rule takes requests from another, who works at the same place or does not.
///
/// Source: product, section 4 ("who may ask me").
pub fn is_taken(rule: WhoMayAsk, is_colleague: bool) -> bool {
    match rule {
        WhoMayAsk::Everybody => true,
        WhoMayAsk::Workplace => is_colleague,
        WhoMayAsk::Nobody => false,
    }
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;
