//! Parts on their way in. What is answered for is on disk; what arrives after a cut goes on where the disk has come to.
//!
//! The work goes on in a task of its own: a connection that dies takes its request with it, and what had arrived by then
//! would be lost.

use std::pin::pin;
use std::time::Duration;

use app::api::{AccountId, ApiError, AttachmentId, ConversationId, Done, MessageKey};
use app::attachments::{DiscardUpload, FileName, FileProblem, Upload};
use bytes::Bytes;
use futures::{Stream, StreamExt};
use sha2::{Digest, Sha256};

use super::begin::{self, NewUpload, to_upload};
use super::files::MAX_BYTES;
use super::finish;
use super::parts::{Form, PartReader, PartWriter, Parts, shelf};
use super::sql::{self, FileRow, State};
use super::turns::Turn;
use crate::context::{Caller, Context};
use crate::error::{Error, Result};
use crate::friendships;
use crate::hexadecimal::hexadecimal;
use crate::store::{Content, LentKey, Tx};

/// Who sends nothing for so long is not waited for any longer; what has come is kept.
const SILENCE: Duration = Duration::from_secs(30);

/// Bytes as they come from a line; an error is its end.
pub trait Incoming: Stream<Item = std::result::Result<Bytes, axum::Error>> + Send + 'static {}

impl<S: Stream<Item = std::result::Result<Bytes, axum::Error>> + Send + 'static> Incoming for S {}

/// Where an upload of the caller's has come to.
///
/// # Errors
/// `NotFound` when it is not the caller's; `File` when it was refused.
pub async fn find_upload(context: &Context, caller: &Caller, id: AttachmentId) -> Result<Upload> {
    let account = caller.account;
    context
        .db
        .read(move |tx| {
            let row = require_own(tx, account, id)?;
            to_upload(tx, &row)
        })
        .await
}

/// Takes the bytes of an upload from `offset` on, as many as come; answers how many there are on disk.
///
/// # Errors
/// `NotFound` when it is not the caller's; `File` when it goes on elsewhere, was refused, or the disk is full; `TooLarge` when
/// more comes than was announced; else as [`friendships::require_writer`].
pub async fn receive(
    context: &Context,
    caller: &Caller,
    id: AttachmentId,
    offset: u64,
    incoming: impl Incoming,
) -> Result<u64> {
    let (context, account) = (context.clone(), caller.account);
    let work = async move {
        let turn = context.files.turns.take(id).await;
        let (row, key) = require_open(&context, account, id).await?;
        if row.received_bytes != offset {
            return Err(ApiError::File(FileProblem::WrongOffset).into());
        }
        let Some(writer) = PartWriter::resume(parts(&context, &row, key), offset).await? else {
            return go_back(&context, &row).await;
        };
        let came = take(writer, incoming, row.announced_bytes, &turn).await?;
        if came.is_too_much {
            return Err(ApiError::TooLarge.into());
        }
        let received = came.writer.end(came.written == row.announced_bytes).await?;
        note(&context, account, &row, received).await
    };
    in_a_task(work).await
}

/// A file that comes in one piece.
pub struct WholeFile {
    /// For which conversation.
    pub conversation: ConversationId,
    /// Under which key.
    pub key: MessageKey,
    /// What it is called.
    pub name: FileName,
    /// What it shows.
    pub description: Option<String>,
}

/// Takes a file whose length shows at its end, in one piece; answers its id. Cut, it has not come.
///
/// # Errors
/// As [`super::begin_upload`] and [`receive`]; `Malformed` when it was cut; `KeyReused` when another file has come before.
pub async fn receive_whole(
    context: &Context,
    caller: &Caller,
    file: WholeFile,
    incoming: impl Incoming,
) -> Result<AttachmentId> {
    let (context, account) = (context.clone(), caller.account);
    let work = async move {
        let (id, turn) = begin_whole(&context, account, &file).await?;
        let row = context.db.read(move |tx| require_own(tx, account, id)).await?;
        let is_there = row.received_bytes > 0 && row.received_bytes == row.announced_bytes;
        if is_there || row.state == State::Ready {
            // The same form, sent again, with the same file.
            let known = sum_of_arrived(&context, account, &row).await?;
            return match sum_of_all(incoming).await {
                Some(sum) if sum == known => Ok(id),
                Some(_) => Err(ApiError::KeyReused.into()),
                None => Err(ApiError::Malformed.into()),
            };
        }
        let (row, key) = require_open(&context, account, id).await?;
        let writer = PartWriter::new(parts(&context, &row, key));
        let came = take(writer, incoming, MAX_BYTES, &turn).await?;
        let refusal = match (came.is_too_much, came.is_cut, came.written) {
            (true, ..) => Some(ApiError::TooLarge),
            (_, true, _) => Some(ApiError::Malformed),
            (.., 0) => Some(ApiError::File(FileProblem::Empty)),
            _ => None,
        };
        if let Some(refusal) = refusal {
            came.writer.stop().await;
            discard_held(&context, account, id, turn).await?;
            return Err(refusal.into());
        }
        let received = came.writer.end(true).await?;
        context
            .db
            .write(move |tx| sql::update_announced(tx, id, received))
            .await?;
        note(&context, account, &row, received).await?;
        Ok(id)
    };
    in_a_task(work).await
}

