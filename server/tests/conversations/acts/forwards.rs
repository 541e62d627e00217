//! The same words to another friend: a message of its own, which says that it was forwarded and not from whom.

use app::api::ApiError;
use app::conversations::{ForwardMessage, SentMessage};
use app::friendships::CloseChannel;

use super::{delete, edit, read};
use crate::harness::{Friends, Harness};

#[tokio::test]
async fn the_words_arrive_as_they_are_now_and_say_only_that_they_were_forwarded() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let marc = harness.account("Marc Côté").await;
    let there = harness.befriend(&luc, &marc).await;
    let original = harness.send(&anne, conversation, "2,5 g").await.unwrap();
    edit(&harness, &anne, &original, "2,5 mg").await.unwrap();
    let before = harness.cursor(&anne).await;

    let wish = ForwardMessage {
        message: original.id,
        conversation: there,
        key: harness.key(),
    };
    let sent = harness.call(&luc, wish).await.unwrap().message;

    let shown = read(&harness, &marc, there).await;
    assert_eq!((shown.len(), shown[0].id, shown[0].author), (1, sent.id, luc.id));
    assert_eq!(shown[0].body.as_str(), "2,5 mg");
    let marks = shown[0].marks.read();
    assert!(marks.is_forwarded && marks.edited_at.is_none() && marks.reply_to.is_none());
    let text = serde_json::to_string(&shown).unwrap();
    assert!(
        !text.contains(&original.id.to_string()) && !text.contains(&anne.id.to_string()),
        "{text}"
    );
    assert_eq!(
        harness.cursor(&anne).await,
        before,
        "who wrote it is told nothing"
    );
    // From here on they are two messages.
    delete(&harness, &anne, &original).await.unwrap();
    assert_eq!(read(&harness, &marc, there).await[0].body.as_str(), "2,5 mg");
}

#[tokio::test]
async fn rel04_forwarding_under_the_same_key_is_forwarding_once() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let marc = harness.account("Marc Côté").await;
    let there = harness.befriend(&luc, &marc).await;
    let original = harness.send(&anne, conversation, "2,5 mg").await.unwrap();
    let other = harness.send(&anne, conversation, "2,5 mg").await.unwrap();
    let wish = ForwardMessage {
        message: original.id,
        conversation: there,
        key: harness.key(),
    };
    let sent = harness.call(&luc, wish.clone()).await.unwrap().message;

    delete(&harness, &anne, &original).await.unwrap();
    harness
        .call(&marc, CloseChannel { account: luc.id })
        .await
        .unwrap();
    assert_eq!(
        harness.call(&luc, wish.clone()).await,
        Ok(SentMessage { message: sent })
    );
    let another = ForwardMessage {
        message: other.id,
        ..wish.clone()
    };
    assert_eq!(harness.call(&luc, another).await, Err(ApiError::KeyReused));
    let elsewhere = ForwardMessage { conversation, ..wish };
    assert_eq!(harness.call(&luc, elsewhere).await, Err(ApiError::KeyReused));

    assert_eq!(read(&harness, &marc, there).await.len(), 1);
}

#[tokio::test]
async fn a1_only_what_one_may_read_goes_only_where_one_may_write() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let marc = harness.account("Marc Côté").await;
    let there = harness.befriend(&luc, &marc).await;
    let original = harness.send(&anne, conversation, "canari").await.unwrap();
    let gone = harness.send(&anne, conversation, "canari").await.unwrap();
    delete(&harness, &anne, &gone).await.unwrap();
    let before = harness.snapshot();
    let forward = async |who, message, conversation| {
        let wish = ForwardMessage {
            message,
            conversation,
            key: harness.key(),
        };
        harness.call(who, wish).await.map(|_| ())
    };

    assert_eq!(
        forward(&marc, original.id, there).await,
        Err(ApiError::NotFound),
        "not read"
    );
    assert_eq!(
        forward(&anne, original.id, there).await,
        Err(ApiError::NotFound),
        "not written"
    );
    assert_eq!(forward(&luc, gone.id, there).await, Err(ApiError::MessageDeleted));
    assert_eq!(harness.snapshot(), before);

    // From a closed channel one may still take what one may read; into one nothing goes.
    harness
        .call(&luc, CloseChannel { account: anne.id })
        .await
        .unwrap();
    let theirs = harness.send(&marc, there, "Pour Anne.").await.unwrap();
    assert_eq!(
        forward(&luc, theirs.id, conversation).await,
        Err(ApiError::ChannelClosed)
    );
    assert_eq!(forward(&luc, original.id, there).await, Ok(()));
}
