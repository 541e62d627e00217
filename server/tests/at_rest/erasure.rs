//! An erased conversation is noise, in every live file.

use app::api::{ApiError, ConversationId};
use app::conversations::{Draft, SaveDraft, SendMessage};
use app::friendships::{CloseChannel, ListFriendRequests, SendFriendRequest};
use server::conversations::erase_conversation;
use server::error::Error;
use server::store::{Content, Envelope, Place};
use server::values;

use super::texts;
use crate::harness::{Harness, body, unknown_id};

/// The bytes that stand for words and for their keys, as the tables hold them, in pieces: what is long is laid in several
/// places of a file.
async fn traces(harness: &Harness) -> Vec<Vec<u8>> {
    harness
        .context
        .db
        .read(|tx| {
            let mut all: Vec<Option<Vec<u8>>> = tx.list(
                "select wrapped from keyring where purpose <> 'account'",
                &[],
                |row| row.get(0),
            )?;
            all.extend(tx.list("select body_bytes from messages", &[], |row| row.get(0))?);
            all.extend(tx.list("select draft_bytes from participants", &[], |row| row.get(0))?);
            all.extend(tx.list("select note_bytes from relations", &[], |row| row.get(0))?);
            let pieces = all.iter().flatten().flat_map(|bytes| bytes.chunks_exact(32));
            Ok(pieces.map(<[u8]>::to_vec).collect())
        })
        .await
        .unwrap()
}

fn count(harness: &Harness, traces: &[Vec<u8>]) -> usize {
    let stored = harness.database().bytes();
    let is_there = |trace: &&Vec<u8>| {
        let mut wanted = (*trace).clone();
        if harness.database().postgres().is_some() {
            // The rows are seen as text.
            wanted = format!("{trace:?}").trim_matches(['[', ']']).as_bytes().to_vec();
        }
        let holds = |bytes: &Vec<u8>| bytes.windows(wanted.len()).any(|window| window == wanted);
        stored.iter().any(|(_, bytes)| holds(bytes))
    };
    traces.iter().filter(is_there).count()
}

/// Assurance ERA-01.
#[tokio::test]
async fn era_01_an_erased_conversation_leaves_no_byte_of_a_word_or_a_key() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let marc = harness.account("Marc Côté").await;
    for number in 0..30 {
        let text = format!("Message {number} {}", "long ".repeat(number * 8));
        harness
            .send(&friends.anne, friends.conversation, &text)
            .await
            .unwrap();
    }
    let conversation = friends.conversation;
    let draft = Draft("Pas encore.".to_owned());
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
    harness
        .call(
            &friends.luc,
            CloseChannel {
                account: friends.anne.id,
            },
        )
        .await
        .unwrap();
    let wish = SendFriendRequest {
        account: friends.luc.id,
        note: Some("Rouvrons.".to_owned()),
    };
    harness.call(&friends.anne, wish).await.unwrap();
    let before = traces(&harness).await;
    // A piece that lies across the end of a page is found in neither.
    let n_before = count(&harness, &before);
    assert!(
        before.len() > 300 && n_before * 100 > before.len() * 90,
        "{n_before} of {}",
        before.len()
    );
    let other = harness.befriend(&friends.anne, &marc).await;
    harness.send(&marc, other, "Ailleurs.").await.unwrap();

    erase_conversation(&harness.context, None, conversation)
        .await
        .unwrap();

    assert_eq!(count(&harness, &before), 0);
    let shown = texts(&harness, &friends.anne, conversation).await;
    assert_eq!(shown, vec![String::new(); 30], "who wrote when stays");
    let requests = harness.call(&friends.luc, ListFriendRequests {}).await.unwrap();
    assert!(requests.received[0].note.is_none());
    assert_eq!(texts(&harness, &friends.anne, other).await, ["Ailleurs."]);
}

