//! The event stream: it begins at a cursor, leaves nothing out, holds little, and ends with its session.

#![expect(clippy::unwrap_used, reason = "a stream that cannot be read ends its test")]

mod harness;

use std::time::Duration;

use app::accounts::{ChangePassword, GetMe, RevokeDevice, Secret, SignOut, SuspendAccount};
use app::api::{AccountId, ApiError, ConversationId, Event, EventKind, ListEvents};
use app::conversations::{
    DeleteMessage, EditMessage, ForwardMessage, PinMessage, ReactToMessage, Reaction, SignalTyping,
    StarMessage,
};
use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode, header};
use futures::StreamExt;
use harness::{Account, Friends, Harness, PASSWORD};
use proptest::prelude::ProptestConfig;
use server::store::Value;
use tower::ServiceExt;

/// A device's stream, read frame by frame: what is not asked for stays where it is.
struct Stream {
    body: BodyDataStream,
    bytes: Vec<u8>,
    /// How long to wait for a frame; without end where the clock runs by itself.
    patience: Option<Duration>,
    /// The largest piece that came at once.
    max_chunk_bytes: usize,
}

/// One frame.
#[derive(Debug, Default, PartialEq, Eq)]
struct Frame {
    name: String,
    id: Option<u64>,
    retry_ms: Option<u64>,
    data: String,
}

impl Stream {
    async fn open(harness: &Harness, account: &Account, last_event_id: Option<&str>) -> Self {
        let response = harness
            .router()
            .oneshot(request(account, last_event_id))
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        Self {
            body: response.into_body().into_data_stream(),
            bytes: Vec::new(),
            patience: Some(Duration::from_mins(1)),
            max_chunk_bytes: 0,
        }
    }

    /// The next frame, heartbeats left out; `None` when the stream has ended.
    async fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some(end) = self.bytes.windows(2).position(|pair| pair == b"\n\n") {
                let frame = parse(std::str::from_utf8(&self.bytes[..end]).unwrap());
                self.bytes.drain(..end + 2);
                if frame.name != "beat" {
                    return Some(frame);
                }
                continue;
            }
            let chunk = self.body.next();
            let chunk = match self.patience {
                Some(patience) => tokio::time::timeout(patience, chunk).await.unwrap(),
                None => chunk.await,
            };
            let chunk = chunk?.unwrap();
            self.max_chunk_bytes = self.max_chunk_bytes.max(chunk.len());
            self.bytes.extend_from_slice(&chunk);
        }
    }

    async fn next_event(&mut self) -> Event {
        let frame = self.next().await.unwrap();
        assert_eq!(frame.name, "", "{frame:?}");
        let event: Event = serde_json::from_str(&frame.data).unwrap();
        assert_eq!(event.cursor, frame.id);
        event
    }
}

fn request(account: &Account, last_event_id: Option<&str>) -> Request<Body> {
    let request =
        Request::get("/api/v1/events").header(header::AUTHORIZATION, format!("Bearer {}", account.token));
    match last_event_id {
        Some(id) => request.header("last-event-id", id),
        None => request,
    }
    .body(Body::empty())
    .unwrap()
}

fn parse(text: &str) -> Frame {
    let mut frame = Frame::default();
    for line in text.lines() {
        let (field, value) = line.split_once(": ").unwrap_or((line, ""));
        match field {
            "event" => value.clone_into(&mut frame.name),
            "id" => frame.id = Some(value.parse().unwrap()),
            "retry" => frame.retry_ms = Some(value.parse().unwrap()),
            "data" => value.clone_into(&mut frame.data),
            _ => panic!("no field that a page hears: {line}"),
        }
    }
    frame
}

async fn send_many(harness: &Harness, author: &Account, conversation: ConversationId, n: usize, text: &str) {
    let all = (0..n).map(|_| harness.send(author, conversation, text));
    for sent in futures::future::join_all(all).await {
        sent.unwrap();
    }
}

