//! Exporting: the own conversation, whole, by whoever takes part in it and nobody else, and never without a trace.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set ends its test")]

#[path = "../harness/mod.rs"]
mod harness;

#[expect(dead_code, reason = "the proofs draw fractions as well")]
#[path = "../proof/chance.rs"]
mod chance;

mod complete;
mod doors;
mod held;
mod hostile;
mod idle;
mod lost;
mod names;
mod page;
mod pieces;
mod rights;
mod told;
mod unzip;

use app::accounts::{ConfirmIdentity, Secret};
use app::api::{ApiError, AttachmentId, ConversationId};
use app::attachments::{Attachment, BeginUpload, FileName, FinishUpload};
use app::conversations::{ExportConversation, ExportFormat, Message, MessageBody, SendMessage};
use bytes::Bytes;
use futures::{TryStreamExt, stream};
use harness::{Account, Harness, PASSWORD};
use server::attachments::receive;
use server::conversations::{Export, export_conversation};
use server::error::{Error, Result};
use unzip::unzip;

/// What is asked for: times are those of Toronto.
fn wish(conversation: ConversationId, format: ExportFormat) -> ExportConversation {
    ExportConversation {
        conversation,
        format,
        zone: Some("America/Toronto".to_owned()),
    }
}

/// Proves who is there.
async fn confirm(harness: &Harness, account: &Account) {
    let wish = ConfirmIdentity {
        password: Secret(PASSWORD.to_owned()),
        code: None,
    };
    harness.call(account, wish).await.unwrap();
}

/// Begins an export.
async fn begin(
    harness: &Harness,
    account: &Account,
    conversation: ConversationId,
    format: ExportFormat,
) -> Result<Export> {
    let caller = account.caller.clone();
    export_conversation(harness.context.clone(), caller, wish(conversation, format)).await
}

/// The refusal with which no export begins.
async fn refusal(harness: &Harness, account: &Account, conversation: ConversationId) -> ApiError {
    match begin(harness, account, conversation, ExportFormat::Json).await {
        Err(Error::Refused(refusal)) => refusal,
        Err(failure) => panic!("{}", failure.chain()),
        Ok(_) => panic!("it began"),
    }
}

/// A whole export, unpacked.
async fn export(
    harness: &Harness,
    account: &Account,
    conversation: ConversationId,
    format: ExportFormat,
) -> Vec<(String, Vec<u8>)> {
    let export = begin(harness, account, conversation, format).await.unwrap();
    let pieces: Vec<Vec<u8>> = export.pieces.try_collect().await.unwrap();
    unzip(&pieces.concat(), 0)
}

/// A part of an export, by its name.
fn part<'p>(parts: &'p [(String, Vec<u8>)], name: &str) -> &'p [u8] {
    let found = parts.iter().find(|(called, _)| called == name);
    &found.unwrap_or_else(|| panic!("there is no `{name}`")).1
}

/// A text of an export.
fn text<'p>(parts: &'p [(String, Vec<u8>)], name: &str) -> &'p str {
    std::str::from_utf8(part(parts, name)).unwrap()
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

/// A file, ready to be sent.
async fn upload(
    harness: &Harness,
    account: &Account,
    conversation: ConversationId,
    name: &str,
    bytes: &[u8],
) -> Attachment {
    let wish = BeginUpload {
        conversation,
        key: harness.key(),
        name: FileName::from_store(name.to_owned()),
        size: bytes.len() as u64,
        description: None,
    };
    let attachment = harness.call(account, wish).await.unwrap().upload.id;
    let pieces: Vec<_> = bytes
        .chunks(64_000)
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    receive(
        &harness.context,
        &account.caller,
        attachment,
        0,
        stream::iter(pieces),
    )
    .await
    .unwrap();
    let wish = FinishUpload {
        attachment,
        sha256: None,
    };
    harness.call(account, wish).await.unwrap().attachment
}

/// Sends a message with files.
async fn send(
    harness: &Harness,
    author: &Account,
    conversation: ConversationId,
    text: &str,
    files: &[AttachmentId],
) -> Message {
    let wish = SendMessage {
        conversation,
        key: harness.key(),
        body: MessageBody::from_store(text.to_owned()),
        clears_draft: false,
        attachments: files.to_vec(),
        reply_to: None,
    };
    harness.call(author, wish).await.unwrap().message
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
