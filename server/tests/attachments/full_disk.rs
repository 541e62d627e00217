//! A disk without room: the file is told to wait, the rest goes on, and the file too once there is room.

use std::path::PathBuf;

use app::api::ApiError;
use app::attachments::FileProblem;
use server::attachments::{Content, Files, find_upload};
use server::objects::Objects;

use super::mount::{Mount, fill};
use super::{begin, finish, pdf, read, refusal, send, send_part, sha256};
use crate::harness::{Friends, Harness};

/// Assurance ATT-06.
#[tokio::test]
async fn att_06_on_a_full_disk_a_file_waits_and_goes_on_once_there_is_room() {
    let Some(mount) = Mount::new("8m", "a full disk (ATT-06)") else {
        return;
    };
    let mut harness = Harness::new();
    let objects = Objects::in_folder(&mount.path().join("files")).unwrap();
    harness.context.files = Files::new(objects, PathBuf::from(env!("CARGO_BIN_EXE_pli")));
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let bytes = pdf(3_000_000);
    let id = begin(&harness, &anne, conversation, "a.pdf", bytes.len())
        .await
        .unwrap()
        .id;
    send_part(&harness, &anne, id, 0, &bytes[..1_048_576])
        .await
        .unwrap();
    let ballast = mount.path().join("ballast");
    fill(&ballast);

    let refused = send_part(&harness, &anne, id, 1_048_576, &bytes[1_048_576..]).await;

    assert_eq!(refused, Err(ApiError::File(FileProblem::NoRoom)));
    let stands = refusal(find_upload(&harness.context, &anne.caller, id).await).unwrap();
    assert_eq!(stands.offset, 1_048_576, "what was acknowledged is there");
    send(&harness, &anne, conversation, "Le fichier suit.", &[])
        .await
        .unwrap();
    std::fs::remove_file(&ballast).unwrap();
    send_part(&harness, &anne, id, 1_048_576, &bytes[1_048_576..])
        .await
        .unwrap();
    let whole = finish(&harness, &anne, id).await.unwrap();
    assert_eq!(whole.sha256, sha256(&bytes));
    send(&harness, &anne, conversation, "", &[id]).await.unwrap();
    assert!(read(&harness, &luc, id, Content::Whole).await.unwrap() == bytes);
}