/// Begins a file that comes in one piece, or finds the one that its key has begun, and takes the turn at it. One that was
/// refused is begun anew: what comes now may be another file.
async fn begin_whole(
    context: &Context,
    account: AccountId,
    file: &WholeFile,
) -> Result<(AttachmentId, Turn)> {
    /// Two requests with one key may give up each other's file in turn.
    const TRIES: u32 = 3;
    for _ in 0..TRIES {
        let new = NewUpload {
            conversation: file.conversation,
            key: file.key,
            name: file.name.clone(),
            description: file.description.clone(),
            size: None,
        };
        let id = begin::begin(context, account, new).await?.id;
        let turn = context.files.turns.take(id).await;
        match context.db.read(move |tx| require_own(tx, account, id)).await {
            Ok(row) if !matches!(row.state, State::Refused(_)) => return Ok((id, turn)),
            Ok(_) => discard_held(context, account, id, turn).await?,
            // The request that had the turn was cut, and gave the file up.
            Err(Error::Refused(ApiError::NotFound)) => {}
            Err(error) => return Err(error),
        }
    }
    Err(ApiError::Malformed.into())
}

/// The sum of what has arrived of a file that is there.
async fn sum_of_arrived(context: &Context, account: AccountId, row: &FileRow) -> Result<String> {
    let id = row.id;
    if row.state == State::Ready {
        let label = context
            .db
            .read(move |tx| require_own(tx, account, id)?.open_label(tx))
            .await?;
        return Ok(label.arrived.unwrap_or(label.sha256));
    }
    let (row, key) = require_open(context, account, id).await?;
    finish::sum(PartReader::whole(parts(context, &row, key), row.received_bytes)).await
}

/// Gives up an upload of the caller's.
///
/// # Errors
/// `NotFound` when it is not the caller's, or a message carries it.
pub async fn discard_upload(context: Context, caller: Caller, wish: DiscardUpload) -> Result<Done> {
    discard(&context, caller.account, wish.attachment).await?;
    Ok(Done {})
}

async fn discard(context: &Context, account: AccountId, id: AttachmentId) -> Result<()> {
    let turn = context.files.turns.take(id).await;
    discard_held(context, account, id, turn).await
}

/// Whoever waits for the turn finds nothing any more.
async fn discard_held(context: &Context, account: AccountId, id: AttachmentId, turn: Turn) -> Result<()> {
    let row = context
        .db
        .write(move |tx| {
            let row = require_own(tx, account, id)?;
            if sql::delete_unsent(tx, id)? {
                Ok(row)
            } else {
                Err(ApiError::NotFound.into())
            }
        })
        .await?;
    let shelf = shelf(row.conversation, row.id);
    if let Err(error) = context.files.objects.clear(shelf).await {
        // The sweep takes it away.
        tracing::warn!(cause = %error.chain(), file.id = %id, "the parts of a file that was given up are still there");
    }
    drop(turn);
    Ok(())
}

/// What came of a request.
struct Came {
    writer: PartWriter,
    written: u64,
    is_too_much: bool,
    is_cut: bool,
}

