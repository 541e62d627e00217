//! Other words: within 15 minutes, by their author, in an open channel; what was said before stays visible to both.

use app::api::ApiError;
use app::conversations::{EDIT_WITHIN_MS, EditMessage, ListConversations, ListVersions, SendMessage};
use app::friendships::CloseChannel;

use super::{changed, delete, edit, read};
use crate::harness::{Account, Friends, Harness, body};

async fn versions(harness: &Harness, who: &Account, message: app::api::MessageId) -> Vec<String> {
    let listed = harness.call(who, ListVersions { message }).await.unwrap();
    let times: Vec<_> = listed.versions.iter().map(|version| version.written_at).collect();
    assert!(times.is_sorted());
    listed
        .versions
        .iter()
        .map(|version| version.body.as_str().to_owned())
        .collect()
}

#[tokio::test]
async fn both_see_the_new_words_that_they_are_new_and_what_was_said_before() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let message = harness.send(&anne, conversation, "2,5 g").await.unwrap();
    harness.send(&luc, conversation, "Sûre?").await.unwrap();
    let before = [harness.cursor(&anne).await, harness.cursor(&luc).await];
    harness.clock.advance_ms(60_000);

    let changed_once = edit(&harness, &anne, &message, "2,5 mg").await.unwrap();
    harness.clock.advance_ms(60_000);
    edit(&harness, &anne, &message, "2,5 mg le soir").await.unwrap();

    assert_eq!(changed_once.body.as_str(), "2,5 mg");
    assert_eq!(changed_once.key, message.key);
    for (who, before) in [&anne, &luc].into_iter().zip(before) {
        let shown = read(&harness, who, conversation).await;
        assert_eq!(shown[0].body.as_str(), "2,5 mg le soir");
        assert_eq!(
            (shown[0].id, shown[0].position, shown[0].sent_at),
            (message.id, 1, message.sent_at)
        );
        assert_eq!(shown[0].marks.read().edited_at, Some(harness.now()));
        assert_eq!(shown[1].marks.read().edited_at, None);
        assert_eq!(
            versions(&harness, who, message.id).await,
            ["2,5 g", "2,5 mg", "2,5 mg le soir"]
        );
        // The same log tells whoever was away, and takes no position.
        let told = changed(&harness, who, before).await;
        assert_eq!(told.len(), 2);
        assert_eq!(told[1], shown[0]);
        assert_eq!(shown.len(), 2);
    }
    assert_eq!(
        versions(&harness, &luc, read(&harness, &luc, conversation).await[1].id).await,
        ["Sûre?"]
    );
}

#[tokio::test]
async fn the_list_shows_the_new_words_of_the_last_message() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let message = harness.send(&anne, conversation, "2,5 g").await.unwrap();

    edit(&harness, &anne, &message, "2,5 mg").await.unwrap();

    let listed = harness.call(&luc, ListConversations::default()).await.unwrap();
    let last = listed.conversations[0].last_message.clone().unwrap();
    assert_eq!(last.body.as_str(), "2,5 mg");
    assert_eq!(listed.conversations[0].unread_count, 1, "a change is no message");
}

#[tokio::test]
async fn the_fifteenth_minute_is_the_last() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let message = harness.send(&anne, conversation, "2,5 g").await.unwrap();

    harness.clock.advance_ms(EDIT_WITHIN_MS);
    assert!(edit(&harness, &anne, &message, "2,5 mg").await.is_ok());
    harness.clock.advance_ms(1);
    let before = harness.snapshot();
    assert_eq!(
        edit(&harness, &anne, &message, "2,5 kg").await,
        Err(ApiError::TooLate)
    );
    assert_eq!(harness.snapshot(), before);
}

#[tokio::test]
async fn nobody_changes_the_words_of_another() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let marc = harness.account("Marc Côté").await;
    let message = harness.send(&anne, conversation, "2,5 g").await.unwrap();
    let before = harness.snapshot();

    for other in [&luc, &marc] {
        assert_eq!(
            edit(&harness, other, &message, "5 g").await,
            Err(ApiError::NotFound)
        );
        assert_eq!(delete(&harness, other, &message).await, Err(ApiError::NotFound));
    }

    assert_eq!(harness.snapshot(), before);
}

