//! Wrapping keys in a file: made at the first start, for its owner's eyes alone.
//!
//! A text file, one key a line, the newest first; during a rotation it holds two. It is always replaced as a whole: what
//! stands there is either what stood there before or what was to stand there.
//!
//! A line of its own keeps that all words of the database are sealed, vouched for by a key of the file. A credential cannot
//! be written to, so that its line stands in a file of its own.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::Key;
use super::keeper::{Held, KeyKeeper, WrappedKey, not_held, unwrap, wrap};
use crate::clock::Clock;
use crate::error::{Error, Result};

/// What begins the line of a key.
const MARK: &str = "pli-key-1";
/// What begins the line that says that all is sealed.
const SEALED_MARK: &str = "pli-sealed-1";
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

/// The keys in a file.
pub struct FileKeeper {
    path: PathBuf,
    kind: FileKind,
    /// Where the line about sealing stands, when it is not in the file itself.
    marks: Option<PathBuf>,
    /// As read last; `None` before.
    held: Mutex<Option<Held>>,
}

impl FileKeeper {
    /// The keys at `path`, which is not touched yet.
    pub fn at(path: impl Into<PathBuf>, kind: FileKind) -> Self {
        Self {
            path: path.into(),
            kind,
            marks: None,
            held: Mutex::new(None),
        }
    }

