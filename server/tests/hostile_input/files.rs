//! Uploads: heads, forms and files that nobody meant well.

use app::attachments::{BeginUpload, FileName};
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Request, header};
use tower::ServiceExt;

use crate::chance::Chance;
use crate::{HOST, Scene, damage, n_cases, samples, set};

const UPLOAD_HEADS: [(&str, &str); 7] = [
    ("tus-resumable", "1.0.0"),
    ("upload-offset", "0"),
    ("upload-offset", "18446744073709551615"),
    ("upload-length", "25000001"),
    ("upload-metadata", "filename YS5wZGY=,conversation ,key AAAA"),
    ("content-type", "application/offset+octet-stream"),
    ("range", "bytes=0-0,5-,-9"),
];

/// An upload of the first of the people.
async fn upload(scene: &Scene, name: &str, size: usize) -> String {
    let wish = BeginUpload {
        conversation: scene.ids[0].parse().unwrap(),
        key: scene.harness.key(),
        name: FileName::parse(name).unwrap(),
        size: size as u64,
        description: None,
    };
    let begun = scene.harness.call(&scene.people[0], wish).await.unwrap();
    begun.upload.id.to_string()
}

/// Asks; a server that breaks ends the test.
async fn ask(scene: &Scene, request: Request<Body>, said: &str) -> (u16, Vec<u8>) {
    let shown = format!("{said}: {request:?}");
    let response = scene.harness.router().oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap_or_default();
    assert!(!status.is_server_error(), "{status}: {shown}");
    (status.as_u16(), bytes.to_vec())
}

#[tokio::test]
async fn rel_23_no_head_breaks_an_upload() {
    let scene = set().await;
    let mut chance = Chance::new(26);
    let id = upload(&scene, "a.pdf", 5_000).await;
    for _ in 0..n_cases() * 15 {
        let path = match chance.below(6) {
            0 => "/api/v1/uploads".to_owned(),
            1 => format!("/api/v1/attachments/{id}"),
            2 => format!("/api/v1/attachments/{id}/thumbnail"),
            3 => format!("/api/v1/attachments/{id}/view"),
            4 => format!("/api/v1/uploads/{}", damage::text(&id, &mut chance)),
            _ => format!("/api/v1/uploads/{id}"),
        };
        let method = ["GET", "HEAD", "POST", "PATCH", "PATCH", "OPTIONS"][chance.index(6)];
        let mut request = Request::builder()
            .method(method)
            .uri(&path)
            .header(header::HOST, HOST)
            .header(header::ORIGIN, format!("http://{HOST}"));
        if chance.percent(80) {
            request = request.header(
                header::COOKIE,
                format!("pli={}", scene.people[chance.index(4)].token),
            );
        }
        for (name, value) in UPLOAD_HEADS {
            let value = if chance.percent(30) {
                damage::bytes(value.as_bytes(), &mut chance)
            } else {
                value.as_bytes().to_vec()
            };
            if let (true, Ok(value)) = (chance.percent(60), HeaderValue::from_bytes(&value)) {
                request = request.header(HeaderName::from_static(name), value);
            }
        }
        let Ok(request) = request.body(Body::from(damage::bytes(b"%PDF-1.7", &mut chance))) else {
            continue;
        };
        ask(&scene, request, "a head").await;
    }
}

#[tokio::test]
async fn rel_23_no_form_with_files_breaks_a_door() {
    let scene = set().await;
    let mut chance = Chance::new(27);
    let conversation = &scene.ids[0];
    for _ in 0..n_cases() * 5 {
        let key = scene.harness.key();
        let form = format!(
            "--pli\r\nContent-Disposition: form-data; name=\"operation\"\r\n\r\nconversations.send_message\r\n\
             --pli\r\nContent-Disposition: form-data; name=\"conversation\"\r\n\r\n{conversation}\r\n\
             --pli\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\n{key}\r\n\
             --pli\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nBonjour\r\n\
             --pli\r\nContent-Disposition: form-data; name=\"body\"\r\n\r\nVoici.\r\n--pli--\r\n"
        );
        let form = damage::bytes(form.as_bytes(), &mut chance);
        let path = ["/accueil", "/api/v1/attachments.upload_attachment"][chance.index(2)];
        let request = Request::post(path)
            .header(header::HOST, HOST)
            .header(header::ORIGIN, format!("http://{HOST}"))
            .header(header::COOKIE, format!("pli={}", scene.people[0].token))
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=pli")
            .body(Body::from(form.clone()))
            .unwrap();
        ask(&scene, request, &String::from_utf8_lossy(&form)).await;
    }
}

/// What the workshop reads may end it; the server goes on, and says what it thinks of the file.
#[tokio::test]
async fn rel_23_no_file_breaks_the_one_who_looks_at_it() {
    let scene = set().await;
    let mut chance = Chance::new(28);
    let files = [
        ("a.jpg", samples::jpeg_with_notes(40, 30, 6)),
        ("a.png", samples::png_with_notes(40, 30, 6)),
        ("a.webp", samples::webp_with_notes(40, 30, 6)),
        ("a.gif", samples::gif(b"mot")),
        ("a.docx", samples::docx()),
    ];
    let mut n_taken = 0;
    for _ in 0..n_cases() * 2 {
        let (name, whole) = &files[chance.index(files.len())];
        let bytes = damage::bytes(whole, &mut chance);
        let id = upload(&scene, name, bytes.len().max(1)).await;
        let said = format!("{name}: {bytes:?}");
        let part = Request::patch(format!("/api/v1/uploads/{id}"))
            .header(header::HOST, HOST)
            .header(header::AUTHORIZATION, format!("Bearer {}", scene.people[0].token))
            .header("tus-resumable", "1.0.0")
            .header("upload-offset", "0")
            .header(header::CONTENT_TYPE, "application/offset+octet-stream")
            .body(Body::from(bytes))
            .unwrap();
        ask(&scene, part, &said).await;
        let end = Request::post("/api/v1/attachments.finish_upload")
            .header(header::HOST, HOST)
            .header(header::AUTHORIZATION, format!("Bearer {}", scene.people[0].token))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(format!(r#"{{"attachment":"{id}"}}"#)))
            .unwrap();
        let (status, _) = ask(&scene, end, &said).await;
        n_taken += u32::from(status == 200);
    }
    // Some damage is to pixels alone.
    assert!(n_taken > 0);
}
