//! Promises of the rows.

use super::*;
use crate::api::MessageKey;
use crate::conversations::sending::Lane;
use crate::conversations::timeline::tests::{conversation, friend, me, message, page};
use crate::conversations::timeline::{Keep, Taken};
use crate::i18n::Civil;
use uuid::Uuid;

const MINUTE: i64 = 60_000;

fn wall(at: Timestamp) -> Civil {
    let days = i32::try_from(at.0.div_euclid(Timestamp::DAY_MS)).unwrap();
    Civil {
        year: 2026,
        month: 11,
        day: 22,
        hour: 14,
        minute: 5,
        weekday: 0,
        day_number: days,
    }
}

/// A timeline of these authors and minutes.
fn timeline(messages: &[(AccountId, i64)]) -> Timeline {
    let mut timeline = Timeline::open(me(), &conversation(99, 0), page(1, 0, 0));
    for (position, (author, minute)) in (1..).zip(messages) {
        let message = Message {
            author: *author,
            sent_at: Timestamp(minute * MINUTE),
            ..message(position)
        };
        assert_eq!(timeline.take(message), Taken::Shown);
    }
    timeline
}

fn key(n: u128) -> MessageKey {
    MessageKey(Uuid::from_u128(n << 64))
}

fn text(words: &str) -> MessageBody {
    MessageBody::parse(words).unwrap()
}

fn runs(rows: &Rows) -> Vec<(bool, bool)> {
    rows.order
        .iter()
        .filter_map(|row| match row {
            Row::Message(id) => rows.messages.get(id).map(|row| (row.is_first, row.is_last)),
            _ => None,
        })
        .collect()
}

#[test]
fn messages_of_one_author_within_five_minutes_stand_in_one_run() {
    let timeline = timeline(&[
        (me(), 0),
        (me(), 3),
        (me(), 8),
        (me(), 14),
        (friend(), 15),
        (friend(), 15),
    ]);

    let rows = Rows::new(&timeline, &[], wall);

    let expected = [
        (true, false),
        (false, false),
        (false, true),
        (true, true),
        (true, false),
        (false, true),
    ];
    assert_eq!(runs(&rows), expected);
}

#[test]
fn a_new_day_and_the_new_line_end_a_run() {
    let day = Timestamp::DAY_MS / MINUTE;
    let mut messages = timeline(&[(friend(), day - 1), (friend(), day)]);
    let rows = Rows::new(&messages, &[], wall);
    assert!(matches!(
        rows.order[..],
        [Row::Day(_), Row::Message(_), Row::Day(_), Row::Message(_)]
    ));
    assert_eq!(runs(&rows), [(true, true), (true, true)]);

    messages = Timeline::open(me(), &conversation(2, 1), page(1, 4, 4));
    let rows = Rows::new(&messages, &[], wall);
    let line = rows.order.iter().position(|row| *row == Row::NewLine).unwrap();
    assert_eq!(rows.order.get(line + 1), Some(&Row::Message(row_id(&message(4)))));
    assert!(rows.messages[&row_id(&message(4))].is_first);
}

#[test]
fn a_clock_that_steps_back_does_not_bring_a_day_back() {
    let day = Timestamp::DAY_MS / MINUTE;
    let rows = Rows::new(
        &timeline(&[(me(), day), (friend(), day - 1), (me(), day)]),
        &[],
        wall,
    );

    assert_eq!(
        rows.order.iter().filter(|row| matches!(row, Row::Day(_))).count(),
        1
    );
}

#[test]
fn every_row_has_its_own_key() {
    let mut timeline = Timeline::open(me(), &conversation(1, 5), page(1, 50, 400));
    timeline.merge(page(51, 200, 400), Keep::Newest);
    let mut lane = Lane::default();
    lane.push(key(7), "Luc Gagné".to_owned(), text("en route"), Timestamp(0));

    let rows = Rows::new(&timeline, lane.entries(), wall);

    let mut keys: Vec<u128> = rows.order.iter().map(|row| row.key()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), rows.order.len());
}

#[test]
fn the_state_goes_from_pending_to_sent_to_read_in_one_row() {
    let mut timeline = timeline(&[(friend(), 0)]);
    let mut lane = Lane::default();
    lane.push(key(1), "Luc Gagné".to_owned(), text("bonjour"), Timestamp(MINUTE));
    let id = key(1).0.as_u128();
    let state = |timeline: &Timeline, lane: &Lane| {
        let rows = Rows::new(timeline, lane.entries(), wall);
        assert_eq!(rows.messages.len(), 2, "never doubled");
        rows.messages[&id].state.clone().unwrap()
    };
    let stored = Message {
        author: me(),
        key: Some(key(1)),
        body: text("bonjour"),
        ..message(2)
    };

    assert_eq!(state(&timeline, &lane), MessageState::Pending);
    lane.next();
    lane.answered(
        key(1),
        Ok(Message {
            key: None,
            ..stored.clone()
        }),
        0.0,
    );
    assert_eq!(state(&timeline, &lane), MessageState::Sent);
    timeline.take(stored);
    assert_eq!(state(&timeline, &lane), MessageState::Sent);
    lane.settle(key(1));
    assert_eq!(state(&timeline, &lane), MessageState::Sent);
    timeline.friend_has_read(2);
    assert_eq!(state(&timeline, &lane), MessageState::Read);
}

#[test]
fn an_event_that_is_faster_than_the_answer_doubles_nothing() {
    let mut timeline = timeline(&[]);
    let mut lane = Lane::default();
    lane.push(key(1), "Luc Gagné".to_owned(), text("bonjour"), Timestamp(0));
    lane.next();
    timeline.take(Message {
        author: me(),
        key: Some(key(1)),
        ..message(1)
    });

    let rows = Rows::new(&timeline, lane.entries(), wall);

    assert_eq!(rows.messages.len(), 1);
    assert_eq!(rows.messages[&key(1).0.as_u128()].state, Some(MessageState::Sent));
}

#[test]
fn a_failed_message_stands_alone() {
    let timeline = timeline(&[(me(), 0)]);
    let mut lane = Lane::default();
    lane.push(key(1), "Luc Gagné".to_owned(), text("un"), Timestamp(1));
    lane.push(key(2), "Luc Gagné".to_owned(), text("deux"), Timestamp(2));
    lane.next();
    lane.answered(key(1), Err(ApiError::ChannelClosed), 0.0);

    let rows = Rows::new(&timeline, lane.entries(), wall);

    assert_eq!(runs(&rows), [(true, true), (true, true), (true, true)]);
    assert_eq!(
        rows.messages[&key(1).0.as_u128()].state,
        Some(MessageState::Failed(ApiError::ChannelClosed))
    );
}

/// Stored rows are found by their position; the others have none.
#[test]
fn a_row_without_a_position_is_found_by_the_rows_below_it() {
    let timeline = timeline(&[(me(), 0)]);
    let mut lane = Lane::default();
    lane.push(key(1), "Luc Gagné".to_owned(), text("un"), Timestamp(1));
    lane.push(key(2), "Luc Gagné".to_owned(), text("deux"), Timestamp(2));
    lane.next();
    lane.answered(key(1), Err(ApiError::ChannelClosed), 0.0);

    let rows = Rows::new(&timeline, lane.entries(), wall);

    assert_eq!(rows.on_its_way(0), Some(key(2).0.as_u128()));
    assert_eq!(rows.on_its_way(1), Some(key(1).0.as_u128()));
    assert_eq!(rows.on_its_way(2), None, "it is stored");
    assert_eq!(rows.on_its_way(3), None);
}
