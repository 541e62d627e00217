//! Words that are laid out are a hint: whatever becomes of them, the stored messages are what is found.

use app::api::ConversationId;
use app::conversations::{DeleteMessage, EditMessage, ForwardMessage};
use server::conversations::{erase_conversation, index_words, prepare_words, put_words};
use server::store::Value;
use server::values;

use super::{everywhere, inside, texts};
use crate::harness::{Friends, Harness, body};

async fn ranges(harness: &Harness, conversation: ConversationId) -> Vec<(u64, u64)> {
    harness
        .context
        .db
        .read(move |tx| {
            tx.list(
                "select first_position, last_position from word_segments where conversation_id = $1 order by 1",
                values![conversation],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
        })
        .await
        .unwrap()
}

async fn send_many(harness: &Harness, friends: &Friends, numbers: std::ops::Range<usize>) {
    for number in numbers {
        let text = format!("Message {number} : bilan du lot {}", number % 7);
        harness
            .send(&friends.anne, friends.conversation, &text)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn what_is_not_laid_out_yet_is_found_all_the_same() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let wish = || inside(friends.conversation, "lot 3 ");
    send_many(&harness, &friends, 0..20).await;
    index_words(&harness.context, friends.conversation).await.unwrap();
    send_many(&harness, &friends, 20..40).await;

    let before = texts(&harness, &friends.luc, wish()).await;
    index_words(&harness.context, friends.conversation).await.unwrap();
    let after = texts(&harness, &friends.luc, wish()).await;

    assert_eq!(before.len(), 6);
    assert_eq!(before, after);
    assert_eq!(ranges(&harness, friends.conversation).await, [(1, 40)]);
    assert_eq!(
        index_words(&harness.context, friends.conversation).await.unwrap(),
        0,
        "nothing is left to do"
    );
}

/// What a message no longer says is not found, what it says now is; its old words are in no segment.
#[tokio::test]
async fn a_message_that_changes_takes_its_words_along() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let conversation = friends.conversation;
    send_many(&harness, &friends, 0..10).await;
    let sent = harness
        .send(&friends.anne, conversation, "La dose est de 5 mg")
        .await
        .unwrap();
    index_words(&harness.context, conversation).await.unwrap();
    let finds = async |text: &str| texts(&harness, &friends.luc, everywhere(text)).await;

    let edit = EditMessage {
        message: sent.id,
        key: harness.key(),
        body: body("La dose est de 15 mg"),
    };
    harness.call(&friends.anne, edit).await.unwrap();

    assert!(ranges(&harness, conversation).await.is_empty());
    for _ in 0..2 {
        assert!(finds("5 mg ").await.is_empty());
        assert_eq!(finds("15 mg").await, ["La dose est de 15 mg"]);
        assert_eq!(finds("message 3").await.len(), 1, "its neighbours stay");
        index_words(&harness.context, conversation).await.unwrap();
    }
    assert_eq!(ranges(&harness, conversation).await, [(1, 11)]);

    let wish = DeleteMessage { message: sent.id };
    harness.call(&friends.anne, wish).await.unwrap();

    assert!(ranges(&harness, conversation).await.is_empty());
    for _ in 0..2 {
        assert!(finds("15 mg").await.is_empty());
        assert_eq!(finds("message 3").await.len(), 1, "its neighbours stay");
        index_words(&harness.context, conversation).await.unwrap();
    }
}

/// What is forwarded is found where it went.
#[tokio::test]
async fn what_is_forwarded_is_found_where_it_went() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let marc = harness.account("Marc Côté").await;
    let conversation = harness.befriend(&friends.anne, &marc).await;
    let sent = harness
        .send(&friends.luc, friends.conversation, "Le potassium est à 5,9")
        .await
        .unwrap();

    let wish = ForwardMessage {
        message: sent.id,
        conversation,
        key: harness.key(),
    };
    harness.call(&friends.anne, wish).await.unwrap();

    assert_eq!(texts(&harness, &marc, everywhere("potassium")).await.len(), 1);
}

/// The words of a message that changed after they were read are not put down: neither are old words found, nor new ones missed.
#[tokio::test]
async fn words_that_were_read_before_a_change_are_not_laid_out() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let conversation = friends.conversation;
    send_many(&harness, &friends, 0..3).await;
    let sent = harness
        .send(&friends.anne, conversation, "La dose est de 5 mg")
        .await
        .unwrap();

    let prepared = prepare_words(&harness.context, conversation)
        .await
        .unwrap()
        .unwrap();
    let edit = EditMessage {
        message: sent.id,
        key: harness.key(),
        body: body("Le potassium est normal"),
    };
    harness.call(&friends.anne, edit).await.unwrap();
    let is_put = put_words(&harness.context, prepared).await.unwrap();

    assert!(!is_put);
    assert!(ranges(&harness, conversation).await.is_empty());
    let prepared = prepare_words(&harness.context, conversation)
        .await
        .unwrap()
        .unwrap();
    assert!(put_words(&harness.context, prepared).await.unwrap());
    assert_eq!(ranges(&harness, conversation).await, [(1, 4)]);
    assert_eq!(
        texts(&harness, &friends.luc, everywhere("potassium")).await.len(),
        1
    );
    assert!(texts(&harness, &friends.luc, everywhere("dose")).await.is_empty());
}

