//! The look at what has arrived, and what becomes of it: scanned where a scanner is set up, known by its content, a picture
//! made anew in a process apart. Only then may it be sent.

use app::api::{AccountId, ApiError, AttachmentId};
use app::attachments::{FILE_TYPES, FileProblem, FinishUpload, FoundAttachment};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::parts::{Form, PartReader, PartWriter, Parts, shelf};
use super::receive::{lend, parts, require_own};
use super::scan::Verdict;
use super::sql::{self, FileRow, Made, State};
use super::sweep::keep_form;
use super::workshop::{Job, Seen};
use crate::context::{Caller, Context};
use crate::error::{Error, Result};
use crate::friendships;
use crate::hexadecimal::hexadecimal;
use crate::store::{LentKey, Tx};

/// The most bytes of a picture that was made anew, and of a small one: more than the workshop makes of any.
const MAX_MADE_BYTES: u64 = 80 * 1024 * 1024;
const MAX_THUMBNAIL_BYTES: u64 = 4 * 1024 * 1024;

/// Files that are looked at at the same time: each may take a core, and a quarter of a gigabyte for a moment.
static WORKBENCH: Semaphore = Semaphore::const_new(2);

/// Finishes an upload of the caller's. Asked again it gives the same answer.
///
/// # Errors
/// `NotFound` when it is not the caller's; `File` when parts are missing, when it is refused for good, or when the scanner does
/// not answer: then it is held, and may be finished later. Else as [`friendships::require_writer`].
pub async fn finish_upload(context: Context, caller: Caller, wish: FinishUpload) -> Result<FoundAttachment> {
    // In a task of its own: who asks again after a cut finds it done.
    tokio::spawn(finish(context, caller.account, wish))
        .await
        .map_err(|error| Error::failed("finishing an upload", error))?
}

async fn finish(context: Context, account: AccountId, wish: FinishUpload) -> Result<FoundAttachment> {
    let id = wish.attachment;
    let turn = context.files.turns.take(id).await;
    let (row, key) = match context.db.read(move |tx| find_begun(tx, account, id)).await? {
        Begun::Whole(row, key) => (row, key),
        Begun::Finished(found) => return Ok(found),
    };
    let looked = look(&context, &row, key, wish.sha256.as_deref()).await;
    let (made, sums) = match looked {
        Ok(looked) => looked,
        Err(Error::Refused(ApiError::File(problem))) if !problem.is_transient() => {
            refuse(&context, &row, problem).await?;
            return Err(ApiError::File(problem).into());
        }
        Err(error) => return Err(error),
    };
    let (form, shelf) = (made.form, shelf(row.conversation, id));
    let now = context.now();
    let found = context
        .db
        .write(move |tx| {
            friendships::require_writer(tx, account, row.conversation)?;
            let mut label = row.open_label(tx)?;
            label.sha256 = sums.handed_out;
            label.arrived = sums.arrived;
            if !sql::update_ready(tx, &row, &made, &label, now)? {
                return Err(ApiError::NotFound.into());
            }
            show(tx, account, id)
        })
        .await?;
    if let Err(error) = keep_form(&context, shelf, form).await {
        // The sweep takes them away.
        tracing::warn!(cause = %error.chain(), file.id = %id, "parts of a finished file are still there as they arrived");
    }
    drop(turn);
    Ok(found)
}

/// An upload that is asked to be finished.
enum Begun {
    /// All of it is there, and nobody has looked at it yet.
    Whole(FileRow, LentKey),
    /// It was finished before.
    Finished(FoundAttachment),
}

fn find_begun(tx: &mut Tx<'_>, account: AccountId, id: AttachmentId) -> Result<Begun> {
    let row = require_own(tx, account, id)?;
    match row.state {
        State::Ready => return show(tx, account, id).map(Begun::Finished),
        State::Refused(problem) => return Err(ApiError::File(problem).into()),
        State::Begun => {}
    }
    friendships::require_writer(tx, account, row.conversation)?;
    if row.received_bytes < row.announced_bytes {
        return Err(ApiError::File(FileProblem::Unfinished).into());
    }
    let key = lend(tx, &row)?;
    Ok(Begun::Whole(row, key))
}

fn show(tx: &mut Tx<'_>, account: AccountId, id: AttachmentId) -> Result<FoundAttachment> {
    let attachment = require_own(tx, account, id)?.show(tx)?;
    Ok(FoundAttachment { attachment })
}

/// The sums of a file that was looked at.
struct Sums {
    handed_out: String,
    /// Where that is another one.
    arrived: Option<String>,
}