#[tokio::test]
async fn a_stream_begins_with_where_it_stands_and_how_to_come_back() {
    let harness = Harness::new();
    let Friends { luc, .. } = harness.two_friends().await;
    let mut waits = Vec::new();

    for _ in 0..5 {
        let mut stream = Stream::open(&harness, &luc, None).await;
        let hello = stream.next().await.unwrap();
        assert_eq!((hello.name.as_str(), hello.id), ("hello", Some(2)));
        assert_eq!(hello.data, r#"{"spread_ms":2000}"#);
        waits.push(hello.retry_ms.unwrap());
    }

    assert!(
        waits.iter().all(|wait_ms| (500..2_500).contains(wait_ms)),
        "{waits:?}"
    );
    waits.dedup();
    assert!(waits.len() > 1, "not all come back at once");
}

#[tokio::test]
async fn the_more_streams_are_open_the_longer_they_are_spread() {
    let harness = Harness::new();
    let luc = harness.account("Luc Gagné").await;
    let open: Vec<_> = (0..5_000).map(|_| harness.context.live.count_stream()).collect();

    let mut stream = Stream::open(&harness, &luc, None).await;
    assert_eq!(stream.next().await.unwrap().data, r#"{"spread_ms":10002}"#);

    drop(open);
    let mut stream = Stream::open(&harness, &luc, None).await;
    assert_eq!(stream.next().await.unwrap().data, r#"{"spread_ms":2000}"#);
}

#[tokio::test]
async fn a_very_old_cursor_brings_everything_since_once_and_in_order() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    send_many(&harness, &anne, conversation, 1_000, "Bonjour").await;

    let mut stream = Stream::open(&harness, &luc, Some("0")).await;

    assert_eq!(stream.next().await.unwrap().id, Some(0), "hello");
    for cursor in 1..=1_002 {
        assert_eq!(stream.next_event().await.cursor, Some(cursor));
    }
}

#[tokio::test]
async fn long_messages_come_whole_in_small_pieces() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let long = "é\n\"".repeat(3_333);
    send_many(&harness, &anne, conversation, 50, &long).await;

    let mut stream = Stream::open(&harness, &luc, Some("2")).await;
    stream.next().await.unwrap();
    for cursor in 3..=52 {
        let event = stream.next_event().await;
        assert_eq!(event.cursor, Some(cursor));
        let EventKind::MessageSent { message, .. } = event.kind else {
            panic!("no message");
        };
        assert_eq!(message.body, harness::body(&long));
    }

    assert!(stream.max_chunk_bytes <= 4_096);
}

/// Assurance AZ-04: the raw frames of a third person, who is a friend of one of the two, while everything is done with their
/// messages. What is one's own reaches oneself alone.
#[tokio::test]
async fn az04_no_raw_frame_of_a_third_person_tells_what_two_do_with_their_messages() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let marc = harness.account("Marc Côté").await;
    let theirs = harness.befriend(&anne, &marc).await;
    let admin = harness.admin("Nadia Belkacem").await;
    let mut outside = Vec::new();
    for outsider in [&marc, &admin] {
        let mut stream = Stream::open(&harness, outsider, None).await;
        assert_eq!(stream.next().await.unwrap().name, "hello");
        outside.push(stream);
    }

    let sent = harness.send(&anne, conversation, "canari-un").await.unwrap();
    let message = sent.id;
    let edit = EditMessage {
        message,
        key: harness.key(),
        body: harness::body("canari-deux"),
    };
    harness.call(&anne, edit).await.unwrap();
    let react = ReactToMessage {
        message,
        key: harness.key(),
        reaction: Some(Reaction::Urgent),
    };
    harness.call(&luc, react).await.unwrap();
    let pin = PinMessage {
        message,
        key: harness.key(),
        pinned: true,
    };
    harness.call(&luc, pin).await.unwrap();
    let mut annes = Stream::open(&harness, &anne, None).await;
    assert_eq!(annes.next().await.unwrap().name, "hello");
    let star = StarMessage {
        message,
        key: harness.key(),
        starred: true,
    };
    harness.call(&luc, star).await.unwrap();
    let forward = ForwardMessage {
        message,
        conversation: theirs,
        key: harness.key(),
    };
    let forwarded = harness.call(&anne, forward).await.unwrap().message;
    harness.call(&anne, DeleteMessage { message }).await.unwrap();

    // The next frame of the third person is the message that is for them, and names nothing of the two.
    let frame = outside[0].next().await.unwrap();
    for absent in [
        conversation.to_string(),
        message.to_string(),
        luc.id.to_string(),
        "canari-un".to_owned(),
    ] {
        assert!(!frame.data.contains(&absent), "{}", frame.data);
    }
    assert!(frame.data.contains(&forwarded.id.to_string()));
    // Nor does the friend's stream tell of a star: what comes next is the forwarded message, then the deletion.
    let (first, second) = (annes.next_event().await.kind, annes.next_event().await.kind);
    assert!(matches!(first, EventKind::MessageSent { message, .. } if message.id == forwarded.id));
    assert!(matches!(second, EventKind::MessageChanged { message: told, .. } if told.id == message));
    for (outsider, stream) in [(&marc, 0), (&admin, 1)] {
        harness.context.live.pass(
            outsider.id,
            Event {
                cursor: None,
                at: harness.now(),
                kind: EventKind::Typing { conversation: theirs },
            },
        );
        let frame = outside[stream].next().await.unwrap();
        assert!(
            frame.data.contains("typing"),
            "nothing came before: {}",
            frame.data
        );
    }
}

