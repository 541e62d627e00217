//! Bits that flip: found by SQLite or by the seal, never served as a wrong text.

use std::collections::HashSet;
use std::sync::Arc;

use app::conversations::{Draft, ListConversations, ReadTimeline, SaveDraft};
use server::clock::{Clock, SystemClock};
use server::context::Context;
use server::conversations;
use server::store::Db;
use server::values;

use super::texts;
use crate::harness::{Harness, unlock};

/// Bits that are flipped here; each costs a start of the store.
const N_FLIPS: usize = 100;

/// Assurance INT-03: in a row, on either engine. The sender is not hindered, and the other messages stay readable.
#[tokio::test]
async fn int_03_a_damaged_body_is_shown_as_nothing() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let mut sent = Vec::new();
    for number in 0..3 {
        let text = format!("Message {number}");
        sent.push(
            harness
                .send(&friends.anne, friends.conversation, &text)
                .await
                .unwrap(),
        );
    }

    for column in 0..3_i64 {
        let position = column + 1;
        harness
            .context
            .db
            .write(move |tx| {
                let (mut nonce, mut bytes): (Vec<u8>, Vec<u8>) = tx
                    .find(
                        "select body_nonce, body_bytes from messages where position = $1",
                        values![position],
                        |row| Ok((row.get(0)?, row.get(1)?)),
                    )?
                    .unwrap();
                match column {
                    0 => nonce[0] ^= 1,
                    1 => bytes[0] ^= 1,
                    _ => bytes.truncate(7),
                }
                tx.execute(
                    "update messages set body_nonce = $1, body_bytes = $2 where position = $3",
                    values![nonce, bytes, position],
                )
            })
            .await
            .unwrap();
        let shown = texts(&harness, &friends.luc, friends.conversation).await;
        let n_shown = shown.iter().filter(|text| !text.is_empty()).count();
        assert_eq!(n_shown, usize::try_from(2 - column).unwrap(), "{shown:?}");
    }
    assert_eq!(sent.len(), 3);
    harness
        .send(&friends.luc, friends.conversation, "Et la suite.")
        .await
        .unwrap();
    let shown = texts(&harness, &friends.anne, friends.conversation).await;
    assert_eq!(shown, ["", "", "", "Et la suite."]);
}

/// Assurance INT-03: what is broken of one conversation, in the keyring or in its envelope, takes no other one away.
#[tokio::test]
async fn int_03_a_damaged_key_is_the_damage_of_its_conversation_alone() {
    let breakages: [&'static str; 9] = [
        "update keyring set wrapping_key = $1 where id = $2",
        "update keyring set wrap_nonce = $1 where id = $2",
        "update keyring set wrapped = $1 where id = $2",
        "update keyring set wrapped = null where cast($1 as bytea) is not null and id = $2",
        "update keyring set wrapping_key = null where cast($1 as bytea) is not null and id = $2",
        "update keyring set owner = $1 where id = $2",
        "update messages set body_nonce = $1 where body_key_ref = $2",
        "update messages set body_key_ref = $1 where body_key_ref = $2",
        "update messages set body_suite = 7, body_nonce = $1 where body_key_ref = $2",
    ];
    // Of a length that nothing has, and as long as an id.
    for (sql, damage) in breakages.iter().flat_map(|sql| [(*sql, 5), (*sql, 16)]) {
        let mut harness = Harness::new();
        let friends = harness.two_friends().await;
        let marc = harness.account("Marc Côté").await;
        let other = harness.befriend(&friends.anne, &marc).await;
        harness
            .send(&friends.luc, friends.conversation, "Abîmé.")
            .await
            .unwrap();
        harness.send(&marc, other, "Entier.").await.unwrap();
        let conversation = friends.conversation;
        let draft = Draft("Pas encore.".to_owned());
        harness
            .call(
                &friends.anne,
                SaveDraft {
                    conversation,
                    draft,
                    over: None,
                },
            )
            .await
            .unwrap();
        // Nothing is at hand any more.
        harness.reopen();

        let n_broken = harness
            .context
            .db
            .write(move |tx| {
                let key: Option<Vec<u8>> = tx.find(
                    "select key_ref from conversations where id = $1",
                    values![conversation],
                    |row| row.get(0),
                )?;
                tx.execute(sql, values![vec![9; damage], key])
            })
            .await
            .unwrap();
        assert_eq!(n_broken, 1, "{sql}");

        let shown = harness
            .call(&friends.anne, ListConversations { limit: None })
            .await
            .unwrap()
            .conversations;
        let last = |friend: &str| {
            let found = shown
                .iter()
                .find(|conversation| conversation.friend.name == friend);
            let message = found.unwrap().last_message.clone().unwrap();
            message.body.as_str().to_owned()
        };
        assert_eq!(last("Marc Côté"), "Entier.", "{sql}");
        assert_eq!(last("Luc Gagné"), "", "{sql}");
        // Nobody is kept from writing on.
        let draft = Draft("Toujours pas.".to_owned());
        harness
            .call(
                &friends.anne,
                SaveDraft {
                    conversation,
                    draft,
                    over: None,
                },
            )
            .await
            .unwrap();
        harness
            .send(&friends.luc, conversation, "Et la suite.")
            .await
            .unwrap();
        assert_eq!(
            texts(&harness, &friends.anne, conversation).await,
            ["", "Et la suite."],
            "{sql}"
        );
    }
}

