//! Attachments: on their way in, looked at, carried by messages, handed out, and gone when nobody goes on with them.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set ends its test")]

#[path = "../harness/mod.rs"]
mod harness;

#[expect(dead_code, reason = "the proofs draw fractions as well")]
#[path = "../proof/chance.rs"]
mod chance;
#[path = "../proof/mount.rs"]
mod mount;
#[path = "../proof/tally.rs"]
mod tally;

mod acts;
mod carrying;
mod cuts;
mod forms;
mod full_disk;
mod handing_out;
mod hostile;
mod pictures;
mod receiving;
mod rights;
mod s3;
mod samples;
mod scanning;
mod sweeping;
mod views;
mod voices;

use app::api::{ApiError, AttachmentId, ConversationId};
use app::attachments::{Attachment, BeginUpload, FileName, FinishUpload, Upload};
use app::conversations::{Message, MessageBody, SendMessage};
use bytes::Bytes;
use futures::stream;
use harness::{Account, Harness};
use server::attachments::{Content, hand_out, receive};
use server::error::Error;

/// An upload that is announced.
async fn begin(
    harness: &Harness,
    account: &Account,
    conversation: ConversationId,
    name: &str,
    size: usize,
) -> Result<Upload, ApiError> {
    let wish = BeginUpload {
        conversation,
        key: harness.key(),
        name: FileName::from_store(name.to_owned()),
        size: size as u64,
        description: None,
    };
    harness.call(account, wish).await.map(|begun| begun.upload)
}

/// Sends bytes from an offset on, in pieces as a line brings them.
async fn send_part(
    harness: &Harness,
    account: &Account,
    id: AttachmentId,
    offset: u64,
    bytes: &[u8],
) -> Result<u64, ApiError> {
    let pieces: Vec<_> = bytes
        .chunks(16_000)
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    refusal(
        receive(
            &harness.context,
            &account.caller,
            id,
            offset,
            stream::iter(pieces),
        )
        .await,
    )
}

/// What a rule answers, or refuses; a failure ends the test.
fn refusal<T>(outcome: server::error::Result<T>) -> Result<T, ApiError> {
    outcome.map_err(|error| match error {
        Error::Refused(refusal) => refusal,
        failure @ Error::Failed { .. } => panic!("{}", failure.chain()),
    })
}

async fn finish(harness: &Harness, account: &Account, id: AttachmentId) -> Result<Attachment, ApiError> {
    let wish = FinishUpload {
        attachment: id,
        sha256: None,
    };
    harness.call(account, wish).await.map(|found| found.attachment)
}

/// A file from its announcement to its end.
async fn upload(
    harness: &Harness,
    account: &Account,
    conversation: ConversationId,
    name: &str,
    bytes: &[u8],
) -> Result<Attachment, ApiError> {
    let begun = begin(harness, account, conversation, name, bytes.len()).await?;
    send_part(harness, account, begun.id, 0, bytes).await?;
    finish(harness, account, begun.id).await
}

/// Sends a message with files.
async fn send(
    harness: &Harness,
    author: &Account,
    conversation: ConversationId,
    text: &str,
    files: &[AttachmentId],
) -> Result<Message, ApiError> {
    let wish = SendMessage {
        conversation,
        key: harness.key(),
        body: MessageBody::from_store(text.to_owned()),
        clears_draft: false,
        attachments: files.to_vec(),
        reply_to: None,
    };
    harness.call(author, wish).await.map(|sent| sent.message)
}

/// The bytes that somebody is handed.
async fn read(
    harness: &Harness,
    reader: &Account,
    id: AttachmentId,
    content: Content,
) -> Result<Vec<u8>, ApiError> {
    use futures::TryStreamExt;
    let handed = refusal(hand_out(&harness.context, &reader.caller, id, content).await)?;
    let size = handed.size;
    let pieces = refusal(handed.read(0..size).await)?;
    let pieces: Vec<Vec<u8>> = refusal(pieces.try_collect().await)?;
    Ok(pieces.concat())
}

/// Bytes that repeat nowhere, as a PDF.
fn pdf(n_bytes: usize) -> Vec<u8> {
    let mut chance = chance::Chance::new(n_bytes as u64 + 1);
    let mut bytes = b"%PDF-1.7\n".to_vec();
    while bytes.len() < n_bytes {
        bytes.extend_from_slice(&chance.below(u64::MAX).to_le_bytes());
    }
    bytes.truncate(n_bytes);
    bytes
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    use std::fmt::Write as _;
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// How many files lie in the folder of objects, at whatever depth.
fn n_objects(harness: &Harness) -> usize {
    fn count(folder: &std::path::Path) -> usize {
        let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
        entries
            .map(|entry| {
                if entry.path().is_dir() {
                    count(&entry.path())
                } else {
                    1
                }
            })
            .sum()
    }
    count(&harness.database().folder().join("files"))
}
