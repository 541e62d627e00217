//! At the start: the right key, the wrong one, none; and words that an earlier version left in the clear.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use app::conversations::{Draft, EditMessage, ReactToMessage, Reaction, SaveDraft};
use app::friendships::{ListFriendRequests, SendFriendRequest};
use server::clock::{Clock, SystemClock};
use server::conversations::index_words;
use server::error::{Error, Result};
use server::store::{FileKeeper, FileKind, Key, KeyKeeper, MemoryKeeper, Unlock, WrappedKey};
use uuid::Uuid;

use super::canaries::{canary, find};
use super::texts;
use crate::harness::{Friends, Harness, body};

fn with(keeper: impl KeyKeeper + 'static) -> Unlock {
    Unlock::with(Arc::new(keeper), Arc::new(SystemClock))
}

#[tokio::test]
async fn a_database_whose_key_is_lost_is_not_opened_and_keeps_what_it_has() {
    let mut harness = Harness::new();
    let friends = harness.two_friends().await;
    harness
        .send(&friends.anne, friends.conversation, "Gardé.")
        .await
        .unwrap();
    let before = harness.snapshot();
    let missing = harness.database().folder().join("nowhere").join("wrapping.key");
    let refusals = [
        (with(FileKeeper::at(&missing, FileKind::Own)), "is missing"),
        (
            with(MemoryKeeper::holding(Key::random(&SystemClock))),
            "another key",
        ),
    ];

    for (unlock, why) in refusals {
        let refused = harness.database().open_with(&unlock, Arc::new(|_| ()));
        let refused = refused.err().map(|error| error.chain()).unwrap_or_default();
        assert!(
            refused.contains(why) && refused.contains("nothing was changed"),
            "{refused}"
        );
    }

    assert!(!missing.exists(), "no other key was made");
    assert!(harness.snapshot() == before);
    harness.reopen();
    assert_eq!(
        texts(&harness, &friends.luc, friends.conversation).await,
        ["Gardé."]
    );
}

/// Words of every kind in the clear.
async fn plain(harness: &Harness) -> Friends {
    let friends = harness.two_friends().await;
    for number in 0..25 {
        harness
            .send(&friends.anne, friends.conversation, &canary(number))
            .await
            .unwrap();
    }
    let draft = Draft(canary(25));
    let conversation = friends.conversation;
    harness
        .call(
            &friends.luc,
            SaveDraft {
                conversation,
                draft,
                over: None,
            },
        )
        .await
        .unwrap();
    let marc = harness.account("Marc Côté").await;
    let wish = SendFriendRequest {
        account: friends.anne.id,
        note: Some(canary(26)),
    };
    harness.call(&marc, wish).await.unwrap();
    friends
}

async fn check_sealed(harness: &Harness, friends: &Friends) {
    let found: BTreeSet<usize> = harness
        .database()
        .bytes()
        .iter()
        .flat_map(|(_, bytes)| find(bytes, 27))
        .collect();
    assert_eq!(found, BTreeSet::new());
    let shown = texts(harness, &friends.luc, friends.conversation).await;
    assert_eq!(shown, (0..25).map(canary).collect::<Vec<_>>());
    let requests = harness.call(&friends.anne, ListFriendRequests {}).await.unwrap();
    assert_eq!(requests.received[0].note.as_ref().unwrap().as_str(), canary(26));
    let draft = harness
        .call(
            &friends.luc,
            app::conversations::GetConversation {
                conversation: friends.conversation,
            },
        )
        .await
        .unwrap()
        .conversation
        .draft;
    assert_eq!(draft, Some(Draft(canary(25))));
}

#[tokio::test]
async fn enc_01_words_of_an_earlier_version_are_sealed_at_the_start_and_leave_the_files() {
    let mut harness = Harness::planted_plain();
    let friends = plain(&harness).await;

    harness.reopen();

    check_sealed(&harness, &friends).await;
}

