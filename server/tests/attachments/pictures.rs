//! Pictures made anew, apart from the server, and bombs that do not go off.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

use app::api::ApiError;
use app::attachments::{FileNote, FileProblem};
use image::GenericImageView;
use server::attachments::Content;

use super::samples::{self, NOTE};
use super::{read, send, upload};
use crate::harness::{Friends, Harness};

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// Assurance ATT-02: EXIF, GPS, XMP, IPTC, comments, small copies and what stands behind the end are gone; the picture stands
/// upright.
#[tokio::test]
async fn att_02_nothing_that_a_camera_wrote_is_left_and_the_picture_stands_upright() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    // Lying on its side: turned a quarter to the right, red is on top.
    let files = [
        ("photo.jpg", samples::jpeg_with_notes(40, 20, 6)),
        ("photo.png", samples::png_with_notes(40, 20, 6)),
        ("photo.webp", samples::webp_with_notes(40, 20, 6)),
    ];
    for (name, bytes) in files {
        assert!(holds(&bytes, NOTE), "the sample holds what is looked for");
        let file = upload(&harness, &anne, conversation, name, &bytes).await.unwrap();
        send(&harness, &anne, conversation, "", &[file.id]).await.unwrap();

        let whole = read(&harness, &luc, file.id, Content::Whole).await.unwrap();
        let small = read(&harness, &luc, file.id, Content::Thumbnail).await.unwrap();

        for (which, made) in [("whole", &whole), ("small", &small)] {
            for note in [
                NOTE, b"canari", b"Exif", b"EXIF", b"xmp", b"XMP", b"eXIf", b"tEXt", b"zTXt", b"iTXt",
                b"8BIM",
            ] {
                assert!(
                    !holds(made, note),
                    "{name}, {which}: {}",
                    String::from_utf8_lossy(note)
                );
            }
            let picture = image::load_from_memory(made).unwrap();
            assert_eq!(picture.dimensions(), (20, 40), "{name}, {which}");
            let (top, bottom) = (picture.get_pixel(10, 5), picture.get_pixel(10, 35));
            assert!(top[0] > 180 && top[2] < 80, "{name}, {which}: {top:?}");
            assert!(bottom[2] > 180 && bottom[0] < 80, "{name}, {which}: {bottom:?}");
        }
        assert_eq!((file.width, file.height), (Some(20), Some(40)));
        assert_eq!(file.size, whole.len() as u64);
        assert_eq!(file.sha256, super::sha256(&whole), "of what is handed out");
    }
}

#[tokio::test]
async fn att_02_a_gif_keeps_its_frames_and_loses_what_stood_between_them() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let bytes = [samples::gif(NOTE), NOTE.to_vec()].concat();
    assert!(holds(&bytes, NOTE));

    let file = upload(&harness, &anne, conversation, "a.gif", &bytes)
        .await
        .unwrap();

    let whole = read(&harness, &anne, file.id, Content::Whole).await.unwrap();
    assert!(!holds(&whole, NOTE));
    let mut decoder = gif::DecodeOptions::new().read_info(&whole[..]).unwrap();
    let mut frames = Vec::new();
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        frames.push((frame.delay, frame.buffer[0]));
    }
    assert_eq!(frames, [(7, 0), (7, 1)]);
    assert_eq!(decoder.repeat(), gif::Repeat::Infinite);
}

