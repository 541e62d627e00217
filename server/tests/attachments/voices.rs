//! Voice messages as browsers record them: fragments of MP4, `WebM` that does not know how long it is.
//!
//! The two files are what Chromium's `MediaRecorder` wrote from a microphone that beeps, a second and a half each.

use app::attachments::AttachmentKind;
use axum::body::Body;
use axum::http::{Request, header};
use server::attachments::Content;
use tower::ServiceExt;

use super::{read, send, upload};
use crate::harness::{Friends, Harness};

const WEBM: &[u8] = include_bytes!("recorded/chromium.webm");
const MP4: &[u8] = include_bytes!("recorded/chromium.m4a");

/// A box of an MP4.
fn boxed(kind: &[u8], inside: &[u8]) -> Vec<u8> {
    let length = u32::try_from(inside.len() + 8).unwrap();
    [length.to_be_bytes().as_slice(), kind, inside].concat()
}

/// What Safari records: AAC in fragments behind a head that holds no sound, of a brand of its own.
fn of_safari() -> Vec<u8> {
    let film = boxed(b"mvhd", &[0; 100]);
    let later = boxed(b"mvex", &boxed(b"trex", &[0; 24]));
    let fragment = |n: u8| {
        let head = boxed(b"mfhd", &[0, 0, 0, 0, 0, 0, 0, n]);
        let track = boxed(b"traf", &boxed(b"tfhd", &[0, 0, 0, 0, 0, 0, 0, 1]));
        let sound = boxed(b"mdat", &[n; 300]);
        [boxed(b"moof", &[head, track].concat()), sound].concat()
    };
    [
        boxed(b"ftyp", b"iso5\0\0\x02\0iso5isomhlsf"),
        boxed(b"moov", &[film, later].concat()),
        fragment(1),
        fragment(2),
    ]
    .concat()
}

#[tokio::test]
async fn att_01_what_browsers_record_is_taken_as_sound_and_stays_as_it_was_said() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let safari = of_safari();
    let recordings = [
        ("Message vocal 2026-11-27 14 h 05.webm", WEBM, "audio/webm"),
        ("Message vocal 2026-11-27 14 h 06.m4a", MP4, "audio/mp4"),
        ("Message vocal 2026-11-27 14 h 07.m4a", &safari, "audio/mp4"),
    ];
    for (name, bytes, media_type) in recordings {
        let file = upload(&harness, &anne, conversation, name, bytes).await.unwrap();
        send(&harness, &anne, conversation, "", &[file.id]).await.unwrap();

        assert_eq!(file.kind, AttachmentKind::Audio, "{name}");
        assert_eq!(file.media_type, media_type, "{name}");
        let heard = read(&harness, &luc, file.id, Content::Whole).await.unwrap();
        assert_eq!(heard.len(), bytes.len(), "{name}");
        // Of an MP4 the moment in its head is blanked; the sound is what follows the head.
        let sound = bytes
            .windows(4)
            .position(|four| four == b"moof" || four == [0x1f, 0x43, 0xb6, 0x75])
            .unwrap();
        assert!(heard[sound..] == bytes[sound..], "{name}");
    }
}

/// Assurance ATT-02.
#[tokio::test]
async fn att_02_a_recording_does_not_say_when_it_was_made() {
    /// The moment in the heads of the file, in seconds since 1904.
    const MOMENT: [u8; 4] = [0xe7, 0x2e, 0xe1, 0xbf];
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;

    let file = upload(&harness, &anne, conversation, "a.m4a", MP4).await.unwrap();

    let kept = read(&harness, &anne, file.id, Content::Whole).await.unwrap();
    let says = |bytes: &[u8]| bytes.windows(4).any(|four| four == MOMENT);
    assert!(says(MP4) && !says(&kept));
}

/// A page fetches a recording to play it: what the answer says is what a browser needs to know, and it stays a download.
#[tokio::test]
async fn att_04_a_recording_is_handed_out_as_sound_and_never_as_a_page() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let file = upload(&harness, &anne, conversation, "a.webm", WEBM)
        .await
        .unwrap();
    send(&harness, &anne, conversation, "", &[file.id]).await.unwrap();

    let request = Request::get(format!("/api/v1/attachments/{}", file.id))
        .header(header::HOST, "127.0.0.1:8080")
        .header(header::COOKIE, format!("pli={}", luc.token));
    let response = harness
        .router()
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();

    let value = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(value("content-type"), "audio/webm");
    assert!(value("content-disposition").starts_with("attachment;"));
    assert!(value("content-security-policy").starts_with("sandbox; default-src 'none'"));
    assert_eq!(value("permissions-policy").matches("microphone=()").count(), 1);
}

#[tokio::test]
async fn a_film_stays_a_film_and_a_recording_that_was_cut_is_no_film_either() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    // The type of its one track: 2 is sound, 1 is pictures.
    let at = WEBM
        .windows(3)
        .position(|three| three == [0x83, 0x81, 2])
        .unwrap();
    let mut film = WEBM.to_vec();
    film[at + 2] = 1;

    let film = upload(&harness, &anne, conversation, "film.webm", &film)
        .await
        .unwrap();
    let cut = upload(&harness, &anne, conversation, "coupé.webm", &WEBM[..600])
        .await
        .unwrap();

    assert_eq!(
        (film.kind, film.media_type.as_str()),
        (AttachmentKind::Video, "video/webm")
    );
    assert_eq!(cut.kind, AttachmentKind::Audio);
}
