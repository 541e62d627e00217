//! What rests on this machine: the folder, its room, the keys, the database, the clock.

use std::path::Path;

use super::Finding;
use crate::audit;
use crate::clock::Clock;
use crate::config::{Config, Database, KeyPlace};
use crate::error::Error;
use crate::serve;
use crate::store::Look;

/// Below this there is no room for a day's work, in bytes.
const LITTLE_ROOM: u64 = 1024 * 1024 * 1024;
/// Below this writing may fail at any moment, in bytes.
const NO_ROOM: u64 = 64 * 1024 * 1024;
/// A clock that is behind what was written by more than this is wrong, in milliseconds.
const CLOCK_BEHIND_MS: i64 = 5 * 60_000;

pub(super) fn examine(config: &Config, folder: &Path, clock: &dyn Clock) -> Vec<Finding> {
    let mut findings = vec![find_folder(folder)];
    findings.extend(find_room(folder));
    let is_new = matches!(&config.database, Database::Sqlite(path) if !path.exists());
    if is_new {
        findings.push(Finding::good(
            "database",
            format!(
                "`{}` is not there yet: the first start makes it, and its keys",
                config.database
            ),
        ));
        return findings;
    }
    match open(&config.database) {
        Ok(mut look) => {
            findings.push(find_form(config, &mut look));
            findings.extend(find_damage(&mut look));
            findings.push(find_keys(config, &mut look));
            findings.extend(find_clock(&mut look, clock));
        }
        Err(error) => findings.push(Finding::bad(
            "database",
            format!("`{}` cannot be opened: {}", config.database, error.chain()),
            "See whether it is where it should be, whether this user may read and write it, and whether its server runs",
        )),
    }
    findings.push(find_pepper(&config.pepper));
    findings
}

fn open(database: &Database) -> Result<Look, Error> {
    match database {
        Database::Sqlite(path) => Look::at_sqlite(path),
        Database::Postgres(url) => Look::at_postgres(url),
    }
}

fn find_folder(folder: &Path) -> Finding {
    const ABOUT: &str = "data folder";
    let shown = folder.display();
    if !folder.exists() {
        return Finding::good(
            ABOUT,
            format!("`{shown}` is not there yet: the first start makes it"),
        );
    }
    if let Err(error) = tempfile::tempfile_in(folder) {
        return Finding::bad(
            ABOUT,
            format!("nothing can be written into `{shown}`: {error}"),
            "Give the folder to the user that runs Pli, on a disk that is mounted for writing",
        );
    }
    match others_may_enter(folder) {
        Some(mode) => Finding::warning(
            ABOUT,
            format!("other users of this machine may enter `{shown}` (mode {mode:03o})"),
            format!("Say `chmod 700 {shown}`"),
        ),
        None => Finding::good(ABOUT, format!("`{shown}` can be written, by its owner alone")),
    }
}

