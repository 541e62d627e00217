//! From a moment to a date and time on somebody's wall.
//!
//! The server knows the time zones (the page's cookie says which one); the browser knows its own. Both must say the
//! same, or a page would show one time and then another: when they differ, the page stores the browser's zone and loads
//! again before it shows anything.

use crate::api::Timestamp;

/// A date and time on the wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Civil {
    /// 2026.
    pub year: i16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 is Monday, 6 is Sunday.
    pub weekday: u8,
    /// Days since 1970-01-01, to count days between two dates.
    pub day_number: i32,
}

/// Where most of our people live; used until a browser has told its own.
pub const DEFAULT_ZONE: &str = "America/Toronto";

/// The date and time on the wall of `zone` (an IANA name, empty for the default).
#[cfg(feature = "ssr")]
pub fn civil(at: Timestamp, zone: &str) -> Civil {
    use jiff::tz::TimeZone;
    let name = if zone.is_empty() { DEFAULT_ZONE } else { zone };
    let zone = TimeZone::get(name)
        .or_else(|_| TimeZone::get(DEFAULT_ZONE))
        .unwrap_or(TimeZone::UTC);
    let moment = jiff::Timestamp::from_millisecond(at.0)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_zoned_datetime(zone);
    let whole = |value: i8| u8::try_from(value).unwrap_or(0);
    Civil {
        year: moment.year(),
        month: whole(moment.month()),
        day: whole(moment.day()),
        hour: whole(moment.hour()),
        minute: whole(moment.minute()),
        weekday: whole(moment.weekday().to_monday_zero_offset()),
        day_number: day_number(moment.year(), whole(moment.month()), whole(moment.day())),
    }
}

/// The date and time on this device's wall; the page was drawn for the same zone.
#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a Date's parts are small integers"
)]
pub fn civil(at: Timestamp, _zone: &str) -> Civil {
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at.0 as f64));
    let (year, month, day) = (
        date.get_full_year() as i16,
        date.get_month() as u8 + 1,
        date.get_date() as u8,
    );
    Civil {
        year,
        month,
        day,
        hour: date.get_hours() as u8,
        minute: date.get_minutes() as u8,
        weekday: ((date.get_day() + 6) % 7) as u8,
        day_number: day_number(year, month, day),
    }
}

/// Without server or browser nothing is drawn; UTC serves the crate's own tests.
#[cfg(not(any(feature = "ssr", feature = "hydrate")))]
pub fn civil(at: Timestamp, _zone: &str) -> Civil {
    let days = i32::try_from(at.0.div_euclid(Timestamp::DAY_MS)).unwrap_or(0);
    Civil {
        year: 1970,
        month: 1,
        day: 1,
        hour: 0,
        minute: 0,
        weekday: 3,
        day_number: days,
    }
}

/// Days since 1970-01-01 of a date in the Gregorian calendar.
///
/// Source: Howard Hinnant, "chrono-compatible low-level date algorithms", `days_from_civil`.
pub(super) fn day_number(year: i16, month: u8, day: u8) -> i32 {
    let (year, month, day) = (i32::from(year), i32::from(month), i32::from(day));
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_across_leap_years() {
        assert_eq!(day_number(1970, 1, 1), 0);
        assert_eq!(day_number(2000, 3, 1), 11_017);
        assert_eq!(day_number(2026, 11, 23), 20_780);
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn the_wall_follows_the_zone_and_its_summer_time() {
        let winter = civil(Timestamp(1_795_374_300_000), "America/Toronto");
        assert_eq!(
            (winter.year, winter.month, winter.day, winter.hour, winter.minute),
            (2026, 11, 22, 14, 5)
        );
        assert_eq!(winter.weekday, 6);
        let unknown = civil(Timestamp(1_795_374_300_000), "Mars/Olympus");
        assert_eq!(unknown, winter);
    }
}
