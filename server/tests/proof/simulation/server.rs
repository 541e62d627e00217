//! What the devices reach: the real operations on a real store, and the stream's door as it decides.

use std::collections::HashMap;

use app::api::{ApiError, EventPage, ListEvents, MessageId, MessageKey, Timestamp};
use app::attachments::Attachments;
use app::conversations::{Marked, Message, MessageBody, SendMessage};
use server::live::Signal;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::TryRecvError;
use uuid::Uuid;

use super::device::{Call, Heard};
use super::{Agenda, Event, Planted};
use crate::chance::Chance;
use crate::harness::{Account, Friends, Harness};

/// A stream that a device has open.
struct Stream {
    turn: u32,
    cursor: u64,
    signals: broadcast::Receiver<Signal>,
    is_stalled: bool,
    must_read: bool,
    /// When the last frame arrives: frames overtake no other.
    last_at: u64,
}

/// The server of one seed: two friends, two devices each, alone in their corner of the store.
pub(crate) struct Server<'h> {
    harness: &'h mut Harness,
    friends: Friends,
    streams: HashMap<usize, Stream>,
    planted: Planted,
    /// Counts the lives of the server.
    epoch: u64,
    now: u64,
    first_used: HashMap<MessageKey, u64>,
    seen_at: HashMap<(usize, u64), u64>,
}

impl<'h> Server<'h> {
    pub(crate) async fn open(harness: &'h mut Harness, planted: Planted) -> Self {
        let friends = harness.two_friends().await;
        Self {
            harness,
            friends,
            streams: HashMap::new(),
            planted,
            epoch: 0,
            now: 0,
            first_used: HashMap::new(),
            seen_at: HashMap::new(),
        }
    }

    /// Moves the server's clock to this time.
    pub(crate) fn set_time(&mut self, now: u64) {
        let passed = i64::try_from(now - self.now).unwrap();
        self.harness.clock.advance_ms(passed);
        self.now = now;
    }

    fn account(&self, device: usize) -> &Account {
        if device < 2 {
            &self.friends.anne
        } else {
            &self.friends.luc
        }
    }

    pub(super) async fn answer(
        &mut self,
        device: usize,
        call: u64,
        asked: Call,
        agenda: &mut Agenda,
        chance: &mut Chance,
    ) {
        let in_ms = 5 + chance.below(300);
        let heard = match asked {
            Call::Send { key, body } => {
                if self.planted == Planted::AnswersFirst {
                    let message = made_up(self.account(device), &body);
                    let late = Event::StoreLate {
                        device,
                        asked: Call::Send { key, body },
                        epoch: self.epoch,
                    };
                    agenda.plan(200 + chance.below(1_000), late);
                    Heard::Sent {
                        call,
                        key,
                        outcome: Ok(message),
                    }
                } else {
                    let outcome = self.send(device, key, body).await;
                    Heard::Sent { call, key, outcome }
                }
            }
            Call::ReadLog { after, turn } => {
                let page = self.page(device, after).await;
                Heard::Page { call, turn, page }
            }
            Call::Listen { turn } => {
                let account = self.account(device).id;
                let signals = self.harness.context.live.listen(account);
                let known = self.harness.cursor(self.account(device)).await;
                let last_at = self.now + in_ms;
                let stream = Stream {
                    turn,
                    cursor: known,
                    signals,
                    is_stalled: false,
                    must_read: true,
                    last_at,
                };
                // A request that the network delivered twice, or late, opens no second stream.
                if self.streams.get(&device).is_none_or(|open| open.turn < turn) {
                    self.streams.insert(device, stream);
                }
                Heard::Hello { turn, known }
            }
        };
        agenda.plan(in_ms, Event::Hear { device, heard });
    }

    async fn send(&mut self, device: usize, key: MessageKey, body: MessageBody) -> Result<Message, ApiError> {
        let mut used = key;
        if self.planted == Planted::ForgetsKeys {
            let first = *self.first_used.entry(key).or_insert(self.now);
            if self.now - first > 1_000 {
                used = MessageKey(Uuid::from_u128(key.0.as_u128() ^ u128::from(self.now)));
            }
        }
        let wish = SendMessage {
            conversation: self.friends.conversation,
            key: used,
            reply_to: None,
            body,
            clears_draft: false,
            attachments: Vec::new(),
        };
        let sent = self.harness.call(self.account(device), wish).await;
        sent.map(|sent| Message {
            key: Some(key),
            ..sent.message
        })
    }

