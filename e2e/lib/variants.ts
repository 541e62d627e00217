// Journeys that only the release build can show something with; `cargo xtask e2e --debug` leaves them out.

/** On the release build alone. */
export const ON_RELEASE = '@release-only';
