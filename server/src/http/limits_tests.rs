//! Who is refused what, and who is not.

use app::accounts::Language;
use uuid::Uuid;

use super::*;
use crate::accounts::Hold;
use crate::context::{Caller, SessionSlot, Visitor};

const NOON: Timestamp = Timestamp(1_800_000_000_000);
const SEND: Wish<'static> = Wish::Operation("conversations.send_message", Method::Post);
const ASK: Wish<'static> = Wish::Operation(SendFriendRequest::NAME, Method::Post);
const SEARCH: Wish<'static> = Wish::Operation(SearchMessages::NAME, Method::Post);
const PART: Wish<'static> = Wish::Operation(super::super::uploads::PART, Method::Post);
const READ: Wish<'static> = Wish::Operation("conversations.read_timeline", Method::Get);
const SIGN_IN: Wish<'static> = Wish::Operation("accounts.sign_in", Method::Post);

fn caller(account: u128, device: u128) -> Caller {
    Caller {
        account: AccountId(Uuid::from_u128(account)),
        device: DeviceId(Uuid::from_u128(device)),
        is_admin: false,
        language: Language::French,
        session: SessionSlot::default(),
    }
}

fn somebody(account: u128, device: u128) -> Asker {
    Asker::Caller(caller(account, device))
}

fn visitor() -> Asker {
    Asker::Visitor(Visitor {
        device_name: String::new(),
        language: Language::French,
        session: SessionSlot::default(),
    })
}

fn at(address: &str) -> Peer {
    Peer(address.parse().unwrap())
}

/// How often it may be asked at this moment.
fn n_free(limits: &Limits, asker: &Asker, peer: Option<Peer>, wish: Wish<'_>, now: Timestamp) -> usize {
    let free = (0..10_000).take_while(|_| limits.count(asker, peer, wish, now).is_ok());
    free.count()
}

#[test]
fn requests_have_an_hour_and_a_day() {
    let limits = Limits::default();
    let me = somebody(1, 1);
    assert_eq!(n_free(&limits, &me, None, ASK, NOON), 40);
    let wait = |retry_after_s| Err(ApiError::TooMany { retry_after_s });
    assert_eq!(limits.count(&me, None, ASK, NOON), wait(180));

    // Two hours later those forty are free again; then the day is used up.
    let later = NOON.plus_ms(2 * 3_600_000);
    assert_eq!(n_free(&limits, &me, None, ASK, later), 40);
    let later = NOON.plus_ms(4 * 3_600_000);
    assert_eq!(
        n_free(&limits, &me, None, ASK, later),
        36,
        "a hundred, and sixteen quarters of an hour"
    );
    assert_eq!(limits.count(&me, None, ASK, later), wait(900));
    assert_eq!(
        n_free(&limits, &somebody(1, 2), None, ASK, later),
        0,
        "whatever the device"
    );
    assert_eq!(
        n_free(&limits, &somebody(2, 3), None, ASK, later),
        40,
        "nobody else's"
    );
}

#[test]
fn one_device_leaves_room_for_the_others() {
    for (wish, whole) in [
        (SEND, 450),
        (SEARCH, 90),
        (PART, 4_500),
        (READ, 1_800),
        (Wish::Page, 180),
    ] {
        let limits = Limits::default();

        assert_eq!(
            n_free(&limits, &somebody(1, 1), None, wish, NOON),
            whole * 2 / 3,
            "{wish:?}"
        );
        assert_eq!(
            n_free(&limits, &somebody(1, 2), None, wish, NOON),
            whole / 3,
            "{wish:?}"
        );
        assert_eq!(n_free(&limits, &somebody(1, 3), None, wish, NOON), 0, "{wish:?}");
        assert_eq!(
            n_free(&limits, &somebody(2, 4), None, wish, NOON),
            whole * 2 / 3,
            "{wish:?}"
        );
    }
}

