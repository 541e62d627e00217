//! Wrapping keys in a file: made at the first start, for its owner's eyes alone.
//!
//! That all words of the database are sealed stands there as well. A credential cannot be written to, so that this stands
//! in a file of its own beside it.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

use super::Key;
use super::keeper::{Held, KeyKeeper, WrappedKey, not_held, unwrap, wrap};
use super::key_file::{FileKind, SEALED_MARK, read, replace, sealed_line, write};
use crate::clock::Clock;
use crate::error::{Error, Result};

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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

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