/// Takes what comes until it ends, falls silent, somebody else wants the turn, or it is more than was announced.
async fn take(mut writer: PartWriter, incoming: impl Incoming, most: u64, turn: &Turn) -> Result<Came> {
    let mut incoming = pin!(incoming);
    let (mut is_too_much, mut is_cut) = (false, false);
    loop {
        let next = tokio::select! {
            next = tokio::time::timeout(SILENCE, incoming.next()) => next,
            // Somebody else goes on with it: what has come is not all.
            () = turn.is_asked_for() => {
                is_cut = true;
                break;
            }
        };
        match next {
            Ok(Some(Ok(bytes))) => {
                if writer.written() + bytes.len() as u64 > most {
                    is_too_much = true;
                    break;
                }
                writer.push(&bytes).await?;
            }
            Ok(None) => break,
            Ok(Some(Err(_))) | Err(_) => {
                is_cut = true;
                break;
            }
        }
    }
    Ok(Came {
        written: writer.written(),
        writer,
        is_too_much,
        is_cut,
    })
}

/// The sum of what comes, of which nothing is kept. `None` when the line is cut, or there is more than a file may have.
async fn sum_of_all(incoming: impl Incoming) -> Option<String> {
    let mut incoming = pin!(incoming);
    let (mut n_bytes, mut sum) = (0, Sha256::new());
    while n_bytes <= MAX_BYTES {
        match tokio::time::timeout(SILENCE, incoming.next()).await {
            Ok(Some(Ok(bytes))) => {
                n_bytes += bytes.len() as u64;
                sum.update(&bytes);
            }
            Ok(None) => return Some(hexadecimal(&sum.finalize())),
            Ok(Some(Err(_))) | Err(_) => return None,
        }
    }
    None
}

/// Writes down what is on disk. The right to write is looked at once more: the channel may have closed meanwhile.
async fn note(context: &Context, account: AccountId, row: &FileRow, received: u64) -> Result<u64> {
    let (id, conversation, before, now) = (row.id, row.conversation, row.received_bytes, context.now());
    context
        .db
        .write(move |tx| {
            friendships::require_writer(tx, account, conversation)?;
            if sql::update_received(tx, id, (before, received), now)? {
                Ok(received)
            } else {
                Err(ApiError::File(FileProblem::WrongOffset).into())
            }
        })
        .await
}

/// The last part is not what was acknowledged: the upload goes on from the part's beginning.
async fn go_back(context: &Context, row: &FileRow) -> Result<u64> {
    let (id, before, now) = (row.id, row.received_bytes, context.now());
    let boundary = before - before % super::parts::PART as u64;
    tracing::error!(file.id = %id, "the last part of an upload is gone or damaged: it is asked for again");
    context
        .db
        .write(move |tx| sql::update_received(tx, id, (before, boundary), now))
        .await?;
    Err(ApiError::File(FileProblem::WrongOffset).into())
}

/// An upload of one's own.
pub(super) fn require_own(tx: &mut Tx<'_>, account: AccountId, id: AttachmentId) -> Result<FileRow> {
    let row = sql::find(tx, id)?.filter(|row| row.account == account);
    Ok(row.ok_or(ApiError::NotFound)?)
}

/// An upload of one's own that may go on, and the key of its parts.
async fn require_open(context: &Context, account: AccountId, id: AttachmentId) -> Result<(FileRow, LentKey)> {
    context
        .db
        .read(move |tx| {
            let row = require_own(tx, account, id)?;
            match row.state {
                State::Begun => {}
                State::Refused(problem) => return Err(ApiError::File(problem).into()),
                State::Ready => return Err(ApiError::File(FileProblem::WrongOffset).into()),
            }
            friendships::require_writer(tx, account, row.conversation)?;
            let key = lend(tx, &row)?;
            Ok((row, key))
        })
        .await
}

/// The key of a file's parts.
///
/// # Errors
/// `NotFound` when it was destroyed, `Failed` when it is damaged.
pub(super) fn lend(tx: &mut Tx<'_>, row: &FileRow) -> Result<LentKey> {
    match tx.lend_key(row.parts_key)? {
        Content::Here(key) => Ok(key),
        Content::Erased => Err(ApiError::NotFound.into()),
        Content::Damaged => Err(Error::failed("reading a file", "its key is damaged")),
    }
}

/// What has arrived of an upload.
pub(super) fn parts(context: &Context, row: &FileRow, key: LentKey) -> Parts {
    Parts {
        objects: context.files.objects.clone(),
        key,
        shelf: shelf(row.conversation, row.id),
        form: Form::Received,
    }
}

/// Goes on whatever becomes of the request.
async fn in_a_task<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    tokio::spawn(work)
        .await
        .map_err(|error| Error::failed("receiving a file", error))?
}