async fn act(harness: &Harness, sql: &'static str, values: Vec<Value>) {
    let n_changed = harness.context.db.write(move |tx| tx.execute(sql, &values)).await;
    assert!(n_changed.unwrap() > 0, "{sql}");
}

/// Assurance INT-03: what was laid out while a key was damaged does not stay unfindable once that is back.
#[tokio::test]
async fn int_03_words_are_found_again_once_their_key_is_back() {
    let mut harness = Harness::new();
    let friends = harness.two_friends().await;
    let conversation = friends.conversation;
    send_many(&harness, &friends, 0..20).await;
    index_words(&harness.context, conversation).await.unwrap();
    let wrapped: Vec<u8> = harness
        .context
        .db
        .read(|tx| {
            tx.find(
                "select wrapped from keyring where purpose = 'conversation'",
                &[],
                |row| row.get(0),
            )
        })
        .await
        .unwrap()
        .unwrap();
    let put = "update keyring set wrapped = $1 where purpose = 'conversation' and wrapped is not null and length(wrapped) > 0";
    let finds = async |harness: &Harness| {
        let wish = inside(conversation, "lot 3 ");
        texts(harness, &friends.luc, wish).await.len()
    };
    assert_eq!(finds(&harness).await, 3);

    act(&harness, put, vec![vec![9_u8; wrapped.len()].into()]).await;
    harness.reopen();
    // Nothing can be read, so nothing is found, and the segments are taken for damaged.
    assert_eq!(finds(&harness).await, 0);
    assert_eq!(index_words(&harness.context, conversation).await.unwrap(), 0);
    // What is written now gets a key of its own.
    harness
        .send(&friends.luc, conversation, "Un autre bilan du lot 3")
        .await
        .unwrap();
    index_words(&harness.context, conversation).await.unwrap();
    assert_eq!(ranges(&harness, conversation).await, [(21, 21)]);
    assert_eq!(finds(&harness).await, 1);

    let back =
        "update keyring set wrapped = $1 where id in (select body_key_ref from messages where position = 1)";
    act(&harness, back, vec![wrapped.into()]).await;
    harness.reopen();

    for _ in 0..2 {
        assert_eq!(finds(&harness).await, 4);
        index_words(&harness.context, conversation).await.unwrap();
    }
    assert_eq!(ranges(&harness, conversation).await, [(1, 20), (21, 21)]);
}

/// Assurance INT-03: a message that is damaged takes no other one out of what is found, and is found once it is put back.
#[tokio::test]
async fn int_03_one_damaged_message_is_laid_out_with_none() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let conversation = friends.conversation;
    send_many(&harness, &friends, 0..14).await;
    let wish = || inside(conversation, "lot 3 ");
    // The fourth and the eleventh message.
    act(
        &harness,
        "update messages set body_suite = 7 where position = 4",
        Vec::new(),
    )
    .await;

    assert_eq!(texts(&harness, &friends.luc, wish()).await.len(), 1);
    assert_eq!(index_words(&harness.context, conversation).await.unwrap(), 2);
    assert_eq!(ranges(&harness, conversation).await, [(1, 3), (5, 14)]);
    assert_eq!(texts(&harness, &friends.luc, wish()).await.len(), 1);

    let put_back = "update messages set body_suite = (select body_suite from messages where position = 5) where position = 4";
    act(&harness, put_back, Vec::new()).await;
    assert_eq!(texts(&harness, &friends.luc, wish()).await.len(), 2);
    index_words(&harness.context, conversation).await.unwrap();
    assert_eq!(
        ranges(&harness, conversation)
            .await
            .iter()
            .map(|(first, last)| last + 1 - first)
            .sum::<u64>(),
        14
    );
    assert_eq!(texts(&harness, &friends.luc, wish()).await.len(), 2);
}

/// Assurance INT-03: a segment that is not what was laid out is as good as none.
#[tokio::test]
async fn int_03_a_damaged_segment_hides_nothing() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let conversation = friends.conversation;
    send_many(&harness, &friends, 0..14).await;
    index_words(&harness.context, conversation).await.unwrap();
    let wish = || inside(conversation, "lot 3 ");
    let before = texts(&harness, &friends.luc, wish()).await;

    for damage in [
        "update word_segments set bytes = nonce",
        "update word_segments set last_position = 13",
        "update word_segments set key_ref = null",
        "update word_segments set suite = null, key_ref = null, nonce = null, bytes = null",
    ] {
        assert_eq!(ranges(&harness, conversation).await, [(1, 14)]);
        harness
            .context
            .db
            .write(move |tx| tx.execute(damage, &[]))
            .await
            .unwrap();
        assert_eq!(texts(&harness, &friends.luc, wish()).await, before, "{damage}");
        // Whoever came upon it has taken it away.
        assert!(ranges(&harness, conversation).await.is_empty(), "{damage}");
        index_words(&harness.context, conversation).await.unwrap();
    }
}

