//! What rests of words that are laid out to be searched: nothing to read.

use app::conversations::SearchMessages;
use server::conversations::{erase_conversation, index_words};

use super::{everywhere, inside};
use crate::harness::Harness;

const N_CANARIES: usize = 40;

/// A word that stands nowhere else, and stays whole when it is folded.
fn canary(number: usize) -> String {
    format!("canariquizulu{number:04}")
}

async fn write(harness: &Harness) -> (crate::harness::Friends, usize) {
    let friends = harness.two_friends().await;
    for number in 0..N_CANARIES {
        let text = format!("{}, le bilan est au dossier.", canary(number).to_uppercase());
        harness
            .send(&friends.anne, friends.conversation, &text)
            .await
            .unwrap();
    }
    index_words(&harness.context, friends.conversation).await.unwrap();
    let mut n_found = 0;
    for number in 0..N_CANARIES {
        let wish = everywhere(&canary(number));
        n_found += usize::try_from(harness.call_http(&friends.luc, wish).await.unwrap().total).unwrap();
    }
    (friends, n_found)
}

/// The canaries that stand in what is stored, in lower case as words are laid out; their beginnings are enough.
fn n_stored(harness: &Harness) -> usize {
    let stored = harness.database().bytes();
    let is_postgres = harness.database().postgres().is_some();
    let holds = |bytes: &[u8], wanted: &[u8]| bytes.windows(wanted.len()).any(|window| window == wanted);
    // Words lie in order, each without the letters that the one before it has as well: a block begins with a whole one.
    let wanted = b"canariquizulu".to_vec();
    let seen = if is_postgres {
        // The rows are seen as text.
        format!("{wanted:?}").trim_matches(['[', ']']).as_bytes().to_vec()
    } else {
        wanted
    };
    stored.iter().filter(|(_, bytes)| holds(bytes, &seen)).count()
}

/// Assurance ENC-05: with the keys every word is found; in what is stored, none.
#[tokio::test]
async fn enc_05_no_word_lies_in_clear_where_it_is_laid_out() {
    let harness = Harness::new();

    let (_, n_found) = write(&harness).await;

    assert_eq!(n_found, N_CANARIES);
    assert_eq!(n_stored(&harness), 0);
}

/// Assurance ENC-05, the planted bug: words that are laid out in the clear are found.
#[tokio::test]
async fn enc_05_a_store_that_does_not_seal_what_is_laid_out_is_caught() {
    let harness = Harness::planted_plain();

    let (_, n_found) = write(&harness).await;

    assert_eq!(n_found, N_CANARIES);
    assert!(n_stored(&harness) > 0);
}

/// Assurance ERA-01: the bytes of what was laid out are in no live file once the conversation is erased.
#[tokio::test]
async fn era_01_nothing_of_what_was_laid_out_is_left_in_the_files() {
    let harness = Harness::new();
    let (friends, _) = write(&harness).await;
    let traces: Vec<Vec<u8>> = harness
        .context
        .db
        .read(|tx| {
            let all = tx.list("select bytes from word_segments", &[], |row| {
                row.get::<Vec<u8>>(0)
            })?;
            Ok(all
                .iter()
                .flat_map(|bytes| bytes.chunks_exact(32))
                .map(<[u8]>::to_vec)
                .collect())
        })
        .await
        .unwrap();
    let count = |harness: &Harness| {
        let stored = harness.database().bytes();
        let is_postgres = harness.database().postgres().is_some();
        let is_there = |trace: &&Vec<u8>| {
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
    };
    assert!(
        traces.len() > 20 && count(&harness) * 100 > traces.len() * 85,
        "{} of {}",
        count(&harness),
        traces.len()
    );

    erase_conversation(&harness.context, None, friends.conversation)
        .await
        .unwrap();

    assert_eq!(count(&harness), 0);
}

/// Assurance PRV-02: what was typed is in no address, and a refusal does not repeat it.
#[tokio::test]
async fn prv_02_a_refusal_does_not_repeat_what_was_typed() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let typed = "canariquizulu ".repeat(40);
    assert!(typed.chars().count() > SearchMessages::MAX_CHARS);

    for wish in [everywhere(&typed), inside(friends.conversation, &typed)] {
        let json = serde_json::to_string(&wish).unwrap();
        let request = axum::http::Request::builder()
            .method("POST")
            .uri("/api/v1/conversations.search_messages")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {}", friends.anne.token))
            .body(axum::body::Body::from(json))
            .unwrap();
        let (status, text) = harness.http(request).await;
        assert!(status.is_client_error() && !text.contains("canari"), "{text}");
    }
    let get = axum::http::Request::builder()
        .uri("/api/v1/conversations.search_messages?text=canariquizulu")
        .header("authorization", format!("Bearer {}", friends.anne.token))
        .body(axum::body::Body::empty())
        .unwrap();
    assert!(
        !harness.http(get).await.0.is_success(),
        "words never travel in an address"
    );
}

/// Assurance ENC-02: what is laid out of one conversation opens nowhere else, and what is searched is found all the same.
#[tokio::test]
async fn enc_02_a_segment_opens_in_its_own_place_alone() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let marc = harness.account("Marc Côté").await;
    let other = harness.befriend(&friends.anne, &marc).await;
    harness
        .send(&friends.luc, friends.conversation, "La pastèque")
        .await
        .unwrap();
    harness.send(&marc, other, "Le melon").await.unwrap();
    for conversation in [friends.conversation, other] {
        index_words(&harness.context, conversation).await.unwrap();
    }

    harness
        .context
        .db
        .write(|tx| {
            tx.execute(
                "update word_segments set (key_ref, nonce, bytes) =
                    (select s.key_ref, s.nonce, s.bytes from word_segments s
                    where s.conversation_id <> word_segments.conversation_id)",
                &[],
            )
        })
        .await
        .unwrap();

    for (text, conversation) in [("pastèque", friends.conversation), ("melon", other)] {
        let found = harness.call(&friends.anne, everywhere(text)).await.unwrap();
        assert_eq!(found.total, 1, "{text}");
        assert_eq!(found.hits[0].conversation, conversation);
    }
}
