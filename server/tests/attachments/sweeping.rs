//! What nobody goes on with goes, and nothing else.
//!
//! Source: assurance ATT-06, "0 orphans after 24 h".

use app::api::{ApiError, AttachmentId};
use app::attachments::DescribeAttachment;
use server::attachments::{Content, sweep};

use super::{begin, finish, n_objects, pdf, read, samples, send, send_part, upload};
use crate::harness::{Friends, Harness};

const HOUR_MS: i64 = 3_600_000;

async fn swept(harness: &Harness) -> usize {
    sweep(&harness.context)
        .await
        .unwrap_or_else(|error| panic!("{}", error.chain()))
}

#[tokio::test]
async fn att_06_what_was_begun_or_not_sent_goes_after_a_day_and_what_was_sent_stays() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let sent = upload(&harness, &anne, conversation, "a.png", &samples::png(30, 30))
        .await
        .unwrap();
    send(&harness, &anne, conversation, "", &[sent.id]).await.unwrap();
    let unsent = upload(&harness, &anne, conversation, "b.pdf", &pdf(700_000))
        .await
        .unwrap()
        .id;
    let begun = begin(&harness, &anne, conversation, "c.pdf", 9_000)
        .await
        .unwrap()
        .id;
    send_part(&harness, &anne, begun, 0, &pdf(5_000)).await.unwrap();
    assert_eq!(n_objects(&harness), 2 + 2 + 1);

    harness.clock.advance_ms(24 * HOUR_MS);
    assert_eq!(swept(&harness).await, 0, "a day is not over before it is over");
    let describe = DescribeAttachment {
        attachment: unsent,
        description: "Un tracé".to_owned(),
    };
    harness.call(&anne, describe).await.unwrap();
    harness.clock.advance_ms(1);

    assert_eq!(swept(&harness).await, 1, "somebody has touched the other");
    assert_eq!(n_objects(&harness), 4);
    harness.clock.advance_ms(24 * HOUR_MS + 1);
    assert_eq!(swept(&harness).await, 1);
    assert_eq!(
        (n_objects(&harness), harness.snapshot().n_rows("attachments")),
        (2, 1)
    );
    for gone in [unsent, begun] {
        assert_eq!(
            finish(&harness, &anne, gone).await.map(drop),
            Err(ApiError::NotFound)
        );
    }
    assert!(read(&harness, &luc, sent.id, Content::Whole).await.is_ok());
    assert!(read(&harness, &luc, sent.id, Content::Thumbnail).await.is_ok());
}

/// What a stop between two steps leaves: parts without a row, parts of a picture as it came, a part that was half written.
#[tokio::test]
async fn att_06_parts_that_no_row_knows_go() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let picture = upload(&harness, &anne, conversation, "a.png", &samples::png(30, 30))
        .await
        .unwrap();
    send(&harness, &anne, conversation, "", &[picture.id])
        .await
        .unwrap();
    let files = harness.database().folder().join("files");
    let shelf = files.join(format!("{conversation}/{}", picture.id));
    std::fs::write(shelf.join("r0"), b"as it came").unwrap();
    std::fs::write(shelf.join("m1#1"), b"half").unwrap();
    let unknown = AttachmentId(harness.context.new_id());
    let lost = files.join(format!("{}/{unknown}", harness.context.new_id()));
    std::fs::create_dir_all(&lost).unwrap();
    std::fs::write(lost.join("r0"), b"nobody's").unwrap();
    std::fs::write(files.join("README"), b"not ours").unwrap();

    assert_eq!(
        swept(&harness).await,
        0,
        "they may belong to an act that is not committed yet"
    );
    assert_eq!(n_objects(&harness), 6);
    harness.clock.advance_ms(24 * HOUR_MS + 1);
    swept(&harness).await;

    assert_eq!(
        n_objects(&harness),
        3,
        "the picture, its small form, and what is not ours"
    );
    assert!(!lost.exists() && !lost.parent().unwrap().exists());
    assert!(read(&harness, &anne, picture.id, Content::Whole).await.is_ok());
}
