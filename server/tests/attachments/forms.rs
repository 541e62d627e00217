//! Files in one piece: the multipart request of programs, tus of any client, and a plain form without a script.

use app::attachments::FoundAttachment;
use app::conversations::ReadTimeline;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tower::ServiceExt;

use super::{n_objects, pdf, samples, sha256};
use crate::harness::{Account, Friends, Harness};

/// What a page says whose form had files.
const CHOOSE_AGAIN: &str = "choisissez-les de nouveau";

/// A form as a browser writes it.
#[derive(Default)]
struct Form(Vec<u8>);

impl Form {
    fn field(mut self, name: &str, value: &str) -> Self {
        let part = format!("--pli\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        self.0.extend(part.bytes());
        self
    }

    fn file(mut self, file_name: &str, bytes: &[u8]) -> Self {
        let head = format!(
            "--pli\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        self.0.extend(head.bytes());
        self.0.extend(bytes);
        self.0.extend(b"\r\n");
        self
    }

    fn end(mut self) -> Vec<u8> {
        self.0.extend(b"--pli--\r\n");
        self.0
    }
}

async fn post(
    harness: &Harness,
    account: &Account,
    path: &str,
    form: Vec<u8>,
) -> (StatusCode, HeaderMap, String) {
    let request = Request::post(path)
        .header(header::HOST, "127.0.0.1:8080")
        .header(header::ORIGIN, "http://127.0.0.1:8080")
        .header(header::COOKIE, format!("pli={}", account.token))
        .header(header::CONTENT_LENGTH, form.len())
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=pli")
        .body(Body::from(form))
        .unwrap();
    ask(harness, request).await
}

async fn ask(harness: &Harness, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
    let response = harness.router().oneshot(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    (status, headers, String::from_utf8_lossy(&bytes).into_owned())
}

/// Source: observable contract, §5, `attachments.upload_attachment`.
#[tokio::test]
async fn a_program_sends_a_file_in_one_request() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let path = "/api/v1/attachments.upload_attachment";
    let bytes = pdf(900_000);
    let form = || {
        Form::default()
            .field("conversation", &conversation.to_string())
            .field("key", "01a1220a-1487-74da-be0a-e6f2db095d7a")
            .file("Été.pdf", &bytes)
            .end()
    };

    let (status, _, body) = post(&harness, &anne, path, form()).await;
    let again = post(&harness, &anne, path, form()).await;

    assert_eq!(status, StatusCode::OK, "{body}");
    let found: FoundAttachment = serde_json::from_str(&body).unwrap();
    assert_eq!(found.attachment.sha256, sha256(&bytes));
    assert_eq!(found.attachment.name.as_str(), "Été.pdf");
    assert!(
        body.contains("\"kind\":\"pdf\"") && body.contains("\"size\":900000"),
        "{body}"
    );
    assert_eq!(again.2, body, "the same key, the same file");
    assert_eq!(harness.snapshot().n_rows("attachments"), 1);
}

/// After a failure the page offers the same key, and the person may choose otherwise: nobody gets the file of before.
#[tokio::test]
async fn a_form_that_comes_again_with_another_file_never_gives_the_first() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let path = "/api/v1/attachments.upload_attachment";
    let form = |name: &str, bytes: &[u8]| {
        Form::default()
            .field("conversation", &conversation.to_string())
            .field("key", "01a1220a-1487-74da-be0a-e6f2db095d7d")
            .file(name, bytes)
            .end()
    };

    let (first, ..) = post(&harness, &anne, path, form("a.pdf", &pdf(900))).await;
    let (_, _, other_bytes) = post(&harness, &anne, path, form("a.pdf", &pdf(901))).await;
    let (status, _, other_name) = post(&harness, &anne, path, form("b.pdf", &pdf(902))).await;

    assert_eq!((first, status), (StatusCode::OK, StatusCode::OK), "{other_name}");
    assert!(other_bytes.contains("\"code\":\"key_reused\""), "{other_bytes}");
    let found: FoundAttachment = serde_json::from_str(&other_name).unwrap();
    assert_eq!(found.attachment.name.as_str(), "b.pdf");
    assert_eq!(found.attachment.sha256, sha256(&pdf(902)));
}

/// A clinician corrects a value and chooses the file anew: same name, same length.
#[tokio::test]
async fn a_file_of_the_same_name_and_length_is_another_one() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let path = "/api/v1/attachments.upload_attachment";
    let form = |name: &str, bytes: &[u8]| {
        Form::default()
            .field("conversation", &conversation.to_string())
            .field("key", "01a1220a-1487-74da-be0a-e6f2db095d7e")
            .file(name, bytes)
            .end()
    };
    let picture = samples::jpeg(300, 200);
    let mut other_picture = picture.clone();
    *other_picture.last_mut().unwrap() ^= 1;