/// The notes of place and camera go from what cannot be made anew as well, and the person is told that it stays a file.
#[tokio::test]
async fn att_02_a_heic_and_a_film_lose_their_notes_and_stay_files() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let boxed = |kind: &[u8], inside: &[u8]| {
        let length = u32::try_from(inside.len() + 8).unwrap();
        [length.to_be_bytes().as_slice(), kind, inside].concat()
    };
    let notes = boxed(b"udta", &boxed(b"\xa9xyz", NOTE));
    let film = [
        boxed(b"ftyp", b"isom0000"),
        boxed(b"moov", &notes),
        boxed(b"mdat", b"sound and pictures"),
    ]
    .concat();
    let picture = [
        boxed(b"ftyp", b"heic0000"),
        boxed(b"uuid", NOTE),
        boxed(b"mdat", b"pixels"),
    ]
    .concat();

    let film = upload(&harness, &anne, conversation, "a.mp4", &film)
        .await
        .unwrap();
    let picture = upload(&harness, &anne, conversation, "a.HEIC", &picture)
        .await
        .unwrap();

    for (file, kept) in [(&film, b"sound and pictures".as_slice()), (&picture, b"pixels")] {
        let bytes = read(&harness, &anne, file.id, Content::Whole).await.unwrap();
        assert!(!holds(&bytes, NOTE) && holds(&bytes, kept));
    }
    assert_eq!((picture.note, picture.width), (Some(FileNote::KeptAsFile), None));
    assert_eq!(film.note, None);
}

#[tokio::test]
async fn a_pdf_with_scripts_is_kept_as_it_came_and_said_so() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let bytes = b"%PDF-1.7\n1 0 obj << /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> >>".to_vec();

    let file = upload(&harness, &anne, conversation, "a.pdf", &bytes)
        .await
        .unwrap();

    assert_eq!(file.note, Some(FileNote::HasScripts));
    assert_eq!(
        read(&harness, &anne, file.id, Content::Whole).await.unwrap(),
        bytes
    );
}

/// Assurance ATT-03.
#[tokio::test]
async fn att_03_bombs_are_refused_before_they_unpack() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let frames = {
        let mut encoder = gif::Encoder::new(Vec::new(), 1, 1, &[0, 0, 0, 255, 255, 255]).unwrap();
        let frame = gif::Frame::from_indexed_pixels(1, 1, vec![0], None);
        for _ in 0..1_000_000 {
            encoder.write_frame(&frame).unwrap();
        }
        encoder.into_inner().unwrap()
    };
    assert!(frames.len() < 25_000_000, "{}", frames.len());
    let packed = |told| {
        samples::archive(&[
            ("[Content_Types].xml", b"<Types/>", 8),
            ("word/document.xml", b"0", told),
        ])
    };
    let nested = {
        let names: Vec<String> = (0..16).map(|n| format!("lib{n}.zip")).collect();
        let entries: Vec<(&str, &[u8], u32)> = names
            .iter()
            .map(|name| (name.as_str(), b"PK".as_slice(), u32::MAX))
            .collect();
        samples::archive(&entries)
    };
    let wide_webp = {
        let mut bytes = samples::webp_with_notes(40, 20, 1);
        bytes[24..30].copy_from_slice(&[0xff; 6]);
        bytes
    };
    let before = resident_mb();
    for (name, bytes) in [
        ("50000x50000.png", samples::png_of_size(50_000, 50_000)),
        ("line.png", samples::png_of_size(1, 4_000_000)),
        ("60000x900.png", samples::png_of_size(60_000, 900)),
        ("million.gif", frames),
        ("million.png", samples::moving_png(1_000_000)),
        ("gigabytes.docx", packed(u32::MAX)),
        ("ratio.docx", packed(200_000_000)),
        ("42.docx", nested),
        ("wide.webp", wide_webp),
    ] {
        let refused = upload(&harness, &anne, conversation, name, &bytes).await;
        let is_told = matches!(
            refused,
            Err(ApiError::File(FileProblem::TooComplex | FileProblem::Unreadable))
        );
        assert!(is_told, "{name}: {refused:?}");
    }
    let grown = resident_mb().saturating_sub(before);
    assert!(grown <= 64, "the server has grown by {grown} MB");
    assert_eq!(super::n_objects(&harness), 0);
}

fn resident_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kb = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kb.unwrap_or(0) / 1024
}