/// A store that cannot put a damaged segment right still finds.
#[tokio::test]
async fn int_03_a_damaged_segment_that_cannot_be_taken_away_hides_nothing() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let conversation = friends.conversation;
    send_many(&harness, &friends, 0..14).await;
    index_words(&harness.context, conversation).await.unwrap();
    let wish = || inside(conversation, "lot 3 ");
    let before = texts(&harness, &friends.luc, wish()).await;

    for act in [
        "update word_segments set bytes = nonce",
        "create table held (
            conversation_id bytea not null,
            first_position bigint not null,
            foreign key (conversation_id, first_position)
                references word_segments (conversation_id, first_position)
        )",
        "insert into held (conversation_id, first_position) select conversation_id, first_position from word_segments",
    ] {
        harness
            .context
            .db
            .write(move |tx| tx.execute(act, &[]))
            .await
            .unwrap();
    }

    for _ in 0..2 {
        assert_eq!(texts(&harness, &friends.luc, wish()).await, before);
    }
    assert_eq!(ranges(&harness, conversation).await, [(1, 14)]);
}

/// Assurance ERA-01: with a conversation what is laid out of it goes; what comes afterwards is laid out anew.
#[tokio::test]
async fn era_01_an_erased_conversation_has_nothing_left_to_be_found() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let conversation = friends.conversation;
    send_many(&harness, &friends, 0..30).await;
    index_words(&harness.context, conversation).await.unwrap();

    erase_conversation(&harness.context, None, conversation)
        .await
        .unwrap();

    assert!(ranges(&harness, conversation).await.is_empty());
    assert!(
        texts(&harness, &friends.anne, everywhere("bilan"))
            .await
            .is_empty()
    );
    assert_eq!(
        index_words(&harness.context, conversation).await.unwrap(),
        1,
        "that there is nothing"
    );
    assert_eq!(ranges(&harness, conversation).await, [(1, 30)]);
    harness
        .send(&friends.luc, conversation, "Un autre bilan")
        .await
        .unwrap();
    for _ in 0..2 {
        assert_eq!(
            texts(&harness, &friends.anne, everywhere("bilan")).await,
            ["Un autre bilan"]
        );
        index_words(&harness.context, conversation).await.unwrap();
    }
    assert_eq!(ranges(&harness, conversation).await, [(1, 30), (31, 31)]);
}

#[tokio::test]
async fn a_long_history_is_laid_out_in_several_segments_and_found_whole() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let conversation = friends.conversation;
    send_many(&harness, &friends, 0..2_100).await;

    let n_made = index_words(&harness.context, conversation).await.unwrap();
    let found = harness.call(&friends.luc, everywhere("message 7")).await.unwrap();
    let first = harness
        .call(&friends.luc, everywhere("message 2099"))
        .await
        .unwrap();

    assert_eq!(n_made, 2);
    assert_eq!(ranges(&harness, conversation).await, [(1, 2_048), (2_049, 2_100)]);
    // 7, 70 to 79, 700 to 799: the last word may be unfinished.
    assert_eq!((found.total, first.total), (111, 1));
}

/// What an act has changed is noted, and so laid out anew without being looked for.
#[tokio::test]
async fn what_an_act_has_changed_is_noted_to_be_laid_out() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let marc = harness.account("Marc Côté").await;
    let here = friends.conversation;
    let there = harness.befriend(&friends.anne, &marc).await;
    send_many(&harness, &friends, 0..3).await;
    let sent = harness
        .send(&friends.anne, here, "Le potassium est à 5,9")
        .await
        .unwrap();
    noted(&harness);
    index_words(&harness.context, here).await.unwrap();
    let message = sent.id;
    let (key, body) = (harness.key(), body("Le potassium est à 3,9"));

    let wish = EditMessage { message, key, body };
    harness.call(&friends.anne, wish).await.unwrap();
    assert_eq!(noted(&harness), [here]);
    let wish = ForwardMessage {
        message,
        conversation: there,
        key: harness.key(),
    };
    harness.call(&friends.anne, wish).await.unwrap();
    assert_eq!(noted(&harness), [there]);
    harness
        .call(&friends.anne, DeleteMessage { message })
        .await
        .unwrap();
    assert_eq!(noted(&harness), [here]);
}

fn noted(harness: &Harness) -> Vec<ConversationId> {
    harness.context.backlog.take().into_iter().collect()
}

/// However much a message says: a segment, and with it what a question holds, has its bounds in words as well.
#[tokio::test]
async fn long_messages_fill_a_segment_sooner() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let conversation = friends.conversation;
    let long = "1 ".repeat(4_999);
    for _ in 0..30 {
        harness.send(&friends.luc, conversation, &long).await.unwrap();
    }

    index_words(&harness.context, conversation).await.unwrap();

    assert_eq!(ranges(&harness, conversation).await, [(1, 27), (28, 30)]);
    let found = harness
        .call(&friends.anne, everywhere(&"1 ".repeat(100)))
        .await
        .unwrap();
    assert_eq!((found.total, found.hits.len()), (30, 30));
}
