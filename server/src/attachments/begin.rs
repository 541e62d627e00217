//! What may be sent, and the row that an upload begins with.

use app::api::{AccountId, ApiError, AttachmentId, ConversationId, MessageKey, Timestamp};
use app::attachments::{
    BeginUpload, BegunUpload, FILE_TYPES, FileLimits, FileName, FileProblem, GetLimits, MAX_FILES, Upload,
    parse_description,
};

use super::files::MAX_BYTES;
use super::sql::{self, FileRow, Label, NewFile, State};
use crate::context::{Caller, Context};
use crate::error::Result;
use crate::store::Tx;
use crate::{conversations, friendships};

/// The most uploads of one person that have begun and not ended: more than anybody's pages have.
const MAX_BEGUN: u64 = 100;
/// How long somebody with as many waits, in seconds.
const WAIT_S: u32 = 60;

/// What may be sent, and how much room the caller has left.
///
/// # Errors
/// Only failures.
pub async fn get_limits(context: Context, caller: Caller, _wish: GetLimits) -> Result<FileLimits> {
    let (used_bytes, _) = context
        .db
        .read(move |tx| sql::find_usage(tx, caller.account))
        .await?;
    Ok(FileLimits {
        max_bytes: MAX_BYTES,
        max_files: u32::try_from(MAX_FILES).unwrap_or(u32::MAX),
        extensions: FILE_TYPES
            .iter()
            .flat_map(|known| known.extensions)
            .map(|ending| (*ending).to_owned())
            .collect(),
        quota_bytes: context.files.quota_bytes,
        used_bytes,
    })
}

/// Begins an upload, or finds the one that this key has begun.
///
/// # Errors
/// `File` for an empty file, a kind that is not taken, no room left; `TooLarge` beyond 25 MB; `KeyReused` when the key stands
/// for another file; `TooMany` when a hundred are on their way; else as [`friendships::require_writer`].
pub async fn begin_upload(context: Context, caller: Caller, wish: BeginUpload) -> Result<BegunUpload> {
    let name = FileName::parse(wish.name.as_str())?;
    let description = wish.description.as_deref().map_or(Ok(None), parse_description)?;
    let size = check_size(wish.size)?;
    let file = NewUpload {
        conversation: wish.conversation,
        key: wish.key,
        name,
        description,
        size: Some(size),
    };
    let row = begin(&context, caller.account, file).await?;
    let upload = context.db.read(move |tx| to_upload(tx, &row)).await?;
    Ok(BegunUpload { upload })
}

/// Checks how long a file is said to be, before any of it arrives.
pub(super) fn check_size(size: u64) -> std::result::Result<u64, ApiError> {
    match size {
        0 => Err(ApiError::File(FileProblem::Empty)),
        1..=MAX_BYTES => Ok(size),
        _ => Err(ApiError::TooLarge),
    }
}

/// A file that is to be sent.
pub(super) struct NewUpload {
    pub(super) conversation: ConversationId,
    pub(super) key: MessageKey,
    pub(super) name: FileName,
    pub(super) description: Option<String>,
    /// None where it shows at its end.
    pub(super) size: Option<u64>,
}

/// As [`begin_upload`], after what it checks by itself.
pub(super) async fn begin(context: &Context, account: AccountId, file: NewUpload) -> Result<FileRow> {
    let id = AttachmentId(context.new_id());
    let (now, quota_bytes) = (context.now(), context.files.quota_bytes);
    context
        .db
        .write(move |tx| insert(tx, account, (id, file), quota_bytes, now))
        .await
}

fn insert(
    tx: &mut Tx<'_>,
    account: AccountId,
    (id, file): (AttachmentId, NewUpload),
    quota_bytes: u64,
    now: Timestamp,
) -> Result<FileRow> {
    let participant = conversations::require_participant(tx, account, file.conversation)?;
    if let Some(known) = sql::find_by_key(tx, account, file.key)? {
        let is_same = known.conversation == file.conversation
            && file.size.is_none_or(|size| size == known.announced_bytes)
            && known.extension == file.name.extension().to_ascii_lowercase();
        if !is_same {
            return Err(ApiError::KeyReused.into());
        }
        // What is finished is owed, even if the channel has closed since.
        if known.state == State::Begun {
            friendships::require_writer_for(tx, &participant)?;
        }
        return Ok(known);
    }
    let writer = friendships::require_writer_for(tx, &participant)?;
    let kind = file.name.file_type()?;
    let (used_bytes, n_begun) = sql::find_usage(tx, account)?;
    if used_bytes.saturating_add(file.size.unwrap_or(MAX_BYTES)) > quota_bytes {
        return Err(ApiError::File(FileProblem::OverQuota).into());
    }
    if n_begun >= MAX_BEGUN {
        return Err(ApiError::TooMany {
            retry_after_s: WAIT_S,
        }
        .into());
    }
    let new = NewFile {
        id,
        conversation: writer.conversation(),
        account,
        key: file.key,
        extension: file.name.extension().to_ascii_lowercase(),
        announced_bytes: file.size.unwrap_or(MAX_BYTES),
        kind: kind.kind,
        media_type: kind.media_type.to_owned(),
        sealing_key: conversations::require_sealing_key(tx, &writer)?,
    };
    let label = Label {
        name: file.name.as_str().to_owned(),
        description: file.description,
        sha256: String::new(),
        arrived: None,
    };
    sql::insert(tx, &new, &label, now)?;
    Ok(sql::find(tx, id)?.ok_or(ApiError::NotFound)?)
}

/// An upload as its sender sees it.
///
/// # Errors
/// `File` when it was refused.
pub(super) fn to_upload(tx: &mut Tx<'_>, row: &FileRow) -> Result<Upload> {
    let attachment = match row.state {
        State::Begun => None,
        State::Ready => Some(row.show(tx)?),
        State::Refused(problem) => return Err(ApiError::File(problem).into()),
    };
    Ok(Upload {
        id: row.id,
        size: row.announced_bytes,
        offset: row.received_bytes,
        attachment,
    })
}
