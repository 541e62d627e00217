//! Reading: pages by position, for participants alone, and how far each has come.

use app::api::{ApiError, ConversationId, InvalidReason};
use app::conversations::{
    Draft, GetConversation, MarkRead, ReadTimeline, SaveDraft, SignalTyping, TimelinePage,
};

use super::{friends_with_messages, positions, timeline};
use crate::harness::{Friends, Harness, unknown_id};

#[tokio::test]
async fn pages_are_cut_by_position() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = friends_with_messages(&harness, 10).await;
    let nothing: [u64; 0] = [];
    let newest = timeline(conversation);
    let read = async |wish: ReadTimeline| {
        let page = harness
            .call(
                &anne,
                ReadTimeline {
                    limit: wish.limit.or(Some(4)),
                    ..wish
                },
            )
            .await
            .unwrap();
        assert_eq!(page.last_position, 10);
        positions(&page)
    };

    assert_eq!(read(newest.clone()).await, [7, 8, 9, 10]);
    assert_eq!(
        read(ReadTimeline {
            before: Some(7),
            ..newest.clone()
        })
        .await,
        [3, 4, 5, 6]
    );
    assert_eq!(
        read(ReadTimeline {
            before: Some(3),
            ..newest.clone()
        })
        .await,
        [1, 2]
    );
    assert_eq!(
        read(ReadTimeline {
            before: Some(1),
            ..newest.clone()
        })
        .await,
        nothing
    );
    assert_eq!(
        read(ReadTimeline {
            before: Some(0),
            ..newest.clone()
        })
        .await,
        nothing
    );
    assert_eq!(
        read(ReadTimeline {
            before: Some(11),
            ..newest.clone()
        })
        .await,
        [7, 8, 9, 10]
    );
    assert_eq!(
        read(ReadTimeline {
            before: Some((1 << 53) - 1),
            ..newest.clone()
        })
        .await,
        [7, 8, 9, 10]
    );
    assert_eq!(
        read(ReadTimeline {
            after: Some(0),
            ..newest.clone()
        })
        .await,
        [1, 2, 3, 4]
    );
    assert_eq!(
        read(ReadTimeline {
            after: Some(8),
            ..newest.clone()
        })
        .await,
        [9, 10]
    );
    assert_eq!(
        read(ReadTimeline {
            after: Some(10),
            ..newest.clone()
        })
        .await,
        nothing
    );
    assert_eq!(
        read(ReadTimeline {
            after: Some(u64::MAX),
            ..newest.clone()
        })
        .await,
        nothing
    );
    assert_eq!(
        read(ReadTimeline {
            around: Some(5),
            ..newest.clone()
        })
        .await,
        [3, 4, 5, 6]
    );
    assert_eq!(
        read(ReadTimeline {
            around: Some(0),
            ..newest.clone()
        })
        .await,
        [1, 2, 3, 4]
    );
    assert_eq!(
        read(ReadTimeline {
            around: Some(99),
            ..newest.clone()
        })
        .await,
        [7, 8, 9, 10]
    );
    assert_eq!(
        read(ReadTimeline {
            around: Some(6),
            limit: Some(1),
            ..newest.clone()
        })
        .await,
        [6]
    );
    assert_eq!(
        read(ReadTimeline {
            limit: Some(200),
            ..newest
        })
        .await,
        (1..=10).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn every_page_around_a_position_holds_it() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = friends_with_messages(&harness, 9).await;

    for around in 1..=9 {
        for limit in 1..=12_u32 {
            let wish = ReadTimeline {
                around: Some(around),
                limit: Some(limit),
                ..timeline(conversation)
            };
            let page = positions(&harness.call(&anne, wish).await.unwrap());

            assert!(page.contains(&around), "{around} in {page:?}");
            assert_eq!(page.len() as u64, u64::from(limit).min(9));
        }
    }
}

#[tokio::test]
async fn a_page_without_messages_is_empty() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let newest = timeline(conversation);

    for wish in [
        newest.clone(),
        ReadTimeline {
            before: Some(5),
            ..newest.clone()
        },
        ReadTimeline {
            after: Some(0),
            ..newest.clone()
        },
        ReadTimeline {
            around: Some(5),
            ..newest
        },
    ] {
        let page = harness.call(&anne, wish).await.unwrap();
        assert_eq!(
            page,
            TimelinePage {
                messages: Vec::new(),
                last_position: 0
            }
        );
    }
}

#[tokio::test]
async fn an_unclear_page_is_refused() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let newest = timeline(conversation);
    let limit = Err(ApiError::invalid("limit", InvalidReason::Format));

    let both = ReadTimeline {
        before: Some(5),
        after: Some(2),
        ..newest.clone()
    };
    assert_eq!(harness.call(&anne, both).await, Err(ApiError::Malformed));
    assert_eq!(
        harness
            .call(
                &anne,
                ReadTimeline {
                    limit: Some(0),
                    ..newest.clone()
                }
            )
            .await,
        limit
    );
    assert_eq!(
        harness
            .call(
                &anne,
                ReadTimeline {
                    limit: Some(201),
                    ..newest
                }
            )
            .await,
        limit
    );
}

/// AZ-03, product requirement A6; that it is the same work: `tests/rights/in_vain.rs`.
#[tokio::test]
async fn a6_not_yours_and_does_not_exist_look_the_same() {
    let harness = Harness::new();
    let Friends { conversation, .. } = friends_with_messages(&harness, 1).await;
    let stranger = harness.account("Marc Côté").await;
    let admin = harness.admin("Nadia Belkacem").await;
    let nowhere = ConversationId(unknown_id());

    for outsider in [&stranger, &admin] {
        for conversation in [conversation, nowhere] {
            let not_found = ApiError::NotFound;
            let read = harness.call(outsider, timeline(conversation)).await;
            assert_eq!(read.map(|_| ()), Err(not_found.clone()));
            let get = harness.call(outsider, GetConversation { conversation }).await;
            assert_eq!(get.map(|_| ()), Err(not_found.clone()));
            let mark = harness
                .call(
                    outsider,
                    MarkRead {
                        conversation,
                        position: 1,
                    },
                )
                .await;
            assert_eq!(mark.map(|_| ()), Err(not_found.clone()));
            let draft = SaveDraft {
                conversation,
                draft: Draft("…".to_owned()),
                over: None,
            };
            assert_eq!(
                harness.call(outsider, draft).await.map(|_| ()),
                Err(not_found.clone())
            );
            let typing = harness.call(outsider, SignalTyping { conversation }).await;
            assert_eq!(typing.map(|_| ()), Err(not_found.clone()));
            assert_eq!(
                harness.send(outsider, conversation, "?").await.map(|_| ()),
                Err(not_found)
            );
        }
    }
}
