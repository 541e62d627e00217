//! Dates, times and numbers as fr-CA and en-CA write them: one formatter for server and browser, so that a page says
//! the same before and after its script arrives.
//!
//! Source: measured from ICU (fr-CA, en-CA); the no-break spaces follow the Office québécois de la langue française.

use super::Civil;
use crate::accounts::Language;

const NBSP: char = '\u{a0}';

const FR_DAYS: [&str; 7] = [
    "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
];
const EN_DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const FR_MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const EN_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const FR_SHORT_MONTHS: [&str; 12] = [
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juill.", "août", "sept.", "oct.", "nov.", "déc.",
];
const EN_SHORT_MONTHS: [&str; 12] = [
    "Jan.", "Feb.", "Mar.", "Apr.", "May", "Jun.", "Jul.", "Aug.", "Sep.", "Oct.", "Nov.", "Dec.",
];

fn name(names: &[&'static str], index: u8) -> &'static str {
    names.get(usize::from(index)).copied().unwrap_or_default()
}

fn month(language: Language, civil: Civil) -> &'static str {
    let index = civil.month.saturating_sub(1);
    match language {
        Language::French => name(&FR_MONTHS, index),
        Language::English => name(&EN_MONTHS, index),
    }
}

/// `05`. With `{:02}`, pages would run other code at five past than at half past, and none of it is small.
fn two_digits(value: u8) -> String {
    format!("{}{}", value / 10, value % 10)
}

/// `14 h 05` · `2:05 p.m.`
pub fn time(language: Language, civil: Civil) -> String {
    match language {
        Language::French => format!("{}{NBSP}h{NBSP}{}", civil.hour, two_digits(civil.minute)),
        Language::English => {
            let (hour, half) = match civil.hour {
                0 => (12, "a.m."),
                hour @ 1..=11 => (hour, "a.m."),
                12 => (12, "p.m."),
                hour => (hour - 12, "p.m."),
            };
            format!("{hour}:{}{NBSP}{half}", two_digits(civil.minute))
        }
    }
}

/// `22 novembre` · `November 22`; with the year when it is not `now`'s.
pub fn date(language: Language, civil: Civil, now: Civil) -> String {
    let month = month(language, civil);
    match (language, civil.year == now.year) {
        (Language::French, true) => format!("{}{NBSP}{month}", day(language, civil)),
        (Language::French, false) => format!("{}{NBSP}{month}{NBSP}{}", day(language, civil), civil.year),
        (Language::English, true) => format!("{month}{NBSP}{}", civil.day),
        (Language::English, false) => format!("{month}{NBSP}{}, {}", civil.day, civil.year),
    }
}

/// `22 novembre 2026` · `November 22, 2026`
pub fn full_date(language: Language, civil: Civil) -> String {
    let month = month(language, civil);
    match language {
        Language::French => format!("{}{NBSP}{month}{NBSP}{}", day(language, civil), civil.year),
        Language::English => format!("{month}{NBSP}{}, {}", civil.day, civil.year),
    }
}

/// `22 novembre à 14 h 05` · `November 22 at 2:05 p.m.`; with the year when it is not `now`'s.
pub fn date_time(language: Language, civil: Civil, now: Civil) -> String {
    let joint = match language {
        Language::French => "à",
        Language::English => "at",
    };
    format!(
        "{} {joint}{NBSP}{}",
        date(language, civil, now),
        time(language, civil)
    )
}

/// The first of a month is `1er` in French.
fn day(language: Language, civil: Civil) -> String {
    match (language, civil.day) {
        (Language::French, 1) => "1er".to_owned(),
        (_, day) => day.to_string(),
    }
}

/// A day separator: `Aujourd’hui`, `Hier`, `dimanche 22 novembre`.
pub fn day_name(language: Language, civil: Civil, now: Civil) -> String {
    match (language, now.day_number - civil.day_number) {
        (Language::French, 0) => "Aujourd’hui".to_owned(),
        (Language::French, 1) => "Hier".to_owned(),
        (Language::English, 0) => "Today".to_owned(),
        (Language::English, 1) => "Yesterday".to_owned(),
        (Language::French, _) => format!("{} {}", name(&FR_DAYS, civil.weekday), date(language, civil, now)),
        (Language::English, _) => format!(
            "{}, {}",
            name(&EN_DAYS, civil.weekday),
            date(language, civil, now)
        ),
    }
}

/// The time in a list: today the hour, then `Hier`, the weekday within a week, `18 nov.`, `2025-11-18`.
pub fn list_time(language: Language, civil: Civil, now: Civil) -> String {
    match (language, now.day_number - civil.day_number) {
        (_, ..=0) => time(language, civil),
        (Language::French, 1) => "Hier".to_owned(),
        (Language::English, 1) => "Yesterday".to_owned(),
        (Language::French, 2..=6) => name(&FR_DAYS, civil.weekday).to_owned(),
        (Language::English, 2..=6) => name(&EN_DAYS, civil.weekday).to_owned(),
        _ if civil.year != now.year => short_date(civil),
        (Language::French, _) => {
            format!(
                "{}{NBSP}{}",
                day(language, civil),
                name(&FR_SHORT_MONTHS, civil.month.saturating_sub(1))
            )
        }
        (Language::English, _) => {
            format!(
                "{}{NBSP}{}",
                name(&EN_SHORT_MONTHS, civil.month.saturating_sub(1)),
                civil.day
            )
        }
    }
}

/// `aujourd’hui à 8 h 15`, `hier à 16 h 20`, `le 18 novembre`: inside a sentence.
pub fn in_sentence(language: Language, civil: Civil, now: Civil) -> String {
    let time = time(language, civil);
    match (language, now.day_number - civil.day_number) {
        (Language::French, 0) => format!("aujourd’hui à{NBSP}{time}"),
        (Language::French, 1) => format!("hier à{NBSP}{time}"),
        (Language::French, _) => format!("le{NBSP}{}", date(language, civil, now)),
        (Language::English, 0) => format!("today at{NBSP}{time}"),
        (Language::English, 1) => format!("yesterday at{NBSP}{time}"),
        (Language::English, _) => format!("on{NBSP}{}", date(language, civil, now)),
    }
}

/// `2026-11-22`, in both languages.
pub fn short_date(civil: Civil) -> String {
    format!(
        "{}-{}-{}",
        civil.year,
        two_digits(civil.month),
        two_digits(civil.day)
    )
}

/// For the `datetime` attribute: the date and time on the wall, `2026-11-22T14:05`.
pub fn machine(civil: Civil) -> String {
    format!(
        "{}T{}:{}",
        short_date(civil),
        two_digits(civil.hour),
        two_digits(civil.minute)
    )
}

/// `12 345` · `12,345`
pub fn number(language: Language, value: u64) -> String {
    let digits = value.to_string();
    let separator = match language {
        Language::French => NBSP,
        Language::English => ',',
    };
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sunday_afternoon() -> Civil {
        Civil {
            year: 2026,
            month: 11,
            day: 22,
            hour: 14,
            minute: 5,
            weekday: 6,
            day_number: 20_779,
        }
    }

    fn days_later(days: i32) -> Civil {
        Civil {
            day_number: 20_779 + days,
            ..sunday_afternoon()
        }
    }

    #[test]
    fn times_are_written_as_in_canada() {
        let civil = sunday_afternoon();
        assert_eq!(time(Language::French, civil), "14\u{a0}h\u{a0}05");
        assert_eq!(time(Language::English, civil), "2:05\u{a0}p.m.");
        assert_eq!(
            time(Language::English, Civil { hour: 0, ..civil }),
            "12:05\u{a0}a.m."
        );
        assert_eq!(
            date_time(Language::French, civil, civil),
            "22\u{a0}novembre à\u{a0}14\u{a0}h\u{a0}05"
        );
        assert_eq!(
            date_time(Language::English, civil, civil),
            "November\u{a0}22 at\u{a0}2:05\u{a0}p.m."
        );
        let next_year = Civil { year: 2027, ..civil };
        assert_eq!(
            date_time(Language::French, civil, next_year),
            "22\u{a0}novembre\u{a0}2026 à\u{a0}14\u{a0}h\u{a0}05"
        );
    }

    #[test]
    fn a_day_is_named_by_its_distance() {
        let civil = sunday_afternoon();
        assert_eq!(day_name(Language::French, civil, days_later(0)), "Aujourd’hui");
        assert_eq!(day_name(Language::French, civil, days_later(1)), "Hier");
        assert_eq!(
            day_name(Language::French, civil, days_later(4)),
            "dimanche 22\u{a0}novembre"
        );
        assert_eq!(
            day_name(Language::English, civil, days_later(4)),
            "Sunday, November\u{a0}22"
        );
        assert_eq!(list_time(Language::French, civil, days_later(3)), "dimanche");
        assert_eq!(list_time(Language::French, civil, days_later(9)), "22\u{a0}nov.");
        let next_year = Civil {
            year: 2027,
            ..days_later(300)
        };
        assert_eq!(list_time(Language::French, civil, next_year), "2026-11-22");
    }

    #[test]
    fn the_first_of_a_month_is_an_ordinal_in_french() {
        let first = Civil {
            day: 1,
            ..sunday_afternoon()
        };
        assert_eq!(full_date(Language::French, first), "1er\u{a0}novembre\u{a0}2026");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(number(Language::French, 12_345), "12\u{a0}345");
        assert_eq!(number(Language::English, 1_234_567), "1,234,567");
        assert_eq!(number(Language::French, 999), "999");
    }
}
