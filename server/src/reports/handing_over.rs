//! What a report copies of an exchange: the messages that the reporter has chosen, each with what it said before its author
//! changed it, and nothing else.

use app::api::{AccountId, ApiError, ConversationId, InvalidReason};
use app::reports::{MAX_MESSAGES, ReportedMessage};

use sha2::{Digest, Sha256};

use crate::conversations;
use crate::error::Result;
use crate::hexadecimal::hexadecimal;
use crate::store::Tx;

/// Positions of messages that were chosen: each once, in their order, at most 20.
pub(super) struct Positions(Vec<u64>);

impl Positions {
    /// Checks what was chosen.
    ///
    /// # Errors
    /// `Invalid` for more than 20, and for a position that no message has.
    pub(super) fn parse(chosen: &[u64]) -> Result<Self> {
        if chosen.len() > MAX_MESSAGES {
            return Err(ApiError::invalid("messages", InvalidReason::TooLong).into());
        }
        if chosen.contains(&0) {
            return Err(ApiError::invalid("messages", InvalidReason::Format).into());
        }
        let mut positions = chosen.to_vec();
        positions.sort_unstable();
        positions.dedup();
        Ok(Self(positions))
    }

    pub(super) fn as_slice(&self) -> &[u64] {
        &self.0
    }
}

/// The chosen messages of an exchange, as their reporter reads them.
pub(super) struct HandedOver {
    /// Where they stand; `None` when none was chosen.
    pub(super) conversation: Option<ConversationId>,
    /// In their order.
    pub(super) messages: Vec<ReportedMessage>,
}

impl HandedOver {
    /// Reads the chosen messages with the reporter's own right to read.
    ///
    /// # Errors
    /// `Invalid` naming `messages` when the two have no conversation, one of them is not there, or cannot be shown.
    pub(super) fn gather(
        tx: &mut Tx<'_>,
        reader: AccountId,
        other: AccountId,
        positions: &Positions,
    ) -> Result<Self> {
        let mut handed = Self {
            conversation: None,
            messages: Vec::new(),
        };
        if positions.0.is_empty() {
            return Ok(handed);
        }
        let not_there = || ApiError::invalid("messages", InvalidReason::Format);
        let conversation = conversations::find_between(tx, reader, other)?.ok_or_else(not_there)?;
        handed.conversation = Some(conversation);
        for position in &positions.0 {
            let found = conversations::list_range(tx, reader, conversation, *position, *position)?;
            let message = found
                .into_iter()
                .find(|message| message.position == *position && !message.body.is_withheld())
                .ok_or_else(not_there)?;
            let earlier = conversations::list_earlier(tx, reader, &message)?;
            handed.messages.push(ReportedMessage {
                position: message.position,
                author: message.author,
                sent_at: message.sent_at,
                edited_at: message.marks.read().edited_at,
                body: message.body,
                earlier,
            });
        }
        Ok(handed)
    }

    /// Stands for these messages and their words: another one as soon as one of them reads otherwise, or has said more.
    pub(super) fn mark(&self) -> String {
        let mut sum = Sha256::new();
        for message in &self.messages {
            sum.update(message.position.to_be_bytes());
            sum.update((message.earlier.len() as u64).to_be_bytes());
            let earlier = message.earlier.iter().map(|version| &version.body);
            for body in earlier.chain([&message.body]) {
                let words = body.as_str();
                sum.update((words.len() as u64).to_be_bytes());
                sum.update(words);
            }
        }
        hexadecimal(&sum.finalize())
    }
}
