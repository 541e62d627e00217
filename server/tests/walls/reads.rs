//! Streams and answers are for our own pages: another site opens none, and nobody learns words by their office but those that
//! were handed over to it.

use std::collections::BTreeSet;

use app::api::ReportKey;
use app::reports::{ReportAccount, ReportReason};
use axum::http::{Request, StatusCode, header};
use futures::StreamExt;

use crate::harness::{Account, Harness};
use crate::{HOST, ask, text};

/// Where a request may say that it comes from, and what its browser says of that; none of it is ours.
const ELSEWHERE: [(Option<&str>, Option<&str>); 20] = [
    (Some("https://evil.example"), Some("cross-site")),
    (Some("https://evil.example"), None),
    (Some("http://evil.example"), None),
    (Some("null"), Some("cross-site")),
    (Some("null"), None),
    (Some(""), None),
    (Some("http://127.0.0.1"), None),
    (Some("http://127.0.0.1:8081"), Some("same-site")),
    (Some("http://127.0.0.1:80800"), None),
    (Some("http://127.0.0.1:8080.evil.example"), None),
    (Some("http://evil.example:8080"), None),
    (Some("http://127.0.0.1:8080@evil.example"), None),
    (Some("http://evil.example/127.0.0.1:8080"), None),
    (Some("http://a.127.0.0.1:8080"), None),
    (Some("http://localhost:8080"), None),
    (Some("http://127.0.0.1:8080/"), None),
    (Some("127.0.0.1:8080"), None),
    (Some("chrome-extension://127.0.0.1"), None),
    (None, Some("cross-site")),
    (None, Some("same-site")),
];

fn read(
    path: &str,
    account: &Account,
    origin: Option<&str>,
    site: Option<&str>,
) -> Request<axum::body::Body> {
    let mut request = Request::get(path)
        .header(header::HOST, HOST)
        .header(header::COOKIE, format!("pli={}", account.token));
    if let Some(origin) = origin {
        request = request.header(header::ORIGIN, origin);
    }
    if let Some(site) = site {
        request = request.header("sec-fetch-site", site);
    }
    request.body(axum::body::Body::empty()).unwrap()
}

#[tokio::test]
async fn web_06_a_stream_opens_for_our_own_pages_alone() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let anne = &friends.anne;
    for path in [
        "/api/v1/events",
        "/api/v1/events.list_events",
        "/api/v1/accounts.get_me",
    ] {
        for (origin, site) in ELSEWHERE {
            let response = ask(&harness, read(path, anne, origin, site)).await;
            assert_eq!(
                response.status(),
                StatusCode::FORBIDDEN,
                "{path}: {origin:?} {site:?}"
            );
            assert!(text(response).await.contains("foreign_origin"));
        }
        let own = [
            (Some("http://127.0.0.1:8080"), Some("same-origin")),
            (None, Some("same-origin")),
            // Written into the address bar, and programs.
            (None, Some("none")),
            (None, None),
        ];
        for (origin, site) in own {
            let response = ask(&harness, read(path, anne, origin, site)).await;
            assert_eq!(response.status(), StatusCode::OK, "{path}: {origin:?} {site:?}");
        }
    }
}

#[tokio::test]
async fn web_06_a_stream_is_nobodys_without_a_session() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let mut stranger = friends.anne.clone();
    stranger.token = "0".repeat(stranger.token.len());

    let response = ask(&harness, read("/api/v1/events", &stranger, None, None)).await;

    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}

