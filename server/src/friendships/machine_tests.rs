//! The machine against a second, simpler account of who has said yes, over long random lives of three people.

use std::collections::HashMap;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;

/// Three people and what they are to each other, as the store would keep it.
#[derive(Default)]
struct World {
    pairs: HashMap<(AccountId, AccountId), Pair>,
}

impl World {
    fn pair(&self, one: AccountId, other: AccountId) -> Pair {
        let key = (one.min(other), one.max(other));
        self.pairs
            .get(&key)
            .cloned()
            .unwrap_or_else(|| Pair::new(one, other))
    }

    fn act(
        &mut self,
        me: AccountId,
        other: AccountId,
        act: Act,
        now: Timestamp,
    ) -> Result<Relation, ApiError> {
        let pair = self.pair(me, other).apply(me, act, now)?;
        let relation = pair.view(me);
        self.pairs.insert((pair.low, pair.high), pair);
        Ok(relation)
    }
}

/// Who has said yes to whom since their channel was last closed: knows the acts that were granted, nothing else.
#[derive(Clone, Copy, Default)]
struct Consents {
    said_yes_at: [Option<Timestamp>; 2],
    n_openings: u64,
    is_open: bool,
}

impl Consents {
    fn note(&mut self, side: usize, act: &Act, now: Timestamp) {
        self.expire(now);
        match act {
            Act::Request { .. } | Act::Accept => {
                self.said_yes_at[side] = self.said_yes_at[side].or(Some(now));
            }
            Act::Cancel if !self.is_open => self.said_yes_at[side] = None,
            Act::Close | Act::Block if self.is_open => self.close(),
            Act::Block => self.said_yes_at[side] = None,
            Act::Cancel | Act::Close | Act::Ignore | Act::Restore | Act::Unblock => {}
        }
        if !self.is_open && self.said_yes_at.iter().all(Option::is_some) {
            self.is_open = true;
            self.n_openings += 1;
        }
    }

    fn close(&mut self) {
        self.is_open = false;
        self.said_yes_at = [None, None];
    }

    fn expire(&mut self, now: Timestamp) {
        if !self.is_open {
            for said_yes_at in &mut self.said_yes_at {
                said_yes_at.take_if(|at| now.ms_since(*at) >= REQUEST_LIFE_MS);
            }
        }
    }
}

fn person(index: usize) -> AccountId {
    AccountId(Uuid::from_u128([7, 3, 5][index]))
}

fn note(text: &str) -> Option<Note> {
    Note::parse(text).unwrap()
}

fn ask(note: Option<Note>) -> Act {
    let is_taken = true;
    Act::Request { note, is_taken }
}

/// Asks somebody who takes no requests from the asker.
fn ask_in_vain() -> Act {
    let (note, is_taken) = (None, false);
    Act::Request { note, is_taken }
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => Just(ask(None)),
        1 => Just(ask(note("Pour le suivi de l’anticoagulation"))),
        1 => Just(ask_in_vain()),
        1 => Just(Act::Cancel),
        3 => Just(Act::Accept),
        1 => Just(Act::Ignore),
        1 => Just(Act::Restore),
        1 => Just(Act::Close),
        1 => Just(Act::Block),
        1 => Just(Act::Unblock),
    ]
}

