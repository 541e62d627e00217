//! How long a device may be without its person: what the server counts, and the page does not wait for.

/// How long the person at a device may do nothing, in milliseconds.
///
/// Source: assurance AUTH-11.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdleLimits {
    /// Until it locks.
    pub until_locked: i64,
    /// Until its session is over.
    pub until_over: i64,
    /// Until its session is over since signing in, whatever was done.
    pub at_most: Option<i64>,
}

impl IdleLimits {
    /// Of a device that one person uses.
    pub const PERSONAL: Self = Self {
        until_locked: HOUR_MS,
        until_over: 24 * HOUR_MS,
        at_most: None,
    };
    /// Of a device that others use too.
    pub const SHARED: Self = Self {
        until_locked: 2 * MINUTE_MS,
        until_over: 15 * MINUTE_MS,
        at_most: Some(12 * HOUR_MS),
    };

    /// Of a device, by whether others use it.
    pub const fn of(is_shared: bool) -> Self {
        if is_shared { Self::SHARED } else { Self::PERSONAL }
    }
}

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