/// Unwraps a few keys, then never again.
struct Weak {
    inner: MemoryKeeper,
    n_left: AtomicI64,
}

impl KeyKeeper for Weak {
    fn place(&self) -> String {
        self.inner.place()
    }

    fn names(&self) -> Result<Vec<Uuid>> {
        self.inner.names()
    }

    fn make(&self, clock: &dyn Clock) -> Result<Uuid> {
        self.inner.make(clock)
    }

    fn keep_only(&self, name: Uuid) -> Result<()> {
        self.inner.keep_only(name)
    }

    fn wrap(&self, name: Uuid, key: &Key, around: &[u8], clock: &dyn Clock) -> Result<WrappedKey> {
        self.inner.wrap(name, key, around, clock)
    }

    fn unwrap(&self, name: Uuid, wrapped: &WrappedKey, around: &[u8]) -> Result<Option<Key>> {
        if self.n_left.fetch_sub(1, Ordering::SeqCst) <= 0 {
            return Err(Error::failed("unwrapping", "stopped here"));
        }
        self.inner.unwrap(name, wrapped, around)
    }

    fn is_all_sealed(&self) -> Result<bool> {
        self.inner.is_all_sealed()
    }

    fn note_all_sealed(&self) -> Result<()> {
        self.inner.note_all_sealed()
    }
}

#[tokio::test]
async fn sealing_that_was_interrupted_goes_on_at_the_next_start() {
    let mut harness = Harness::planted_plain();
    let friends = plain(&harness).await;
    // The conversation's key is at hand, the note's no longer.
    let weak = Weak {
        inner: MemoryKeeper::holding(Key::from_slice(&[7; Key::LEN]).unwrap()),
        n_left: AtomicI64::new(1),
    };
    assert!(
        harness
            .database()
            .open_with(&with(weak), Arc::new(|_| ()))
            .is_err()
    );

    harness.reopen();

    check_sealed(&harness, &friends).await;
}

#[tokio::test]
async fn once_all_is_sealed_a_plain_word_is_shown_as_nothing() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    harness
        .send(&friends.anne, friends.conversation, "Vrai.")
        .await
        .unwrap();

    harness
        .context
        .db
        .write(|tx| {
            let forged = b"Faux.".to_vec();
            tx.execute(
                "update messages set body_suite = 0, body_key_ref = null, body_nonce = null, body_bytes = $1",
                server::values![forged],
            )
        })
        .await
        .unwrap();

    assert_eq!(texts(&harness, &friends.luc, friends.conversation).await, [""]);
}

/// Opens the database with the key in a file, as a server that starts anew does.
fn start(harness: &mut Harness, path: &std::path::Path) {
    let unlock = with(FileKeeper::at(path, FileKind::Own));
    harness.context.db = harness
        .database()
        .open_with(&unlock, Arc::new(|_| ()))
        .unwrap_or_else(|error| panic!("{}", error.chain()));
}

/// Puts a plain message in the place of every sealed one and takes the database's own mark away.
async fn plant(harness: &Harness) {
    harness
        .context
        .db
        .write(|tx| {
            tx.execute("delete from sealing", &[])?;
            let forged = canary(0).into_bytes();
            tx.execute(
                "update messages set body_suite = 0, body_key_ref = null, body_nonce = null, body_bytes = $1",
                server::values![forged],
            )
        })
        .await
        .unwrap();
}

async fn suites(harness: &Harness) -> Vec<i64> {
    harness
        .context
        .db
        .read(|tx| tx.list("select body_suite from messages", &[], |row| row.get(0)))
        .await
        .unwrap()
}

