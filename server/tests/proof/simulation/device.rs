//! A page on a device: the real lane and the real place in the log, over a network that fails.

use std::collections::BTreeMap;

use app::api::{ApiError, Event as Told, EventKind, EventPage, Follow, MessageKey, Step, Then, Timestamp};
use app::conversations::sending::{self, Lane, Progress};
use app::conversations::{Message, MessageBody};
use uuid::Uuid;

use super::{Agenda, Event, Planted};
use crate::chance::Chance;
use crate::tally::Tally;

/// What a device asks the server.
#[derive(Clone, Debug)]
pub(crate) enum Call {
    /// Store a message.
    Send { key: MessageKey, body: MessageBody },
    /// What came after a cursor.
    ReadLog { after: u64, turn: u32 },
    /// Open a stream.
    Listen { turn: u32 },
}

/// What reaches a device.
#[derive(Clone, Debug)]
pub(crate) enum Heard {
    /// The answer to a message, or that there is none.
    Sent {
        call: u64,
        key: MessageKey,
        outcome: Result<Message, ApiError>,
    },
    /// The answer of the log.
    Page { call: u64, turn: u32, page: EventPage },
    /// The stream is open.
    Hello { turn: u32, known: u64 },
    /// An event of the stream.
    Told { turn: u32, event: Told },
    /// The stream is broken, or the log cannot be asked.
    Broken { turn: u32 },
    /// It is time to send again.
    Wake { turn: u32 },
    /// It is time to open a stream again.
    Reopen,
}

/// A page.
pub(crate) struct Device {
    /// Which of the four; the first two are Anne's.
    pub(crate) index: usize,
    /// What stands on the screen: position and text.
    pub(crate) shown: Vec<(u64, String)>,
    lane: Lane,
    follow: Follow,
    turn: u32,
    written: Vec<String>,
    /// What was shown as sent.
    sent: Vec<String>,
    open_calls: BTreeMap<u64, Call>,
    n_calls: u64,
    planted: Planted,
}

impl Device {
    /// A page that has just been opened: the first two events made them friends.
    pub(crate) fn new(index: usize, planted: Planted) -> Self {
        Self {
            index,
            shown: Vec::new(),
            lane: Lane::default(),
            follow: Follow::after(2),
            turn: 0,
            written: Vec::new(),
            sent: Vec::new(),
            open_calls: BTreeMap::new(),
            n_calls: 0,
            planted,
        }
    }

    pub(super) fn write(&mut self, agenda: &mut Agenda, chance: &mut Chance) {
        let text = format!("{} {}", self.index, self.written.len());
        let key = MessageKey(Uuid::from_u64_pair(chance.next(), chance.next()));
        self.lane.push(
            key,
            String::new(),
            MessageBody::parse(&text).unwrap(),
            Timestamp(0),
        );
        self.written.push(text);
        self.run_lane(agenda, chance);
    }

    pub(super) fn open_stream(&mut self, agenda: &mut Agenda, chance: &mut Chance) {
        self.turn = self.follow.open();
        if self.planted == Planted::DropsLane {
            self.lane = Lane::default();
        }
        self.call(Call::Listen { turn: self.turn }, agenda, chance);
    }

    /// Every connection of the device is gone; it learns so a little later.
    pub(super) fn lose_line(&mut self, agenda: &mut Agenda, chance: &mut Chance) {
        let device = self.index;
        for (_, call) in std::mem::take(&mut self.open_calls) {
            let heard = match call {
                Call::Send { key, .. } => Heard::Sent {
                    call: 0,
                    key,
                    outcome: Err(ApiError::Unreachable),
                },
                Call::ReadLog { turn, .. } | Call::Listen { turn } => Heard::Broken { turn },
            };
            agenda.plan(chance.below(2_000), Event::Hear { device, heard });
        }
        let heard = Heard::Broken { turn: self.turn };
        agenda.plan(chance.below(2_000), Event::Hear { device, heard });
    }

