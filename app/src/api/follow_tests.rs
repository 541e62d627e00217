//! The tests of `follow`.

use super::*;
use crate::api::{AccountId, EventKind, Timestamp};

fn event(cursor: u64) -> Event {
    Event {
        cursor: Some(cursor),
        at: Timestamp(0),
        kind: EventKind::ProfileChanged {
            account: AccountId(uuid::Uuid::nil()),
        },
    }
}

fn passing() -> Event {
    Event {
        cursor: None,
        ..event(0)
    }
}

fn page(cursors: std::ops::RangeInclusive<u64>) -> EventPage {
    let cursor = *cursors.end();
    EventPage {
        events: cursors.map(event).collect(),
        cursor,
    }
}

/// What the log answers at its end.
fn nothing(cursor: u64) -> EventPage {
    EventPage {
        events: Vec::new(),
        cursor,
    }
}

fn cursors(step: &Step) -> Vec<u64> {
    step.publish.iter().filter_map(|event| event.cursor).collect()
}

/// A page at `cursor` whose stream has greeted, and whose log has said that there is no more.
fn live(cursor: u64) -> (Follow, u32) {
    let mut follow = Follow::after(cursor);
    let turn = follow.open();
    assert_eq!(follow.hello(turn, cursor).then, Then::ReadLog { after: cursor });
    assert_eq!(follow.page(turn, nothing(cursor)).then, Then::Live);
    (follow, turn)
}

#[test]
fn events_in_a_row_are_given_on_and_known_ones_are_not() {
    let (mut follow, turn) = live(3);

    assert_eq!(cursors(&follow.event(turn, event(4))), [4]);
    assert_eq!(cursors(&follow.event(turn, event(4))), [0_u64; 0]);
    assert_eq!(cursors(&follow.event(turn, event(2))), [0_u64; 0]);
    assert_eq!(cursors(&follow.event(turn, event(5))), [5]);
}

#[test]
fn a_gap_is_closed_from_the_log_before_anything_is_called_live() {
    let mut follow = Follow::after(3);
    let turn = follow.open();

    assert_eq!(follow.hello(turn, 6).then, Then::ReadLog { after: 3 });
    assert_eq!(follow.event(turn, event(7)), Step::quiet(Then::Wait));
    let step = follow.page(turn, page(4..=6));
    assert_eq!(
        (cursors(&step), step.then),
        (vec![4, 5, 6], Then::ReadLog { after: 6 })
    );
    let step = follow.page(turn, page(7..=7));
    assert_eq!((cursors(&step), step.then), (vec![7], Then::Live));
}

#[test]
fn until_the_log_has_answered_a_stream_may_be_anybodys() {
    let mut follow = Follow::after(3);
    let turn = follow.open();
    follow.hello(turn, 3);

    assert_eq!(follow.event(turn, passing()).publish, []);
    assert_eq!(cursors(&follow.event(turn, event(4))), [0_u64; 0]);

    let step = follow.page(turn, page(4..=4));
    assert_eq!((cursors(&step), step.then), (vec![4], Then::Live));
    assert_eq!(follow.event(turn, passing()).publish, [passing()]);
}

#[test]
fn a_stream_that_is_handed_over_greets_again_and_is_nobodys_until_the_log_has_answered() {
    let (mut follow, turn) = live(3);

    assert_eq!(follow.hello(turn, 5).then, Then::ReadLog { after: 3 });
    // Handed over once more while the log is being asked: that answer came too early to count.
    assert_eq!(follow.hello(turn, 5).then, Then::Wait);
    let step = follow.page(turn, page(4..=5));
    assert_eq!(
        (cursors(&step), step.then),
        (vec![4, 5], Then::ReadLog { after: 5 })
    );
    assert_eq!(follow.page(turn, nothing(5)).then, Then::Live);
    // Of a page that has not read as far: nothing is missing, and nothing is another history.
    assert_eq!(follow.hello(turn, 4).then, Then::ReadLog { after: 5 });
    assert_eq!(follow.page(turn, nothing(5)).then, Then::Live);
}

#[test]
fn a_log_that_ends_before_the_pages_place_is_another_history_and_all_is_read_anew() {
    let mut follow = Follow::after(9);
    let turn = follow.open();

    assert_eq!(follow.hello(turn, 4).then, Then::ReadLog { after: 9 });
    assert_eq!(follow.page(turn, nothing(4)), Step::quiet(Then::StartOver));

    assert_eq!(
        follow.event(turn, event(10)),
        Step::quiet(Then::Wait),
        "of the other history nothing is shown on this page"
    );
}

