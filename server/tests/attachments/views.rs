//! Files that are looked at where they are: a video in its place, a PDF in a tab of its own. Neither costs a wall.
//!
//! The film is what Chromium's `MediaRecorder` wrote of two seconds on a canvas.

use app::api::{ApiError, AttachmentId};
use app::attachments::{AttachmentKind, FileNote, FileProblem};
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use tower::ServiceExt;

use super::{begin, samples, send, upload};
use crate::harness::{Account, Friends, Harness};

const FILM: &[u8] = include_bytes!("recorded/chromium-film.webm");

fn whole(id: AttachmentId) -> String {
    format!("/api/v1/attachments/{id}")
}

fn view(id: AttachmentId) -> String {
    format!("/api/v1/attachments/{id}/view")
}

async fn get(
    harness: &Harness,
    account: &Account,
    path: &str,
    range: Option<&str>,
) -> (StatusCode, HeaderMap, Vec<u8>) {
    let mut request = Request::get(path)
        .header(header::HOST, "127.0.0.1:8080")
        .header(header::COOKIE, format!("pli={}", account.token));
    if let Some(range) = range {
        request = request.header(header::RANGE, range);
    }
    let request = request.body(Body::empty()).unwrap();
    let response = harness.router().oneshot(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    (status, headers, bytes.to_vec())
}

/// What keeps a file apart from Pli, wherever a browser puts it.
fn assert_walls(headers: &HeaderMap, said: &str) {
    for (name, expected) in [
        (
            "content-security-policy",
            "sandbox; default-src 'none'; frame-ancestors 'none'",
        ),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("referrer-policy", "same-origin"),
        ("accept-ranges", "bytes"),
    ] {
        assert_eq!(headers[name], expected, "{said}: {name}");
    }
    assert!(!headers.contains_key(header::SET_COOKIE), "{said}");
}

#[tokio::test]
async fn att_04_a_pdf_is_shown_behind_every_wall_and_one_word_is_all_that_differs() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    // More than one part of the disk.
    let bytes = [b"%PDF-1.7\n".as_slice(), &b"BT (INR 2,4) Tj ET\n".repeat(40_000)].concat();
    let file = upload(&harness, &anne, conversation, "Été n° 2.pdf", &bytes)
        .await
        .unwrap();
    send(&harness, &anne, conversation, "", &[file.id]).await.unwrap();

    let kept = get(&harness, &luc, &whole(file.id), None).await;
    let shown = get(&harness, &luc, &view(file.id), None).await;
    let part = get(&harness, &luc, &view(file.id), Some("bytes=500000-600000")).await;

    assert_eq!((kept.0, shown.0), (StatusCode::OK, StatusCode::OK));
    assert!(kept.2 == bytes && shown.2 == bytes);
    assert_eq!(part.0, StatusCode::PARTIAL_CONTENT);
    assert!(part.2 == bytes[500_000..=600_000]);
    let name = "; filename=\"_t_ n_ 2.pdf\"; filename*=UTF-8''%C3%89t%C3%A9%20n%C2%B0%202.pdf";
    assert_eq!(
        kept.1["content-disposition"],
        format!("attachment{name}").as_str()
    );
    for headers in [&shown.1, &part.1] {
        assert_walls(headers, "shown");
        assert_eq!(headers["content-type"], "application/pdf");
        assert_eq!(headers["content-disposition"], format!("inline{name}").as_str());
    }
    let rest = |mut headers: HeaderMap| {
        headers.remove(header::DATE);
        headers.remove(header::CONTENT_DISPOSITION);
        headers
    };
    assert_eq!(rest(kept.1), rest(shown.1));
}

