//! Uploads over a line that is cut at random bytes: each goes on where the server says, arrives whole, and leaves nothing else.

use std::sync::atomic::{AtomicU64, Ordering};

use app::api::{AttachmentId, ConversationId};
use app::attachments::{BeginUpload, FileName, FinishUpload};
use app::conversations::{MessageBody, SendMessage};
use bytes::Bytes;
use futures::{TryStreamExt, stream};
use server::attachments::{Content, hand_out, receive, sweep};

use crate::chance::Chance;
use crate::harness::{Account, Friends, Harness};
use crate::tally::Tally;

/// What is done wrong on purpose, for the proof to catch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Planted {
    /// Nothing.
    Nothing,
    /// Parts vanish after they were acknowledged.
    LosesParts,
}

/// Uploads until so many cuts have happened, from a seed on. A file that is not what was sent counts as lost, an object that
/// belongs to no file as broken.
pub(crate) async fn run(
    harness: &Harness,
    n_cuts: u64,
    planted: Planted,
    seed: u64,
    done: &AtomicU64,
) -> Tally {
    let mut chance = Chance::new(seed);
    let Friends {
        anne,
        luc,
        conversation,
    } = harness.two_friends().await;
    let folder = harness.database().folder().join("files");
    let mut tally = Tally::default();
    let mut n_parts = count(&folder);
    while tally.trials < n_cuts {
        let bytes = file(&mut chance);
        let line = Line {
            harness,
            sender: &anne,
            conversation,
            planted,
            // Some are given up in the middle: nothing of them may stay either.
            is_given_up: chance.percent(15),
        };
        let sent = line.send(&bytes, &mut chance, &mut tally).await;
        match sent {
            None if line.is_given_up => {}
            Some(id) if line.arrives(&luc, id, &bytes).await => {
                tally.acknowledged += 1;
                n_parts += bytes.len().div_ceil(512 * 1024);
            }
            _ => tally.lost += 1,
        }
        done.store(tally.trials, Ordering::Relaxed);
    }
    harness.clock.advance_ms(25 * 3_600_000);
    let is_swept = sweep(&harness.context).await.is_ok();
    tally.broken += u64::from(!is_swept) + count(&folder).abs_diff(n_parts) as u64;
    tally
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

/// A line that is cut again and again.
struct Line<'h> {
    harness: &'h Harness,
    sender: &'h Account,
    conversation: ConversationId,
    planted: Planted,
    is_given_up: bool,
}

impl Line<'_> {
    /// Sends a file over a line that is cut; answers its id once it is finished.
    async fn send(&self, bytes: &[u8], chance: &mut Chance, tally: &mut Tally) -> Option<AttachmentId> {
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
                return self
                    .harness
                    .call(self.sender, finish)
                    .await
                    .ok()
                    .map(|found| found.attachment.id);
            }
            let n_passing = if chance.percent(60) {
                tally.trials += 1;
                chance.index(bytes.len() - offset)
            } else {
                bytes.len() - offset
            };
            if n_passing < bytes.len() - offset && self.is_given_up && chance.percent(50) {
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
            let received = receive(
                &self.harness.context,
                &self.sender.caller,
                upload.id,
                upload.offset,
                line,
            )
            .await;
            // The answer is lost with the line, half of the time: nobody looks at it.
            let _ = received;
            if self.planted == Planted::LosesParts {
                let folder = self.harness.database().folder().join("files");
                let place = folder
                    .join(self.conversation.to_string())
                    .join(upload.id.to_string());
                let _ = std::fs::remove_file(place.join("r0"));
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
            reply_to: None,
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
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    entries
        .flatten()
        .map(|entry| {
            if entry.path().is_dir() {
                count(&entry.path())
            } else {
                1
            }
        })
        .sum()
}
