//! The pages as the server draws them.

mod harness;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use app::friendships::CloseChannel;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use harness::Harness;

/// Whoever lists the pages stops every resource of the process for so long: a drawing that asks then never ends.
#[tokio::test]
async fn pages_are_drawn_while_other_doors_are_made() {
    /// Far beyond what a busy machine makes of two milliseconds.
    const NEVER: Duration = Duration::from_secs(20);
    /// Ends the thread, also when the test fails.
    struct End(Arc<AtomicBool>);
    impl Drop for End {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let is_over = Arc::new(AtomicBool::new(false));
    let end = End(Arc::clone(&is_over));
    let maker = std::thread::spawn(move || {
        while !is_over.load(Ordering::Relaxed) {
            drop(Harness::new().router());
        }
    });
    for _ in 0..100 {
        let request = Request::get("/reseau")
            .header(header::COOKIE, format!("pli={}", friends.anne.token))
            .body(Body::empty())
            .unwrap();

        let drawn = tokio::time::timeout(NEVER, harness.http(request)).await;

        let (status, html) = drawn.expect("the page is drawn");
        assert_eq!(status, StatusCode::OK);
        assert!(html.contains("Luc"), "{html}");
    }
    drop(end);
    maker.join().unwrap();
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
