//! Files and the messages that carry them: whole or not at all, once, in order, and as closed to others as the words.

use app::api::{ApiError, AttachmentId, EventKind};
use app::attachments::{DescribeAttachment, DiscardUpload, FileProblem, GetAttachment};
use app::conversations::{ListConversations, MessageBody, ReadTimeline, SendMessage};
use app::friendships::CloseChannel;
use server::attachments::Content;
use server::conversations::erase_conversation;

use super::{begin, n_objects, pdf, read, send, send_part, sha256, upload};
use crate::harness::{Account, Friends, Harness, unknown_id};

fn newest(conversation: app::api::ConversationId) -> ReadTimeline {
    ReadTimeline {
        conversation,
        before: None,
        after: None,
        around: None,
        limit: None,
    }
}

#[tokio::test]
async fn a11_a_message_carries_several_files_in_their_order() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let mut files = Vec::new();
    for name in ["c.pdf", "a.pdf", "b.txt"] {
        let bytes = if name == "b.txt" {
            b"INR 2,4".to_vec()
        } else {
            pdf(1_000 + name.len())
        };
        files.push(upload(&harness, &anne, conversation, name, &bytes).await.unwrap());
    }
    let ids: Vec<AttachmentId> = files.iter().map(|file| file.id).collect();
    harness.send(&luc, conversation, "Avant").await.unwrap();
    let cursor = harness.cursor(&luc).await;

    let sent = send(&harness, &anne, conversation, "Voici :", &ids)
        .await
        .unwrap();
    let alone = {
        let file = upload(&harness, &anne, conversation, "d.pdf", &pdf(10))
            .await
            .unwrap();
        send(&harness, &anne, conversation, "  ", &[file.id])
            .await
            .unwrap()
    };
    harness.send(&luc, conversation, "Merci").await.unwrap();

    assert_eq!((sent.position, alone.position), (2, 3));
    assert_eq!(sent.attachments.list(), files);
    assert_eq!(alone.body.as_str(), "");
    assert!(!alone.is_withheld());
    for reader in [&anne, &luc] {
        let page = harness.call(reader, newest(conversation)).await.unwrap().messages;
        let shown: Vec<_> = page.iter().map(|message| message.attachments.list()).collect();
        assert_eq!(
            shown,
            [Vec::new(), files.clone(), alone.attachments.list(), Vec::new()]
        );
        for (file, length) in files.iter().zip([1_005, 1_005]) {
            assert_eq!(
                read(&harness, reader, file.id, Content::Whole)
                    .await
                    .unwrap()
                    .len(),
                length
            );
        }
    }
    let told: Vec<_> = harness
        .events_after(&luc, cursor)
        .await
        .into_iter()
        .filter_map(|event| match event.kind {
            EventKind::MessageSent { message, .. } => Some(message.attachments.list().len()),
            _ => None,
        })
        .collect();
    assert_eq!(told, [3, 1, 0]);
}

#[tokio::test]
async fn the_list_shows_the_files_of_a_last_message() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let file = upload(&harness, &anne, conversation, "ecg.pdf", &pdf(10))
        .await
        .unwrap();
    send(&harness, &anne, conversation, "", &[file.id]).await.unwrap();

    let listed = harness.call(&luc, ListConversations::default()).await.unwrap();

    let last = listed.conversations[0].last_message.clone().unwrap();
    assert_eq!(last.attachments.list(), [file]);
}

#[tokio::test]
async fn the_same_message_with_files_is_sent_once() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let one = upload(&harness, &anne, conversation, "1.pdf", &pdf(11))
        .await
        .unwrap();
    let other = upload(&harness, &anne, conversation, "2.pdf", &pdf(12))
        .await
        .unwrap();
    let wish = SendMessage {
        conversation,
        key: harness.key(),
        body: MessageBody::from_store(String::new()),
        clears_draft: false,
        attachments: vec![one.id],
        reply_to: None,
    };
    let first = harness.call(&anne, wish.clone()).await.unwrap();
    harness
        .call(&luc, CloseChannel { account: anne.id })
        .await
        .unwrap();

    assert_eq!(
        harness.call(&anne, wish.clone()).await.unwrap(),
        first,
        "whatever has happened since"
    );
    for attachments in [vec![other.id], vec![], vec![one.id, other.id]] {
        let other = SendMessage {
            attachments,
            body: MessageBody::from_store("x".to_owned()),
            ..wish.clone()
        };
        assert_eq!(harness.call(&anne, other).await, Err(ApiError::KeyReused));
    }
    let page = harness.call(&luc, newest(conversation)).await.unwrap();
    assert_eq!(page.messages.len(), 1);
}