    /// The keys of a credential at `path`; what must be remembered beside them stands at `marks`.
    pub fn of_credential(path: impl Into<PathBuf>, marks: impl Into<PathBuf>) -> Self {
        Self {
            marks: Some(marks.into()),
            ..Self::at(path, FileKind::Credential)
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with a key. If it is not among those read last, another process may have made it since.
    fn with<T>(&self, name: Uuid, work: impl Fn(&Key) -> T) -> Result<T> {
        let mut held = self.lock();
        if let Some(key) = held.as_ref().and_then(|held| held.find(name)) {
            return Ok(work(key));
        }
        let read = read(&self.path, self.kind)?;
        let done = read.find(name).map(work);
        *held = Some(read);
        done.ok_or_else(|| not_held(&self.place()))
    }

    fn refuse_credential(&self) -> Result<()> {
        if self.kind == FileKind::Credential {
            return Err(Error::failed(
                format!("changing the key in `{}`", self.path.display()),
                "it is a credential of the system: pass on another one, with the new key on the first line and the old \
                 one below it",
            ));
        }
        Ok(())
    }
}

impl KeyKeeper for FileKeeper {
    fn place(&self) -> String {
        self.path.display().to_string()
    }

    fn names(&self) -> Result<Vec<Uuid>> {
        let read = read(&self.path, self.kind)?;
        let names = read.names();
        *self.lock() = Some(read);
        Ok(names)
    }

    fn make(&self, clock: &dyn Clock) -> Result<Uuid> {
        self.refuse_credential()?;
        let mut keys = read(&self.path, self.kind)?;
        let name = keys.put_first(Key::random(clock));
        replace(&self.path, &keys)?;
        *self.lock() = Some(keys);
        Ok(name)
    }

    fn keep_only(&self, name: Uuid) -> Result<()> {
        let mut keys = read(&self.path, self.kind)?;
        if keys.find(name).is_none() {
            return Err(not_held(&self.place()));
        }
        // A credential is not ours to replace: whoever passes it on takes the old key out of it.
        if keys.names().len() > 1 && self.kind == FileKind::Own {
            keys.keep_only(name);
            replace(&self.path, &keys)?;
        }
        *self.lock() = Some(keys);
        Ok(())
    }

    fn wrap(&self, name: Uuid, key: &Key, around: &[u8], clock: &dyn Clock) -> Result<WrappedKey> {
        self.with(name, |wrapping| wrap(wrapping, key, around, clock))?
    }

    fn unwrap(&self, name: Uuid, wrapped: &WrappedKey, around: &[u8]) -> Result<Option<Key>> {
        self.with(name, |wrapping| unwrap(wrapping, wrapped, around))
    }

    fn is_all_sealed(&self) -> Result<bool> {
        let is_said_with_keys = read(&self.path, self.kind)?.is_all_sealed;
        match &self.marks {
            None => Ok(is_said_with_keys),
            _ if is_said_with_keys => Ok(true),
            // Whoever it was that vouched: the credential may have been changed since, and the line only ever forbids.
            Some(marks) => match std::fs::read_to_string(marks) {
                Ok(text) => Ok(text.lines().any(|line| line.starts_with(SEALED_MARK))),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
                Err(error) => Err(Error::failed(format!("reading `{}`", marks.display()), error)),
            },
        }
    }

    fn note_all_sealed(&self) -> Result<()> {
        let mut keys = read(&self.path, self.kind)?;
        if keys.names().is_empty() {
            return Err(not_held(&self.place()));
        }
        keys.is_all_sealed = true;
        match (&self.marks, self.kind) {
            (None, FileKind::Own) => replace(&self.path, &keys)?,
            (None, FileKind::Credential) => return self.refuse_credential(),
            (Some(marks), _) => write(marks, &sealed_line(&keys))?,
        }
        *self.lock() = Some(keys);
        Ok(())
    }
}

/// The line that says that all is sealed, vouched for by the newest key; nothing where that is not known.
fn sealed_line(keys: &Held) -> String {
    match keys.keys().next().filter(|_| keys.is_all_sealed) {
        Some(key) => format!(
            "{SEALED_MARK} {}\n",
            URL_SAFE_NO_PAD.encode(key.vouch_all_sealed())
        ),
        None => String::new(),
    }
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
fn read(path: &Path, kind: FileKind) -> Result<Held> {
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

/// Puts the keys on disk, whole or not at all, and writes over what stood there before.
fn replace(path: &Path, keys: &Held) -> Result<()> {
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

fn write(path: &Path, text: &str) -> Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    #[test]
    fn a_key_that_was_made_is_there_for_the_next_process_and_for_nobody_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys").join("wrapping.key");
        let keeper = FileKeeper::at(&path, FileKind::Own);
        assert!(keeper.names().unwrap().is_empty());

        let name = keeper.make(&SystemClock).unwrap();
        let key = Key::random(&SystemClock);
        let wrapped = keeper.wrap(name, &key, b"around", &SystemClock).unwrap();

        let next = FileKeeper::at(&path, FileKind::Own);
        assert_eq!(next.names().unwrap(), [name]);
        let unwrapped = next.unwrap(name, &wrapped, b"around").unwrap().unwrap();
        assert_eq!(unwrapped.expose(), key.expose());
        assert!(next.unwrap(name, &wrapped, b"elsewhere").unwrap().is_none());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_key_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wrapping.key");
        FileKeeper::at(&path, FileKind::Own).make(&SystemClock).unwrap();

        for (mode, kind, is_refused) in [
            (0o640, FileKind::Own, true),
            (0o604, FileKind::Own, true),
            (0o600, FileKind::Own, false),
            (0o440, FileKind::Credential, false),
            (0o444, FileKind::Credential, true),
        ] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let names = FileKeeper::at(&path, kind).names();
            assert_eq!(names.is_err(), is_refused, "{mode:o}");
        }
    }

    #[test]
    fn a_damaged_key_file_is_refused_and_says_nothing_of_the_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wrapping.key");
        FileKeeper::at(&path, FileKind::Own).make(&SystemClock).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let secret = text.trim_end().rsplit(' ').next().unwrap().to_owned();

        std::fs::write(&path, text.trim_end().strip_suffix(|_| true).unwrap()).unwrap();
        let refusal = FileKeeper::at(&path, FileKind::Own).names().unwrap_err().chain();

        assert!(refusal.contains("damaged"), "{refusal}");
        assert!(!refusal.contains(&secret[..12]), "{refusal}");
        std::fs::write(&path, "").unwrap();
        assert!(FileKeeper::at(&path, FileKind::Own).names().is_err());
    }

    #[test]
    fn a_running_process_finds_the_key_that_another_has_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wrapping.key");
        let (running, command) = (
            FileKeeper::at(&path, FileKind::Own),
            FileKeeper::at(&path, FileKind::Own),
        );
        let old = command.make(&SystemClock).unwrap();
        assert_eq!(running.names().unwrap(), [old]);

        let new = command.make(&SystemClock).unwrap();
        let wrapped = command
            .wrap(new, &Key::random(&SystemClock), b"", &SystemClock)
            .unwrap();
        command.keep_only(new).unwrap();

        assert!(running.unwrap(new, &wrapped, b"").unwrap().is_some());
        assert!(running.unwrap(old, &wrapped, b"").is_err(), "the old one is gone");
        assert_eq!(command.names().unwrap(), [new]);
    }

