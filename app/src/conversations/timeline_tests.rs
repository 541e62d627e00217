//! Promises of the timeline, tried on many orders of arrival.

use super::*;
use crate::api::{ConversationId, MessageId, Timestamp};
use crate::attachments::Attachments;
use crate::contacts::Person;
use crate::conversations::{Channel, Marked, Marks, MessageBody, Quote};
use crate::friendships::Relation;
use uuid::Uuid;

pub(in crate::conversations) fn me() -> AccountId {
    AccountId(Uuid::from_u128(1))
}

pub(in crate::conversations) fn friend() -> AccountId {
    AccountId(Uuid::from_u128(2))
}

/// Even positions are the friend's.
pub(in crate::conversations) fn message(position: u64) -> Message {
    Message {
        id: MessageId(Uuid::from_u128(1_000 + u128::from(position))),
        position,
        author: if position.is_multiple_of(2) {
            friend()
        } else {
            me()
        },
        body: MessageBody::from_store(format!("message {position}")),
        sent_at: Timestamp(i64::try_from(position).unwrap() * 1_000),
        key: None,
        deleted_at: None,
        marks: Marked::default(),
        attachments: Attachments::default(),
    }
}

pub(in crate::conversations) fn page(first: u64, last: u64, last_position: u64) -> TimelinePage {
    TimelinePage {
        messages: (first..=last).map(message).collect(),
        last_position,
    }
}

pub(in crate::conversations) fn conversation(read_position: u64, unread_count: u64) -> Conversation {
    Conversation {
        id: ConversationId(Uuid::from_u128(9)),
        friend: Person {
            id: friend(),
            name: "Dre Anne Roy".to_owned(),
            given_name: "Anne".to_owned(),
            profession: "Cardiologue".to_owned(),
            workplace: "Hôpital du Parc".to_owned(),
            photo: None,
            relation: Relation::NONE,
            takes_requests: true,
            conversation: None,
            unread_count,
        },
        channel: Channel::Open { since: Timestamp(0) },
        last_message: None,
        active_at: Timestamp(0),
        unread_count,
        read_position,
        last_from_friend: 0,
        friend_delivered_position: 0,
        friend_read_position: 0,
        draft: None,
    }
}

fn opened(first: u64, last: u64, last_position: u64) -> Timeline {
    Timeline::open(
        me(),
        &conversation(last_position, 0),
        page(first, last, last_position),
    )
}

/// A small generator, so that the orders tried are the same each time (Knuth, MMIX).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

fn positions(timeline: &Timeline) -> Vec<u64> {
    timeline
        .messages()
        .iter()
        .map(|message| message.position)
        .collect()
}

fn assert_whole(timeline: &Timeline) {
    let positions = positions(timeline);
    assert!(
        positions.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "{positions:?}"
    );
    assert!(positions.len() <= Timeline::MAX_MESSAGES);
    assert_eq!(timeline.has_newer(), timeline.end() < timeline.last_position);
}

#[test]
fn events_in_any_order_and_doubled_end_in_the_same_timeline() {
    for seed in 0..200 {
        let mut dice = Dice(seed);
        let mut timeline = opened(1, 5, 5);
        let mut known = 5;

        for _ in 0..120 {
            // The stream may repeat and jump ahead, but never beyond what exists.
            known += dice.below(2);
            let arriving = 1 + dice.below(known);
            if let Taken::Gap { after } = timeline.take(message(arriving)) {
                assert_eq!(after, timeline.end());
                let last = (after + 50).min(known);
                timeline.merge(page(after + 1, last, known), Keep::Newest);
            }
            assert_whole(&timeline);
        }
        let after = timeline.end();
        timeline.merge(page(after + 1, known, known), Keep::Newest);

        assert_eq!(
            positions(&timeline),
            (1..=known).collect::<Vec<_>>(),
            "seed {seed}"
        );
        assert!(!timeline.has_newer());
    }
}