    for (name, one, other) in [
        ("INR.csv", b"INR;2,4\n".to_vec(), b"INR;3,4\n".to_vec()),
        ("plaie.jpg", picture, other_picture),
    ] {
        let (first, _, body) = post(&harness, &anne, path, form(name, &one)).await;
        let (_, _, again) = post(&harness, &anne, path, form(name, &one)).await;
        let (_, _, changed) = post(&harness, &anne, path, form(name, &other)).await;

        assert_eq!(first, StatusCode::OK, "{body}");
        assert_eq!(again, body, "{name}");
        assert!(changed.contains("\"code\":\"key_reused\""), "{name}: {changed}");
    }
}

/// A double press, or a program that asks again while its first request is still read.
#[tokio::test]
async fn a_form_that_is_sent_twice_at_once_gives_the_whole_file_or_none() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let path = "/api/v1/attachments.upload_attachment";
    let bytes = pdf(3_000_000);
    let form = Form::default()
        .field("conversation", &conversation.to_string())
        .field("key", "01a1220a-1487-74da-be0a-e6f2db095d7f")
        .file("ecg.pdf", &bytes)
        .end();
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<bytes::Bytes, std::io::Error>>(1);
    let request = Request::post(path)
        .header(header::HOST, "127.0.0.1:8080")
        .header(header::ORIGIN, "http://127.0.0.1:8080")
        .header(header::COOKIE, format!("pli={}", anne.token))
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=pli")
        .body(Body::from_stream(tokio_stream::wrappers::ReceiverStream::new(
            receiver,
        )))
        .unwrap();
    let first = tokio::spawn(harness.router().oneshot(request));
    let (begin, rest) = form.split_at(1_600_000);
    sender.send(Ok(begin.to_vec().into())).await.unwrap();
    while n_objects(&harness) == 0 {
        tokio::task::yield_now().await;
    }

    let (second, _, body) = post(&harness, &anne, path, form.clone()).await;
    // The first has ended, or takes what comes in vain.
    let _ = sender.send(Ok(rest.to_vec().into())).await;
    drop(sender);
    let first = first.await.unwrap().unwrap();

    assert_eq!(second, StatusCode::OK, "{body}");
    let found: FoundAttachment = serde_json::from_str(&body).unwrap();
    assert_eq!(found.attachment.sha256, sha256(&bytes));
    assert!(first.status().is_client_error(), "{}", first.status());
    assert_eq!(harness.snapshot().n_rows("attachments"), 1);
}

/// What is read of a form is held until it gives the next thing.
#[tokio::test]
async fn a_form_that_never_begins_or_whose_part_never_begins_is_not_read_to_its_end() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const PIECE: usize = 64 * 1024;

    let harness = Harness::new();
    let anne = harness.account("Anne Roy").await;
    let head = "--pli\r\nContent-Disposition: form-data; name=\"";
    for before in ["", head] {
        let n_read = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&n_read);
        let endless = futures::stream::iter((0..1_024).map(move |at| {
            counted.fetch_add(PIECE, Ordering::Relaxed);
            let piece = if at == 0 {
                before.to_owned()
            } else {
                "A".repeat(PIECE)
            };
            Ok::<_, std::io::Error>(piece)
        }));
        let request = Request::post("/api/v1/attachments.upload_attachment")
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::ORIGIN, "http://127.0.0.1:8080")
            .header(header::COOKIE, format!("pli={}", anne.token))
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=pli")
            .body(Body::from_stream(endless))
            .unwrap();

        let (status, _, body) = ask(&harness, request).await;

        assert!(status.is_client_error(), "{body}");
        let n_read = n_read.load(Ordering::Relaxed);
        assert!(n_read < 5 * 1024 * 1024, "{n_read} bytes after {before:?}");
    }
}

