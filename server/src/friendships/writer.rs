//! The right to write, as a value: whoever holds a [`Writer`] is a friend of the other at this moment.

use app::api::{AccountId, ApiError, ConversationId};

use super::machine::{Friendship, Pair};
use super::sql;
use crate::conversations::{self, Participant};
use crate::error::Result;
use crate::store::Tx;

/// Proof that a participant may write now: the friendship is open.
///
/// Made by [`require_writer`], [`require_writer_for`] and [`require_open`] alone, inside the transaction that uses it: a closing is either
/// committed before, and no proof is given, or comes after what the proof allowed.
pub struct Writer {
    conversation: ConversationId,
    account: AccountId,
    friend: AccountId,
    epoch: u64,
}

impl Writer {
    /// Where they may write.
    pub fn conversation(&self) -> ConversationId {
        self.conversation
    }

    /// Who may write.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// To whom.
    pub fn friend(&self) -> AccountId {
        self.friend
    }

    /// The opening that the right comes from; the next one is another right.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }
}

/// The right of `caller` to write in a conversation.
///
/// # Errors
/// `NotFound` when the caller does not take part in it, `Blocked` when the caller blocks the other, `ChannelClosed`
/// when the channel is closed.
pub fn require_writer(tx: &mut Tx<'_>, caller: AccountId, conversation: ConversationId) -> Result<Writer> {
    let participant = conversations::require_participant(tx, caller, conversation)?;
    require_writer_for(tx, &participant)
}

/// The right to write of somebody who is known to take part.
///
/// # Errors
/// `Blocked` when the participant blocks the other, `ChannelClosed` when the channel is closed.
pub fn require_writer_for(tx: &mut Tx<'_>, participant: &Participant) -> Result<Writer> {
    let (account, friend) = (participant.account(), participant.friend());
    let pair = sql::find_pair(tx, account, friend)?;
    check_open(&pair, account)?;
    Ok(Writer {
        conversation: participant.conversation(),
        account,
        friend,
        epoch: pair.epoch,
    })
}

/// The right of `caller` to write to `friend`.
///
/// # Errors
/// `NotFriends` when there never was a channel, `Blocked` when the caller blocks the other, `ChannelClosed` when it is
/// closed.
pub fn require_open(tx: &mut Tx<'_>, caller: AccountId, friend: AccountId) -> Result<Writer> {
    let pair = sql::find_pair(tx, caller, friend)?;
    check_open(&pair, caller)?;
    let conversation = conversations::find_between(tx, caller, friend)?.ok_or(ApiError::NotFriends)?;
    Ok(Writer {
        conversation,
        account: caller,
        friend,
        epoch: pair.epoch,
    })
}

fn check_open(pair: &Pair, caller: AccountId) -> Result<()> {
    let refusal = match pair.friendship {
        Friendship::Open { .. } => return Ok(()),
        _ if pair.blocked_at(caller).is_some() => ApiError::Blocked,
        Friendship::Closed { .. } => ApiError::ChannelClosed,
        Friendship::Never => ApiError::NotFriends,
    };
    Err(refusal.into())
}
