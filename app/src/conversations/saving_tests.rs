//! Tests of what of a draft is where, and of two devices that write one draft.

use super::*;
use uuid::Uuid;

use crate::api::ConversationId;
use crate::conversations::meeting::meet_over;
use crate::conversations::{Draft, SavedDraft};

#[test]
fn one_save_at_a_time_and_the_latest_words_last() {
    let mut state = Saving::default();

    assert_eq!(state.next("b"), Some("b".to_owned()));
    assert_eq!(state.next("bo"), None, "the first is on its way");
    state.answered(true);
    assert_eq!(state.next("bon"), Some("bon".to_owned()));
    state.answered(true);
    assert_eq!(state.next("bon"), None, "saved already");
    assert_eq!(state.next(""), Some(String::new()));
}

#[test]
fn a_save_that_failed_is_made_again() {
    let mut state = Saving::default();
    state.next("b");
    state.answered(false);

    assert_eq!(state.next("b"), Some("b".to_owned()));
}

#[test]
fn the_draft_of_a_refused_message_is_taken_off_the_server_by_the_empty_box() {
    let mut state = Saving {
        saved: "Bonjour".to_owned(),
        ..Saving::default()
    };
    state.note_sent("Bonjour");
    assert_eq!(state.next(""), None, "the message takes it away");

    state.note_arrived(true);

    assert!(state.over().contains(&mark("Bonjour")));
    assert_eq!(state.next(""), Some(String::new()));
    state.answered(true);
    assert_eq!(state.next(""), None);
}

/// The dose that was taken back must not stand beside the corrected one.
#[test]
fn what_was_saved_of_a_message_that_was_taken_back_gives_way_to_the_corrected_words() {
    let mut state = Saving {
        saved: "Donner 2,5 g".to_owned(),
        ..Saving::default()
    };
    state.note_sent("Donner 2,5 g");

    state.note_arrived(true);

    let over = state.over();
    assert_eq!(state.next("Donner 2,5 mg"), Some("Donner 2,5 mg".to_owned()));
    assert_eq!(meet_over("Donner 2,5 mg", "Donner 2,5 g", Some(&over)), None);
}

#[test]
fn words_that_a_late_message_took_along_are_saved_anew_and_not_replaced() {
    let mut state = Saving {
        saved: "Donner 2,5 mg".to_owned(),
        ..Saving::default()
    };
    assert_eq!(state.next("Donner 2,5 mg"), None, "the server has it");

    state.note_taken_along();

    assert_ne!(
        state.saved, "Donner 2,5 mg",
        "what the server has is not what stands here"
    );
    let over = state.over();
    assert_eq!(state.next("Donner 2,5 mg"), Some("Donner 2,5 mg".to_owned()));
    for servers in ["", "Donner 2,5 mg"] {
        assert_eq!(meet_over("Donner 2,5 mg 2 fois", servers, Some(&over)), None);
    }
    state.answered(true);
    assert_eq!(state.next("Donner 2,5 mg"), None);
}

/// A save under way may be before the message or after it.
#[test]
fn a_save_that_a_late_message_met_is_made_once_more() {
    let mut state = Saving::default();
    state.next("Donner 2,5 mg");

    state.note_taken_along();
    state.answered(true);

    assert_eq!(state.next("Donner 2,5 mg"), Some("Donner 2,5 mg".to_owned()));
}

#[test]
fn an_answer_is_the_last_one_only_if_nothing_was_begun_after_it() {
    let mut state = Saving::default();
    let first = state.begin_read();
    let second = state.begin_read();
    assert_ne!(state.n_begun, first, "another reading has begun");
    assert_eq!(state.n_begun, second);

    state.next("b");

    assert_ne!(state.n_begun, second, "a save has begun");
}

#[test]
fn what_the_server_has_does_not_rest_on_the_device() {
    let mut state = Saving::default();

    assert_eq!(state.unsaved("", false), None);
    assert_eq!(
        state.unsaved("bon", false),
        Some(Unsaved {
            base: String::new(),
            tried: Vec::new(),
            lost: Vec::new()
        })
    );
    state.next("bon");
    assert_eq!(
        state.unsaved("bonj", false),
        Some(Unsaved {
            base: String::new(),
            tried: vec!["bon".to_owned()],
            lost: Vec::new()
        })
    );
    state.answered(true);
    assert_eq!(state.unsaved("bon", false), None);
}

