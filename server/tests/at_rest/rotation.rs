//! The wrapping key is changed while people write; whatever stops it, it goes on.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use server::clock::{Clock, SystemClock};
use server::error::{Error, Result};
use server::store::{Db, FileKeeper, FileKind, Key, KeyKeeper, Unlock, WrappedKey, rotate};
use uuid::Uuid;

use super::texts;
use crate::harness::{Friends, Harness};

fn file(path: &Path) -> Arc<FileKeeper> {
    Arc::new(FileKeeper::at(path, FileKind::Own))
}

fn unlock(keeper: Arc<dyn KeyKeeper>) -> Unlock {
    Unlock::with(keeper, Arc::new(SystemClock))
}

/// A server whose wrapping key is in a file, that file and its folder, which is gone with the test.
fn harness() -> (Harness, std::path::PathBuf, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wrapping.key");
    let harness = Harness::unlocked_by(&unlock(file(&path)));
    (harness, path, folder)
}

/// Another process on the same data.
fn command(harness: &Harness, keeper: Arc<dyn KeyKeeper>) -> Result<Db> {
    harness.database().open_with(&unlock(keeper), Arc::new(|_| ()))
}

async fn wrapping_names(harness: &Harness) -> Vec<Uuid> {
    harness
        .context
        .db
        .read(|tx| {
            tx.list(
                "select distinct wrapping_key from keyring where wrapping_key is not null",
                &[],
                |row| row.get(0),
            )
        })
        .await
        .unwrap()
}

async fn bodies(harness: &Harness) -> Vec<Vec<u8>> {
    harness
        .context
        .db
        .read(|tx| {
            tx.list(
                "select body_bytes from messages order by conversation_id, position",
                &[],
                |row| row.get(0),
            )
        })
        .await
        .unwrap()
}

async fn many_conversations(harness: &Harness, n_conversations: usize) -> Friends {
    let friends = harness.two_friends().await;
    harness
        .send(&friends.anne, friends.conversation, "Avant.")
        .await
        .unwrap();
    for number in 0..n_conversations {
        let other = harness.account(&format!("Luc Gagné {number}")).await;
        let conversation = harness.befriend(&friends.anne, &other).await;
        harness.send(&other, conversation, "Bonjour.").await.unwrap();
    }
    friends
}

/// Assurance ENC-03, the short version.
#[tokio::test]
async fn enc_03_a_live_server_goes_on_writing_while_every_key_is_wrapped_anew() {
    let (harness, path, _folder) = harness();
    let friends = many_conversations(&harness, 20).await;
    let before = bodies(&harness).await;
    let old = std::fs::read(&path).unwrap();
    let old_name = wrapping_names(&harness).await;
    let db = command(&harness, file(&path)).unwrap();

    let sending = async {
        let mut n_sent = 0;
        for number in 0..60 {
            let text = format!("Pendant {number}.");
            harness
                .send(&friends.luc, friends.conversation, &text)
                .await
                .unwrap();
            n_sent += 1;
            if number % 10 == 0 {
                // A new conversation, whose key is wrapped by whatever key is the present one.
                let other = harness.account(&format!("Marc Côté {number}")).await;
                harness.befriend(&friends.anne, &other).await;
            }
        }
        n_sent
    };
    let (n_wrapped, n_sent) = tokio::join!(rotate(&db, |_, _| Ok(())), sending);
    // Keys of the last moments may have been wrapped by either.
    assert!(n_wrapped.unwrap() >= 21);
    assert_eq!(n_sent, 60, "0 sends failed");

    let names = wrapping_names(&harness).await;
    assert_eq!(names.len(), 1);
    assert_ne!(names, old_name);
    assert!(before.iter().all(|body| !body.is_empty()));
    let after = bodies(&harness).await;
    assert!(
        before.iter().all(|body| after.contains(body)),
        "0 bodies rewritten"
    );
    assert_eq!(
        texts(&harness, &friends.anne, friends.conversation).await.len(),
        61
    );

    // The old key opens nothing: neither by itself, nor anything that is left in the files.
    let stale = path.with_file_name("old.key");
    std::fs::write(&stale, &old).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&stale, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let refused = command(&harness, file(&stale)).err().map(|error| error.chain());
    assert!(refused.is_some_and(|why| why.contains("another key")));
}

/// Fails from a given call on, as a process that is killed there.
struct Stopped {
    inner: FileKeeper,
    n_left: AtomicI64,
}

impl Stopped {
    fn step(&self) -> Result<()> {
        if self.n_left.fetch_sub(1, Ordering::SeqCst) <= 0 {
            return Err(Error::failed("asking the keeper", "stopped here"));
        }
        Ok(())
    }
}

impl KeyKeeper for Stopped {
    fn place(&self) -> String {
        self.inner.place()
    }

    fn names(&self) -> Result<Vec<Uuid>> {
        self.step()?;
        self.inner.names()
    }

    fn make(&self, clock: &dyn Clock) -> Result<Uuid> {
        let made = self.inner.make(clock);
        // Killed right after the file was written.
        self.step().and(made)
    }

    fn keep_only(&self, name: Uuid) -> Result<()> {
        self.step()?;
        self.inner.keep_only(name)
    }

    fn wrap(&self, name: Uuid, key: &Key, around: &[u8], clock: &dyn Clock) -> Result<WrappedKey> {
        self.step()?;
        self.inner.wrap(name, key, around, clock)
    }

    fn unwrap(&self, name: Uuid, wrapped: &WrappedKey, around: &[u8]) -> Result<Option<Key>> {
        self.inner.unwrap(name, wrapped, around)
    }

    fn is_all_sealed(&self) -> Result<bool> {
        self.inner.is_all_sealed()
    }

    fn note_all_sealed(&self) -> Result<()> {
        self.inner.note_all_sealed()
    }
}

/// Assurance ENC-03: stopped at every step, and each time all is readable and the next call goes on.
#[tokio::test]
async fn enc_03_a_rotation_that_was_stopped_anywhere_goes_on() {
    let (harness, path, _folder) = harness();
    let friends = many_conversations(&harness, 4).await;
    let mut n_stopped = 0;
    for n_steps in 0.. {
        let keeper = Arc::new(Stopped {
            inner: FileKeeper::at(&path, FileKind::Own),
            n_left: AtomicI64::new(n_steps),
        });
        let outcome = match command(&harness, keeper) {
            Ok(db) => rotate(&db, |_, _| Ok(())).await.map(drop),
            Err(error) => Err(error),
        };
        assert_eq!(
            texts(&harness, &friends.luc, friends.conversation).await,
            ["Avant."]
        );
        let anew = command(&harness, file(&path));
        assert!(anew.is_ok(), "a server can start after {n_steps} steps");
        if outcome.is_ok() {
            break;
        }
        n_stopped += 1;
        assert!(n_steps < 60, "{}", outcome.unwrap_err().chain());
    }

    assert!(n_stopped >= 3, "{n_stopped}");
    assert_eq!(
        wrapping_names(&harness).await,
        FileKeeper::at(&path, FileKind::Own).names().unwrap()
    );
}
