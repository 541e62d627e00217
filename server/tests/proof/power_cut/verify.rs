//! Opens what a power cut has left, and holds it against what was acknowledged.

use std::collections::{BTreeMap, HashMap};
use std::os::unix::fs::FileExt;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use uuid::Uuid;

use crate::tally::Tally;

/// Puts the files into the folder, opens the database as a server would, and counts what is wrong. `is_moved` says to
/// move the log into the database afterwards, and to look once more.
pub(crate) fn verify(
    files: &BTreeMap<String, Vec<u8>>,
    folder: &Path,
    acknowledged: &HashMap<Uuid, String>,
    is_moved: bool,
) -> Tally {
    lay_out(files, folder);
    let mut tally = Tally {
        trials: 1,
        acknowledged: acknowledged.len() as u64,
        ..Tally::default()
    };
    let path = folder.join("pli.db");
    match read(&path) {
        Ok(stored) => {
            compare(&stored, acknowledged, &mut tally);
            let again = is_moved.then(|| move_log(&path).and_then(|()| read(&path)));
            tally.broken += u64::from(again.is_some_and(|again| again.as_ref() != Ok(&stored)));
        }
        Err(_) => tally.broken += 1,
    }
    tally
}

/// A piece of a file that is written only where it differs.
const PIECE: usize = 4_096;

/// Makes the folder hold exactly these files. Most states differ from the one before in a few sectors, so only what
/// differs is written.
fn lay_out(files: &BTreeMap<String, Vec<u8>>, folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if !entry
            .file_name()
            .to_str()
            .is_some_and(|name| files.contains_key(name))
        {
            std::fs::remove_file(entry.path()).unwrap();
        }
    }
    for (name, wanted) in files {
        let path = folder.join(name);
        let Ok(found) = std::fs::read(&path) else {
            std::fs::write(&path, wanted).unwrap();
            continue;
        };
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        if found.len() != wanted.len() {
            file.set_len(wanted.len() as u64).unwrap();
        }
        for (number, piece) in wanted.chunks(PIECE).enumerate() {
            let begin = number * PIECE;
            if found.get(begin..begin + piece.len()) != Some(piece) {
                file.write_all_at(piece, begin as u64).unwrap();
            }
        }
    }
}

/// What the next start's first checkpoint does.
fn move_log(path: &Path) -> rusqlite::Result<()> {
    open(path)?.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))
}

/// Opens the database. Closing it leaves the files as they are, so that the next state is laid over this one.
fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(connection)
}

/// What stands in the database.
#[derive(PartialEq)]
struct Stored {
    /// Conversation, position, key, text.
    messages: Vec<(Vec<u8>, i64, Uuid, String)>,
    /// Account, place in its log.
    events: Vec<(Vec<u8>, i64)>,
    /// Events of messages, and conversations' own counts.
    n_message_events: i64,
    n_counted: i64,
}

fn read(path: &Path) -> rusqlite::Result<Stored> {
    let connection = open(path)?;
    // A power cut in the first moments leaves no database yet, or one without tables.
    let n_tables: i64 = connection.query_row(
        "select count(*) from sqlite_master where name in ('messages', 'events')",
        [],
        |row| row.get(0),
    )?;
    let verdict: String = connection.query_row("pragma integrity_check", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(rusqlite::Error::InvalidQuery);
    }
    if n_tables < 2 {
        return Ok(Stored {
            messages: Vec::new(),
            events: Vec::new(),
            n_message_events: 0,
            n_counted: 0,
        });
    }
    let mut statement = connection.prepare(
        "select conversation_id, position, key, body_bytes from messages order by conversation_id, position",
    )?;
    let messages = statement.query_map([], |row| {
        let key: Vec<u8> = row.get(2)?;
        let text: Vec<u8> = row.get(3)?;
        Ok((
            row.get(0)?,
            row.get(1)?,
            Uuid::from_slice(&key).unwrap_or_default(),
            String::from_utf8_lossy(&text).into_owned(),
        ))
    })?;
    let mut logs = connection.prepare("select account_id, cursor from events order by account_id, cursor")?;
    let events = logs.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    Ok(Stored {
        messages: messages.collect::<rusqlite::Result<_>>()?,
        events: events.collect::<rusqlite::Result<_>>()?,
        n_message_events: count("select count(*) from events where kind = 'message_sent'")?,
        n_counted: count("select coalesce(sum(last_position), 0) from conversations")?,
    })
}

fn compare(stored: &Stored, acknowledged: &HashMap<Uuid, String>, tally: &mut Tally) {
    let mut by_key: HashMap<Uuid, Vec<&str>> = HashMap::new();
    for (_, _, key, text) in &stored.messages {
        by_key.entry(*key).or_default().push(text);
    }
    for (key, text) in acknowledged {
        // Lines are compared as they were said: without the white space at the end.
        let is_there = by_key
            .get(key)
            .is_some_and(|found| found.iter().any(|found| found.trim_end() == text.trim_end()));
        tally.lost += u64::from(!is_there);
    }
    tally.doubled += by_key.values().filter(|found| found.len() > 1).count() as u64;
    tally.out_of_order += holes(
        stored
            .messages
            .iter()
            .map(|(conversation, position, ..)| (conversation, *position)),
    );
    tally.out_of_order += holes(stored.events.iter().map(|(account, cursor)| (account, *cursor)));
    // Each message stands in both logs, and its conversation has counted it: a transaction is whole or absent.
    let n_messages = i64::try_from(stored.messages.len()).unwrap();
    tally.broken += u64::from(stored.n_message_events != 2 * n_messages || stored.n_counted != n_messages);
}

/// How many numbers of each owner are not one more than the one before; the first is 1.
fn holes<'a>(numbers: impl Iterator<Item = (&'a Vec<u8>, i64)>) -> u64 {
    let mut last: Option<(&Vec<u8>, i64)> = None;
    let mut n_holes = 0;
    for (owner, number) in numbers {
        let expected = last
            .filter(|(known, _)| *known == owner)
            .map_or(1, |(_, number)| number + 1);
        n_holes += u64::from(number != expected);
        last = Some((owner, number));
    }
    n_holes
}
