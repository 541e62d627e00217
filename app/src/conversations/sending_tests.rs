//! The tests of `sending`.

use super::*;
use crate::api::{AccountId, MessageId};
use crate::attachments::Attachments;
use crate::conversations::Marked;
use uuid::Uuid;

fn key(n: u128) -> MessageKey {
    MessageKey(Uuid::from_u128(n))
}

fn lane(n_messages: u128) -> Lane {
    let mut lane = Lane::default();
    for n in 1..=n_messages {
        lane.push(
            key(n),
            "Luc Gagné".to_owned(),
            MessageBody::parse(&format!("message {n}")).unwrap(),
            Timestamp(0),
        );
    }
    lane
}

fn stored(n: u128) -> Message {
    Message {
        id: MessageId(Uuid::from_u128(100 + n)),
        position: u64::try_from(n).unwrap(),
        author: AccountId(Uuid::from_u128(1)),
        body: MessageBody::from_store(format!("message {n}")),
        sent_at: Timestamp(1),
        key: None,
        deleted_at: None,
        marks: Marked::default(),
        attachments: Attachments::default(),
    }
}

fn next_key(lane: &mut Lane) -> Option<MessageKey> {
    lane.next().map(|(key, _)| key)
}

#[test]
fn what_is_taken_back_is_sent_no_more_and_the_next_one_goes() {
    let mut lane = lane(3);
    let taken = lane.take_back(key(1)).expect("it waits");
    assert_eq!(taken.body.as_str(), "message 1");
    assert_eq!(next_key(&mut lane), Some(key(2)));

    // In flight it may arrive all the same: the lane forgets it, takes the answer, and goes on.
    assert!(lane.take_back(key(2)).is_some());
    assert_eq!(next_key(&mut lane), None, "the answer is still awaited");
    assert_eq!(lane.answered(key(2), Ok(stored(2)), 0.0), Then::Continue);
    assert_eq!(next_key(&mut lane), Some(key(3)));
    lane.answered(key(3), Ok(stored(3)), 0.0);

    assert_eq!(
        lane.take_back(key(3)),
        None,
        "what is on the server is not waiting"
    );
    assert_eq!(lane.take_back(key(9)), None);
}

#[test]
fn a_message_with_files_takes_them_along_and_gives_them_back() {
    let mut lane = Lane::default();
    let parcel = Parcel {
        body: MessageBody::parse_beside_files("").unwrap(),
        reply_to: Some(MessageId(Uuid::from_u128(7))),
        files: FilesText("[1]".to_owned()),
    };
    lane.push(key(1), "Luc Gagné".to_owned(), parcel.clone(), Timestamp(1));
    let next = MessageBody::parse("la suite").unwrap();
    lane.push(key(2), "Luc Gagné".to_owned(), next, Timestamp(2));
    assert_eq!(lane.next(), Some((key(1), parcel.clone())));

    // While it is held, nothing of it has left.
    assert_eq!(lane.take_back(key(1)), Some(parcel));
    assert_eq!(
        next_key(&mut lane),
        None,
        "it is in flight until it is known that it goes no more"
    );
    lane.skip(key(2));
    assert_eq!(next_key(&mut lane), None, "another one is not in flight");
    lane.skip(key(1));

    assert_eq!(next_key(&mut lane), Some(key(2)));
}

#[test]
fn one_message_is_in_flight_at_a_time_and_in_order() {
    let mut lane = lane(2);

    assert_eq!(next_key(&mut lane), Some(key(1)));
    assert_eq!(next_key(&mut lane), None);
    assert_eq!(lane.answered(key(1), Ok(stored(1)), 0.5), Then::Continue);
    assert_eq!(next_key(&mut lane), Some(key(2)));
}