    pub(super) async fn store_late(&mut self, device: usize, asked: Call, epoch: u64) {
        if let Call::Send { key, body } = asked
            && epoch == self.epoch
        {
            let _ = self.send(device, key, body).await;
        }
    }

    async fn page(&mut self, device: usize, after: u64) -> EventPage {
        let wish = ListEvents {
            after: Some(after),
            limit: Some(200),
            wait: None,
        };
        let mut page = self.harness.call(self.account(device), wish).await.unwrap();
        if self.planted == Planted::PlacesOutside {
            let (now, owner) = (self.now, device / 2);
            for event in &page.events {
                self.seen_at
                    .entry((owner, event.cursor.unwrap_or(0)))
                    .or_insert(now);
            }
            // Every seventh is committed late; those after it are seen before it.
            page.events.retain(|event| {
                let cursor = event.cursor.unwrap_or(0);
                !cursor.is_multiple_of(7) || now - self.seen_at[&(owner, cursor)] > 3_000
            });
        }
        page
    }

    /// The connection of a device's stream is gone.
    pub(crate) fn drop_stream(&mut self, device: usize) {
        self.streams.remove(&device);
    }

    pub(crate) fn set_stalled(&mut self, device: usize, is_stalled: bool) {
        if let Some(stream) = self.streams.get_mut(&device) {
            stream.is_stalled = is_stalled;
        }
    }

    /// Dies and starts again: what was not stored is gone, and so is everybody's connection.
    pub(crate) fn crash(&mut self) {
        self.epoch += 1;
        self.harness.context.live.close();
        self.harness.reopen();
    }

    /// Lets every stream send what it has to, as the door does.
    pub(super) async fn run_streams(&mut self, agenda: &mut Agenda, chance: &mut Chance) {
        let mut devices: Vec<usize> = self.streams.keys().copied().collect();
        devices.sort_unstable();
        for device in devices {
            let Some(stream) = self.streams.get_mut(&device).filter(|stream| !stream.is_stalled) else {
                continue;
            };
            let mut is_late = false;
            loop {
                match stream.signals.try_recv() {
                    Ok(_) => stream.must_read = true,
                    Err(TryRecvError::Lagged(_)) => (stream.must_read, is_late) = (true, true),
                    Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                }
            }
            if !std::mem::take(&mut stream.must_read) {
                continue;
            }
            let (after, turn) = (stream.cursor, stream.turn);
            if is_late && self.planted == Planted::SkipsWhenLate {
                let end = self.harness.cursor(self.account(device)).await;
                self.streams
                    .entry(device)
                    .and_modify(|stream| stream.cursor = end);
                continue;
            }
            let page = self.page(device, after).await;
            let Some(stream) = self.streams.get_mut(&device) else {
                continue;
            };
            for event in page.events {
                stream.cursor = event.cursor.unwrap_or(stream.cursor);
                stream.last_at = stream.last_at.max(self.now + 5 + chance.below(300));
                let heard = Heard::Told { turn, event };
                agenda.plan(stream.last_at - self.now, Event::Hear { device, heard });
            }
        }
    }

    /// Everything that stands in the conversation.
    pub(crate) async fn stored(&self) -> Vec<(u64, String)> {
        let mut stored = Vec::new();
        let events = self.harness.events_after(&self.friends.luc, 0).await;
        for event in events {
            if let app::api::EventKind::MessageSent { message, .. } = event.kind {
                stored.push((message.position, message.body.as_str().to_owned()));
            }
        }
        stored
    }
}

fn made_up(author: &Account, body: &MessageBody) -> Message {
    Message {
        id: MessageId(Uuid::nil()),
        position: 0,
        author: author.id,
        body: body.clone(),
        sent_at: Timestamp(0),
        key: None,
        deleted_at: None,
        marks: Marked::default(),
        attachments: Attachments::default(),
    }
}
