//! Deleting: the words go for good, for both; that there were some stays.

use app::api::{ApiError, EventKind};
use app::conversations::{ListConversations, ListMarkedMessages, ListVersions, Mark, Reaction};
use app::friendships::CloseChannel;

use super::{changed, delete, edit, pin, react, read, reply, star};
use crate::harness::{Friends, Harness};

#[tokio::test]
async fn a_deleted_message_keeps_its_place_its_author_and_its_time_and_nothing_else() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let first = harness.send(&luc, conversation, "Avant.").await.unwrap();
    let message = reply(&harness, &anne, conversation, &first, "canari-un")
        .await
        .unwrap();
    harness.send(&luc, conversation, "Après.").await.unwrap();
    edit(&harness, &anne, &message, "canari-deux").await.unwrap();
    react(&harness, &luc, &message, Some(Reaction::Thanks))
        .await
        .unwrap();
    pin(&harness, &luc, &message, true).await.unwrap();
    star(&harness, &luc, &message, true).await.unwrap();
    let before = harness.cursor(&luc).await;
    harness.clock.advance_ms(3 * 24 * 3_600_000);

    delete(&harness, &anne, &message).await.unwrap();

    for who in [&anne, &luc] {
        let shown = read(&harness, who, conversation).await;
        let positions: Vec<u64> = shown.iter().map(|message| message.position).collect();
        assert_eq!(positions, [1, 2, 3]);
        let trace = &shown[1];
        assert_eq!(
            (trace.id, trace.author, trace.sent_at),
            (message.id, anne.id, message.sent_at)
        );
        assert_eq!(trace.deleted_at, Some(harness.now()));
        assert!(trace.body.is_withheld());
        let marks = trace.marks.read();
        assert!(marks.reactions.is_empty() && marks.reply_to.is_none() && marks.edited_at.is_none());
        assert!(marks.pinned_at.is_none() && !marks.is_starred);
        let versions = harness
            .call(who, ListVersions { message: message.id })
            .await
            .unwrap();
        assert!(versions.versions.is_empty());
        for mark in [Mark::Pinned, Mark::Starred] {
            let wish = ListMarkedMessages {
                conversation,
                mark,
                before: None,
            };
            assert!(harness.call(who, wish).await.unwrap().messages.is_empty());
        }
    }
    assert_eq!(
        changed(&harness, &luc, before).await.last().unwrap().deleted_at,
        Some(harness.now())
    );
    let stored = harness.snapshot();
    assert_eq!(
        (
            stored.n_rows("message_versions"),
            stored.n_rows("message_reactions")
        ),
        (0, 0)
    );
    assert!(
        !stored.table_holds("message_stars", "starred_at=Integer"),
        "nothing is starred"
    );
    // Whoever was away never learns the words: the log holds none.
    for event in harness.events_after(&luc, 0).await {
        if let EventKind::MessageSent { message: told, .. } = event.kind {
            assert!(told.id != message.id || told.body.is_withheld());
        }
    }
}

#[tokio::test]
async fn the_list_shows_that_the_last_message_was_deleted_and_counts_as_before() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let message = harness.send(&anne, conversation, "canari").await.unwrap();

    delete(&harness, &anne, &message).await.unwrap();

    let listed = harness.call(&luc, ListConversations::default()).await.unwrap();
    let last = listed.conversations[0].last_message.clone().unwrap();
    assert!(last.deleted_at.is_some() && last.body.is_withheld());
    assert_eq!(listed.conversations[0].unread_count, 1);
}

#[tokio::test]
async fn nothing_is_done_with_a_deleted_message_any_more() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let message = harness.send(&anne, conversation, "canari").await.unwrap();
    delete(&harness, &anne, &message).await.unwrap();
    let before = harness.snapshot();

    let gone = Err(ApiError::MessageDeleted);
    assert_eq!(edit(&harness, &anne, &message, "Encore").await, gone);
    assert_eq!(react(&harness, &luc, &message, Some(Reaction::Seen)).await, gone);
    assert_eq!(pin(&harness, &luc, &message, true).await, gone);
    assert_eq!(star(&harness, &luc, &message, true).await, gone);

    assert_eq!(harness.snapshot(), before);
}

#[tokio::test]
async fn deleting_twice_is_deleting_once_whatever_happened_in_between() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let message = harness.send(&anne, conversation, "canari").await.unwrap();
    let first = delete(&harness, &anne, &message).await.unwrap();
    harness
        .call(&luc, CloseChannel { account: anne.id })
        .await
        .unwrap();
    harness.clock.advance_ms(60_000);
    let before = harness.snapshot();

    // The answer may have got lost: it is owed in a closed channel too.
    assert_eq!(delete(&harness, &anne, &message).await, Ok(first));

    assert_eq!(harness.snapshot(), before);
}

/// What both keep of a closed channel is read only: whoever closes or blocks must not lose what was said to them.
///
/// Source: product, A7 and C1.
#[tokio::test]
async fn a7_a_closed_channel_lets_nobody_delete_what_the_other_keeps() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let message = harness.send(&anne, conversation, "À garder.").await.unwrap();
    harness
        .call(&luc, CloseChannel { account: anne.id })
        .await
        .unwrap();
    let before = harness.snapshot();

    assert_eq!(
        delete(&harness, &anne, &message).await,
        Err(ApiError::ChannelClosed)
    );

    assert_eq!(harness.snapshot(), before);
    harness.befriend(&anne, &luc).await;
    assert!(delete(&harness, &anne, &message).await.is_ok());
}
