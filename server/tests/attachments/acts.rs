//! What is done with a message that carries files: deleted, changed, answered, forwarded, found.

use app::api::{ApiError, ConversationId};
use app::attachments::{DescribeAttachment, FileProblem, GetAttachment, GetLimits};
use app::conversations::{
    DeleteMessage, EditMessage, ForwardMessage, ListVersions, Message, MessageBody, ReadTimeline,
    SearchMessages, SendMessage, Sought,
};
use app::friendships::CloseChannel;
use server::attachments::{Content, sweep};
use server::conversations::{erase_conversation, index_words};

use super::{n_objects, pdf, read, samples, send, sha256, upload};
use crate::harness::{Account, Friends, Harness, body};

async fn edit(harness: &Harness, who: &Account, message: &Message, text: &str) -> Result<Message, ApiError> {
    let wish = EditMessage {
        message: message.id,
        key: harness.key(),
        body: MessageBody::from_store(text.to_owned()),
    };
    Ok(harness.call(who, wish).await?.message)
}

async fn newest(harness: &Harness, who: &Account, conversation: ConversationId) -> Message {
    let wish = ReadTimeline {
        conversation,
        before: None,
        after: None,
        around: None,
        limit: None,
    };
    let mut page = harness.call(who, wish).await.unwrap();
    page.messages.pop().unwrap()
}

/// How many messages answer.
async fn n_found(harness: &Harness, who: &Account, text: &str) -> usize {
    let wish = SearchMessages {
        text: Sought(text.to_owned()),
        ..SearchMessages::default()
    };
    harness.call(who, wish).await.unwrap().hits.len()
}

async fn used_bytes(harness: &Harness, who: &Account) -> u64 {
    harness.call(who, GetLimits {}).await.unwrap().used_bytes
}

#[tokio::test]
async fn a_deleted_message_takes_its_files_along() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let gone = upload(&harness, &anne, conversation, "a.png", &samples::png(30, 30))
        .await
        .unwrap();
    let stays = upload(&harness, &anne, conversation, "b.pdf", &pdf(600_000))
        .await
        .unwrap();
    let message = send(&harness, &anne, conversation, "Voici", &[gone.id])
        .await
        .unwrap();
    send(&harness, &anne, conversation, "", &[stays.id])
        .await
        .unwrap();
    assert_eq!(n_objects(&harness), 2 + 2);
    let wish = DeleteMessage { message: message.id };
    assert_eq!(
        harness.call(&luc, wish.clone()).await,
        Err(ApiError::NotFound),
        "it is not his to delete"
    );
    assert!(read(&harness, &luc, gone.id, Content::Whole).await.is_ok());

    let deleted = harness.call(&anne, wish.clone()).await.unwrap().message;

    assert!(deleted.deleted_at.is_some() && deleted.attachments.is_empty());
    assert_eq!(
        (n_objects(&harness), harness.snapshot().n_rows("attachments")),
        (2, 1),
        "its bytes are gone with its rows, and nothing else"
    );
    assert_eq!(used_bytes(&harness, &anne).await, 600_000);
    for reader in [&anne, &luc] {
        for content in [Content::Whole, Content::Thumbnail] {
            assert_eq!(
                read(&harness, reader, gone.id, content).await,
                Err(ApiError::NotFound)
            );
        }
        let wish = GetAttachment { attachment: gone.id };
        assert_eq!(harness.call(reader, wish).await, Err(ApiError::NotFound));
    }
    assert_eq!(
        read(&harness, &luc, stays.id, Content::Whole).await.unwrap(),
        pdf(600_000)
    );
    assert_eq!(harness.call(&anne, wish).await.unwrap().message, deleted);
}

