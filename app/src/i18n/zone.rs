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
const DEFAULT_ZONE: &str = "America/Toronto";

/// A time zone, with what tells a browser cheaply whether it is the device's own: asking it for its zone's name takes a
/// tenth of the time in which a page comes to life.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Zone {
    /// Its IANA name.
    pub name: String,
    /// A year, and in one number how many minutes the wall is ahead of UTC at the start of each of its months. Zones that
    /// agree in all of them count as one; where two of them change their clocks in the same month, a page drawn for the one
    /// may differ in the other for some days.
    pub rules: (i16, i32),
}

impl Default for Zone {
    /// Where most of our people live, by its name alone: for a page that nobody sees.
    fn default() -> Self {
        Self {
            name: DEFAULT_ZONE.to_owned(),
            rules: (1970, 0),
        }
    }
}

/// A year's rules, where the wall is `ahead` of UTC by so many minutes at a moment: an hour more in one month and an hour
/// less in another do not cancel each other.
fn rules(year: i16, ahead: impl Fn(Timestamp) -> i32) -> (i16, i32) {
    let start = |month| Timestamp(i64::from(day_number(year, month, 1)) * Timestamp::DAY_MS);
    let sum = (1..=12).fold(0_i32, |sum, month| {
        sum.wrapping_mul(31).wrapping_add(ahead(start(month)))
    });
    (year, sum)
}

#[cfg(feature = "ssr")]
impl Zone {
    /// The zone that a page is drawn for when the browser names this one: the default for none and for one that is unknown.
    /// `now` says whose year's rules count.
    pub fn known(name: &str, now: Timestamp) -> Self {
        let is_known = jiff::tz::TimeZone::get(name).is_ok();
        let name = if is_known { name } else { DEFAULT_ZONE };
        let year = wall(now, name).year;
        let ahead = |at: Timestamp| {
            let wall = wall(at, name);
            let minutes =
                (i64::from(wall.day_number) * 24 + i64::from(wall.hour)) * 60 + i64::from(wall.minute);
            i32::try_from(minutes - at.0 / 60_000).unwrap_or_default()
        };
        Self {
            name: name.to_owned(),
            rules: rules(year, ahead),
        }
    }
}

/// The date and time on the wall of `zone`.
#[cfg(feature = "ssr")]
pub fn civil(at: Timestamp, zone: &Zone) -> Civil {
    wall(at, &zone.name)
}

/// The date and time in a zone by its name; one that is unknown is UTC.
#[cfg(feature = "ssr")]
fn wall(at: Timestamp, zone: &str) -> Civil {
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

#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
impl Zone {
    /// The device's own; none when the browser does not tell.
    pub fn of_device(now: Timestamp) -> Option<Self> {
        let options = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new())
            .resolved_options();
        let name = js_sys::Reflect::get(&options, &"timeZone".into())
            .ok()?
            .as_string()?;
        let year = local(&date(now)).year;
        Some(Self {
            name,
            rules: device_rules(year),
        })
    }

    fn is_of_device(&self) -> bool {
        device_rules(self.rules.0) == self.rules
    }
}

#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
#[expect(clippy::cast_possible_truncation, reason = "less than a day")]
fn device_rules(year: i16) -> (i16, i32) {
    rules(year, |at| -date(at).get_timezone_offset() as i32)
}

#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of our time are below 2^53"
)]
fn date(at: Timestamp) -> js_sys::Date {
    js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at.0 as f64))
}

/// The date and time on the wall of `zone`. The device's own is the quick way.
#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
pub fn civil(at: Timestamp, zone: &Zone) -> Civil {
    use std::cell::RefCell;
    thread_local! {
        /// The zone of the last call, and what writes its dates; nothing for the device's own.
        static WRITER: RefCell<Option<(Zone, Option<js_sys::Function>)>> = const { RefCell::new(None) };
    }
    let date = date(at);
    let foreign = WRITER.with_borrow_mut(|known| {
        if known.as_ref().is_none_or(|(last, _)| last != zone) {
            *known = Some((
                zone.clone(),
                if zone.is_of_device() {
                    None
                } else {
                    date_writer(&zone.name)
                },
            ));
        }
        known.as_ref().and_then(|(_, writer)| writer.clone())
    });
    let foreign = foreign
        .and_then(|writer| writer.call1(&wasm_bindgen::JsValue::UNDEFINED, &date).ok())
        .and_then(|text| parse_written(&text.as_string()?));
    foreign.unwrap_or_else(|| local(&date))
}

/// Writes a Date as "2026-11-22 14:05" on the wall of `zone`: the Swedish form is ISO's. None for a zone that the browser
/// does not know.
#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
fn date_writer(zone: &str) -> Option<js_sys::Function> {
    use js_sys::{Array, Function, Object, Reflect};
    use wasm_bindgen::JsCast;
    let options = Object::new();
    for (name, value) in [("timeZone", zone), ("dateStyle", "short"), ("timeStyle", "short")] {
        Reflect::set(&options, &name.into(), &value.into()).ok()?;
    }
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let maker: Function = Reflect::get(&intl, &"DateTimeFormat".into())
        .ok()?
        .dyn_into()
        .ok()?;
    let format = Reflect::construct(&maker, &Array::of2(&"sv-SE".into(), &options)).ok()?;
    Some(format.unchecked_into::<js_sys::Intl::DateTimeFormat>().format())
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
pub fn civil(at: Timestamp, _zone: &Zone) -> Civil {
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
pub fn day_number(year: i16, month: u8, day: u8) -> i32 {
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
        let now = Timestamp(1_795_374_300_000);
        let toronto = Zone::known("America/Toronto", now);
        let winter = civil(now, &toronto);
        assert_eq!(
            (winter.year, winter.month, winter.day, winter.hour, winter.minute),
            (2026, 11, 22, 14, 5)
        );
        assert_eq!(winter.weekday, 6);
        assert_eq!(Zone::known("Mars/Olympus", now), toronto);
        assert_eq!(Zone::known("", now), toronto);
        // What a browser writes of the same moment is read as the same.
        assert_eq!(parse_written("2026-11-22 14:05"), Some(winter));
        assert_eq!(parse_written("22/11/2026"), None);
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn zones_are_told_apart_by_the_starts_of_their_months() {
        let rules = |name| Zone::known(name, Timestamp(1_795_374_300_000)).rules;

        assert_eq!(rules("America/Toronto"), rules("America/New_York"));
        // Both are two hours ahead in January, three in July; the summer begins in March there, in April here.
        assert_ne!(rules("Europe/Athens"), rules("Africa/Cairo"));
        assert_ne!(rules("Asia/Kolkata"), rules("America/Toronto"));
        assert_ne!(rules("America/Regina"), rules("America/Chicago"));
    }
}
