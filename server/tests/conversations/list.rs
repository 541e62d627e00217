//! The list and the header: order, drafts, who is writing.

use app::api::{AccountId, ApiError, EventKind, InvalidReason};
use app::conversations::meeting::mark;
use app::conversations::{
    Channel, Conversation, Draft, GetConversation, ListConversations, OpenConversation, SaveDraft,
    SendMessage, SignalTyping,
};
use app::friendships::CloseChannel;
use server::live::Signal;

use super::friends_with_messages;
use crate::harness::{Account, Friends, Harness, body, unknown_id};

#[tokio::test]
async fn conversations_are_listed_last_active_first() {
    let harness = Harness::new();
    let me = harness.account("Camille Tremblay").await;
    let mut expected = Vec::new();
    for name in ["Inès Haddad", "Luc Gagné", "Fatou Diallo"] {
        harness.clock.advance_ms(1_000);
        let friend = harness.account(name).await;
        expected.insert(0, harness.befriend(&me, &friend).await);
    }
    let list = async |limit| {
        harness
            .call(&me, ListConversations { limit })
            .await
            .unwrap()
            .conversations
    };
    let ids = |list: Vec<Conversation>| list.into_iter().map(|it| it.id).collect::<Vec<_>>();

    assert_eq!(ids(list(None).await), expected);
    harness.clock.advance_ms(1_000);
    let message = harness.send(&me, expected[2], "Bonjour").await.unwrap();
    expected.rotate_right(1);

    let listed = list(None).await;
    assert_eq!(listed[0].last_message.as_ref(), Some(&message));
    assert_eq!(
        (listed[0].active_at, listed[0].friend.name.as_str()),
        (message.sent_at, "Inès Haddad")
    );
    assert_eq!(listed[0].friend.conversation, Some(listed[0].id));
    assert!(listed[1].last_message.is_none());
    assert!(matches!(listed[1].channel, Channel::Open { .. }));
    assert_eq!(ids(listed), expected);
    assert_eq!(ids(list(Some(2)).await), expected[..2]);
    let refused = harness.call(&me, ListConversations { limit: Some(501) }).await;
    assert_eq!(refused, Err(ApiError::invalid("limit", InvalidReason::Format)));
}

#[tokio::test]
async fn a_conversation_is_found_by_its_friend() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let stranger = harness.account("Marc Côté").await;
    let open = async |account| {
        harness
            .call(&anne, OpenConversation { account })
            .await
            .map(|opened| opened.conversation.id)
    };

    assert_eq!(open(luc.id).await, Ok(conversation));
    assert_eq!(open(stranger.id).await, Err(ApiError::NotFriends));
    assert_eq!(open(AccountId(unknown_id())).await, Err(ApiError::NotFound));
    assert_eq!(
        open(anne.id).await,
        Err(ApiError::invalid("account", InvalidReason::Yourself))
    );
    harness
        .call(&luc, CloseChannel { account: anne.id })
        .await
        .unwrap();
    assert_eq!(open(luc.id).await, Ok(conversation), "the history stays in reach");
}

#[tokio::test]
async fn a_clock_that_jumps_back_changes_no_order() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = friends_with_messages(&harness, 2).await;
    let before = harness
        .call(&anne, GetConversation { conversation })
        .await
        .unwrap()
        .conversation
        .active_at;
    harness.clock.advance_ms(-86_400_000);

    let message = harness.send(&luc, conversation, "Hier?").await.unwrap();

    assert_eq!(message.position, 3);
    let after = harness
        .call(&anne, GetConversation { conversation })
        .await
        .unwrap()
        .conversation;
    assert_eq!(
        (
            after.active_at,
            after.last_message.map(|message| message.position)
        ),
        (before, Some(3))
    );
}

#[tokio::test]
async fn a_draft_is_kept_for_its_author_alone_until_it_is_sent() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let save = async |text: &str| {
        harness
            .call(
                &anne,
                SaveDraft {
                    conversation,
                    draft: Draft(text.to_owned()),
                    over: None,
                },
            )
            .await
    };
    let draft = async |account: &Account| {
        harness
            .call(account, GetConversation { conversation })
            .await
            .unwrap()
            .conversation
            .draft
    };
    let cursors = [harness.cursor(&anne).await, harness.cursor(&luc).await];

    save(" à finir ").await.unwrap();
    save(" à finir ").await.unwrap();
    assert_eq!(draft(&anne).await, Some(Draft(" à finir ".to_owned())));
    assert_eq!(draft(&luc).await, None);
    assert_eq!(harness.events_after(&anne, cursors[0]).await.len(), 1);
    assert_eq!(harness.events_after(&luc, cursors[1]).await, []);

    save("").await.unwrap();
    assert_eq!(draft(&anne).await, None);
    save("à finir").await.unwrap();
    harness.send(&anne, conversation, "à finir").await.unwrap();
    assert_eq!(draft(&anne).await, None);
    let too_long = save(&"a".repeat(10_001)).await;
    assert_eq!(too_long, Err(ApiError::invalid("draft", InvalidReason::TooLong)));
}

