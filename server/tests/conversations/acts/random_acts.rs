//! Whatever two people do with their messages, in any order: no message is lost or moved, both see the same, and a device
//! that follows the log alone ends where a page that is read anew begins. Checked against a model that keeps everything as
//! plainly as can be.

use app::api::{AccountId, ApiError, ConversationId, EventKind, MessageId};
use app::conversations::timeline::Timeline;
use app::conversations::{
    EDIT_WITHIN_MS, GetConversation, ListVersions, Message, Reacted, Reaction, TimelinePage,
};
use app::friendships::CloseChannel;
use proptest::prelude::*;

use super::{delete, edit, pin, react, read, reply, star};
use crate::harness::{Account, Friends, Harness};

/// What one of the two does; numbers choose a message, in thousandths of what there is.
#[derive(Clone, Copy, Debug)]
enum Act {
    Send,
    Reply(usize),
    Edit(usize),
    Delete(usize),
    React(usize, Option<usize>),
    Pin(usize, bool),
    Star(usize, bool),
    Wait,
    Close,
    Reopen,
}

/// A message as it should be.
#[derive(Clone)]
struct Expected {
    author: usize,
    id: MessageId,
    sent_at: i64,
    /// Empty once it is deleted.
    said: Vec<String>,
    reply_to: Option<usize>,
    reactions: [Option<Reaction>; 2],
    is_pinned: bool,
    is_starred: [bool; 2],
    is_deleted: bool,
}

fn act() -> impl Strategy<Value = (usize, Act)> {
    let which = || 0..1_000_usize;
    let act = prop_oneof![
        4 => Just(Act::Send),
        2 => which().prop_map(Act::Reply),
        4 => which().prop_map(Act::Edit),
        2 => which().prop_map(Act::Delete),
        3 => (which(), proptest::option::weighted(0.8, 0..5_usize)).prop_map(|(n, word)| Act::React(n, word)),
        2 => (which(), any::<bool>()).prop_map(|(n, is_set)| Act::Pin(n, is_set)),
        2 => (which(), any::<bool>()).prop_map(|(n, is_set)| Act::Star(n, is_set)),
        1 => Just(Act::Wait),
        1 => Just(Act::Close),
        2 => Just(Act::Reopen),
    ];
    (0..2_usize, act)
}

struct Scene {
    harness: Harness,
    conversation: ConversationId,
    people: [Account; 2],
    expected: Vec<Expected>,
    is_open: bool,
    n_words: usize,
    /// What each one's device has made of the log alone.
    followed: [Timeline; 2],
    cursors: [u64; 2],
}

impl Scene {
    async fn set() -> Self {
        let harness = Harness::new();
        let Friends {
            anne,
            luc,
            conversation,
        } = harness.two_friends().await;
        let people = [anne, luc];
        let mut followed = Vec::new();
        for person in &people {
            let header = harness
                .call(person, GetConversation { conversation })
                .await
                .unwrap()
                .conversation;
            let page = TimelinePage {
                messages: Vec::new(),
                last_position: 0,
            };
            followed.push(Timeline::open(person.id, &header, page));
        }
        let [one, other] = followed.try_into().unwrap();
        Self {
            harness,
            conversation,
            people,
            expected: Vec::new(),
            is_open: true,
            n_words: 0,
            followed: [one, other],
            cursors: [0, 0],
        }
    }

    fn words(&mut self) -> String {
        self.n_words += 1;
        format!("Texte {}", self.n_words)
    }

    fn choose(&self, thousandths: usize) -> Option<usize> {
        (!self.expected.is_empty()).then(|| thousandths * self.expected.len() / 1_000)
    }

    async fn stored(&self, index: usize) -> Message {
        read(&self.harness, &self.people[0], self.conversation).await[index].clone()
    }

