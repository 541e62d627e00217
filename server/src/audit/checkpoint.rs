//! Checkpoints: the end of the chain, signed, in a file that is made to be copied away from the machine.
//!
//! Whoever can change the database can build the whole chain anew; they cannot sign it as it was. A line of the file holds
//! the number of the last row, the moment, the row's hash and an Ed25519 signature over these.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use app::api::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, Verifier, VerifyingKey};

use super::chain::Hash;
use super::sql;
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
}

impl Checkpoints {
    /// In this file, which need not exist yet.
    pub fn at(path: impl Into<PathBuf>, signer: Signer) -> Self {
        Self {
            path: path.into(),
            signer,
        }
    }

    /// Signs the end of the chain, unless it was signed as it is. Answers the number of its last row.
    ///
    /// # Errors
    /// `Failed` when the file cannot be written.
    pub async fn sign(&self, db: &Db, now: Timestamp) -> Result<u64> {
        let Some((number, hash)) = db.read(sql::find_last).await? else {
            return Ok(0);
        };
        let is_signed = self
            .read()?
            .0
            .last()
            .is_some_and(|last| last.number == number && last.hash == hash);
        if !is_signed {
            let checkpoint = Checkpoint {
                number,
                at: now,
                hash,
            };
            self.add(&checkpoint)?;
        }
        Ok(number)
    }

    fn add(&self, checkpoint: &Checkpoint) -> Result<()> {
        let failed = |error| Error::failed(format!("writing `{}`", self.path.display()), error);
        if let Some(folder) = self.path.parent().filter(|folder| *folder != Path::new("")) {
            create_private_folder(folder).map_err(failed)?;
        }
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path).map_err(failed)?;
        file.write_all(self.signer.line(checkpoint).as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(failed)
    }

    /// The checkpoints of the file, in its order, and how many of its lines are none of this signer's. A last line
    /// without an end was being written when the machine stopped, and does not count.
    pub(super) fn read(&self) -> Result<(Vec<Checkpoint>, u64)> {
        let text = match std::fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => {
                return Err(Error::failed(format!("reading `{}`", self.path.display()), error));
            }
        };
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let public = self.signer.0.verifying_key();
        let mut checkpoints = Vec::new();
        let mut n_false = 0;
        for line in whole.lines() {
            match parse(line, &public) {
                Some(checkpoint) => checkpoints.push(checkpoint),
                None => n_false += 1,
            }
        }
        Ok((checkpoints, n_false))
    }
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
