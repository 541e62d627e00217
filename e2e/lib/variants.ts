// Journeys that only one of the two builds can show something new with; `cargo xtask test` leaves them out on the other.

/** On the debug build alone. */
export const ON_DEBUG = '@debug-only';

/** On the release build alone. */
export const ON_RELEASE = '@release-only';
