//! Files on their way from this page: each goes by itself, part by part, as long as it takes; what is cut goes on where the
//! server has come to. A message takes its files along once all of them are there.
//!
//! Bytes are held by the page that chose them, and rest in the vault where there is one: after a reload the next page goes on
//! with them.

use std::cell::RefCell;
use std::collections::BTreeMap;

use gloo_timers::future::TimeoutFuture;
use js_sys::Uint8Array;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::awake::Awake;
use super::{
    Attachment, BeginUpload, DescribeAttachment, DiscardUpload, FileProblem, FinishUpload, KeptFile,
};
use crate::api::{ApiError, AttachmentId, Client, ConversationId, MessageKey, Part};
use crate::conversations::vault::Vault;

/// Bytes that travel together: a quarter of a second at 16 Mbit/s, and what the server keeps in one part.
const PART: u64 = 512 * 1024;
/// The first and the longest pause between two tries, in milliseconds.
const PAUSES_MS: (u32, u32) = (1_000, 30_000);
/// How often a message looks whether its files are there, in milliseconds.
const LOOK_EVERY_MS: u32 = 100;

/// How far a file has come.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Progress {
    /// Nothing is known of it yet.
    #[default]
    None,
    /// So many bytes are on the server's disk.
    Going(u64),
    /// It is tried again in a moment.
    Waiting(ApiError),
    /// It may be sent.
    Finished(AttachmentId),
    /// It is refused.
    Failed(ApiError),
}

/// A file that this page has to do with.
#[derive(Clone)]
struct Going {
    progress: ArcRwSignal<Progress>,
    bytes: Option<Blob>,
    /// This page alone has its bytes.
    is_restless: bool,
    preview: Option<String>,
    is_running: bool,
    is_given_up: bool,
}

thread_local! {
    static ALL: RefCell<BTreeMap<MessageKey, Going>> = const { RefCell::new(BTreeMap::new()) };
}

fn with<T>(key: MessageKey, work: impl FnOnce(&mut Going) -> T) -> T {
    ALL.with_borrow_mut(|all| {
        let entry = all.entry(key).or_insert_with(|| Going {
            progress: ArcRwSignal::new(Progress::None),
            bytes: None,
            is_restless: false,
            preview: None,
            is_running: false,
            is_given_up: false,
        });
        work(entry)
    })
}

/// How far a file has come; a view that reads it follows.
pub fn progress_of(key: MessageKey) -> ArcRwSignal<Progress> {
    with(key, |going| going.progress.clone())
}

/// Where the page finds the picture itself, as long as it has its bytes.
pub fn preview_url(key: MessageKey) -> Option<String> {
    with(key, |going| {
        if going.preview.is_none() {
            let bytes = going.bytes.as_ref()?;
            going.preview = web_sys::Url::create_object_url_with_blob(bytes).ok();
        }
        going.preview.clone()
    })
}

/// Holds the bytes of a file that was chosen in this page: it may go from now on.
pub fn hold(file: &KeptFile, bytes: &Blob) {
    with(file.key, |going| {
        going.bytes = Some(bytes.clone());
        going.is_restless = true;
    });
}

/// Lets the bytes of a file rest in the vault. What is refused there stays in the page alone.
pub(super) async fn rest(vault: Vault, key: MessageKey, bytes: Blob) {
    if let Some(device) = vault.device()
        && device
            .ask_with("keepFile", &bytes, &key.to_string())
            .await
            .is_ok()
    {
        with(key, |going| going.is_restless = false);
    }
}

/// Whether a page that comes after this one would find the bytes of a file.
pub(super) fn rests(key: MessageKey) -> bool {
    ALL.with_borrow(|all| all.get(&key).is_none_or(|going| !going.is_restless))
}

/// The bytes of a file: of this page, or from the vault.
pub(super) async fn bytes_of(vault: Vault, key: MessageKey) -> Option<Blob> {
    if let Some(bytes) = with(key, |going| going.bytes.clone()) {
        return Some(bytes);
    }
    let device = vault.device()?;
    let found = device
        .ask_with("file", &JsValue::from_str(&key.to_string()), "")
        .await
        .ok()?;
    let bytes = found.dyn_into::<Blob>().ok()?;
    with(key, |going| going.bytes = Some(bytes.clone()));
    Some(bytes)
}

