//! Who wrote, when, and what else is in a message; pages; and who may not search.

use std::collections::HashSet;

use app::accounts::SuspendAccount;
use app::api::{AccountId, ApiError, InvalidReason, MessageId};
use app::conversations::{
    Has, ReactToMessage, Reaction, ReadTimeline, SearchMessages, SendMessage, StarMessage,
};
use app::friendships::{BlockAccount, CloseChannel};
use server::conversations::index_words;

use super::{everywhere, inside, refusal, texts};
use crate::harness::{Harness, START, body, unknown_id};

#[tokio::test]
async fn a_search_can_be_narrowed_to_an_author_and_a_time() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let conversation = friends.conversation;
    for (index, text) in ["Bilan un", "Bilan deux", "Bilan trois", "Bilan quatre"]
        .iter()
        .enumerate()
    {
        let author = if index % 2 == 0 {
            &friends.anne
        } else {
            &friends.luc
        };
        harness.send(author, conversation, text).await.unwrap();
        harness.clock.advance_ms(60_000);
    }
    let from = |account: AccountId| SearchMessages {
        from: Some(account),
        ..everywhere("bilan")
    };
    let between = SearchMessages {
        since: Some(START.plus_ms(60_000)),
        until: Some(START.plus_ms(180_000)),
        ..everywhere("bilan")
    };

    for _ in 0..2 {
        assert_eq!(
            texts(&harness, &friends.luc, from(friends.anne.id)).await,
            ["Bilan trois", "Bilan un"]
        );
        assert_eq!(
            texts(&harness, &friends.luc, from(friends.luc.id)).await,
            ["Bilan quatre", "Bilan deux"]
        );
        assert!(
            texts(&harness, &friends.luc, from(AccountId(unknown_id())))
                .await
                .is_empty()
        );
        assert_eq!(
            texts(&harness, &friends.anne, between.clone()).await,
            ["Bilan trois", "Bilan deux"]
        );
        // The same again of what is laid out.
        index_words(&harness.context, conversation).await.unwrap();
    }
}

#[tokio::test]
async fn a_search_can_be_narrowed_to_messages_with_a_link() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let conversation = friends.conversation;
    for text in [
        "Le guide",
        "Le guide : https://exemple.test/guide",
        "http et le guide",
    ] {
        harness.send(&friends.anne, conversation, text).await.unwrap();
    }
    let wish = SearchMessages {
        has: Some(Has::Link),
        ..inside(conversation, "guide")
    };

    for _ in 0..2 {
        assert_eq!(
            texts(&harness, &friends.luc, wish.clone()).await,
            ["Le guide : https://exemple.test/guide"]
        );
        index_words(&harness.context, conversation).await.unwrap();
    }
}

#[tokio::test]
async fn pages_go_on_where_the_last_one_ended_whatever_comes_meanwhile() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let marc = harness.account("Marc Côté").await;
    let other = harness.befriend(&friends.anne, &marc).await;
    for number in 0..75 {
        let conversation = if number % 3 == 0 {
            other
        } else {
            friends.conversation
        };
        harness
            .send(&friends.anne, conversation, &format!("Bilan {number}"))
            .await
            .unwrap();
        harness.clock.advance_ms(i64::from(number % 2));
    }
    index_words(&harness.context, other).await.unwrap();

    let mut wish = everywhere("bilan");
    let (mut pages, mut seen, mut times) = (Vec::new(), HashSet::new(), Vec::new());
    loop {
        let page = harness.call(&friends.anne, wish.clone()).await.unwrap();
        pages.push(page.hits.len());
        for hit in &page.hits {
            assert!(seen.insert(hit.message.id), "twice");
            times.push(hit.message.sent_at);
        }
        let Some(next) = page.next else { break };
        wish.after = Some(next);
        harness
            .send(&friends.luc, friends.conversation, "Bilan de plus")
            .await
            .unwrap();
    }

    assert_eq!(pages, [30, 30, 15]);
    assert!(times.is_sorted_by(|one, other| one >= other), "newest first");
}

