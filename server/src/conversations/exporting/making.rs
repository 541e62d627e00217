//! The making of an export, from its first file to its end. Files come first: so a message can say whether its file is
//! there.

use std::collections::BTreeSet;

use app::api::{ApiError, AttachmentId, Timestamp};
use app::attachments::FileProblem;
use app::conversations::acts::Version;
use app::conversations::{ExportFormat, Message};
use app::i18n::civil;
use futures::TryStreamExt;
use tokio::sync::mpsc;

use super::super::participant::find_held;
use super::super::sql::acts::list_versions;
use super::super::{require_participant, sql};
use super::archive::{Archive, Measure, Measured};
use super::document::Document;
use super::{Began, Exported, PIECE, data, names, text_name};
use crate::accounts;
use crate::attachments::{self, Content};
use crate::context::{Caller, Context};
use crate::error::{Error, Result};
use crate::hexadecimal::hexadecimal;
use crate::store::Tx;

/// Messages of a page: 200 kB of usual ones, 2 MB of the longest.
const PAGE: u64 = 50;
/// Positions of which the files are listed at once.
const FILES_PAGE: u64 = 200;

/// Why an export ends before its end.
enum Stop {
    /// Whoever asked has gone.
    NobodyTakes,
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// An export at work.
pub(super) struct Making {
    context: Context,
    caller: Caller,
    began: Began,
    format: ExportFormat,
    archive: Archive,
    /// Files that could not be read, by the position of their message and their place in it.
    lost: BTreeSet<(u64, usize)>,
    /// Where those of them would lie that a message still carries.
    missing: Vec<String>,
    pieces: mpsc::Sender<Result<Vec<u8>>>,
}

impl Making {
    /// One that has not begun to send.
    pub(super) fn new(
        context: Context,
        caller: Caller,
        began: Began,
        format: ExportFormat,
        pieces: mpsc::Sender<Result<Vec<u8>>>,
    ) -> Self {
        Self {
            context,
            caller,
            began,
            format,
            archive: Archive::new(),
            lost: BTreeSet::new(),
            missing: Vec::new(),
            pieces,
        }
    }

    /// Makes it, as fast as it is taken. Whoever takes it is told why it breaks off.
    pub(super) async fn make(mut self) {
        if let Err(Stop::Failed(error)) = self.put_all().await {
            // Nobody may be there to hear it.
            let _ = self.pieces.send(Err(error)).await;
        }
    }

    async fn put_all(&mut self) -> std::result::Result<(), Stop> {
        self.put_files().await?;
        self.put_messages().await?;
        self.put_manifest().await?;
        self.archive.end()?;
        self.send(0).await
    }

    /// Hands over what is made, once it is more than so many bytes.
    async fn send(&mut self, n_kept: usize) -> std::result::Result<(), Stop> {
        if self.archive.n_waiting() <= n_kept {
            return Ok(());
        }
        let made = self.archive.take();
        for piece in made.chunks(PIECE) {
            let sent = self.pieces.send(Ok(piece.to_vec())).await;
            sent.map_err(|_| Stop::NobodyTakes)?;
        }
        Ok(())
    }

    async fn put_files(&mut self) -> std::result::Result<(), Stop> {
        let mut first = 1;
        while first <= self.began.last_position {
            let last = (first + FILES_PAGE - 1).min(self.began.last_position);
            let (caller, conversation) = (self.caller.clone(), self.began.conversation);
            let now = self.context.now();
            let read = self.context.db.read(move |tx| {
                require_session(tx, &caller, now)?;
                require_participant(tx, caller.account, conversation)?;
                let carried = attachments::read_carried(tx, conversation, first, last)?;
                let mut listed = Vec::new();
                for (position, files) in carried {
                    let numbered = (1_usize..).zip(files);
                    listed.extend(numbered.map(|(nth, file)| (position, nth, file)));
                }
                listed.sort_unstable_by_key(|(position, nth, _)| (*position, *nth));
                Ok(listed)
            });
            for (position, nth, file) in read.await? {
                let name = names::path_of(position, nth, file.name.as_str());
                let is_there = match self.look_at(file.id, &file.sha256).await? {
                    Some(known) => self.put_file(file.id, name, known).await?,
                    None => false,
                };
                if !is_there {
                    self.lost.insert((position, nth));
                }
            }
            first = last + 1;
        }
        Ok(())
    }

    /// Reads a file to its end; `None` when it is gone, or not what was put there.
    async fn look_at(&self, id: AttachmentId, sha256: &str) -> Result<Option<Measured>> {
        let mut measure = Measure::new();
        let read = async {
            let handed = attachments::hand_out(&self.context, &self.caller, id, Content::Whole).await?;
            let size = handed.size;
            let mut pieces = Box::pin(handed.read(0..size).await?);
            while let Some(piece) = pieces.try_next().await? {
                measure.add(&piece);
            }
            Ok::<(), Error>(())
        };
        if if_there(read.await)?.is_none() {
            return Ok(None);
        }
        let measured = measure.end();
        let is_it = sha256.is_empty() || hexadecimal(&measured.sha256) == sha256;
        Ok(is_it.then_some(measured))
    }