#[test]
fn what_one_has_used_up_is_of_no_other_kind() {
    let limits = Limits::default();
    let me = somebody(1, 1);
    for wish in [SEND, SEARCH, PART, READ, ASK, Wish::Page] {
        assert!(n_free(&limits, &me, None, wish, NOON) > 0, "{wish:?}");
    }
    let acknowledge = Wish::Operation(AcknowledgeEvents::NAME, Method::Post);
    let photo = Wish::Operation(SavePhoto::NAME, Method::Post);

    assert_eq!(n_free(&limits, &me, None, acknowledge, NOON), 600);
    assert_eq!(n_free(&limits, &me, None, photo, NOON), 10);
    let report = Wish::Operation(ReportAccount::NAME, Method::Post);
    assert_eq!(n_free(&limits, &me, None, report, NOON), 10);
}

#[test]
fn what_ends_something_is_never_refused() {
    let limits = Limits::default();
    let me = somebody(1, 1);
    n_free(&limits, &me, None, SEND, NOON);

    for name in ENDING {
        let wish = Wish::Operation(name, Method::Post);
        assert_eq!(n_free(&limits, &me, None, wish, NOON), 10_000, "{name}");
    }
}

#[test]
fn who_is_held_is_counted_as_well() {
    let limits = Limits::default();
    let held = Asker::Held(caller(1, 1), Hold::LacksFactor);

    assert_eq!(n_free(&limits, &held, None, SEND, NOON), 300);
}

#[test]
fn who_is_not_signed_in_is_told_apart_by_address() {
    let limits = Limits::default();

    assert_eq!(
        n_free(&limits, &visitor(), Some(at("203.0.113.7")), SIGN_IN, NOON),
        600
    );
    assert_eq!(
        n_free(&limits, &visitor(), Some(at("203.0.113.7")), Wish::Page, NOON),
        3_000,
        "pages are counted apart: browsers fetch some by themselves"
    );
    assert_eq!(
        n_free(&limits, &visitor(), Some(at("203.0.113.8")), SIGN_IN, NOON),
        600
    );
    assert_eq!(
        n_free(&limits, &visitor(), Some(at("::ffff:203.0.113.8")), SIGN_IN, NOON),
        0
    );
    let soon = NOON.plus_ms(1_000);
    assert_eq!(
        n_free(&limits, &visitor(), Some(at("203.0.113.7")), SIGN_IN, soon),
        30
    );
    let me = somebody(1, 1);
    assert!(
        limits.count(&me, Some(at("203.0.113.7")), SEND, NOON).is_ok(),
        "who is signed in is not"
    );
}

#[test]
fn a_line_of_many_addresses_is_one() {
    let limits = Limits::default();

    assert_eq!(
        n_free(&limits, &visitor(), Some(at("2001:db8:1:2::7")), SIGN_IN, NOON),
        600
    );
    assert_eq!(
        n_free(
            &limits,
            &visitor(),
            Some(at("2001:db8:1:2:ffff::1")),
            SIGN_IN,
            NOON
        ),
        0
    );
    assert_eq!(
        n_free(&limits, &visitor(), Some(at("2001:db8:1:ff::7")), SIGN_IN, NOON),
        0,
        "a household chooses among 256 networks"
    );
    assert_eq!(
        n_free(&limits, &visitor(), Some(at("2001:db8:1:100::7")), SIGN_IN, NOON),
        600,
        "the next line is somebody else's"
    );
}

#[test]
fn an_address_that_tells_nothing_is_not_counted() {
    let (open, proxied) = (Limits::default(), Limits::behind_proxy());
    for (limits, peer) in [
        (&open, None),
        (&open, Some(at("127.0.0.1"))),
        (&open, Some(at("::1"))),
        (&proxied, Some(at("203.0.113.7"))),
    ] {
        assert_eq!(
            n_free(limits, &visitor(), peer, SIGN_IN, NOON),
            10_000,
            "{peer:?}"
        );
    }
}
