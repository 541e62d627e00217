//! What has happened between them, as acts in the order of time.

use app::api::Timestamp;

use super::history::{self, Author, Line, When};
use super::people::{
    ANNE, CAMILLE, FATOU, INES, JULIE, LUC, MARC, MARIE_JOSEE, MINH, ROBERT, SAMUEL, SOPHIE,
};

/// Something that one of them did, by mailbox.
pub(super) enum Act {
    /// Asked for friendship, perhaps with a note.
    Ask(&'static str, &'static str, Option<&'static str>),
    /// Accepted the other's request.
    Accept(&'static str, &'static str),
    /// Wrote to the other, after reading what was there, perhaps with a file.
    Write(&'static str, &'static str, &'static str, Option<&'static str>),
    /// Read all that the other had written.
    Read(&'static str, &'static str),
    /// Left words for the other unsent.
    Draft(&'static str, &'static str, &'static str),
    /// Closed the channel with the other.
    Close(&'static str, &'static str),
    /// Blocked the other.
    Block(&'static str, &'static str),
}

/// Everything, oldest first, seen from `now`.
pub(super) fn acts(now: Timestamp) -> Vec<(Timestamp, Act)> {
    let mut acts = Vec::new();
    let mut add = |when: When, act: Act| acts.push((when.moment(now), act));
    let mut meet = |one, other, when: (i64, i64, i64), accepted_minutes_later: i64| {
        let (days, hour, minute) = when;
        add(When::Day(days, hour, minute), Act::Ask(one, other, None));
        add(
            When::Day(days, hour, minute + accepted_minutes_later),
            Act::Accept(other, one),
        );
    };

    meet(JULIE, CAMILLE, (16, 9, 0), 25);
    meet(SOPHIE, CAMILLE, (20, 9, 5), 12);
    meet(FATOU, CAMILLE, (14, 13, 30), 20);
    meet(ANNE, LUC, (12, 10, 0), 40);
    meet(INES, CAMILLE, (12, 9, 30), 20);
    meet(ANNE, CAMILLE, (9, 7, 45), 15);
    meet(MARIE_JOSEE, CAMILLE, (8, 10, 50), 10);
    meet(CAMILLE, MINH, (7, 8, 5), 55);
    meet(CAMILLE, LUC, (1, 16, 30), 5);

    let talks: [(&'static str, &'static [Line]); 7] = [
        (ANNE, history::ANNE),
        (INES, history::INES),
        (FATOU, history::FATOU),
        (MARIE_JOSEE, history::MARIE_JOSEE),
        (MINH, history::MINH),
        (SOPHIE, history::SOPHIE),
        (JULIE, history::JULIE),
    ];
    for (friend, lines) in talks {
        for line in lines {
            let (author, reader) = match line.author {
                Author::Camille => (CAMILLE, friend),
                Author::Friend => (friend, CAMILLE),
            };
            add(line.when, Act::Write(author, reader, line.text, line.file));
        }
    }
    add(When::Minutes(201), Act::Read(ANNE, CAMILLE));
    add(When::Minutes(190), Act::Read(CAMILLE, ANNE));
    add(When::Minutes(152), Act::Read(CAMILLE, INES));
    add(When::Minutes(150), Act::Read(CAMILLE, MARIE_JOSEE));
    add(When::Minutes(149), Act::Read(CAMILLE, MINH));
    add(When::Day(5, 9, 0), Act::Read(SOPHIE, CAMILLE));
    add(
        When::Minutes(148),
        Act::Draft(
            CAMILLE,
            INES,
            "Le plan de marche serait à revoir pour la semaine prochaine\u{a0}: moins long, plus souvent, et",
        ),
    );

    add(When::Day(6, 16, 53), Act::Close(CAMILLE, SOPHIE));
    add(When::Day(12, 9, 0), Act::Close(JULIE, CAMILLE));
    add(When::Day(10, 17, 0), Act::Block(CAMILLE, ROBERT));
    add(
        When::Day(2, 11, 15),
        Act::Ask(
            CAMILLE,
            SAMUEL,
            Some("Bonjour Samuel, j’aurais souvent des questions sur les ressources du quartier."),
        ),
    );
    add(
        When::Minutes(95),
        Act::Ask(
            MARC,
            CAMILLE,
            Some("Je fais le suivi à domicile dans votre secteur. Ce serait plus simple de s’écrire ici."),
        ),
    );

    // Stable: what happens in the same minute stays in the order told.
    acts.sort_by_key(|(moment, _)| *moment);
    acts
}
