//! Receipts under whatever two people do on several devices: checked, after each act, against a model that counts.

use app::accounts::SaveSettings;
use app::api::{AcknowledgeEvents, ConversationId, EventKind};
use app::conversations::{GetConversation, MarkRead, MarkUnread};
use app::notifications::GetBadges;
use proptest::prelude::*;

use crate::harness::{Account, Friends, Harness};

/// What one of the two does; `Some` numbers are thousandths of what there is.
#[derive(Clone, Copy, Debug)]
enum Act {
    Send,
    Read(u64),
    MarkUnread(u64),
    /// On one of two devices, up to a part of the log.
    Acknowledge(usize, u64),
    Share(bool),
}

/// Everything that has happened, kept as plainly as can be.
#[derive(Default)]
struct Model {
    /// Who wrote each message, by position.
    authors: Vec<usize>,
    people: [Person; 2],
}

struct Person {
    read: u64,
    told_delivered: u64,
    told_read: u64,
    shares: bool,
}

impl Default for Person {
    fn default() -> Self {
        Self {
            read: 0,
            told_delivered: 0,
            told_read: 0,
            shares: true,
        }
    }
}

impl Model {
    fn last_position(&self) -> u64 {
        u64::try_from(self.authors.len()).unwrap()
    }

    fn author(&self, position: u64) -> Option<usize> {
        let index = usize::try_from(position.checked_sub(1)?).ok()?;
        self.authors.get(index).copied()
    }

    fn n_unread(&self, who: usize) -> u64 {
        let unread = (self.people[who].read + 1)..=self.last_position();
        unread
            .filter(|position| self.author(*position) != Some(who))
            .map(|_| 1)
            .sum()
    }

    fn read(&mut self, who: usize, position: u64) {
        let position = position.min(self.last_position());
        let both_share = self.people.iter().all(|person| person.shares);
        let person = &mut self.people[who];
        if position > person.read {
            person.read = position;
            if both_share && position > person.told_read {
                person.told_read = position;
                person.told_delivered = person.told_delivered.max(position);
            }
        }
    }

    fn mark_unread(&mut self, who: usize, position: u64) -> bool {
        let is_friends = self.author(position).is_some_and(|author| author != who);
        if is_friends {
            let read = &mut self.people[who].read;
            *read = (*read).min(position - 1);
        }
        is_friends
    }
}

fn act() -> impl Strategy<Value = (usize, Act)> {
    let act = prop_oneof![
        4 => Just(Act::Send),
        3 => (0..1_200_u64).prop_map(Act::Read),
        2 => (0..1_200_u64).prop_map(Act::MarkUnread),
        3 => (0..2_usize, 0..=1_000_u64).prop_map(|(device, part)| Act::Acknowledge(device, part)),
        1 => any::<bool>().prop_map(Act::Share),
    ];
    (0..2_usize, act)
}

struct Scene {
    harness: Harness,
    conversation: ConversationId,
    /// Each person's two devices.
    devices: [[Account; 2]; 2],
    model: Model,
}

impl Scene {
    async fn set() -> Self {
        let harness = Harness::new();
        let Friends {
            anne,
            luc,
            conversation,
        } = harness.two_friends().await;
        let others = [
            harness.sign_in(&anne.email).await,
            harness.sign_in(&luc.email).await,
        ];
        let [annes, lucs] = others;
        Self {
            harness,
            conversation,
            devices: [[anne, annes], [luc, lucs]],
            model: Model::default(),
        }
    }

    async fn perform(&mut self, who: usize, act: Act) {
        let (harness, conversation) = (&self.harness, self.conversation);
        let me = &self.devices[who][0];
        match act {
            Act::Send => {
                harness.send(me, conversation, "Un mot").await.unwrap();
                self.model.authors.push(who);
            }
            Act::Read(part) => {
                let position = self.model.last_position() * part / 1_000 + 1;
                harness
                    .call(
                        me,
                        MarkRead {
                            conversation,
                            position,
                        },
                    )
                    .await
                    .unwrap();
                self.model.read(who, position);
            }
            Act::MarkUnread(part) => {
                let position = self.model.last_position() * part / 1_000 + 1;
                let wish = MarkUnread {
                    conversation,
                    position,
                };
                let is_granted = harness.call(me, wish).await.is_ok();
                assert_eq!(is_granted, self.model.mark_unread(who, position));
            }
            Act::Acknowledge(device, part) => {
                let device = &self.devices[who][device];
                let cursor = harness.cursor(device).await * part / 1_000;
                harness.call(device, AcknowledgeEvents { cursor }).await.unwrap();
                let received = harness.events_after(device, 0).await;
                let newest = received
                    .iter()
                    .filter(|event| event.cursor <= Some(cursor))
                    .filter_map(|event| match &event.kind {
                        EventKind::MessageSent { message, .. } if message.author != device.id => {
                            Some(message.position)
                        }
                        _ => None,
                    })
                    .max();
                let person = &mut self.model.people[who];
                person.told_delivered = person.told_delivered.max(newest.unwrap_or(0));
            }
            Act::Share(shares) => {
                let wish = SaveSettings {
                    shares_read_receipts: Some(shares),
                    ..SaveSettings::default()
                };
                harness.call(me, wish).await.unwrap();
                self.model.people[who].shares = shares;
            }
        }
    }

    /// What each side sees is what the model has counted, and what a device makes of the events alone.
    async fn check(&self) {
        let conversation = self.conversation;
        for (who, devices) in self.devices.iter().enumerate() {
            let (me, friend) = (&self.model.people[who], &self.model.people[1 - who]);
            let unread_count = self.model.n_unread(who);
            let header = self
                .harness
                .call(&devices[1], GetConversation { conversation })
                .await
                .unwrap()
                .conversation;
            let badges = self.harness.call(&devices[0], GetBadges {}).await.unwrap();

            assert_eq!(
                (header.read_position, header.unread_count),
                (me.read, unread_count)
            );
            assert_eq!(badges.unread_count, unread_count);
            assert_eq!(header.friend_read_position, friend.told_read);
            assert_eq!(header.friend_delivered_position, friend.told_delivered);
            assert!(header.friend_read_position <= header.friend_delivered_position);
            assert!(header.friend_delivered_position <= self.model.last_position());

            let mut followed = (0, 0);
            for event in self.harness.events_after(&devices[1], 0).await {
                match event.kind {
                    EventKind::MessageSent { message, .. } if message.author != devices[1].id => {
                        followed.1 += 1;
                    }
                    EventKind::ConversationRead {
                        reader,
                        position,
                        unread_count,
                        ..
                    } if reader == devices[1].id => followed = (position, unread_count),
                    EventKind::MarkedUnread {
                        position,
                        unread_count,
                        ..
                    } => followed = (position - 1, unread_count),
                    _ => {}
                }
            }
            assert_eq!(followed, (me.read, unread_count));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn counts_and_receipts_are_true_whatever_two_people_do(acts in proptest::collection::vec(act(), 1..50)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut scene = Scene::set().await;
            for (who, act) in acts {
                scene.perform(who, act).await;
                scene.check().await;
            }
        });
    }
}
