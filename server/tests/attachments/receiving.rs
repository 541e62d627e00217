//! Files on their way in: begun once, in order, within their bounds, and theirs alone.

use app::api::{ApiError, AttachmentId, InvalidReason};
use app::attachments::{BeginUpload, DiscardUpload, FileName, FileProblem, FinishUpload, GetLimits};
use app::friendships::CloseChannel;
use futures::{StreamExt, stream};
use server::attachments::{Content, find_upload, receive};

use super::{begin, finish, n_objects, pdf, read, refusal, send_part, sha256, upload};
use crate::harness::{Friends, Harness, unknown_id};

/// Assurance ATT-06.
#[tokio::test]
async fn att_06_the_same_key_finds_the_same_upload_where_it_has_come_to() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let bytes = pdf(1_300_000);
    let wish = BeginUpload {
        conversation,
        key: harness.key(),
        name: FileName::from_store("ECG d’Anne.pdf".to_owned()),
        size: bytes.len() as u64,
        description: None,
    };
    let first = harness.call(&anne, wish.clone()).await.unwrap().upload;
    assert_eq!((first.offset, first.size), (0, 1_300_000));

    let offset = send_part(&harness, &anne, first.id, 0, &bytes[..700_000])
        .await
        .unwrap();
    let again = harness.call(&anne, wish.clone()).await.unwrap().upload;
    assert_eq!((again.id, again.offset, offset), (first.id, 700_000, 700_000));
    send_part(&harness, &anne, first.id, 700_000, &bytes[700_000..])
        .await
        .unwrap();
    let whole = finish(&harness, &anne, first.id).await.unwrap();

    assert_eq!(
        (whole.size, whole.sha256.as_str()),
        (1_300_000, sha256(&bytes).as_str())
    );
    assert_eq!(whole.name.as_str(), "ECG d’Anne.pdf");
    assert_eq!(
        read(&harness, &anne, whole.id, Content::Whole).await.unwrap(),
        bytes
    );
    let after = harness.call(&anne, wish.clone()).await.unwrap().upload;
    assert_eq!(after.attachment, Some(whole.clone()));
    assert_eq!(
        finish(&harness, &anne, first.id).await.unwrap(),
        whole,
        "finishing again is the same"
    );
    let other_size = BeginUpload { size: 7, ..wish };
    assert_eq!(
        harness.call(&anne, other_size).await.err(),
        Some(ApiError::KeyReused)
    );
    assert_eq!(harness.snapshot().n_rows("attachments"), 1);
}

#[tokio::test]
async fn att_06_bytes_go_on_where_the_disk_has_come_to_and_nowhere_else() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let bytes = pdf(600_000);
    let id = begin(&harness, &anne, conversation, "a.pdf", bytes.len())
        .await
        .unwrap()
        .id;
    send_part(&harness, &anne, id, 0, &bytes[..100_000])
        .await
        .unwrap();

    for wrong in [0, 99_999, 100_001, 600_000, u64::MAX] {
        let refused = send_part(&harness, &anne, id, wrong, b"x").await;
        assert_eq!(refused, Err(ApiError::File(FileProblem::WrongOffset)), "{wrong}");
    }
    assert_eq!(
        finish(&harness, &anne, id).await,
        Err(ApiError::File(FileProblem::Unfinished))
    );
    for nobodys in [id, AttachmentId(unknown_id())] {
        let refused = send_part(&harness, &luc, nobodys, 100_000, b"x").await;
        assert_eq!(refused, Err(ApiError::NotFound));
        assert_eq!(finish(&harness, &luc, nobodys).await, Err(ApiError::NotFound));
        let looked = refusal(find_upload(&harness.context, &luc.caller, nobodys).await);
        assert_eq!(looked.err(), Some(ApiError::NotFound));
    }
    let more = [&bytes[100_000..], b"!"].concat();
    assert_eq!(
        send_part(&harness, &anne, id, 100_000, &more).await,
        Err(ApiError::TooLarge),
        "by count"
    );
    send_part(&harness, &anne, id, 100_000, &bytes[100_000..])
        .await
        .unwrap();
    let whole = finish(&harness, &anne, id).await.unwrap();
    assert_eq!(whole.sha256, sha256(&bytes));
}

