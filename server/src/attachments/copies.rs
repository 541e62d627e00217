//! Files that go on to somebody else with the message that carries them: each is opened and sealed anew, for the conversation
//! where it goes, and takes its room from whoever forwards it. Two conversations never share a key, and one that is erased
//! or deleted takes nothing from the other.

use app::api::{ApiError, AttachmentId, ConversationId, MessageKey, Timestamp};
use app::attachments::FileProblem;

use super::parts::{Form, PartReader, PartWriter, Parts, shelf};
use super::receive::{lend, parts, require_own};
use super::sql::{self, FileRow, NewFile};
use crate::context::Context;
use crate::conversations;
use crate::error::Result;
use crate::friendships::Writer;
use crate::store::{LentKey, Tx};

/// Files that are being copied into another conversation. Nobody goes on with them unless a message takes them.
pub struct Copies(Vec<Copied>);

struct Copied {
    from: FileRow,
    from_key: LentKey,
    to: FileRow,
    to_key: LentKey,
}

impl Copies {
    /// Begins a copy of each file of a message: its row, which takes the writer's room. Whoever asks has shown that they may
    /// read there.
    ///
    /// # Errors
    /// `File` when there is not enough room for all of them.
    pub fn begin(
        tx: &mut Tx<'_>,
        context: &Context,
        writer: &Writer,
        (conversation, position): (ConversationId, u64),
        now: Timestamp,
    ) -> Result<Self> {
        let files = sql::list_carried(tx, conversation, position, position)?;
        let n_bytes = |file: &FileRow| file.made.content_bytes + file.made.thumbnail_bytes;
        let needed: u64 = files.iter().map(n_bytes).sum();
        let (used, _) = sql::find_usage(tx, writer.account())?;
        if used.saturating_add(needed) > context.files.quota_bytes {
            return Err(ApiError::File(FileProblem::OverQuota).into());
        }
        let sealing_key = conversations::require_sealing_key(tx, writer)?;
        let mut copies = Vec::with_capacity(files.len());
        for from in files {
            let new = NewFile {
                id: AttachmentId(context.new_id()),
                conversation: writer.conversation(),
                account: writer.account(),
                // Nobody asks for it again: what is asked again is the message.
                key: MessageKey(context.new_id()),
                extension: from.extension.clone(),
                announced_bytes: n_bytes(&from),
                kind: from.made.kind,
                media_type: from.made.media_type.clone(),
                sealing_key,
            };
            let label = from.open_label(tx)?;
            sql::insert(tx, &new, &label, now)?;
            let to = require_own(tx, writer.account(), new.id)?;
            copies.push(Copied {
                from_key: lend(tx, &from)?,
                to_key: lend(tx, &to)?,
                from,
                to,
            });
        }
        Ok(Self(copies))
    }

    /// Which files they are.
    pub fn files(&self) -> Vec<(ConversationId, AttachmentId)> {
        let files = self.0.iter();
        files.map(|copy| (copy.to.conversation, copy.to.id)).collect()
    }

    /// Copies the bytes. Everything is on disk when this returns.
    ///
    /// # Errors
    /// `File` when a part of an original is gone, or the disk is full.
    pub async fn make(&self, context: &Context) -> Result<()> {
        for copy in &self.0 {
            let made = &copy.from.made;
            copy.make(context, made.form, made.content_bytes).await?;
            copy.make(context, Form::Thumbnail, made.thumbnail_bytes).await?;
        }
        Ok(())
    }

    /// The files may be sent; answers them, in their order.
    ///
    /// # Errors
    /// `NotFound` when one is gone, with its conversation.
    pub fn finish(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<AttachmentId>> {
        for copy in &self.0 {
            let label = copy.to.open_label(tx)?;
            if !sql::update_ready(tx, &copy.to, &copy.from.made, &label, now)? {
                return Err(ApiError::NotFound.into());
            }
        }
        Ok(self.0.iter().map(|copy| copy.to.id).collect())
    }
}

impl Copied {
    async fn make(&self, context: &Context, form: Form, n_bytes: u64) -> Result<()> {
        let of_form = |row: &FileRow, key: &LentKey| Parts {
            form,
            ..parts(context, row, key.clone())
        };
        let mut reader = PartReader::whole(of_form(&self.from, &self.from_key), n_bytes);
        let mut writer = PartWriter::new(of_form(&self.to, &self.to_key));
        let copied = async {
            while let Some(piece) = reader.next().await? {
                writer.push(&piece).await?;
            }
            Ok(())
        };
        if let Err(error) = copied.await {
            writer.stop().await;
            return Err(error);
        }
        writer.end(true).await?;
        Ok(())
    }
}

/// Gives up copies that no message has taken. What cannot be taken away now, the sweep takes.
pub async fn drop_copies(context: &Context, files: Vec<(ConversationId, AttachmentId)>) {
    let ids: Vec<AttachmentId> = files.iter().map(|(_, id)| *id).collect();
    let unsent = context.db.write(move |tx| {
        let mut unsent = Vec::new();
        for id in ids {
            if sql::delete_unsent(tx, id)? {
                unsent.push(id);
            }
        }
        Ok(unsent)
    });
    match unsent.await {
        Ok(unsent) => {
            for (conversation, id) in files.into_iter().filter(|(_, id)| unsent.contains(id)) {
                forget_bytes(context, conversation, id).await;
            }
        }
        Err(error) => {
            tracing::warn!(cause = %error.chain(), "copies of files that nobody goes on with are still there");
        }
    }
}

/// Takes away the bytes of a file that no row knows any more. What cannot be taken away now, the sweep takes.
pub(super) async fn forget_bytes(context: &Context, conversation: ConversationId, id: AttachmentId) {
    if let Err(error) = context.files.objects.clear(shelf(conversation, id)).await {
        tracing::warn!(cause = %error.chain(), file.id = %id, "the parts of a file that is gone are still there");
    }
}
