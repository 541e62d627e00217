//! Days as numbers, since 1970 and in UTC, so that they can be compared and counted.

/// How many days each month has in a year without a leap day.
const MONTHS: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// Today.
pub(super) fn today() -> i64 {
    let since_1970 = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since_1970.as_secs() / 86_400).unwrap_or(i64::MAX)
}

/// A day as it is written, `2027-05-31`, if it is one.
pub(super) fn parse(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let mut number = |n_digits: usize| -> Option<i64> {
        let part = parts.next()?;
        let is_number = part.len() == n_digits && part.bytes().all(|c| c.is_ascii_digit());
        if is_number { part.parse().ok() } else { None }
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let n_days = MONTHS.get(usize::try_from(month - 1).ok()?)? + i64::from(month == 2 && is_leap);
    if parts.next().is_some() || !(1..=n_days).contains(&day) || year < 1970 {
        return None;
    }
    // Counted from March, the leap day is the last of its year.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let before_year = 365 * year + year / 4 - year / 100 + year / 400;
    Some(before_year + (153 * month + 2) / 5 + day - 1 - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_over_months_and_leap_days() {
        let of = |text| parse(text).unwrap();

        assert_eq!(of("1970-01-01"), 0);
        assert_eq!(of("2026-11-27") - of("2026-08-20"), 99);
        assert_eq!(of("2028-03-01") - of("2028-02-28"), 2);
        assert_eq!(of("2027-03-01") - of("2027-02-28"), 1);
        assert_eq!(of("2027-01-01") - of("2026-12-31"), 1);
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in [
            "soon",
            "2026-13-01",
            "2026-00-10",
            "2027-02-29",
            "2026-11",
            "2026-11-27-1",
            "26-11-27",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