#[tokio::test]
async fn what_may_not_be_sent_is_told_before_any_byte() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let limits = harness.call(&anne, GetLimits {}).await.unwrap();
    assert_eq!(
        (limits.max_bytes, limits.max_files, limits.used_bytes),
        (25_000_000, 10, 0)
    );
    assert!(limits.extensions.iter().any(|ending| ending == "pdf"));

    let refused = async |name: &str, size: u64| {
        let wish = BeginUpload {
            conversation,
            key: harness.key(),
            name: FileName::from_store(name.to_owned()),
            size,
            description: None,
        };
        harness.call(&anne, wish).await.err()
    };

    let unsupported = Some(ApiError::File(FileProblem::Unsupported));
    for name in [
        "a.exe",
        "a.svg",
        "a.html",
        "a.jpg.html",
        "a.docm",
        "a.zip",
        "photo",
        "a.jpg\u{202e}lmth.x",
    ] {
        assert_eq!(refused(name, 5).await, unsupported, "{name}");
    }
    assert_eq!(
        refused("a.pdf", 0).await,
        Some(ApiError::File(FileProblem::Empty))
    );
    assert_eq!(refused("a.pdf", 25_000_001).await, Some(ApiError::TooLarge));
    assert_eq!(refused("a.pdf", 3_000_000_000).await, Some(ApiError::TooLarge));
    assert_eq!(
        refused("\0/", 5).await,
        Some(ApiError::invalid("name", InvalidReason::Empty))
    );
    assert_eq!(harness.snapshot().n_rows("attachments"), 0);
}

#[tokio::test]
async fn each_person_has_so_much_room_and_no_more() {
    let mut harness = Harness::new();
    harness.context.files.quota_bytes = 100_000;
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let sent = upload(&harness, &anne, conversation, "a.pdf", &pdf(60_000))
        .await
        .unwrap();

    let refused = begin(&harness, &anne, conversation, "b.pdf", 50_000).await;

    assert_eq!(refused.err(), Some(ApiError::File(FileProblem::OverQuota)));
    assert!(
        begin(&harness, &luc, conversation, "b.pdf", 50_000).await.is_ok(),
        "another person's room"
    );
    assert_eq!(
        harness.call(&anne, GetLimits {}).await.unwrap().used_bytes,
        60_000
    );
    harness
        .call(&anne, DiscardUpload { attachment: sent.id })
        .await
        .unwrap();
    assert!(
        begin(&harness, &anne, conversation, "b.pdf", 50_000)
            .await
            .is_ok(),
        "room that was given back"
    );
    let many = stream::iter(0..100).then(|_| begin(&harness, &luc, conversation, "c.pdf", 1));
    let refused: Vec<_> = many.filter_map(async |begun| begun.err()).collect().await;
    assert_eq!(
        refused,
        [ApiError::TooMany { retry_after_s: 60 }],
        "a hundred on their way are enough"
    );
}

#[tokio::test]
async fn a_closed_channel_takes_no_file_at_whatever_step() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let bytes = pdf(2_000);
    let half = begin(&harness, &anne, conversation, "a.pdf", bytes.len())
        .await
        .unwrap()
        .id;
    send_part(&harness, &anne, half, 0, &bytes[..1_000])
        .await
        .unwrap();
    let whole = begin(&harness, &anne, conversation, "b.pdf", bytes.len())
        .await
        .unwrap()
        .id;
    send_part(&harness, &anne, whole, 0, &bytes).await.unwrap();

    harness
        .call(&luc, CloseChannel { account: anne.id })
        .await
        .unwrap();

    let closed = Err(ApiError::ChannelClosed);
    assert_eq!(
        begin(&harness, &anne, conversation, "c.pdf", 1).await.map(drop),
        closed
    );
    assert_eq!(
        send_part(&harness, &anne, half, 1_000, &bytes[1_000..])
            .await
            .map(drop),
        closed
    );
    assert_eq!(finish(&harness, &anne, whole).await.map(drop), closed);
    let upload = refusal(find_upload(&harness.context, &anne.caller, half).await).unwrap();
    assert_eq!(upload.offset, 1_000, "nothing was added");
}

#[tokio::test]
async fn att_06_a_channel_that_closes_in_the_middle_of_a_part_takes_nothing_of_it() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let bytes = pdf(2_000);
    let id = begin(&harness, &anne, conversation, "a.pdf", bytes.len())
        .await
        .unwrap()
        .id;
    let (sender, line) = tokio::sync::mpsc::channel(1);
    let incoming = tokio_stream::wrappers::ReceiverStream::new(line);
    let (context, caller) = (harness.context.clone(), anne.caller.clone());
    let receiving = tokio::spawn(async move { receive(&context, &caller, id, 0, incoming).await });
    for piece in bytes.chunks(500).take(3) {
        sender
            .send(Ok(bytes::Bytes::copy_from_slice(piece)))
            .await
            .unwrap();
    }

    harness
        .call(&luc, CloseChannel { account: anne.id })
        .await
        .unwrap();
    drop(sender);

    assert_eq!(refusal(receiving.await.unwrap()), Err(ApiError::ChannelClosed));
    let upload = refusal(find_upload(&harness.context, &anne.caller, id).await).unwrap();
    assert_eq!(upload.offset, 0);
}