/// The bytes that a stop between the commit and their removal has left are found by the sweep.
#[tokio::test]
async fn bytes_that_a_deletion_has_left_go_with_the_sweep() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let file = upload(&harness, &anne, conversation, "a.pdf", &pdf(900))
        .await
        .unwrap();
    let message = send(&harness, &anne, conversation, "", &[file.id]).await.unwrap();
    harness
        .context
        .db
        .write(move |tx| server::attachments::drop_carried(tx, conversation, message.position))
        .await
        .unwrap();
    assert_eq!(n_objects(&harness), 1);

    harness.clock.advance_ms(24 * 3_600_000 + 1);
    sweep(&harness.context).await.unwrap();

    assert_eq!(n_objects(&harness), 0);
}

#[tokio::test]
async fn other_words_leave_the_files_where_they_are() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let file = upload(&harness, &anne, conversation, "ecg.pdf", &pdf(900))
        .await
        .unwrap();
    let message = send(&harness, &anne, conversation, "Le trace", &[file.id])
        .await
        .unwrap();
    let plain = harness.send(&anne, conversation, "Sans rien").await.unwrap();

    let renamed = edit(&harness, &anne, &message, "Le tracé").await.unwrap();
    let bare = edit(&harness, &anne, &message, "  ").await.unwrap();

    assert_eq!(renamed.attachments.list(), std::slice::from_ref(&file));
    assert_eq!(
        (bare.body.as_str(), bare.attachments.list()),
        ("", vec![file.clone()])
    );
    assert!(!bare.is_withheld());
    assert!(
        matches!(
            edit(&harness, &anne, &plain, " ").await,
            Err(ApiError::Invalid { .. })
        ),
        "without files words are needed"
    );
    let versions = harness
        .call(&luc, ListVersions { message: message.id })
        .await
        .unwrap();
    let said: Vec<_> = versions
        .versions
        .iter()
        .map(|version| version.body.as_str())
        .collect();
    assert_eq!(said, ["Le trace", "Le tracé", ""]);
    assert_eq!(
        read(&harness, &luc, file.id, Content::Whole).await.unwrap(),
        pdf(900)
    );
    // The same change again, and another one under its key.
    let key = harness.key();
    let again = |text: &str| EditMessage {
        message: message.id,
        key,
        body: MessageBody::from_store(text.to_owned()),
    };
    let done = harness.call(&anne, again("")).await.unwrap();
    assert_eq!(harness.call(&anne, again("")).await.unwrap(), done);
    assert_eq!(harness.call(&anne, again("x")).await, Err(ApiError::KeyReused));
}

/// Sent again under its key, a message is the one that was sent, whatever it says since.
#[tokio::test]
async fn a_message_with_files_that_was_changed_is_sent_once() {
    let harness = Harness::new();
    let Friends {
        anne, conversation, ..
    } = harness.two_friends().await;
    let file = upload(&harness, &anne, conversation, "ecg.pdf", &pdf(900))
        .await
        .unwrap();
    let wish = SendMessage {
        conversation,
        key: harness.key(),
        reply_to: None,
        body: MessageBody::from_store(String::new()),
        clears_draft: false,
        attachments: vec![file.id],
    };
    let sent = harness.call(&anne, wish.clone()).await.unwrap().message;
    let changed = edit(&harness, &anne, &sent, "Le tracé").await.unwrap();

    assert_eq!(harness.call(&anne, wish.clone()).await.unwrap().message, changed);
    for other in [
        SendMessage {
            body: body("Le tracé"),
            ..wish.clone()
        },
        SendMessage {
            body: body("x"),
            attachments: Vec::new(),
            ..wish.clone()
        },
    ] {
        assert_eq!(harness.call(&anne, other).await, Err(ApiError::KeyReused));
    }
}

#[tokio::test]
async fn an_answer_to_files_alone_shows_which() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let file = upload(&harness, &anne, conversation, "ecg.pdf", &pdf(900))
        .await
        .unwrap();
    let original = send(&harness, &anne, conversation, "", &[file.id]).await.unwrap();
    let wish = SendMessage {
        conversation,
        key: harness.key(),
        reply_to: Some(original.id),
        body: body("Bien reçu"),
        clears_draft: false,
        attachments: Vec::new(),
    };
    harness.call(&luc, wish).await.unwrap();

    let quote = newest(&harness, &anne, conversation)
        .await
        .marks
        .read()
        .reply_to
        .unwrap();
    assert_eq!(quote.attachments.list(), [file]);
    let wish = DeleteMessage { message: original.id };
    harness.call(&anne, wish).await.unwrap();

    let quote = newest(&harness, &luc, conversation)
        .await
        .marks
        .read()
        .reply_to
        .unwrap();
    assert!(quote.is_deleted && quote.attachments.is_empty());
}

