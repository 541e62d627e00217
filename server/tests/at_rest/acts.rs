//! What messages said before, and words of one answer: sealed, each for its place, and gone when they are deleted.

use std::collections::BTreeSet;

use app::api::{ConversationId, MessageId};
use app::conversations::{
    DeleteMessage, EditMessage, ListVersions, Message, ReactToMessage, Reaction, SendMessage,
};
use server::conversations::erase_conversation;
use server::error::Result;
use server::store::{Content, Envelope, Place, Tx};

use super::canaries::{canary, find};
use super::read_all;
use crate::harness::{Account, Friends, Harness, body};

const N_MESSAGES: usize = 8;
/// Each message says three things one after the other.
const N_CANARIES: usize = 3 * N_MESSAGES;

async fn edit(harness: &Harness, who: &Account, message: MessageId, text: &str) {
    let (key, body) = (harness.key(), body(text));
    harness
        .call_http(who, EditMessage { message, key, body })
        .await
        .unwrap();
}

async fn react(harness: &Harness, who: &Account, message: MessageId, reaction: Reaction) {
    let (key, reaction) = (harness.key(), Some(reaction));
    let wish = ReactToMessage {
        message,
        key,
        reaction,
    };
    harness.call_http(who, wish).await.unwrap();
}

/// Messages that were changed twice, each an answer to the one before; both have reacted to all of them.
async fn write(harness: &Harness, friends: &Friends) -> Vec<Message> {
    let mut sent: Vec<Message> = Vec::new();
    for number in 0..N_MESSAGES {
        let wish = SendMessage {
            conversation: friends.conversation,
            key: harness.key(),
            reply_to: sent.last().map(|message| message.id),
            body: body(&canary(3 * number)),
            clears_draft: false,
            attachments: Vec::new(),
        };
        let message = harness.call_http(&friends.anne, wish).await.unwrap().message;
        edit(harness, &friends.anne, message.id, &canary(3 * number + 1)).await;
        edit(harness, &friends.anne, message.id, &canary(3 * number + 2)).await;
        react(harness, &friends.luc, message.id, Reaction::ALL[number % 5]).await;
        react(harness, &friends.anne, message.id, Reaction::Seen).await;
        sent.push(message);
    }
    sent
}

fn stored(harness: &Harness) -> BTreeSet<usize> {
    let stored = harness.database().bytes();
    stored
        .iter()
        .flat_map(|(_, bytes)| find(bytes, N_CANARIES))
        .collect()
}

/// Assurance ENC-01: what a message said before and what is quoted stand nowhere in the clear, and with the keys everything
/// is found.
#[tokio::test]
async fn enc_01_neither_history_nor_quotes_are_found_in_what_is_stored() {
    for (harness, is_found) in [(Harness::new(), false), (Harness::planted_plain(), true)] {
        let friends = harness.two_friends().await;
        let sent = write(&harness, &friends).await;

        let mut shown = BTreeSet::new();
        for message in &sent {
            let wish = ListVersions { message: message.id };
            for version in harness.call(&friends.luc, wish).await.unwrap().versions {
                shown.extend(find(version.body.as_str().as_bytes(), N_CANARIES));
            }
        }
        assert_eq!(shown.len(), N_CANARIES, "with the keys all are found");
        assert_eq!(stored(&harness).len(), if is_found { N_CANARIES } else { 0 });
    }
}

