//! How much may be asked through the doors, by an account, by a device, from an address; and that a refusal loses no word.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use server::http::{CookieMode, Doors, Limits, Peer, Site};
use tower::ServiceExt;

use crate::harness::{Account, Harness, unknown_id};
use crate::{HOST, text};

/// The doors of an instance, with their limits on.
fn doors(harness: &Harness, limits: Limits) -> Router {
    server::http::router(Doors {
        context: harness.context.clone(),
        operations: Arc::new(server::operations()),
        site: Arc::new(Site {
            cookies: CookieMode::PlainLoopback,
            public_origin: None,
            is_demo: false,
        }),
        limits: Arc::new(limits),
    })
}

async fn ask(doors: &Router, request: Request<Body>) -> Response {
    doors.clone().oneshot(request).await.unwrap()
}

fn read(path: &str, account: &Account) -> Request<Body> {
    Request::get(path)
        .header(header::HOST, HOST)
        .header(header::COOKIE, format!("pli={}", account.token))
        .body(Body::empty())
        .unwrap()
}

fn form(path: &str, account: &Account, fields: &str) -> Request<Body> {
    Request::post(path)
        .header(header::HOST, HOST)
        .header(header::ORIGIN, format!("http://{HOST}"))
        .header(header::COOKIE, format!("pli={}", account.token))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(fields.to_owned()))
        .unwrap()
}

/// A link that nobody has, tried by somebody who is not signed in.
fn try_link(peer: Option<&str>) -> Request<Body> {
    let mut request = Request::post("/api/v1/accounts.read_link")
        .header(header::HOST, HOST)
        .header(header::ORIGIN, format!("http://{HOST}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(format!(r#"{{"key":"{}"}}"#, "0".repeat(43))))
        .unwrap();
    if let Some(peer) = peer {
        request.extensions_mut().insert(Peer(peer.parse().unwrap()));
    }
    request
}

#[tokio::test]
async fn a_form_that_comes_too_soon_keeps_its_note() {
    let harness = Harness::new();
    let (anne, luc) = (
        harness.account("Anne Roy").await,
        harness.account("Luc Gagné").await,
    );
    let doors = doors(&harness, Limits::default());
    let nobody = format!(
        "operation=friendships.send_friend_request&account={}",
        unknown_id()
    );
    for _ in 0..40 {
        ask(&doors, form("/reseau", &anne, &nobody)).await;
    }
    let before = harness.snapshot();

    let fields = format!(
        "operation=friendships.send_friend_request&account={}&note=Nous+suivons+les+m%C3%AAmes+personnes",
        luc.id
    );
    let refused = ask(&doors, form(&format!("/reseau/{}", luc.id), &anne, &fields)).await;

    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let page = text(refused).await;
    assert!(
        page.contains(">Nous suivons les mêmes personnes<"),
        "the note is in its field"
    );
    assert!(page.contains("Attendez 3 minutes"), "and the reason is told");
    assert_eq!(harness.snapshot(), before);
}

#[tokio::test]
async fn who_reads_without_end_is_told_to_wait_and_the_other_devices_go_on() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let tablet = harness.sign_in(&anne.email).await;
    let doors = doors(&harness, Limits::default());
    let path = "/api/v1/accounts.get_me";
    for _ in 0..1_200 {
        assert_eq!(ask(&doors, read(path, &anne)).await.status(), StatusCode::OK);
    }

    let refused = ask(&doors, read(path, &anne)).await;

    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()[header::RETRY_AFTER], "1");
    assert_eq!(ask(&doors, read(path, &tablet)).await.status(), StatusCode::OK);
    let out = form("/parametres", &anne, "operation=accounts.sign_out");
    assert!(
        ask(&doors, out).await.status().is_redirection(),
        "leaving is never refused"
    );
}

#[tokio::test]
async fn pages_are_drawn_within_bounds() {
    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let doors = doors(&harness, Limits::default());
    for _ in 0..120 {
        assert_eq!(
            ask(&doors, read("/parametres", &anne)).await.status(),
            StatusCode::OK
        );
    }

    let refused = ask(&doors, read("/parametres", &anne)).await;

    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    harness.clock.advance_ms(1_000);
    assert_eq!(
        ask(&doors, read("/parametres", &anne)).await.status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn who_is_not_signed_in_is_bounded_by_address() {
    let harness = Harness::new();
    harness.account("Anne Roy").await;
    let doors = doors(&harness, Limits::default());
    for _ in 0..600 {
        let tried = ask(&doors, try_link(Some("203.0.113.7"))).await;
        assert_eq!(tried.status(), StatusCode::GONE);
    }

    let refused = ask(&doors, try_link(Some("203.0.113.7"))).await;

    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    for peer in [Some("203.0.113.8"), Some("127.0.0.1"), None] {
        assert_eq!(
            ask(&doors, try_link(peer)).await.status(),
            StatusCode::GONE,
            "{peer:?}"
        );
    }
}

#[tokio::test]
async fn behind_a_proxy_no_address_is_counted() {
    let harness = Harness::new();
    harness.account("Anne Roy").await;
    let doors = doors(&harness, Limits::behind_proxy());

    for _ in 0..700 {
        let tried = ask(&doors, try_link(Some("203.0.113.7"))).await;
        assert_eq!(tried.status(), StatusCode::GONE);
    }
}