#[tokio::test]
async fn a_file_in_one_request_is_refused_as_in_parts_and_leaves_nothing() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let marc = harness.account("Marc Côté").await;
    let path = "/api/v1/attachments.upload_attachment";
    let form = |name: &str, bytes: &[u8]| {
        Form::default()
            .field("conversation", &conversation.to_string())
            .file(name, bytes)
            .end()
    };
    let mut cut = form("cut.pdf", &pdf(50_000));
    cut.truncate(30_000);
    let without_place = Form::default().file("a.pdf", &pdf(10)).end();
    let cases = [
        (&anne, form("a.exe", b"MZ"), "file_unsupported"),
        (&anne, form("a.pdf", b""), "file_empty"),
        (&anne, form("a.pdf", b"<html>"), "file_misnamed"),
        (&anne, form("a.pdf", &pdf(25_000_001)), "too_large"),
        (&anne, cut, "malformed"),
        (&anne, without_place, "malformed"),
        (&marc, form("a.pdf", &pdf(10)), "not_found"),
    ];
    for (account, form, code) in cases {
        let (status, _, body) = post(&harness, account, path, form).await;
        assert!(
            status.is_client_error() && body.contains(&format!("\"code\":\"{code}\"")),
            "{code}: {body}"
        );
        assert_eq!(n_objects(&harness), 0, "{code}");
    }
    harness
        .call(&luc, app::friendships::CloseChannel { account: anne.id })
        .await
        .unwrap();
    let (_, _, body) = post(&harness, &anne, path, form("a.pdf", &pdf(10))).await;
    assert!(body.contains("channel_closed"), "{body}");
}

/// Source: <https://tus.io/protocols/resumable-upload>, as a client of somebody else's speaks it.
#[tokio::test]
async fn any_client_of_tus_uploads_and_goes_on_after_a_cut() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let bytes = samples::jpeg(300, 200);
    let tus = |method: &str, path: &str| {
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", anne.token))
            .header("tus-resumable", "1.0.0")
    };
    let metadata = [
        ("filename", "plaie.jpg".to_owned()),
        ("conversation", conversation.to_string()),
        ("key", "01a1220a-1487-74da-be0a-e6f2db095d7a".to_owned()),
        ("description", "Plaie du talon".to_owned()),
    ]
    .map(|(name, value)| format!("{name} {}", STANDARD.encode(value)))
    .join(",");
    let create = || {
        tus("POST", "/api/v1/uploads")
            .header("upload-length", bytes.len())
            .header("upload-metadata", &metadata)
            .body(Body::empty())
            .unwrap()
    };
    let part = |place: &str, offset: usize, bytes: &[u8]| {
        tus("PATCH", place)
            .header("upload-offset", offset)
            .header(header::CONTENT_TYPE, "application/offset+octet-stream")
            .body(Body::from(bytes.to_vec()))
            .unwrap()
    };

    let (status, headers, _) = ask(&harness, create()).await;
    assert_eq!(status, StatusCode::CREATED);
    let place = headers["location"].to_str().unwrap().to_owned();
    let (status, headers, _) = ask(&harness, part(&place, 0, &bytes[..100])).await;
    assert_eq!(
        (status, &headers["upload-offset"]),
        (StatusCode::NO_CONTENT, &"100".parse().unwrap())
    );
    let (status, headers, _) = ask(&harness, tus("HEAD", &place).body(Body::empty()).unwrap()).await;
    assert_eq!(
        (status, &headers["upload-offset"]),
        (StatusCode::OK, &"100".parse().unwrap())
    );
    assert_eq!(headers["upload-length"], bytes.len().to_string().as_str());
    let (status, ..) = ask(&harness, part(&place, 0, &bytes)).await;
    assert_eq!(status, StatusCode::CONFLICT);
    let (status, headers, _) = ask(&harness, create()).await;
    assert_eq!(
        (status, &headers["location"]),
        (StatusCode::CREATED, &place.parse().unwrap()),
        "found again"
    );
    ask(&harness, part(&place, 100, &bytes[100..])).await;
    let id = place.rsplit('/').next().unwrap().parse().unwrap();
    let file = super::finish(&harness, &anne, id).await.unwrap();

    assert_eq!((file.width, file.height), (Some(300), Some(200)));
    assert_eq!(file.description.as_deref(), Some("Plaie du talon"));
    let other_version = tus("HEAD", &place).header("tus-resumable", "0.2.2");
    let (status, ..) = ask(&harness, other_version.body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::OK, "the first header counts");
    let none = Request::builder()
        .method("HEAD")
        .uri(&place)
        .body(Body::empty())
        .unwrap();
    let (status, headers, _) = ask(&harness, none).await;
    assert_eq!(
        (status, &headers["tus-version"]),
        (StatusCode::PRECONDITION_FAILED, &"1.0.0".parse().unwrap())
    );
}

