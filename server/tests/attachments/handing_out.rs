//! Files as they are handed out: a browser only keeps them, and gets no more bytes than the file has.

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use tower::ServiceExt;

use super::{pdf, samples, send, upload};
use crate::harness::{Account, Friends, Harness};

async fn get(
    harness: &Harness,
    account: &Account,
    path: &str,
    range: Option<&str>,
) -> (StatusCode, HeaderMap, Vec<u8>) {
    let request = Request::get(path)
        .header(header::HOST, "127.0.0.1:8080")
        .header(header::COOKIE, format!("pli={}", account.token));
    let request = match range {
        Some(range) => request.header(header::RANGE, range),
        None => request,
    };
    let response = harness
        .router()
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    (status, headers, bytes.to_vec())
}

/// Assurance ATT-04.
#[tokio::test]
async fn att_04_a_browser_is_told_to_keep_a_file_and_never_to_open_it() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let files: [(&str, Vec<u8>, &str); 4] = [
        ("Été n° 2.pdf", pdf(500), "application/pdf"),
        ("photo.jpg", samples::jpeg(40, 30), "image/jpeg"),
        ("notes.txt", b"INR 2,4 <b>".to_vec(), "text/plain"),
        ("lettre.docx", samples::docx(), samples::DOCX_TYPE),
    ];
    for (name, bytes, kind) in files {
        let file = upload(&harness, &anne, conversation, name, &bytes).await.unwrap();
        send(&harness, &anne, conversation, "", &[file.id]).await.unwrap();

        let (status, headers, _) =
            get(&harness, &luc, &format!("/api/v1/attachments/{}", file.id), None).await;

        let value = |name: &str| headers[name].to_str().unwrap().to_owned();
        assert_eq!(status, StatusCode::OK, "{name}");
        assert_eq!(value("content-type"), kind);
        assert!(
            value("content-disposition").starts_with("attachment; filename=\""),
            "{name}"
        );
        assert_eq!(value("x-content-type-options"), "nosniff");
        assert_eq!(value("cache-control"), "no-store");
        assert_eq!(value("cross-origin-resource-policy"), "same-origin");
        let policy = value("content-security-policy");
        assert!(policy.starts_with("sandbox; default-src 'none'"), "{policy}");
        assert!(!headers.contains_key(header::SET_COOKIE));
    }
}

#[tokio::test]
async fn a_picture_has_a_small_form_and_others_have_none() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let picture = upload(&harness, &anne, conversation, "a.png", &samples::png(1_500, 900))
        .await
        .unwrap();
    let paper = upload(&harness, &anne, conversation, "a.pdf", &pdf(500))
        .await
        .unwrap();
    send(&harness, &anne, conversation, "", &[picture.id, paper.id])
        .await
        .unwrap();

    let (status, headers, bytes) = get(
        &harness,
        &luc,
        &format!("/api/v1/attachments/{}/thumbnail", picture.id),
        None,
    )
    .await;
    let none = get(
        &harness,
        &luc,
        &format!("/api/v1/attachments/{}/thumbnail", paper.id),
        None,
    )
    .await;

    assert_eq!((status, none.0), (StatusCode::OK, StatusCode::NOT_FOUND));
    assert_eq!(headers["content-type"], "image/webp");
    let small = image::load_from_memory(&bytes).unwrap();
    assert_eq!((small.width(), small.height()), (640, 384));
    assert_eq!((picture.width, picture.height), (Some(1_500), Some(900)));
}

/// Assurance ATT-05.
#[tokio::test]
async fn att_05_ranges_give_what_they_name_and_never_more_than_the_file() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let bytes = pdf(1_200_000);
    let file = upload(&harness, &anne, conversation, "a.pdf", &bytes)
        .await
        .unwrap();
    send(&harness, &anne, conversation, "", &[file.id]).await.unwrap();
    let path = format!("/api/v1/attachments/{}", file.id);
    let part = |first: usize, last: usize| (StatusCode::PARTIAL_CONTENT, &bytes[first..=last]);

    for (range, (status, expected)) in [
        ("bytes=0-0", part(0, 0)),
        ("bytes=524287-524288", part(524_287, 524_288)),
        ("bytes=1048576-", part(1_048_576, 1_199_999)),
        ("bytes=-5", part(1_199_995, 1_199_999)),
        ("bytes=100000-1100000", part(100_000, 1_100_000)),
        ("bytes=1199999-99999999999", part(1_199_999, 1_199_999)),
        ("bytes=1200000-", (StatusCode::RANGE_NOT_SATISFIABLE, &[][..])),
        ("bytes=5-4", (StatusCode::OK, &bytes[..])),
        ("octets=0-1", (StatusCode::OK, &bytes[..])),
        ("bytes=0-1,2-3", (StatusCode::OK, &bytes[..])),
    ] {
        let (found, headers, body) = get(&harness, &luc, &path, Some(range)).await;
        assert_eq!(found, status, "{range}");
        assert!(body == expected, "{range}: {} bytes", body.len());
        if status == StatusCode::PARTIAL_CONTENT {
            assert!(
                headers["content-range"].to_str().unwrap().ends_with("/1200000"),
                "{range}"
            );
            assert_eq!(headers["content-length"], expected.len().to_string().as_str());
        }
    }
    let hundred = format!("bytes={}", (0..100).map(|_| "0-").collect::<Vec<_>>().join(","));
    let overlapping = format!(
        "bytes={}",
        (0..100)
            .map(|n| format!("{n}-1000000"))
            .collect::<Vec<_>>()
            .join(",")
    );
    for range in [hundred, overlapping] {
        let (status, _, body) = get(&harness, &luc, &path, Some(&range)).await;
        assert_eq!((status, body.len()), (StatusCode::OK, bytes.len()));
    }
}

/// What is broken on the disk is said so before anything leaves, and never handed out as something else.
#[tokio::test]
async fn a_file_that_is_damaged_on_the_disk_is_refused() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let file = upload(&harness, &anne, conversation, "a.pdf", &pdf(1_000))
        .await
        .unwrap();
    send(&harness, &anne, conversation, "", &[file.id]).await.unwrap();
    let part = harness
        .database()
        .folder()
        .join(format!("files/{conversation}/{}/r0", file.id));
    let path = format!("/api/v1/attachments/{}", file.id);
    let mut sealed = std::fs::read(&part).unwrap();
    let middle = sealed.len() / 2;
    sealed[middle] ^= 4;
    std::fs::write(&part, &sealed).unwrap();

    let flipped = get(&harness, &luc, &path, None).await;
    std::fs::remove_file(&part).unwrap();
    let gone = get(&harness, &luc, &path, None).await;

    for (status, _, body) in [flipped, gone] {
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(String::from_utf8(body).unwrap().contains("file_damaged"));
    }
}