#[tokio::test]
async fn what_is_damaged_is_refused_and_the_server_goes_on() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let half = |bytes: Vec<u8>| bytes[..bytes.len() / 3].to_vec();
    for (name, bytes) in [
        ("half.jpg", half(samples::jpeg(200, 200))),
        ("half.png", half(samples::png(200, 200))),
        ("half.webp", half(samples::webp(200, 200))),
        ("half.gif", half(samples::gif(b""))),
        ("half.docx", half(samples::docx())),
    ] {
        let refused = upload(&harness, &anne, conversation, name, &bytes).await;
        assert!(
            matches!(
                refused,
                Err(ApiError::File(FileProblem::Unreadable | FileProblem::Misnamed))
            ),
            "{name}: {refused:?}"
        );
    }
    assert!(
        upload(&harness, &anne, conversation, "a.png", &samples::png(9, 9))
            .await
            .is_ok()
    );
}

/// Assurance ATT-02: what the process has given up, as the system tells it.
#[test]
fn att_02_the_workshop_has_little_memory_little_time_no_file_and_no_network() {
    let mut process = Command::new(env!("CARGO_BIN_EXE_pli"))
        .args(["workshop", "png", "1000"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = process.stdin.take().unwrap();
    // It reads as soon as it has given up what it does not need, and this is more than a line holds.
    input.write_all(&[0; 999]).unwrap();
    let folder = std::path::PathBuf::from(format!("/proc/{}", process.id()));
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    while !read("status").contains("Seccomp:\t2") {
        assert!(process.try_wait().unwrap().is_none(), "it has ended");
        std::thread::yield_now();
    }

    let (limits, status) = (read("limits"), read("status"));

    for (name, most) in [
        ("Max data size", "268435456"),
        ("Max cpu time", "5"),
        ("Max open files", "3"),
        ("Max file size", "0"),
        ("Max processes", "0"),
        ("Max core file size", "0"),
    ] {
        let line = limits.lines().find(|line| line.starts_with(name)).unwrap();
        let values: Vec<&str> = line[name.len()..].split_whitespace().take(2).collect();
        assert_eq!(values, [most, most], "{name}");
    }
    let taken = status.lines().find(|line| line.starts_with("VmData:")).unwrap();
    let taken_kb: u64 = taken.split_whitespace().nth(1).unwrap().parse().unwrap();
    assert!(
        taken_kb < 64 * 1024,
        "what was taken before the limit is not bound by it: {taken}"
    );
    assert!(status.contains("NoNewPrivs:\t1"), "{status}");
    assert!(status.contains("Threads:\t1"), "{status}");
    input.write_all(&[0]).unwrap();
    drop(input);
    let mut answer = String::new();
    BufReader::new(process.stdout.take().unwrap())
        .read_line(&mut answer)
        .unwrap();
    assert!(answer.contains("misnamed"), "{answer}");
    process.wait().unwrap();
}

/// A picture of 48 million pixels, as a telephone makes it, comes out at most 4,096 pixels wide; it fits into the workshop.
#[test]
#[cfg_attr(
    debug_assertions,
    ignore = "a decoder that is not optimised takes more than its five seconds"
)]
fn att_02_a_large_picture_fits_into_the_workshop() {
    let bytes = samples::jpeg(8_064, 6_048);
    let mut process = Command::new(env!("CARGO_BIN_EXE_pli"))
        .args(["workshop", "jpg", &bytes.len().to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = process.stdin.take().unwrap();
    let sending = std::thread::spawn(move || input.write_all(&bytes));
    let mut answer = Vec::new();
    process.stdout.take().unwrap().read_to_end(&mut answer).unwrap();
    sending.join().unwrap().unwrap();
    assert!(process.wait().unwrap().success());
    let head = String::from_utf8_lossy(&answer[..200]).into_owned();
    assert!(head.contains("\"width\":4096,\"height\":3072"), "{head}");
}