#[test]
fn a_transient_refusal_is_tried_for_ever_under_the_same_key_before_anything_else() {
    let mut lane = lane(2);

    for n in 0..50 {
        assert_eq!(next_key(&mut lane), Some(key(1)), "try {n}");
        let Then::Wait { ms, turn } = lane.answered(key(1), Err(ApiError::Unreachable), 1.0) else {
            panic!("it waits");
        };
        assert!((MIN_WAIT_MS..=MAX_WAIT_MS).contains(&ms), "{ms}");
        assert_eq!(next_key(&mut lane), None);
        assert!(!lane.wake(turn.wrapping_sub(1)), "an older timer is late");
        assert!(lane.wake(turn));
    }
    assert_eq!(lane.entries()[0].progress, Progress::Pending);
}

#[test]
fn the_wait_grows_and_is_never_shorter_than_the_server_asks() {
    assert_eq!(wait_ms(0, &ApiError::Unreachable, 1.0), 1_000);
    assert_eq!(wait_ms(3, &ApiError::Unreachable, 1.0), 8_000);
    assert_eq!(wait_ms(30, &ApiError::Unreachable, 1.0), MAX_WAIT_MS);
    assert_eq!(wait_ms(30, &ApiError::Unreachable, 0.0), MIN_WAIT_MS);
    assert!(wait_ms(0, &ApiError::TooMany { retry_after_s: 7 }, 0.0) >= 7_000);
}

#[test]
fn the_connection_coming_back_ends_the_wait_at_once() {
    let mut lane = lane(1);
    lane.next();
    lane.answered(key(1), Err(ApiError::Unreachable), 1.0);

    assert!(lane.reconnected());
    assert_eq!(next_key(&mut lane), Some(key(1)));
    assert!(!lane.reconnected(), "nothing waits while it is in flight");
}

#[test]
fn an_ended_session_holds_everything_until_somebody_is_back() {
    let mut lane = lane(1);
    lane.next();

    assert_eq!(
        lane.answered(key(1), Err(ApiError::SignedOut), 0.5),
        Then::AwaitSignIn
    );
    assert!(!lane.reconnected());
    assert_eq!(next_key(&mut lane), None);
    assert!(lane.signed_in());
    assert_eq!(next_key(&mut lane), Some(key(1)));
}

#[test]
fn a_refusal_for_good_keeps_its_place_and_lets_the_next_pass() {
    let mut lane = lane(2);
    lane.next();

    assert_eq!(
        lane.answered(key(1), Err(ApiError::ChannelClosed), 0.5),
        Then::Continue
    );
    assert_eq!(
        lane.entries()[0].progress,
        Progress::Failed(ApiError::ChannelClosed)
    );
    assert_eq!(next_key(&mut lane), Some(key(2)));
    lane.answered(key(2), Ok(stored(2)), 0.5);
    lane.retry(key(1));
    assert_eq!(next_key(&mut lane), Some(key(1)), "again, under the same key");
}

#[test]
fn a_failed_message_gives_its_words_back_and_a_pending_one_does_not() {
    let mut lane = lane(2);
    lane.next();
    lane.answered(key(1), Err(ApiError::NotFriends), 0.5);

    assert_eq!(lane.remove_failed(key(2)), None);
    assert_eq!(lane.remove_failed(key(1)).unwrap().body.as_str(), "message 1");
    assert_eq!(lane.entries().len(), 1);
}

#[test]
fn a_failed_answer_gives_back_what_it_answers() {
    let answered = MessageId(Uuid::from_u128(7));
    let parcel = Parcel {
        body: MessageBody::parse("Oui, donnez.").unwrap(),
        reply_to: Some(answered),
        files: FilesText("[1]".to_owned()),
    };
    let mut lane = Lane::default();
    lane.push(key(1), "Luc Gagné".to_owned(), parcel.clone(), Timestamp(0));
    lane.next();
    lane.answered(key(1), Err(ApiError::NotFriends), 0.5);

    assert_eq!(lane.remove_failed(key(1)), Some(parcel));
}