/// Source: brief bad input, "the rest of the message stays": nothing is half sent.
#[tokio::test]
async fn only_finished_files_of_ones_own_are_sent_and_each_once() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let marc = harness.account("Marc Côté").await;
    let elsewhere = harness.befriend(&anne, &marc).await;
    let mine = upload(&harness, &anne, conversation, "a.pdf", &pdf(20))
        .await
        .unwrap()
        .id;
    let theirs = upload(&harness, &luc, conversation, "b.pdf", &pdf(21))
        .await
        .unwrap()
        .id;
    let of_other = upload(&harness, &anne, elsewhere, "c.pdf", &pdf(22))
        .await
        .unwrap()
        .id;
    let unfinished = begin(&harness, &anne, conversation, "d.pdf", 23)
        .await
        .unwrap()
        .id;
    send_part(&harness, &anne, unfinished, 0, &pdf(23)).await.unwrap();
    let refused = begin(&harness, &anne, conversation, "e.pdf", 4).await.unwrap().id;
    send_part(&harness, &anne, refused, 0, b"nope").await.unwrap();
    let why = super::finish(&harness, &anne, refused).await;
    assert_eq!(why, Err(ApiError::File(FileProblem::Misnamed)));
    let many: Vec<AttachmentId> = (0..11).map(|n| AttachmentId(uuid::Uuid::from_u128(n))).collect();
    let unknown = AttachmentId(unknown_id());

    for (files, refusal) in [
        (vec![mine, theirs], ApiError::NotFound),
        (vec![mine, of_other], ApiError::NotFound),
        (vec![mine, unknown], ApiError::NotFound),
        (vec![mine, unfinished], ApiError::File(FileProblem::Unfinished)),
        (vec![mine, refused], ApiError::File(FileProblem::Misnamed)),
        (vec![mine, mine], ApiError::Malformed),
        (many, ApiError::File(FileProblem::TooMany)),
    ] {
        assert_eq!(
            send(&harness, &anne, conversation, "Voici", &files).await,
            Err(refusal)
        );
    }
    assert_eq!(harness.snapshot().n_rows("messages"), 0);
    send(&harness, &anne, conversation, "Voici", &[mine])
        .await
        .unwrap();
    assert_eq!(
        send(&harness, &anne, conversation, "Encore", &[mine]).await,
        Err(ApiError::NotFound)
    );
    let discard = DiscardUpload { attachment: mine };
    assert_eq!(
        harness.call(&anne, discard).await.map(drop),
        Err(ApiError::NotFound),
        "it was sent"
    );
}

#[tokio::test]
async fn a_picture_is_described_until_it_is_sent() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let id = upload(&harness, &anne, conversation, "a.pdf", &pdf(30))
        .await
        .unwrap()
        .id;
    let describe = async |account: &Account, description: &str| {
        let wish = DescribeAttachment {
            attachment: id,
            description: description.to_owned(),
        };
        harness
            .call(account, wish)
            .await
            .map(|found| found.attachment.description)
    };

    assert_eq!(describe(&luc, "x").await, Err(ApiError::NotFound));
    assert_eq!(
        describe(&anne, " Plaie du talon, vue de face ").await,
        Ok(Some("Plaie du talon, vue de face".to_owned()))
    );
    assert!(describe(&anne, &"é".repeat(1_001)).await.is_err());
    let sent = send(&harness, &anne, conversation, "", &[id]).await.unwrap();

    let shown = sent.attachments.list().remove(0);
    assert_eq!(shown.description.as_deref(), Some("Plaie du talon, vue de face"));
    assert_eq!(shown.sha256, sha256(&pdf(30)));
    assert_eq!(describe(&anne, "Autre").await, Err(ApiError::NotFound));
}

