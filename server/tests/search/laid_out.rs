//! Words that are laid out are a hint: whatever becomes of them, the stored messages are what is found.

use app::api::ConversationId;
use app::conversations::{DeleteMessage, EditMessage, ForwardMessage};
use server::conversations::{erase_conversation, forget_words, index_words};
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

/// The words of a message that changed after they were read are not put down.
#[tokio::test]
async fn words_that_were_read_before_a_change_are_not_laid_out() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let conversation = friends.conversation;
    send_many(&harness, &friends, 0..3).await;
    let version = |harness: &Harness| {
        let db = harness.context.db.clone();
        async move {
            db.read(move |tx| {
                tx.find(
                    "select words_version from conversations where id = $1",
                    values![conversation],
                    |row| row.get::<u64>(0),
                )
            })
            .await
            .unwrap()
            .unwrap()
        }
    };

    let before = version(&harness).await;
    harness
        .context
        .db
        .write(move |tx| forget_words(tx, conversation, 2))
        .await
        .unwrap();
    let changed = version(&harness).await;
    index_words(&harness.context, conversation).await.unwrap();
    let laid_out = version(&harness).await;

    assert!(
        before < changed && changed < laid_out,
        "{before}, {changed}, {laid_out}"
    );
    assert_eq!(ranges(&harness, conversation).await, [(1, 3)]);
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
