//! Files and the messages that carry them.

use std::collections::{BTreeSet, HashMap};

use app::api::{ApiError, AttachmentId, ConversationId, Timestamp};
use app::attachments::{
    Attachment, DescribeAttachment, FileProblem, FoundAttachment, GetAttachment, MAX_FILES, parse_description,
};

use super::copies::forget_bytes;
use super::receive::require_own;
use super::sql::{self, FileRow, State};
use crate::context::{Caller, Context};
use crate::conversations;
use crate::error::{Error, Result};
use crate::friendships::Writer;
use crate::store::Tx;

/// The files of messages, by the messages' positions.
pub type Carried = HashMap<u64, Vec<Attachment>>;

/// Gives files to the message that the writer sends at a position; answers them, in their order. Each must be the writer's own,
/// for this conversation, finished, and in no other message.
///
/// # Errors
/// `File` for more than ten, or one that is not finished or was refused; `NotFound` for one that is not the writer's to send.
pub fn attach(
    tx: &mut Tx<'_>,
    writer: &Writer,
    files: &[AttachmentId],
    position: u64,
    now: Timestamp,
) -> Result<Vec<Attachment>> {
    if files.len() > MAX_FILES {
        return Err(ApiError::File(FileProblem::TooMany).into());
    }
    let is_double = files.iter().collect::<BTreeSet<_>>().len() < files.len();
    if is_double {
        return Err(ApiError::Malformed.into());
    }
    let mut carried = Vec::with_capacity(files.len());
    for (nth, id) in (1_u64..).zip(files) {
        let row = require_own(tx, writer.account(), *id)?;
        if row.conversation != writer.conversation() || row.position.is_some() {
            return Err(ApiError::NotFound.into());
        }
        match row.state {
            State::Ready => {}
            State::Begun => return Err(ApiError::File(FileProblem::Unfinished).into()),
            State::Refused(problem) => return Err(ApiError::File(problem).into()),
        }
        if !sql::update_position(tx, *id, position, nth, now)? {
            return Err(Error::failed(
                "giving a file to a message",
                "another message took it",
            ));
        }
        carried.push(row.show(tx)?);
    }
    Ok(carried)
}

/// The files of a conversation's messages from position `first` to `last`. Whoever asks has shown that they may read there.
///
/// # Errors
/// Only failures.
pub fn read_carried(tx: &mut Tx<'_>, conversation: ConversationId, first: u64, last: u64) -> Result<Carried> {
    let mut carried = Carried::new();
    for row in sql::list_carried(tx, conversation, first, last)? {
        let Some(position) = row.position else { continue };
        let shown = row.show(tx)?;
        carried.entry(position).or_default().push(shown);
    }
    Ok(carried)
}

/// Reads what is known of a file: one's own, or one of a message that one may read.
///
/// # Errors
/// `NotFound` when it is neither; `File` when it is one's own and not finished, or was refused.
pub async fn get_attachment(
    context: Context,
    caller: Caller,
    wish: GetAttachment,
) -> Result<FoundAttachment> {
    context
        .db
        .read(move |tx| {
            let row = require_readable(tx, &caller, wish.attachment)?;
            let attachment = row.show(tx)?;
            Ok(FoundAttachment { attachment })
        })
        .await
}

/// A finished file that the caller may read: of a message in a conversation of theirs, or their own.
pub(super) fn require_readable(tx: &mut Tx<'_>, caller: &Caller, id: AttachmentId) -> Result<FileRow> {
    let found = sql::find(tx, id)?;
    // Asked in vain where there is no file, so that one of others is not found out by the time that it takes.
    let conversation = found
        .as_ref()
        .map_or(ConversationId(id.0), |row| row.conversation);
    conversations::require_participant(tx, caller.account, conversation)?;
    let row = found.filter(|row| row.position.is_some() || row.account == caller.account);
    let row = row.ok_or(ApiError::NotFound)?;
    match row.state {
        State::Ready => Ok(row),
        State::Begun => Err(ApiError::File(FileProblem::Unfinished).into()),
        State::Refused(problem) => Err(ApiError::File(problem).into()),
    }
}

/// Says what a picture shows, before it is sent.
///
/// # Errors
/// `Invalid` beyond 1,000 characters; `NotFound` when it is not the caller's, or was sent.
pub async fn describe_attachment(
    context: Context,
    caller: Caller,
    wish: DescribeAttachment,
) -> Result<FoundAttachment> {
    let description = parse_description(&wish.description)?;
    let now = context.now();
    context
        .db
        .write(move |tx| {
            let row = require_own(tx, caller.account, wish.attachment)?;
            if row.position.is_some() {
                return Err(ApiError::NotFound.into());
            }
            let mut label = row.open_label(tx)?;
            label.description = description;
            sql::update_label(tx, &row, &label, now)?;
            let row = require_own(tx, caller.account, wish.attachment)?;
            let attachment = row.show(tx)?;
            Ok(FoundAttachment { attachment })
        })
        .await
}

/// What can be searched of files: how they are called, and what they show.
pub fn searched_words(files: &[Attachment]) -> String {
    let words = files
        .iter()
        .flat_map(|file| [Some(file.name.as_str()), file.description.as_deref()]);
    words.flatten().collect::<Vec<_>>().join("\n")
}

/// Forgets the files of a message that is deleted; answers which. Their bytes go with [`forget_files`], after the commit.
///
/// # Errors
/// Only failures.
pub fn drop_carried(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    position: u64,
) -> Result<Vec<AttachmentId>> {
    sql::delete_carried(tx, conversation, position)
}

/// Takes away the bytes of files that were forgotten. What cannot be taken away now, the sweep takes.
pub async fn forget_files(context: &Context, conversation: ConversationId, files: Vec<AttachmentId>) {
    for id in files {
        forget_bytes(context, conversation, id).await;
    }
}

/// Forgets the files of a conversation that is erased. Their keys are destroyed with it; their bytes go with
/// [`forget_conversation`], after the commit.
///
/// # Errors
/// Only failures.
pub fn erase(tx: &mut Tx<'_>, conversation: ConversationId) -> Result<()> {
    sql::delete_all(tx, conversation)
}

/// Takes away the bytes of all files of an erased conversation. They are unreadable already.
///
/// # Errors
/// `Failed` when the store of objects does not answer: the sweep does it later.
pub async fn forget_conversation(context: &Context, conversation: ConversationId) -> Result<()> {
    let objects = &context.files.objects;
    for shelf in objects.list(Some(conversation)).await? {
        objects.clear(shelf).await?;
    }
    Ok(())
}
