//! Idleness: a device that nobody touches locks itself, then ends its session. The server counts, by its own clock.
//!
//! What counts is what a person does: signing in, opening a page, and what a live page tells of keys and fingers
//! ([`note_activity`]). Streams, acknowledgements and whatever else a page does by itself leave a device as idle as it is.
//! A locked session answers like one that has ended, but whoever signs in again in that browser goes on with it; a session
//! that has run out leaves its vault sealed, as decision 9 wants it.
//!
//! Source: assurance AUTH-11; OWASP ASVS 5.0, 7.3.1 and 7.3.2.

use app::accounts::{IdleLimits, LockDevice, NoteActivity, SaveDevice};
use app::api::{DeviceId, Done, Timestamp};

use super::confirm::require_recent;
use super::sql;
use crate::context::{Caller, Context};
use crate::error::Result;
use crate::store::Tx;

/// A clock that was set back further than this makes nobody active.
const BACK_MS: i64 = 60_000;
/// That a person is there is written down at most this often.
const NOTED_EVERY_MS: i64 = 20_000;

/// How a device was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Use {
    pub(super) is_program: bool,
    pub(super) is_shared: bool,
    pub(super) signed_in_at: Timestamp,
    pub(super) active_at: Timestamp,
}

/// What follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Open,
    Locked,
    Over,
}

impl Use {
    /// How the device stands. Programs are never idle: nobody sits before them.
    pub(super) fn standing(self, now: Timestamp) -> Standing {
        if self.is_program {
            return Standing::Open;
        }
        let limits = IdleLimits::of(self.is_shared);
        let idle_ms = now.ms_since(self.active_at);
        let is_too_old = limits
            .at_most
            .is_some_and(|most| now.ms_since(self.signed_in_at) >= most);
        if idle_ms >= limits.until_over || is_too_old {
            Standing::Over
        } else if idle_ms >= limits.until_locked || idle_ms < -BACK_MS {
            Standing::Locked
        } else {
            Standing::Open
        }
    }

    /// Whether it is to be written down that a person is there.
    pub(super) fn is_due(self, now: Timestamp) -> bool {
        self.standing(now) == Standing::Open && now.ms_since(self.active_at) >= NOTED_EVERY_MS
    }
}

/// How a device stands in the state that the transaction sees; `None` when it is signed out.
///
/// # Errors
/// Only failures.
pub(super) fn find_standing(tx: &mut Tx<'_>, device: DeviceId, now: Timestamp) -> Result<Option<Standing>> {
    Ok(sql::devices::find_use(tx, device)?.map(|used| used.standing(now)))
}

/// Notes that a person is at the caller's device.
///
/// # Errors
/// `Failed` when the store does not answer.
pub async fn note_activity(context: Context, caller: Caller, _wish: NoteActivity) -> Result<Done> {
    note_active(&context, &caller).await?;
    Ok(Done {})
}

/// The same, for a door: a page was opened or a form posted.
///
/// # Errors
/// `Failed` when the store does not answer.
pub async fn note_active(context: &Context, caller: &Caller) -> Result<()> {
    if !caller.session.door().is_activity_due {
        return Ok(());
    }
    let (device, now) = (caller.device, context.now());
    context
        .db
        .write(move |tx| {
            // Meanwhile it may have been locked, which nothing but its person undoes.
            let is_due = sql::devices::find_use(tx, device)?.is_some_and(|used| used.is_due(now));
            if is_due {
                sql::devices::update_active_at(tx, device, now)?;
            }
            Ok(())
        })
        .await
}

/// Locks the caller's device now: its person has left, or the page has seen nobody for long enough.
///
/// # Errors
/// `Failed` when the store does not answer.
pub async fn lock_device(context: Context, caller: Caller, _wish: LockDevice) -> Result<Done> {
    let (account, device, now) = (caller.account, caller.device, context.now());
    context
        .db
        .write(move |tx| {
            let Some(known) = sql::devices::find_use(tx, device)? else {
                return Ok(());
            };
            let since = now.plus_ms(-IdleLimits::of(known.is_shared).until_locked);
            if known.active_at > since {
                sql::devices::update_active_at(tx, device, since)?;
            }
            // Its stream finds out.
            tx.ring(account);
            Ok(())
        })
        .await?;
    Ok(Done {})
}

/// Says whether others use the caller's browser too: it locks sooner then, for whoever signs in there.
///
/// # Errors
/// `ConfirmIdentity` when it is no longer to be shared and who is there was not proven lately.
pub async fn save_device(context: Context, caller: Caller, wish: SaveDevice) -> Result<Done> {
    let (device, now) = (caller.device, context.now());
    context
        .db
        .write(move |tx| {
            if !wish.is_shared {
                require_recent(tx, &caller, now)?;
            }
            sql::browsers::update_shared(tx, device, wish.is_shared, now)
        })
        .await?;
    Ok(Done {})
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE_MS: i64 = 60_000;
    const HOUR_MS: i64 = 60 * MINUTE_MS;
    const NOON: Timestamp = Timestamp(1_800_000_000_000);

    fn used(is_shared: bool, idle_ms: i64, age_ms: i64) -> Standing {
        let used = Use {
            is_program: false,
            is_shared,
            signed_in_at: NOON.plus_ms(-age_ms),
            active_at: NOON.plus_ms(-idle_ms),
        };
        used.standing(NOON)
    }

    /// AUTH-11.
    #[test]
    fn auth_11_a_shared_tablet_locks_at_two_minutes_and_ends_at_fifteen() {
        assert_eq!(used(true, 2 * MINUTE_MS - 1, 0), Standing::Open);
        assert_eq!(used(true, 2 * MINUTE_MS, 0), Standing::Locked);
        assert_eq!(used(true, 15 * MINUTE_MS - 1, 0), Standing::Locked);
        assert_eq!(used(true, 15 * MINUTE_MS, 0), Standing::Over);
        assert_eq!(used(true, 0, 12 * HOUR_MS - 1), Standing::Open);
        assert_eq!(used(true, 0, 12 * HOUR_MS), Standing::Over, "whatever was done");
    }

    /// AUTH-11.
    #[test]
    fn auth_11_a_personal_device_locks_after_an_hour_and_ends_after_a_day() {
        assert_eq!(used(false, HOUR_MS - 1, 0), Standing::Open);
        assert_eq!(used(false, HOUR_MS, 0), Standing::Locked);
        assert_eq!(used(false, 24 * HOUR_MS - 1, 0), Standing::Locked);
        assert_eq!(used(false, 24 * HOUR_MS, 0), Standing::Over);
        assert_eq!(used(false, 0, 400 * 24 * HOUR_MS), Standing::Open);
    }

    /// AUTH-11, REL-11: a clock that goes back makes no session immortal.
    #[test]
    fn auth_11_a_clock_that_was_set_back_locks() {
        assert_eq!(used(false, -BACK_MS, 0), Standing::Open);
        assert_eq!(used(false, -BACK_MS - 1, 0), Standing::Locked);
    }
}
