//! The two doors of an export: a program's request, and a plain form. What comes is kept, never opened as a page.

use std::sync::Arc;

use app::conversations::ExportFormat;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use server::http::{CookieMode, Doors, Site};
use tower::ServiceExt;

use super::rights::rows;
use super::{export, unzip, wish};
use crate::harness::{Account, Friends, Harness};

const HOST: &str = "127.0.0.1:8080";
const PATH: &str = "/api/v1/conversations.export_conversation";

async fn ask(router: Router, request: Request<Body>) -> (StatusCode, HeaderMap, Vec<u8>) {
    let response = router.oneshot(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    (status, headers, bytes.to_vec())
}

/// A request with a browser's cookie, from a page of that origin.
fn posted(path: &str, account: &Account, origin: &str, kind: &str, body: String) -> Request<Body> {
    Request::post(path)
        .header(header::HOST, HOST)
        .header(header::ORIGIN, origin)
        .header(
            header::COOKIE,
            format!("pli={}; zone=America/Vancouver", account.token),
        )
        .header(header::CONTENT_TYPE, kind)
        .body(Body::from(body))
        .unwrap()
}

const OURS: &str = "http://127.0.0.1:8080";
const FORM: &str = "application/x-www-form-urlencoded";

fn form(friends: &Friends, format: &str) -> (String, String) {
    let conversation = friends.conversation;
    (
        format!("/exporter/{conversation}"),
        format!("operation=conversations.export_conversation&conversation={conversation}&format={format}"),
    )
}

#[tokio::test]
async fn exp_01_both_doors_hand_over_an_archive_to_be_kept() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    harness
        .send(&friends.anne, friends.conversation, "Bonjour")
        .await
        .unwrap();
    let json = serde_json::to_string(&wish(friends.conversation, ExportFormat::Html)).unwrap();
    let (page, fields) = form(&friends, "html");
    for (path, kind, body) in [(PATH, "application/json", json), (page.as_str(), FORM, fields)] {
        let request = posted(path, &friends.luc, OURS, kind, body);

        let (status, headers, bytes) = ask(harness.router(), request).await;

        assert_eq!(status, StatusCode::OK, "{path}");
        for (name, value) in [
            ("content-type", "application/zip"),
            (
                "content-disposition",
                "attachment; filename=\"conversation-2027-01-15.zip\"",
            ),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            (
                "content-security-policy",
                "sandbox; default-src 'none'; frame-ancestors 'none'",
            ),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(headers[name], value, "{path}");
        }
        assert!(!headers.contains_key(header::CONTENT_ENCODING), "{path}");
        let parts = unzip(&bytes, 0);
        assert_eq!(parts[0].0, "conversation.html");
        let html = String::from_utf8(parts[0].1.clone()).unwrap();
        assert!(html.contains("Bonjour"));
        // A form says no zone: the browser's cookie does.
        let zone = if path == PATH {
            "America/Toronto"
        } else {
            "America/Vancouver"
        };
        assert!(html.contains(zone), "{path}");
    }
    // What a program gets is what the rule makes.
    let json = serde_json::to_string(&wish(friends.conversation, ExportFormat::Json)).unwrap();
    let request = posted(PATH, &friends.luc, OURS, "application/json", json);
    let (.., bytes) = ask(harness.router(), request).await;
    let made = export(&harness, &friends.luc, friends.conversation, ExportFormat::Json).await;
    assert!(unzip(&bytes, 0) == made);
}

#[tokio::test]
async fn exp_01_a_form_that_is_refused_shows_its_page_with_the_way_out() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let (page, fields) = form(&friends, "json");
    harness.clock.advance_ms(6 * 60_000);

    let request = posted(&page, &friends.anne, OURS, FORM, fields);
    let (status, headers, bytes) = ask(harness.router(), request).await;

    assert_eq!(status.as_u16(), app::api::ApiError::ConfirmIdentity.status());
    assert!(
        headers[header::CONTENT_TYPE]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    let html = String::from_utf8(bytes).unwrap();
    assert!(
        html.contains(&format!("/parametres/securite?confirmer={page}")),
        "{html}"
    );
    // What was chosen stays chosen.
    let chosen = html.split("value=\"json\"").nth(1).unwrap();
    assert!(chosen.split('>').next().unwrap().contains("checked"), "{chosen}");
}