/// Every sealed place of what is on messages, and of the messages themselves.
fn list(tx: &mut Tx<'_>) -> Result<Vec<(Place, Envelope)>> {
    let place = |conversation, message, position, author, version: u64| match version {
        1 => Place::Body {
            conversation,
            message,
            position,
            author,
        },
        version => Place::Version {
            conversation,
            message,
            position,
            author,
            version,
        },
    };
    let mut all = tx.list(
        "select conversation_id, id, position, sender_id, version, body_suite, body_key_ref, body_nonce, body_bytes
        from messages",
        &[],
        |row| {
            let place = place(row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
            Ok((place, Envelope::from_row(row, 5)?.unwrap()))
        },
    )?;
    all.extend(tx.list(
        "select m.conversation_id, m.id, m.position, m.sender_id, v.version, v.body_suite, v.body_key_ref, v.body_nonce,
            v.body_bytes
        from message_versions v
        join messages m on m.conversation_id = v.conversation_id and m.position = v.position",
        &[],
        |row| {
            let place = place(row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
            Ok((place, Envelope::from_row(row, 5)?.unwrap()))
        },
    )?);
    all.extend(tx.list(
        "select m.conversation_id, m.id, r.account_id, r.word_suite, r.word_key_ref, r.word_nonce, r.word_bytes
        from message_reactions r
        join messages m on m.conversation_id = r.conversation_id and m.position = r.position",
        &[],
        |row| {
            let place = Place::Reaction {
                conversation: row.get(0)?,
                message: row.get(1)?,
                account: row.get(2)?,
            };
            Ok((place, Envelope::from_row(row, 3)?.unwrap()))
        },
    )?);
    Ok(all)
}

/// Assurance ENC-02: every one in its own place, and none in any other: no version of a message stands for another one, no
/// word for that of the friend.
#[tokio::test]
async fn enc_02_versions_and_words_open_in_their_own_place_alone() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    write(&harness, &friends).await;

    let (n_opened, n_refused) = harness
        .context
        .db
        .read(move |tx| {
            let all = list(tx)?;
            assert_eq!(all.len(), 5 * N_MESSAGES);
            let (mut n_opened, mut n_refused) = (0, 0);
            for (index, (_, envelope)) in all.iter().enumerate() {
                for (other, (place, _)) in all.iter().enumerate() {
                    let content = tx.open_bytes(envelope, *place)?;
                    if index == other {
                        n_opened += usize::from(matches!(content, Content::Here(_)));
                    } else {
                        n_refused += usize::from(content == Content::Damaged);
                    }
                }
            }
            Ok((n_opened, n_refused))
        })
        .await
        .unwrap();

    let n = 5 * N_MESSAGES;
    assert_eq!((n_opened, n_refused), (n, n * (n - 1)));
}

/// Assurance ENC-02: whoever writes to the database cannot take a change back.
#[tokio::test]
async fn enc_02_an_earlier_version_put_back_in_its_place_is_shown_as_nothing() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let sent = harness
        .send(&friends.anne, friends.conversation, "2,5 g")
        .await
        .unwrap();
    edit(&harness, &friends.anne, sent.id, "2,5 mg").await;

    harness
        .context
        .db
        .write(|tx| {
            tx.execute(
                "update messages set
                    body_nonce = (select v.body_nonce from message_versions v),
                    body_bytes = (select v.body_bytes from message_versions v)",
                &[],
            )
        })
        .await
        .unwrap();

    let shown = read_all(&harness, &friends.luc, friends.conversation).await;
    assert!(shown[0].body.is_withheld());
}

/// The sealed bytes of everything that a conversation has said, in pieces.
async fn traces(harness: &Harness) -> Vec<Vec<u8>> {
    let all = harness.context.db.read(list).await.unwrap();
    let bytes = all.into_iter().map(|(_, envelope)| envelope.into_columns());
    bytes
        .flat_map(|[.., bytes]| match bytes {
            server::store::Value::Bytes(bytes) => bytes.chunks_exact(16).map(<[u8]>::to_vec).collect(),
            _ => Vec::new(),
        })
        .collect()
}

fn count(harness: &Harness, traces: &[Vec<u8>]) -> usize {
    let stored = harness.database().bytes();
    let is_postgres = harness.database().postgres().is_some();
    let is_there = |trace: &&Vec<u8>| {
        // The rows of PostgreSQL are seen as text.
        let wanted = if is_postgres {
            format!("{trace:?}").trim_matches(['[', ']']).as_bytes().to_vec()
        } else {
            (*trace).clone()
        };
        stored
            .iter()
            .any(|(_, bytes)| bytes.windows(wanted.len()).any(|window| window == wanted))
    };
    traces.iter().filter(is_there).count()
}