/// Sees to it that a file goes.
pub fn start(vault: Vault, client: &Client, conversation: ConversationId, file: KeptFile) {
    let is_idle = with(file.key, |going| {
        let is_done = matches!(going.progress.get_untracked(), Progress::Finished(_));
        !is_done && !std::mem::replace(&mut going.is_running, true)
    });
    if !is_idle {
        return;
    }
    let client = client.clone();
    leptos::task::spawn_local(async move {
        let progress = progress_of(file.key);
        let sending = Sending {
            vault,
            client,
            conversation,
            file,
        };
        let (mut pause_ms, longest_ms) = PAUSES_MS;
        let end = loop {
            // Not while it waits for a line: that may be the night.
            let awake = Awake::new();
            let outcome = sending.go(&progress).await;
            drop(awake);
            match outcome {
                Ok(attachment) => break Progress::Finished(attachment.id),
                Err(error) if error.is_transient() && error != ApiError::SignedOut => {
                    progress.set(Progress::Waiting(error));
                    TimeoutFuture::new(pause_ms).await;
                    pause_ms = (2 * pause_ms).min(longest_ms);
                }
                Err(error) => break Progress::Failed(error),
            }
            if sending.is_given_up() {
                break Progress::None;
            }
        };
        if let (true, Progress::Finished(attachment)) = (sending.is_given_up(), &end) {
            sending.discard(*attachment).await;
        }
        with(sending.file.key, |going| going.is_running = false);
        progress.set(end);
    });
}

fn is_given_up(key: MessageKey) -> bool {
    with(key, |going| going.is_given_up)
}

/// One file on its way.
struct Sending {
    vault: Vault,
    client: Client,
    conversation: ConversationId,
    file: KeptFile,
}

impl Sending {
    fn is_given_up(&self) -> bool {
        is_given_up(self.file.key)
    }

    /// Tells the server not to wait for it. What cannot be told now it finds out by itself, after a day.
    async fn discard(&self, attachment: AttachmentId) {
        let _ = self.client.call(DiscardUpload { attachment }).await;
    }

    /// Goes as far as the line lasts.
    async fn go(&self, progress: &ArcRwSignal<Progress>) -> Result<Attachment, ApiError> {
        let KeptFile {
            key,
            name,
            size,
            description,
            ..
        } = self.file.clone();
        let wish = BeginUpload {
            conversation: self.conversation,
            key,
            name,
            size,
            description: Some(description).filter(|text| !text.is_empty()),
        };
        let upload = self.client.call(wish).await?.upload;
        if let Some(attachment) = upload.attachment {
            return Ok(attachment);
        }
        let bytes = bytes_of(self.vault, key).await;
        let bytes = bytes.ok_or(ApiError::File(FileProblem::Unreadable))?;
        let mut offset = upload.offset;
        while offset < size {
            progress.set(Progress::Going(offset));
            if self.is_given_up() {
                self.discard(upload.id).await;
                return Err(ApiError::Unreachable);
            }
            let part = Part {
                upload: upload.id,
                offset,
                bytes: slice(&bytes, offset, (offset + PART).min(size)).await?,
            };
            offset = match self.client.send_part(part).await {
                // Another page has sent it meanwhile, or an answer was lost: the server says where it goes on.
                Err(ApiError::File(FileProblem::WrongOffset)) => return Err(ApiError::Unreachable),
                other => other?,
            };
        }
        progress.set(Progress::Going(size));
        let wish = FinishUpload {
            attachment: upload.id,
            sha256: sum(&bytes).await,
        };
        Ok(self.client.call(wish).await?.attachment)
    }
}

/// Some bytes of a file.
async fn slice(bytes: &Blob, first: u64, end: u64) -> Result<Vec<u8>, ApiError> {
    #[expect(clippy::cast_precision_loss, reason = "no file has 2^53 bytes")]
    let part = bytes.slice_with_f64_and_f64(first as f64, end as f64);
    let part = part.map_err(|_| ApiError::File(FileProblem::Unreadable))?;
    whole(&part).await
}