#[test]
fn another_history_that_goes_on_meanwhile_is_told_as_well() {
    let (mut follow, _) = live(9);
    let turn = follow.open();
    follow.hello(turn, 4);

    assert_eq!(follow.page(turn, page(5..=7)), Step::quiet(Then::StartOver));
}

#[test]
fn events_that_overtake_an_answer_are_no_other_history() {
    let (mut follow, turn) = live(3);
    assert_eq!(follow.event(turn, event(6)).then, Then::ReadLog { after: 3 });

    for cursor in 4..=7 {
        assert_eq!(cursors(&follow.event(turn, event(cursor))), [cursor]);
    }

    let step = follow.page(turn, page(4..=6));
    assert_eq!((cursors(&step), step.then), (Vec::new(), Then::Live));
}

#[test]
fn an_event_that_cannot_be_read_is_asked_for() {
    let (mut follow, turn) = live(3);

    assert_eq!(follow.heard_of(turn, 4).then, Then::ReadLog { after: 3 });
    assert_eq!(cursors(&follow.page(turn, page(4..=4))), [4]);
    assert_eq!(follow.heard_of(turn, 4).then, Then::Live);
}

#[test]
fn a_stream_reopened_while_the_log_is_read_asks_again_and_ignores_the_late_answer() {
    let mut follow = Follow::after(0);
    let first = follow.open();
    assert_eq!(follow.hello(first, 2).then, Then::ReadLog { after: 0 });

    let second = follow.open();

    assert_eq!(follow.hello(second, 2).then, Then::ReadLog { after: 0 });
    assert_eq!(cursors(&follow.page(first, page(1..=2))), [0_u64; 0]);
    assert_eq!(cursors(&follow.page(second, page(1..=2))), [1, 2]);
}

#[test]
fn an_event_that_overtakes_the_answer_of_a_log_read_before_it_is_asked_for() {
    let mut follow = Follow::after(3);
    let turn = follow.open();
    assert_eq!(follow.hello(turn, 3).then, Then::ReadLog { after: 3 });

    // The log has been read; the event happens; the stream brings it before the answer is here.
    assert_eq!(follow.event(turn, event(4)), Step::quiet(Then::Wait));

    assert_eq!(
        follow.page(turn, nothing(3)),
        Step::quiet(Then::ReadLog { after: 3 })
    );
    let step = follow.page(turn, page(4..=4));
    assert_eq!((cursors(&step), step.then), (vec![4], Then::Live));
}

#[test]
fn a_log_that_is_shorter_than_what_was_heard_is_not_asked_for_ever() {
    let mut follow = Follow::after(1);
    let turn = follow.open();
    assert_eq!(follow.hello(turn, 5).then, Then::ReadLog { after: 1 });

    assert_eq!(follow.page(turn, nothing(1)).then, Then::Live);
}

#[test]
fn without_streams_the_log_is_asked_until_it_has_nothing_more_then_again_with_patience() {
    let mut follow = Follow::after(1);
    let turn = follow.open();

    assert_eq!(follow.ask(turn).then, Then::ReadLog { after: 1 });
    let step = follow.page(turn, page(2..=4));
    assert_eq!(
        (cursors(&step), step.then),
        (vec![2, 3, 4], Then::ReadLog { after: 4 })
    );
    assert_eq!(follow.page(turn, nothing(4)).then, Then::Live);
    assert_eq!(follow.ask(turn).then, Then::ReadLog { after: 4 });
}

#[test]
fn waits_grow_until_a_stream_opens_and_each_failure_counts_once() {
    let mut follow = Follow::after(0);
    let turn = follow.open();

    assert_eq!(follow.failed(turn, 1.0).then, Then::Reopen { ms: 1_200 });
    assert_eq!(
        follow.failed(turn, 1.0).then,
        Then::Wait,
        "it has been dropped already"
    );
    let turn = follow.open();
    assert_eq!(follow.failed(turn, 1.0).then, Then::Reopen { ms: 2_200 });
    let turn = follow.open();
    follow.hello(turn, 0);
    assert_eq!(follow.failed(turn, 0.0).then, Then::Reopen { ms: 200 });
}