    async fn perform(&mut self, who: usize, act: Act) {
        self.harness.clock.advance_ms(1_000);
        let (me, conversation) = (self.people[who].clone(), self.conversation);
        let closed = if self.is_open {
            Ok(())
        } else {
            Err(ApiError::ChannelClosed)
        };
        match act {
            Act::Send => self.write(who, None).await,
            Act::Reply(n) => self.write(who, self.choose(n)).await,
            Act::Edit(n) => {
                let Some(index) = self.choose(n) else { return };
                let (text, message) = (self.words(), self.stored(index).await);
                let now = self.harness.now().0;
                let one = &self.expected[index];
                let expected = if one.author != who {
                    Err(ApiError::NotFound)
                } else if closed.is_err() {
                    closed
                } else if one.is_deleted {
                    Err(ApiError::MessageDeleted)
                } else if now - one.sent_at > EDIT_WITHIN_MS {
                    Err(ApiError::TooLate)
                } else {
                    Ok(())
                };
                let done = edit(&self.harness, &me, &message, &text).await;
                assert_eq!(done.map(drop), expected);
                if expected.is_ok() {
                    self.expected[index].said.push(text);
                }
            }
            Act::Delete(n) => {
                let Some(index) = self.choose(n) else { return };
                let message = self.stored(index).await;
                let one = &self.expected[index];
                let expected = if one.author != who {
                    Err(ApiError::NotFound)
                } else if one.is_deleted {
                    Ok(())
                } else {
                    closed
                };
                assert_eq!(delete(&self.harness, &me, &message).await.map(drop), expected);
                if expected.is_ok() {
                    let one = &mut self.expected[index];
                    (one.said, one.reply_to, one.reactions) = (Vec::new(), None, [None; 2]);
                    (one.is_pinned, one.is_starred, one.is_deleted) = (false, [false; 2], true);
                }
            }
            Act::React(n, word) => {
                let Some(index) = self.choose(n) else { return };
                let reaction = word.map(|word| Reaction::ALL[word]);
                let message = self.stored(index).await;
                let expected = self.gone(index, closed);
                assert_eq!(
                    react(&self.harness, &me, &message, reaction).await.map(drop),
                    expected
                );
                if expected.is_ok() {
                    self.expected[index].reactions[who] = reaction;
                }
            }
            Act::Pin(n, is_set) => {
                let Some(index) = self.choose(n) else { return };
                let message = self.stored(index).await;
                let expected = self.gone(index, closed);
                assert_eq!(
                    pin(&self.harness, &me, &message, is_set).await.map(drop),
                    expected
                );
                if expected.is_ok() {
                    self.expected[index].is_pinned = is_set;
                }
            }
            Act::Star(n, is_set) => {
                let Some(index) = self.choose(n) else { return };
                let message = self.stored(index).await;
                let expected = self.gone(index, Ok(()));
                assert_eq!(
                    star(&self.harness, &me, &message, is_set).await.map(drop),
                    expected
                );
                if expected.is_ok() {
                    self.expected[index].is_starred[who] = is_set;
                }
            }
            Act::Wait => self.harness.clock.advance_ms(EDIT_WITHIN_MS / 2),
            Act::Close => {
                let account = self.people[1 - who].id;
                self.harness.call(&me, CloseChannel { account }).await.unwrap();
                self.is_open = false;
            }
            Act::Reopen => {
                if !self.is_open {
                    assert_eq!(
                        self.harness.befriend(&me, &self.people[1 - who]).await,
                        conversation
                    );
                    self.is_open = true;
                }
            }
        }
    }

    fn gone(&self, index: usize, otherwise: Result<(), ApiError>) -> Result<(), ApiError> {
        match otherwise {
            Ok(()) if self.expected[index].is_deleted => Err(ApiError::MessageDeleted),
            otherwise => otherwise,
        }
    }

