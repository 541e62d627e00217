//! Other processes that write to the same file: found by looking, where the engine brings no news of them.

use std::time::{Duration, Instant};

use super::OnGap;
use super::engine::Session;

/// How often the writer looks whether another process has written. A command that suspends somebody ends their streams
/// within a second.
///
/// Source: assurance AUTH-10.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Looks every now and then whether another process has written, and says so.
pub(super) struct Watch<'w> {
    on_others: Option<&'w OnGap>,
    looked_at: Instant,
}

impl<'w> Watch<'w> {
    pub(super) fn new(on_others: Option<&'w OnGap>) -> Self {
        Self {
            on_others,
            looked_at: now(),
        }
    }

    /// How long the writer may wait for work before it has to look.
    pub(super) fn patience(&self) -> Duration {
        match self.on_others {
            Some(_) => LOOK_EVERY.saturating_sub(self.looked_at.elapsed()),
            None => Duration::from_hours(1),
        }
    }

    pub(super) fn is_due(&self) -> bool {
        self.on_others.is_some() && self.looked_at.elapsed() >= LOOK_EVERY
    }

    pub(super) fn look(&mut self, session: &mut dyn Session) {
        self.looked_at = now();
        if let Some(on_others) = self.on_others
            && session.others_have_written()
        {
            on_others();
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a thread waits decides nothing that a rule sees"
)]
fn now() -> Instant {
    Instant::now()
}
