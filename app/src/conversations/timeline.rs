//! The ordered messages of one conversation on a screen: a model without a screen.
//!
//! Promises: messages stand by position, each once, and without a hole between the first and the last that are held; at
//! most [`Timeline::MAX_MESSAGES`] are held; of two copies of a message the later one stays, and no change moves one; an
//! event that would leave a hole is not shown but answered with the
//! position after which the caller must ask. What is on its way stands in `sending`; `rows` puts the two together.

use super::rows::MessageState;
use super::{Conversation, Message, TimelinePage};
use crate::api::AccountId;

/// The messages held for one conversation, and how far each of the two has read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    me: AccountId,
    /// By position, without a hole.
    messages: Vec<Message>,
    /// What has changed lately, for pages that were read before and come after it.
    changed: Vec<Message>,
    /// The newest position known to exist.
    last_position: u64,
    /// Whether the window means to end at the newest message: what arrives is shown.
    is_following: bool,
    read_position: u64,
    /// The person has put reading off: what is in sight stays unread, until they come back to it.
    is_put_off: bool,
    friend_delivered_position: u64,
    friend_read_position: u64,
    /// Where the line « Nouveaux messages » stands: set on opening, then it does not move.
    new_from: Option<u64>,
}

/// Changes that are remembered: more than come while a page is being read.
const MAX_CHANGED: usize = 100;

/// What became of a message that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It stands in its place.
    Shown,
    /// It was there already, or stands before what is held.
    Known,
    /// Some before it are missing: ask for what comes after this position.
    Gap {
        /// The last position held.
        after: u64,
    },
    /// It comes after what is shown, because the reader looks at older messages.
    Beyond,
}

/// Which end of the window stays when it grows too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The reader is among the oldest.
    Oldest,
    /// The reader is among the newest.
    Newest,
}

impl Timeline {
    /// The most messages held at once.
    ///
    /// Source: ux R9; Zulip keeps as many.
    pub const MAX_MESSAGES: usize = 400;

    /// The timeline as it is when the conversation is opened.
    pub fn open(me: AccountId, conversation: &Conversation, page: TimelinePage) -> Self {
        let mut timeline = Self {
            me,
            messages: Vec::new(),
            changed: Vec::new(),
            last_position: 0,
            is_following: false,
            read_position: conversation.read_position,
            is_put_off: false,
            friend_delivered_position: conversation.friend_delivered_position,
            friend_read_position: conversation.friend_read_position,
            new_from: None,
        };
        timeline.replace(page);
        if conversation.unread_count > 0 {
            let read = conversation.read_position;
            timeline.new_from = timeline
                .messages
                .iter()
                .find(|message| message.position > read && message.author != me)
                .map(|message| message.position);
        }
        timeline
    }

    /// Shows this page instead of what was held.
    pub fn replace(&mut self, page: TimelinePage) {
        self.messages.clear();
        self.last_position = self.last_position.max(page.last_position);
        self.append(page.messages);
        self.settle(Keep::Newest);
        self.is_following = !self.has_newer();
        if !self.changed.is_empty() {
            self.apply_changes();
        }
    }

