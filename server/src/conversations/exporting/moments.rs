//! A moment, written so that it is no other one: for programs in UTC, for people with how far their wall is from it.

use app::api::Timestamp;
use app::i18n::{Civil, Zone, civil, format};

/// For the `datetime` attribute, the same moment in every zone: `2026-11-22T19:05:07Z`.
pub(super) fn machine(at: Timestamp) -> String {
    let second = at.0.rem_euclid(60_000) / 1_000;
    format!("{}:{second:02}Z", format::machine(civil(at, &utc())))
}

fn utc() -> Zone {
    Zone {
        name: "UTC".to_owned(),
        rules: (1970, 0),
    }
}

/// How far the wall of a zone is from UTC: `UTC−05:00`.
pub(super) fn offset(at: Timestamp, zone: &Zone) -> String {
    let minutes =
        |civil: Civil| (civil.day_number * 24 + i32::from(civil.hour)) * 60 + i32::from(civil.minute);
    let ahead = minutes(civil(at, zone)) - minutes(civil(at, &utc()));
    let sign = if ahead < 0 { '\u{2212}' } else { '+' };
    let ahead = ahead.abs();
    format!("UTC{sign}{:02}:{:02}", ahead / 60, ahead % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_has_its_sign_and_its_half_hours() {
        let at = Timestamp(1_800_000_000_000);
        for (name, expected) in [
            ("UTC", "UTC+00:00"),
            ("America/Toronto", "UTC\u{2212}05:00"),
            ("America/St_Johns", "UTC\u{2212}03:30"),
            ("Asia/Kolkata", "UTC+05:30"),
            ("Pacific/Kiritimati", "UTC+14:00"),
        ] {
            assert_eq!(offset(at, &Zone::known(name, at)), expected, "{name}");
        }
        assert_eq!(machine(at.plus_ms(7_999)), "2027-01-15T08:00:07Z");
    }
}