#[test]
fn pages_in_any_order_leave_no_hole_and_no_double() {
    for seed in 0..200 {
        let mut dice = Dice(seed);
        let last_position = 900;
        let mut timeline = opened(851, 900, last_position);

        for _ in 0..40 {
            let first = 1 + dice.below(last_position);
            let last = (first + dice.below(60)).min(last_position);
            let keep = if dice.below(2) == 0 {
                Keep::Oldest
            } else {
                Keep::Newest
            };
            timeline.merge(page(first, last, last_position), keep);
            assert_whole(&timeline);
        }
    }
}

#[test]
fn merging_a_page_twice_is_merging_it_once() {
    let mut once = opened(51, 100, 100);
    once.merge(page(1, 50, 100), Keep::Oldest);

    let mut twice = once.clone();
    twice.merge(page(1, 50, 100), Keep::Oldest);

    assert_eq!(once, twice);
    assert_eq!(positions(&once), (1..=100).collect::<Vec<_>>());
    assert!(!once.has_older());
}

#[test]
fn a_hole_is_asked_for_and_not_shown() {
    let mut timeline = opened(1, 3, 3);

    assert_eq!(timeline.take(message(6)), Taken::Gap { after: 3 });
    assert_eq!(positions(&timeline), [1, 2, 3]);
    assert!(timeline.has_newer());

    timeline.merge(page(4, 6, 6), Keep::Newest);
    assert_eq!(positions(&timeline), [1, 2, 3, 4, 5, 6]);
    assert_eq!(timeline.take(message(7)), Taken::Shown);
    assert_eq!(timeline.take(message(7)), Taken::Known);
}

#[test]
fn a_reader_of_old_messages_is_not_moved_by_new_ones() {
    let mut timeline = opened(1, 50, 200);

    assert_eq!(timeline.take(message(201)), Taken::Beyond);
    assert_eq!(positions(&timeline), (1..=50).collect::<Vec<_>>());

    for first in [51, 101, 151] {
        timeline.merge(page(first, first + 49, 201), Keep::Newest);
    }
    timeline.merge(page(201, 201, 201), Keep::Newest);
    assert_eq!(
        timeline.take(message(202)),
        Taken::Shown,
        "at the end again, it follows"
    );
}

#[test]
fn the_window_stays_short_at_either_end() {
    let mut timeline = opened(801, 1_000, 1_000);
    for first in [601, 401, 201] {
        timeline.merge(page(first, first + 199, 1_000), Keep::Oldest);
    }
    assert_eq!(positions(&timeline), (201..=600).collect::<Vec<_>>());
    assert!(timeline.has_newer());
    assert_eq!(timeline.take(message(1_001)), Taken::Beyond);

    timeline.replace(page(952, 1_001, 1_001));
    assert_eq!(positions(&timeline), (952..=1_001).collect::<Vec<_>>());
    assert!(!timeline.has_newer());
    for position in 1_002..=1_600 {
        assert_eq!(timeline.take(message(position)), Taken::Shown);
    }
    assert_eq!(timeline.messages().len(), Timeline::MAX_MESSAGES);
    assert_eq!(timeline.end(), 1_600);
    assert!(timeline.has_older());
}

#[test]
fn the_new_line_stands_at_the_first_unread_of_the_friend_and_does_not_move() {
    let mut timeline = Timeline::open(me(), &conversation(4, 3), page(1, 10, 10));
    assert_eq!(timeline.new_from(), Some(6), "5 is one's own");

    timeline.i_have_read(10);
    timeline.take(message(11));
    timeline.friend_has_read(11);
    assert_eq!(timeline.new_from(), Some(6));

    timeline.drop_new_line();
    assert_eq!(timeline.new_from(), None);
}

#[test]
fn read_positions_never_move_back() {
    let mut timeline = opened(1, 10, 10);
    timeline.friend_has_read(7);
    timeline.friend_has_read(3);
    timeline.friend_has_received(9);
    timeline.friend_has_received(8);
    timeline.i_have_read(2);

    let states = [1, 7, 9, 10].map(|position| timeline.state_of(position));
    assert_eq!(
        states,
        [
            MessageState::Read,
            MessageState::Read,
            MessageState::Delivered,
            MessageState::Sent
        ]
    );
    assert_eq!(timeline.read_position(), 10);
}