    /// Puts a page beside what is held, or over it. A page that would leave a hole changes nothing.
    pub fn merge(&mut self, page: TimelinePage, keep: Keep) {
        self.last_position = self.last_position.max(page.last_position);
        let mut page = page.messages;
        page.sort_by_key(|message| message.position);
        page.dedup_by_key(|message| message.position);
        let (Some(first), Some(last)) = (page.first(), page.last()) else {
            return;
        };
        let has_hole = page
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if b.position != a.position + 1));
        let is_apart = !self.messages.is_empty()
            && (first.position > self.end() + 1 || last.position + 1 < self.first_position().unwrap_or(0));
        if has_hole || is_apart {
            return;
        }
        let begin = self.first_position().unwrap_or(u64::MAX);
        let (mut older, rest): (Vec<Message>, Vec<Message>) =
            page.into_iter().partition(|message| message.position < begin);
        for message in rest {
            self.put(message);
        }
        older.append(&mut self.messages);
        self.messages = older;
        self.settle(keep);
        if !self.changed.is_empty() {
            self.apply_changes();
        }
    }

    /// Takes a message that an event or an answer brought.
    pub fn take(&mut self, message: Message) -> Taken {
        let end = self.end();
        let was_known_end = self.last_position;
        self.last_position = self.last_position.max(message.position);
        if message.position <= end {
            let is_held = self
                .first_position()
                .is_some_and(|first| message.position >= first);
            if is_held {
                self.put(message);
            }
            return Taken::Known;
        }
        if !self.is_following {
            return Taken::Beyond;
        }
        if message.position > end + 1 || was_known_end > end {
            return Taken::Gap { after: end };
        }
        self.messages.push(message);
        self.settle(Keep::Newest);
        Taken::Shown
    }

    /// Takes a message that was told before and has changed: in its place, if that is held, and where others quote it.
    pub fn change(&mut self, message: &Message) {
        self.changed.retain(|known| known.position != message.position);
        if self.changed.len() >= MAX_CHANGED {
            self.changed.remove(0);
        }
        self.changed.push(message.clone());
        self.apply_changes();
    }

    fn apply_changes(&mut self) {
        let changed = std::mem::take(&mut self.changed);
        for message in &changed {
            let is_held = self
                .first_position()
                .is_some_and(|first| (first..=self.end()).contains(&message.position));
            if is_held {
                self.put(message.clone());
            }
            for held in &mut self.messages {
                held.marks.requote(message);
            }
        }
        self.changed = changed;
    }

    /// There is a message at this position, though nobody has brought it.
    pub fn expect(&mut self, position: u64) {
        self.last_position = self.last_position.max(position);
    }

    /// Whether the window means to show the newest message and lacks some.
    pub fn is_behind(&self) -> bool {
        self.is_following && self.has_newer()
    }

    /// Notes what the friend's devices have received; never moves back.
    pub fn friend_has_received(&mut self, position: u64) {
        self.friend_delivered_position = self.friend_delivered_position.max(position);
    }

    /// Notes how far the friend has read; never moves back.
    pub fn friend_has_read(&mut self, position: u64) {
        self.friend_read_position = self.friend_read_position.max(position);
    }

    /// Notes how far the person has read, here or on another device.
    pub fn i_have_read(&mut self, position: u64) {
        self.read_position = self.read_position.max(position);
        self.is_put_off = false;
    }

    /// A message of the friend is unread again, and what came after it: the line « Nouveaux messages » stands before it,
    /// and what is in sight is not read once more by itself.
    pub fn put_off(&mut self, position: u64) {
        self.read_position = self.read_position.min(position.saturating_sub(1));
        self.is_put_off = true;
        self.new_from = Some(position);
    }

    /// The person comes back to what they had put off.
    pub fn take_up(&mut self) {
        self.is_put_off = false;
    }

    /// Removes the line « Nouveaux messages »: the person has sent something, or comes back.
    pub fn drop_new_line(&mut self) {
        self.new_from = None;
    }

    /// Whose screen it is.
    pub fn me(&self) -> AccountId {
        self.me
    }

    /// What is held, by position.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// Where the line « Nouveaux messages » stands.
    pub fn new_from(&self) -> Option<u64> {
        self.new_from
    }

    /// How far the person has read.
    pub fn read_position(&self) -> u64 {
        self.read_position
    }

    /// Whether what is in sight stays unread.
    pub fn is_put_off(&self) -> bool {
        self.is_put_off
    }

    /// How far the person's message at this position has come, from what the server has said.
    pub fn state_of(&self, position: u64) -> MessageState {
        if position <= self.friend_read_position {
            MessageState::Read
        } else if position <= self.friend_delivered_position {
            MessageState::Delivered
        } else {
            MessageState::Sent
        }
    }

    /// The first position held.
    pub fn first_position(&self) -> Option<u64> {
        self.messages.first().map(|message| message.position)
    }

    /// The last position held; 0 when nothing is.
    pub fn end(&self) -> u64 {
        self.messages.last().map_or(0, |message| message.position)
    }

    /// Whether there are older messages than those held.
    pub fn has_older(&self) -> bool {
        self.first_position().is_some_and(|first| first > 1)
    }

    /// Whether there are newer messages than those held.
    pub fn has_newer(&self) -> bool {
        self.end() < self.last_position
    }

    /// How many of the friend's messages stand strictly between two positions.
    pub fn count_from_friend(&self, after: u64, before: u64) -> u64 {
        let is_between = |message: &&Message| message.position > after && message.position < before;
        let count = self
            .messages
            .iter()
            .filter(is_between)
            .filter(|message| message.author != self.me)
            .count();
        u64::try_from(count).unwrap_or(u64::MAX)
    }

    /// The position of the last message of the friend up to `position`, which is what reading up to there has read.
    pub fn last_from_friend(&self, position: u64) -> Option<u64> {
        let is_friends = |message: &&Message| message.position <= position && message.author != self.me;
        self.messages
            .iter()
            .rev()
            .find(is_friends)
            .map(|message| message.position)
    }

    /// A newer copy takes the place of the one held; the next one goes to the end.
    fn put(&mut self, message: Message) {
        let Some(first) = self.first_position() else {
            self.messages.push(message);
            return;
        };
        let index = usize::try_from(message.position.saturating_sub(first)).unwrap_or(usize::MAX);
        let is_next = index == self.messages.len();
        match self.messages.get_mut(index) {
            // A page that was read before a change may come after it.
            Some(held) if held.marks.is_later_than(&message.marks) => {}
            Some(held) => *held = message,
            None if is_next => self.messages.push(message),
            None => {}
        }
    }

    fn append(&mut self, messages: Vec<Message>) {
        for message in messages {
            if self.messages.is_empty() || message.position <= self.end() + 1 {
                self.put(message);
            }
        }
    }

    /// Keeps the window short, and its marks true.
    fn settle(&mut self, keep: Keep) {
        let n_excess = self.messages.len().saturating_sub(Self::MAX_MESSAGES);
        match keep {
            Keep::Newest => drop(self.messages.drain(..n_excess)),
            Keep::Oldest => self.messages.truncate(Self::MAX_MESSAGES),
        }
        self.last_position = self.last_position.max(self.end());
        if self.has_newer() {
            if keep == Keep::Oldest && n_excess > 0 {
                self.is_following = false;
            }
        } else {
            self.is_following = true;
        }
    }
}

#[cfg(test)]
#[path = "timeline_tests.rs"]
pub(super) mod tests;
