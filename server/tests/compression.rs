//! What is compressed on its way, and what must never be.

#![expect(clippy::unwrap_used, reason = "an answer that cannot be read ends its test")]

mod harness;

use std::io::Read;

use app::api::EventPage;
use axum::body::Body;
use axum::http::{Request, Response, header};
use harness::{Account, Friends, Harness};
use tower::ServiceExt;

/// What a device missed: 1,000 messages, as the benchmark has them.
async fn missed(harness: &Harness, n_messages: usize) -> Friends {
    let friends = harness.two_friends().await;
    let texts: Vec<String> = (0..n_messages)
        .map(|number| format!("Résultat {number} : INR à 2,4, prochain contrôle mardi."))
        .collect();
    let all = texts
        .iter()
        .map(|text| harness.send(&friends.anne, friends.conversation, text));
    for sent in futures::future::join_all(all).await {
        sent.unwrap();
    }
    friends
}

async fn get(harness: &Harness, account: &Account, path: &str, encoding: &str) -> Response<Body> {
    let request = Request::get(path)
        .header(header::AUTHORIZATION, format!("Bearer {}", account.token))
        .header(header::ACCEPT_ENCODING, encoding)
        .body(Body::empty())
        .unwrap();
    harness.router().oneshot(request).await.unwrap()
}

fn encoding(response: &Response<Body>) -> Option<&str> {
    response
        .headers()
        .get(header::CONTENT_ENCODING)
        .map(|value| value.to_str().unwrap())
}

async fn bytes(response: Response<Body>) -> Vec<u8> {
    axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap()
        .to_vec()
}

const EVENTS: &str = "/api/v1/events.list_events?after=0&limit=1000";

/// A posted form is shown again with what it asked for, a one-time link among others.
#[tokio::test]
async fn a_page_that_answers_a_form_of_accounts_is_not_compressed() {
    let harness = Harness::new();
    let Friends { .. } = harness.two_friends().await;
    let post = |operation: &'static str, rest: &'static str| {
        let request = Request::post("/connexion")
            .header(header::ORIGIN, "http://127.0.0.1:8080")
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT_ENCODING, "br")
            .body(Body::from(format!("operation={operation}{rest}")))
            .unwrap();
        harness.router().oneshot(request)
    };
    let refused = post(
        "accounts.sign_in",
        "&email=x%40example.org&password=pas-le-bon-mot",
    )
    .await
    .unwrap();
    let page = get_page(&harness, "/connexion").await;

    assert_eq!(refused.status(), 401);
    assert_eq!(encoding(&refused), None);
    assert_eq!(encoding(&page), Some("br"), "the page itself is");
}

async fn get_page(harness: &Harness, path: &str) -> Response<Body> {
    let request = Request::get(path)
        .header(header::ACCEPT_ENCODING, "br")
        .body(Body::empty())
        .unwrap();
    harness.router().oneshot(request).await.unwrap()
}

#[tokio::test]
async fn a_thousand_missed_messages_come_in_30_kilobytes_and_say_the_same() {
    let harness = Harness::new();
    let Friends { luc, .. } = missed(&harness, 1_000).await;

    let plain = get(&harness, &luc, EVENTS, "identity").await;
    let packed = get(&harness, &luc, EVENTS, "gzip, br").await;

    assert_eq!((encoding(&plain), encoding(&packed)), (None, Some("br")));
    let (plain, packed) = (bytes(plain).await, bytes(packed).await);
    assert!(packed.len() <= 30_000, "{} bytes", packed.len());
    let mut unpacked = Vec::new();
    brotli::Decompressor::new(packed.as_slice(), 4_096)
        .read_to_end(&mut unpacked)
        .unwrap();
    assert_eq!(unpacked, plain);
    let page: EventPage = serde_json::from_slice(&unpacked).unwrap();
    assert_eq!(page.events.len(), 1_000);
}

#[tokio::test]
async fn who_reads_gzip_alone_gets_gzip_and_who_reads_neither_gets_it_as_it_is() {
    let harness = Harness::new();
    let Friends { luc, .. } = missed(&harness, 20).await;

    for (wish, given) in [("gzip", Some("gzip")), ("br;q=0, deflate", None), ("", None)] {
        let answer = get(&harness, &luc, EVENTS, wish).await;
        assert_eq!(encoding(&answer), given, "{wish}");
        let is_gzip = bytes(answer).await.starts_with(&[0x1f, 0x8b]);
        assert_eq!(is_gzip, given.is_some(), "{wish}");
    }
}

#[tokio::test]
async fn the_stream_and_small_answers_are_never_compressed() {
    let harness = Harness::new();
    let Friends { luc, .. } = missed(&harness, 50).await;

    let stream = get(&harness, &luc, "/api/v1/events", "br").await;
    let small = get(&harness, &luc, "/api/v1/events.list_events?after=0&limit=1", "br").await;

    assert_eq!((encoding(&stream), encoding(&small)), (None, None));
}

/// Beside a secret, text that somebody chose would tell it by the answer's size. Decision 11.
#[tokio::test]
async fn an_answer_that_may_hold_a_secret_travels_as_it_is() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    for _ in 0..30 {
        harness.sign_in(&anne.email).await;
    }

    let devices = get(&harness, &anne, "/api/v1/accounts.list_devices", "br").await;
    let page = get(&harness, &anne, "/api/v1/contacts.list_friends", "br").await;

    assert_eq!(encoding(&devices), None);
    let (devices, page) = (bytes(devices).await, bytes(page).await);
    assert!(
        devices.len() > 2_000,
        "large enough for the others: {}",
        devices.len()
    );
    assert!(page.len() < 1_000);
}

#[tokio::test]
async fn the_size_of_what_is_compressed_is_hidden_by_chance() {
    let harness = Harness::new();
    let Friends { luc, .. } = missed(&harness, 20).await;
    let mut sizes = Vec::new();

    for _ in 0..12 {
        let answer = get(&harness, &luc, EVENTS, "br").await;
        sizes.push(answer.headers().get("x-pli-padding").unwrap().len());
    }
    let plain = get(&harness, &luc, EVENTS, "identity").await;

    sizes.sort_unstable();
    sizes.dedup();
    assert!(sizes.len() > 3, "{sizes:?}");
    assert!(sizes.iter().all(|size| (1..=128).contains(size)), "{sizes:?}");
    assert!(!plain.headers().contains_key("x-pli-padding"));
}
