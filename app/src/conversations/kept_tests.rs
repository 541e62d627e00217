use uuid::Uuid;

use super::*;
use crate::api::{AccountId, MessageId};
use crate::attachments::Attachments;
use crate::conversations::{Marked, Message};

const CONVERSATION: ConversationId = ConversationId(Uuid::from_u128(7));
const KEY: MessageKey = MessageKey(Uuid::from_u128(8));

fn draft(text: &str, base: &str) -> KeptDraft {
    KeptDraft {
        conversation: CONVERSATION,
        to: "Luc Gagné".to_owned(),
        text: text.to_owned(),
        base: base.to_owned(),
        tried: Vec::new(),
        lost: Vec::new(),
    }
}

fn outgoing(progress: Progress) -> Outgoing {
    Outgoing {
        key: KEY,
        to: "Luc Gagné".to_owned(),
        body: MessageBody::parse("INR à 2,4\n👩‍⚕️").unwrap(),
        reply_to: Some(MessageId(Uuid::from_u128(4))),
        at: Timestamp(5),
        progress,
        files: FilesText::default(),
    }
}

fn stored() -> Message {
    Message {
        id: MessageId(Uuid::from_u128(9)),
        position: 1,
        author: AccountId(Uuid::from_u128(1)),
        body: MessageBody::from_store("bon".to_owned()),
        sent_at: Timestamp(6),
        key: Some(KEY),
        deleted_at: None,
        marks: Marked::default(),
        attachments: Attachments::default(),
    }
}

#[test]
fn what_is_kept_goes_on_as_it_was() {
    for progress in [Progress::Pending, Progress::Failed(ApiError::ChannelClosed)] {
        let entry = Outgoing {
            files: FilesText("[]".to_owned()),
            ..outgoing(progress)
        };
        let kept = KeptMessage::of(CONVERSATION, &entry).unwrap();
        let text = json::write(&kept).unwrap();

        assert_eq!(json::read::<KeptMessage>(&text).unwrap().into_outgoing(), entry);
    }
}

/// A version of Pli that is no more has written this: it must be read for ever.
#[test]
fn the_first_form_of_what_is_kept_is_still_read() {
    let message = r#"{"conversation":"00000000-0000-0000-0000-000000000007","to":"Luc Gagné","key":"00000000-0000-0000-0000-000000000008","body":"INR à 2,4\n👩‍⚕️","at":5}"#;
    let kept: KeptMessage = json::read(message).unwrap();
    let answering_nothing = Outgoing {
        reply_to: None,
        ..outgoing(Progress::Pending)
    };
    assert_eq!(kept.into_outgoing(), answering_nothing);

    let words = r#"{"conversation":"00000000-0000-0000-0000-000000000007","to":"Luc Gagné","text":"bonj","base":"bon"}"#;
    assert!(json::read::<KeptDraft>(words).unwrap() == draft("bonj", "bon"));
}

#[test]
fn what_the_server_has_is_not_kept() {
    assert_eq!(
        KeptMessage::of(CONVERSATION, &outgoing(Progress::Sent(stored()))),
        None
    );
}

#[test]
fn words_written_before_the_vault_was_open_and_words_that_rested_in_it_both_stay() {
    let mut resting = draft("mots d’hier", "avant-hier");
    resting.tried = vec!["mots".to_owned()];
    resting.lost = vec![mark("mots d’")];

    let joined = draft("b", "").joined(&resting);

    assert_eq!(joined.text, "mots d’hier\n\nb");
    for servers in ["", "avant-hier", "mots", "mots d’"] {
        assert_eq!(
            joined.meet(servers),
            joined.text,
            "{servers:?} is this device's own"
        );
    }
    assert_eq!(joined.meet("d’ailleurs"), "d’ailleurs\n\nmots d’hier\n\nb");
    let rewritten = draft("Bonsoir", "Bonjour").joined(&draft("Bonjour", ""));
    assert_eq!(rewritten.text, "Bonsoir", "it was read, and written anew");
    assert_eq!(
        draft("mots d’hier et d’aujourd’hui", "").joined(&resting).text,
        "mots d’hier et d’aujourd’hui"
    );
}