/// Two devices that send the same file, or a page whose first line has died: the one that comes later goes on.
#[tokio::test]
async fn att_06_of_two_devices_the_later_goes_on_where_the_earlier_has_come_to() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let bytes = pdf(900_000);
    let id = begin(&harness, &anne, conversation, "a.pdf", bytes.len())
        .await
        .unwrap()
        .id;
    let (sender, line) = tokio::sync::mpsc::channel(1);
    let incoming = tokio_stream::wrappers::ReceiverStream::new(line);
    let (context, caller) = (harness.context.clone(), anne.caller.clone());
    let dying = tokio::spawn(async move { receive(&context, &caller, id, 0, incoming).await });
    for piece in bytes[..600_000].chunks(100_000) {
        sender
            .send(Ok(bytes::Bytes::copy_from_slice(piece)))
            .await
            .unwrap();
    }
    // It is silent now, and nobody has closed it.

    let too_early = send_part(&harness, &anne, id, 0, &bytes).await;
    let offset = refusal(dying.await.unwrap()).unwrap();
    let rest = send_part(
        &harness,
        &anne,
        id,
        offset,
        &bytes[usize::try_from(offset).unwrap()..],
    )
    .await;

    assert!(
        offset >= 500_000 && offset % 100_000 == 0,
        "what had come was kept: {offset}"
    );
    assert_eq!(too_early, Err(ApiError::File(FileProblem::WrongOffset)));
    assert_eq!(rest, Ok(900_000));
    assert_eq!(finish(&harness, &anne, id).await.unwrap().sha256, sha256(&bytes));
}

#[tokio::test]
async fn what_arrives_otherwise_than_it_was_sent_is_refused() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let bytes = pdf(3_000);
    let id = begin(&harness, &anne, conversation, "a.pdf", bytes.len())
        .await
        .unwrap()
        .id;
    send_part(&harness, &anne, id, 0, &bytes).await.unwrap();

    let wish = FinishUpload {
        attachment: id,
        sha256: Some(sha256(b"another file")),
    };
    let refused = harness.call(&anne, wish).await;

    let damaged = Err(ApiError::File(FileProblem::Damaged));
    assert_eq!(refused.map(drop), damaged);
    assert_eq!(
        finish(&harness, &anne, id).await.map(drop),
        damaged,
        "and stays so"
    );
    assert_eq!(n_objects(&harness), 0, "nothing of it is kept");
}

#[tokio::test]
async fn att_06_a_last_part_that_is_damaged_is_asked_for_again() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let bytes = pdf(1_200_000);
    let id = begin(&harness, &anne, conversation, "a.pdf", bytes.len())
        .await
        .unwrap()
        .id;
    send_part(&harness, &anne, id, 0, &bytes[..1_100_000])
        .await
        .unwrap();
    let shelf = harness
        .database()
        .folder()
        .join(format!("files/{conversation}/{id}"));
    let mut sealed = std::fs::read(shelf.join("r2")).unwrap();
    sealed[40] ^= 1;
    std::fs::write(shelf.join("r2"), sealed).unwrap();

    let refused = send_part(&harness, &anne, id, 1_100_000, &bytes[1_100_000..]).await;

    assert_eq!(refused, Err(ApiError::File(FileProblem::WrongOffset)));
    let upload = refusal(find_upload(&harness.context, &anne.caller, id).await).unwrap();
    assert_eq!(upload.offset, 1_048_576, "from the part's beginning");
    send_part(&harness, &anne, id, 1_048_576, &bytes[1_048_576..])
        .await
        .unwrap();
    assert_eq!(finish(&harness, &anne, id).await.unwrap().sha256, sha256(&bytes));
}

#[tokio::test]
async fn a_file_that_is_given_up_leaves_nothing() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let id = begin(&harness, &anne, conversation, "a.pdf", 5_000)
        .await
        .unwrap()
        .id;
    send_part(&harness, &anne, id, 0, &pdf(4_000)).await.unwrap();
    let discard = DiscardUpload { attachment: id };
    assert_eq!(
        harness.call(&luc, discard.clone()).await.map(drop),
        Err(ApiError::NotFound)
    );
    assert_eq!(n_objects(&harness), 1);

    harness.call(&anne, discard.clone()).await.unwrap();

    assert_eq!(
        (n_objects(&harness), harness.snapshot().n_rows("attachments")),
        (0, 0)
    );
    assert_eq!(
        harness.call(&anne, discard).await.map(drop),
        Err(ApiError::NotFound)
    );
}