#[tokio::test]
async fn files_are_found_by_their_names_and_by_what_they_show() {
    let harness = Harness::new();
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let marc = harness.account("Marc Côté").await;
    let file = upload(
        &harness,
        &anne,
        conversation,
        "Électro_2026-11.png",
        &samples::png(30, 30),
    )
    .await
    .unwrap();
    let wish = DescribeAttachment {
        attachment: file.id,
        description: "Sus-décalage en V3".to_owned(),
    };
    harness.call(&anne, wish).await.unwrap();
    let message = send(&harness, &anne, conversation, "À regarder", &[file.id])
        .await
        .unwrap();

    // Before it is laid out, and afterwards.
    for _ in 0..2 {
        for text in ["electro", "sus-décalage", "regarder electro"] {
            assert_eq!(n_found(&harness, &luc, text).await, 1, "{text}");
        }
        assert_eq!(n_found(&harness, &marc, "electro").await, 0);
        index_words(&harness.context, conversation).await.unwrap();
    }
    let wish = SearchMessages {
        text: Sought("electro".to_owned()),
        ..SearchMessages::default()
    };
    let hit = harness.call(&luc, wish).await.unwrap().hits.remove(0);
    let found: Vec<_> = hit.excerpt.iter().filter(|part| part.is_match).collect();
    assert_eq!(found[0].text, "Électro");
    let wish = DeleteMessage { message: message.id };
    harness.call(&anne, wish).await.unwrap();

    for _ in 0..2 {
        assert_eq!(n_found(&harness, &luc, "electro").await, 0);
        index_words(&harness.context, conversation).await.unwrap();
    }
}

/// Anne and Luc, and Marc, to whom Anne forwards.
struct Three {
    harness: Harness,
    friends: Friends,
    marc: Account,
    elsewhere: ConversationId,
}

async fn three() -> Three {
    let harness = Harness::new();
    let friends = harness.two_friends().await;
    let marc = harness.account("Marc Côté").await;
    let elsewhere = harness.befriend(&friends.anne, &marc).await;
    Three {
        harness,
        friends,
        marc,
        elsewhere,
    }
}

impl Three {
    /// A message of Luc's with a picture and a file of several parts.
    async fn message(&self) -> Message {
        let Friends {
            luc, conversation, ..
        } = &self.friends;
        let mut files = Vec::new();
        for (name, bytes) in [
            ("plaie.png", samples::png(900, 700)),
            ("lettre.pdf", pdf(1_200_000)),
        ] {
            files.push(
                upload(&self.harness, luc, *conversation, name, &bytes)
                    .await
                    .unwrap()
                    .id,
            );
        }
        let wish = DescribeAttachment {
            attachment: files[0],
            description: "Une plaie".to_owned(),
        };
        self.harness.call(luc, wish).await.unwrap();
        send(&self.harness, luc, *conversation, "", &files).await.unwrap()
    }

    /// Anne may not forward it, and nothing of it is left.
    async fn refuses(&self, wish: &ForwardMessage, error: ApiError) {
        let (harness, anne) = (&self.harness, &self.friends.anne);
        assert_eq!(harness.call(anne, wish.clone()).await, Err(error));
        assert_eq!(used_bytes(harness, anne).await, 0);
        assert_eq!(harness.snapshot().n_rows("attachments"), 2);
        assert_eq!(harness.snapshot().n_rows("messages"), 1);
    }

    fn forwarding(&self, message: &Message) -> ForwardMessage {
        ForwardMessage {
            message: message.id,
            conversation: self.elsewhere,
            key: self.harness.key(),
        }
    }
}

