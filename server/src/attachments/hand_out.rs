//! The bytes of a file for whoever may read it. Whether they may is asked at each request, for each range.

use std::ops::Range;

use app::api::{ApiError, AttachmentId};
use app::attachments::{Attachment, FileProblem};
use futures::{Stream, stream};

use super::carry::require_readable;
use super::parts::{Form, PartReader, Parts, shelf};
use super::sql::FileRow;
use crate::context::{Caller, Context};
use crate::error::Result;
use crate::store::{self, LentKey, Tx};

/// Which of a file's forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// The file.
    Whole,
    /// A small picture of it.
    Thumbnail,
    /// The file, for the browser to show by itself: only of what [`Attachment::is_viewable`] says.
    View,
}

/// A file that is being handed out.
pub struct Handed {
    /// What is known of it.
    pub attachment: Attachment,
    /// How many bytes this form has.
    pub size: u64,
    parts: Parts,
}

/// Opens a file for the caller.
///
/// # Errors
/// `NotFound` when there is none that the caller may read, or none of this form; `File` when it is not finished, or its key is
/// damaged.
pub async fn hand_out(context: &Context, caller: &Caller, id: AttachmentId, form: Content) -> Result<Handed> {
    let (caller, objects) = (caller.clone(), context.files.objects.clone());
    context
        .db
        .read(move |tx| {
            let row = require_readable(tx, &caller, id)?;
            let attachment = row.show(tx)?;
            let is_refused = form == Content::View && !attachment.is_viewable();
            let (form, size) = match form {
                Content::Whole | Content::View => (row.made.form, row.made.content_bytes),
                Content::Thumbnail => (Form::Thumbnail, row.made.thumbnail_bytes),
            };
            if is_refused || size == 0 {
                return Err(ApiError::NotFound.into());
            }
            Ok(Handed {
                attachment,
                size,
                parts: Parts {
                    objects,
                    key: lend(tx, &row)?,
                    shelf: shelf(row.conversation, row.id),
                    form,
                },
            })
        })
        .await
}

/// The key of a file's parts. A damaged one is the damage of what it sealed, as a damaged part is.
fn lend(tx: &mut Tx<'_>, row: &FileRow) -> Result<LentKey> {
    match tx.lend_key(row.parts_key)? {
        store::Content::Here(key) => Ok(key),
        store::Content::Erased => Err(ApiError::NotFound.into()),
        store::Content::Damaged => {
            tracing::error!(file.id = %row.id, "the key of a file is damaged");
            Err(ApiError::File(FileProblem::Damaged).into())
        }
    }
}

impl Handed {
    /// The bytes of a range, in pieces. The first one is read at once: a file that is gone is said so before its head leaves.
    ///
    /// # Errors
    /// `File` when the first piece is gone, or not what was put there.
    pub async fn read(
        self,
        range: Range<u64>,
    ) -> Result<impl Stream<Item = Result<Vec<u8>>> + Send + 'static> {
        let mut reader = PartReader::range(self.parts, self.size, range.start, range.end);
        let first = reader.next().await?;
        Ok(stream::try_unfold(
            (reader, first),
            |(mut reader, ahead)| async move {
                let Some(piece) = ahead else { return Ok(None) };
                let next = reader.next().await?;
                Ok(Some((piece, (reader, next))))
            },
        ))
    }
}