    /// Puts a file in; `false` when it has gone since it was looked at. Once its first byte has left, that ends the export:
    /// its length and its check have been promised.
    async fn put_file(
        &mut self,
        id: AttachmentId,
        name: String,
        known: Measured,
    ) -> std::result::Result<bool, Stop> {
        let opening = async {
            let handed = attachments::hand_out(&self.context, &self.caller, id, Content::Whole).await?;
            let size = handed.size;
            handed.read(0..size).await
        };
        let Some(pieces) = if_there(opening.await)? else {
            return Ok(false);
        };
        let at = civil(self.began.at, &self.began.zone);
        self.archive.begin_file(name, at, known)?;
        let mut pieces = Box::pin(pieces);
        while let Some(piece) = pieces.try_next().await? {
            self.require_session().await?;
            self.archive.add(&piece)?;
            self.send(0).await?;
        }
        self.archive.end_entry()?;
        Ok(true)
    }

    async fn put_messages(&mut self) -> std::result::Result<(), Stop> {
        let at = civil(self.began.at, &self.began.zone);
        self.archive.begin_text(text_name(self.format).to_owned(), at);
        let mut day = None;
        let head = match self.format {
            ExportFormat::Html => Document::new(&self.began, None).head(),
            ExportFormat::Json => data::head(&self.began)?,
        };
        self.archive.add(head.as_bytes())?;
        let mut first = 1;
        while first <= self.began.last_position {
            let page = self.read_page(first).await?;
            first += page.len() as u64;
            for exported in &page {
                self.note_missing(exported);
                let text = match self.format {
                    ExportFormat::Html => {
                        let mut document = Document::new(&self.began, day);
                        let text = document.message(exported);
                        day = document.day();
                        text
                    }
                    ExportFormat::Json => data::message(exported)?,
                };
                self.archive.add(text.as_bytes())?;
                self.send(PIECE).await?;
            }
        }
        let foot = match self.format {
            ExportFormat::Html => Document::FOOT,
            ExportFormat::Json => data::FOOT,
        };
        self.archive.add(foot.as_bytes())?;
        self.archive.end_entry()?;
        self.send(PIECE).await
    }

    /// The messages from a position on: at least one, without a gap.
    async fn read_page(&self, first: u64) -> Result<Vec<Exported>> {
        let n_messages = PAGE.min(self.began.last_position + 1 - first);
        let (caller, conversation) = (self.caller.clone(), self.began.conversation);
        let now = self.context.now();
        let read = self.context.db.read(move |tx| {
            require_session(tx, &caller, now)?;
            let participant = require_participant(tx, caller.account, conversation)?;
            let mut page = Vec::new();
            for message in sql::list_messages(tx, &participant, first, n_messages)? {
                let was_changed = message.deleted_at.is_none() && message.marks.read().edited_at.is_some();
                let held = if was_changed {
                    find_held(tx, caller.account, message.id)?
                } else {
                    None
                };
                let versions = match held {
                    Some(held) => list_versions(tx, &participant, held.sealed)?,
                    None => Vec::new(),
                };
                page.push((message, versions));
            }
            Ok(page)
        });
        let page = read.await?;
        let is_whole = page.len() as u64 == n_messages
            && (first..)
                .zip(&page)
                .all(|(position, (message, _))| message.position == position);
        if !is_whole {
            return Err(Error::failed(
                "exporting a conversation",
                "a message is not at its place",
            ));
        }
        Ok(page
            .into_iter()
            .map(|(message, versions)| self.complete(message, versions))
            .collect())
    }

    fn complete(&self, message: Message, versions: Vec<Version>) -> Exported {
        let position = message.position;
        let numbered = (1_usize..).zip(message.attachments.list());
        let paths = numbered.map(|(nth, file)| {
            let is_there = !self.lost.contains(&(position, nth));
            is_there.then(|| names::path_of(position, nth, file.name.as_str()))
        });
        Exported {
            paths: paths.collect(),
            versions,
            // The key is for whoever sends, not for whoever reads.
            message: Message { key: None, ..message },
        }
    }

    fn note_missing(&mut self, exported: &Exported) {
        let (position, files) = (exported.message.position, exported.message.attachments.list());
        for ((nth, file), path) in (1_usize..).zip(&files).zip(&exported.paths) {
            if path.is_none() {
                self.missing
                    .push(names::path_of(position, nth, file.name.as_str()));
            }
        }
    }

    /// The list of everything that stands in the archive, but itself.
    async fn put_manifest(&mut self) -> std::result::Result<(), Stop> {
        let at = civil(self.began.at, &self.began.zone);
        let head = data::manifest_head(&self.began, self.format, &self.missing)?;
        let n_parts = self.archive.entries().len();
        self.archive.begin_text("manifest.json".to_owned(), at);
        self.archive.add(head.as_bytes())?;
        for index in 0..n_parts {
            let Some(entry) = self.archive.entries().get(index) else {
                break;
            };
            let line = data::manifest_line(entry, index == 0)?;
            self.archive.add(line.as_bytes())?;
            self.send(PIECE).await?;
        }
        self.archive.add(data::FOOT.as_bytes())?;
        self.archive.end_entry()?;
        Ok(())
    }

    async fn require_session(&self) -> Result<()> {
        let (caller, now) = (self.caller.clone(), self.context.now());
        self.context
            .db
            .read(move |tx| require_session(tx, &caller, now))
            .await
    }
}

/// Nothing for a file that is gone, or not what was put there.
fn if_there<T>(found: Result<T>) -> Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Error::Refused(ApiError::NotFound | ApiError::File(FileProblem::Damaged))) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whatever ends a session ends the exports that it has begun. A device that locks meanwhile ends none: who was there is
/// proven, and a long export outlasts the two minutes of a shared tablet.
///
/// # Errors
/// `SignedOut`.
fn require_session(tx: &mut Tx<'_>, caller: &Caller, now: Timestamp) -> Result<()> {
    if accounts::lasts(tx, caller.device, now)? {
        return Ok(());
    }
    Err(ApiError::SignedOut.into())
}
