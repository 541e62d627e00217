//! Uploads over a line that is cut at random bytes: each goes on where the server says, arrives whole, and leaves nothing else.

use app::api::{AttachmentId, ConversationId};
use app::attachments::{BeginUpload, FileName, FinishUpload};
use app::conversations::{MessageBody, SendMessage};
use bytes::Bytes;
use futures::{TryStreamExt, stream};
use server::attachments::{Content, hand_out, receive, sweep};

use crate::chance::Chance;
use crate::harness::{Account, Friends, Harness};

/// What was seen.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) n_uploads: u64,
    pub(crate) n_cuts: u64,
    /// Files that are not what was sent, or did not arrive.
    pub(crate) n_wrong: u64,
    /// Objects that belong to no file.
    pub(crate) n_left: usize,
}

/// Uploads until so many cuts have happened, from a seed on.
pub(crate) async fn run(harness: &Harness, seed: u64, n_cuts: u64) -> Seen {
    run_on(harness, seed, n_cuts, false).await
}

/// The same, with parts that vanish after they were acknowledged.
pub(crate) async fn run_with_lost_parts(harness: &Harness, seed: u64, n_cuts: u64) -> Seen {
    run_on(harness, seed, n_cuts, true).await
}

async fn run_on(harness: &Harness, seed: u64, n_cuts: u64, loses_parts: bool) -> Seen {
    let mut chance = Chance::new(seed);
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let mut seen = Seen::default();
    let mut n_parts = 0;
    while seen.n_cuts < n_cuts {
        let bytes = file(&mut chance);
        let upload = Cut {
            harness,
            sender: &anne,
            conversation,
        };
        seen.n_uploads += 1;
        // Some are given up in the middle: nothing of them may stay either.
        let is_given_up = chance.percent(15);
        match upload.send(&bytes, &mut chance, &mut seen, is_given_up, loses_parts).await {
            None if is_given_up => {}
            Some(id) if upload.arrives(&luc, id, &bytes).await => {
                n_parts += bytes.len().div_ceil(512 * 1024);
            }
            _ => seen.n_wrong += 1,
        }
    }
    harness.clock.advance_ms(25 * 3_600_000);
    if sweep(&harness.context).await.is_err() {
        seen.n_wrong += 1;
    }
    seen.n_left = count(&harness.database().folder().join("files")).saturating_sub(n_parts);
    seen
}

/// A PDF of some length: below a part, about a part, or some parts.
fn file(chance: &mut Chance) -> Vec<u8> {
    let length = match chance.below(4) {
        0 => 1 + chance.below(2_000),
        1 => 524_288 - 2 + chance.below(5),
        2 => 1_048_576 - 2 + chance.below(5),
        _ => chance.below(1_600_000),
    };
    let mut bytes = b"%PDF-1.7\n".to_vec();
    while (bytes.len() as u64) < length {
        bytes.extend_from_slice(&chance.next().to_le_bytes());
    }
    bytes
}

struct Cut<'h> {
    harness: &'h Harness,
    sender: &'h Account,
    conversation: ConversationId,
}

impl Cut<'_> {
    /// Sends a file over a line that is cut; answers its id once it is finished.
    async fn send(
        &self,
        bytes: &[u8],
        chance: &mut Chance,
        seen: &mut Seen,
        is_given_up: bool,
        loses_parts: bool,
    ) -> Option<AttachmentId> {
        let wish = BeginUpload {
            conversation: self.conversation,
            key: self.harness.key(),
            name: FileName::from_store("ecg.pdf".to_owned()),
            size: bytes.len() as u64,
            description: None,
        };
        // A line that never lasts for a whole part would go on for ever.
        for _ in 0..60 {
            let upload = self.harness.call(self.sender, wish.clone()).await.ok()?.upload;
            let offset = usize::try_from(upload.offset).ok()?;
            if offset == bytes.len() {
                let finish = FinishUpload {
                    attachment: upload.id,
                    sha256: None,
                };
                return self.harness.call(self.sender, finish).await.ok().map(|found| found.attachment.id);
            }
            let n_passing = if chance.percent(60) {
                seen.n_cuts += 1;
                chance.index(bytes.len() - offset)
            } else {
                bytes.len() - offset
            };
            if n_passing < bytes.len() - offset && is_given_up && chance.percent(50) {
                return None;
            }
            let passing = &bytes[offset..offset + n_passing];
            let mut pieces: Vec<Result<Bytes, axum::Error>> = passing
                .chunks(1 + chance.index(60_000))
                .map(|piece| Ok(Bytes::copy_from_slice(piece)))
                .collect();
            if n_passing < bytes.len() - offset {
                pieces.push(Err(axum::Error::new("the line was cut")));
            }
            let line = stream::iter(pieces);
            let received = receive(&self.harness.context, &self.sender.caller, upload.id, upload.offset, line).await;
            // The answer is lost with the line, half of the time: nobody looks at it.
            let _ = received;
            if loses_parts {
                let folder = self.harness.database().folder().join("files");
                let shelf = folder.join(self.conversation.to_string()).join(upload.id.to_string());
                let _ = std::fs::remove_file(shelf.join("r0"));
            }
        }
        None
    }

    /// Sends it on in a message; whether the friend reads what was sent.
    async fn arrives(&self, friend: &Account, id: AttachmentId, bytes: &[u8]) -> bool {
        let wish = SendMessage {
            conversation: self.conversation,
            key: self.harness.key(),
            body: MessageBody::from_store(String::new()),
            clears_draft: false,
            attachments: vec![id],
        };
        if self.harness.call(self.sender, wish).await.is_err() {
            return false;
        }
        let Ok(handed) = hand_out(&self.harness.context, &friend.caller, id, Content::Whole).await else {
            return false;
        };
        let size = handed.size;
        let Ok(pieces) = handed.read(0..size).await else {
            return false;
        };
        let pieces: Result<Vec<Vec<u8>>, _> = pieces.try_collect().await;
        pieces.is_ok_and(|pieces| pieces.concat() == bytes)
    }
}

fn count(folder: &std::path::Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .map(|entry| if entry.path().is_dir() { count(&entry.path()) } else { 1 })
        .sum()
}