#[test]
fn words_that_went_as_a_message_do_not_come_back_as_a_draft() {
    let mut state = Saving::default();
    state.next("bon");
    state.answered(true);

    state.note_sent("bon");

    let Unsaved { base, tried, .. } = state.unsaved("", false).expect("the server may still have them");
    assert_eq!((base.as_str(), tried), ("", vec!["bon".to_owned()]));
    state.next("autre");
    state.answered(true);
    assert_eq!(state.unsaved("autre", false), None);
}

#[test]
fn words_written_behind_a_waiting_message_rest_here_until_it_has_arrived_and_are_saved_after_it() {
    let mut state = Saving {
        saved: "suite".to_owned(),
        ..Saving::default()
    };

    let Unsaved { base, tried, .. } = state
        .unsaved("suite", true)
        .expect("the message takes the draft away");
    assert_eq!((base.as_str(), tried), ("suite", vec![String::new()]));
    assert_eq!(
        state.unsaved("", true),
        Some(Unsaved {
            base: "suite".to_owned(),
            tried: Vec::new(),
            lost: Vec::new()
        })
    );

    state.note_arrived(false);
    assert_eq!(state.next("suite"), Some("suite".to_owned()));
    state.answered(true);
    assert_eq!(state.unsaved("suite", false), None);
}

#[test]
fn words_that_came_to_the_server_while_a_page_went_away_are_known_to_be_there() {
    let mut state = Saving::default();
    assert!(state.is_busy("suite"));

    state.note_servers("suite");

    assert!(!state.is_busy("suite"));
    assert_eq!(state.unsaved("suite", false), None);
    assert_eq!(
        state.next(""),
        Some(String::new()),
        "emptied here, it is emptied there"
    );
    state.note_servers("encore");
    assert_eq!(state.saved, "suite", "an answer is on its way");
}

#[test]
fn what_another_tab_writes_is_nobodys_work_here() {
    let state = Saving {
        told: Some("ailleurs".to_owned()),
        ..Saving::default()
    };

    assert!(!state.is_busy("") && !state.is_busy("ailleurs") && state.is_busy("ici"));
}

#[test]
fn a_draft_that_says_more_than_the_message_is_emptied_by_hand() {
    let mut state = Saving {
        saved: "tout autre chose".to_owned(),
        ..Saving::default()
    };

    state.note_sent("bon");
    state.note_arrived(false);

    assert_eq!(state.next(""), Some(String::new()));
}

#[test]
fn a_save_that_the_message_overtook_or_not_leaves_no_draft_of_what_was_sent() {
    for is_answered_first in [true, false] {
        let mut state = Saving::default();
        state.next("bon");
        state.note_sent("bon");
        if is_answered_first {
            state.answered(true);
            state.note_arrived(false);
        } else {
            state.note_arrived(false);
            state.answered(true);
        }

        assert_eq!(state.next(""), Some(String::new()), "{is_answered_first}");
        state.answered(true);
        assert_eq!(state.next(""), None);
    }
}

#[test]
fn a_save_writes_over_what_this_device_can_have_left_there_and_nothing_else() {
    let mut state = Saving {
        saved: "B".to_owned(),
        ..Saving::default()
    };
    state.next("Bo");
    state.answered(false);
    state.next("Bon");

    let over = state.over();

    assert_eq!(
        over,
        ["B", "Bon", "Bo"].map(mark),
        "the save whose answer was lost may have come"
    );
    state.answered(true);
    assert_eq!(state.over(), ["Bon"].map(mark));
    assert_eq!(
        state.note_met("Bonsoir\n\nBon", "Bon", false, "Bon!"),
        "Bonsoir\n\nBon!"
    );
    assert_eq!(state.over(), ["Bonsoir\n\nBon"].map(mark));
}

#[test]
fn however_many_saves_were_lost_a_save_names_no_more_than_the_server_looks_at() {
    let mut state = Saving {
        sent: Some("sent".to_owned()),
        told: Some("told".to_owned()),
        ..Saving::default()
    };
    for turn in 0..100 {
        state.next(&turn.to_string());
        state.answered(false);
    }
    state.next("now");

    assert_eq!(state.over().len(), SaveDraft::MAX_OVER);
    assert!(state.over().contains(&mark("99")), "the latest");
    assert!(
        state.over().contains(&mark("0")),
        "one of the first may have come"
    );
    state.note_lost("99");
    assert_eq!(
        state.over().len(),
        SaveDraft::MAX_OVER,
        "tried again, it is noted once"
    );
}

#[test]
fn lost_saves_of_a_page_that_is_gone_leave_room_for_those_of_this_one() {
    let mut state = Saving::default();
    let lost: Vec<u32> = (0..100).collect();
    state.note_tried(&["bon".to_owned()], &lost);
    state.next("bonjour");
    state.answered(false);

    for known in [0, mark("bon"), mark("bonjour")] {
        assert!(state.over().contains(&known));
    }
    assert_eq!(state.unsaved("bonjour", false).unwrap().lost.len(), MAX_LOST);
}