#[test]
fn only_a_message_that_was_never_given_out_has_surely_not_left() {
    let mut lane = lane(2);
    assert!(!lane.has_left(key(1)) && !lane.has_left(key(2)));

    lane.next();
    lane.answered(key(1), Err(ApiError::Unreachable), 0.0);

    assert!(lane.has_left(key(1)), "the answer alone may be lost");
    assert!(!lane.has_left(key(2)));
    lane.restore(kept(3, 9));
    assert!(lane.has_left(key(3)), "the page before may have sent it");
    lane.take_back(key(1));
    lane.reconnected();
    assert_eq!(next_key(&mut lane), Some(key(2)));
    assert!(lane.has_left(key(2)) && !lane.has_left(key(1)));
}

#[test]
fn an_event_that_is_faster_than_the_answer_settles_the_message() {
    let mut lane = lane(2);
    lane.next();

    assert!(lane.settle(key(1)));
    assert_eq!(
        next_key(&mut lane),
        Some(key(2)),
        "the next one need not wait for the late answer"
    );
    assert_eq!(
        lane.answered(key(1), Err(ApiError::Unreachable), 0.5),
        Then::Continue
    );
    assert_eq!(lane.entries().len(), 1);
    assert!(!lane.settle(key(1)));
}

fn kept(n: u128, at: i64) -> Outgoing {
    Outgoing {
        key: key(n),
        to: "Luc Gagné".to_owned(),
        body: MessageBody::parse("gardé").unwrap(),
        reply_to: None,
        at: Timestamp(at),
        progress: Progress::Pending,
        files: FilesText::default(),
    }
}

fn keys(lane: &Lane) -> Vec<MessageKey> {
    lane.entries().iter().map(|entry| entry.key).collect()
}

#[test]
fn what_was_kept_goes_before_what_was_written_later() {
    let mut lane = Lane::default();
    lane.push(
        key(9),
        "Luc Gagné".to_owned(),
        MessageBody::parse("neuf").unwrap(),
        Timestamp(50),
    );

    for entry in [kept(3, 30), kept(1, 10), kept(2, 30)] {
        lane.restore(entry);
    }

    assert_eq!(keys(&lane), [key(1), key(2), key(3), key(9)]);
    assert_eq!(next_key(&mut lane), Some(key(1)));
}

#[test]
fn a_clock_that_steps_back_changes_no_order() {
    let mut lane = Lane::default();
    for (n, at) in [(1, 500), (2, 100), (3, 100)] {
        let body = MessageBody::parse("mot").unwrap();
        lane.push(key(n), "Luc Gagné".to_owned(), body, Timestamp(at));
    }

    let mut again = Lane::default();
    for entry in lane.entries().iter().rev() {
        again.restore(entry.clone());
    }

    assert_eq!(keys(&again), [key(1), key(2), key(3)]);
}

#[test]
fn what_was_kept_is_there_once_and_never_goes_back() {
    let mut lane = lane(1);
    lane.next();
    let refused = Outgoing {
        progress: Progress::Failed(ApiError::ChannelClosed),
        ..kept(1, 0)
    };

    lane.restore(refused.clone());
    assert_eq!(
        lane.entries()[0].progress,
        Progress::Pending,
        "it is in flight here"
    );
    lane.answered(key(1), Ok(stored(1)), 0.5);
    lane.restore(refused);

    assert_eq!(lane.entries().len(), 1);
    assert!(matches!(lane.entries()[0].progress, Progress::Sent(_)));
}

#[test]
fn what_another_tab_has_sent_is_not_sent_again() {
    let mut lane = lane(2);
    lane.next();

    lane.sent(key(1), stored(1));

    assert_eq!(next_key(&mut lane), Some(key(2)));
    assert_eq!(
        lane.answered(key(1), Err(ApiError::Unreachable), 0.5),
        Then::Continue,
        "the answer to the first comes too late"
    );
    assert_eq!(lane.n_waiting(), 1);
    lane.remove(key(2));
    assert_eq!(lane.n_waiting(), 0);
}

#[test]
fn what_is_on_disk_is_forgotten_by_a_screen_that_opens() {
    let mut lane = lane(2);
    lane.next();
    lane.answered(key(1), Ok(stored(1)), 0.5);

    lane.settle_sent();

    assert_eq!(
        lane.entries().iter().map(|entry| entry.key).collect::<Vec<_>>(),
        [key(2)]
    );
}