#[tokio::test]
async fn the_same_change_is_done_once_whatever_came_after_it() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let message = harness.send(&anne, conversation, "un").await.unwrap();
    let wish = |text: &str, key| EditMessage {
        message: message.id,
        key,
        body: body(text),
    };
    let (one, two) = (harness.key(), harness.key());
    harness.call(&anne, wish("deux", one)).await.unwrap();
    harness.call(&anne, wish("trois", two)).await.unwrap();
    harness
        .call(&luc, CloseChannel { account: anne.id })
        .await
        .unwrap();
    harness.clock.advance_ms(400 * 24 * 3_600_000);
    let before = harness.snapshot();

    // A year later, with the channel closed and the fifteen minutes long over, the answer is still owed.
    let again = harness.call(&anne, wish("deux", one)).await.unwrap();
    assert_eq!(again.message.body.as_str(), "trois");
    assert_eq!(
        harness.call(&anne, wish("autre", one)).await,
        Err(ApiError::KeyReused)
    );
    assert_eq!(
        harness.call(&anne, wish("deux", two)).await,
        Err(ApiError::KeyReused)
    );

    assert_eq!(harness.snapshot(), before);
    assert_eq!(
        versions(&harness, &luc, message.id).await,
        ["un", "deux", "trois"]
    );
}

#[tokio::test]
async fn the_same_words_change_nothing_and_tell_nobody() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let message = harness.send(&anne, conversation, "2,5 mg").await.unwrap();
    let before = harness.cursor(&luc).await;

    let unchanged = edit(&harness, &anne, &message, "  2,5 mg\n").await.unwrap();

    assert_eq!(unchanged, message);
    assert_eq!(changed(&harness, &luc, before).await, []);
}

#[tokio::test]
async fn az05_a_closed_channel_keeps_its_words_as_they_are() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let message = harness.send(&anne, conversation, "2,5 g").await.unwrap();
    edit(&harness, &anne, &message, "2,5 mg").await.unwrap();
    harness
        .call(&luc, CloseChannel { account: anne.id })
        .await
        .unwrap();
    let before = harness.snapshot();

    assert_eq!(
        edit(&harness, &anne, &message, "5 g").await,
        Err(ApiError::ChannelClosed)
    );

    assert_eq!(harness.snapshot(), before);
    assert_eq!(
        versions(&harness, &luc, message.id).await,
        ["2,5 g", "2,5 mg"],
        "the history stays readable"
    );
}

#[tokio::test]
async fn rel04_a_message_sent_again_after_it_was_changed_is_the_same_message() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let wish = SendMessage {
        conversation,
        key: harness.key(),
        reply_to: None,
        body: body("2,5 g"),
        clears_draft: false,
        attachments: Vec::new(),
    };
    let sent = harness.call(&anne, wish.clone()).await.unwrap().message;
    edit(&harness, &anne, &sent, "2,5 mg").await.unwrap();

    let again = harness.call(&anne, wish.clone()).await.unwrap().message;

    assert_eq!(
        (again.id, again.position, again.sent_at),
        (sent.id, 1, sent.sent_at)
    );
    let other = SendMessage {
        body: body("2,5 mg"),
        ..wish.clone()
    };
    assert_eq!(
        harness.call(&anne, other).await,
        Err(ApiError::KeyReused),
        "it was sent with other words"
    );
    delete(&harness, &anne, &sent).await.unwrap();
    assert_eq!(harness.call(&anne, wish).await.unwrap().message.id, sent.id);
    assert_eq!(harness.snapshot().n_rows("messages"), 1);
}

#[tokio::test]
async fn an_empty_or_endless_change_is_refused() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let message = harness.send(&anne, conversation, "2,5 g").await.unwrap();
    let before = harness.snapshot();

    for text in [" \n ".to_owned(), "é".repeat(10_001)] {
        let wish = EditMessage {
            message: message.id,
            key: harness.key(),
            body: app::conversations::MessageBody::from_store(text),
        };
        let refused = harness.call(&anne, wish).await;
        assert!(matches!(refused, Err(ApiError::Invalid { .. })), "{refused:?}");
    }

    assert_eq!(harness.snapshot(), before);
}