#[tokio::test]
async fn a_cursor_that_is_no_number_is_refused() {
    let harness = Harness::new();
    let luc = harness.account("Luc Gagné").await;

    for id in ["abc", "-1", "1.5", "18446744073709551616", " "] {
        let (status, _) = harness.http(request(&luc, Some(id))).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{id}");
    }
}

#[tokio::test]
async fn a_cursor_beyond_the_end_begins_at_the_end() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;

    for cursor in ["3", "1000000", "18446744073709551615"] {
        let end = harness.cursor(&luc).await;
        let mut stream = Stream::open(&harness, &luc, Some(cursor)).await;
        assert_eq!(stream.next().await.unwrap().id, Some(end), "{cursor}");
        harness.send(&anne, conversation, "Bonjour").await.unwrap();
        assert_eq!(stream.next_event().await.cursor, Some(end + 1));
    }
}

#[tokio::test]
async fn a_cursor_of_another_account_shows_ones_own_log() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    send_many(&harness, &anne, conversation, 5, "Entre nous").await;
    let of_anne = harness.cursor(&anne).await;
    let marc = harness.account("Marc Côté").await;
    let with_marc = harness.befriend(&luc, &marc).await;

    let mut stream = Stream::open(&harness, &marc, Some(&of_anne.to_string())).await;
    let hello = stream.next().await.unwrap();
    assert_eq!(hello.id, Some(harness.cursor(&marc).await));
    harness.send(&luc, with_marc, "Bonjour").await.unwrap();

    let EventKind::MessageSent { conversation, .. } = stream.next_event().await.kind else {
        panic!("no message");
    };
    assert_eq!(conversation, with_marc);
}

#[tokio::test]
async fn a_device_that_does_not_keep_up_is_told_to_ask_the_log() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let tablet = harness.sign_in(&luc.email).await;
    let mut slow = Stream::open(&harness, &luc, None).await;
    let mut quick = Stream::open(&harness, &tablet, None).await;
    for stream in [&mut slow, &mut quick] {
        stream.next().await.unwrap();
    }
    harness.send(&anne, conversation, "Un").await.unwrap();
    let last = slow.next_event().await.cursor.unwrap();
    quick.next_event().await;

    let long = "e".repeat(10_000);
    for n in 0..40 {
        harness.send(&anne, conversation, &long).await.unwrap();
        let cursor = quick.next_event().await.cursor;
        assert_eq!(cursor, Some(last + n + 1), "others wait for nobody");
    }

    let resync = slow.next().await.unwrap();
    assert_eq!((resync.name.as_str(), resync.id), ("resync", None));
    assert_eq!(resync.data, format!("{{\"cursor\":{last}}}"));
    assert_eq!(slow.next().await, None);
    let missed = harness.events_after(&luc, last).await;
    assert_eq!(missed.len(), 40);
    // Whoever comes back by the last id gets everything too, however slowly.
    let mut again = Stream::open(&harness, &luc, Some(&last.to_string())).await;
    again.next().await.unwrap();
    for event in missed {
        assert_eq!(again.next_event().await, event);
    }
}

