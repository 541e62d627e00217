//! What was written before you came: the direct messages of the demonstration.
//!
//! Believable between colleagues and about nobody: no name, no number, no date of birth of any patient, ages and stories
//! invented. They are fiction, not advice. Days are working days before today, so that nobody writes on a Sunday.

mod anne;
mod others;

pub(super) use anne::ANNE;
pub(super) use others::{FATOU, INES, JULIE, MARIE_JOSEE, MINH, SOPHIE};

use app::api::Timestamp;

/// Which of the two wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Author {
    /// Camille.
    Camille,
    /// The other one.
    Friend,
}

/// A moment before the demonstration began.
#[derive(Clone, Copy, Debug)]
pub(super) enum When {
    /// So many working days ago, at an hour and a minute of the clinic's clock.
    Day(i64, i64, i64),
    /// So many minutes ago.
    Minutes(i64),
}

/// A message of the history.
pub(super) struct Line {
    /// Who wrote it.
    pub(super) author: Author,
    /// When.
    pub(super) when: When,
    /// What.
    pub(super) text: &'static str,
    /// With which file, of those in `demo/files`.
    pub(super) file: Option<&'static str>,
}

impl Line {
    const fn with(mut self, file: &'static str) -> Self {
        self.file = Some(file);
        self
    }
}

const fn camille(days: i64, hour: i64, minute: i64, text: &'static str) -> Line {
    Line {
        author: Author::Camille,
        when: When::Day(days, hour, minute),
        text,
        file: None,
    }
}

const fn friend(days: i64, hour: i64, minute: i64, text: &'static str) -> Line {
    Line {
        author: Author::Friend,
        when: When::Day(days, hour, minute),
        text,
        file: None,
    }
}

const fn camille_ago(minutes: i64, text: &'static str) -> Line {
    Line {
        author: Author::Camille,
        when: When::Minutes(minutes),
        text,
        file: None,
    }
}

const fn friend_ago(minutes: i64, text: &'static str) -> Line {
    Line {
        author: Author::Friend,
        when: When::Minutes(minutes),
        text,
        file: None,
    }
}

const MINUTE_MS: i64 = 60_000;
/// The clinic's clock: Québec in winter. An hour off in summer shows nobody anything wrong.
const ZONE_MS: i64 = -5 * 60 * MINUTE_MS;

impl When {
    /// The moment, seen from `now`.
    pub(super) fn moment(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Minutes(minutes) => now.plus_ms(-minutes * MINUTE_MS),
            Self::Day(days, hour, minute) => {
                let today = now.plus_ms(ZONE_MS).0.div_euclid(Timestamp::DAY_MS);
                let clock_ms = (hour * 60 + minute) * MINUTE_MS;
                Timestamp(working_day_before(today, days) * Timestamp::DAY_MS + clock_ms - ZONE_MS)
            }
        }
    }
}

/// The day so many working days before `today`, both counted from the epoch, which was a Thursday.
fn working_day_before(today: i64, n_days: i64) -> i64 {
    let is_working_day = |day: i64| (day + 3).rem_euclid(7) < 5;
    let mut day = today;
    for _ in 0..n_days {
        day -= 1;
        while !is_working_day(day) {
            day -= 1;
        }
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &[&[Line]] = &[ANNE, INES, FATOU, MARIE_JOSEE, MINH, SOPHIE, JULIE];

    #[test]
    fn the_history_is_told_in_order_and_before_now() {
        // Every day of two weeks, at every third hour: weekends and midnights included.
        for hour in (0..14 * 24).step_by(3) {
            let now = Timestamp(1_795_000_000_000).plus_ms(hour * 60 * MINUTE_MS);
            for lines in ALL {
                let moments: Vec<Timestamp> = lines.iter().map(|line| line.when.moment(now)).collect();
                assert!(moments.is_sorted());
                assert!(moments.iter().all(|moment| *moment < now));
            }
        }
    }

    #[test]
    fn nobody_writes_on_a_weekend() {
        let saturday = 2; // 3 January 1970.
        assert_eq!(working_day_before(saturday, 1), 1);
        assert_eq!(working_day_before(saturday + 2, 1), 1);
    }

    #[test]
    fn there_is_enough_to_turn_pages() {
        assert!(ANNE.len() >= 60);
    }

    #[test]
    fn the_french_is_set_with_care() {
        for line in ALL.iter().flat_map(|lines| lines.iter()) {
            let text = line.text;
            assert!(!text.contains(['\'', '"']), "{text}");
            assert!(
                !text.contains(" :") && !text.contains(" ?") && !text.contains(" !"),
                "{text}"
            );
            for (index, _) in text.match_indices(':') {
                assert!(text[..index].ends_with('\u{a0}'), "{text}");
            }
            assert_eq!(
                text.matches("«\u{a0}").count(),
                text.matches('«').count(),
                "{text}"
            );
            assert_eq!(
                text.matches("\u{a0}»").count(),
                text.matches('»').count(),
                "{text}"
            );
        }
    }
}
