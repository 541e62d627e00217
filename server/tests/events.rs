//! Events: a log without gaps for each account, shown as its owner may see it now.

mod harness;

use std::sync::Arc;
use std::time::Duration;

use app::accounts::SaveProfile;
use app::api::{ApiError, EventKind, EventPage, InvalidReason, ListEvents};
use app::conversations::{
    DeleteMessage, Draft, EditMessage, PinMessage, ReactToMessage, Reaction, SaveDraft, SignalTyping,
    StarMessage,
};
use app::friendships::{CloseChannel, SendFriendRequest, Standing};
use harness::{Friends, Harness, body};

fn after(cursor: u64) -> ListEvents {
    ListEvents {
        after: Some(cursor),
        limit: None,
        wait: None,
    }
}

#[tokio::test]
async fn each_log_is_numbered_from_one_without_gaps() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    for index in 0..5 {
        harness
            .send(&anne, conversation, &format!("Message {index}"))
            .await
            .unwrap();
    }

    for account in [&anne, &luc] {
        let events = harness.events_after(account, 0).await;
        let cursors: Vec<_> = events.iter().filter_map(|event| event.cursor).collect();
        assert_eq!(cursors, (1..=7).collect::<Vec<_>>());
        assert_eq!(harness.cursor(account).await, 7);
    }
}

#[tokio::test]
async fn a_message_event_carries_the_message_and_the_key_for_its_author_alone() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let sent = harness.send(&anne, conversation, "Bonjour").await.unwrap();

    let shown = async |account| {
        let Some(EventKind::MessageSent {
            conversation: place,
            message,
        }) = harness
            .events_after(account, 2)
            .await
            .pop()
            .map(|event| event.kind)
        else {
            panic!("no message");
        };
        assert_eq!(place, conversation);
        message
    };

    assert_eq!(shown(&anne).await, sent);
    let at_lucs = shown(&luc).await;
    assert_eq!(at_lucs.key, None);
    assert_eq!(
        (at_lucs.id, at_lucs.position, &at_lucs.body),
        (sent.id, 1, &sent.body)
    );
}

#[tokio::test]
async fn pages_follow_each_other_by_cursor() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    for index in 0..8 {
        harness
            .send(&anne, conversation, &format!("Message {index}"))
            .await
            .unwrap();
    }

    let mut cursor = 0;
    let mut n_seen = 0;
    for expected in [4, 4, 2, 0] {
        let wish = ListEvents {
            limit: Some(4),
            ..after(cursor)
        };
        let page = harness.call(&anne, wish).await.unwrap();
        assert_eq!(page.events.len(), expected);
        n_seen += page.events.len();
        cursor = page.cursor;
    }

    assert_eq!((cursor, n_seen), (10, 10));
    let beyond = harness.call(&anne, after(1_000)).await.unwrap();
    assert_eq!(
        beyond,
        EventPage {
            events: Vec::new(),
            cursor: 10
        },
        "a cursor of another history begins at the end of this one"
    );
}

#[tokio::test]
async fn pages_of_long_messages_are_short_and_hold_everything_once() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let long = "é".repeat(10_000);
    let texts = (0..120).map(|_| harness.send(&anne, conversation, &long));
    for sent in futures::future::join_all(texts).await {
        sent.unwrap();
    }

    let (mut cursor, mut cursors) = (2, Vec::new());
    loop {
        let wish = ListEvents {
            limit: Some(1_000),
            ..after(cursor)
        };
        let page = harness.call(&luc, wish).await.unwrap();
        if page.events.is_empty() {
            break;
        }
        assert!(serde_json::to_string(&page).unwrap().len() <= 1_100_000);
        cursor = page.cursor;
        cursors.extend(page.events.iter().filter_map(|event| event.cursor));
    }

    assert_eq!(cursors, (3..=122).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_relation_is_shown_as_it_is_now() {
    let harness = Harness::new();
    let Friends { anne, luc, .. } = harness.two_friends().await;
    harness
        .call(&luc, CloseChannel { account: anne.id })
        .await
        .unwrap();

    for event in harness.events_after(&anne, 0).await {
        let EventKind::RelationChanged {
            account, relation, ..
        } = event.kind
        else {
            panic!("{event:?}")
        };
        assert_eq!((account, relation.relation), (luc.id, Standing::Closed));
    }
}

#[tokio::test]
async fn an_unclear_wish_is_refused() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let refused = |field, reason| Err(ApiError::invalid(field, reason));

    for limit in [0, 1_001] {
        let wish = ListEvents {
            limit: Some(limit),
            ..after(0)
        };
        assert_eq!(
            harness.call(&anne, wish).await,
            refused("limit", InvalidReason::Format)
        );
    }
    let wish = ListEvents {
        wait: Some(26),
        ..after(0)
    };
    assert_eq!(
        harness.call(&anne, wish).await,
        refused("wait", InvalidReason::TooLong)
    );
}