#[tokio::test]
async fn many_short_events_are_too_much_as_well() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let mut slow = Stream::open(&harness, &luc, None).await;
    slow.next().await.unwrap();
    harness.send(&anne, conversation, "Un").await.unwrap();
    slow.next_event().await;

    send_many(&harness, &anne, conversation, 1_000, "Bonjour").await;

    assert_eq!(slow.next().await.unwrap().name, "resync");
    assert_eq!(slow.next().await, None);
}

#[tokio::test]
async fn signs_that_are_not_kept_come_without_a_cursor() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let mut stream = Stream::open(&harness, &luc, None).await;
    stream.next().await.unwrap();

    harness.call(&anne, SignalTyping { conversation }).await.unwrap();

    let event = stream.next_event().await;
    assert_eq!(
        (event.cursor, event.kind),
        (None, EventKind::Typing { conversation })
    );
}

#[tokio::test]
async fn a_stream_ends_with_its_device_and_the_others_go_on() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let tablet = harness.sign_in(&luc.email).await;
    let mut revoked = Stream::open(&harness, &tablet, None).await;
    let mut other = Stream::open(&harness, &luc, None).await;
    for stream in [&mut revoked, &mut other] {
        stream.next().await.unwrap();
    }

    let wish = RevokeDevice {
        device: tablet.device,
    };
    harness.call(&luc, wish).await.unwrap();
    harness.send(&anne, conversation, "Après").await.unwrap();

    assert_eq!(revoked.next().await, None);
    let kinds = [other.next_event().await.kind, other.next_event().await.kind];
    assert!(
        matches!(
            kinds,
            [EventKind::DeviceRevoked { .. }, EventKind::MessageSent { .. }]
        ),
        "{kinds:?}"
    );
}

#[tokio::test]
async fn a_suspended_persons_streams_end_at_once() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let admin = harness.admin("Nadia Belkacem").await;
    let tablet = harness.sign_in(&luc.email).await;
    let mut streams = [
        Stream::open(&harness, &luc, None).await,
        Stream::open(&harness, &tablet, None).await,
    ];
    for stream in &mut streams {
        stream.next().await.unwrap();
    }

    let wish = SuspendAccount {
        account: luc.id,
        suspended: true,
    };
    harness.call(&admin, wish).await.unwrap();
    harness.send(&anne, conversation, "Après").await.unwrap();

    for stream in &mut streams {
        assert_eq!(stream.next().await, None);
    }
}

/// What ends a session from elsewhere.
async fn end_session(harness: &Harness, how: u32, admin: &Account, luc: &Account, tablet: &Account) {
    match how {
        0 => {
            let device = tablet.device;
            harness.call(luc, RevokeDevice { device }).await.unwrap();
        }
        1 => {
            harness.call(tablet, SignOut {}).await.unwrap();
        }
        2 => {
            let (password, new_password) = (Secret(PASSWORD.to_owned()), Secret(PASSWORD.to_owned()));
            let wish = ChangePassword {
                password,
                new_password,
            };
            harness.call(luc, wish).await.unwrap();
        }
        _ => {
            for suspended in [true, false] {
                let account = luc.id;
                let wish = SuspendAccount { account, suspended };
                harness.call(admin, wish).await.unwrap();
            }
        }
    }
}