/// Assurance ERA-01: files go with the words, and so do their bytes.
#[tokio::test]
async fn era_01_an_erased_conversation_leaves_no_file() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let marc = harness.account("Marc Côté").await;
    let elsewhere = harness.befriend(&anne, &marc).await;
    let kept = upload(&harness, &anne, elsewhere, "k.pdf", &pdf(40))
        .await
        .unwrap();
    send(&harness, &anne, elsewhere, "", &[kept.id]).await.unwrap();
    let sent = upload(&harness, &anne, conversation, "s.pdf", &pdf(700_000))
        .await
        .unwrap();
    let wish = SendMessage {
        conversation,
        key: harness.key(),
        body: MessageBody::from_store("Voici".to_owned()),
        clears_draft: false,
        attachments: vec![sent.id],
        reply_to: None,
    };
    let message = harness.call(&anne, wish.clone()).await.unwrap().message;
    upload(&harness, &luc, conversation, "unsent.pdf", &pdf(41))
        .await
        .unwrap();
    assert_eq!(n_objects(&harness), 4);

    erase_conversation(&harness.context, None, conversation)
        .await
        .unwrap();

    assert_eq!(n_objects(&harness), 1);
    assert_eq!(harness.snapshot().n_rows("attachments"), 1);
    let page = harness.call(&luc, newest(conversation)).await.unwrap();
    assert!(page.messages[0].is_withheld());
    let wish_file = GetAttachment { attachment: sent.id };
    assert_eq!(
        harness.call(&anne, wish_file).await.map(drop),
        Err(ApiError::NotFound)
    );
    assert_eq!(
        read(&harness, &luc, sent.id, Content::Whole).await,
        Err(ApiError::NotFound)
    );
    let again = harness.call(&anne, wish).await.unwrap().message;
    assert_eq!(
        (again.id, again.position),
        (message.id, message.position),
        "its key still stands for it"
    );
    assert_eq!(
        read(&harness, &marc, kept.id, Content::Whole).await.unwrap(),
        pdf(40)
    );
    let next = upload(&harness, &luc, conversation, "n.pdf", &pdf(42))
        .await
        .unwrap();
    assert!(
        send(&harness, &luc, conversation, "", &[next.id]).await.is_ok(),
        "under another key"
    );
}

/// Assurance ENC-02: a part opens in its own place alone.
#[tokio::test]
async fn enc_02_a_part_moved_to_another_place_is_never_handed_out() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let marc = harness.account("Marc Côté").await;
    let elsewhere = harness.befriend(&anne, &marc).await;
    let bytes = pdf(1_100_000);
    let mut shelves = Vec::new();
    for (place, name) in [
        (conversation, "a.pdf"),
        (conversation, "b.pdf"),
        (elsewhere, "c.pdf"),
    ] {
        let file = upload(&harness, &anne, place, name, &bytes).await.unwrap();
        send(&harness, &anne, place, "", &[file.id]).await.unwrap();
        let shelf = harness
            .database()
            .folder()
            .join(format!("files/{place}/{}", file.id));
        shelves.push((file.id, shelf));
    }
    let damaged = Err(ApiError::File(FileProblem::Damaged));
    let (first, shelf) = &shelves[0];
    let whole: Vec<Vec<u8>> = (0..3)
        .map(|n| std::fs::read(shelf.join(format!("r{n}"))).unwrap())
        .collect();
    assert_eq!(read(&harness, &luc, *first, Content::Whole).await.unwrap(), bytes);

    for (number, stranger) in [
        (0, whole[1].clone()),
        (1, whole[0].clone()),
        (1, whole[2].clone()),
        (0, std::fs::read(shelves[1].1.join("r0")).unwrap()),
        (0, std::fs::read(shelves[2].1.join("r0")).unwrap()),
        (2, std::fs::read(shelves[1].1.join("r2")).unwrap()),
        (2, Vec::new()),
        (0, whole[0][..whole[0].len() - 1].to_vec()),
    ] {
        std::fs::write(shelf.join(format!("r{number}")), stranger).unwrap();
        assert_eq!(
            read(&harness, &luc, *first, Content::Whole).await,
            damaged,
            "part {number}"
        );
        std::fs::write(shelf.join(format!("r{number}")), &whole[number]).unwrap();
    }
    std::fs::remove_file(shelf.join("r2")).unwrap();
    assert_eq!(
        read(&harness, &luc, *first, Content::Whole).await,
        damaged,
        "cut short"
    );
}