/// A message with files from a page without a script: the form that sends words sends files as well.
#[tokio::test]
async fn a_plain_form_sends_words_and_files_together_and_once() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let path = format!("/messages/{conversation}");
    let form = |files: &[(&str, Vec<u8>)]| {
        let form = Form::default()
            .field("operation", "conversations.send_message")
            .field("conversation", &conversation.to_string())
            .field("key", "01a1220a-1487-74da-be0a-e6f2db095d7b")
            .field("clears_draft", "true")
            .field("body", "Voici.");
        files
            .iter()
            .fold(form, |form, (name, bytes)| form.file(name, bytes))
            .end()
    };
    let files = [
        ("a.jpg", samples::jpeg(20, 20)),
        ("", Vec::new()),
        ("b.pdf", pdf(2_000)),
    ];

    let (status, ..) = post(&harness, &anne, &path, form(&files)).await;
    let again = post(&harness, &anne, &path, form(&files)).await;

    assert_eq!((status, again.0), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
    let wish = ReadTimeline {
        conversation,
        before: None,
        after: None,
        around: None,
        limit: None,
    };
    let page = harness.call(&luc, wish).await.unwrap().messages;
    assert_eq!(page.len(), 1);
    let names: Vec<String> = page[0]
        .attachments
        .list()
        .iter()
        .map(|file| file.name.as_str().to_owned())
        .collect();
    assert_eq!(
        (page[0].body.as_str(), names),
        ("Voici.", vec!["a.jpg".to_owned(), "b.pdf".to_owned()])
    );
}

#[tokio::test]
async fn a_plain_form_with_a_file_that_is_refused_shows_why_and_keeps_the_words() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let form = Form::default()
        .field("operation", "conversations.send_message")
        .field("conversation", &conversation.to_string())
        .field("key", "01a1220a-1487-74da-be0a-e6f2db095d7c")
        // In the page the files stand before the words.
        .file("programme.exe", b"MZ")
        .file("encore.exe", b"MZ")
        .field("body", "Les mots restent.")
        .end();

    let (status, _, html) = post(&harness, &anne, &format!("/messages/{conversation}"), form).await;

    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(html.contains("Les mots restent."), "the box holds them");
    assert!(html.contains("n’est pas accepté"), "{html}");
    assert!(html.contains(CHOOSE_AGAIN), "{html}");
    assert_eq!(harness.snapshot().n_rows("messages"), 0);
}

#[tokio::test]
async fn a_plain_form_whose_words_are_refused_says_that_its_files_are_to_be_chosen_again() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let too_long = "é".repeat(10_001);

    // A browser sends a file without a name where none was chosen.
    for (name, bytes, is_said) in [("a.pdf", pdf(2_000), true), ("", Vec::new(), false)] {
        let form = Form::default()
            .field("operation", "conversations.send_message")
            .field("conversation", &conversation.to_string())
            .field("key", &harness.key().to_string())
            .file(name, &bytes)
            .field("body", &too_long)
            .end();
        let (status, _, html) = post(&harness, &anne, &format!("/messages/{conversation}"), form).await;

        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(html.contains(CHOOSE_AGAIN), is_said, "{name:?}");
    }
}