#[test]
fn pages_that_lose_their_streams_together_come_back_spread_as_the_server_asks() {
    let mut follow = Follow::after(0);
    let turn = follow.open();
    follow.spread_over(20_000);

    assert_eq!(follow.failed(turn, 0.5).then, Then::Reopen { ms: 10_200 });
    let turn = follow.open();
    assert_eq!(
        follow.failed(turn, 1.0).then,
        Then::Reopen { ms: 30_200 },
        "and never later than the longest wait"
    );
}

#[test]
fn a_page_that_does_not_keep_up_opens_another_stream_and_that_is_no_failure() {
    let (mut follow, turn) = live(3);

    assert_eq!(follow.resync(turn).then, Then::Reopen { ms: 200 });
    let turn = follow.open();
    assert_eq!(follow.hello(turn, 900).then, Then::ReadLog { after: 3 });
    assert_eq!(follow.failed(turn, 1.0).then, Then::Reopen { ms: 1_200 });
}

/// A server with its log, and a page that follows it: what is on its way between them arrives when an [`Act`] says so.
#[derive(Clone)]
struct World {
    follow: Follow,
    turn: u32,
    /// The last event of the log.
    end: u64,
    /// The events that the stream has not brought yet begin after this one; `None` while it has not greeted.
    told: Option<u64>,
    /// What the page has asked, and the end of the log as it was read for that; both in the order in which they were asked.
    questions: Vec<(u32, u64)>,
    answers: Vec<(u32, u64, u64)>,
    shown: Vec<u64>,
}

/// What may happen next.
#[derive(Clone, Copy, Debug)]
enum Act {
    Happens,
    StreamBrings,
    LogIsRead,
    AnswerArrives,
    StreamBreaks,
}

impl World {
    fn new() -> Self {
        let mut follow = Follow::after(3);
        let turn = follow.open();
        Self {
            follow,
            turn,
            end: 3,
            told: None,
            questions: Vec::new(),
            answers: Vec::new(),
            shown: Vec::new(),
        }
    }

    /// Does it, if there is something to do.
    fn act(&mut self, act: Act) -> bool {
        let step = match act {
            Act::Happens => {
                self.end += 1;
                return true;
            }
            Act::StreamBrings => match self.told {
                None => {
                    self.told = Some(self.end);
                    self.follow.hello(self.turn, self.end)
                }
                Some(told) if told < self.end => {
                    self.told = Some(told + 1);
                    self.follow.event(self.turn, event(told + 1))
                }
                Some(_) => return false,
            },
            Act::LogIsRead if !self.questions.is_empty() => {
                let (turn, after) = self.questions.remove(0);
                self.answers.push((turn, after, self.end));
                return true;
            }
            Act::AnswerArrives if !self.answers.is_empty() => {
                let (turn, after, end) = self.answers.remove(0);
                let answer = if after < end {
                    page(after + 1..=end)
                } else {
                    nothing(end)
                };
                self.follow.page(turn, answer)
            }
            Act::LogIsRead | Act::AnswerArrives => return false,
            Act::StreamBreaks => {
                self.follow.failed(self.turn, 0.0);
                self.turn = self.follow.open();
                self.told = None;
                return true;
            }
        };
        self.shown.extend(cursors(&step));
        match step.then {
            Then::ReadLog { after } => self.questions.push((self.turn, after)),
            Then::Live => assert!(self.told.is_some(), "nothing is up to date without a stream"),
            Then::Wait => {}
            Then::Reopen { .. } | Then::StartOver => panic!("neither has failed: {:?}", step.then),
        }
        true
    }

    /// Everything that is on its way arrives, and nothing more happens: the page must have all of it.
    fn must_arrive(mut self, acts: &[Act]) {
        while self.act(Act::StreamBrings) || self.act(Act::LogIsRead) || self.act(Act::AnswerArrives) {}
        let all: Vec<u64> = (4..=self.end).collect();
        assert_eq!(self.shown, all, "after {acts:?}");
    }

    fn go_on(&self, acts: &mut Vec<Act>, n_more: u32) {
        self.clone().must_arrive(acts);
        if n_more == 0 {
            return;
        }
        for act in [
            Act::Happens,
            Act::StreamBrings,
            Act::LogIsRead,
            Act::AnswerArrives,
            Act::StreamBreaks,
        ] {
            let mut next = self.clone();
            if next.act(act) {
                acts.push(act);
                next.go_on(acts, n_more - 1);
                acts.pop();
            }
        }
    }
}

#[test]
fn whatever_overtakes_whatever_everything_arrives_once_and_in_order_without_waiting_for_the_next() {
    World::new().go_on(&mut Vec::new(), 8);
}