    async fn write(&mut self, who: usize, answered: Option<usize>) {
        let (me, conversation) = (self.people[who].clone(), self.conversation);
        let text = self.words();
        let sent = match answered {
            Some(index) => {
                let original = self.stored(index).await;
                reply(&self.harness, &me, conversation, &original, &text).await
            }
            None => self.harness.send(&me, conversation, &text).await,
        };
        match sent {
            Ok(message) => {
                assert!(self.is_open);
                self.expected.push(Expected {
                    author: who,
                    id: message.id,
                    sent_at: message.sent_at.0,
                    said: vec![text],
                    reply_to: answered,
                    reactions: [None; 2],
                    is_pinned: false,
                    is_starred: [false; 2],
                    is_deleted: false,
                });
            }
            Err(refusal) => {
                assert!(!self.is_open);
                assert_eq!(refusal, ApiError::ChannelClosed);
            }
        }
    }

    async fn check(&mut self) {
        for who in 0..2 {
            let shown = read(&self.harness, &self.people[who], self.conversation).await;
            assert_eq!(shown.len(), self.expected.len(), "none is lost, none is doubled");
            for (index, message) in shown.iter().enumerate() {
                self.check_one(who, index, message);
            }
            self.follow(who).await;
            assert_eq!(
                self.followed[who].messages(),
                shown,
                "the log tells the same as a page"
            );
        }
    }

    fn check_one(&self, who: usize, index: usize, message: &Message) {
        let one = &self.expected[index];
        assert_eq!((message.id, message.position), (one.id, index as u64 + 1));
        assert_eq!(
            (message.author, message.sent_at.0),
            (self.id(one.author), one.sent_at)
        );
        assert_eq!(message.body.as_str(), one.said.last().map_or("", String::as_str));
        assert_eq!(message.deleted_at.is_some(), one.is_deleted);
        let marks = message.marks.read();
        assert_eq!(marks.edited_at.is_some(), one.said.len() > 1);
        assert_eq!(marks.pinned_at.is_some(), one.is_pinned);
        assert_eq!(marks.is_starred, one.is_starred[who]);
        for other in 0..2 {
            let said = |reacted: &&Reacted| reacted.account == self.id(other);
            let found = marks.reactions.iter().find(said).map(|reacted| reacted.reaction);
            assert_eq!(found, one.reactions[other]);
        }
        let quote = marks.reply_to;
        assert_eq!(
            quote.as_ref().map(|quote| quote.id),
            one.reply_to.map(|n| self.expected[n].id)
        );
        if let (Some(quote), Some(original)) = (quote, one.reply_to) {
            let original = &self.expected[original];
            assert_eq!(quote.is_deleted, original.is_deleted);
            assert_eq!(
                quote.body.as_str(),
                original.said.last().map_or("", String::as_str)
            );
        }
    }

    fn id(&self, who: usize) -> AccountId {
        self.people[who].id
    }

    /// What a device makes of what the log has told since it last looked.
    async fn follow(&mut self, who: usize) {
        for event in self
            .harness
            .events_after(&self.people[who], self.cursors[who])
            .await
        {
            self.cursors[who] = event.cursor.unwrap();
            match event.kind {
                EventKind::MessageSent { message, .. } => drop(self.followed[who].take(message)),
                EventKind::MessageChanged { message, .. } => self.followed[who].change(&message),
                _ => {}
            }
        }
    }

    async fn check_history(&self) {
        for (index, one) in self.expected.iter().enumerate() {
            for person in &self.people {
                let listed = self
                    .harness
                    .call(person, ListVersions { message: one.id })
                    .await
                    .unwrap();
                let said: Vec<&str> = listed
                    .versions
                    .iter()
                    .map(|version| version.body.as_str())
                    .collect();
                assert_eq!(said, one.said, "message {}", index + 1);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn no_sequence_of_acts_moves_or_loses_a_message(acts in proptest::collection::vec(act(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut scene = Scene::set().await;
            for (number, (who, act)) in acts.into_iter().enumerate() {
                scene.perform(who, act).await;
                if number % 3 == 0 {
                    scene.check().await;
                }
            }
            scene.check().await;
            scene.check_history().await;
        });
    }
}