#[test]
fn words_too_long_for_the_server_are_not_sent_to_it() {
    let mut state = Saving::default();

    assert_eq!(state.next(&"é".repeat(MessageBody::MAX_CHARS + 1)), None);
}

#[test]
fn words_that_went_as_a_message_while_they_were_being_saved_do_not_come_back_beside_another_devices() {
    for (met, others) in [
        ("Bonjour\n\nautre", "Bonjour"),
        ("Bonjour et autre chose", "Bonjour et autre chose"),
    ] {
        let mut state = Saving::default();
        state.next("autre");
        state.note_sent("autre");
        let is_gone = state.gone.is_some();
        state.answered(true);

        assert_eq!(state.note_met(met, "autre", is_gone, ""), others);
        assert_eq!(
            state.next(others).is_some(),
            met != others,
            "the server keeps no more than the box"
        );
    }
}

#[test]
fn words_emptied_or_rewritten_while_they_met_another_devices_do_not_come_back() {
    for (typed, shown) in [
        ("", "Bonsoir, Luc"),
        ("Bonj", "Bonsoir, Luc\n\nBonj"),
        ("Salut", "Bonsoir, Luc\n\nSalut"),
        ("Bonjour", "Bonsoir, Luc\n\nBonjour"),
        ("Bonjour!", "Bonsoir, Luc\n\nBonjour!"),
    ] {
        let mut state = Saving::default();
        state.next("Bonjour");
        state.answered(true);

        let met = "Bonsoir, Luc\n\nBonjour";
        assert_eq!(state.note_met(met, "Bonjour", false, typed), shown, "{typed:?}");
        assert_eq!(state.saved, met);
        assert_eq!(state.next(shown).is_some(), shown != met);
    }
}

#[test]
fn what_was_typed_after_the_last_save_of_a_screen_that_is_gone_follows_it() {
    let left = "Bonjour, Luc";
    assert_eq!(
        words_met("Bonsoir\n\nBonjour", "Bonjour", false, left),
        "Bonsoir\n\nBonjour, Luc"
    );
    assert_eq!(words_met("Bonsoir\n\nBonjour", "Bonjour", false, ""), "Bonsoir");
}

fn kept(text: &str, unsaved: Unsaved) -> KeptDraft {
    KeptDraft {
        conversation: ConversationId(Uuid::nil()),
        to: String::new(),
        text: text.to_owned(),
        base: unsaved.base,
        tried: unsaved.tried,
        lost: unsaved.lost,
    }
}

/// The page was drawn with `Bonjour`; its vault opens late.
fn drawn() -> Saving {
    Saving {
        saved: "Bonjour".to_owned(),
        ..Saving::default()
    }
}

#[test]
fn words_rewritten_before_the_vault_opens_late_stay_rewritten() {
    let mut state = drawn();
    state.next("Bonsoir");
    state.answered(true);
    let unsaved = state.unsaved("Bonsoir Luc", false).unwrap();
    let own = kept("Bonsoir Luc", unsaved);

    for typed in ["Bonsoir Luc", "Bonsoir Luc!", "Bons", ""] {
        assert_eq!(
            state.clone().take_up(&own, "Bonjour", "Bonjour", typed),
            typed,
            "it stood in this box"
        );
    }
    // With words that rested in the vault and that nobody had read.
    let resting = KeptDraft {
        text: "Demain".to_owned(),
        base: String::new(),
        ..own.clone()
    };
    let joined = own.clone().joined(&resting);
    assert_eq!(
        state
            .clone()
            .take_up(&joined, "Bonjour", "Bonjour", "Bonsoir Luc"),
        "Demain\n\nBonsoir Luc"
    );
    let drawn = KeptDraft {
        text: "Bonjour".to_owned(),
        ..resting
    };
    let joined = own.joined(&drawn);
    assert_eq!(
        state.take_up(&joined, "Bonjour", "Bonjour", "Bonsoir Luc"),
        "Bonsoir Luc",
        "a page that is gone had saved it as it was left"
    );
}

#[test]
fn words_sent_before_the_vault_opens_late_stay_away() {
    let mut state = drawn();
    state.note_sent("Bonjour");
    let emptied = kept("", state.unsaved("", true).unwrap());
    assert_eq!(state.clone().take_up(&emptied, "Bonjour", "Bonjour", ""), "");
    state.note_arrived(false);
    let own = kept("Demain", state.unsaved("Demain", false).unwrap());

    assert_eq!(state.take_up(&own, "Bonjour", "Bonjour", "Demain"), "Demain");
}