#[test]
fn what_is_put_off_stays_unread_until_it_is_read_again_or_taken_up() {
    let mut timeline = opened(1, 10, 10);

    timeline.put_off(8);
    assert_eq!((timeline.read_position(), timeline.new_from()), (7, Some(8)));
    assert!(timeline.is_put_off());

    timeline.i_have_read(10);
    assert!(!timeline.is_put_off(), "read on another device");
    assert_eq!(timeline.read_position(), 10);

    timeline.put_off(8);
    timeline.take_up();
    assert!(!timeline.is_put_off());
    assert_eq!(timeline.read_position(), 7, "and still unread");

    timeline.put_off(10);
    assert_eq!(timeline.read_position(), 7, "never forward");
}

#[test]
fn the_friends_messages_are_counted_between_two_positions() {
    let timeline = opened(1, 10, 10);

    assert_eq!(timeline.count_from_friend(2, 8), 2, "4 and 6");
    assert_eq!(timeline.last_from_friend(9), Some(8));
    assert_eq!(timeline.last_from_friend(1), None);
}

#[test]
fn an_empty_conversation_takes_its_first_message() {
    let mut timeline = opened(1, 0, 0);
    assert!(!timeline.has_older() && !timeline.has_newer());

    assert_eq!(timeline.take(message(1)), Taken::Shown);
    assert_eq!(positions(&timeline), [1]);
}

fn changed(position: u64, revision: u64, words: &str) -> Message {
    Message {
        body: MessageBody::from_store(words.to_owned()),
        marks: Marked::of(Marks {
            revision,
            ..Marks::default()
        }),
        ..message(position)
    }
}

fn words(timeline: &Timeline) -> Vec<&str> {
    let words = timeline.messages().iter().map(|message| message.body.as_str());
    words.collect()
}

#[test]
fn a_change_takes_the_place_of_what_was_there_and_moves_nothing() {
    let mut timeline = Timeline::open(me(), &conversation(9, 0), page(1, 3, 3));

    timeline.change(&changed(2, 1, "autre"));
    assert_eq!(words(&timeline), ["message 1", "autre", "message 3"]);
    // Not held, or not there yet: nothing to show.
    timeline.change(&changed(9, 1, "plus tard"));
    assert_eq!((words(&timeline).len(), timeline.has_newer()), (3, false));
}

#[test]
fn a_page_that_was_read_before_a_change_does_not_undo_it() {
    let mut timeline = Timeline::open(me(), &conversation(99, 0), page(50, 99, 99));
    timeline.change(&changed(60, 2, "corrigé"));
    // Of a message that is not held yet, while its page is on the way.
    timeline.change(&changed(30, 1, "aussi"));

    timeline.merge(page(1, 60, 99), Keep::Newest);
    let at = |timeline: &Timeline, position: usize| words(timeline)[position - 1].to_owned();
    assert_eq!(
        (at(&timeline, 60), at(&timeline, 30)),
        ("corrigé".to_owned(), "aussi".to_owned())
    );
    timeline.replace(page(1, 99, 99));
    assert_eq!(
        (at(&timeline, 60), at(&timeline, 30)),
        ("corrigé".to_owned(), "aussi".to_owned())
    );
    // A page that was read after a later change does.
    let mut later = page(1, 99, 99);
    later.messages[59] = changed(60, 3, "encore");
    timeline.merge(later, Keep::Newest);
    assert_eq!(at(&timeline, 60), "encore");
}

#[test]
fn a_quote_follows_its_original_even_where_that_is_not_held() {
    let answer = Message {
        marks: Marked::of(Marks {
            reply_to: Some(Quote::of(&message(2))),
            ..Marks::default()
        }),
        ..message(51)
    };
    let mut newest = page(50, 60, 60);
    newest.messages[1] = answer;
    let mut timeline = Timeline::open(me(), &conversation(99, 0), newest);

    let deleted = Message {
        deleted_at: Some(Timestamp(1)),
        ..changed(2, 1, "")
    };
    timeline.change(&deleted);

    let quote = timeline.messages()[1].marks.read().reply_to.expect("a quote");
    assert!(quote.is_deleted && quote.body.is_withheld());
}