#[tokio::test]
async fn exp_01_the_page_is_there_for_the_two_alone() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let marc = harness.account("Marc Côté").await;
    for (account, status) in [
        (&friends.anne, StatusCode::OK),
        (&friends.luc, StatusCode::OK),
        (&marc, StatusCode::NOT_FOUND),
    ] {
        let request = Request::get(format!("/exporter/{}", friends.conversation))
            .header(header::HOST, HOST)
            .header(header::COOKIE, format!("pli={}", account.token))
            .body(Body::empty())
            .unwrap();

        let (found, _, bytes) = ask(harness.router(), request).await;

        assert_eq!(found, status);
        let html = String::from_utf8(bytes).unwrap();
        assert_eq!(html.contains("name=\"conversation\""), status == StatusCode::OK);
    }
}

/// Assurance WEB-05, WEB-06: no page of another site, no link and no simple form of another kind starts an export.
#[tokio::test]
async fn exp_01_no_other_site_and_no_link_exports() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let json = serde_json::to_string(&wish(friends.conversation, ExportFormat::Json)).unwrap();
    let (page, fields) = form(&friends, "json");
    let before = harness.snapshot();
    for origin in ["https://evil.example", "null", "http://127.0.0.1:8081"] {
        for (path, kind, body) in [(PATH, "application/json", &json), (page.as_str(), FORM, &fields)] {
            let request = posted(path, &friends.anne, origin, kind, body.clone());
            let (status, ..) = ask(harness.router(), request).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{origin} {path}");
        }
    }
    for kind in ["text/plain", FORM] {
        let request = posted(PATH, &friends.anne, OURS, kind, json.clone());
        let (status, ..) = ask(harness.router(), request).await;
        assert!(status.is_client_error(), "{kind}");
    }
    let request = Request::get(format!(
        "{PATH}?conversation={}&format=json",
        friends.conversation
    ))
    .header(header::HOST, HOST)
    .header(header::COOKIE, format!("pli={}", friends.anne.token))
    .body(Body::empty())
    .unwrap();
    assert_eq!(
        ask(harness.router(), request).await.0,
        StatusCode::METHOD_NOT_ALLOWED
    );
    let request = Request::post(PATH)
        .header(header::HOST, HOST)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(json))
        .unwrap();
    assert_eq!(ask(harness.router(), request).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(harness.snapshot(), before);
}

#[tokio::test]
async fn exp_01_a_person_exports_a_few_times_an_hour() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let router = server::http::router(Doors {
        context: harness.context.clone(),
        operations: Arc::new(server::operations()),
        site: Arc::new(Site {
            cookies: CookieMode::PlainLoopback,
            public_origin: None,
            is_demo: false,
        }),
        limits: Arc::default(),
    });
    let json = serde_json::to_string(&wish(friends.conversation, ExportFormat::Json)).unwrap();
    let (page, fields) = form(&friends, "json");
    let by_program = || posted(PATH, &friends.anne, OURS, "application/json", json.clone());
    for _ in 0..6 {
        let (status, _, bytes) = ask(router.clone(), by_program()).await;
        assert_eq!((status, unzip(&bytes, 0).len()), (StatusCode::OK, 2));
    }

    let (status, headers, _) = ask(router.clone(), by_program()).await;
    let by_form = posted(&page, &friends.anne, OURS, FORM, fields);
    let (form_status, ..) = ask(router, by_form).await;

    assert_eq!(
        (status, form_status),
        (StatusCode::TOO_MANY_REQUESTS, StatusCode::TOO_MANY_REQUESTS)
    );
    assert_eq!(headers[header::RETRY_AFTER], "600");
    assert_eq!(rows(&harness).await.len(), 6);
}

#[test]
fn exp_01_an_export_is_described_as_the_operations_are() {
    let document = server::http::openapi_document(&server::operations());

    let described = &document["paths"][PATH]["post"];
    let schema = &described["requestBody"]["content"]["application/json"]["schema"];
    let schema = match schema["$ref"].as_str() {
        Some(place) => document.pointer(place.trim_start_matches('#')).unwrap(),
        None => schema,
    };
    assert_eq!(schema["additionalProperties"], false);
    assert!(schema["properties"]["format"].is_object());
    assert!(described["responses"]["200"]["content"]["application/zip"].is_object());
}
