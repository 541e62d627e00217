//! What nobody goes on with goes: uploads that were begun and not finished, files that were finished and not sent, and parts
//! that no row knows of, which a stop between two steps has left.

use std::collections::HashSet;

use app::api::{AttachmentId, Timestamp};
use uuid::Uuid;

use super::parts::{Form, shelf};
use super::sql::{self, State};
use crate::context::Context;
use crate::error::Result;
use crate::objects::Shelf;

/// How long an upload, or a file that was not sent, is kept after somebody has last touched it, in hours.
///
/// Source: assurance ATT-06.
pub const N_HOURS_UNSENT: i64 = 24;

/// Rows that are looked at in one transaction.
const BATCH: u32 = 100;

/// Takes away what nobody goes on with; answers how many files, or rests of files, that were.
///
/// # Errors
/// `Failed` when a store does not answer: the next sweep goes on.
pub async fn sweep(context: &Context) -> Result<usize> {
    let before = context.now().plus_ms(-N_HOURS_UNSENT * 3_600_000);
    let n_unsent = drop_unsent(context, before).await?;
    let n_unknown = drop_unknown(context, before).await?;
    if n_unsent + n_unknown > 0 {
        tracing::info!(n_unsent, n_unknown, "took away files that nobody goes on with");
    }
    Ok(n_unsent + n_unknown)
}

async fn drop_unsent(context: &Context, before: Timestamp) -> Result<usize> {
    let mut n_dropped = 0;
    loop {
        let gone = context
            .db
            .write(move |tx| {
                let unsent = sql::list_unsent(tx, before, BATCH)?;
                for (_, file) in &unsent {
                    sql::delete_unsent(tx, *file)?;
                }
                Ok(unsent)
            })
            .await?;
        if gone.is_empty() {
            return Ok(n_dropped);
        }
        for (conversation, file) in gone {
            context.files.objects.clear(shelf(conversation, file)).await?;
            n_dropped += 1;
        }
    }
}

/// Parts whose file no row knows, and forms that its row does not name. Those of a file that is younger may belong to an act
/// that is not committed yet.
async fn drop_unknown(context: &Context, before: Timestamp) -> Result<usize> {
    let shelves = context.files.objects.list(None).await?;
    let old: Vec<Shelf> = shelves
        .into_iter()
        .filter(|shelf| made_at(shelf.file).is_none_or(|at| at < before))
        .collect();
    let mut n_dropped = 0;
    for some in old.chunks(BATCH as usize) {
        let wanted = some.to_vec();
        let known = context
            .db
            .read(move |tx| {
                let mut known: HashSet<(AttachmentId, Option<Form>)> = HashSet::new();
                for shelf in wanted {
                    if let Some(row) = sql::find(tx, shelf.file)? {
                        let form = (row.state == State::Ready).then_some(row.made.form);
                        known.insert((row.id, form));
                    }
                }
                Ok(known)
            })
            .await?;
        for shelf in some {
            let found = known.iter().find(|(id, _)| *id == shelf.file);
            match found {
                None => {
                    context.files.objects.clear(*shelf).await?;
                    n_dropped += 1;
                }
                Some((_, Some(form))) => keep_form(context, *shelf, *form).await?,
                Some((_, None)) => {}
            }
        }
    }
    Ok(n_dropped)
}

/// Takes off a finished file's shelf what is not handed out.
pub(super) async fn keep_form(context: &Context, shelf: Shelf, form: Form) -> Result<()> {
    context
        .files
        .objects
        .keep_only(shelf, move |name| form.owns(name) || Form::Thumbnail.owns(name))
        .await
}

/// When a file's id was made.
fn made_at(file: AttachmentId) -> Option<Timestamp> {
    let AttachmentId(id) = file;
    (id.get_version_num() == 7).then(|| moment(id))
}

/// A version 7 id begins with its moment, in milliseconds.
fn moment(id: Uuid) -> Timestamp {
    Timestamp(i64::try_from(id.as_u128() >> 80).unwrap_or(i64::MAX))
}