/// Assurance INT-03, the short version: anywhere in the file, and the store either refuses it or shows the right words or
/// none.
#[tokio::test]
async fn int_03_a_flipped_bit_anywhere_never_becomes_a_wrong_text() {
    let harness = Harness::opened_by(|path, on_commit| Db::open_sqlite(path, &unlock(), on_commit).unwrap());
    let friends = harness.two_friends().await;
    let mut said = HashSet::new();
    for number in 0..120 {
        let text = format!("Message {number} {}", "ligne ".repeat(number % 7 * 10));
        let text = text.trim().to_owned();
        harness
            .send(&friends.anne, friends.conversation, &text)
            .await
            .unwrap();
        said.insert(text);
    }
    harness.context.db.scrub().await.unwrap();
    let whole = std::fs::read(harness.database().file()).unwrap();
    let (mut n_right, mut n_withheld, mut n_refused, mut wrong) = (0, 0, 0, Vec::new());
    let folder = tempfile::tempdir().unwrap();
    for trial in 0..N_FLIPS {
        let mut bytes = whole.clone();
        let mut random = [0; 8];
        SystemClock.fill_random(&mut random);
        let bit = usize::try_from(u64::from_le_bytes(random) % (whole.len() as u64 * 8)).unwrap();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let path = folder.path().join(format!("{trial}.db"));
        std::fs::write(&path, bytes).unwrap();
        let Ok(db) = Db::open_sqlite(&path, &unlock(), Arc::new(|_| ())) else {
            n_refused += 1;
            continue;
        };
        let context = Context {
            db,
            ..harness.context.clone()
        };
        let wish = ReadTimeline {
            conversation: friends.conversation,
            before: None,
            after: Some(0),
            around: None,
            limit: Some(200),
        };
        match conversations::read_timeline(context, friends.luc.caller.clone(), wish).await {
            Err(_) => n_refused += 1,
            Ok(page) => {
                for message in page.messages {
                    let text = message.body.as_str();
                    if text.is_empty() {
                        n_withheld += 1;
                    } else if said.contains(text) {
                        n_right += 1;
                    } else {
                        wrong.push(bit);
                    }
                }
            }
        }
        let _ = std::fs::remove_file(&path);
    }

    assert_eq!(wrong, Vec::<usize>::new());
    assert!(n_right > N_FLIPS * 60, "most flips harm little: {n_right}");
    assert!(
        n_withheld > 0,
        "some met a body; {n_refused} were refused as a whole"
    );
}
