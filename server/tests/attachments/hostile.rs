//! Files that are two things at once, or not what they say: each is refused, or handed out as what its name says, with nothing
//! of the other thing in a picture, and never as something that a browser runs.
//!
//! Source: assurance ATT-01.

use app::api::ApiError;
use app::attachments::{FileProblem, file_type};
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use futures::stream::{self, StreamExt};
use server::attachments::Content;
use tower::ServiceExt;

use super::samples;
use super::{read, send, upload};
use crate::harness::{Account, Friends, Harness};

/// What a hostile hand puts into a file: each holds this mark.
const MARK: &[u8] = b"canari-hostile";

fn payloads() -> Vec<(&'static str, Vec<u8>)> {
    let with_mark = |before: &str, after: &str| [before.as_bytes(), MARK, after.as_bytes()].concat();
    vec![
        (
            "html",
            with_mark("<!DOCTYPE html><html><script>alert('", "')</script></html>"),
        ),
        (
            "svg",
            with_mark(
                "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(\"",
                "\")'/>",
            ),
        ),
        ("js", with_mark("*/=1;alert('", "');/*")),
        ("php", with_mark("<?php system('", "'); ?>")),
        ("shell", with_mark("#!/bin/sh\necho ", "\n")),
        ("pdf", with_mark("%PDF-1.7\n<< /JS (", ") >>\n%%EOF")),
        ("jar", samples::archive(&[("META-INF/MANIFEST.MF", MARK, 14)])),
        ("exe", [b"MZ\x90\0".as_slice(), MARK].concat()),
        ("swf", [b"FWS\x08".as_slice(), MARK].concat()),
        (
            "xml",
            with_mark(
                "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM '",
                "'>]><a>&b;</a>",
            ),
        ),
    ]
}

/// Hosts that hold a payload where their readers do not look.
fn hosts(payload: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let behind = |bytes: Vec<u8>| [bytes, payload.to_vec()].concat();
    let before = |bytes: Vec<u8>| [payload.to_vec(), bytes].concat();
    let boxed = |kind: &[u8], inside: &[u8]| {
        let length = u32::try_from(inside.len() + 8).unwrap();
        [length.to_be_bytes().as_slice(), kind, inside].concat()
    };
    let in_comment = |bytes: Vec<u8>| {
        let length = u16::try_from(payload.len() + 2).unwrap().to_be_bytes();
        [
            &bytes[..2],
            &[0xff, 0xfe],
            length.as_slice(),
            payload,
            &bytes[2..],
        ]
        .concat()
    };
    vec![
        ("comment.jpg", in_comment(samples::jpeg(16, 16))),
        ("behind.jpg", behind(samples::jpeg(16, 16))),
        ("before.jpg", before(samples::jpeg(16, 16))),
        ("behind.png", behind(samples::png(16, 16))),
        ("before.png", before(samples::png(16, 16))),
        ("comment.gif", samples::gif(&payload[..payload.len().min(250)])),
        ("behind.gif", behind(samples::gif(b""))),
        ("behind.webp", behind(samples::webp(16, 16))),
        ("behind.pdf", behind(super::pdf(300))),
        ("before.pdf", before(super::pdf(300))),
        ("alone.txt", payload.to_vec()),
        ("alone.csv", payload.to_vec()),
        ("behind.rtf", behind(b"{\\rtf1 a}".to_vec())),
        (
            "inside.docx",
            samples::archive(&[
                ("[Content_Types].xml", b"<Types/>", 8),
                (
                    "word/document.xml",
                    payload,
                    u32::try_from(payload.len()).unwrap(),
                ),
            ]),
        ),
        ("before.docx", before(samples::docx())),
        (
            "macro.docx",
            samples::archive(&[
                ("[Content_Types].xml", b"<Types/>", 8),
                ("word/document.xml", b"<a/>", 4),
                (
                    "word/vbaProject.bin",
                    payload,
                    u32::try_from(payload.len()).unwrap(),
                ),
            ]),
        ),
        (
            "free.mp4",
            [boxed(b"ftyp", b"isom0000"), boxed(b"free", payload)].concat(),
        ),
        (
            "note.mp4",
            [boxed(b"ftyp", b"isom0000"), boxed(b"uuid", payload)].concat(),
        ),
        (
            "title.mp3",
            [b"ID3\x04\0\0\0\0\x02\0".as_slice(), payload].concat(),
        ),
        ("behind.wav", [b"RIFF\0\0\0\0WAVE".as_slice(), payload].concat()),
        ("behind.ogg", [b"OggS".as_slice(), payload].concat()),
    ]
}

/// Whole files under each other's names.
fn misnamed() -> Vec<(String, Vec<u8>)> {
    let whole: Vec<(&str, Vec<u8>)> = vec![
        ("jpg", samples::jpeg(8, 8)),
        ("png", samples::png(8, 8)),
        ("webp", samples::webp(8, 8)),
        ("gif", samples::gif(b"")),
        ("pdf", super::pdf(100)),
        ("docx", samples::docx()),
        ("txt", b"Un texte.".to_vec()),
        ("mp4", b"\0\0\0\x10ftypisom0000".to_vec()),
    ];
    let mut files = Vec::new();
    for (name, _) in &whole {
        for (content, bytes) in &whole {
            // A text may hold anything that a person can read.
            if name != content {
                files.push((format!("{content}-as.{name}"), bytes.clone()));
            }
        }
    }
    files
}