/// Whoever may write to the database cannot make it take their words for old ones: that all is sealed, the key knows.
#[tokio::test]
async fn enc_01_a_word_that_was_planted_is_never_sealed_even_if_the_mark_of_the_database_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wrapping.key");
    let mut harness = Harness::unlocked_by(&with(FileKeeper::at(&path, FileKind::Own)));
    let friends = harness.two_friends().await;
    harness
        .send(&friends.anne, friends.conversation, "Vrai.")
        .await
        .unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let without_mark: String = text
        .lines()
        .filter(|line| !line.starts_with("pli-sealed-1"))
        .fold(String::new(), |text, line| text + line + "\n");
    assert_ne!(without_mark, text);
    // As an installation has it that was sealed before the key knew: it is told at the next start.
    std::fs::write(&path, &without_mark).unwrap();
    start(&mut harness, &path);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);

    for _ in 0..2 {
        plant(&harness).await;
        start(&mut harness, &path);
        assert_eq!(texts(&harness, &friends.luc, friends.conversation).await, [""]);
        assert_eq!(suites(&harness).await, [0], "nor sealed at a later start");
        // A change of the key takes the mark along.
        server::store::rotate(&harness.context.db, |_, _| Ok(()))
            .await
            .unwrap();
    }

    // Only whoever has the key file can say that it is an old copy which was put back.
    let text = std::fs::read_to_string(&path).unwrap();
    let line = text
        .lines()
        .find(|line| line.starts_with("pli-sealed-1"))
        .unwrap();
    std::fs::write(&path, text.replace(line, "")).unwrap();
    start(&mut harness, &path);
    assert_eq!(
        texts(&harness, &friends.luc, friends.conversation).await,
        [canary(0)]
    );
    assert_eq!(suites(&harness).await, [1]);
}

/// Planted words are noticed in every table that holds any: where they are, the database is not marked as whole.
#[tokio::test]
async fn planted_words_are_noticed_wherever_words_rest() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wrapping.key");
    let mut harness = Harness::unlocked_by(&with(FileKeeper::at(&path, FileKind::Own)));
    let friends = harness.two_friends().await;
    let conversation = friends.conversation;
    let sent = harness.send(&friends.anne, conversation, "2,5 g").await.unwrap();
    let (key, body) = (harness.key(), body("2,5 mg"));
    let message = sent.id;
    let wish = EditMessage { message, key, body };
    harness.call(&friends.anne, wish).await.unwrap();
    let wish = ReactToMessage {
        message,
        key: harness.key(),
        reaction: Some(Reaction::Seen),
    };
    harness.call(&friends.luc, wish).await.unwrap();
    index_words(&harness.context, conversation).await.unwrap();
    start(&mut harness, &path);

    for (plant, heal) in [
        (
            "update messages set body_suite = 0",
            "update messages set body_suite = 1",
        ),
        (
            "update message_versions set body_suite = 0",
            "update message_versions set body_suite = 1",
        ),
        (
            "update message_reactions set word_suite = 0",
            "update message_reactions set word_suite = 1",
        ),
        (
            "update word_segments set suite = 0",
            "update word_segments set suite = 1",
        ),
    ] {
        let unmark = "delete from sealing";
        let change = |all: [&'static str; 2]| {
            harness.context.db.write(move |tx| {
                let mut n_changed = 0;
                for sql in all {
                    n_changed = tx.execute(sql, &[])?;
                }
                Ok(n_changed)
            })
        };
        assert_eq!(change([unmark, plant]).await.unwrap(), 1, "{plant}");
        start(&mut harness, &path);
        assert_eq!(n_marks(&harness).await, 0, "{plant}");

        let change = |sql: &'static str| harness.context.db.write(move |tx| tx.execute(sql, &[]));
        change(heal).await.unwrap();
        start(&mut harness, &path);
        assert_eq!(n_marks(&harness).await, 1, "{heal}");
    }
}

async fn n_marks(harness: &Harness) -> usize {
    let marks = |tx: &mut server::store::Tx<'_>| tx.list("select 1 from sealing", &[], |_| Ok(()));
    harness.context.db.read(marks).await.unwrap().len()
}
