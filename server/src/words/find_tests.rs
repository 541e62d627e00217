use super::super::SegmentBuilder;
use super::*;

/// Whether a text answers.
fn answers(text: &str, query: &str) -> bool {
    let mut builder = SegmentBuilder::default();
    builder.push(1, 0, 0, text);
    !find(&builder.finish(), &Query::parse(query)).is_empty()
}

fn found(texts: &[&str], query: &str) -> Vec<u64> {
    let mut builder = SegmentBuilder::default();
    for (position, text) in (1..).zip(texts) {
        builder.push(position, 0, 0, text);
    }
    let found = find(&builder.finish(), &Query::parse(query));
    found.into_iter().map(|entry| entry.position).collect()
}

#[test]
fn all_that_is_needed_must_be_there_in_whatever_order() {
    let texts = [
        "L’INR de mardi est bon",
        "INR demain",
        "Mardi, pas d'INR",
        "mardi",
    ];

    assert_eq!(found(&texts, "l'inr de mardi "), [1, 3]);
    assert_eq!(found(&texts, "mardi inr"), [1, 3]);
    assert_eq!(found(&texts, "inr"), [1, 2, 3]);
    assert_eq!(found(&texts, "pas d’INR mardi"), [3]);
    assert!(found(&texts, "").is_empty());
    assert!(found(&texts, "?").is_empty());
    assert_eq!(found(&texts, "de "), [1], "alone, a function word is looked for");
}

#[test]
fn the_last_word_may_be_unfinished() {
    assert!(answers("Le rendez-vous est à l’hôpital", "rend"));
    assert!(answers("Le rendez-vous est à l’hôpital", "rendezv"));
    assert!(answers("Le rendez-vous est à l’hôpital", "vous hop"));
    assert!(answers("Les hôpitaux", "hopitau"));
    assert!(!answers("Le rendez-vous est à l’hôpital", "hop rendez"));
    assert!(!answers("Le rendez-vous est à l’hôpital", "rend "));
    assert!(!answers("Elle a subi une opération", "as") && !answers("Seen in room 4", "inr"));
}

#[test]
fn joined_hyphenated_and_apart_are_one() {
    for (one, others) in [
        ("follow-up", ["followup", "follow up", "Follow‑Up"]),
        ("rendez-vous", ["rendezvous", "rendez vous", "RENDEZ-VOUS"]),
        ("555-0199", ["5550199", "555 0199", "555.0199"]),
        ("514 555-0199", ["5145550199", "514-555-0199", "(514) 555 0199"]),
        (
            "1 800 555 0199",
            ["18005550199", "1-800-555-0199", "1 (800) 555-0199"],
        ),
        (
            "06 12 34 56 78",
            ["0612345678", "06.12.34.56.78", "06-12-34-56-78"],
        ),
        (
            "TREM 8512 1234",
            ["TREM85121234", "trem-8512-1234", "Trem8512 1234"],
        ),
        ("C.H.U.", ["CHU", "chu", "C H U"]),
        ("c'est-à-dire", ["cest-a-dire", "c’est à dire", "c est à dire"]),
        ("aujourd’hui", ["aujourdhui", "aujourd hui", "aujourd'hui"]),
        ("COVID-19", ["covid19", "Covid 19", "COVID‐19"]),
        ("5 mg", ["5mg", "5-mg", "5 MG"]),
        ("O'Brien", ["OBrien", "o’brien", "O Brien"]),
    ] {
        for other in others {
            assert!(answers(&format!("Voir {one} svp"), other), "{other} in {one}");
            assert!(answers(&format!("Voir {other} svp"), one), "{one} in {other}");
            assert!(
                answers(&format!("Voir {other} svp"), &format!("voir {one} ")),
                "{one} in {other}, closed"
            );
        }
    }
}

#[test]
fn what_is_apart_stays_apart() {
    assert!(!answers("INR à 2,4", "24"));
    assert!(!answers("dans 24 h", "2,4"));
    assert!(!answers("120 patients, 80 lits", "120/80"));
    assert!(answers("TA 120/80", "120/80") && answers("TA 120/80", "80 120"));
    assert!(!answers("fracture d'os", "dos"));
    assert!(!answers("follow him up", "follow-up"));
    assert!(!answers("en mai", "m'ai"));
    assert!(!answers("mais oui", "mai "));
    assert!(found(&["follow", "up"], "followup").is_empty());
}

#[test]
fn apostrophes_that_were_not_typed_do_not_matter() {
    assert!(answers("à l’hôpital", "lhopital"));
    assert!(answers("à lhopital", "l'hôpital"));
    assert!(answers("jusqu'à l'automne", "lautomne"));
    assert!(answers("I don’t know", "dont know"));
    assert!(answers("the patient’s chart", "patients chart") && answers("the patients", "patient's"));
}

#[test]
fn plurals_meet_also_inside_what_is_joined() {
    assert!(answers("les follow-ups", "followup "));
    assert!(answers("deux rendez-vous", "rendez-vous"));
    assert!(answers("les jours fériés", "joursferies "));
    assert!(answers("deux biopsies", "biopsy "));
}

#[test]
fn a_segment_answers_as_each_of_its_messages_does_alone() {
    let texts = [
        "Le follow-up de Mme Roy est demain",
        "follow",
        "up",
        "Follow up: INR 2,4 le 5 mai",
        "l'INR d'hier: 24",
        "514 555-0199 ou 5550199",
        "",
        "Bilans à l’hôpital",
        "hopital, bilan",
        "555 0199 et le 120/80",
        "CHU",
    ];
    let queries = [
        "follow up",
        "followup",
        "inr",
        "2,4",
        "24",
        "5550199",
        "bilan hopital",
        "l'inr",
        "5550199 514",
        "120/80",
        "follow inr",
        "chu",
        "c.h.u",
        "d'hier inr",
        "le",
        "de la",
    ];

    for query in queries {
        let alone = (1..).zip(&texts).filter(|(_, text)| answers(text, query));
        let alone: Vec<u64> = alone.map(|(position, _)| position).collect();
        assert_eq!(found(&texts, query), alone, "{query}");
    }
}

/// A word that is asked for a hundred times is looked up once, and of a word that stands everywhere each message is held once.
#[test]
fn what_a_question_holds_does_not_grow_with_its_repetitions_nor_with_those_of_a_text() {
    let mut builder = SegmentBuilder::default();
    for position in 1..=40 {
        builder.push(position, 0, 0, &"1 ".repeat(5_000));
    }
    let segment = builder.finish();
    let entries: Vec<Entry> = segment.messages().collect();
    let query = Query::parse(&"1 ".repeat(100));

    let held = look_up(&segment, &query, |places| messages_of(&entries, &places)).unwrap();

    // As one word, and as two to six that are one.
    assert!(held.len() <= 12, "{}", held.len());
    assert!(held.values().map(Vec::len).sum::<usize>() <= 12 * 40);
    assert_eq!(find(&segment, &query).len(), 40);
}

/// Words that all begin alike can be taken apart in many ways: it must not take longer and longer.
#[test]
fn no_word_takes_long_to_be_taken_apart() {
    let text: String = (1..64).map(|length| "a".repeat(length) + " ").collect();
    let texts = vec![text.as_str(); 50];

    assert_eq!(found(&texts, &"a".repeat(24)).len(), 50);
    assert_eq!(found(&texts, &"a".repeat(200)).len(), 0);
}