/// Names that hide what they end in.
const NAMES: [&str; 10] = [
    "a.jpg.html",
    "a\u{202e}gpj.html",
    "a.html\0.svg",
    "a.jpg.",
    "a.svg",
    "a.jpg/../b.html",
    "a.jpg;.html",
    "a.shtml",
    "a.xhtml",
    "a.htm\u{200b}l",
];

fn holds(bytes: &[u8]) -> bool {
    bytes.windows(MARK.len()).any(|window| window == MARK)
}

/// What is wrong with what became of a file.
async fn complaint(harness: &Harness, friends: &Friends, name: &str, bytes: &[u8]) -> Option<String> {
    let Friends {
        anne,
        luc,
        conversation,
    } = friends;
    let file = match upload(harness, anne, *conversation, name, bytes).await {
        Ok(file) => file,
        Err(ApiError::File(
            FileProblem::Unsupported
            | FileProblem::Misnamed
            | FileProblem::Unreadable
            | FileProblem::TooComplex,
        )) => return None,
        Err(other) => return Some(format!("{name:?}: refused by {other:?}")),
    };
    send(harness, anne, *conversation, "", &[file.id]).await.unwrap();
    let said = file_type(file.name.extension()).unwrap().media_type;
    if file.media_type != said
        || ["html", "svg", "xml", "javascript"]
            .iter()
            .any(|kind| said.contains(kind) && !said.contains("openxml"))
    {
        return Some(format!("{name:?}: is {}", file.media_type));
    }
    let path = format!("/api/v1/attachments/{}", file.id);
    if let Some(wrong) = headers(harness, luc, &path, said, "attachment;").await {
        return Some(format!("{name:?}: {wrong}"));
    }
    // What may be shown is a PDF without scripts, as a PDF and behind the same walls; all the rest has no such address.
    let view = format!("{path}/view");
    let wrong = if file.is_viewable() {
        headers(harness, luc, &view, "application/pdf", "inline;").await
    } else {
        let response = ask(harness, luc, &view).await;
        (response.status() != StatusCode::NOT_FOUND).then(|| format!("is shown: {:?}", response.headers()))
    };
    if let Some(wrong) = wrong {
        return Some(format!("{name:?}: {wrong}"));
    }
    let whole = read(harness, luc, file.id, Content::Whole).await.unwrap();
    if said.starts_with("image/") && holds(&whole) {
        return Some(format!("{name:?}: the picture still holds it"));
    }
    if said == "video/mp4" && name.starts_with("note") && holds(&whole) {
        return Some(format!("{name:?}: the note is still there"));
    }
    None
}

async fn ask(harness: &Harness, reader: &Account, path: &str) -> Response<Body> {
    let request = Request::get(path)
        .header(header::HOST, "127.0.0.1:8080")
        .header(header::COOKIE, format!("pli={}", reader.token))
        .body(Body::empty())
        .unwrap();
    harness.router().oneshot(request).await.unwrap()
}

/// What is wrong with the head of an answer.
async fn headers(harness: &Harness, reader: &Account, path: &str, kind: &str, way: &str) -> Option<String> {
    let response = ask(harness, reader, path).await;
    let value = |name: header::HeaderName| response.headers()[name].to_str().unwrap().to_owned();
    let is_kept = response.status() == StatusCode::OK
        && value(header::CONTENT_TYPE) == kind
        && value(header::X_CONTENT_TYPE_OPTIONS) == "nosniff"
        && value(header::CONTENT_DISPOSITION).starts_with(way)
        && value(header::CONTENT_SECURITY_POLICY).starts_with("sandbox; default-src 'none'");
    (!is_kept).then(|| format!("{:?}", response.headers()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn att_01_of_more_than_two_hundred_hostile_files_none_is_active() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for (kind, payload) in payloads() {
        for (host, bytes) in hosts(&payload) {
            files.push((format!("{kind}-{host}"), bytes));
        }
    }
    files.extend(misnamed());
    for name in NAMES {
        files.push((name.to_owned(), b"<html>".to_vec()));
    }
    let n_files = files.len();
    assert!(n_files > 200, "{n_files}");

    let found: Vec<Option<String>> = stream::iter(files)
        .map(|(name, bytes)| {
            let (harness, friends) = (&harness, &friends);
            async move { complaint(harness, friends, &name, &bytes).await }
        })
        .buffer_unordered(4)
        .collect()
        .await;

    let wrong: Vec<String> = found.into_iter().flatten().collect();
    assert!(
        wrong.is_empty(),
        "{} of {n_files}\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn att_01_what_is_not_what_its_name_says_is_refused() {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    for (name, bytes) in misnamed() {
        let sent = upload(&harness, &friends.anne, friends.conversation, &name, &bytes).await;
        // A page, a program or an archive is no text; a picture's bytes are none either.
        let misnamed = Err(ApiError::File(FileProblem::Misnamed));
        assert_eq!(sent.map(drop), misnamed, "{name}");
    }
    // The planted bug: what is what it says is taken, so the refusals above say something.
    for (name, bytes) in [
        ("a.jpg", samples::jpeg(8, 8)),
        ("a.png", samples::png(8, 8)),
        ("a.webp", samples::webp(8, 8)),
        ("a.gif", samples::gif(b"")),
        ("a.pdf", super::pdf(100)),
        ("a.docx", samples::docx()),
        ("a.txt", b"Un texte.".to_vec()),
    ] {
        let sent = upload(&harness, &friends.anne, friends.conversation, name, &bytes).await;
        assert!(sent.is_ok(), "{name}: {sent:?}");
    }
}
