//! Many at once: what is answered is stored, in one order, once.

use std::sync::Arc;

use app::api::{ApiError, EventKind, ListEvents};
use app::conversations::{ReadTimeline, SendMessage};
use app::friendships::CloseChannel;

use super::{positions, timeline};
use crate::harness::{Friends, Harness, body};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel05_concurrent_sends_are_gapless_and_unique() {
    let harness = Arc::new(Harness::new());
    let friends = Arc::new(harness.two_friends().await);

    let sends = (0..200).map(|index| {
        let (harness, friends) = (Arc::clone(&harness), Arc::clone(&friends));
        tokio::spawn(async move {
            let author = if index % 2 == 0 {
                &friends.anne
            } else {
                &friends.luc
            };
            harness
                .send(author, friends.conversation, &format!("Message {index}"))
                .await
                .unwrap()
                .position
        })
    });
    let mut answered = Vec::new();
    for send in sends.collect::<Vec<_>>() {
        answered.push(send.await.unwrap());
    }

    answered.sort_unstable();
    assert_eq!(answered, (1..=200).collect::<Vec<_>>());
    for reader in [&friends.anne, &friends.luc] {
        let wish = ReadTimeline {
            after: Some(0),
            limit: Some(200),
            ..timeline(friends.conversation)
        };
        assert_eq!(positions(&harness.call(reader, wish).await.unwrap()), answered);
        let told: Vec<_> = harness
            .events_after(reader, 0)
            .await
            .into_iter()
            .filter_map(|event| match event.kind {
                EventKind::MessageSent { message, .. } => Some(message.position),
                _ => None,
            })
            .collect();
        assert_eq!(told, answered, "the log tells them in the same order");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel04_one_key_sent_a_hundred_times_at_once_is_one_row() {
    let harness = Arc::new(Harness::new());
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let wish = SendMessage {
        conversation,
        key: harness.key(),
        reply_to: None,
        body: body("Une fois"),
        clears_draft: false,
        attachments: Vec::new(),
    };

    let sends = (0..100).map(|_| {
        let (harness, anne, wish) = (Arc::clone(&harness), anne.clone(), wish.clone());
        tokio::spawn(async move { harness.call(&anne, wish).await.unwrap() })
    });
    let mut answers = Vec::new();
    for send in sends.collect::<Vec<_>>() {
        answers.push(send.await.unwrap());
    }

    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(harness.snapshot().n_rows("messages"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel04_the_same_message_from_five_devices_and_a_month_later_is_one_row() {
    let harness = Arc::new(Harness::new());
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let mut devices = vec![anne.clone()];
    for _ in 1..5 {
        devices.push(harness.sign_in(&anne.email).await);
    }
    let wish = SendMessage {
        conversation,
        key: harness.key(),
        reply_to: None,
        body: body("Une fois"),
        clears_draft: false,
        attachments: Vec::new(),
    };
    let first = harness.call(&anne, wish.clone()).await.unwrap();

    for later_ms in [1_000, 3_600_000, 30 * 24 * 3_600_000] {
        harness.clock.advance_ms(later_ms);
        let sends = devices.iter().cycle().take(100).map(|device| {
            let (harness, device, wish) = (Arc::clone(&harness), device.clone(), wish.clone());
            tokio::spawn(async move { harness.call(&device, wish).await.unwrap() })
        });
        for send in sends.collect::<Vec<_>>() {
            assert_eq!(send.await.unwrap(), first);
        }
        let other = SendMessage {
            body: body("Autre chose"),
            ..wish.clone()
        };
        assert_eq!(harness.call(&devices[4], other).await, Err(ApiError::KeyReused));
    }
    assert_eq!(harness.snapshot().n_rows("messages"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel05_two_people_on_three_devices_each_read_the_same_transcript_while_it_grows() {
    const N_EACH: usize = 50;
    let harness = Arc::new(Harness::new());
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let mut devices = Vec::new();
    for person in [&anne, &luc] {
        devices.push(person.clone());
        for _ in 1..3 {
            devices.push(harness.sign_in(&person.email).await);
        }
    }

    let writing = devices.iter().enumerate().map(|(index, device)| {
        let (harness, device) = (Arc::clone(&harness), device.clone());
        tokio::spawn(async move {
            for number in 0..N_EACH {
                harness
                    .send(&device, conversation, &format!("{index} {number}"))
                    .await
                    .unwrap();
            }
        })
    });
    let writing: Vec<_> = writing.collect();
    let reading = devices.iter().map(|device| {
        let (harness, device) = (Arc::clone(&harness), device.clone());
        tokio::spawn(async move {
            // By cursor, a few at a time, while the others write: what is committed late must not be stepped over.
            let (mut cursor, mut read) = (0, Vec::new());
            while read.len() < 6 * N_EACH {
                let wish = ListEvents {
                    after: Some(cursor),
                    limit: Some(7),
                    wait: Some(5),
                };
                let page = harness.call(&device, wish).await.unwrap();
                cursor = page.cursor;
                read.extend(page.events.into_iter().filter_map(|event| match event.kind {
                    EventKind::MessageSent { message, .. } => {
                        Some((message.position, message.id, message.body.as_str().to_owned()))
                    }
                    _ => None,
                }));
            }
            read
        })
    });
    let reading: Vec<_> = reading.collect();
    for writer in writing {
        writer.await.unwrap();
    }
    let mut transcripts = Vec::new();
    for reader in reading {
        transcripts.push(reader.await.unwrap());
    }

    let first = &transcripts[0];
    assert!(transcripts.iter().all(|transcript| transcript == first));
    let positions: Vec<u64> = first.iter().map(|(position, ..)| *position).collect();
    assert_eq!(positions, (1..=6 * N_EACH as u64).collect::<Vec<_>>());
    for index in 0..devices.len() {
        let own: Vec<&str> = first
            .iter()
            .map(|(.., text)| text.as_str())
            .filter(|text| text.starts_with(&format!("{index} ")))
            .collect();
        let written: Vec<String> = (0..N_EACH).map(|number| format!("{index} {number}")).collect();
        assert_eq!(own, written, "each device's messages stay in their order");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn az05_a_send_that_races_with_the_closing_is_stored_or_refused_never_both() {
    let harness = Arc::new(Harness::new());
    let friends = harness.two_friends().await;
    let Friends {
        anne,
        luc,
        conversation,
    } = friends;
    let mut n_stored = 0;

    for round in 0..300 {
        if round > 0 {
            harness.befriend(&anne, &luc).await;
        }
        let sending = {
            let (harness, anne) = (Arc::clone(&harness), anne.clone());
            tokio::spawn(async move { harness.send(&anne, conversation, &format!("Tour {round}")).await })
        };
        let closing = {
            let (harness, luc, anne) = (Arc::clone(&harness), luc.clone(), anne.id);
            tokio::spawn(async move { harness.call(&luc, CloseChannel { account: anne }).await })
        };
        closing.await.unwrap().unwrap();
        let sent = sending.await.unwrap();

        match &sent {
            Ok(message) => {
                n_stored += 1;
                assert_eq!(message.position, n_stored);
            }
            Err(refusal) => assert_eq!(*refusal, ApiError::ChannelClosed),
        }
        let page = harness
            .call(
                &luc,
                ReadTimeline {
                    limit: Some(1),
                    ..timeline(conversation)
                },
            )
            .await
            .unwrap();
        assert_eq!(page.last_position, n_stored);
        assert_eq!(
            harness.send(&anne, conversation, "Trop tard").await,
            Err(ApiError::ChannelClosed)
        );
    }
}
