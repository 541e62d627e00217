//! Many pages at once. In a process of its own: beside tests that have a runtime each, a page was seen to wait for ever for
//! a task whose runtime had ended with its test. A server has one runtime.

mod harness;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use harness::Harness;
use tower::ServiceExt;

/// The head of a page is written after its body, often by another thread: nothing there may ask for a signal.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_are_drawn_side_by_side() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let router = harness.router();
    let conversation = format!("/messages/{}", friends.conversation);
    let person = format!("/reseau/{}", friends.luc.id);
    let paths = [
        "/accueil",
        "/reseau",
        "/parametres/appareils",
        "/aide",
        &conversation,
        &person,
    ];

    let pages: Vec<_> = (0..120)
        .map(|turn| {
            let request = Request::get(paths[turn % paths.len()])
                .header(header::COOKIE, format!("pli={}", friends.anne.token))
                .body(Body::empty())
                .unwrap();
            let router = router.clone();
            tokio::spawn(async move {
                let response = router.oneshot(request).await.unwrap();
                let status = response.status();
                let html = to_bytes(response.into_body(), usize::MAX).await.unwrap();
                (status, String::from_utf8(html.to_vec()).unwrap())
            })
        })
        .collect();

    for page in pages {
        let (status, html) = page.await.unwrap();
        assert_eq!(status, StatusCode::OK, "{html}");
        assert!(html.contains("— Pli</title>"), "{html}");
    }
}