/// The one who runs the instance, with every right that an account has, reads all they may read. One operation shows words:
/// those of the message that somebody has attached to a report, and no other.
#[tokio::test]
async fn az_08_no_operation_shows_words_to_an_administrator_but_those_handed_over() {
    const CANARY: &str = "canari-du-matin";
    const HANDED_OVER: &str = "merle-du-soir";
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let admin = harness.admin("Nadia Belkacem").await;
    harness
        .send(&friends.anne, friends.conversation, CANARY)
        .await
        .unwrap();
    let handed_over = harness
        .send(&friends.luc, friends.conversation, HANDED_OVER)
        .await
        .unwrap();
    let wish = ReportAccount {
        key: ReportKey(harness.key().0),
        account: friends.luc.id,
        reason: ReportReason::Harassment,
        words: "merle-des-mots".to_owned(),
        messages: vec![handed_over.position],
        shown: None,
    };
    let report = harness
        .call(&friends.anne, wish)
        .await
        .unwrap()
        .report
        .to_string();
    let conversation = friends.conversation.to_string();
    let luc = friends.luc.id.to_string();
    let mut heard = ask(&harness, read("/api/v1/events", &admin, None, None))
        .await
        .into_body()
        .into_data_stream();
    harness
        .send(&friends.luc, friends.conversation, CANARY)
        .await
        .unwrap();

    // Every operation, with every id that a third person could have come by.
    let (mut asked, mut showing) = (BTreeSet::new(), BTreeSet::new());
    for (name, entry) in server::operations().iter() {
        let answers = match entry.method {
            app::api::Method::Get => {
                let mut all = Vec::new();
                for query in [
                    String::new(),
                    format!("conversation={conversation}"),
                    format!("account={luc}"),
                    format!("report={report}"),
                    "closed=true".to_owned(),
                ] {
                    let path = format!("/api/v1/{name}?{query}");
                    all.push(text(ask(&harness, read(&path, &admin, None, None)).await).await);
                }
                all
            }
            // What ends the session or the tie to the instance would end the search.
            app::api::Method::Post if ["accounts.sign_out", "accounts.lock_device"].contains(&name) => {
                continue;
            }
            app::api::Method::Post => {
                let mut all = Vec::new();
                for body in [
                    "{}".to_owned(),
                    format!(r#"{{"conversation":"{conversation}"}}"#),
                    format!(r#"{{"conversation":"{conversation}","position":1}}"#),
                    format!(r#"{{"account":"{luc}"}}"#),
                    format!(r#"{{"report":"{report}"}}"#),
                    format!(r#"{{"account":"{luc}","reason":"other","messages":[1]}}"#),
                    r#"{"text":"canari"}"#.to_owned(),
                    r#"{"text":"merle"}"#.to_owned(),
                ] {
                    let request = Request::post(format!("/api/v1/{name}"))
                        .header(header::HOST, HOST)
                        .header(header::ORIGIN, "http://127.0.0.1:8080")
                        .header(header::COOKIE, format!("pli={}", admin.token))
                        .header(header::CONTENT_TYPE, "application/json")
                        .body(axum::body::Body::from(body))
                        .unwrap();
                    all.push(text(ask(&harness, request).await).await);
                }
                all
            }
        };
        for answer in answers {
            assert!(!answer.contains("canari"), "{name}: {answer}");
            if answer.contains("merle") {
                showing.insert(name);
            }
        }
        asked.insert(name);
    }
    assert!(asked.len() > 50, "{}", asked.len());
    assert_eq!(
        showing,
        BTreeSet::from(["reports.open_report"]),
        "the one exception"
    );

    // What they do as administrators tells them nothing more.
    for path in [
        "/parametres/comptes",
        "/parametres/signalements",
        "/parametres",
        "/accueil",
        "/reseau",
        &format!("/reseau/{luc}"),
        &format!("/messages/{conversation}"),
        &format!("/signaler/{luc}"),
    ] {
        let page = text(ask(&harness, read(path, &admin, None, None)).await).await;
        assert!(!page.contains(CANARY) && !page.contains("merle"), "{path}");
    }
    let path = format!("/parametres/signalements/{report}");
    let page = text(ask(&harness, read(&path, &admin, None, None)).await).await;
    assert!(page.contains(HANDED_OVER) && !page.contains(CANARY), "{path}");
    let mut stream = Vec::new();
    while let Ok(Some(Ok(bytes))) =
        tokio::time::timeout(std::time::Duration::from_millis(50), heard.next()).await
    {
        stream.extend_from_slice(&bytes);
    }
    let stream = String::from_utf8_lossy(&stream);
    assert!(!stream.contains(CANARY) && !stream.contains("merle"));

    // Who may read it finds it in the same way.
    let path = format!("/api/v1/conversations.read_timeline?conversation={conversation}");
    let answer = text(ask(&harness, read(&path, &friends.luc, None, None)).await).await;
    assert!(answer.contains(CANARY), "{answer}");
}