    #[test]
    fn a_credential_is_used_but_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pli.key");
        let name = FileKeeper::at(&path, FileKind::Own).make(&SystemClock).unwrap();
        let credential = FileKeeper::at(&path, FileKind::Credential);

        assert_eq!(credential.names().unwrap(), [name]);
        assert!(credential.make(&SystemClock).is_err());
        assert!(credential.keep_only(name).is_ok());

        let new = FileKeeper::at(&path, FileKind::Own).make(&SystemClock).unwrap();
        let held = std::fs::read(&path).unwrap();

        assert!(credential.keep_only(new).is_ok(), "a rotation ends well");
        assert_eq!(std::fs::read(&path).unwrap(), held);
    }

    #[test]
    fn that_all_is_sealed_is_kept_with_the_keys_through_a_change_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wrapping.key");
        let keeper = FileKeeper::at(&path, FileKind::Own);
        keeper.make(&SystemClock).unwrap();
        assert!(!keeper.is_all_sealed().unwrap());

        keeper.note_all_sealed().unwrap();
        let new = keeper.make(&SystemClock).unwrap();
        assert!(FileKeeper::at(&path, FileKind::Own).is_all_sealed().unwrap());
        keeper.keep_only(new).unwrap();

        let next = FileKeeper::at(&path, FileKind::Own);
        assert!(next.is_all_sealed().unwrap());
        assert_eq!(next.names().unwrap(), [new]);
        // What another key has vouched for makes no line of this file.
        let text = std::fs::read_to_string(&path).unwrap();
        let (rest, line) = text.trim_end().rsplit_once(' ').unwrap();
        let other = URL_SAFE_NO_PAD.encode(Key::random(&SystemClock).vouch_all_sealed());
        assert_eq!(line.len(), other.len());
        std::fs::write(&path, format!("{rest} {other}\n")).unwrap();
        assert!(next.is_all_sealed().is_err());
    }

    #[test]
    fn that_all_is_sealed_is_kept_beside_a_credential() {
        let folder = tempfile::tempdir().unwrap();
        let (path, marks) = (
            folder.path().join("pli.key"),
            folder.path().join("keys").join("marks"),
        );
        FileKeeper::at(&path, FileKind::Own).make(&SystemClock).unwrap();
        let before = std::fs::read(&path).unwrap();
        let credential = FileKeeper::of_credential(&path, &marks);
        assert!(!credential.is_all_sealed().unwrap());

        credential.note_all_sealed().unwrap();

        assert!(FileKeeper::of_credential(&path, &marks).is_all_sealed().unwrap());
        assert_eq!(std::fs::read(&path).unwrap(), before);
        // Another credential takes its place.
        std::fs::remove_file(&path).unwrap();
        FileKeeper::at(&path, FileKind::Own).make(&SystemClock).unwrap();
        assert!(credential.is_all_sealed().unwrap());
    }
}