#[test]
fn what_rested_in_the_vault_unread_meets_what_the_page_was_drawn_with() {
    let of = |text: &str, base: &str| {
        let base = base.to_owned();
        kept(
            text,
            Unsaved {
                base,
                tried: Vec::new(),
                lost: Vec::new(),
            },
        )
    };
    let take_up = |kept: &KeptDraft, typed| drawn().take_up(kept, "Bonjour", "Bonjour", typed);

    assert_eq!(take_up(&of("Bonjour Luc", "Bonjour"), "Bonjour"), "Bonjour Luc");
    assert_eq!(
        take_up(&of("Demain", "autre"), "Bonjour"),
        "Bonjour\n\nDemain",
        "in doubt both"
    );
    let mut state = drawn();
    state.next("Bonsoir");
    state.answered(true);
    assert_eq!(
        state.take_up(&of("Bonjour", ""), "Bonjour", "Bonjour", "Bonsoir"),
        "Bonsoir",
        "the page had drawn it"
    );
}

#[test]
fn what_the_page_had_drawn_more_of_does_not_come_back_once_it_is_sent_emptied_or_rewritten() {
    let grown = "Bonjour Luc";
    let state = Saving {
        saved: grown.to_owned(),
        ..Saving::default()
    };
    // A page that is gone had saved it as it was left; another device has added to it since.
    let resting = kept(
        "Bonjour",
        Unsaved {
            base: String::new(),
            tried: Vec::new(),
            lost: Vec::new(),
        },
    );

    let mut sent = state.clone();
    sent.note_sent(grown);
    let own = kept("", sent.unsaved("", true).unwrap());
    assert_eq!(sent.take_up(&own.joined(&resting), grown, grown, ""), "");
    let mut rewritten = state.clone();
    let own = kept("Salut", rewritten.unsaved("Salut", false).unwrap());
    assert_eq!(
        rewritten.take_up(&own.joined(&resting), grown, grown, "Salut"),
        "Salut"
    );
    assert_eq!(
        state.clone().take_up(&resting, grown, grown, grown),
        grown,
        "nobody has touched it"
    );
    let shortened = KeptDraft {
        base: grown.to_owned(),
        ..resting
    };
    assert_eq!(
        state.clone().take_up(&shortened, grown, grown, grown),
        "Bonjour",
        "it was shortened here"
    );
}

#[test]
fn words_rewritten_before_the_vault_opens_late_stand_alone_beside_what_nobody_had_read() {
    let unread = kept(
        "Demain",
        Unsaved {
            base: "autre".to_owned(),
            tried: Vec::new(),
            lost: Vec::new(),
        },
    );
    let mut rewritten = drawn();
    rewritten.next("Bonsoir");
    rewritten.answered(true);
    let mut sent = drawn();
    sent.note_sent("Bonjour");
    sent.note_arrived(false);

    assert_eq!(
        rewritten.take_up(&unread, "Bonjour", "Bonjour", "Bonsoir"),
        "Demain\n\nBonsoir"
    );
    assert_eq!(sent.take_up(&unread, "Bonjour", "Bonjour", ""), "Demain");
}

#[test]
fn what_this_box_knows_itself_is_known_beside_what_rested_on_the_device() {
    let mut state = drawn();
    state.next("Bonsoir");
    state.answered(false);
    state.note_sent("Bonsoir");

    state.note_tried(&["Salut".to_owned()], &[mark("Demain")]);

    for known in ["Bonjour", "Bonsoir", "Salut", "Demain"] {
        assert!(state.over().contains(&mark(known)), "{known}");
    }
    assert_eq!(state.sent.as_deref(), Some("Bonjour"));
}

#[test]
fn two_drafts_too_long_for_the_server_are_shown_together_and_saved_once_they_are_shortened() {
    let (here, there) = (
        "a".repeat(MessageBody::MAX_CHARS - 9),
        "b".repeat(MessageBody::MAX_CHARS),
    );
    let mut state = Saving::default();
    state.next(&here);
    state.note_crowded();

    assert!(state.lost.is_empty(), "it is known not to have come");
    assert_eq!(state.next(&here), None, "it would be refused again");
    let words = state.words_with(&there, &here);
    assert!(words.contains(&here) && words.contains(&there));
    state.note_servers(&there);
    assert_eq!(state.next(&words), None, "too long");
    assert_eq!(state.next("ab").as_deref(), Some("ab"));
    assert!(state.over().contains(&mark(&there)));
    assert_eq!(state.words_with("autre", "ab"), "autre", "there is room again");
}

