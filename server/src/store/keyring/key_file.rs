//! A file of keys: its lines, who may read it, how it is replaced.
//!
//! A text file, one key a line, the newest first; during a rotation it holds two. It is always replaced as a whole: what
//! stands there is either what stood there before or what was to stand there. A line of its own keeps that all words of the
//! database are sealed, vouched for by a key of the file.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::Key;
use super::keeper::Held;
use crate::clock::Clock;
use crate::error::{Error, Result};

/// What begins the line of a key.
const MARK: &str = "pli-key-1";
/// What begins the line that says that all is sealed.
pub(super) const SEALED_MARK: &str = "pli-sealed-1";
const HEADER: &str = "# Pli: a key. Whoever has the wrapping key and the database can read every message; without it, nobody can.\n\
    # Keep a copy apart from the copies of the database.\n";
/// No file of keys is longer.
const MAX_LEN: u64 = 64 * 1024;

/// Who else may read the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A file of Pli's own: nobody else, and Pli may replace it.
    Own,
    /// A credential that systemd passes on: its group may, and nobody replaces it from here.
    Credential,
}

/// The one key in a file of Pli's own, made if there is no file yet. For keys that wrap nothing.
///
/// # Errors
/// `Failed` when the file cannot be read or written, is damaged, or others may read it.
pub fn find_or_make_key(path: &Path, clock: &dyn Clock) -> Result<Key> {
    let mut keys = read(path, FileKind::Own)?;
    if keys.names().is_empty() {
        keys.put_first(Key::random(clock));
        replace(path, &keys)?;
    }
    keys.into_first().ok_or_else(|| {
        Error::failed(
            format!("reading the key file `{}`", path.display()),
            "it is empty",
        )
    })
}

/// Reads the keys; none when there is no file.
pub(super) fn read(path: &Path, kind: FileKind) -> Result<Held> {
    let doing = || format!("reading the key file `{}`", path.display());
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Held::new(Vec::new())),
        Err(error) => return Err(Error::failed(doing(), error)),
    };
    refuse_readable(&file, kind).map_err(|reason| Error::failed(doing(), reason))?;
    let mut text = Zeroizing::new(String::with_capacity(4 * 1024));
    file.take(MAX_LEN)
        .read_to_string(&mut text)
        .map_err(|error| Error::failed(doing(), error))?;
    parse(&text).ok_or_else(|| {
        Error::failed(
            doing(),
            "it is damaged, or no key file: put it back from its copy",
        )
    })
}

fn parse(text: &str) -> Option<Held> {
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (mut keys, mut vouched) = (Vec::new(), None);
    for line in lines {
        if let Some(rest) = line.strip_prefix(SEALED_MARK) {
            vouched = Some(URL_SAFE_NO_PAD.decode(rest.trim()).ok()?);
        } else {
            let bytes = URL_SAFE_NO_PAD.decode(line.strip_prefix(MARK)?.trim()).ok()?;
            keys.push(Key::from_slice(&Zeroizing::new(bytes))?);
        }
    }
    if keys.is_empty() {
        return None;
    }
    let mut held = Held::new(keys);
    if let Some(vouched) = vouched {
        if !held.keys().any(|key| key.vouch_all_sealed()[..] == vouched) {
            return None;
        }
        held.is_all_sealed = true;
    }
    Some(held)
}

/// Whoever else can read the key needs the database alone.
#[cfg(unix)]
fn refuse_readable(file: &File, kind: FileKind) -> std::result::Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file
        .metadata()
        .map_err(|error| error.to_string())?
        .permissions()
        .mode()
        & 0o777;
    let forbidden = match kind {
        FileKind::Own => 0o077,
        FileKind::Credential => 0o007,
    };
    if mode & forbidden != 0 {
        return Err(format!(
            "other users of this machine may read it (mode {mode:03o}): say `chmod 600`, and change the key with `pli \
             keys rotate` if somebody may have"
        ));
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_readable(_file: &File, _kind: FileKind) -> std::result::Result<(), String> {
    Ok(())
}

/// The line that says that all is sealed, vouched for by the newest key; nothing where that is not known.
pub(super) fn sealed_line(keys: &Held) -> String {
    match keys.keys().next().filter(|_| keys.is_all_sealed) {
        Some(key) => format!(
            "{SEALED_MARK} {}\n",
            URL_SAFE_NO_PAD.encode(key.vouch_all_sealed())
        ),
        None => String::new(),
    }
}

/// Puts the keys on disk.
pub(super) fn replace(path: &Path, keys: &Held) -> Result<()> {
    let mut text = Zeroizing::new(String::with_capacity(4 * 1024));
    text.push_str(HEADER);
    for key in keys.keys() {
        let line = Zeroizing::new(URL_SAFE_NO_PAD.encode(key.expose()));
        text.push_str(MARK);
        text.push(' ');
        text.push_str(&line);
        text.push('\n');
    }
    text.push_str(&sealed_line(keys));
    write(path, &text)
}

/// Puts a text on disk, for its owner's eyes alone, whole or not at all, and writes over what stood there before.
pub(super) fn write(path: &Path, text: &str) -> Result<()> {
    let failed =
        |error: std::io::Error| Error::failed(format!("writing the key file `{}`", path.display()), error);
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    create_private_folder(folder).map_err(failed)?;
    let before = OpenOptions::new().write(true).open(path).ok();
    let beside = path.with_extension("new");
    let _ = std::fs::remove_file(&beside);
    let mut file = create_private(&beside).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    std::fs::rename(&beside, path).map_err(failed)?;
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(failed)?;
    if let Some(mut before) = before {
        // The file system may have put the bytes elsewhere; where it has not, they are gone.
        let len = before.metadata().map_or(0, |found| found.len().min(MAX_LEN));
        let zeros = vec![0; usize::try_from(len).unwrap_or(0)];
        let _ = before.write_all(&zeros).and_then(|()| before.sync_all());
    }
    Ok(())
}

fn create_private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Creates the folder if it is missing, for its owner alone.
pub(crate) fn create_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