#[tokio::test]
async fn a_forwarded_message_takes_copies_of_its_files_along() {
    let three = three().await;
    let Three {
        harness,
        friends: Friends {
            anne,
            luc,
            conversation,
        },
        marc,
        elsewhere,
    } = &three;
    let original = three.message().await;
    let originals = original.attachments.list();
    let n_before = n_objects(harness);
    let wish = three.forwarding(&original);

    let forwarded = harness.call(anne, wish.clone()).await.unwrap().message;

    assert!(forwarded.marks.read().is_forwarded);
    let seen = newest(harness, marc, *elsewhere).await;
    let copies = seen.attachments.list();
    assert_eq!(copies, forwarded.attachments.list());
    assert_eq!(copies.len(), 2);
    for (copy, original) in copies.iter().zip(&originals) {
        assert_ne!(copy.id, original.id);
        let as_original = app::attachments::Attachment {
            id: original.id,
            ..copy.clone()
        };
        assert_eq!(as_original, *original, "but for its id it is the same");
        let bytes = read(harness, marc, copy.id, Content::Whole).await.unwrap();
        assert_eq!(sha256(&bytes), original.sha256);
        assert_eq!(
            read(harness, luc, copy.id, Content::Whole).await,
            Err(ApiError::NotFound),
            "whoever wrote it learns nothing"
        );
        assert_eq!(
            read(harness, marc, original.id, Content::Whole).await,
            Err(ApiError::NotFound)
        );
    }
    let small = read(harness, marc, copies[0].id, Content::Thumbnail)
        .await
        .unwrap();
    assert_eq!(
        small,
        read(harness, luc, originals[0].id, Content::Thumbnail)
            .await
            .unwrap()
    );
    assert_eq!(used_bytes(harness, anne).await, used_bytes(harness, luc).await);
    assert_eq!(n_objects(harness), 2 * n_before);

    // The same again is the same: no file comes a second time.
    assert_eq!(harness.call(anne, wish).await.unwrap().message, forwarded);
    assert_eq!(
        (n_objects(harness), harness.snapshot().n_rows("attachments")),
        (2 * n_before, 4)
    );

    // What becomes of the original is its own.
    let wish = DeleteMessage { message: original.id };
    harness.call(luc, wish).await.unwrap();
    erase_conversation(&harness.context, None, *conversation)
        .await
        .unwrap();
    let bytes = read(harness, marc, copies[1].id, Content::Whole).await.unwrap();
    assert_eq!(bytes, pdf(1_200_000));
}

#[tokio::test]
async fn what_cannot_be_forwarded_leaves_nothing_behind() {
    let mut three = three().await;
    let original = three.message().await;
    let wish = three.forwarding(&original);
    let n_before = n_objects(&three.harness);

    // There is room for all of them but the last byte.
    let usual = three.harness.context.files.quota_bytes;
    let needed = used_bytes(&three.harness, &three.friends.luc).await;
    three.harness.context.files.quota_bytes = needed - 1;
    three.refuses(&wish, ApiError::File(FileProblem::OverQuota)).await;
    three.harness.context.files.quota_bytes = usual;
    assert_eq!(n_objects(&three.harness), n_before);

    // A part of the last one is lost, when the first ones are copied already.
    let files = three.harness.database().folder().join("files");
    let letter = original.attachments.list().pop().unwrap();
    let shelf = files
        .join(three.friends.conversation.to_string())
        .join(letter.id.to_string());
    std::fs::remove_file(shelf.join("r2")).unwrap();
    three.refuses(&wish, ApiError::File(FileProblem::Damaged)).await;
    assert_eq!(n_objects(&three.harness), n_before - 1);

    let close = CloseChannel {
        account: three.friends.anne.id,
    };
    three.harness.call(&three.marc, close).await.unwrap();
    three.refuses(&wish, ApiError::ChannelClosed).await;
    assert_eq!(n_objects(&three.harness), n_before - 1);
}
