//! The pepper: a secret of the instance that is not in its database. Password hashes and authenticator keys need it, so
//! whoever steals the database alone has nothing to guess at.
//!
//! It rests in a file that its owner alone can read. The database remembers which pepper it was filled with: another one,
//! or none, is found at the start and refused, instead of telling everybody that their password is wrong.

use std::io::{ErrorKind, Read, Write as _};
use std::path::Path;
use std::sync::Arc;

use app::api::AccountId;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::sql::settings;
use crate::clock::Clock;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::hexadecimal::hexadecimal;
use crate::store::create_private_folder;

/// A secret of the instance. Cheap to clone; says nothing of itself.
#[derive(Clone)]
pub struct Pepper {
    bytes: Arc<[u8; 32]>,
}

impl std::fmt::Debug for Pepper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pepper(…)")
    }
}

impl Pepper {
    /// A pepper of these bytes: for tests, which keep none.
    pub fn of(bytes: [u8; 32]) -> Self {
        Self {
            bytes: Arc::new(bytes),
        }
    }

    /// What the password hash takes.
    pub(super) fn secret(&self) -> &[u8] {
        self.bytes.as_slice()
    }

    /// Names the pepper without telling anything of it: eight bytes, as a password hash carries them.
    pub(super) fn id(&self) -> [u8; 8] {
        let digest = Sha256::new()
            .chain_update(b"pli pepper id")
            .chain_update(self.bytes.as_slice())
            .finalize();
        let mut id = [0; 8];
        id.copy_from_slice(&digest[..8]);
        id
    }

    /// A key of one account for one use: from the pepper and a seed, so that neither alone gives it.
    pub(super) fn derive(&self, purpose: &str, account: AccountId, seed: &[u8]) -> [u8; 20] {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret()).expect("HMAC takes keys of any length");
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(account.0.as_bytes());
        mac.update(seed);
        let mut key = [0; 20];
        key.copy_from_slice(&mac.finalize().into_bytes()[..20]);
        key
    }
}

/// Reads the instance's pepper, or draws it when the database knows of none yet. Works while another process does the same.
///
/// # Errors
/// `Failed`, saying which file, when it is missing, not readable, or not the one that the database was filled with.
pub async fn open_pepper(context: &Context, path: &Path) -> Result<Pepper> {
    let known = context.db.read(settings::find_pepper).await?;
    let pepper = match read(path)? {
        Some(pepper) => pepper,
        None if known.is_some() => {
            return Err(Error::failed(
                format!("looking for the pepper `{}`", path.display()),
                "it is missing: without it no password and no authenticator code can be checked. Put the file back \
                 from your backup",
            ));
        }
        None => draw(path, context.clock.as_ref())?,
    };
    let id = hexadecimal(&pepper.id());
    let recorded = if let Some(known) = known {
        known
    } else {
        let id = id.clone();
        context
            .db
            .write(move |tx| settings::record_pepper(tx, &id))
            .await?
    };
    if recorded == id {
        Ok(pepper)
    } else {
        Err(Error::failed(
            format!("reading the pepper `{}`", path.display()),
            "it is not the one that this database was filled with. Put the right file back from your backup",
        ))
    }
}

/// The pepper in the file; none when there is no file.
fn read(path: &Path) -> Result<Option<Pepper>> {
    let doing = || format!("reading the pepper `{}`", path.display());
    let mut text = String::new();
    match std::fs::File::open(path) {
        Ok(file) => {
            file.take(1024)
                .read_to_string(&mut text)
                .map_err(|error| Error::failed(doing(), error))?;
        }
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::failed(doing(), error)),
    }
    from_hex(text.trim())
        .map(|bytes| Some(Pepper::of(bytes)))
        .ok_or_else(|| Error::failed(doing(), "it does not hold 64 hexadecimal digits"))
}

/// Writes a fresh pepper, for its owner alone, unless another process was faster: then that one's counts.
fn draw(path: &Path, clock: &dyn Clock) -> Result<Pepper> {
    let doing = || format!("writing the pepper `{}`", path.display());
    let failed = |error: std::io::Error| Error::failed(doing(), error);
    if let Some(folder) = path.parent() {
        create_private_folder(folder).map_err(failed)?;
    }
    let mut bytes = [0; 32];
    clock.fill_random(&mut bytes);
    // Under another name first: whoever sees the file sees all of it.
    let mut suffix = [0; 8];
    clock.fill_random(&mut suffix);
    let fresh = path.with_extension(hexadecimal(&suffix));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&fresh).map_err(failed)?;
    file.write_all(hexadecimal(&bytes).as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(failed)?;
    let linked = std::fs::hard_link(&fresh, path);
    std::fs::remove_file(&fresh).map_err(failed)?;
    match linked {
        Ok(()) => {
            sync_folder(path);
            Ok(Pepper::of(bytes))
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            read(path)?.ok_or_else(|| Error::failed(doing(), "another process has removed it"))
        }
        Err(error) => Err(failed(error)),
    }
}

/// The name of the file is on disk as well; where a folder cannot be synced, the next start would tell.
fn sync_folder(path: &Path) {
    let synced = path
        .parent()
        .map(|folder| std::fs::File::open(folder).and_then(|folder| folder.sync_all()));
    if let Some(Err(error)) = synced {
        tracing::debug!(cause = %error, "could not sync the folder of keys");
    }
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 32];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    #[test]
    fn a_pepper_is_drawn_once_and_read_by_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys").join("pepper");

        let drawn = draw(&path, &SystemClock).unwrap();
        let again = draw(&path, &SystemClock).unwrap();
        let read = read(&path).unwrap().unwrap();

        assert_eq!((again.bytes, &read.bytes), (drawn.bytes.clone(), &drawn.bytes));
        let names: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(names.len(), 1, "nothing is left beside it");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
    }

    #[test]
    fn what_is_no_pepper_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pepper");
        std::fs::write(&path, "not a pepper").unwrap();

        let refused = read(&path).map(|_| ()).unwrap_err().chain();

        assert!(
            refused.contains("pepper`") && refused.contains("64 hexadecimal digits"),
            "{refused}"
        );
    }

    #[test]
    fn keys_of_two_accounts_or_uses_have_nothing_in_common() {
        let pepper = Pepper::of([7; 32]);
        let account = |n| AccountId(uuid::Uuid::from_u128(n));

        let key = pepper.derive("authenticator", account(1), b"seed");

        assert_eq!(key, pepper.derive("authenticator", account(1), b"seed"));
        for other in [
            pepper.derive("authenticator", account(2), b"seed"),
            pepper.derive("other", account(1), b"seed"),
            pepper.derive("authenticator", account(1), b"sees"),
            Pepper::of([8; 32]).derive("authenticator", account(1), b"seed"),
        ] {
            assert_ne!(key, other);
        }
    }
}