#[tokio::test]
async fn an_erased_conversation_goes_on_under_another_key_and_remembers_its_keys_of_sending() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let wish = SendMessage {
        conversation: friends.conversation,
        key: harness.key(),
        reply_to: None,
        body: body("Le bilan est au dossier."),
        clears_draft: false,
        attachments: Vec::new(),
    };
    let sent = harness.call(&friends.anne, wish.clone()).await.unwrap().message;

    erase_conversation(&harness.context, None, friends.conversation)
        .await
        .unwrap();
    erase_conversation(&harness.context, None, friends.conversation)
        .await
        .unwrap();
    let again = harness.call(&friends.anne, wish).await.unwrap().message;
    let next = harness
        .send(&friends.luc, friends.conversation, "On reprend.")
        .await
        .unwrap();

    assert_eq!((again.id, again.position), (sent.id, sent.position));
    assert_eq!(next.position, 2);
    assert_eq!(
        texts(&harness, &friends.anne, friends.conversation).await,
        ["", "On reprend."]
    );
    let keys: Vec<bool> = harness
        .context
        .db
        .read(|tx| {
            tx.list(
                "select made_at from keyring where purpose = 'conversation' order by made_at, id",
                &[],
                |row| Ok(row.get::<i64>(0)? > 0),
            )
        })
        .await
        .unwrap();
    assert_eq!(keys.len(), 2);
}

#[tokio::test]
async fn nothing_is_erased_where_there_is_no_conversation() {
    let harness = Harness::new();
    let unknown = app::api::ConversationId(unknown_id());

    let refused = erase_conversation(&harness.context, None, unknown).await;

    assert!(matches!(refused, Err(Error::Refused(ApiError::NotFound))));
}

/// What the store answers for each message of a conversation.
async fn contents(harness: &Harness, conversation: ConversationId) -> Vec<Content<String>> {
    harness
        .context
        .db
        .read(move |tx| {
            let sealed = tx.list(
                "select id, position, sender_id, body_suite, body_key_ref, body_nonce, body_bytes
                from messages
                where conversation_id = $1
                order by position",
                values![conversation],
                |row| {
                    let place = Place::Body {
                        conversation,
                        message: row.get(0)?,
                        position: row.get(1)?,
                        author: row.get(2)?,
                    };
                    Ok((place, Envelope::from_row(row, 3)?.unwrap()))
                },
            )?;
            let open = |(place, envelope)| tx.open(&envelope, place);
            sealed.into_iter().map(open).collect()
        })
        .await
        .unwrap()
}

/// Assurance ERA-01: only what was erased with its key is called erased; a body that somebody emptied is damaged.
#[tokio::test]
async fn era_01_an_emptied_body_whose_key_was_not_destroyed_is_damaged() {
    let mut harness = Harness::new();
    let friends = harness.two_friends().await;
    let marc = harness.account("Marc Côté").await;
    let erased = harness.befriend(&friends.anne, &marc).await;
    harness.send(&marc, erased, "Effacé.").await.unwrap();
    let conversation = friends.conversation;
    for text in ["Vidé.", "Entier.", "Vidé, et sous une clé détruite."] {
        harness.send(&friends.luc, conversation, text).await.unwrap();
    }
    erase_conversation(&harness.context, None, erased).await.unwrap();

    harness
        .context
        .db
        .write(move |tx| {
            let nothing: Vec<u8> = Vec::new();
            tx.execute(
                "update messages set body_bytes = $1 where conversation_id = $2 and position <> 2",
                values![nothing, conversation],
            )?;
            tx.execute(
                "update messages set body_key_ref = (select id from keyring where destroyed_at is not null)
                where conversation_id = $1 and position = 3",
                values![conversation],
            )
        })
        .await
        .unwrap();

    let whole = || Content::Here("Entier.".to_owned());
    for _ in 0..2 {
        assert_eq!(
            contents(&harness, conversation).await,
            [Content::Damaged, whole(), Content::Damaged]
        );
        assert_eq!(contents(&harness, erased).await, [Content::Erased]);
        // The same without a key at hand.
        harness.reopen();
    }
    // Another process still has the key at hand when it is destroyed.
    let db = harness.context.db.clone();
    harness.reopen();
    erase_conversation(&harness.context, None, conversation)
        .await
        .unwrap();
    harness.context.db = db;
    let known = contents(&harness, conversation).await;
    assert_eq!(known[..2], [Content::Erased, Content::Erased]);
}
