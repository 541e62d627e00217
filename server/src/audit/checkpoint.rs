//! Checkpoints: the end of the chain, signed, in a file that is made to be copied away from the machine.
//!
//! Whoever can change the database can build the whole chain anew; they cannot sign it as it was. A line of the file holds
//! the number of the last row, the moment, the row's hash and an Ed25519 signature over these.
//!
//! Nothing is signed over a chain that does not go on from where it was signed last, and the chain itself says since when it
//! is signed: a file that is gone is missed, unless the rows
//! were written anew as well, or the signing key taken away: only a copy elsewhere shows that.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use app::api::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, Verifier, VerifyingKey};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::chain::Hash;
use super::verify::{Finding, follow};
use super::{Act, append, sql};
use crate::error::{Error, Result};
use crate::store::{Db, Key, create_private_folder};

const MARK: &str = "pli-audit-1";

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Checkpoint {
    pub(super) number: u64,
    pub(super) at: Timestamp,
    pub(super) hash: Hash,
}

impl Checkpoint {
    fn words(&self) -> String {
        let hash = URL_SAFE_NO_PAD.encode(self.hash);
        format!("{MARK} {} {} {hash}", self.number, self.at.0)
    }
}

/// Signs checkpoints. Its key lies beside the wrapping key.
pub struct Signer(SigningKey);

impl Signer {
    /// With this key.
    pub fn new(key: &Key) -> Self {
        Self(SigningKey::from_bytes(key.expose()))
    }

    /// A name that follows from the public key.
    fn name(&self) -> Uuid {
        let mut hasher = Sha256::new();
        hasher.update(b"pli: the name of a key that signs, 1");
        hasher.update(self.0.verifying_key().as_bytes());
        let digest = hasher.finalize();
        let mut name = [0; 16];
        name.copy_from_slice(&digest[..16]);
        uuid::Builder::from_custom_bytes(name).into_uuid()
    }

    fn line(&self, checkpoint: &Checkpoint) -> String {
        let words = checkpoint.words();
        let signature = self.0.sign(words.as_bytes());
        format!("{words} {}\n", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }
}

/// The file of checkpoints, and who signs them.
pub struct Checkpoints {
    path: PathBuf,
    signer: Signer,
    /// Whether the chain is known to say that this signer signs it.
    has_begun: AtomicBool,
}

impl Checkpoints {
    /// In this file, which need not exist yet.
    pub fn at(path: impl Into<PathBuf>, signer: Signer) -> Self {
        Self {
            path: path.into(),
            signer,
            has_begun: AtomicBool::new(false),
        }
    }

    /// Signs the end of the chain, unless it was signed as it is. Answers the number of its last row.
    ///
    /// # Errors
    /// `Failed` when the file cannot be written, or the chain is not the one that was signed last: then it gets no
    /// signature.
    pub async fn sign(&self, db: &Db, now: Timestamp) -> Result<u64> {
        let (signed, n_false) = self.read()?;
        if n_false > 0 {
            return Err(refused(Finding::FalseCheckpoints(n_false)));
        }
        let last = signed.into_iter().max_by_key(|checkpoint| checkpoint.number);
        if last.is_none() && self.has_begun(db).await? {
            return Err(refused(Finding::Missing));
        }
        let mut end = self.require_end(db, last.as_ref()).await?;
        if end.0 == 0 {
            return Ok(0);
        }
        if last.is_none_or(|last| (last.number, last.hash) != end) {
            self.add(end, now)?;
        }
        // Behind the first line of the file, so that a stop in between does not look like a file that was lost.
        if !self.has_begun(db).await? {
            self.begin(db, now, false).await?;
            let (number, hash) = end;
            let first = Checkpoint {
                number,
                at: now,
                hash,
            };
            end = self.require_end(db, Some(&first)).await?;
            self.add(end, now)?;
        }
        Ok(end.0)
    }

    /// Signs from here on, when the checkpoints there were are lost for good. The chain keeps that it was done. Answers the
    /// number of its last row.
    ///
    /// # Errors
    /// `Failed` when there is still a file with something in it, when it cannot be written, or when the chain does not fit
    /// by itself.
    pub async fn begin_anew(&self, db: &Db, now: Timestamp) -> Result<u64> {
        if !self.read_text()?.is_empty() {
            return Err(Error::failed(
                "signing the audit anew",
                format!("move `{}` away first, and keep it", self.path.display()),
            ));
        }
        self.require_end(db, None).await?;
        self.begin(db, now, true).await?;
        let end = self.require_end(db, None).await?;
        self.add(end, now)?;
        Ok(end.0)
    }

