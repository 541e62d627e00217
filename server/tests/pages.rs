//! The pages as the server draws them.

mod harness;

use app::friendships::CloseChannel;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use harness::Harness;

/// The routes and `Page::at` say the same twice: a route it does not know would be taken over without its code.
#[tokio::test]
async fn every_route_has_its_code() {
    let routes = leptos_axum::generate_route_list(app::App);
    assert!(routes.len() > 10);
    for route in routes {
        let path = route
            .path()
            .replace("{person}", "01a1220a-1487-74da-be0a-e6f2db095d7a")
            .replace("{conversation}", "01a1220a-1487-74da-be0a-e6f2db095d7a");
        assert!(app::chunk::Page::at(&path).is_some(), "{path}");
    }
}

/// Browsers keep it: whoever asks gets the same.
#[tokio::test]
async fn the_page_for_want_of_a_network_holds_nobody_s_data() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let request = Request::get("/hors-ligne")
        .header(header::COOKIE, format!("pli={}", friends.anne.token))
        .body(Body::empty())
        .unwrap();

    let (status, html) = harness.http(request).await;

    assert_eq!(status, StatusCode::OK);
    assert!(!html.contains("Anne"), "{html}");
}

#[tokio::test]
async fn a_plain_message_refused_by_a_closed_channel_comes_back_with_its_text() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let close = CloseChannel {
        account: friends.anne.id,
    };
    harness.call(&friends.luc, close).await.unwrap();
    let (conversation, key) = (friends.conversation, harness.key().0);
    let form =
        format!("operation=conversations.send_message&conversation={conversation}&key={key}&body=Pas+perdu");
    let request = Request::post(format!("/messages/{conversation}"))
        .header(header::COOKIE, format!("pli={}", friends.anne.token))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::HOST, "127.0.0.1:8080")
        .header(header::ORIGIN, "http://127.0.0.1:8080")
        .body(Body::from(form))
        .unwrap();

    let (status, html) = harness.http(request).await;

    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(html.contains("Canal fermé"), "{html}");
    assert!(html.contains("Pas perdu"), "{html}");
}
