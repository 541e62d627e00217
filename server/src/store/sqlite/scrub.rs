//! Makes bytes that were destroyed leave the files.
//!
//! `secure_delete` writes zeros over what a statement deletes or moves, in the pages of the database; the log still holds
//! these pages as they were before. Moved into the database and cut to nothing, it holds them no longer.

use rusqlite::Connection;

use super::session::distrust;
use crate::error::{Error, Result};
use crate::store::engine::Health;

/// Moves the log into the database and cuts it to nothing; waits as long as the connection waits for others.
pub(super) fn truncate_log(connection: &Connection, health: &Health) -> Result<()> {
    let doing = "overwriting what was destroyed";
    let _alone = health.hold_log();
    let is_held = connection
        .query_row("pragma wal_checkpoint(truncate)", [], |row| row.get::<_, bool>(0))
        .map_err(|error| {
            distrust(health, &error);
            Error::failed(doing, error)
        })?;
    if is_held {
        return Err(Error::failed(
            doing,
            "somebody keeps reading the database: it is destroyed, and its traces leave the files once this is run again",
        ));
    }
    Ok(())
}