#[cfg(unix)]
fn others_may_enter(folder: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(folder).ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn others_may_enter(_folder: &Path) -> Option<u32> {
    None
}

#[cfg(target_os = "linux")]
fn find_room(folder: &Path) -> Option<Finding> {
    // The folder, or the one that it will be made in.
    let there = folder.ancestors().find(|path| path.is_dir())?;
    let room = rustix::fs::statvfs(there).ok()?;
    let n_bytes = room.f_bavail.saturating_mul(room.f_frsize);
    let n_mb = n_bytes / (1024 * 1024);
    Some(judge_room(n_bytes, n_mb))
}

#[cfg(not(target_os = "linux"))]
fn find_room(_folder: &Path) -> Option<Finding> {
    None
}

#[cfg(target_os = "linux")]
fn judge_room(n_bytes: u64, n_mb: u64) -> Finding {
    const ABOUT: &str = "room";
    const REMEDY: &str = "Make room on the disk of the data folder, or move the folder to a larger one";
    if n_bytes < NO_ROOM {
        Finding::bad(
            ABOUT,
            format!("{n_mb} MB left: messages are refused before they are lost"),
            REMEDY,
        )
    } else if n_bytes < LITTLE_ROOM {
        Finding::warning(ABOUT, format!("{n_mb} MB left"), REMEDY)
    } else {
        Finding::good(ABOUT, format!("{n_mb} MB left"))
    }
}

fn find_form(config: &Config, look: &mut Look) -> Finding {
    const ABOUT: &str = "database";
    match look.form() {
        Err(error) => Finding::bad(
            ABOUT,
            format!("`{}` is none of Pli's: {}", config.database, error.chain()),
            "Name the right one with `--data` or `--database`",
        ),
        Ok(form) if !form.unknown.is_empty() => Finding::bad(
            ABOUT,
            format!("a newer version has changed it ({})", form.unknown.join(", ")),
            "Start that version, or put back the copy that was made before it",
        ),
        Ok(form) if form.n_missing > 0 => Finding::warning(
            ABOUT,
            format!("{} steps to the form of this version are missing", form.n_missing),
            "The next start does them, or `pli migrate`; make a copy first",
        ),
        Ok(_) => Finding::good(ABOUT, format!("`{}` opens and is up to date", config.database)),
    }
}

fn find_damage(look: &mut Look) -> Option<Finding> {
    const ABOUT: &str = "database file";
    const REMEDY: &str = "Stop Pli, keep the file as it is, and put back the last copy that opens";
    match look.damage() {
        Ok(said) if said.is_empty() => None,
        Ok(said) => Some(Finding::bad(
            ABOUT,
            format!("damaged: {}", said.join("; ")),
            REMEDY,
        )),
        Err(error) => Some(Finding::bad(
            ABOUT,
            format!("cannot be read to its end: {}", error.chain()),
            REMEDY,
        )),
    }
}

fn find_keys(config: &Config, look: &mut Look) -> Finding {
    const ABOUT: &str = "wrapping key";
    let place = match &config.keys {
        KeyPlace::File(path) | KeyPlace::Credential { path, .. } => path.display().to_string(),
        KeyPlace::Memory => "memory".to_owned(),
    };
    match look.keys(serve::keeper(&config.keys).as_ref()) {
        Err(error) => Finding::bad(
            ABOUT,
            format!("`{place}` cannot be used: {}", error.chain()),
            "Put the file back from its copy, readable by the user that runs Pli alone",
        ),
        Ok(keys) if keys.n_held == 0 && keys.n_missing == 0 => Finding::good(
            ABOUT,
            "nothing was ever sealed here: the next start makes it".to_owned(),
        ),
        Ok(keys) if keys.n_missing > 0 => Finding::bad(
            ABOUT,
            format!("`{place}` does not hold the key that this database was sealed with"),
            "Put the right file back from its copy, or name it with `--key-file`. Without it nobody reads a word; nothing \
             was changed",
        ),
        Ok(keys) if keys.n_held > 1 => Finding::warning(
            ABOUT,
            "a change of the key was begun and not ended".to_owned(),
            "Say `pli keys rotate` once more, also while Pli runs",
        ),
        Ok(_) => Finding::good(ABOUT, format!("`{place}` opens this database")),
    }
}

fn find_clock(look: &mut Look, clock: &dyn Clock) -> Option<Finding> {
    let last = look.read(audit::find_last_at).ok().flatten()?;
    let behind_ms = last.ms_since(clock.now());
    Some(if behind_ms > CLOCK_BEHIND_MS {
        Finding::bad(
            "clock",
            format!(
                "this machine's clock is {} minutes behind what was written",
                behind_ms / 60_000
            ),
            "Set the clock, and let the machine keep it by itself (NTP)",
        )
    } else {
        Finding::good("clock", "goes on from what was written")
    })
}

fn find_pepper(path: &Path) -> Finding {
    const ABOUT: &str = "pepper";
    if path.exists() {
        Finding::good(ABOUT, format!("`{}` is there", path.display()))
    } else {
        Finding::bad(
            ABOUT,
            format!("`{}` is missing: no password can be checked", path.display()),
            "Put the file back from its copy; a database that never knew one gets one at the next start",
        )
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn little_room_is_said_before_there_is_none() {
        let judge = |n_bytes: u64| judge_room(n_bytes, n_bytes / (1024 * 1024)).verdict;

        assert_eq!(judge(NO_ROOM - 1), Verdict::Bad);
        assert_eq!(judge(LITTLE_ROOM - 1), Verdict::Warning);
        assert_eq!(judge(LITTLE_ROOM), Verdict::Good);
    }
}