#[tokio::test]
async fn what_asks_for_nothing_or_too_much_is_refused() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let long = "é".repeat(SearchMessages::MAX_CHARS);

    assert!(harness.call(&friends.anne, everywhere(&long)).await.is_ok());
    for (text, reason) in [
        ("", InvalidReason::Empty),
        (" … !", InvalidReason::Empty),
        (&(long + "é"), InvalidReason::TooLong),
    ] {
        let refused = refusal(&harness, &friends.anne, everywhere(text)).await;
        assert_eq!(refused, ApiError::invalid("text", reason));
    }
}

/// Product requirement A6, AZ-02: of what is not one's own nothing is found, not even that it is there.
#[tokio::test]
async fn az02_nobody_finds_anything_in_the_conversations_of_others() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let sent = harness
        .send(&friends.anne, friends.conversation, "Le secret")
        .await
        .unwrap();
    let marc = harness.account("Marc Côté").await;
    let admin = harness.admin("Nadia Belkacem").await;
    index_words(&harness.context, friends.conversation).await.unwrap();

    for other in [&marc, &admin] {
        let found = harness.call(other, everywhere("secret")).await.unwrap();
        assert_eq!(
            (found.total, found.searched.message_count, found.named.len()),
            (0, 0, 0)
        );
        let in_theirs = refusal(&harness, other, inside(friends.conversation, "secret")).await;
        let in_nothing = refusal(
            &harness,
            other,
            inside(app::api::ConversationId(unknown_id()), "secret"),
        )
        .await;
        assert_eq!((in_theirs.code(), in_nothing.code()), ("not_found", "not_found"));
        for message in [sent.id, MessageId(unknown_id())] {
            let wish = SearchMessages {
                after: Some(message),
                ..everywhere("secret")
            };
            assert_eq!(refusal(&harness, other, wish).await, ApiError::NotFound);
        }
    }
}

/// Product requirement A7: what was said before a channel closed stays to be found by both.
#[tokio::test]
async fn a7_a_closed_channel_stays_searchable_for_both() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    harness
        .send(&friends.anne, friends.conversation, "Le bilan")
        .await
        .unwrap();
    let account = friends.luc.id;

    harness
        .call(&friends.anne, CloseChannel { account })
        .await
        .unwrap();
    for reader in [&friends.anne, &friends.luc] {
        assert_eq!(texts(&harness, reader, everywhere("bilan")).await, ["Le bilan"]);
    }
    harness
        .call(&friends.anne, BlockAccount { account })
        .await
        .unwrap();
    let admin = harness.admin("Nadia Belkacem").await;
    let suspended = true;
    harness
        .call(&admin, SuspendAccount { account, suspended })
        .await
        .unwrap();

    let found = harness
        .call(&friends.anne, inside(friends.conversation, "bilan"))
        .await
        .unwrap();
    assert_eq!((found.total, found.people[0].id), (1, account));
}

/// An API client keeps of two copies the one with the higher revision: a hit must not say that it is older than it is.
#[tokio::test]
async fn a_hit_is_the_message_as_the_conversation_has_it() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let conversation = friends.conversation;
    let first = harness.send(&friends.anne, conversation, "Un").await.unwrap();
    let wish = SendMessage {
        conversation,
        key: harness.key(),
        reply_to: Some(first.id),
        body: body("Bilan deux"),
        clears_draft: false,
        attachments: Vec::new(),
    };
    let message = harness.call(&friends.anne, wish).await.unwrap().message.id;
    let (key, starred) = (harness.key(), true);
    let wish = StarMessage {
        message,
        key,
        starred,
    };
    harness.call(&friends.luc, wish).await.unwrap();
    let wish = ReactToMessage {
        message,
        key: harness.key(),
        reaction: Some(Reaction::Seen),
    };
    harness.call(&friends.luc, wish).await.unwrap();

    for account in [&friends.anne, &friends.luc] {
        let found = harness.call(account, everywhere("bilan")).await.unwrap();
        let wish = ReadTimeline {
            conversation,
            before: None,
            after: None,
            around: None,
            limit: None,
        };
        let page = harness.call(account, wish).await.unwrap();
        assert_eq!(found.hits[0].message, page.messages[1]);
    }
}