/// Looks at what has arrived; answers what it is, and its sums.
async fn look(context: &Context, row: &FileRow, key: LentKey, wanted: Option<&str>) -> Result<(Made, Sums)> {
    let received = parts(context, row, key);
    let size = row.received_bytes;
    let arrived = sum(PartReader::whole(received.clone(), size)).await?;
    if wanted.is_some_and(|wanted| !wanted.eq_ignore_ascii_case(&arrived)) {
        return Err(ApiError::File(FileProblem::Damaged).into());
    }
    scan(context, row, PartReader::whole(received.clone(), size)).await?;
    let doing = "looking at a file";
    let place = WORKBENCH
        .acquire()
        .await
        .map_err(|error| Error::failed(doing, error))?;
    let mut job = Job::start(&context.files.workshop, &row.extension, size)?;
    let seen = job.look(PartReader::whole(received.clone(), size)).await?;
    let of_form = |form| Parts {
        form,
        ..received.clone()
    };
    if !is_plausible(&seen) {
        return Err(ApiError::File(FileProblem::Unreadable).into());
    }
    let (form, content_bytes, sums) = if seen.content_bytes == 0 {
        let sums = Sums {
            handed_out: arrived,
            arrived: None,
        };
        (Form::Received, size, sums)
    } else {
        let sums = Sums {
            handed_out: keep(&mut job, of_form(Form::Remade), seen.content_bytes).await?,
            arrived: Some(arrived),
        };
        (Form::Remade, seen.content_bytes, sums)
    };
    if seen.thumbnail_bytes > 0 {
        keep(&mut job, of_form(Form::Thumbnail), seen.thumbnail_bytes).await?;
    }
    job.end().await;
    drop(place);
    let Seen {
        kind,
        media_type,
        width,
        height,
        note,
        thumbnail_bytes,
        ..
    } = seen;
    let made = Made {
        form,
        content_bytes,
        thumbnail_bytes,
        kind,
        media_type,
        width,
        height,
        note,
    };
    Ok((made, sums))
}

/// Whether the process may have seen this. One that was led astray by a file says what it likes.
fn is_plausible(seen: &Seen) -> bool {
    FILE_TYPES
        .iter()
        .any(|known| known.kind == seen.kind && known.media_type == seen.media_type)
        && seen.content_bytes <= MAX_MADE_BYTES
        && seen.thumbnail_bytes <= MAX_THUMBNAIL_BYTES
}

/// Has a file scanned, where a scanner is set up.
async fn scan(context: &Context, row: &FileRow, file: PartReader) -> Result<()> {
    let Some(scanner) = &context.files.scanner else {
        return Ok(());
    };
    match scanner.scan(file).await {
        Ok(Verdict::Clean) => Ok(()),
        Ok(Verdict::Infected) => {
            tracing::warn!(file.id = %row.id, account.id = %row.account, "the scanner has found something in a file");
            Err(ApiError::File(FileProblem::Infected).into())
        }
        Err(refused @ Error::Refused(_)) => Err(refused),
        Err(error) => {
            tracing::error!(cause = %error.chain(), file.id = %row.id, "a file could not be scanned: it is held");
            Err(ApiError::File(FileProblem::Unscanned).into())
        }
    }
}

/// Keeps what the workshop has made; answers its sum.
async fn keep(job: &mut Job, parts: Parts, n_bytes: u64) -> Result<String> {
    let mut writer = PartWriter::new(parts);
    let mut sum = Sha256::new();
    let kept = async {
        while writer.written() < n_bytes {
            let piece = job.read(n_bytes - writer.written()).await?;
            sum.update(&piece);
            writer.push(&piece).await?;
        }
        Ok(())
    };
    if let Err(error) = kept.await {
        writer.stop().await;
        return Err(error);
    }
    writer.end(true).await?;
    Ok(hexadecimal(&sum.finalize()))
}

/// The sum of a file's parts.
pub(super) async fn sum(mut reader: PartReader) -> Result<String> {
    let mut sum = Sha256::new();
    while let Some(piece) = reader.next().await? {
        sum.update(&piece);
    }
    Ok(hexadecimal(&sum.finalize()))
}

/// Writes down why a file is not taken, and forgets its bytes.
async fn refuse(context: &Context, row: &FileRow, problem: FileProblem) -> Result<()> {
    let (id, now) = (row.id, context.now());
    context
        .db
        .write(move |tx| sql::update_refused(tx, id, problem, now))
        .await?;
    let cleared = context.files.objects.clear(shelf(row.conversation, id)).await;
    if let Err(error) = cleared {
        tracing::warn!(cause = %error.chain(), file.id = %id, "the parts of a refused file are still there");
    }
    Ok(())
}
