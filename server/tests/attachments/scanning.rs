//! The virus scanner: what it finds is not taken, and nothing passes while it does not answer.
//!
//! Source: assurance ATT-07.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use app::api::{ApiError, AttachmentId};
use app::attachments::{FileProblem, GetAttachment};
use server::attachments::{Content, Scanner};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{begin, finish, n_objects, pdf, read, send, send_part, upload};
use crate::harness::{Friends, Harness};

/// What every scanner takes for a virus, so that it can be tried.
///
/// Source: European Institute for Computer Antivirus Research. In two halves, so that no scanner takes this file for one.
const EICAR: [&str; 2] = [
    r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-",
    "ANTIVIRUS-TEST-FILE!$H+H*",
];

/// How a scanner behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Working,
    /// It hangs up in the middle.
    HangsUp,
    /// It does not take as much.
    Full,
    /// It says something that nobody knows.
    Babbles,
}

/// A scanner that speaks as clamd does.
struct Fake {
    address: SocketAddr,
    n_scanned: Arc<AtomicU64>,
}

impl Fake {
    async fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let n_scanned = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&n_scanned);
        tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                let _ = scan(line, mood).await;
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { address, n_scanned }
    }

    fn scanner(&self) -> Arc<Scanner> {
        Arc::new(Scanner::parse(&format!("clamd:{}", self.address)).unwrap())
    }
}

async fn scan(mut line: TcpStream, mood: Mood) -> std::io::Result<()> {
    let mut command = [0; 10];
    line.read_exact(&mut command).await?;
    assert_eq!(&command, b"zINSTREAM\0");
    let mut file = Vec::new();
    loop {
        let length = line.read_u32().await?;
        if length == 0 {
            break;
        }
        let mut piece = vec![0; usize::try_from(length).unwrap()];
        line.read_exact(&mut piece).await?;
        file.extend(piece);
        if mood == Mood::HangsUp {
            return Ok(());
        }
    }
    let is_infected = String::from_utf8_lossy(&file).contains(&EICAR.concat());
    let answer: &[u8] = match (mood, is_infected) {
        (Mood::Full, _) => b"INSTREAM size limit exceeded. ERROR\0",
        (Mood::Babbles, _) => b"stream: PERHAPS\0",
        (_, true) => b"stream: Eicar-Test-Signature FOUND\0",
        (_, false) => b"stream: OK\0",
    };
    line.write_all(answer).await
}

#[tokio::test]
async fn att_07_what_the_scanner_finds_is_not_taken_and_the_rest_is() {
    let mut harness = Harness::new();
    let fake = Fake::start(Mood::Working).await;
    harness.context.files.scanner = Some(fake.scanner());
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let virus = EICAR.concat().into_bytes();

    let refused = begin(&harness, &anne, conversation, "virus.txt", virus.len())
        .await
        .unwrap()
        .id;
    send_part(&harness, &anne, refused, 0, &virus).await.unwrap();
    let infected = Err(ApiError::File(FileProblem::Infected));
    assert_eq!(finish(&harness, &anne, refused).await, infected);
    assert_eq!(n_objects(&harness), 0, "nothing of it is kept");
    let clean = upload(&harness, &anne, conversation, "a.pdf", &pdf(600_000))
        .await
        .unwrap();

    assert_eq!(fake.n_scanned.load(Ordering::SeqCst), 2);
    assert_eq!(
        finish(&harness, &anne, refused).await,
        infected,
        "and stays refused"
    );
    let sent = send(&harness, &anne, conversation, "", &[refused]).await;
    assert_eq!(sent.map(drop), Err(ApiError::File(FileProblem::Infected)));
    send(&harness, &anne, conversation, "", &[clean.id])
        .await
        .unwrap();
    assert_eq!(
        read(&harness, &luc, clean.id, Content::Whole).await.unwrap(),
        pdf(600_000)
    );
}

#[tokio::test]
async fn att_07_while_the_scanner_does_not_answer_a_file_is_held() {
    let held = Err(ApiError::File(FileProblem::Unscanned));
    for mood in [None, Some(Mood::HangsUp), Some(Mood::Full), Some(Mood::Babbles)] {
        let mut harness = Harness::new();
        let away = match mood {
            Some(mood) => Some(Fake::start(mood).await.scanner()),
            // Nobody listens there.
            None => Some(Arc::new(Scanner::Tcp("127.0.0.1:1".to_owned()))),
        };
        harness.context.files.scanner = away;
        let Friends {
            anne,
            luc,
            conversation,
        } = harness.two_friends().await;
        let id = begin(&harness, &anne, conversation, "a.pdf", 5_000)
            .await
            .unwrap()
            .id;
        send_part(&harness, &anne, id, 0, &pdf(5_000)).await.unwrap();

        for _ in 0..2 {
            assert_eq!(finish(&harness, &anne, id).await, held, "{mood:?}");
        }
        let sent = send(&harness, &anne, conversation, "", &[id]).await;
        assert_eq!(
            sent.map(drop),
            Err(ApiError::File(FileProblem::Unfinished)),
            "{mood:?}"
        );
        for (reader, refusal) in [
            (&anne, ApiError::File(FileProblem::Unfinished)),
            (&luc, ApiError::NotFound),
        ] {
            assert_eq!(read(&harness, reader, id, Content::Whole).await, Err(refusal));
        }

        harness.context.files.scanner = Some(Fake::start(Mood::Working).await.scanner());
        assert!(finish(&harness, &anne, id).await.is_ok(), "{mood:?}");
    }
}

#[tokio::test]
async fn nobody_learns_of_a_file_that_is_held() {
    let mut harness = Harness::new();
    harness.context.files.scanner = Some(Arc::new(Scanner::Tcp("127.0.0.1:1".to_owned())));
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let cursor = harness.cursor(&luc).await;
    let id = begin(&harness, &anne, conversation, "a.pdf", 50)
        .await
        .unwrap()
        .id;
    send_part(&harness, &anne, id, 0, &pdf(50)).await.unwrap();
    let _ = finish(&harness, &anne, id).await;

    assert!(harness.events_after(&luc, cursor).await.is_empty());
    for unknown in [id, AttachmentId(crate::harness::unknown_id())] {
        let wish = GetAttachment { attachment: unknown };
        assert_eq!(harness.call(&luc, wish).await.map(drop), Err(ApiError::NotFound));
    }
}