/// Two devices write at once: what neither knew of the other stands below it, and what a device had left itself is written over.
#[tokio::test]
async fn a_draft_of_another_device_is_met_and_an_own_one_is_written_over() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let save = async |text: &str, over: &[&str]| {
        let draft = Draft(text.to_owned());
        let over = Some(over.iter().map(|words| mark(words)).collect());
        harness
            .call(
                &anne,
                SaveDraft {
                    conversation,
                    draft,
                    over,
                },
            )
            .await
            .map(|saved| saved.met.map(|met| met.0))
    };
    let there = async || {
        let answer = harness
            .call(&anne, GetConversation { conversation })
            .await
            .unwrap();
        answer.conversation.draft.map(|draft| draft.0)
    };

    assert_eq!(save("Bon", &[""]).await, Ok(None));
    assert_eq!(save("Bonjour", &["", "Bon"]).await, Ok(None), "known");
    assert_eq!(
        save("Bonjour, Luc", &["Bon"]).await,
        Ok(None),
        "it holds what is there"
    );
    let both = "Bonjour, Luc\n\nautre chose".to_owned();
    assert_eq!(save("autre chose", &[""]).await, Ok(Some(both.clone())));
    assert_eq!(there().await, Some(both.clone()));
    let cursor = harness.cursor(&anne).await;
    assert_eq!(
        save("", &["autre chose"]).await,
        Ok(Some(both.clone())),
        "emptied elsewhere"
    );
    assert_eq!(
        save("autre chose", &[]).await,
        Ok(Some(both.clone())),
        "again adds nothing"
    );
    assert_eq!(harness.events_after(&anne, cursor).await, []);
    let full = "a".repeat(9_999);
    let refused = save(&full, &[]).await;
    assert_eq!(refused, Err(ApiError::invalid("draft", InvalidReason::TooLong)));
    assert_eq!(there().await, Some(both.clone()), "nothing is lost");
    assert_eq!(save("", &[&both]).await, Ok(None));
    assert_eq!(there().await, None);
    let many = SaveDraft {
        conversation,
        draft: Draft("…".to_owned()),
        over: Some(vec![0; SaveDraft::MAX_OVER + 1]),
    };
    let refused = harness.call(&anne, many).await;
    assert_eq!(refused, Err(ApiError::invalid("over", InvalidReason::TooLong)));
}

/// A message that waited on one device does not take away what was written on another one meanwhile.
#[tokio::test]
async fn a_draft_that_says_more_than_the_message_stays() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let save = async |text: &str| {
        let draft = Draft(text.to_owned());
        harness
            .call(
                &anne,
                SaveDraft {
                    conversation,
                    draft,
                    over: None,
                },
            )
            .await
            .unwrap();
    };
    let draft = async || {
        let answer = harness.call(&anne, GetConversation { conversation }).await;
        answer.unwrap().conversation.draft
    };
    let long = "Le compte rendu, en long";
    save(long).await;
    let before = harness.cursor(&anne).await;

    harness
        .send(&anne, conversation, "Je vous rappelle")
        .await
        .unwrap();

    assert_eq!(draft().await, Some(Draft(long.to_owned())));
    assert_eq!(
        harness.events_after(&anne, before).await.len(),
        1,
        "the message alone"
    );
    harness
        .send(&anne, conversation, &format!("{long} et plus"))
        .await
        .unwrap();
    assert_eq!(draft().await, None);

    // A plain form was drawn with it in its box.
    save(long).await;
    let wish = SendMessage {
        conversation,
        key: harness.key(),
        reply_to: None,
        body: body("En court"),
        clears_draft: true,
        attachments: Vec::new(),
    };
    harness.call(&anne, wish).await.unwrap();
    assert_eq!(draft().await, None);
}

#[tokio::test]
async fn a_closed_channel_keeps_the_draft() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    harness
        .call(&luc, CloseChannel { account: anne.id })
        .await
        .unwrap();

    let draft = Draft("Je voulais dire".to_owned());
    harness
        .call(
            &anne,
            SaveDraft {
                conversation,
                draft: draft.clone(),
                over: None,
            },
        )
        .await
        .unwrap();

    let stored = harness
        .call(&anne, GetConversation { conversation })
        .await
        .unwrap()
        .conversation;
    assert_eq!(stored.draft, Some(draft));
}

#[tokio::test]
async fn the_friend_alone_hears_typing_and_nothing_is_kept() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let stranger = harness.account("Marc Côté").await;
    let [mut at_annes, mut at_lucs, mut elsewhere] =
        [&anne, &luc, &stranger].map(|account| harness.context.live.listen(account.id));
    let stored = harness.snapshot();

    harness.call(&anne, SignalTyping { conversation }).await.unwrap();

    let Ok(Signal::Passing(event)) = at_lucs.try_recv() else {
        panic!("nothing heard")
    };
    assert_eq!(
        (event.cursor, event.kind.clone()),
        (None, EventKind::Typing { conversation })
    );
    assert!(at_annes.try_recv().is_err());
    assert!(elsewhere.try_recv().is_err());
    assert_eq!(harness.snapshot(), stored);
    harness
        .call(&luc, CloseChannel { account: anne.id })
        .await
        .unwrap();
    assert_eq!(
        harness.call(&anne, SignalTyping { conversation }).await,
        Err(ApiError::ChannelClosed)
    );
}