/// Who, towards whom, what, and how many days later.
fn any_life() -> impl Strategy<Value = Vec<(usize, usize, Act, i64)>> {
    let days = prop_oneof![8 => Just(0_i64), 2 => 1..12_i64, 1 => Just(30_i64)];
    prop::collection::vec((0..3_usize, 1..3_usize, any_act(), days), 0..=50).prop_map(|life| {
        life.into_iter()
            .map(|(me, step, act, days)| (me, (me + step) % 3, act, days))
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    /// AZ-06: writing needs two consents in the present epoch, and two consents are enough.
    #[test]
    fn nobody_writes_without_two_consents_in_the_present_epoch(life in any_life()) {
        let mut world = World::default();
        let mut consents: HashMap<(AccountId, AccountId), Consents> = HashMap::new();
        let mut now = Timestamp(1_800_000_000_000);
        for (me, other, act, days) in life {
            now = now.plus_ms(days * Timestamp::DAY_MS);
            let (me, other) = (person(me), person(other));
            if world.act(me, other, act.clone(), now).is_ok() {
                let side = usize::from(me > other);
                consents.entry((me.min(other), me.max(other))).or_default().note(side, &act, now);
            }

            for (one, another) in [(0, 1), (0, 2), (1, 2)] {
                let pair = world.pair(person(one), person(another));
                let known = consents.get(&(pair.low, pair.high)).copied().unwrap_or_default();
                prop_assert_eq!(pair.is_open(), known.is_open);
                prop_assert_eq!(pair.epoch, known.n_openings);
                prop_assert!(!(pair.is_open() && pair.request.is_some()));
                prop_assert!(!(pair.is_open() && pair.low_blocked_at.or(pair.high_blocked_at).is_some()));
            }
        }
    }

    /// Each act may be repeated at once: same answer, same state.
    #[test]
    fn an_act_repeated_changes_nothing(life in any_life()) {
        let mut world = World::default();
        let mut now = Timestamp(1_800_000_000_000);
        for (me, other, act, days) in life {
            now = now.plus_ms(days * Timestamp::DAY_MS);
            let (me, other) = (person(me), person(other));
            let first = world.act(me, other, act.clone(), now);
            let after = world.pair(me, other);
            if first.is_ok() {
                prop_assert_eq!(world.act(me, other, act, now), first);
                prop_assert_eq!(world.pair(me, other), after);
            }
        }
    }

    /// AZ-07: the blocked person lives in the same world as one who is merely ignored: same views, same answers.
    #[test]
    fn a_block_looks_like_silence(
        before in any_life(),
        after in prop::collection::vec((any_act(), 0..12_i64), 0..=20),
    ) {
        let (asker, silent) = (person(0), person(1));
        let mut now = Timestamp(1_800_000_000_000);
        let mut blocked = World::default();
        for (me, other, act, days) in before {
            now = now.plus_ms(days * Timestamp::DAY_MS);
            let _ = blocked.act(person(me), person(other), act, now);
        }
        blocked.act(silent, asker, Act::Unblock, now).unwrap();
        let mut ignored = World { pairs: blocked.pairs.clone() };

        blocked.act(silent, asker, Act::Block, now).unwrap();
        let _ = ignored.act(silent, asker, Act::Cancel, now);
        if ignored.pair(silent, asker).is_open() {
            ignored.act(silent, asker, Act::Close, now).unwrap();
        }
        ignored.act(silent, asker, Act::Ignore, now).unwrap();

        prop_assert_eq!(blocked.pair(asker, silent).view(asker), ignored.pair(asker, silent).view(asker));
        for (act, days) in after {
            now = now.plus_ms(days * Timestamp::DAY_MS);
            let answers = [&mut blocked, &mut ignored].map(|world| world.act(asker, silent, act.clone(), now));
            prop_assert_eq!(&answers[0], &answers[1]);
            ignored.act(silent, asker, Act::Ignore, now).unwrap();
            let settled = [&blocked, &ignored].map(|world| world.pair(asker, silent).settle(now));
            prop_assert_eq!(settled[0].view(asker), settled[1].view(asker));
            prop_assert_eq!(settled[0].channel(asker), settled[1].channel(asker));
            for is_taken in [true, false] {
                let offered = settled.each_ref().map(|pair| pair.may_ask(asker, is_taken));
                prop_assert_eq!(offered[0], offered[1]);
            }
        }
    }

    /// Who takes no requests finds none: whatever went before, no such asking begins one, and it opens a channel only to
    /// whom they asked themselves.
    #[test]
    fn nobody_is_asked_against_their_rule(life in any_life()) {
        let mut world = World::default();
        let mut now = Timestamp(1_800_000_000_000);
        for (me, other, act, days) in life {
            now = now.plus_ms(days * Timestamp::DAY_MS);
            let (me, other) = (person(me), person(other));
            let before = world.pair(me, other).settle(now);
            let outcome = world.act(me, other, act.clone(), now);
            let after = world.pair(me, other).settle(now);

            if act == ask_in_vain() {
                let from = |pair: &Pair| pair.request.as_ref().map(|request| request.from);
                prop_assert!(from(&after) != Some(me) || from(&before) == Some(me));
                prop_assert!(after.epoch == before.epoch || from(&before) == Some(other));
                if outcome.is_err() {
                    prop_assert_eq!(before, after);
                }
            }
        }
    }

    /// What a card offers is what the rule grants: no button that is always refused, no right that is never shown.
    #[test]
    fn a_request_is_granted_exactly_when_it_is_offered(life in any_life()) {
        let mut world = World::default();
        let mut now = Timestamp(1_800_000_000_000);
        for (me, other, act, days) in life {
            now = now.plus_ms(days * Timestamp::DAY_MS);
            let (me, other) = (person(me), person(other));
            let _ = world.act(me, other, act, now);

            for viewer in [me, other] {
                let pair = world.pair(me, other).settle(now);
                if !matches!(pair.view(viewer).relation, Standing::None | Standing::Closed) {
                    continue;
                }
                for is_taken in [true, false] {
                    let offered = pair.may_ask(viewer, is_taken);
                    let asked = pair.clone().apply(viewer, Act::Request { note: None, is_taken }, now);
                    prop_assert_eq!(offered, asked.is_ok());
                    if !offered {
                        prop_assert_eq!(asked, Err(ApiError::TakesNoRequests));
                    }
                }
            }
        }
    }
}

/// Enough for every run; `PROPTEST_CASES=1000000` for the long one.
fn cases() -> u32 {
    ProptestConfig::default().cases.max(2_000)
}

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn after(acts: &[(usize, Act)]) -> Pair {
    acts.iter()
        .fold(Pair::new(person(0), person(1)), |pair, (who, act)| {
            pair.apply(person(*who), act.clone(), NOW).unwrap()
        })
}

#[test]
fn a_pair_has_one_state_whoever_is_named_first() {
    assert_eq!(Pair::new(person(0), person(1)), Pair::new(person(1), person(0)));
}

#[test]
fn crossing_requests_open_the_channel() {
    let pair = after(&[(0, ask(None)), (1, ask(None))]);

    assert!(pair.is_open());
    assert_eq!(pair.epoch, 1);
}

#[test]
fn asking_again_keeps_the_first_moment_and_the_first_words() {
    let first = after(&[(0, ask(note("Bonjour")))]);

    let again = first
        .clone()
        .apply(person(0), ask(note("Alors?")), NOW.plus_ms(5))
        .unwrap();

    assert_eq!(again, first);
}

#[test]
fn an_ignored_request_cannot_be_accepted_but_can_be_returned() {
    let pair = after(&[(0, ask(None)), (1, Act::Ignore)]);

    assert_eq!(pair.view(person(0)).relation, Standing::RequestSent);
    assert_eq!(pair.view(person(1)).relation, Standing::None);
    assert_eq!(
        pair.clone().apply(person(1), Act::Accept, NOW),
        Err(ApiError::NotFound)
    );
    assert!(pair.apply(person(1), ask(None), NOW).unwrap().is_open());
}

#[test]
fn a_request_ends_after_thirty_days_to_the_millisecond() {
    let pair = after(&[(0, ask(None))]);

    assert!(
        pair.clone()
            .settle(NOW.plus_ms(REQUEST_LIFE_MS - 1))
            .request
            .is_some()
    );
    assert!(
        pair.clone()
            .settle(NOW.plus_ms(REQUEST_LIFE_MS))
            .request
            .is_none()
    );
    assert!(pair.settle(NOW.plus_ms(-REQUEST_LIFE_MS)).request.is_some());
}

#[test]
fn a_closed_channel_shows_through_a_new_request() {
    let pair = after(&[(0, ask(None)), (1, Act::Accept), (1, Act::Close), (0, ask(None))]);

    let sent = pair.view(person(0));
    let received = pair.view(person(1));
    assert_eq!(
        (sent.relation, sent.closed_by_me),
        (Standing::RequestSent, Some(false))
    );
    assert_eq!(
        (received.relation, received.closed_by_me),
        (Standing::RequestReceived, Some(true))
    );
}

#[test]
fn unblocking_opens_nothing() {
    let pair = after(&[
        (0, ask(None)),
        (1, Act::Accept),
        (1, Act::Block),
        (1, Act::Unblock),
    ]);

    assert!(!pair.is_open());
    assert_eq!(pair.view(person(1)).relation, Standing::Closed);
}

#[test]
fn whoever_blocks_must_unblock_before_asking() {
    let pair = after(&[(0, Act::Block)]);

    assert_eq!(
        pair.clone().apply(person(0), ask(None), NOW),
        Err(ApiError::Blocked)
    );
    assert_eq!(pair.view(person(1)), Relation::NONE);
}

#[test]
fn a_rule_says_from_whom_requests_are_taken() {
    let taken = |rule| [is_taken(rule, true), is_taken(rule, false)];

    assert_eq!(taken(WhoMayAsk::Everybody), [true, true]);
    assert_eq!(taken(WhoMayAsk::Workplace), [true, false]);
    assert_eq!(taken(WhoMayAsk::Nobody), [false, false]);
}

#[test]
fn whoever_asks_takes_the_answer_whatever_their_rule() {
    let pair = after(&[(0, ask(None)), (1, Act::Ignore)]);

    assert!(pair.may_ask(person(1), false));
    assert!(pair.apply(person(1), ask_in_vain(), NOW).unwrap().is_open());
}

#[test]
fn a_request_that_waits_outlives_a_new_rule() {
    let pair = after(&[(0, ask(note("Bonjour")))]);

    assert_eq!(
        pair.clone().apply(person(0), ask_in_vain(), NOW),
        Ok(pair.clone())
    );
    assert!(pair.apply(person(1), Act::Accept, NOW).unwrap().is_open());
}

#[test]
fn what_was_put_aside_can_be_taken_up_again_and_answered() {
    let asked = after(&[(0, ask(note("Bonjour")))]);
    let aside = asked.clone().apply(person(1), Act::Ignore, NOW).unwrap();

    let again = aside.apply(person(1), Act::Restore, NOW.plus_ms(5)).unwrap();

    assert_eq!(again, asked, "its words and its moment are the first ones");
    assert!(again.apply(person(1), Act::Accept, NOW).unwrap().is_open());
}

#[test]
fn nobody_takes_up_their_own_request_or_one_behind_a_block() {
    let aside = after(&[(0, ask(None)), (1, Act::Ignore)]);
    let blocked = after(&[(0, ask(None)), (1, Act::Block)]);

    assert_eq!(aside.clone().apply(person(0), Act::Restore, NOW), Ok(aside));
    assert_eq!(blocked.clone().apply(person(1), Act::Restore, NOW), Ok(blocked));
}

/// AZ-07: and lifting the block does not show it either.
#[test]
fn what_was_asked_during_a_block_stays_unseen() {
    let pair = after(&[(0, Act::Block), (1, ask(None)), (0, Act::Unblock)]);

    assert_eq!(pair.view(person(0)), Relation::NONE);
    assert_eq!(pair.view(person(1)).relation, Standing::RequestSent);
    assert_eq!(pair.received_by(person(0)), None);
}

#[test]
fn a_channel_is_told_with_its_moment_and_who_closed_it() {
    let asked = after(&[(0, ask(None))]);
    let open = asked.apply(person(1), Act::Accept, NOW.plus_ms(1)).unwrap();
    let closed = open.clone().apply(person(1), Act::Close, NOW.plus_ms(2)).unwrap();

    assert_eq!(Pair::new(person(0), person(1)).channel(person(0)), None);
    assert_eq!(
        open.channel(person(0)),
        Some(Channel::Open {
            since: NOW.plus_ms(1)
        })
    );
    for (who, by_me) in [(0, false), (1, true)] {
        let since = NOW.plus_ms(2);
        assert_eq!(
            closed.channel(person(who)),
            Some(Channel::Closed { since, by_me })
        );
    }
}

#[test]
fn what_was_never_open_cannot_be_closed() {
    let pair = Pair::new(person(0), person(1));

    assert_eq!(pair.apply(person(0), Act::Close, NOW), Err(ApiError::NotFriends));
}
