//! What stands in the search form, and the question that it makes.

use super::{Has, SearchMessages, Sought};
use crate::api::{AccountId, ConversationId, MessageId, Timestamp};
use crate::boot::Posted;
use crate::i18n::{Civil, day_number};

/// A question, as its form has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) text: Sought,
    /// The author's id, or nothing.
    pub(super) from: String,
    /// The first day, "2026-11-22", or nothing.
    pub(super) since: String,
    /// The last day.
    pub(super) until: String,
    pub(super) has_link: bool,
}

impl Wish {
    /// What a plain form asked for.
    pub(super) fn posted(posted: &Posted) -> Self {
        let field = |name| posted.field(name).unwrap_or_default().to_owned();
        Self {
            text: Sought(field("text")),
            from: field("from"),
            since: field("since"),
            until: field("until"),
            has_link: posted.field("has").is_some(),
        }
    }

    /// Whether there is nothing to look for.
    pub(super) fn is_empty(&self) -> bool {
        self.text.0.trim().is_empty()
    }

    /// Whether it asks for more than words.
    pub(super) fn is_narrow(&self) -> bool {
        !self.from.is_empty() || !self.since.is_empty() || !self.until.is_empty() || self.has_link
    }

    /// The operation, on the wall that `civil` knows. Days that are none ask for nothing.
    pub(super) fn to_operation(
        &self,
        conversation: Option<ConversationId>,
        after: Option<MessageId>,
        civil: impl Fn(Timestamp) -> Civil,
    ) -> SearchMessages {
        SearchMessages {
            text: self.text.clone(),
            conversation,
            from: self.from.parse::<AccountId>().ok(),
            since: day(&self.since).map(|day| start_of_day(day, &civil)),
            until: day(&self.until).map(|day| start_of_day(day + 1, &civil)),
            has: self.has_link.then_some(Has::Link),
            after,
        }
    }

    /// Its fields, as a plain form sends them.
    pub(super) fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = vec![
            ("text", self.text.0.clone()),
            ("from", self.from.clone()),
            ("since", self.since.clone()),
            ("until", self.until.clone()),
        ];
        if self.has_link {
            fields.push(("has", "link".to_owned()));
        }
        fields
    }
}

/// The number of a day as a date field writes it.
fn day(text: &str) -> Option<i32> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let (year, month, day) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let is_date = (1970..3_000).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    (is_date && parts.next().is_none()).then(|| day_number(year, month, day))
}

/// The first moment of a day on a wall: midnight, or the end of the hour that midnight lost when the clocks changed.
fn start_of_day(day: i32, civil: impl Fn(Timestamp) -> Civil) -> Timestamp {
    let midnight = i64::from(day) * Timestamp::DAY_MS;
    let ahead_ms = |at: i64| {
        let wall = civil(Timestamp(at));
        let minutes = i64::from(wall.hour) * 60 + i64::from(wall.minute);
        i64::from(wall.day_number) * Timestamp::DAY_MS + minutes * 60_000 - at
    };
    let guess = midnight - ahead_ms(midnight);
    Timestamp(midnight - ahead_ms(guess))
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::i18n::{Zone, civil};

    fn posted(fields: &[(&str, &str)]) -> Posted {
        Posted {
            operation: "conversations.search_messages".to_owned(),
            fields: fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            error: None,
        }
    }

    fn asked(zone: &str, fields: &[(&str, &str)]) -> SearchMessages {
        let zone = Zone::known(zone, Timestamp(1_800_000_000_000));
        Wish::posted(&posted(fields)).to_operation(None, None, |at| civil(at, &zone))
    }

    #[test]
    fn a_plain_form_asks_for_words_an_author_days_and_links() {
        let author = "01a1220a-1487-74da-be0a-e6f2db095d7a";

        let wish = asked(
            "America/Toronto",
            &[
                ("text", "l’INR "),
                ("from", author),
                ("since", "2026-11-22"),
                ("until", "2026-11-22"),
                ("has", "link"),
            ],
        );

        assert_eq!(wish.text.0, "l’INR ", "what stands behind a word closes it");
        assert_eq!(wish.from, author.parse().ok());
        assert_eq!(wish.has, Some(Has::Link));
        // 05:00 UTC is midnight there.
        assert_eq!(wish.since, Some(Timestamp(1_795_323_600_000)));
        assert_eq!(
            wish.until,
            wish.since.map(|since| since.plus_ms(Timestamp::DAY_MS))
        );
    }

    #[test]
    fn a_day_on_which_the_clocks_change_is_as_long_as_it_is() {
        let of_day = |zone, day: &str| {
            let wish = asked(zone, &[("text", "a"), ("since", day), ("until", day)]);
            wish.until
                .zip(wish.since)
                .map(|(until, since)| until.ms_since(since) / 3_600_000)
        };

        assert_eq!(of_day("America/Toronto", "2026-03-08"), Some(23));
        assert_eq!(of_day("America/Toronto", "2026-11-01"), Some(25));
        assert_eq!(of_day("Europe/Paris", "2026-03-29"), Some(23));
        assert_eq!(of_day("Asia/Kathmandu", "2026-03-29"), Some(24));
    }

    #[test]
    fn what_is_no_day_asks_for_nothing() {
        for day in [
            "",
            "hier",
            "2026-13-01",
            "2026-11",
            "2026-11-22-01",
            "99999999999-01-01",
        ] {
            assert_eq!(
                asked("UTC", &[("text", "a"), ("since", day)]).since,
                None,
                "{day}"
            );
        }
    }
}