/// AUTH-10: whatever ends a session ends its stream within a second, under load, and nothing that was written afterwards is
/// on it. `PROPTEST_CASES=1000` for the long run.
#[tokio::test]
async fn auth_10_whatever_ends_a_session_ends_its_stream_within_a_second() {
    let harness = Harness::new();
    let Friends {
        anne,
        mut luc,
        conversation,
    } = harness.two_friends().await;
    let admin = harness.admin("Nadia Belkacem").await;
    let n_trials = ProptestConfig::default().cases.clamp(48, 10_000);
    let n_trials = if n_trials == 256 { 48 } else { n_trials };
    for trial in 0..n_trials {
        let how = trial % 4;
        // A suspension ends Luc's own session as well.
        luc = harness.sign_in(&luc.email).await;
        let tablet = harness.sign_in(&luc.email).await;
        let mut stream = Stream::open(&harness, &tablet, None).await;
        stream.patience = Some(Duration::from_secs(1));
        stream.next().await.unwrap();
        let load = async {
            for _ in 0..8 {
                let _ = harness.send(&anne, conversation, "Avant").await;
            }
        };

        tokio::join!(load, end_session(&harness, how, &admin, &luc, &tablet));
        harness.send(&anne, conversation, "Secret d’après").await.unwrap();

        while let Some(frame) = stream.next().await {
            assert!(!frame.data.contains("Secret d’après"), "trial {trial}");
        }
        assert_eq!(
            harness.call_http(&tablet, GetMe {}).await,
            Err(ApiError::SignedOut)
        );
    }
}

/// Another process on the same database, without a bell between the two.
#[tokio::test]
async fn auth_10_what_another_process_ends_is_found_within_a_second() {
    let harness = Harness::beside_others();
    let luc = harness.account("Luc Gagné").await;
    let mut stream = Stream::open(&harness, &luc, None).await;
    stream.patience = Some(Duration::from_secs(1));
    stream.next().await.unwrap();
    let elsewhere = harness.database().open(std::sync::Arc::new(|_: &[AccountId]| {}));

    elsewhere
        .write(move |tx| {
            let device = Value::from(luc.device);
            tx.execute("update devices set revoked_at = 1 where id = $1", &[device])?;
            tx.ring(luc.id);
            Ok(())
        })
        .await
        .unwrap();

    assert_eq!(stream.next().await, None);
}

/// A command line suspends in a process of its own: where its commit rings no bell in this one, the heartbeat finds out.
#[tokio::test(start_paused = true)]
async fn a_session_that_ends_in_another_process_ends_its_stream_by_the_next_heartbeat() {
    let harness = Harness::new();
    let luc = harness.account("Luc Gagné").await;
    let mut stream = Stream::open(&harness, &luc, None).await;
    // While the store works the clock leaps to the next alarm, which is to be the stream's.
    stream.patience = None;
    stream.next().await.unwrap();
    // A friend who writes and writes puts nothing off.
    let typing = Event {
        cursor: None,
        at: harness.context.now(),
        kind: EventKind::Typing {
            conversation: ConversationId(harness.context.new_id()),
        },
    };
    harness.context.live.pass(luc.id, typing.clone());
    assert!(stream.next().await.is_some(), "what a friend writes passes");

    harness
        .context
        .db
        .write(move |tx| {
            let device = Value::from(luc.device);
            tx.execute("update devices set revoked_at = 1 where id = $1", &[device])
        })
        .await
        .unwrap();

    let mut n_signs = 0;
    loop {
        harness.context.live.pass(luc.id, typing.clone());
        tokio::time::advance(Duration::from_secs(2)).await;
        if stream.next().await.is_none() {
            break;
        }
        n_signs += 1;
        assert!(n_signs <= 8, "fifteen seconds of a sign every other second");
    }
}

#[tokio::test]
async fn a_page_by_asking_and_the_stream_say_the_same() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    send_many(&harness, &anne, conversation, 20, "Bonjour").await;
    let mut stream = Stream::open(&harness, &luc, Some("0")).await;
    stream.next().await.unwrap();

    let wish = ListEvents {
        after: Some(0),
        limit: None,
        wait: None,
    };
    for event in harness.call(&luc, wish).await.unwrap().events {
        assert_eq!(stream.next_event().await, event);
    }
}