async fn delete_all(harness: &Harness, friends: &Friends, sent: &[Message]) {
    for message in sent {
        let wish = DeleteMessage { message: message.id };
        harness.call(&friends.anne, wish).await.unwrap();
    }
}

/// Assurance ERA-01: what was deleted, and what it said before, is noise in no row, and in no file once the log was moved.
#[tokio::test]
async fn era_01_a_deleted_message_leaves_no_byte_of_what_it_said() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let sent = write(&harness, &friends).await;
    let before = traces(&harness).await;
    assert!(count(&harness, &before) * 100 > before.len() * 90);

    delete_all(&harness, &friends, &sent).await;
    harness.context.db.scrub().await.unwrap();

    assert_eq!(count(&harness, &before), 0);
    let shown = read_all(&harness, &friends.luc, friends.conversation).await;
    assert_eq!(shown.len(), N_MESSAGES, "that there were messages stays");
    assert!(shown.iter().all(|message| message.deleted_at.is_some()));
}

/// Assurance ERA-01: erasing a conversation takes history and words along.
#[tokio::test]
async fn era_01_an_erased_conversation_keeps_no_history_and_no_word() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let sent = write(&harness, &friends).await;
    let before = traces(&harness).await;

    erase_conversation(&harness.context, None, friends.conversation)
        .await
        .unwrap();

    assert_eq!(count(&harness, &before), 0);
    for message in &sent {
        let wish = ListVersions { message: message.id };
        let listed = harness.call(&friends.luc, wish).await.unwrap();
        assert!(listed.versions.iter().all(|version| version.body.is_withheld()));
    }
    let shown = read_all(&harness, &friends.luc, friends.conversation).await;
    assert!(
        shown
            .iter()
            .all(|message| message.marks.read().reactions.is_empty())
    );
    require_counts(&harness, friends.conversation).await;
}

/// What a row says of the rows beside it is true.
async fn require_counts(harness: &Harness, conversation: ConversationId) {
    let wrong: Vec<u64> = harness
        .context
        .db
        .read(move |tx| {
            tx.list(
                "select m.position from messages m
                where m.conversation_id = $1 and m.n_marks <>
                    (select count(*) from message_reactions r
                    where r.conversation_id = m.conversation_id and r.position = m.position)
                    + (select count(*) from message_stars s
                    where s.conversation_id = m.conversation_id and s.position = m.position)",
                server::values![conversation],
                |row| row.get(0),
            )
        })
        .await
        .unwrap();
    assert_eq!(wrong, [0_u64; 0]);
}

/// A message of a damaged key, or whose history is damaged, leaves the others as they are.
#[tokio::test]
async fn a_damaged_history_hides_itself_alone() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let sent = write(&harness, &friends).await;

    harness
        .context
        .db
        .write(|tx| {
            tx.execute(
                "update message_versions set body_bytes = body_nonce where version = 2",
                &[],
            )?;
            tx.execute(
                "update message_reactions set word_bytes = word_nonce where position = 3",
                &[],
            )
        })
        .await
        .unwrap();

    let versions = harness
        .call(&friends.luc, ListVersions { message: sent[0].id })
        .await
        .unwrap();
    let shown: Vec<bool> = versions
        .versions
        .iter()
        .map(|version| version.body.is_withheld())
        .collect();
    assert_eq!(shown, [false, true, false]);
    let messages = read_all(&harness, &friends.luc, friends.conversation).await;
    let n_words: Vec<usize> = messages
        .iter()
        .map(|message| message.marks.read().reactions.len())
        .collect();
    assert_eq!(n_words, [2, 2, 0, 2, 2, 2, 2, 2]);
}