    pub(super) fn hear(&mut self, heard: Heard, agenda: &mut Agenda, chance: &mut Chance) {
        let device = self.index;
        match heard {
            Heard::Sent { call, key, outcome } => {
                if call != 0 && self.open_calls.remove(&call).is_none() {
                    return;
                }
                if let sending::Then::Wait { ms, turn } = self.lane.answered(key, outcome, chance.fraction())
                {
                    agenda.plan(
                        ms.into(),
                        Event::Hear {
                            device,
                            heard: Heard::Wake { turn },
                        },
                    );
                }
                self.note_sent();
                self.run_lane(agenda, chance);
            }
            Heard::Wake { turn } => {
                if self.lane.wake(turn) {
                    self.run_lane(agenda, chance);
                }
            }
            Heard::Page { call, turn, page } => {
                if self.open_calls.remove(&call).is_some() {
                    let step = self.follow.page(turn, page);
                    self.take(turn, step, agenda, chance);
                }
            }
            Heard::Hello { turn, known } => {
                self.open_calls
                    .retain(|_, call| !matches!(call, Call::Listen { .. }));
                let step = self.follow.hello(turn, known);
                self.take(turn, step, agenda, chance);
            }
            Heard::Told { turn, event } => {
                let step = self.follow.event(turn, event);
                self.take(turn, step, agenda, chance);
            }
            Heard::Broken { turn } => {
                let step = self.follow.failed(turn, chance.fraction());
                self.take(turn, step, agenda, chance);
            }
            Heard::Reopen => self.open_stream(agenda, chance),
        }
    }

    fn take(&mut self, turn: u32, step: Step, agenda: &mut Agenda, chance: &mut Chance) {
        for event in step.publish {
            if let EventKind::MessageSent { message, .. } = event.kind {
                self.shown
                    .push((message.position, message.body.as_str().to_owned()));
                if let Some(key) = message.key
                    && self.lane.settle(key)
                {
                    self.sent.push(message.body.as_str().to_owned());
                }
            }
        }
        match step.then {
            Then::ReadLog { after } => self.call(Call::ReadLog { after, turn }, agenda, chance),
            Then::Reopen { ms } => {
                agenda.plan(
                    ms.into(),
                    Event::Hear {
                        device: self.index,
                        heard: Heard::Reopen,
                    },
                );
            }
            Then::Live => {
                self.lane.reconnected();
            }
            Then::Wait => {}
            Then::StartOver => panic!("the log of a simulated server never ends earlier than it did"),
        }
        self.run_lane(agenda, chance);
    }

    fn run_lane(&mut self, agenda: &mut Agenda, chance: &mut Chance) {
        if let Some((key, parcel)) = self.lane.next() {
            let body = parcel.body;
            self.call(Call::Send { key, body }, agenda, chance);
        }
    }

    fn note_sent(&mut self) {
        for entry in self.lane.entries() {
            let text = entry.body.as_str();
            if matches!(entry.progress, Progress::Sent(_)) && !self.sent.iter().any(|known| known == text) {
                self.sent.push(text.to_owned());
            }
        }
    }

    fn call(&mut self, asked: Call, agenda: &mut Agenda, chance: &mut Chance) {
        self.n_calls += 1;
        let (device, call) = (self.index, self.n_calls);
        self.open_calls.insert(call, asked.clone());
        // Now and then a network delivers twice.
        for _ in 0..=u64::from(chance.percent(5)) {
            let asked = asked.clone();
            agenda.plan(5 + chance.below(300), Event::Arrive { device, call, asked });
        }
    }

    /// Holds the screen and the lane against what is stored.
    pub(crate) fn compare(&self, stored: &[(u64, String)]) -> Tally {
        let count = |text: &String| stored.iter().filter(|(_, known)| known == text).count() as u64;
        let mine: Vec<&String> = stored
            .iter()
            .map(|(_, text)| text)
            .filter(|text| self.written.contains(text))
            .collect();
        let n_shown =
            |message: &(u64, String)| self.shown.iter().filter(|known| *known == message).count() as u64;
        Tally {
            acknowledged: self.sent.len() as u64,
            lost: self.written.iter().filter(|text| count(text) == 0).count() as u64
                + stored.iter().filter(|message| n_shown(message) == 0).count() as u64,
            doubled: self
                .written
                .iter()
                .map(|text| count(text).saturating_sub(1))
                .sum::<u64>()
                + stored
                    .iter()
                    .map(|message| n_shown(message).saturating_sub(1))
                    .sum::<u64>(),
            out_of_order: self
                .shown
                .windows(2)
                .filter(|pair| pair[0].0 >= pair[1].0)
                .count() as u64
                + u64::from(!mine.iter().copied().eq(self.written.iter())),
            false_sent: self.sent.iter().filter(|text| count(text) == 0).count() as u64,
            ..Tally::default()
        }
    }
}
