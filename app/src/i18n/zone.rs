//! From a moment to a date and time on somebody's wall.
//!
//! The server draws a page for the zone that the browser's cookie names; the browser takes the page over with that same
//! zone, or the two would draw different rows. Once alive it goes on with the device's zone, and names it in the cookie.

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

/// The zone that pages are drawn for when a browser names this one: the default for none and for one that is unknown.
#[cfg(feature = "ssr")]
pub fn known_zone(name: &str) -> &str {
    match jiff::tz::TimeZone::get(name) {
        Ok(_) => name,
        Err(_) => DEFAULT_ZONE,
    }
}

/// The date and time on the wall of `zone`, an IANA name; one that is unknown is UTC.
#[cfg(feature = "ssr")]
pub fn civil(at: Timestamp, zone: &str) -> Civil {
    use jiff::tz::TimeZone;
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
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

/// The time zone of this device, an IANA name; empty when the browser does not tell.
#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
pub fn device_zone() -> String {
    let options =
        js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new()).resolved_options();
    js_sys::Reflect::get(&options, &"timeZone".into())
        .ok()
        .and_then(|zone| zone.as_string())
        .unwrap_or_default()
}

/// The date and time on the wall of `zone`, an IANA name. The device's own zone is the quick way.
#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
pub fn civil(at: Timestamp, zone: &str) -> Civil {
    use std::cell::RefCell;
    thread_local! {
        /// The zone of the last call, and what writes its dates; nothing for the device's own.
        static WRITER: RefCell<Option<(String, Option<js_sys::Function>)>> = const { RefCell::new(None) };
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds of our time are below 2^53"
    )]
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at.0 as f64));
    let foreign = WRITER.with_borrow_mut(|known| {
        if known.as_ref().is_none_or(|(name, _)| name != zone) {
            *known = Some((
                zone.to_owned(),
                (zone != device_zone()).then(|| date_writer(zone)),
            ));
        }
        known.as_ref().and_then(|(_, writer)| writer.clone())
    });
    let foreign = foreign
        .and_then(|writer| writer.call1(&wasm_bindgen::JsValue::UNDEFINED, &date).ok())
        .and_then(|text| parse_written(&text.as_string()?));
    foreign.unwrap_or_else(|| local(&date))
}

/// Writes a Date as "2026-11-22 14:05" on the wall of `zone`: the Swedish form is ISO's.
#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
fn date_writer(zone: &str) -> js_sys::Function {
    let options = js_sys::Object::new();
    for (name, value) in [("timeZone", zone), ("dateStyle", "short"), ("timeStyle", "short")] {
        let _ = js_sys::Reflect::set(&options, &name.into(), &value.into());
    }
    js_sys::Intl::DateTimeFormat::new(&js_sys::Array::of1(&"sv-SE".into()), &options).format()
}

/// The date and time on this device's wall.
#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
#[expect(
    clippy::cast_possible_truncation,
    reason = "a Date's parts are small integers"
)]
fn local(date: &js_sys::Date) -> Civil {
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

/// Reads "2026-11-22 14:05".
#[cfg(any(test, all(feature = "hydrate", not(feature = "ssr"))))]
fn parse_written(text: &str) -> Option<Civil> {
    let mut numbers = text.split(['-', ' ', ':']).map(str::parse::<u8>);
    let year = text.get(..4)?.parse().ok()?;
    let _ = numbers.next();
    let mut next = || numbers.next()?.ok();
    let (month, day, hour, minute) = (next()?, next()?, next()?, next()?);
    let day_number = day_number(year, month, day);
    Some(Civil {
        year,
        month,
        day,
        hour,
        minute,
        // 1970-01-01 was a Thursday.
        weekday: u8::try_from((day_number + 3).rem_euclid(7)).ok()?,
        day_number,
    })
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
        assert_eq!(known_zone("Mars/Olympus"), DEFAULT_ZONE);
        assert_eq!(known_zone(""), DEFAULT_ZONE);
        assert_eq!(known_zone("Europe/Paris"), "Europe/Paris");
        // What a browser writes of the same moment is read as the same.
        assert_eq!(parse_written("2026-11-22 14:05"), Some(winter));
        assert_eq!(parse_written("22/11/2026"), None);
    }
}
