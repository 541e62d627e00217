//! Brings a database to the form this version needs. Migrations only add and are never edited once released.

use rusqlite::Connection;

use crate::error::{Error, Result};

/// Every migration, in order: its name and its text.
pub const MIGRATIONS: &[(&str, &str)] = &[
    (
        "0001_accounts",
        include_str!("../../migrations/0001_accounts.sql"),
    ),
    (
        "0002_friendships",
        include_str!("../../migrations/0002_friendships.sql"),
    ),
    (
        "0003_conversations",
        include_str!("../../migrations/0003_conversations.sql"),
    ),
    ("0004_events", include_str!("../../migrations/0004_events.sql")),
    (
        "0005_small_photos",
        include_str!("../../migrations/0005_small_photos.sql"),
    ),
    (
        "0006_card_photos",
        include_str!("../../migrations/0006_card_photos.sql"),
    ),
    (
        "0007_photos_as_webp",
        include_str!("../../migrations/0007_photos_as_webp.sql"),
    ),
];

/// Runs what is missing, each in its own transaction; answers how many ran.
pub(super) fn migrate(connection: &mut Connection) -> Result<usize> {
    let doing = "migrating the database";
    connection
        .execute_batch("create table if not exists migrations (name text primary key)")
        .map_err(|error| Error::failed(doing, error))?;
    let mut n_run = 0;
    for (name, sql) in MIGRATIONS {
        let failed = |error| Error::failed(format!("running migration `{name}`"), error);
        // Immediate: a command line and a server may start at the same moment.
        let tx = connection
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
            .map_err(failed)?;
        let is_done = tx
            .query_row("select count(*) from migrations where name = $1", [name], |row| {
                row.get::<_, i64>(0)
            })
            .map_err(failed)?
            > 0;
        if !is_done {
            tx.execute_batch(sql).map_err(failed)?;
            tx.execute("insert into migrations (name) values ($1)", [name])
                .map_err(failed)?;
            tx.commit().map_err(failed)?;
            n_run += 1;
        }
    }
    Ok(n_run)
}