    /// The end of a chain that goes on from where it was signed.
    async fn require_end(&self, db: &Db, last: Option<&Checkpoint>) -> Result<(u64, Hash)> {
        follow(db, last).await?.map_err(refused)
    }

    /// Whether the chain says that this signer signs it.
    async fn has_begun(&self, db: &Db) -> Result<bool> {
        if self.has_begun.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let name = self.signer.name();
        let found = db
            .read(move |tx| sql::has_row(tx, Act::SigningBegun.name(), name))
            .await?;
        self.has_begun.store(found, Ordering::Relaxed);
        Ok(found)
    }

    /// Writes down that this signer signs the chain, `again` even if that is written already.
    async fn begin(&self, db: &Db, now: Timestamp, again: bool) -> Result<()> {
        let name = self.signer.name();
        db.write(move |tx| {
            if !again && sql::has_row(tx, Act::SigningBegun.name(), name)? {
                return Ok(());
            }
            append(tx, now, None, Act::SigningBegun, name)
        })
        .await
    }

    fn add(&self, (number, hash): (u64, Hash), at: Timestamp) -> Result<()> {
        let failed = |error| Error::failed(format!("writing `{}`", self.path.display()), error);
        if let Some(folder) = self.path.parent().filter(|folder| *folder != Path::new("")) {
            create_private_folder(folder).map_err(failed)?;
        }
        // What was being written when the machine stopped goes: the line behind it would be none.
        let n_whole = whole_lines(&self.read_text()?).len() as u64;
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path).map_err(failed)?;
        if file.metadata().map_err(failed)?.len() > n_whole {
            file.set_len(n_whole).map_err(failed)?;
        }
        let line = self.signer.line(&Checkpoint { number, at, hash });
        file.write_all(line.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(failed)
    }

    /// The checkpoints of the file, in its order, and how many of its lines are none of this signer's. A last line
    /// without an end was being written when the machine stopped, and does not count.
    pub(super) fn read(&self) -> Result<(Vec<Checkpoint>, u64)> {
        let text = self.read_text()?;
        let public = self.signer.0.verifying_key();
        let mut checkpoints = Vec::new();
        let mut n_false = 0;
        for line in whole_lines(&text).lines() {
            match parse(line, &public) {
                Some(checkpoint) => checkpoints.push(checkpoint),
                None => n_false += 1,
            }
        }
        Ok((checkpoints, n_false))
    }

    fn read_text(&self) -> Result<String> {
        match std::fs::read_to_string(&self.path) {
            Ok(text) => Ok(text),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
            Err(error) => Err(Error::failed(format!("reading `{}`", self.path.display()), error)),
        }
    }
}

/// A text up to the end of its last whole line.
fn whole_lines(text: &str) -> &str {
    &text[..text.rfind('\n').map_or(0, |end| end + 1)]
}

fn refused(finding: Finding) -> Error {
    Error::failed("signing the audit", format!("it gets no signature: {finding}"))
}

fn parse(line: &str, public: &VerifyingKey) -> Option<Checkpoint> {
    let (words, signature) = line.rsplit_once(' ')?;
    let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    public.verify(words.as_bytes(), &signature).ok()?;
    let mut parts = words.split(' ');
    if parts.next()? != MARK {
        return None;
    }
    Some(Checkpoint {
        number: parts.next()?.parse().ok()?,
        at: Timestamp(parts.next()?.parse().ok()?),
        hash: URL_SAFE_NO_PAD.decode(parts.next()?).ok()?.try_into().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_was_changed_is_no_checkpoint() {
        let signer = Signer::new(&Key::from_slice(&[3; Key::LEN]).unwrap());
        let public = signer.0.verifying_key();
        let checkpoint = Checkpoint {
            number: 12,
            at: Timestamp(1_800_000_000_000),
            hash: [9; 32],
        };
        let line = signer.line(&checkpoint);
        let line = line.trim_end();

        assert_eq!(parse(line, &public), Some(checkpoint));
        assert_eq!(parse(&line.replace(" 12 ", " 11 "), &public), None);
        let other = Signer::new(&Key::from_slice(&[4; Key::LEN]).unwrap());
        assert_eq!(parse(line, &other.0.verifying_key()), None);
    }
}
