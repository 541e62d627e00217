//! Sealed words open in their own place alone.

use std::collections::HashSet;

use app::api::{AccountId, ConversationId, MessageId, Timestamp};
use app::conversations::{Draft, SaveDraft};
use server::clock::{Clock, SystemClock};
use server::error::Result;
use server::store::{Content, Envelope, Place, Tx};
use server::values;

use super::texts;
use crate::harness::Harness;

/// Every sealed place of the tables.
fn list(tx: &mut Tx<'_>) -> Result<Vec<(Place, Envelope)>> {
    let mut all = tx.list(
        "select conversation_id, id, position, sender_id, body_suite, body_key_ref, body_nonce, body_bytes from messages",
        &[],
        |row| {
            let place = Place::Body {
                conversation: row.get(0)?,
                message: row.get(1)?,
                position: row.get(2)?,
                author: row.get(3)?,
            };
            Ok((place, Envelope::from_row(row, 4)?.unwrap()))
        },
    )?;
    all.extend(tx.list(
        "select conversation_id, account_id, draft_suite, draft_key_ref, draft_nonce, draft_bytes
        from participants where draft_suite is not null",
        &[],
        |row| {
            let place = Place::Draft {
                conversation: row.get(0)?,
                account: row.get(1)?,
            };
            Ok((place, Envelope::from_row(row, 2)?.unwrap()))
        },
    )?);
    Ok(all)
}

async fn two_conversations(harness: &Harness) -> (ConversationId, ConversationId) {
    let friends = harness.two_friends().await;
    let marc = harness.account("Marc Côté").await;
    let other = harness.befriend(&friends.anne, &marc).await;
    for number in 0..20 {
        let (author, second) = if number % 3 == 0 {
            (&friends.anne, &friends.anne)
        } else {
            (&friends.luc, &marc)
        };
        let text = format!("Message {number}");
        harness.send(author, friends.conversation, &text).await.unwrap();
        harness.send(second, other, &text).await.unwrap();
    }
    for conversation in [friends.conversation, other] {
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
    }
    (friends.conversation, other)
}

/// Assurance ENC-02: another row, another position, another author, another conversation, another kind.
#[tokio::test]
async fn enc_02_ten_thousand_moves_are_refused_and_every_place_opens_its_own() {
    let harness = Harness::new();
    let (one, other) = two_conversations(&harness).await;

    let (n_opened, n_refused) = harness
        .context
        .db
        .read(move |tx| {
            let all = list(tx)?;
            assert_eq!(all.len(), 42);
            let mut n_opened = 0;
            for (place, envelope) in &all {
                n_opened += usize::from(matches!(tx.open(envelope, *place)?, Content::Here(_)));
            }
            let below = |limit: usize| {
                let mut bytes = [0; 8];
                SystemClock.fill_random(&mut bytes);
                usize::try_from(u64::from_le_bytes(bytes) % limit as u64).unwrap()
            };
            let mut n_refused = 0;
            for trial in 0..10_000 {
                let (place, envelope) = &all[below(all.len())];
                let moved = match (trial % 5, *place) {
                    (
                        0,
                        Place::Body {
                            conversation,
                            message,
                            position,
                            author,
                        },
                    ) => Place::Body {
                        conversation,
                        message,
                        position: position + 1 + below(9) as u64,
                        author,
                    },
                    (
                        1,
                        Place::Body {
                            conversation,
                            message,
                            position,
                            ..
                        },
                    ) => Place::Body {
                        conversation,
                        message,
                        position,
                        author: AccountId(harness_id(below(1_000))),
                    },
                    (
                        2,
                        Place::Body {
                            conversation,
                            position,
                            author,
                            ..
                        },
                    ) => Place::Body {
                        conversation,
                        message: MessageId(harness_id(below(1_000))),
                        position,
                        author,
                    },
                    (
                        3,
                        Place::Body {
                            conversation,
                            message,
                            position,
                            author,
                        },
                    ) => Place::Body {
                        conversation: if conversation == one { other } else { one },
                        message,
                        position,
                        author,
                    },
                    _ => loop {
                        let (other, _) = all[below(all.len())];
                        if other != *place {
                            break other;
                        }
                    },
                };
                n_refused += usize::from(tx.open(envelope, moved)? == Content::Damaged);
            }
            Ok((n_opened, n_refused))
        })
        .await
        .unwrap();

    assert_eq!((n_opened, n_refused), (42, 10_000));
}

fn harness_id(number: usize) -> uuid::Uuid {
    uuid::Uuid::from_u128(number as u128)
}

/// Assurance ENC-02, ENC-04: through the tables and the doors; and what each record says of itself.
#[tokio::test]
async fn enc_02_a_body_moved_to_another_row_is_shown_as_nothing_and_the_others_stay_readable() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    for number in 1..=5 {
        harness
            .send(&friends.anne, friends.conversation, &format!("Message {number}"))
            .await
            .unwrap();
    }
    let rows: Vec<(i64, Vec<u8>, Vec<u8>)> = harness
        .context
        .db
        .read(|tx| {
            tx.list(
                "select body_suite, body_key_ref, body_nonce from messages",
                &[],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
        })
        .await
        .unwrap();
    let nonces: HashSet<_> = rows.iter().map(|(_, _, nonce)| nonce.clone()).collect();
    assert_eq!(nonces.len(), 5);
    assert!(
        rows.iter()
            .all(|(suite, key, nonce)| (*suite, key.len(), nonce.len()) == (1, 16, 24))
    );

    harness
        .context
        .db
        .write(|tx| {
            tx.execute(
                "update messages set
                    body_nonce = (select m.body_nonce from messages m where m.position = 5),
                    body_bytes = (select m.body_bytes from messages m where m.position = 5)
                where position = 2",
                &[],
            )
        })
        .await
        .unwrap();

    assert_eq!(
        texts(&harness, &friends.luc, friends.conversation).await,
        ["Message 1", "", "Message 3", "Message 4", "Message 5"]
    );
}

/// A note is for the one who was asked, at the moment when it was asked.
#[tokio::test]
async fn enc_02_a_note_opens_for_its_own_request_alone() {
    use app::friendships::{ListFriendRequests, SendFriendRequest};
    let harness = Harness::new();
    let (anne, luc) = (
        harness.account("Anne Roy").await,
        harness.account("Luc Gagné").await,
    );
    let wish = SendFriendRequest {
        account: luc.id,
        note: Some("On s’est vus au congrès.".to_owned()),
    };
    harness.call(&anne, wish).await.unwrap();
    let note = async |harness: &Harness| {
        let received = harness.call(&luc, ListFriendRequests {}).await.unwrap().received;
        received[0].note.clone()
    };
    assert!(note(&harness).await.is_some());

    let later = Timestamp(harness.now().0 + 1);
    harness
        .context
        .db
        .write(move |tx| tx.execute("update relations set requested_at = $1", values![later]))
        .await
        .unwrap();

    assert!(note(&harness).await.is_none());
}
