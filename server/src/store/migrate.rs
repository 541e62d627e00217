//! Brings a database to the form this version needs. Migrations only add and are never edited once released.

use super::Tx;
use super::engine::Session;
use crate::error::{Error, Result};
use crate::values;

/// A step from one form of the database to the next.
pub struct Migration {
    /// Its number and name, as remembered in the database.
    pub name: &'static str,
    /// What SQLite runs.
    pub sqlite: &'static str,
    /// What PostgreSQL runs.
    pub postgres: &'static str,
}

/// A migration whose text both engines run.
macro_rules! one_text {
    ($name:literal) => {
        Migration {
            name: $name,
            sqlite: include_str!(concat!("../../migrations/", $name, ".sql")),
            postgres: include_str!(concat!("../../migrations/", $name, ".sql")),
        }
    };
}

/// A migration that the engines say differently, in a file each.
macro_rules! twins {
    ($name:literal) => {
        Migration {
            name: $name,
            sqlite: include_str!(concat!("../../migrations/", $name, ".sqlite.sql")),
            postgres: include_str!(concat!("../../migrations/", $name, ".postgres.sql")),
        }
    };
}

/// Every migration, in order.
pub const MIGRATIONS: &[Migration] = &[
    one_text!("0001_accounts"),
    one_text!("0002_friendships"),
    one_text!("0003_conversations"),
    one_text!("0004_events"),
    one_text!("0005_small_photos"),
    one_text!("0006_card_photos"),
    one_text!("0007_photos_as_webp"),
    one_text!("0008_receipts"),
    one_text!("0009_vaults"),
    twins!("0010_order_of_letters"),
    twins!("0011_clustered"),
    one_text!("0012_keyring"),
    one_text!("0013_audit"),
    one_text!("0015_factors"),
    one_text!("0016_passkeys"),
    one_text!("0017_idle"),
    one_text!("0018_asking_and_reporting"),
    one_text!("0019_provider"),
    one_text!("0020_attachments"),
    one_text!("0021_message_acts"),
    one_text!("0023_word_segments"),
    one_text!("0024_report_versions"),
];

/// Runs what is missing, each in its own transaction; answers how many ran.
///
/// A command line and a server may start at the same moment: each step is looked for and done as the only writer.
pub(super) fn migrate(session: &mut dyn Session, text: fn(&Migration) -> &'static str) -> Result<usize> {
    session.begin_write()?;
    session.batch("create table if not exists migrations (name text primary key)")?;
    session.commit(&[])?;
    let mut n_run = 0;
    for migration in MIGRATIONS {
        session.begin_write()?;
        match run(session, migration, text(migration)) {
            Ok(false) => session.rollback(),
            Ok(true) => {
                session.commit(&[])?;
                n_run += 1;
            }
            Err(error) => {
                session.rollback();
                let doing = format!("running migration `{}`", migration.name);
                return Err(Error::failed(doing, error));
            }
        }
    }
    Ok(n_run)
}

/// Runs one step unless it was done; answers whether it ran.
fn run(session: &mut dyn Session, migration: &Migration, text: &str) -> Result<bool> {
    let is_done = Tx::new(session, None).find(
        "select count(*) from migrations where name = $1",
        values![migration.name],
        |row| row.get::<u64>(0),
    )?;
    if is_done.is_some_and(|n_rows| n_rows > 0) {
        return Ok(false);
    }
    session.batch(text)?;
    Tx::new(session, None).execute(
        "insert into migrations (name) values ($1)",
        values![migration.name],
    )?;
    Ok(true)
}