#[tokio::test]
async fn a_waiting_call_is_answered_when_something_happens() {
    let harness = Arc::new(Harness::new());
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let cursor = harness.cursor(&luc).await;
    let waiting = {
        let (harness, luc) = (Arc::clone(&harness), luc.clone());
        let wish = ListEvents {
            wait: Some(25),
            ..after(cursor)
        };
        tokio::spawn(async move { harness.call(&luc, wish).await.unwrap() })
    };
    harness.let_others_run(&luc).await;

    // Neither ends the wait: typing is not kept, Anne's draft is hers alone.
    harness.call(&anne, SignalTyping { conversation }).await.unwrap();
    let draft = Draft("Bon".to_owned());
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
    harness.send(&anne, conversation, "Bonjour").await.unwrap();

    let page = tokio::time::timeout(Duration::from_secs(5), waiting)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(page.events.len(), 1);
    assert_eq!(page.cursor, cursor + 1);
}

#[tokio::test]
async fn what_is_already_there_is_not_waited_for() {
    let harness = Harness::new();
    let Friends { luc, .. } = harness.two_friends().await;

    let wish = ListEvents {
        wait: Some(25),
        ..after(0)
    };
    let page = tokio::time::timeout(Duration::from_secs(5), harness.call(&luc, wish))
        .await
        .unwrap()
        .unwrap();

    assert_eq!(page.cursor, 2);
}

#[tokio::test]
async fn a_wait_in_vain_ends_where_it_began() {
    let harness = Harness::new();
    let Friends { luc, .. } = harness.two_friends().await;

    let page = harness
        .call(
            &luc,
            ListEvents {
                wait: Some(1),
                ..after(2)
            },
        )
        .await
        .unwrap();

    assert_eq!(
        page,
        EventPage {
            events: Vec::new(),
            cursor: 2
        }
    );
}

#[tokio::test]
async fn a_waiting_call_ends_with_its_session() {
    let harness = Arc::new(Harness::new());
    let anne = harness.account("Anne Roy").await;
    let other = harness.sign_in(&anne.email).await;
    let cursor = harness.cursor(&anne).await;
    let waiting = {
        let (harness, other) = (Arc::clone(&harness), other.clone());
        let wish = ListEvents {
            wait: Some(25),
            ..after(cursor)
        };
        tokio::spawn(async move { harness.call(&other, wish).await })
    };
    harness.let_others_run(&anne).await;

    harness
        .call(&anne, app::accounts::RevokeDevice { device: other.device })
        .await
        .unwrap();

    let answer = tokio::time::timeout(Duration::from_secs(5), waiting)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(answer, Err(ApiError::SignedOut));
}

#[tokio::test]
async fn az04_nobody_else_is_told_anything() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let stranger = harness.account("Marc Côté").await;
    let admin = harness.admin("Nadia Belkacem").await;

    let canary = "canari-7f3a";
    let message = harness.send(&anne, conversation, canary).await.unwrap().id;
    let key = || harness.key();
    let (body, reaction) = (body("canari-7f3b"), Some(Reaction::OnIt));
    let edit = EditMessage {
        message,
        key: key(),
        body,
    };
    harness.call(&anne, edit).await.unwrap();
    let react = ReactToMessage {
        message,
        key: key(),
        reaction,
    };
    harness.call(&luc, react).await.unwrap();
    let (pinned, starred) = (true, true);
    let pin = PinMessage {
        message,
        key: key(),
        pinned,
    };
    harness.call(&luc, pin).await.unwrap();
    let star = StarMessage {
        message,
        key: key(),
        starred,
    };
    harness.call(&luc, star).await.unwrap();
    harness.call(&anne, DeleteMessage { message }).await.unwrap();
    let draft = Draft(canary.to_owned());
    harness
        .call(
            &luc,
            SaveDraft {
                conversation,
                draft,
                over: None,
            },
        )
        .await
        .unwrap();
    let read = app::conversations::MarkRead {
        conversation,
        position: 1,
    };
    harness.call(&luc, read).await.unwrap();
    harness
        .call(&luc, CloseChannel { account: anne.id })
        .await
        .unwrap();

    for outsider in [&stranger, &admin] {
        assert_eq!(harness.events_after(outsider, 0).await, []);
    }
}

#[tokio::test]
async fn friends_hear_of_a_changed_profile() {
    let harness = Harness::new();
    let Friends { anne, luc, .. } = harness.two_friends().await;
    let stranger = harness.account("Marc Côté").await;
    let cursor = harness.cursor(&luc).await;

    let profile = SaveProfile {
        title: "Dre".to_owned(),
        name: "Anne Roy".to_owned(),
        profession: "cardiologue".to_owned(),
        workplace: "Hôpital du Parc".to_owned(),
        phone: String::new(),
    };
    harness.call(&anne, profile).await.unwrap();

    let told = harness.events_after(&luc, cursor).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].kind, EventKind::ProfileChanged { account: anne.id });
    assert_eq!(harness.events_after(&stranger, 0).await, []);
}

#[tokio::test]
async fn the_log_holds_no_words() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    harness.send(&anne, conversation, "canari-message").await.unwrap();
    let marc = harness.account("Marc Côté").await;
    let note = Some("canari-note".to_owned());
    harness
        .call(
            &luc,
            SendFriendRequest {
                account: marc.id,
                note,
            },
        )
        .await
        .unwrap();

    let stored = harness.snapshot();

    assert!(stored.n_rows("messages") > 0 && stored.n_rows("relations") > 0);
    assert!(!stored.holds("canari"));
}
