//! REL-21: server, devices and network in virtual time. A seed decides everything; the same seed gives the same trace.
//!
//! Real: the rules and the store, the page's own decisions ([`Lane`], [`Follow`]), who is rung ([`server::live::Live`]).
//! Modelled: the network, the clocks, the door of the stream. The real door is tried over real connections elsewhere.
//!
//! - `server`: what the devices reach, with the bugs that can be planted there.
//! - `device`: a page.
//! - here: time, the network, its faults, and what must hold when all is quiet.

mod device;
mod server;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::chance::Chance;
use crate::harness::Harness;
use crate::tally::Tally;
use device::{Call, Device, Heard};
use server::Server;

/// What is wrong on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Planted {
    /// Nothing.
    Nothing,
    /// The server answers a message before it has stored it.
    AnswersFirst,
    /// The server forgets a key after a second.
    ForgetsKeys,
    /// Places in the log are taken outside the transaction: a later one may be seen before an earlier one.
    PlacesOutside,
    /// The device forgets what is on its way when its stream opens again.
    DropsLane,
    /// The server's stream goes to the end when it missed bells.
    SkipsWhenLate,
}

/// Every bug that can be planted.
pub(crate) const ALL_PLANTED: [Planted; 5] = [
    Planted::AnswersFirst,
    Planted::ForgetsKeys,
    Planted::PlacesOutside,
    Planted::DropsLane,
    Planted::SkipsWhenLate,
];

/// How long people write and the network fails: an hour, in milliseconds.
const HOUR: u64 = 3_600_000;

/// Something that will happen.
#[derive(Clone, Debug)]
enum Event {
    /// A person presses the arrow.
    Write { device: usize },
    /// A call reaches the server.
    Arrive { device: usize, call: u64, asked: Call },
    /// Something reaches a device.
    Hear { device: usize, heard: Heard },
    /// The server stores what it has answered already.
    StoreLate { device: usize, asked: Call, epoch: u64 },
    /// A device's network is gone for a moment.
    CutLine { device: usize },
    /// A device's stream moves no more; later it goes on.
    Stall { device: usize },
    /// It goes on.
    GoOn { device: usize },
    /// The server dies and starts again.
    Crash,
}

/// Events by time; those of one time in the order in which they were planned.
#[derive(Default)]
struct Agenda {
    now: u64,
    n_planned: u64,
    heap: BinaryHeap<Reverse<(u64, u64)>>,
    events: std::collections::HashMap<u64, Event>,
}

impl Agenda {
    fn plan(&mut self, in_ms: u64, event: Event) {
        self.n_planned += 1;
        self.heap.push(Reverse((self.now + in_ms, self.n_planned)));
        self.events.insert(self.n_planned, event);
    }

    fn next(&mut self) -> Option<Event> {
        let Reverse((at, number)) = self.heap.pop()?;
        self.now = at;
        self.events.remove(&number)
    }
}

/// What a seed has shown.
pub(crate) struct Outcome {
    /// What held.
    pub(crate) tally: Tally,
    /// The hash of everything that happened.
    pub(crate) trace: u64,
}

/// Lives through an hour of this seed, and until all is quiet.
pub(crate) async fn live(harness: &mut Harness, seed: u64, planted: Planted) -> Outcome {
    let mut chance = Chance::new(seed);
    let mut server = Server::open(harness, planted).await;
    let mut devices: Vec<Device> = (0..4).map(|index| Device::new(index, planted)).collect();
    let mut agenda = Agenda::default();
    let mut trace = DefaultHasher::new();
    // Until when a device has no network.
    let mut away_until = [0_u64; 4];
    plan_hour(&mut agenda, &mut chance);
    for device in &mut devices {
        device.open_stream(&mut agenda, &mut chance);
    }
    while let Some(event) = agenda.next() {
        (agenda.now, format!("{event:?}").len()).hash(&mut trace);
        server.set_time(agenda.now);
        match event {
            Event::Write { device } => devices[device].write(&mut agenda, &mut chance),
            Event::Arrive { device, .. } if agenda.now < away_until[device] => {
                devices[device].lose_line(&mut agenda, &mut chance);
            }
            Event::Arrive { device, call, asked } => {
                server.answer(device, call, asked, &mut agenda, &mut chance).await;
            }
            Event::Hear { device, heard } => devices[device].hear(heard, &mut agenda, &mut chance),
            Event::StoreLate { device, asked, epoch } => server.store_late(device, asked, epoch).await,
            Event::CutLine { device } => {
                server.drop_stream(device);
                devices[device].lose_line(&mut agenda, &mut chance);
                if chance.percent(40) {
                    away_until[device] = agenda.now + 20_000 + chance.below(120_000);
                }
            }
            Event::Stall { device } => {
                server.set_stalled(device, true);
                agenda.plan(5_000 + chance.below(60_000), Event::GoOn { device });
            }
            Event::GoOn { device } => server.set_stalled(device, false),
            Event::Crash => {
                server.crash();
                for device in &mut devices {
                    server.drop_stream(device.index);
                    device.lose_line(&mut agenda, &mut chance);
                }
            }
        }
        server.run_streams(&mut agenda, &mut chance).await;
    }
    let stored = server.stored().await;
    (stored.len(), agenda.now).hash(&mut trace);
    let mut tally = Tally {
        trials: 1,
        ..Tally::default()
    };
    for device in &devices {
        device.shown.hash(&mut trace);
        tally += device.compare(&stored);
    }
    tally.out_of_order += stored
        .iter()
        .zip(1..)
        .filter(|((position, _), expected)| position != expected)
        .count() as u64;
    Outcome {
        tally,
        trace: trace.finish(),
    }
}

fn plan_hour(agenda: &mut Agenda, chance: &mut Chance) {
    for _ in 0..25 + chance.below(20) {
        let device = chance.index(4);
        // People write in bursts.
        let at = chance.below(HOUR);
        for part in 0..=chance.below(3) {
            agenda.plan(at + part * chance.below(3_000), Event::Write { device });
        }
    }
    for _ in 0..chance.below(30) {
        let (at, device) = (chance.below(HOUR), chance.index(4));
        let event = if chance.percent(70) {
            Event::CutLine { device }
        } else {
            Event::Stall { device }
        };
        agenda.plan(at, event);
    }
    for _ in 0..chance.below(8) {
        agenda.plan(chance.below(HOUR), Event::Crash);
    }
    // A burst while a stream stands still: more bells than may wait for it. When nothing comes after it, nothing but the
    // stream itself can bring what was missed.
    let at = if chance.percent(50) {
        HOUR + 60_000
    } else {
        chance.below(HOUR)
    };
    let device = chance.index(4);
    agenda.plan(at, Event::Stall { device });
    for part in 0..20 {
        agenda.plan(
            at + 100 + part * 150,
            Event::Write {
                device: (device + 2) % 4,
            },
        );
    }
    // Faults right after a message has left: the answer is what gets lost.
    for _ in 0..6 {
        let (at, device) = (chance.below(HOUR), chance.index(4));
        agenda.plan(at, Event::Write { device });
        let event = if chance.percent(60) {
            Event::CutLine { device }
        } else {
            Event::Crash
        };
        agenda.plan(at + chance.below(600), event);
    }
}