#[tokio::test]
async fn att_01_what_is_no_pdf_or_holds_scripts_is_never_shown() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let page = b"<!DOCTYPE html><script>alert(1)</script>\n%PDF-1.7\n".as_slice();
    for name in ["page.pdf", "page.PDF", "page.html.pdf"] {
        let refused = upload(&harness, &anne, conversation, name, page).await;
        let misnamed = ApiError::File(FileProblem::Misnamed);
        assert_eq!(refused.map(drop), Err(misnamed), "{name}");
    }
    let scripted = [
        b"%PDF-1.7\n<< /S /JavaScript /JS (app.alert(1)) >>\n".as_slice(),
        page,
    ]
    .concat();
    let files: [(&str, Vec<u8>); 6] = [
        ("scripts.pdf", scripted),
        ("photo.jpg", samples::jpeg(40, 30)),
        ("mouvement.gif", samples::gif(b"")),
        ("notes.txt", b"INR 2,4 <b>".to_vec()),
        ("lettre.docx", samples::docx()),
        ("film.webm", FILM.to_vec()),
    ];
    for (name, bytes) in files {
        let file = upload(&harness, &anne, conversation, name, &bytes).await.unwrap();
        send(&harness, &anne, conversation, "", &[file.id]).await.unwrap();
        for account in [&anne, &luc] {
            let kept = get(&harness, account, &whole(file.id), None).await;
            let shown = get(&harness, account, &view(file.id), None).await;

            assert_eq!(
                (kept.0, shown.0),
                (StatusCode::OK, StatusCode::NOT_FOUND),
                "{name}"
            );
            assert_eq!(shown.1["content-type"], "application/problem+json", "{name}");
        }
        assert!(!file.is_viewable(), "{name}");
        assert_eq!(file.note == Some(FileNote::HasScripts), name == "scripts.pdf");
    }
    let begun = begin(&harness, &anne, conversation, "a.pdf", 500).await.unwrap();
    let unfinished = get(&harness, &anne, &view(begun.id), None).await;
    assert_eq!(unfinished.0, StatusCode::CONFLICT);
}

/// A page behind the first bytes of a PDF is a PDF to every browser: by its type, which none may guess anew.
#[tokio::test]
async fn att_01_a_page_inside_a_pdf_is_shown_as_a_pdf_alone() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let bytes = b"%PDF-1.7\n<!DOCTYPE html><script>alert(1)</script>".as_slice();
    let file = upload(&harness, &anne, conversation, "a.pdf", bytes)
        .await
        .unwrap();

    let (status, headers, body) = get(&harness, &anne, &view(file.id), None).await;

    assert_eq!((status, body.as_slice()), (StatusCode::OK, bytes));
    assert_eq!(headers["content-type"], "application/pdf");
    assert_walls(&headers, "a page inside");
}

/// What players ask for: all of it, the first two bytes (Safari, to see whether ranges are known), a place to go on from.
#[tokio::test]
async fn att_05_a_film_comes_in_the_ranges_that_players_ask_for_and_stays_a_download() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let file = upload(&harness, &anne, conversation, "Marche.webm", FILM)
        .await
        .unwrap();
    send(&harness, &anne, conversation, "", &[file.id]).await.unwrap();
    assert_eq!(
        (file.kind, file.media_type.as_str()),
        (AttachmentKind::Video, "video/webm")
    );

    for (range, from, to) in [
        ("bytes=0-", 0, FILM.len()),
        ("bytes=0-1", 0, 2),
        ("bytes=1500-", 1_500, FILM.len()),
        ("bytes=1000-1999", 1_000, 2_000),
    ] {
        let (status, headers, body) = get(&harness, &luc, &whole(file.id), Some(range)).await;

        assert_eq!(status, StatusCode::PARTIAL_CONTENT, "{range}");
        assert!(body == FILM[from..to], "{range}: {} bytes", body.len());
        let within = format!("bytes {from}-{}/{}", to - 1, FILM.len());
        assert_eq!(headers["content-range"], within.as_str(), "{range}");
        assert_eq!(headers["content-type"], "video/webm", "{range}");
        let disposition = headers["content-disposition"].to_str().unwrap();
        assert!(disposition.starts_with("attachment;"), "{range}: {disposition}");
        assert_walls(&headers, range);
    }
}