#[test]
fn what_another_tab_had_is_another_devices_once_this_one_has_saved() {
    let mut state = Saving {
        told: Some("ailleurs".to_owned()),
        ..Saving::default()
    };
    assert!(state.over().contains(&mark("ailleurs")));
    state.next("ici");
    state.answered(true);

    assert!(!state.over().contains(&mark("ailleurs")));
}

#[test]
fn a_clock_that_is_set_back_does_not_make_word_of_other_devices_an_own_one() {
    let state = Saving {
        saved_at_ms: 10_000,
        ..Saving::default()
    };

    assert!(state.is_own_word(10_000) && state.is_own_word(12_999));
    assert!(!state.is_own_word(13_000) && !state.is_own_word(9_999));
}

#[test]
fn what_a_page_that_is_gone_had_tried_is_saved_anew_and_then_rests_no_more() {
    let mut state = Saving {
        saved: "bon".to_owned(),
        ..Saving::default()
    };
    state.note_tried(&["bo".to_owned(), "bonj".to_owned()], &[mark("b")]);

    for known in ["bon", "b", "bo", "bonj"] {
        assert!(state.over().contains(&mark(known)), "{known}");
    }
    assert!(state.unsaved("bon", false).is_some());
    assert_eq!(state.next("bon"), Some("bon".to_owned()));
    state.answered(true);
    assert_eq!(state.unsaved("bon", false), None);
}

/// One of two devices that write one draft: what stands in its box, what it knows of the server, and the save that is on its
/// way, with the answer once it has one.
#[derive(Clone, Default)]
struct Device {
    typed: String,
    state: Saving,
    on_its_way: Option<(String, Vec<u32>)>,
    answer: Option<SavedDraft>,
}

impl Device {
    fn start(&mut self) {
        let over = self.state.over();
        if let Some(text) = self.state.next(&self.typed) {
            self.on_its_way = Some((text, over));
        }
    }

    /// The save comes to the server.
    fn arrive(&mut self, server: &mut String) {
        let Some((text, over)) = self.on_its_way.take() else {
            return;
        };
        let met = meet_over(&text, server, Some(&over));
        server.clone_from(met.as_ref().unwrap_or(&text));
        self.answer = Some(SavedDraft { met: met.map(Draft) });
    }

    /// The answer comes, or the line is dead: then nobody knows whether the save has come.
    fn hear(&mut self, is_heard: bool) {
        let Some(text) = self.state.in_flight.clone() else {
            return;
        };
        self.on_its_way = None;
        let answer = self.answer.take().filter(|_| is_heard);
        let is_gone = self.state.gone.is_some();
        self.state.answered(answer.is_some());
        if let Some(SavedDraft { met: Some(met) }) = answer {
            self.typed = self.state.note_met(&met.0, &text, is_gone, &self.typed);
        }
    }
}

/// Every order of five acts of two devices, followed by what a living line does by itself.
#[test]
fn two_devices_that_write_one_draft_lose_no_word() {
    const N_ACTS: u32 = 6;
    for mut order in 0..(2 * N_ACTS).pow(5) {
        let (mut server, mut devices) = (String::new(), [Device::default(), Device::default()]);
        let (mut acts, mut writers) = (Vec::new(), [false; 2]);
        for n in 0..5 {
            let (act, who) = (order % N_ACTS, usize::from(order / N_ACTS % 2 == 1));
            order /= 2 * N_ACTS;
            acts.push((who, act));
            let device = &mut devices[who];
            match act {
                0 | 1 => {
                    if act == 1 {
                        device.typed.clear();
                    }
                    device.typed += [who.to_string(), n.to_string(), " ".to_owned()].concat().as_str();
                    writers[who] = true;
                }
                2 => device.start(),
                3 => device.arrive(&mut server),
                4 => device.hear(true),
                _ => device.hear(false),
            }
        }
        let boxes = devices.each_ref().map(|device| device.typed.clone());
        for turn in 0..8 {
            let device = &mut devices[turn % 2];
            device.start();
            device.arrive(&mut server);
            device.hear(true);
        }
        for word in boxes.iter().flat_map(|typed| typed.split_whitespace()) {
            assert!(server.contains(word), "{acts:?}: {word} in {server:?}");
        }
        // What was lost on its way is not another device's.
        if let Some(writer) = [0, 1].into_iter().find(|who| !writers[1 - who]) {
            assert_eq!(server, boxes[writer], "{acts:?}");
        }
    }
}