/// All bytes of a file.
///
/// # Errors
/// `File` when it was moved or changed since it was chosen.
pub async fn whole(bytes: &Blob) -> Result<Vec<u8>, ApiError> {
    let read = JsFuture::from(bytes.array_buffer()).await;
    let buffer = read.map_err(|_| ApiError::File(FileProblem::Unreadable))?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// SHA-256 of a file, as the server writes it; none where the browser does not compute it.
async fn sum(bytes: &Blob) -> Option<String> {
    use std::fmt::Write as _;
    let subtle = window().crypto().ok()?.subtle();
    let buffer = JsFuture::from(bytes.array_buffer()).await.ok()?;
    let digest = subtle
        .digest_with_str_and_buffer_source("SHA-256", buffer.unchecked_ref())
        .ok()?;
    let digest = JsFuture::from(digest).await.ok()?;
    let text = Uint8Array::new(&digest)
        .to_vec()
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
    Some(text)
}

/// Waits until the server has the files of a message, and says how; they go on by themselves meanwhile.
///
/// # Errors
/// The first refusal.
pub async fn bring(
    vault: Vault,
    client: &Client,
    conversation: ConversationId,
    files: &str,
) -> Result<Vec<AttachmentId>, ApiError> {
    let files = KeptFile::list(files);
    for file in &files {
        let progress = progress_of(file.key);
        // What was refused before is tried once more: somebody has asked for it.
        if matches!(progress.get_untracked(), Progress::Failed(_)) {
            progress.set(Progress::None);
        }
        start(vault, client, conversation, file.clone());
    }
    let mut ids = Vec::with_capacity(files.len());
    for file in files {
        let id = loop {
            match progress_of(file.key).get_untracked() {
                Progress::Finished(id) => break id,
                Progress::Failed(error) => return Err(error),
                // Its message was taken back meanwhile, and it was taken out of the box.
                _ if is_given_up(file.key) => return Err(ApiError::File(FileProblem::Unreadable)),
                _ => TimeoutFuture::new(LOOK_EVERY_MS).await,
            }
        };
        if !file.description.is_empty() {
            let wish = DescribeAttachment {
                attachment: id,
                description: file.description,
            };
            match client.call(wish).await {
                // The message may have been sent already, and its answer lost.
                Ok(_) | Err(ApiError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        ids.push(id);
    }
    Ok(ids)
}

/// Waits while something holds. A page that goes out of sight waits for nothing: it may be stopped at any moment.
pub async fn wait_while(holds: impl Fn() -> bool) {
    while holds() && !document().hidden() {
        TimeoutFuture::new(LOOK_EVERY_MS).await;
    }
}

/// The server does not know these files any more: a message that carried them was taken back and has arrived all the same.
/// The next try asks for each, and sends it anew.
pub fn doubt(files: &str) {
    for file in KeptFile::list(files) {
        progress_of(file.key).set(Progress::None);
    }
}

/// The message is on the server, and its files with it: this device need not keep them.
pub fn forget(vault: Vault, files: &str) {
    for file in KeptFile::list(files) {
        drop_bytes(vault, file.key);
    }
}

/// Gives files up that were not sent.
pub(crate) fn discard(vault: Vault, client: &Client, files: &str) {
    for file in KeptFile::list(files) {
        let progress = with(file.key, |going| {
            going.is_given_up = true;
            going.progress.get_untracked()
        });
        drop_bytes(vault, file.key);
        if let Progress::Finished(attachment) = progress {
            let call = client.call(DiscardUpload { attachment });
            leptos::task::spawn_local(async move {
                let _ = call.await;
            });
        }
    }
}

pub(super) fn drop_bytes(vault: Vault, key: MessageKey) {
    let preview = with(key, |going| {
        going.bytes = None;
        going.preview.take()
    });
    if let Some(url) = preview {
        // A picture that is still drawn from it stays drawn.
        let _ = web_sys::Url::revoke_object_url(&url);
    }
    if let Some(device) = vault.device() {
        device.tell("dropFile", &key.to_string());
    }
}