#[test]
fn words_that_the_page_had_drawn_already_do_not_come_back_once_they_are_rewritten_or_sent() {
    for typed in ["", "Bonsoir", "Bonjou"] {
        assert_eq!(with_typed("Bonjour", "Bonjour", typed), typed);
    }
}

#[test]
fn words_typed_here_are_newer_than_the_copy_they_were_typed_on() {
    assert_eq!(draft("bonjour", "bon").meet("bon"), "bonjour");
    assert_eq!(draft("", "bon").meet("bon"), "", "sent or emptied here");
    assert_eq!(draft("autre chose", "bon").meet("bon"), "autre chose");
    let mut kept = draft("Bonsoir", "");
    kept.lost = vec![mark("Bonjour")];
    assert_eq!(
        kept.meet("Bonjour"),
        "Bonsoir",
        "a save whose answer was lost had come"
    );
}

#[test]
fn a_copy_that_was_on_its_way_from_here_counts_as_known() {
    let mut kept = draft("bon", "");
    kept.tried.push("bonjour".to_owned());

    assert_eq!(
        kept.meet("bonjour"),
        "bon",
        "the person has taken words away since"
    );
    kept.text.clear();
    assert_eq!(kept.meet("bonjour"), "", "they wait as a message");
}

#[test]
fn what_another_device_wrote_meanwhile_is_never_replaced() {
    assert_eq!(draft("d’ici", "ancien").meet("d’ailleurs"), "d’ailleurs\n\nd’ici");
    assert_eq!(
        draft("bon", "b").meet("bonjour"),
        "bonjour",
        "one holds the other"
    );
    assert_eq!(draft("bonjour", "b").meet("bon"), "bonjour");
    assert_eq!(draft("", "b").meet("d’ailleurs"), "d’ailleurs", "no words here");
    assert_eq!(draft("d’ici", "b").meet(""), "d’ici", "sent or emptied elsewhere");
}

#[test]
fn meeting_again_adds_nothing() {
    for (here, base, servers) in [("a", "", "b"), ("a", "b", "b"), ("", "a", "b"), ("ab", "a", "b")] {
        let met = draft(here, base).meet(servers);

        assert_eq!(draft(here, base).meet(&met), met, "{here:?} {base:?} {servers:?}");
    }
}

#[test]
fn what_is_typed_before_the_vault_opens_stays() {
    assert_eq!(with_typed("gardé", "", ""), "gardé");
    assert_eq!(with_typed("gardé", "", "neuf"), "gardé\n\nneuf");
    assert_eq!(with_typed("bonjour", "bon", "bon soir"), "bonjour soir");
    assert_eq!(with_typed("bon", "bon", "bonsoir"), "bonsoir");
    assert_eq!(with_typed("gardé", "bon", "autre"), "gardé\n\nautre");
    assert_eq!(with_typed("gardé", "bon", "gardé ici"), "gardé ici");
}

#[test]
fn every_word_survives_the_way_between_tabs() {
    let words = [
        Word::Message(KeptMessage::of(CONVERSATION, &outgoing(Progress::Pending)).unwrap()),
        Word::Taken(KEY),
        Word::Sent(CONVERSATION, stored()),
        Word::Gone(CONVERSATION, KEY),
        Word::Draft(draft("bon", "")),
        Word::Flush,
        Word::SignedIn,
        Word::SignedOut,
    ];
    for word in words {
        assert_eq!(Word::read(&word.text()), Ok(word));
    }
    assert!(Word::read(r#"{"say":"of another version"}"#).is_err());
}

#[test]
fn debug_output_holds_no_words() {
    let text = format!("{:?}", Word::Draft(draft("canari", "canari")));

    assert!(!text.contains("canari"));
}
